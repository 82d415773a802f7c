"""The table of renewals of a small company, every row worked by pencil.

Looked at on 30 June 2026. A contract of 2025 is due on 1 January 2026; 90 days before is 3 October 2025, day 275 of
its term (counted from 0), so a rhythm of 30 days owes 9 touches and one of 90 days owes 3.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from metrics.memory import Memory
from tenure.insights import coverage_before_renewal, renewal_table
from tenure.metrics.reading import Reading

AS_OF = date(2026, 6, 30)
BEGAN = date(2025, 1, 1)
DUE = date(2026, 1, 1)


def contract(account: str, start: str, end: str, **said: Any) -> dict[str, Any]:
    own = {"contract_id": f"{account}-{start}", "account_id": account, "start_date": start, "end_date": end,
           "status": "active", "auto_renew": False}  # fmt: skip
    return own | said


def line(of: dict[str, Any], arr: int, **said: Any) -> dict[str, Any]:
    own = {"line_id": f"{of['contract_id']}-line", "contract_id": of["contract_id"], "account_id": of["account_id"],
           "arr": arr, "currency": "USD", "start_date": of["start_date"], "end_date": of["end_date"]}  # fmt: skip
    return own | said


def touch(account: str, number: int, kind: str = "call", **said: Any) -> dict[str, Any]:
    day = BEGAN + timedelta(days=number)
    own = {"activity_id": f"{account}-{number}-{kind}", "account_id": account, "activity_type": kind,
           "occurred_at": f"{day} 12:00:00", "status": "completed",
           "direction": "outbound", "is_automated": False}  # fmt: skip
    return own | said


def company() -> dict[str, list[dict[str, Any]]]:
    year = ("2025-01-01", "2026-01-01")
    kept = contract("kept", *year)
    again = contract("kept", "2026-01-01", "2027-01-01", renews_contract_id=kept["contract_id"])
    late = contract("late", "2025-12-01", "2026-03-20")
    plain = [
        (kept, 100), (again, 120), (contract("lost", *year), 200),
        (contract("noticed", *year, notice_date="2025-10-03"), 300),
        (contract("noticed_later", *year, notice_date="2025-10-04"), 310),
        (contract("open", "2025-06-15", "2026-06-15"), 400),
        (contract("short", "2026-01-01", "2026-03-02"), 450),
        (contract("coming", "2025-10-01", "2026-10-01"), 500),
        (contract("rolling", "2024-01-01", "2025-01-01", auto_renew=True), 600),
        (contract("twice", *year), 700), (contract("twice", "2025-03-01", "2026-03-01"), 50),
    ]  # fmt: skip
    names = dict.fromkeys([own["account_id"] for own, _ in plain] + ["late"])
    return {
        "accounts": [{"account_id": a, "segment": "smb" if a == "kept" else None} for a in names],
        "contracts": [*(own for own, _ in plain), late],
        "contract_lines": [*(line(own, arr) for own, arr in plain), line(late, 9, start_date="2026-01-01")],
        "cadence_plans": [
            {"account_id": "kept", "touch_type": "any", "interval_days": 30, "start_date": BEGAN},
            {"account_id": "lost", "touch_type": "any", "interval_days": 90, "start_date": BEGAN},
            {"account_id": "lost", "touch_type": "qbr", "interval_days": 90, "start_date": BEGAN},
        ],
        "activities": [
            touch("kept", 10, "meeting"),
            touch("kept", 40, "call"),
            touch("kept", 70, "email", direction="two_way"),
            touch("kept", 100, "email"),
            touch("kept", 130, "meeting", status="no_show"),
            touch("kept", 160, "email", direction="two_way", is_automated=True),
            touch("kept", 190, "email", direction="inbound"),
            touch("kept", 271, "call"),
            touch("lost", 20), touch("lost", 50, "qbr"), touch("lost", 100), touch("lost", 200),
        ],
        "health_scores": [
            {"account_id": "kept", "score_date": "2024-12-20", "score": 80},
            {"account_id": "kept", "score_date": "2025-02-01", "score": 20},
            {"account_id": "lost", "score_date": "2025-01-01", "score": 55},
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def reading() -> Reading:
    return Reading(Memory(company()), "USD")


@pytest.fixture(scope="module")
def rows(reading: Reading) -> dict[tuple[str, date], Any]:
    return {
        (row["account_id"], row["due"]): row for row in renewal_table(reading, as_of=AS_OF).rows
    }


def test_two_way_touches_before_the_window_ends_attain_the_slots(rows: Any) -> None:
    """A meeting, a call and a mail both ways: 3 of 9; one-way and automated mail and a no-show are none.

    The call of day 271 lies in a slot that is over only after the window.
    """
    kept = rows["kept", DUE]
    assert (kept["slots_due"], kept["slots_attained"]) == (9, 3)
    assert (kept["window_start"], kept["window_end"]) == (BEGAN, date(2025, 10, 3))
    assert kept["renewed"] is True
    assert kept["arr"] == Decimal(100)


def test_health_is_read_at_the_start_of_the_window(rows: Any) -> None:
    assert rows["kept", DUE]["health"] == 80
    assert rows["lost", DUE]["health"] == 55
    assert rows["twice", DUE]["health"] is None


def test_an_account_is_as_covered_as_its_worst_kind_of_touch(rows: Any) -> None:
    """Any touch: 3 of 3 (days 20 and 50, 100, 200); business review: 1 of 3."""
    lost = rows["lost", DUE]
    assert (lost["slots_due"], lost["slots_attained"]) == (3, 1)
    assert lost["renewed"] is False


def test_an_account_without_a_plan_owes_nothing(rows: Any) -> None:
    assert (rows["twice", DUE]["slots_due"], rows["twice", DUE]["slots_attained"]) == (0, 0)


def test_a_contract_that_rolls_is_one_renewal_a_term_with_a_window_in_each(rows: Any) -> None:
    windows = {due: (row["window_start"], row["window_end"], row["renewed"])
               for (account, due), row in rows.items() if account == "rolling"}  # fmt: skip
    assert windows == {
        date(2025, 1, 1): (date(2024, 1, 1), date(2024, 10, 3), True),
        date(2026, 1, 1): (date(2025, 1, 1), date(2025, 10, 3), True),
        date(2027, 1, 1): (date(2025, 7, 1), date(2026, 7, 1), None),
    }


def test_a_renewal_still_to_come_has_its_arr_and_no_outcome(rows: Any) -> None:
    coming = rows["coming", date(2026, 10, 1)]
    assert coming["renewed"] is None
    assert coming["arr"] == Decimal(500)
    assert coming["window_end"] == date(2026, 7, 1)
    assert rows["kept", date(2027, 1, 1)]["arr"] == Decimal(120)


def test_what_is_left_out_is_counted_by_its_reason(reading: Reading, rows: Any) -> None:
    found = renewal_table(reading, as_of=AS_OF)
    assert found.left_out == {
        "in notice 90 days before": 1,
        "still open inside grace": 1,
        "a term of 90 days or less has no window": 1,
        "not live 90 days before": 1,
        "its window overlaps that of the renewal before": 1,
    }
    assert ("noticed_later", DUE) in rows
    past = sorted(account for (account, _), row in rows.items() if row["renewed"] is not None)
    assert past == ["kept", "lost", "noticed_later", "rolling", "rolling", "twice"]
    assert found.evidence.as_of == "2026-06-30"
    assert found.evidence.snapshot == 1


def test_a_small_company_is_refused_with_its_counts(reading: Reading) -> None:
    found = coverage_before_renewal(reading, as_of=AS_OF)
    assert found.refused is not None
    assert found.says == (
        "You have 1 renewal lost among 2 with coverage recorded. 9 more lost and coverage can be compared."
    )
    assert found.left_out["no touch was planned, or none known"] == 4
    assert found.left_out["in notice 90 days before"] == 1


def test_many_such_accounts_are_compared_in_their_strata() -> None:
    """Sixteen of each: touched in all 3 slots and renewed (12 of 16), in 1 and renewed (8 of 16), in two segments."""
    facts: dict[str, list[dict[str, Any]]] = {name: [] for name in company()}
    for segment in ("smb", "enterprise"):
        for number in range(32):
            name, covered = f"{segment}{number:02}", number < 16
            renews = number % 16 < (12 if covered else 8)
            first = contract(name, "2025-01-01", "2026-01-01")
            own = [first]
            if renews:
                own.append(
                    contract(
                        name, "2026-01-01", "2027-01-01", renews_contract_id=first["contract_id"]
                    )
                )
            facts["accounts"].append({"account_id": name, "segment": segment})
            facts["contracts"] += own
            facts["contract_lines"] += [line(c, 1_000) for c in own]
            facts["cadence_plans"].append(
                {"account_id": name, "touch_type": "any", "interval_days": 90, "start_date": BEGAN}
            )
            facts["activities"] += [touch(name, n) for n in ((5, 95, 185) if covered else (5,))]
    found = coverage_before_renewal(Reading(Memory(facts), "USD"), as_of=AS_OF)
    assert found.refused is None
    assert found.adjusted.estimate == pytest.approx(0.25)
    assert found.raw.estimate == pytest.approx(0.25)
    assert [s.stratum["segment"] for s in found.overlap] == ["enterprise", "smb"]
    # Of 40 renewals to come nobody was touched in the last year: 40,000 of ARR, a quarter of it.
    assert found.worth is not None
    assert found.worth.arr == Decimal(40_000)
    assert found.worth.estimate == Decimal("10000.00")
    assert found.evidence.first == "2025-01-01"
