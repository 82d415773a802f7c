"""Health, back-test and forecast on a workspace: learned where outcomes allow, opinions otherwise, only what was known then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tenure import Workspace
from tenure.kernel.errors import UnknownName, UserError
from tenure.kernel.unknown import Unknown
from tenure.signals.health_score.standing import Standings

START, LAST = date(2023, 1, 1), date(2025, 12, 28)
SILENT = timedelta(days=150)
METRICS = ["days_since_last_touch", "arr_in_force"]


def facts(accounts: int = 90, leavers: int = 3) -> dict[str, list[dict[str, Any]]]:
    """Yearly contracts; every third account is met no more 150 days before its second renewal, and is lost at it.

    Their CSMs see nothing coming in half of them, and every fifth account that stays shrinks by half.
    """
    found: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("accounts", "contracts", "contract_lines", "activities", "health_scores")
    }  # fmt: skip
    for n in range(accounts):
        account, begun = f"A{n:02}", START + timedelta(days=11 * (n % 30))
        lost = begun + timedelta(days=730) if leavers and n % leavers == 0 else None
        found["accounts"].append({"account_id": account, "name": f"Firm {n}", "start_date": str(begun), "segment": ("smb", "enterprise")[n % 2]})  # fmt: skip
        for year in range(2 if lost else 3):
            start, end = begun + timedelta(days=365 * year), begun + timedelta(days=365 * (year + 1))  # fmt: skip
            contract = f"C{n}-{year}"
            found["contracts"].append({
                "contract_id": contract, "account_id": account, "start_date": str(start), "end_date": str(end),
                "renews_contract_id": f"C{n}-{year - 1}" if year else "", "status": "cancelled" if lost and year == 1 else "active",
            })  # fmt: skip
            arr = 600 if n % 5 == 1 and year == 2 else 1200
            found["contract_lines"].append({
                "line_id": f"L{n}-{year}", "contract_id": contract, "account_id": account, "arr": str(arr),
                "start_date": str(start), "end_date": str(end),
            })  # fmt: skip
        for place, day in enumerate(_days(begun, lost)):
            if not lost or day < lost - SILENT:
                found["activities"].append({
                    "activity_id": f"T{n}-{place}", "account_id": account, "activity_type": "meeting",
                    "occurred_at": f"{day}T10:00:00Z", "status": "completed", "direction": "two_way",
                })  # fmt: skip
            if place % 3 == 0:
                seen = lost and n % 2 and day > lost - SILENT
                found["health_scores"].append({"account_id": account, "score_date": str(day), "score": "20" if seen else str(60 + n % 30)})  # fmt: skip
    return found


def _days(begun: date, lost: date | None) -> Iterator[date]:
    day = begun
    while day <= LAST and (lost is None or day < lost):
        yield day
        day += timedelta(days=14)


def made(folder: Path, rows: dict[str, list[dict[str, Any]]], settings: str = "") -> Workspace:
    ws = Workspace.create(folder)
    ws.load(rows, source="crm")
    file = folder / "tenure.toml"
    file.write_text(f"{settings}{file.read_text()}\n[sources.crm]\nbackfill_trusted = true\n")
    return Workspace.open(folder)


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return made(tmp_path_factory.mktemp("scores") / "w", facts())


@pytest.fixture(scope="module")
def stood(ws: Workspace) -> Standings:
    found = ws.health(metrics=METRICS)
    assert isinstance(found, Standings)
    return found


def test_the_renewal_panel_holds_what_was_planted(ws: Workspace) -> None:
    rows = ws.panel(METRICS, anchor="renewal")
    assert rows.ledger.kept + sum(rows.ledger.excluded.values()) == rows.ledger.came
    assert len(rows) == rows.ledger.kept
    second = [row for row in rows if row["index"] == 2]
    assert all(row["churned"] == int(int(row["account"][1:]) % 3 == 0) for row in second)
    assert {row["account"] for row in rows if row["downsold"]} == {
        f"A{n:02}" for n in range(90) if n % 5 == 1 and n % 3
    }
    for row in rows:
        assert row["as_of"] == row["due"] - timedelta(days=90)
        assert 0 <= (row["as_of"] - row["read_on"]).days < 28
    silent = [r["days_since_last_touch"] for r in second if r["churned"]]
    met = [r["days_since_last_touch"] for r in second if not r["churned"]]
    assert min(silent) > max(met)


def test_thresholds_are_learned_at_renewals_too(ws: Workspace) -> None:
    found = ws.learn_thresholds(["days_since_last_touch"], anchor="renewal")
    assert found["days_since_last_touch"].status in ("accepted", "provisional")
    assert found.ledger.kept + sum(found.ledger.excluded.values()) == found.ledger.came
    shrank = ws.learn_thresholds(["days_since_last_touch"], anchor="renewal", label="downsold")
    assert shrank["days_since_last_touch"].evidence.events == 12, "every fifth account that stays"
    with pytest.raises(UnknownName, match="downsold"):
        ws.learn_thresholds(["days_since_last_touch"], label="downsold")
    with pytest.raises(UnknownName, match="weekly"):
        ws.panel(METRICS, anchor="weekly")


def test_points_add_up_to_every_score(stood: Standings) -> None:
    assert stood.health.model.stage.is_learned
    assert len(stood.accounts) == 60
    for one in stood.accounts:
        scored = one.scored
        assert not isinstance(scored.score, Unknown)
        points = [part.points for part in scored.parts]
        if None not in points:
            assert scored.healthy_score + sum(p for p in points if p is not None) == scored.score
    scores = [one.scored.score for one in stood.accounts]
    assert scores == sorted(scores), "the riskiest first"  # type: ignore[type-var]


def test_the_teams_score_stands_beside_and_never_in_it(stood: Standings, ws: Workspace) -> None:
    assert {one.metric for one in stood.health.learned.inputs} <= set(METRICS)
    assert all(one.scored.said for one in stood.accounts)
    asked = ws.health(metrics=[*METRICS, "health_score"], check=False)
    assert isinstance(asked, Standings)
    assert "health_score" not in {one.metric for one in asked.health.learned.inputs}
    assert [a.scored.score for a in asked.accounts] == [a.scored.score for a in stood.accounts]


def test_later_facts_change_nothing_as_known_then(tmp_path: Path) -> None:
    rows, day = facts(), "2025-06-30"
    ws = made(tmp_path / "w", {name: [r for r in own if _when(name, r) <= day] for name, own in rows.items()})  # fmt: skip
    before = ws.health(day, METRICS, check=False)
    assert isinstance(before, Standings)
    ws.load({"activities": [r for r in rows["activities"] if r["occurred_at"][:10] > day]}, source="crm")  # fmt: skip
    after = Workspace.open(tmp_path / "w").health(day, METRICS, check=False)
    assert isinstance(after, Standings)
    assert [a.to_dict() for a in before.accounts] == [a.to_dict() for a in after.accounts]


def _when(name: str, row: dict[str, Any]) -> str:
    column = {"activities": "occurred_at", "health_scores": "score_date"}.get(name)
    return str(row[column])[:10] if column else ""


def test_a_source_that_stopped_taints_every_score_that_weighs_it(tmp_path: Path) -> None:
    rows = facts()
    rows["activities"] = [r for r in rows["activities"] if r["occurred_at"][:10] <= "2025-10-15"]
    found = made(tmp_path / "w", rows).health(metrics=METRICS, check=False)
    assert isinstance(found, Standings)
    assert "says nothing after 2025-10-1" in found.late["days_since_last_touch"]
    assert all(one.taint == ("days_since_last_touch",) for one in found.accounts)
    held = [one for one in found.accounts if one.scored.holds]
    assert held, "the score of mid October holds"
    assert all(isinstance(one.scored.p, Unknown) for one in found.accounts)


def test_too_few_events_make_an_opinion_with_the_presets_weights(tmp_path: Path) -> None:
    ws = made(tmp_path / "w", facts(accounts=30, leavers=9), 'business_model = "plg"\n')
    found = ws.health(metrics=METRICS)
    assert isinstance(found, Unknown)
    assert "No metric can enter" in found.says, (
        "none of the preset's metrics is among those asked for"
    )
    by_hand = ws.health(metrics=METRICS, weights={"days_since_last_touch": 2.0})
    assert isinstance(by_hand, Standings)
    assert "An opinion, not validated: " in by_hand.says
    assert "more, and a probability can be shown" in by_hand.says
    assert all(isinstance(one.scored.p, Unknown) for one in by_hand.accounts)
    assert by_hand.verdict is None
    assert not by_hand.published
    untold = ws.backtest(METRICS)
    assert isinstance(untold, Unknown)
    assert "needed" in untold.says


def test_the_past_is_told_and_judged(ws: Workspace) -> None:
    found = ws.backtest(METRICS, capacity=5)
    if isinstance(found, Unknown):
        assert "needed" in found.says
        return
    assert found.line("learned score").auc.estimate > 0.6
    assert found.verdict.says


def test_the_coming_quarters_are_told(ws: Workspace) -> None:
    told = ws.forecast("2025-06-30", METRICS, target=0.9)
    assert not isinstance(told, Unknown)
    assert [one.period for one in told.quarters] == ["2025-Q3", "2025-Q4"]
    for quarter in told.quarters:
        assert not isinstance(quarter.forecast, Unknown)
        assert 0 <= quarter.forecast.grr.p10 <= quarter.forecast.grr.p90 <= 1
        assert quarter.renewals > 9
    json.dumps(told.to_dict())
    with pytest.raises(UserError, match="7 quarters"):
        ws.forecast(quarters=7)
    with pytest.raises(UserError, match="no share"):
        ws.forecast(target=90)


def test_kept_scores_are_what_was_told_with_points_that_add_up(
    stood: Standings, tmp_path: Path
) -> None:
    from tenure.workspace.kept_scores import keep_scores, kept_scores

    assert kept_scores(tmp_path) is None
    keep_scores(tmp_path, stood)
    kept = kept_scores(tmp_path)
    assert kept is not None

    assert (kept.says, kept.is_learned, kept.is_published) == (
        stood.says,
        stood.health.model.stage.is_learned,
        stood.published,
    )
    for one in stood.accounts:
        own = kept.accounts[one.scored.account]
        assert (own.score, own.healthy) == (one.scored.score, one.scored.healthy_score)
        assert own.parts == [(p.metric, p.points) for p in one.scored.parts]
        assert own.adds_up == all(p.points is not None for p in one.scored.parts)
    assert any(own.adds_up for own in kept.accounts.values())
    (tmp_path / "kept_scores.json").write_text("[]")
    with pytest.raises(UserError, match="does not hold scores"):
        kept_scores(tmp_path)
