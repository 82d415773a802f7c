"""Every world is the same each time, fits the tables, and holds what its truth says: counted by hand from its files."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from canonical import broken_rules, misfits, unmet_references
from planted_company import Company, made
from worlds_by_hand import arms, day, fitted_lead, path_before, rows, weekly_use

from tenure.facts.table import tables
from tenure.kernel.errors import UnknownName
from tenure.simulate import WORLDS, simulate

LAWS = ("effect", "no-effect", "confounded")
FAR = 2.6
"""Standard errors that chance passes once in a hundred times."""


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Company]:
    """Companies of 450 accounts by world, each made once; use is told in `effect` and `no-effect`."""
    kept: dict[str, Company] = {}

    def company(world: str) -> Company:
        if world not in kept:
            detail = {} if world == "confounded" else {"users_per_account": 1, "active_days": 12}
            kept[world] = made(tmp_path_factory.mktemp(world), world, **detail)
        return kept[world]

    return company


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Company]:
    """Companies of 60 accounts by world, with all detail."""
    kept: dict[str, Company] = {}

    def company(world: str) -> Company:
        if world not in kept:
            folder = tmp_path_factory.mktemp(f"small-{world}")
            kept[world] = made(folder, world, accounts=60, users_per_account=3, active_days=3)
        return kept[world]

    return company


def digests(folder: Path) -> dict[str, str]:
    return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(folder.iterdir())}


@pytest.mark.parametrize("world", sorted(WORLDS))
def test_a_world_is_the_same_bytes_every_time(world: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        simulate(tmp_path / name, accounts=12, months=8, seed=3, world=world)

    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_a_world_nobody_made_is_refused_with_the_nearest_names(tmp_path: Path, tenure: Any) -> None:
    with pytest.raises(UnknownName, match="`confounded`"):
        simulate(tmp_path / "x", accounts=2, months=3, seed=1, world="confounder")

    done = tenure("simulate", tmp_path / "x", "--world", "confused")

    assert (done.code, "`confounded`" in done.err) == (2, True)
    assert not (tmp_path / "x").exists()


def test_another_world_in_the_same_folder_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    for folder, worlds in (("both", ("messy", "effect")), ("one", ("effect",))):
        for world in worlds:
            simulate(tmp_path / folder, accounts=8, months=6, seed=3, world=world)

    assert digests(tmp_path / "both") == digests(tmp_path / "one")


def test_files_beside_a_simulation_stay_where_no_truth_stands(tmp_path: Path) -> None:
    (tmp_path / "goals-old.csv").write_text("mine")

    simulate(tmp_path, accounts=2, months=3, seed=1)

    assert (tmp_path / "goals-old.csv").read_text() == "mine"


@pytest.mark.parametrize("world", LAWS)
def test_the_files_of_a_world_fit_their_tables(small: Callable[[str], Company], world: str) -> None:
    folder = small(world).folder
    assert {name: misfits(folder, name) for name in tables()} == {name: [] for name in tables()}
    assert {name: unmet_references(folder, name) for name in tables()} == dict.fromkeys(tables(), {})  # fmt: skip
    assert broken_rules(folder) == {}


@pytest.mark.parametrize("world", ["plain", *LAWS])
def test_every_table_is_filled_and_nothing_happens_after_the_last_day(
    small: Callable[[str], Company], world: str
) -> None:
    company = small(world)
    for name, declared in tables().items():
        found = rows(company.folder, name)
        assert len(found) == company.truth["rows"][name] > 0, name
        for column in declared.not_in_future:
            assert max(row[column][:10] for row in found) <= company.truth["last_day"], (name, column)  # fmt: skip


@pytest.mark.parametrize("world", ["plain", "effect"])
def test_every_word_and_column_the_metrics_read_is_there(
    small: Callable[[str], Company], world: str
) -> None:
    folder = small(world).folder

    def words(table: str, column: str) -> set[str]:
        return {row[column] for row in rows(folder, table)} - {""}

    assert words("activities", "activity_type") == {
        "email", "call", "meeting", "qbr", "ebr", "kickoff", "onsite", "training",
        "operational_review", "support_reply", "chat", "note",
    }  # fmt: skip
    assert words("activities", "status") == {"completed", "scheduled", "cancelled", "no_show"}
    assert words("activities", "direction") == {"outbound", "inbound", "two_way"}
    assert {"goals", "risk", "expansion", "loyalty", "onboarding"} <= words("activities", "purpose")
    assert words("survey_responses", "survey_type") == {"nps", "ces", "csat", "onboarding"}
    assert words("survey_responses", "effort_coded") == {"true", "false"}
    assert words("usage_limits", "measure") == {"seats", "events", "units"}
    assert words("contract_lines", "unit") == {"seat", "credit", "flat"}
    assert words("time_totals", "category") == {
        "customer_facing", "internal", "support_tickets", "qbr_prep", "uncategorised",
    }  # fmt: skip
    assert len(words("risk_flags", "metric_id")) > 3 < len(words("playbook_runs", "playbook_id"))
    for table, column in (
        ("activities", "tags"), ("contacts", "active_to"), ("product_users", "removed_date"),
        ("usage_daily", "units"), ("features", "level"), ("health_scores", "model_version"),
        ("handoff_records", "kickoff_outcome"), ("tickets", "belonged_elsewhere"),
    ):  # fmt: skip
        assert words(table, column), (table, column)
    assert any(not row["account_id"] for row in rows(folder, "activities"))


def test_a_deal_won_before_the_window_has_its_first_touch_and_its_kickoff(
    small: Callable[[str], Company],
) -> None:
    company = small("plain")
    begin = company.truth["first_day"]
    early = [
        deal["account_id"]
        for deal in rows(company.folder, "opportunities")
        if deal["opportunity_type"] == "new_business" and deal["close_date"] < begin
    ]
    held = {
        row["account_id"]
        for row in rows(company.folder, "activities")
        if row["activity_type"] == "kickoff" and row["occurred_at"] < begin
    }
    assert len(early) > 15
    assert len(held & set(early)) > 0.8 * len(early)


def test_flags_for_other_reasons_are_closed_on_the_last_day_of_plain(
    small: Callable[[str], Company],
) -> None:
    flags = [r for r in rows(small("plain").folder, "risk_flags") if r["metric_id"] != "health_score"]  # fmt: skip
    assert len(flags) > 10
    assert [flag for flag in flags if not flag["cleared_date"]] == []


@pytest.mark.parametrize("world", LAWS)
def test_the_revenue_of_a_world_is_what_its_files_add_up_to(
    companies: Callable[[str], Company], world: str
) -> None:
    company = companies(world)
    for account in company.truth["accounts"]:
        told = [(date.fromisoformat(s["date"]), Decimal(s["arr"])) for s in account["steps"]]
        assert company.steps.get(account["account_id"], []) == told, account["account_id"]


@pytest.mark.parametrize(
    ("world", "accounts", "months", "end"),
    [
        ("effect", 1, 1, date(2026, 10, 1)),
        ("effect", 60, 37, date(2026, 2, 28)),
        ("no-effect", 40, 3, date(2025, 3, 15)),
        ("confounded", 40, 13, date(2024, 2, 29)),
    ],
)
def test_short_long_and_oddly_ending_worlds_hold_too(
    tmp_path: Path, world: str, accounts: int, months: int, end: date
) -> None:
    company = made(tmp_path, world, accounts=accounts, months=months, end=end)
    for account in company.truth["accounts"]:
        told = [(date.fromisoformat(s["date"]), Decimal(s["arr"])) for s in account["steps"]]
        assert company.steps.get(account["account_id"], []) == told, account["account_id"]
    assert {r.contract_id for r in company.renewals} == set(company.years)
    assert broken_rules(tmp_path) == {}


@pytest.mark.parametrize("world", LAWS)
def test_churns_told_are_churns_counted(companies: Callable[[str], Company], world: str) -> None:
    company = companies(world)
    first = day(company.truth["first_day"])
    counted: Counter[str] = Counter()
    for steps in company.steps.values():
        for on, arr in steps:
            if arr == 0 and on >= first:
                counted[f"{on.year}-Q{(on.month + 2) // 3}"] += 1
    told = company.truth["realised"]["churns"]
    assert told["by_quarter"] == dict(sorted(counted.items()))
    assert told["all"] == counted.total() > 40


@pytest.mark.parametrize("world", LAWS)
def test_coverage_zone_and_outcome_of_every_renewal_are_found_as_planted(
    companies: Callable[[str], Company], world: str
) -> None:
    company = companies(world)
    assert {r.contract_id for r in company.renewals} == set(company.years)
    for renewal in company.renewals:
        account, year = company.years[renewal.contract_id]
        found = (
            company.covered_lately(renewal), company.covered_long(renewal),
            company.zone(renewal), renewal.renewed,
        )  # fmt: skip
        kept = year["cadence_kept"]
        assert found == (kept, kept, account["zone"], not year["left"]), renewal


@pytest.mark.parametrize("world", LAWS)
def test_the_realised_numbers_are_those_counted_by_hand(
    companies: Callable[[str], Company], world: str
) -> None:
    company = companies(world)
    realised = company.truth["realised"]
    assert realised["judged"]["years"] == len(company.renewals)
    for name, kept in (("kept", True), ("unkept", False)):
        held = [r for r in company.renewals if company.covered_lately(r) == kept]
        assert realised["renewal"][name]["of"] == len(held)
        assert realised["renewal"][name]["renewed"] == sum(r.renewed for r in held)
    told = realised["coverage_delta"]
    assert (told["raw"], told["raw_error"]) == pytest.approx(company.coverage_gap, abs=1e-4)
    within = (told["within_zones"], told["within_zones_error"])
    assert within == pytest.approx(company.gap_within_zones, abs=1e-4)


def test_keeping_the_cadence_keeps_customers_in_effect(
    companies: Callable[[str], Company],
) -> None:
    company = companies("effect")
    planted = company.truth["planted"]["coverage_effect"]
    for gap, error in (company.coverage_gap, company.gap_within_zones):
        assert abs(gap - planted) < FAR * error
        assert gap > FAR * error


def test_low_health_loses_customers_in_effect_and_confounded(
    companies: Callable[[str], Company],
) -> None:
    for world in ("effect", "confounded"):
        company = companies(world)
        rates = {
            zone: arms((company.zone(r) == zone, r.renewed) for r in company.renewals).gap
            for zone in ("low", "high")
        }
        assert rates["low"] < -0.15 < 0.03 < rates["high"]
        assert company.truth["realised"]["health_auc"] > 0.65


def test_nothing_means_anything_in_no_effect(companies: Callable[[str], Company]) -> None:
    company = companies("no-effect")
    lost = sum(not r.renewed for r in company.renewals)
    kept = len(company.renewals) - lost
    for gap, error in (company.coverage_gap, company.gap_within_zones, company.played_gap):
        assert abs(gap) < FAR * error
    spread = ((lost + kept + 1) / (12 * lost * kept)) ** 0.5
    assert abs(company.truth["realised"]["health_auc"] - 0.5) < FAR * spread
    fell = company.truth["realised"]["falls_of_use"]
    shares = [fell[name]["fell"] / fell[name]["years"] for name in ("leavers", "stayers")]
    error = sum(s * (1 - s) / fell[n]["years"] for s, n in zip(shares, fell, strict=True)) ** 0.5
    assert abs(shares[0] - shares[1]) < FAR * error


def test_no_effect_looks_like_effect_from_one_side(companies: Callable[[str], Company]) -> None:
    shares = {}
    for world in ("effect", "no-effect"):
        realised = companies(world).truth["realised"]
        years = realised["judged"]["years"]
        fell = sum(part["fell"] for part in realised["falls_of_use"].values())
        left = years - sum(realised["renewal"][arm]["renewed"] for arm in ("kept", "unkept"))
        shares[world] = (left / years, realised["renewal"]["kept"]["of"] / years, fell / years)
    for one, other in zip(*shares.values(), strict=True):
        assert abs(one - other) < 0.06


def test_meetings_seem_to_help_in_confounded_until_like_is_compared_with_like(
    companies: Callable[[str], Company],
) -> None:
    company = companies("confounded")
    raw, raw_error = company.coverage_gap
    within, error = company.gap_within_zones
    planted = company.truth["planted"]["coverage_effect"]
    assert raw > 0.08
    assert raw - planted > 3 * raw_error
    assert abs(within - planted) < FAR * error


def test_plays_save_customers_in_effect_alone(companies: Callable[[str], Company]) -> None:
    gap, error = companies("effect").played_gap
    assert gap < -1.6 * error
    plays = companies("effect").truth["realised"]["plays"]
    assert plays["would_have_left_of_played"] > plays["played"]["left"]
    for world in ("no-effect", "confounded"):
        plays = companies(world).truth["realised"]["plays"]
        assert plays["would_have_left_of_played"] == plays["played"]["left"]


def test_use_falls_before_the_decision_by_the_planted_lead(
    companies: Callable[[str], Company],
) -> None:
    company = companies("effect")
    decisions = [(r.account_id, r.decided) for r in company.renewals if not r.renewed]
    lead, fall = fitted_lead(path_before(weekly_use(company.folder), decisions))
    told = company.truth["realised"]["lead_days"]
    assert abs(told["mean"] - company.truth["planted"]["declines"]["lead_days"][0]) < 6
    assert abs(lead - told["median"]) <= 14
    assert fall > 0.25


def test_use_says_nothing_of_decisions_in_no_effect(companies: Callable[[str], Company]) -> None:
    company = companies("no-effect")
    decisions = [(r.account_id, r.decided) for r in company.renewals if not r.renewed]
    path = path_before(weekly_use(company.folder), decisions)
    assert sum(path[-3:]) / sum(path[:3]) > 0.85


@pytest.mark.parametrize("world", sorted(WORLDS))
def test_a_page_tells_people_what_was_planted(small: Callable[[str], Company], world: str) -> None:
    company = small(world)
    text = (company.folder / "TRUTH.md").read_text("utf-8")
    assert f"world `{world}`" in text
    assert WORLDS[world].says in text
    churns = company.truth["realised"]["churns"]["all"]
    assert f"Churns in the window: {churns:,};" in text
    assert ("## Renewal" in text) == (world != "plain")
    assert ("## Faults" in text) == (world == "messy")


@pytest.mark.night
@pytest.mark.parametrize("world", LAWS)
def test_over_many_companies_the_differences_gather_around_the_planted_one(
    tmp_path: Path, world: str
) -> None:
    raw, within = [], []
    for seed in range(20, 32):
        company = made(tmp_path / str(seed), world, accounts=1000, seed=seed)
        planted = company.truth["planted"]["coverage_effect"]
        told = company.truth["realised"]["coverage_delta"]
        raw.append((told["raw"] - planted) / told["raw_error"])
        within.append((told["within_zones"] - planted) / told["within_zones_error"])
    assert abs(sum(within) / len(within)) < 0.9
    assert sum(abs(z) < 1.96 for z in within) >= 9
    if world == "confounded":
        assert min(raw) > 2
    else:
        assert abs(sum(raw) / len(raw)) < 0.9


@pytest.mark.night
def test_the_planted_rates_come_out_in_a_large_company(tmp_path: Path) -> None:
    for world in LAWS:
        company = made(tmp_path / world, world, accounts=2500)
        for arm, kept in (("kept", True), ("unkept", False)):
            cells = company.truth["realised"]["renewal"][arm]["by_zone"]
            for zone, cell in cells.items():
                chance = company.truth["planted"]["renewal"][zone]["kept" if kept else "unkept"]
                error = (chance * (1 - chance) / cell["of"]) ** 0.5
                assert abs(cell["rate"] - chance) < 3.5 * error, (world, zone, arm)
