"""What came in is told exactly: on which days and of whom; and a refresh looks at nothing beyond it."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tenure import Workspace
from tenure.lake.changes import Changed, changed

ACCOUNTS = [f"A{i:02}" for i in range(20)]
HOW: dict[str, Any] = {"step": "week", "since": "2026-01-01"}
FIRST, LAST = date(2025, 12, 1), date(2026, 4, 26)


def usage(
    account: str, day: date | str, events: int = 3, user: str | None = None
) -> dict[str, Any]:
    return {
        "account_id": account, "usage_date": str(day), "event_count": str(events),
        "product_user_id": user or f"U-{account}",
    }  # fmt: skip


FACTS: dict[str, list[dict[str, Any]]] = {
    "accounts": [{"account_id": a, "start_date": "2025-10-05"} for a in ACCOUNTS],
    "contracts": [{"contract_id": f"C{a}", "account_id": a, "start_date": "2025-10-05"} for a in ACCOUNTS],
    "contract_lines": [
        {"line_id": f"L{a}", "contract_id": f"C{a}", "arr": "1200", "quantity": "5", "unit": "seat",
         "start_date": "2025-10-05"}
        for a in ACCOUNTS
    ],
    "contacts": [{"contact_id": "P1", "account_id": "A05"}, {"contact_id": "P2", "account_id": "A06"}],
    "activities": [
        {"activity_id": "T1", "account_id": "A05", "occurred_at": "2026-02-03T10:00:00Z",
         "activity_type": "meeting", "status": "completed", "direction": "two_way"},
    ],
    "activity_contacts": [{"activity_id": "T1", "contact_id": "P1", "attended": "false"}],
    "product_users": [{"product_user_id": f"U-{a}", "account_id": a} for a in ACCOUNTS],
    "usage_daily": [
        usage(a, FIRST + timedelta(days=7 * week)) for week in range(21) for a in ACCOUNTS[:-1]
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("changed") / "w"
    ws = Workspace.create(folder)
    ws.load(FACTS)
    ws.load({"usage_daily": [usage("A00", LAST)]})
    ws.refresh(**HOW)
    return folder


@pytest.fixture
def ws(made: Path, tmp_path: Path) -> Workspace:
    """A copy of a workspace of twenty accounts with a history of seventeen Sundays."""
    shutil.copytree(made, tmp_path / "w")
    return Workspace.open(tmp_path / "w")


def news(ws: Workspace, table: str, rows: list[dict[str, Any]], **how: Any) -> Changed:
    before = ws.snapshot.tables[table].version
    ws.load({table: rows}, **how)
    return changed(ws.facts().engine, table, before, most_accounts=5)


def is_as_made_at_once(ws: Workspace) -> None:
    names = [metric for part in ws.kept.parts.values() for metric in part.metrics]
    kept = list(ws.history(names)), list(ws.history(names, ACCOUNTS))
    ws.refresh(**HOW, full=True)
    assert kept == (list(ws.history(names)), list(ws.history(names, ACCOUNTS)))


def test_late_rows_tell_their_days_and_accounts(ws: Workspace) -> None:
    told = news(ws, "usage_daily", [usage("A01", "2026-01-13"), usage("A02", "2026-02-17")])

    assert told.days == {date(2026, 1, 13), date(2026, 2, 17)}
    assert told.accounts == {"A01", "A02"}
    assert not any(told.firsts.values())  # both had been there for weeks


def test_a_row_that_moved_counts_where_it_was_and_where_it_is(ws: Workspace) -> None:
    moved = {**FACTS["activities"][0], "occurred_at": "2026-03-10T10:00:00Z", "account_id": "A07"}
    told = news(ws, "activities", [moved])

    assert {date(2026, 2, 3), date(2026, 3, 10)} <= (told.days or set())
    assert told.accounts == {"A05", "A07"}


def test_a_closed_row_tells_the_day_it_was_on(ws: Workspace) -> None:
    left = [
        row
        for row in FACTS["usage_daily"]
        if row["account_id"] != "A03" or row["usage_date"] > "2026"
    ]
    told = news(ws, "usage_daily", [*left, usage("A00", LAST)], complete=True)

    assert told.days == {FIRST + timedelta(days=7 * week) for week in range(5)}
    assert told.accounts == {"A03"}
    # It began, as far as is known, on 5 January and not on 1 December: as-ofs between them may say otherwise.
    assert told.firsts["any"] == ((date(2025, 11, 30), date(2026, 1, 6)),)


def test_who_attended_is_told_of_the_day_of_the_activity(ws: Workspace) -> None:
    there = [{"activity_id": "T1", "contact_id": who, "attended": "true"} for who in ("P1", "P2")]
    told = news(ws, "activity_contacts", there)

    assert date(2026, 2, 3) in (told.days or ())
    assert len(told.days or ()) == 3  # a moment may lie on the day before or after, by time zone
    assert told.accounts == {"A05", "A06"}


def test_a_contract_may_change_any_day_but_only_its_own_account(ws: Workspace) -> None:
    told = news(ws, "contracts", [{**FACTS["contracts"][4], "end_date": "2026-10-05"}])

    assert told.days is None
    assert told.accounts == {"A04"}


def test_rows_of_very_many_accounts_count_as_of_all(ws: Workspace) -> None:
    told = news(ws, "usage_daily", [usage(a, "2026-02-17") for a in ACCOUNTS])

    assert told.accounts is None
    assert told.days == {date(2026, 2, 17)}
    # The one account that had never used anything has now, and will have had for ever.
    assert told.firsts["any"] == ((date(2026, 2, 16), None),)


def test_files_that_were_only_joined_tell_nothing_new(ws: Workspace) -> None:
    before = ws.snapshot.tables["usage_daily"].version
    ws.compact()
    assert ws.snapshot.tables["usage_daily"].version > before

    done = ws.refresh(**HOW)
    assert (done.looked_at, dict(done.made)) == (0, {})
    assert done.history.snapshot == ws.snapshot.number


def test_late_usage_renews_the_as_ofs_that_see_it_and_no_others(ws: Workspace) -> None:
    late = date(2026, 1, 13)
    ws.load({"usage_daily": [usage("A01", late, events=50)]})
    done = ws.refresh(**HOW)

    weeks = 12 * 7 + 6  # usage_consistency looks back farthest
    sees = {
        day for day in ws.kept.parts["usage"].runs if late <= day <= late + timedelta(days=weeks)
    }
    assert set(done.made) == {"usage"}
    assert set(done.made["usage"]) <= sees
    assert len(sees) < len(ws.kept.parts["usage"].runs)
    assert 0 < done.looked_at < done.whole / 4
    is_as_made_at_once(ws)


def test_a_first_day_of_use_matters_until_the_day_that_was_the_first(ws: Workspace) -> None:
    ws.load({"usage_daily": [usage("A19", "2026-01-01", user="nobody")]})
    done = ws.refresh(**HOW)

    assert list(done.made) == ["usage"]
    assert done.made["usage"][-1] == max(ws.kept.parts["usage"].runs)
    is_as_made_at_once(ws)


def test_news_of_one_account_is_looked_for_in_its_numbers_only(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenure.metrics.history import filling

    asked: list[Any] = []

    def noted(*given: Any, **how: Any) -> Any:
        asked.append(how.get("accounts"))
        return history(*given, **how)

    history = filling.history
    monkeypatch.setattr(filling, "history", noted)
    ws.load(
        {
            "product_users": [
                {"product_user_id": "U-A08", "account_id": "A08", "is_internal": "true"}
            ]
        }
    )
    done = ws.refresh(**HOW)

    assert asked
    assert set(asked) == {frozenset({"A08"})}
    assert list(done.made) == ["usage"]
    monkeypatch.undo()
    is_as_made_at_once(ws)


def test_one_more_week_leaves_what_is_kept_alone(ws: Workspace) -> None:
    day = LAST + timedelta(days=7)
    ws.load({"usage_daily": [usage(a, day) for a in ACCOUNTS]})
    done = ws.refresh(**HOW)

    assert {name: days for name, days in done.made.items() if name != "usage"} == dict.fromkeys(
        set(done.made) - {"usage"}, (day,)
    )
    assert done.made["usage"] == (day,)
    is_as_made_at_once(ws)
