"""A simulated company is the same every time, fits the canonical tables, and its truth adds up."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import tracemalloc
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import ledger_by_hand
import pytest
from canonical import broken_rules, misfits, unmet_references

from tenure.facts.table import table, tables
from tenure.kernel.errors import Bug, UserError
from tenure.simulate import Volume, simulate
from tenure.simulate import scale as scales
from tenure.simulate.write import Sheets

END = date(2026, 10, 1)
LAST = date(2026, 9, 30)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Volume, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("company")
    volume = simulate(folder, accounts=60, months=18, seed=7, active_days=4)
    return folder, volume, truth_of(folder)


def truth_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return found


def digests(folder: Path) -> dict[str, str]:
    return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(folder.iterdir())}


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        simulate(str(tmp_path / name), accounts=20, months=6, seed=3)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert len(digests(tmp_path / "one")) == len(tables()) + 2


def test_another_seed_is_another_company(tmp_path: Path) -> None:
    simulate(tmp_path / "one", accounts=20, months=6, seed=3)
    simulate(tmp_path / "two", accounts=20, months=6, seed=4)
    one, two = digests(tmp_path / "one"), digests(tmp_path / "two")
    assert {name for name in one if one[name] == two[name]} == {"features.csv"}


def test_more_accounts_leave_the_first_ones_as_they_were(tmp_path: Path) -> None:
    simulate(tmp_path / "few", accounts=4, months=6, seed=3)
    simulate(tmp_path / "same", accounts=4, months=6, seed=3, active_days=2)
    few, same = (ledger_by_hand.rows(tmp_path / name, "contracts") for name in ("few", "same"))
    assert few == same


def test_every_table_has_its_file_with_the_canonical_columns_and_some_rows(
    company: tuple[Path, Volume, dict[str, Any]],
) -> None:
    folder, volume, _truth = company
    assert set(volume.files) == set(tables())
    for name, file in volume.files.items():
        with (folder / file).open(encoding="utf-8", newline="") as stream:
            assert tuple(next(csv.reader(stream))) == tuple(table(name).columns)
        assert volume.rows[name] > 0, name


def test_the_volume_told_is_the_volume_written(
    company: tuple[Path, Volume, dict[str, Any]],
) -> None:
    folder, volume, truth = company
    counted = {name: len(ledger_by_hand.rows(folder, name)) for name in tables()}
    assert volume.rows == counted
    assert truth["rows"] == counted


@pytest.mark.parametrize("name", sorted(tables()))
def test_every_cell_is_of_its_kind_and_keys_are_given_once(
    company: tuple[Path, Volume, dict[str, Any]], name: str
) -> None:
    assert misfits(company[0], name) == []


@pytest.mark.parametrize("name", sorted(tables()))
def test_every_reference_is_met(company: tuple[Path, Volume, dict[str, Any]], name: str) -> None:
    assert unmet_references(company[0], name) == {}


def test_nothing_that_happened_lies_after_the_last_day(
    company: tuple[Path, Volume, dict[str, Any]],
) -> None:
    for name, declared in tables().items():
        for row in ledger_by_hand.rows(company[0], name):
            for column in declared.not_in_future:
                assert row[column][:10] <= str(LAST), (name, row)
    for row in ledger_by_hand.rows(company[0], "activities"):
        assert row["occurred_at"][:10] <= str(LAST) or row["status"] == "scheduled"


def test_every_row_meets_the_rules_of_its_table(
    company: tuple[Path, Volume, dict[str, Any]],
) -> None:
    assert broken_rules(company[0]) == {}


def test_the_truth_is_what_the_files_say_when_they_are_added_up_by_hand(
    company: tuple[Path, Volume, dict[str, Any]],
) -> None:
    folder, _volume, truth = company
    spans = ledger_by_hand.spans(folder, LAST)
    for account in truth["accounts"]:
        counted = ledger_by_hand.steps(spans.get(account["account_id"], []), LAST)
        told = [(date.fromisoformat(s["date"]), Decimal(s["arr"])) for s in account["steps"]]
        assert counted == told, account["account_id"]


@pytest.mark.parametrize(
    ("accounts", "months", "end"),
    [
        (1, 1, date(2026, 10, 1)),
        (40, 2, date(2025, 3, 15)),
        (90, 37, date(2026, 2, 28)),
        (90, 9, END),
    ],
)
def test_the_truth_holds_for_short_long_and_oddly_ending_companies(
    tmp_path: Path, accounts: int, months: int, end: date
) -> None:
    simulate(tmp_path, accounts=accounts, months=months, seed=11, active_days=0.1, end=end)
    last = end - timedelta(days=1)
    spans = ledger_by_hand.spans(tmp_path, last)
    for account in truth_of(tmp_path)["accounts"]:
        counted = ledger_by_hand.steps(spans.get(account["account_id"], []), last)
        told = [(date.fromisoformat(s["date"]), Decimal(s["arr"])) for s in account["steps"]]
        assert counted == told, account["account_id"]


def balance(account: dict[str, Any], on: str) -> Decimal:
    past = [Decimal(step["arr"]) for step in account["steps"] if step["date"] <= on]
    return past[-1] if past else Decimal(0)


def test_month_ends_are_the_sums_of_the_accounts(
    company: tuple[Path, Volume, dict[str, Any]],
) -> None:
    truth = company[2]
    assert len(truth["arr_at_month_end"]) == 18
    for day, told in truth["arr_at_month_end"].items():
        summed: dict[str, Decimal] = {}
        for account in truth["accounts"]:
            if arr := balance(account, day):
                summed[account["currency"]] = summed.get(account["currency"], Decimal(0)) + arr
        assert {currency: Decimal(text) for currency, text in told.items()} == summed


def test_churn_and_return_are_told_where_arr_goes_to_zero_and_comes_back(
    company: tuple[Path, Volume, dict[str, Any]],
) -> None:
    left = 0
    for account in company[2]["accounts"]:
        arr = [Decimal(step["arr"]) for step in account["steps"]]
        dates = [step["date"] for step in account["steps"]]
        assert account["churned_on"] == [d for d, a in zip(dates, arr, strict=True) if a == 0]
        assert account["returned_on"] == [
            d for d, before in zip(dates[1:], arr, strict=False) if before == 0
        ]
        assert all(later != before for before, later in zip(arr, arr[1:], strict=False))
        left += bool(account["churned_on"])
    assert left > 3


def test_renewals_end_in_every_way_a_contract_can(tmp_path: Path) -> None:
    simulate(tmp_path, accounts=400, months=24, seed=5, active_days=0.2)
    words = {r["outcome"] for a in truth_of(tmp_path)["accounts"] for r in a["renewals"]}
    assert words == {
        "early", "on_time", "late", "late_beyond_grace", "lost", "open", "auto", "not_due", "trial",
    }  # fmt: skip
    for account in truth_of(tmp_path)["accounts"]:
        for told in account["renewals"]:
            if told["outcome"] in ("early", "on_time", "late", "late_beyond_grace"):
                late = (
                    date.fromisoformat(told["renewed_on"]) - date.fromisoformat(told["due"])
                ).days
                bands = {"early": (-60, -7), "on_time": (0, 0), "late": (3, 28)}
                low, high = bands.get(told["outcome"], (36, 80))
                assert low <= late <= high


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_year_of_a_company_lies_within_what_one_sees_in_life(tmp_path: Path, seed: int) -> None:
    simulate(tmp_path, accounts=300, months=14, seed=seed, active_days=0.2)
    accounts = truth_of(tmp_path)["accounts"]
    pairs = [(balance(a, "2025-09-30"), balance(a, "2026-09-30")) for a in accounts]
    opening = [(start, end) for start, end in pairs if start > 0]
    lost = sum(end == 0 for _start, end in opening) / len(opening)
    nrr = sum(end for _start, end in opening) / sum(start for start, _end in opening)
    assert 0.04 < lost < 0.25
    assert Decimal("0.85") < nrr < Decimal("1.25")


def test_those_who_choose_to_leave_score_lower_before_though_not_all(tmp_path: Path) -> None:
    simulate(tmp_path, accounts=400, months=24, seed=2, active_days=0.2)
    scores: dict[str, list[tuple[str, float]]] = {}
    for row in ledger_by_hand.rows(tmp_path, "health_scores"):
        scores.setdefault(row["account_id"], []).append((row["score_date"], float(row["score"])))
    before, everyone = [], [score for held in scores.values() for _day, score in held]
    for contract in ledger_by_hand.rows(tmp_path, "contracts"):
        if contract["status"] == "cancelled" and contract["exit_kind"] == "voluntary":
            end = date.fromisoformat(contract["end_date"])
            window = (str(end - timedelta(days=60)), str(end))
            near = [
                s
                for day, s in scores.get(contract["account_id"], [])
                if window[0] <= day < window[1]
            ]
            before += [sum(near) / len(near)] if near else []
    usual = sum(everyone) / len(everyone)
    assert len(before) > 30
    assert sum(before) / len(before) < usual - 6
    assert 0.08 < sum(score > usual for score in before) / len(before) < 0.5


def test_a_rate_no_older_than_seven_days_exists_for_every_day_of_every_contract(
    company: tuple[Path, Volume, dict[str, Any]],
) -> None:
    rates = ledger_by_hand.rows(company[0], "fx_rates")
    for pair in (("EUR", "USD"), ("GBP", "USD"), ("USD", "EUR"), ("EUR", "GBP")):
        held = sorted(
            date.fromisoformat(r["rate_date"])
            for r in rates
            if (r["from_currency"], r["to_currency"]) == pair
        )
        gaps = [(later - one).days for one, later in zip(held, [*held[1:], END], strict=True)]
        assert max(gaps) <= 7
        starts = [r["start_date"] for r in ledger_by_hand.rows(company[0], "contracts")]
        assert str(held[0]) < min(starts)


def test_an_account_never_has_two_csms_on_one_day(
    company: tuple[Path, Volume, dict[str, Any]],
) -> None:
    held: dict[str, list[tuple[str, str]]] = {}
    for row in ledger_by_hand.rows(company[0], "account_assignments"):
        if row["role"] == "csm":
            span = (row["start_date"], row["end_date"] or "9999-12-31")
            held.setdefault(row["account_id"], []).append(span)
    for spans in held.values():
        spans.sort()
        assert all(one[1] <= later[0] for one, later in zip(spans, spans[1:], strict=False))


def test_weeks_of_work_are_cut_at_months_and_hold_no_more_than_a_person_works(
    company: tuple[Path, Volume, dict[str, Any]],
) -> None:
    minutes: dict[tuple[str, str], int] = {}
    for row in ledger_by_hand.rows(company[0], "time_totals"):
        start, end = date.fromisoformat(row["week_start"]), date.fromisoformat(row["week_end"])
        assert (end - timedelta(days=1)).month == start.month
        assert start.weekday() + (end - start).days <= 7
        key = (row["user_id"], row["week_start"])
        minutes[key] = minutes.get(key, 0) + int(row["minutes"])
    assert max(minutes.values()) < 60 * 60


@pytest.mark.parametrize("world", ["plain", "effect", "messy"])
def test_memory_does_not_grow_with_the_number_of_accounts(tmp_path: Path, world: str) -> None:
    simulate(tmp_path / "warm", accounts=5, months=3, seed=1, world=world)
    peaks = []
    for count in (20, 160):
        tracemalloc.start()
        folder = tmp_path / str(count)
        simulate(folder, accounts=count, months=3, seed=1, active_days=0.2, world=world)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.25 * peaks[0]


def test_usage_of_a_huge_company_stays_at_one_row_per_account_and_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scales, "MOST_USAGE_ROWS", 1000)
    monkeypatch.setattr(scales, "ROWS_WORTH_PACKING", 1000)
    for name in ("one", "two"):
        volume = simulate(tmp_path / name, accounts=20, months=3, seed=1)
    assert volume.usage_detail == "account_day"
    assert volume.files["usage_daily"] == "usage_daily.csv.gz"
    packed = (tmp_path / "one" / "usage_daily.csv.gz").read_bytes()
    assert packed == (tmp_path / "two" / "usage_daily.csv.gz").read_bytes()
    found = list(csv.DictReader(gzip.decompress(packed).decode().splitlines()))
    assert len(found) == volume.rows["usage_daily"] > 0
    assert {row["product_user_id"] for row in found} == {""}
    assert len({(row["account_id"], row["usage_date"]) for row in found}) == len(found)


def test_usage_is_told_by_user_until_it_would_be_too_much() -> None:
    small = scales.Scale(300, 24, 1)
    assert small.usage_by_user
    assert not replace(small, accounts=100_000).usage_by_user


def test_progress_is_told_account_by_account(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    simulate(
        tmp_path, accounts=3, months=2, seed=1, on_progress=lambda done, of: seen.append((done, of))
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("wrong", [{"accounts": 0}, {"months": 0}, {"active_days": 0.0}])
def test_a_size_that_makes_no_company_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        simulate(tmp_path, **{"accounts": 5, "months": 5, "seed": 1, **wrong})


def test_a_column_the_table_does_not_have_is_a_bug(tmp_path: Path) -> None:
    with Sheets(tmp_path) as sheets, pytest.raises(Bug):
        sheets.row("features", {"feature": "x"})
    with Sheets(tmp_path) as sheets, pytest.raises(Bug):
        sheets.block("features", ("feature_id",), ["x\n"])
