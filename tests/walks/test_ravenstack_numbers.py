"""What the RavenStack page says, computed a second time from the CSV files in plain Python."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tenure import Workspace
from tenure.facts.table import tables

EXPORT = Path(__file__).resolve().parents[3] / "shared" / "data" / "ravenstack"
SECOND = EXPORT.with_name("ravenstack-second-dialect")
EVE, LAST = date(2023, 12, 31), date(2024, 12, 31)
YEAR: dict[str, Any] = {"start": "2024-01-01", "end": "2025-01-01", "as_of": "2024-12-31"}

pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(
        not EXPORT.is_dir(), reason="needs the RavenStack export in ../shared/data/ravenstack"
    ),
]


def rows(name: str, folder: Path = EXPORT) -> list[dict[str, str]]:
    with (folder / f"ravenstack_{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def first_day_without(row: dict[str, str]) -> date:
    """Their end_date is the last day of service."""
    return date.fromisoformat(row["end_date"]) + timedelta(1) if row["end_date"] else date.max


def in_force(day: date) -> Counter[str]:
    """ARR by account on `day`: every paying subscription that has started and not ended."""
    found: Counter[str] = Counter()
    for row in rows("subscriptions"):
        runs = date.fromisoformat(row["start_date"]) <= day < first_day_without(row)
        if runs and int(row["arr_amount"]):
            found[row["account_id"]] += int(row["arr_amount"])
    return found


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = Workspace.create(tmp_path_factory.mktemp("raven") / "one")
    made.import_folder(EXPORT, "ravenstack")
    return made


def test_arr_is_the_sum_of_what_is_open(ws: Workspace) -> None:
    for day in (EVE, date(2024, 6, 30), LAST):
        answer = ws.metric("arr_in_force", as_of=day)
        assert answer.value == in_force(day).total()
        assert answer.components["active_accounts"] == len(in_force(day))


def test_retention_is_the_opening_accounts_then_and_now(ws: Workspace) -> None:
    then, now = in_force(EVE), in_force(LAST)
    answer = ws.metric("nrr", **YEAR)
    opening = then.total()
    assert (opening, len(then)) == (15_145_356, 185)
    assert answer.components["opening_arr"] == opening
    assert answer.value == pytest.approx(sum(now[a] for a in then) / opening)
    assert answer.components["grr"] == pytest.approx(
        sum(min(then[a], now[a]) for a in then) / opening
    )
    assert answer.components["logo_retention"] == 1 == sum(now[a] > 0 for a in then) / len(then)


def test_an_nrr_that_nobody_has_says_so(ws: Workspace) -> None:
    paying = [
        row
        for row in rows("subscriptions")
        if int(row["arr_amount"]) and first_day_without(row) > LAST
    ]
    each = len(paying) / len({row["account_id"] for row in paying})
    note = next(n for n in ws.metric("nrr", **YEAR).findings if n.level == "warning")
    assert note.code == "nrr.implausible"
    assert f"{each:.1f} paying lines" in note.says


def test_nothing_is_renewed_since_only_what_was_cancelled_has_an_end(ws: Workspace) -> None:
    every = rows("subscriptions")
    assert all((row["churn_flag"] == "TRUE") == bool(row["end_date"]) for row in every)
    assert sum(row["auto_renew_flag"] == "TRUE" for row in every if row["end_date"]) > 300
    due = [
        row
        for row in every
        if int(row["arr_amount"]) and date(2024, 1, 1) <= first_day_without(row) <= LAST
    ]
    answer = ws.metric("gross_renewal_rate", **YEAR)
    assert (answer.value, answer.n) == (0, len(due))
    assert answer.components["renewable_arr"] == sum(int(row["arr_amount"]) for row in due)


def test_what_falls_due_next_was_cancelled_on_the_last_day(ws: Workspace) -> None:
    next_day = LAST + timedelta(1)
    ending = {
        row["account_id"]
        for row in rows("subscriptions")
        if first_day_without(row) == next_day and int(row["arr_amount"])
    }
    assert len(ending) == 20
    assert max(first_day_without(r) for r in rows("subscriptions") if r["end_date"]) == next_day


def test_the_findings_count_what_the_files_hold(ws: Workspace) -> None:
    said = {finding["rule"]: finding["says"] for finding in ws.findings()}
    accounts, tickets = rows("accounts"), rows("support_tickets")
    flagged = {row["account_id"] for row in accounts if row["churn_flag"] == "TRUE"}
    events = {row["account_id"] for row in rows("churn_events")}
    assert (len(flagged), len(events), len(flagged & events)) == (110, 352, 75)
    assert (
        "110 accounts carry a churn flag, 352 have a churn event" in said["doubt.churn_disagrees"]
    )

    subscriptions = {row["subscription_id"]: row for row in rows("subscriptions")}
    usage = rows("feature_usage")
    early = sum(u["usage_date"] < subscriptions[u["subscription_id"]]["start_date"] for u in usage)
    assert f"{early:,} of 25,000" in said["doubt.usage_early"]
    repeated = [key for key, n in Counter(row["usage_id"] for row in usage).items() if n > 1]
    collisions = [finding for finding in ws.findings() if finding["rule"] == "id.collision"]
    assert len(collisions) == len(repeated) == 21

    missing = sum(not row["satisfaction_score"] for row in tickets)
    assert f"{missing} of 2,000" in said["doubt.missing_share"]
    assert {row["satisfaction_score"] for row in tickets} - {""} <= {
        "3",
        "4",
        "5",
        "3.0",
        "4.0",
        "5.0",
    }
    signup = {row["account_id"]: row["signup_date"] for row in accounts}
    before = sum(row["submitted_at"] < signup[row["account_id"]] for row in tickets)
    assert f"{before:,} of 2,000" in said["doubt.tickets_early"]
    assert sum(row["is_trial"] == "TRUE" for row in subscriptions.values()) == 778


def test_a_contract_count_per_account_is_the_one_of_the_file(ws: Workspace) -> None:
    open_now: defaultdict[str, int] = defaultdict(int)
    for row in rows("subscriptions"):
        open_now[row["account_id"]] += not row["end_date"]
    several = sum(n > 1 for n in open_now.values())
    mean = sum(open_now.values()) / len(open_now)
    said = next(f["says"] for f in ws.findings() if f["rule"] == "doubt.contracts_at_once")
    assert f"{several} of 500" in said
    assert f"{mean:.1f} on average and {max(open_now.values())} at most" in said


def test_the_second_dialect_holds_identical_facts(ws: Workspace, tmp_path: Path) -> None:
    other = Workspace.create(tmp_path / "two")
    other.import_folder(SECOND, "ravenstack")
    for table in tables().values():
        if table.id not in ws.facts().tables():
            continue
        columns = list(table.columns)
        one = sorted(map(repr, ws.facts().rows(table.id, columns)))
        assert one == sorted(map(repr, other.facts().rows(table.id, columns))), table.id
    usage = "ravenstack_feature_usage.csv"
    assert (EXPORT / usage).read_bytes() == (SECOND / usage).read_bytes()


def test_a_third_of_the_dates_would_be_misread_in_silence() -> None:
    first, second = (
        {row["account_id"]: row["signup_date"] for row in rows("accounts", folder)}
        for folder in (EXPORT, SECOND)
    )
    silent = 0
    for account, text in second.items():
        day, month, year = (int(part) for part in text.split("/"))
        assert date(year, month, day).isoformat() == first[account]
        silent += day <= 12 and day != month
    assert silent / len(first) == pytest.approx(0.36, abs=0.01)
