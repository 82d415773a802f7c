"""Burn and odd days from a workspace's own facts: the commitments in force, what was known then, and refusals."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenure import Workspace
from tenure.kernel.errors import UnknownName, UserError
from tenure.kernel.unknown import Unknown
from tenure.signals.usage.told import Told

FACTS = Path(__file__).resolve().parents[1] / "counting_company" / "facts"
START = date(2025, 7, 1)
DAYS = 270
LAST = START + timedelta(days=DAYS - 1)


def facts() -> dict[str, list[dict[str, Any]]]:
    """12 accounts with 10,000 credits for a year at 1,200 a year, using about 40 a workday; A00's use falls to a tenth on one day."""
    rng = np.random.default_rng(11)
    found: dict[str, list[dict[str, Any]]] = {"accounts": [], "contract_lines": [], "usage_daily": []}  # fmt: skip
    for n in range(12):
        account = f"A{n:02}"
        found["accounts"].append(
            {"account_id": account, "name": f"Name {n}", "segment": "smb", "country": "DE" if n < 6 else "FR"}
        )  # fmt: skip
        found["contract_lines"].append(
            {
                "line_id": f"L{n}", "account_id": account, "arr": "1200", "unit": "credit", "quantity": "10000",
                "start_date": str(START), "end_date": "2026-07-01",
            }
        )  # fmt: skip
        for place in range(DAYS):
            day = START + timedelta(days=place)
            if day.weekday() > 4:
                continue
            used = 40 * float(np.exp(0.1 * rng.normal()))
            if n == 0 and place == DAYS - 10:
                used /= 10
            if n == 5 and place < DAYS - 20:
                continue
            row = {"account_id": account, "usage_date": str(day), "units": f"{used:.2f}", "event_count": str(round(3 * used))}  # fmt: skip
            found["usage_daily"].append(row)
    return found


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = Workspace.create(tmp_path_factory.mktemp("usage") / "w")
    made.load(facts(), source="crm")
    return made


def test_every_account_with_credits_in_force_has_its_forecast(ws: Workspace) -> None:
    found = ws.burn()
    assert not isinstance(found, Unknown)
    assert [one.account for one in found] == [f"A{n:02}" for n in range(12)]
    one = found.account("A01")
    assert one is not None
    assert (one.term.committed, one.term.start, one.term.end) == (10_000, START, date(2026, 7, 1))
    assert one.term.segment == "smb"
    assert one.known_until == LAST
    assert isinstance(one.forecast, Told)
    # 40 on 261 workdays are 10,440: it runs out some days before the end.
    assert one.forecast.p_runs_out is not None
    assert one.forecast.p_runs_out > 0.7
    assert one.says.startswith("Runs out ")
    assert one.says.endswith("the commitment ends 30 June 2026.")
    young = found.account("A05")
    assert young is not None
    assert young.forecast == Unknown(
        "too_little_history", "Use is known for 19 days and 28 are needed: 9 more."
    )
    assert found.evidence.snapshot == ws.snapshot.number


def test_what_was_paid_for_units_that_will_not_be_used_is_told(ws: Workspace) -> None:
    found = ws.burn(account="A05")
    assert not isinstance(found, Unknown)
    (one,) = found
    assert one.term.price == Decimal("1200.00")


def test_the_plain_burn_beside_it_is_the_catalogues_number(tmp_path: Path) -> None:
    company = Workspace.create(tmp_path / "w")
    company.import_folder(FACTS)
    untrusted = company.burn("2026-03-31")
    assert isinstance(untrusted, Unknown)
    assert "backfill_trusted = true" in untrusted.says
    settings = tmp_path / "w" / "tenure.toml"
    settings.write_text(settings.read_text() + "\n[sources.facts]\nbackfill_trusted = true\n")
    company = Workspace.open(tmp_path / "w")
    found = company.burn("2026-03-31")
    assert not isinstance(found, Unknown)
    known = company.metric("burn_rate_forecast", as_of="2026-03-31").components["by_account"]
    one = found.account("hazel")
    assert one is not None
    hazel = known["hazel"]
    assert one.used == float(hazel["consumed"])
    assert one.run_rate.per_day == pytest.approx(float(hazel["daily_burn"]))
    assert one.run_rate.runs_out == hazel["exhaustion_date"]
    assert one.run_rate.at_end == pytest.approx(float(hazel["projected_consumption"]))
    assert one.run_rate.share_at_end == pytest.approx(float(hazel["projected_utilization"]))


def test_an_earlier_day_is_asked_with_what_was_known_on_it(tmp_path: Path) -> None:
    made = Workspace.create(tmp_path / "w")
    made.load(facts(), source="crm")
    day = LAST - timedelta(days=60)
    assert isinstance(made.burn(day), Unknown)  # the contracts were loaded later
    settings = tmp_path / "w" / "tenure.toml"
    settings.write_text(settings.read_text() + "\n[sources.crm]\nbackfill_trusted = true\n")
    found = Workspace.open(tmp_path / "w").burn(day)
    assert not isinstance(found, Unknown)
    assert {one.known_until for one in found} <= {
        day,
        day - timedelta(days=1),
        day - timedelta(days=2),
    }


def test_the_planted_day_is_found_in_units_and_events_and_by_account(ws: Workspace) -> None:
    found = ws.anomalies()
    assert not isinstance(found, Unknown)
    odd = LAST - timedelta(days=9)
    assert {(one.account, one.metric, one.first) for one in found if one.direction == "low"} == {
        ("A00", "units", odd), ("A00", "events", odd),
    }  # fmt: skip
    assert {one.account for one in found.not_judged} == {"A05"}
    one = ws.anomalies(account="A00")
    assert not isinstance(one, Unknown)
    assert len(one) == 2
    by_country = ws.anomalies(account="A00", holidays={"DE": [odd]})
    assert not isinstance(by_country, Unknown)
    assert len(by_country) == 0
    elsewhere = ws.anomalies(account="A00", holidays={"FR": [odd]})
    assert not isinstance(elsewhere, Unknown)
    assert len(elsewhere) == 2


def test_an_account_nobody_knows_is_named_back(ws: Workspace) -> None:
    with pytest.raises(UnknownName, match="A0"):
        ws.burn(account="A0x")
    with pytest.raises(UnknownName):
        ws.anomalies(account="A0x")
    with pytest.raises(UserError, match="0 days cannot be judged"):
        ws.anomalies(days=0)


def test_without_credits_without_use_and_with_late_use_it_says_so(tmp_path: Path) -> None:
    made = Workspace.create(tmp_path / "w")
    given = facts()
    made.load({"accounts": given["accounts"]}, source="crm")
    no_lines, no_use = made.burn(), made.anomalies()
    assert isinstance(no_lines, Unknown)
    assert (no_lines.reason, "credits in force" in no_lines.says) == ("no_data", True)
    assert isinstance(no_use, Unknown)
    assert no_use.reason == "no_data"
    made.load({"contract_lines": given["contract_lines"]}, source="crm")
    without_use = made.burn()
    assert isinstance(without_use, Unknown)
    assert "No units are in `usage_daily`" in without_use.says
    made.load({"usage_daily": given["usage_daily"]}, source="crm")
    ticket = {"ticket_id": "t1", "account_id": "A01", "created_at": "2026-05-05T10:00:00Z"}
    made.load({"tickets": [ticket]}, source="crm")
    late = made.burn()
    assert not isinstance(late, Unknown)
    assert {one.forecast.reason for one in late if isinstance(one.forecast, Unknown)} == {
        "source_late"
    }
    odd = made.anomalies()
    assert isinstance(odd, Unknown)
    assert odd.reason == "source_late"
