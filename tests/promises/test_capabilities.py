"""One promise of the product per test, by its id, from files to the face that shows it.

The counting company is worked by hand in tests/counting_company/WORKED.md; the numbers are from there.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

FACTS = Path(__file__).resolve().parents[1] / "counting_company" / "facts"
T12 = {"start": "2025-04-01", "end": "2026-04-01", "as_of": "2026-03-31"}
IN_WORDS = [word for name, day in T12.items() for word in (f"--{name.replace('_', '-')}", day)]
TEN_THOUSAND = 10_000


def units(amount: Any) -> Any:
    """Money in the unit of the worked page: 10,000."""
    return amount / TEN_THOUSAND


def test_c1_past_results_stay_with_the_owner_of_that_day_and_nobody_is_a_bucket(
    counting_company: Any, tenure: Any
) -> None:
    before = counting_company.metric("arr_per_csm", as_of="2025-08-31").components
    after = counting_company.metric("arr_per_csm", as_of="2025-09-01").components

    # Elm (50) went from Tom to Maya on 1 September.
    assert units(after["by_csm"]["maya"]) - units(before["by_csm"]["maya"]) == 50
    assert units(after["by_csm"]["tom"]) - units(before["by_csm"]["tom"]) == -50
    assert units(after["unassigned"]) == 33
    done = tenure("metric", "nrr_by_csm", *IN_WORDS, "-w", counting_company.folder, "--json")
    assert done.data["components"]["nrr_by_csm"]["unassigned"] == pytest.approx(33 / 22)


def test_c1_accounts_keep_parent_segment_tier_and_model(tmp_path: Path) -> None:
    from tenure import Workspace

    workspace = Workspace.create(tmp_path / "w")
    child = {"account_id": "b", "parent_account_id": "a", "segment": "SMB", "tier": "growth"}
    summary = workspace.load({"accounts": [{"account_id": "a"}, child | {"business_model": "plg"}]})

    columns = ["account_id", "parent_account_id", "segment", "tier", "business_model"]
    assert summary.refused == 0
    assert ("b", "a", "smb", "growth", "plg") in workspace.facts().rows("accounts", columns)


def test_c2_opening_and_movements_are_the_closing_to_the_cent_per_account(
    counting_company: Any,
) -> None:
    for account in counting_company.metric("arr_in_force", as_of="2026-03-31").components[
        "arr_by_account"
    ]:
        parts = counting_company.metric(
            "arr_rollforward", **T12, where={"account_id": account}
        ).components
        moved = parts["new"] + parts["expansion"] + parts["reactivation"]
        assert (
            parts["opening_arr"] + moved - parts["downsell"] - parts["churn"] + parts["fx"]
            == parts["closing_arr"]
        ), account


def test_c2_currency_is_a_row_of_its_own_and_never_growth(
    counting_company: Any, tenure: Any
) -> None:
    done = tenure(
        "metric",
        "arr_rollforward",
        *IN_WORDS,
        "--where",
        "account=ivy",
        "-w",
        counting_company.folder,
        "--json",
    )

    parts = done.data["components"]
    assert [parts[name] for name in ("opening_arr", "expansion", "fx", "closing_arr")] == [
        1_100_000,
        0,
        200_000,
        1_300_000,
    ]


def test_c16_a_qualified_deal_past_its_date_stays_visible_as_stale(
    counting_company: Any, tenure: Any
) -> None:
    answer = counting_company.metric("expansion_pipeline", as_of="2026-03-31")

    assert (answer.components["count"], units(answer.value)) == (3, 510)
    assert answer.components["stale"] == ["opp-4"]
    shown = tenure(
        "metric", "expansion_pipeline", "--as-of", "2026-03-31", "-w", counting_company.folder
    )
    assert "opp-4" in shown.out


def test_c17_the_same_files_twice_change_nothing(tmp_path: Path, tenure: Any) -> None:
    tenure("init", tmp_path / "w")
    first = tenure("import", FACTS, "-w", tmp_path / "w", "--json").data

    again = tenure("import", FACTS, "-w", tmp_path / "w")

    written = sum(len(file.read_text().splitlines()) - 1 for file in FACTS.glob("*.csv"))
    assert first["counts"]["loaded"] == written - 1  # two kinds of work of one week are one total
    assert "Already imported" in again.out
    assert "Nothing was changed" in again.out
    assert again.code == 0


def test_c17_every_refused_row_names_its_line_column_value_and_remedy(
    tmp_path: Path, tenure: Any
) -> None:
    (tmp_path / "exports").mkdir()
    rows = "account_id,name,start_date\na,Alder,2025-01-01\nb,Birch,2025-02-30\n"
    (tmp_path / "exports" / "accounts.csv").write_text(rows)
    tenure("init", tmp_path / "w")

    done = tenure("import", tmp_path / "exports", "-w", tmp_path / "w", "--json")

    assert done.code == 1
    (finding,) = tenure("findings", "--level", "error", "-w", tmp_path / "w", "--json").data
    assert (finding["file"], finding["line"], finding["column_name"], finding["value"]) == (
        "accounts.csv",
        3,
        "start_date",
        "2025-02-30",
    )
    assert finding["remedy"]
    assert "Birch" in tenure("refused", "-w", tmp_path / "w").out


def test_c19_losing_an_account_changes_nothing_that_was_shown_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenure import Workspace

    contract = {
        "contract_id": "c",
        "account_id": "a",
        "start_date": "2025-01-01",
        "end_date": "2026-01-01",
        "status": "active",
    }
    line = {"line_id": "l", "contract_id": "c", "account_id": "a", "arr": 1200, "currency": "USD"}
    workspace = Workspace.create(tmp_path / "w")
    monkeypatch.setenv("TENURE_NOW", "2026-01-10T12:00:00+00:00")
    workspace.load(
        {"accounts": [{"account_id": "a"}], "contracts": [contract], "contract_lines": [line]}
    )
    shown = workspace.metric("arr_in_force", as_of="2026-01-10").value
    monkeypatch.setenv("TENURE_NOW", "2026-03-01T12:00:00+00:00")
    workspace.load({"contracts": [contract | {"status": "cancelled"}]})

    now = workspace.metric("arr_in_force", as_of="2026-01-10")
    then = workspace.metric("arr_in_force", as_of="2026-01-10", as_known_on="2026-01-10")

    assert (shown, now.value, then.value) == (Decimal(1200), Decimal(0), Decimal(1200))


def test_c20_a_believable_company_is_on_one_screen_in_four_commands(
    tmp_path: Path, tenure: Any
) -> None:
    sizes = ["--accounts", "25", "--months", "14", "--seed", "7"]
    assert tenure("simulate", tmp_path / "exports", *sizes).code == 0
    assert tenure("init", tmp_path / "w", "--gross-margin", "0.8").code == 0
    assert tenure("import", tmp_path / "exports", "-w", tmp_path / "w").code == 0

    screen = tenure("overview", "-w", tmp_path / "w")

    assert screen.code == 0
    for word in ("ARR in force", "NRR", "GRR", "Renewals in the next 90 days", "At risk", "Books"):
        assert word in screen.out
    assert len(screen.out.splitlines()) <= 45


def test_c22_a_number_leads_to_its_sentence_formula_parts_and_the_line_of_each_row(
    counting_company: Any, tenure: Any
) -> None:
    done = tenure("explain", "nrr", *IN_WORDS, "-w", counting_company.folder, "--json")
    chain = done.data

    assert "customers we had at the start" in chain["says"]
    assert chain["formula"]
    assert chain["method"]["method"] == "period_net"
    assert chain["components"]["opening_arr"] == 7_400_000
    assert chain["as_of"] == "2026-03-31"
    for row in chain["source_rows"]:
        line = (FACTS / row["file"]).read_text().splitlines()[row["line"] - 1]
        assert row["key"] in next(csv.reader([line]))


def test_c22_every_face_tells_the_same(counting_company: Any, tenure: Any) -> None:
    in_python = str(counting_company.explain("grr", **T12))

    assert (
        tenure("explain", "grr", *IN_WORDS, "-w", counting_company.folder).out == in_python + "\n"
    )


def test_c42_the_renewal_rate_is_of_what_was_due_and_leaves_other_contracts_out(
    counting_company: Any, tenure: Any
) -> None:
    answer = counting_company.metric("gross_renewal_rate", **T12)
    due = {row.key for row in answer.rows if row.table == "contracts"}

    assert answer.value == pytest.approx(353 / 567)
    assert answer.components["logo_renewal_rate"] == pytest.approx(5 / 8)
    assert not {key for key in due if key.startswith(("dogwood", "ivy"))}  # three-year contracts
    shown = tenure("metric", "gross_renewal_rate", *IN_WORDS, "-w", counting_company.folder)
    assert "of what was due" in shown.out.splitlines()[0]


def test_c43_gross_retention_cannot_exceed_the_whole_and_stands_beside_its_benchmarks(
    counting_company: Any,
) -> None:
    answer = counting_company.metric("grr", **T12, by="segment")
    declared = counting_company.catalogue.metrics["grr"]

    assert answer.value == pytest.approx(638 / 740)
    assert all(cut.value <= 1 for cut in answer.cuts)
    assert [t.value for t in declared.thresholds] == [0.9, 0.95]
    assert all("not from your data" in t.origin for t in declared.thresholds)


def test_c44_net_retention_stands_next_to_gross_with_period_currency_rule_and_returns(
    counting_company: Any, tenure: Any
) -> None:
    done = tenure("metric", "nrr", *IN_WORDS, "-w", counting_company.folder, "--json").data

    assert done["value"] == pytest.approx(708 / 740)
    assert done["components"]["grr"] == pytest.approx(638 / 740)
    assert done["period"] == {"start": "2025-04-01", "end": "2026-04-01"}
    assert (done["method"]["fx"], done["method"]["method"]) == ("constant", "period_net")
    assert "reactivation_excluded" in done["components"]


def test_c45_cells_of_cohorts_too_young_are_unknown_and_not_zero(counting_company: Any) -> None:
    asked = {"start": "2025-01-01", "end": "2026-04-01", "as_of": "2026-03-31"}
    answer = counting_company.metric("churn_rate_by_cohort", **asked, by="quarter")
    cohort = answer.components["cohorts"]["2025-Q1"]

    assert cohort["active_by_month_offset"] == [3] * 12 + [2, None, None]
    assert answer.reasons["cohorts.2025-Q1.churn.13"] == "too_little_history"


def test_c46_growth_is_told_by_quarter_by_account_and_with_its_driver(
    counting_company: Any,
) -> None:
    quarter = counting_company.metric(
        "quarterly_expansion_revenue", period="2025-Q4", as_of="2026-03-31"
    )
    by_account = counting_company.metric("expansion_revenue_by_account", **T12)
    moves = counting_company.metric("arr_movements", **T12).components["movements"]

    assert units(quarter.value) == 49
    assert units(by_account.components["by_account"]["dogwood"]) == 40
    drivers = {(m["account_id"], str(m["movement_date"])): m.get("reason") for m in moves}
    assert drivers["dogwood", "2025-05-01"] == "seats"
    assert drivers["dogwood", "2025-10-01"] == "ramp"
    assert counting_company.metric("expansion_rate", **T12).value == pytest.approx(70 / 740)
    assert counting_company.metric("acv_growth", **T12).value == pytest.approx(1128 / 6660)


def test_c47_the_clock_to_renewal_runs_into_grace_and_is_unknown_where_there_is_none(
    counting_company: Any, tenure: Any
) -> None:
    done = tenure(
        "metric",
        "days_to_renewal",
        "--as-of",
        "2026-03-31",
        "-w",
        counting_company.folder,
        "--json",
    ).data

    clocks = done["components"]["by_account"]
    assert (clocks["alder"], clocks["birch"], clocks["fir"]) == (92, -15, None)
    assert done["reasons"]["by_account.fir"] == "undefined"


def test_c48_lifetime_value_prints_its_assumptions_and_is_unknown_when_nobody_left(
    counting_company: Any,
) -> None:
    known = counting_company.metric("clv", as_of="2026-03-31")
    nobody_left = counting_company.metric("clv", as_of="2025-12-31")
    floored = counting_company.metric("clv", as_of="2025-12-31", churn_floor=0.0167)

    assert round(known.value, 4) == Decimal("543703.7037")
    assert known.components["gross_margin"] == 0.8
    assert (nobody_left.value, nobody_left.unknown) == (None, "undefined")
    assert floored.method["churn_floor"] == 0.0167


def test_c49_a_pooled_book_is_divided_by_its_full_time_people(
    counting_company: Any, tenure: Any
) -> None:
    answer = counting_company.metric("arr_per_csm", as_of="2026-03-31")

    assert units(answer.value) == Decimal("173.75")  # 695 over Maya, Tom and a pool of two
    assert answer.components["status"]["pool"] == "under"
    assert answer.components["accounts"] == {"maya": 4, "pool": 1, "tom": 3}
    shown = tenure("overview", "--as-of", "2026-03-31", "-w", counting_company.folder)
    assert "Maya" in shown.out
