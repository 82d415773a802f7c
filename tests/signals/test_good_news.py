"""Growth and advocacy: labelled by what accounts did, learned as churn is, told as good news, flagged as a chance."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tenure import Workspace
from tenure.cli.app import app
from tenure.kernel.errors import UnknownName, UserError
from tenure.signals import Config

START, WEEKS = date(2025, 1, 5), 70
SHORT = Config(horizon_days=56)


def grows_in(n: int) -> date | None:
    return START + timedelta(weeks=24 + n) if n % 3 == 0 else None


def company() -> dict[str, list[dict[str, Any]]]:
    """45 accounts; every third one's health rises to 95 ten weeks before it buys more and gives a reference.

    A01's has risen lately; it has bought nothing yet.
    """
    found: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("accounts", "contract_lines", "health_scores", "advocacy_events")
    }
    for n in range(45):
        account, grew = f"A{n:02}", grows_in(n)
        segment = "enterprise" if n % 2 else "smb"
        found["accounts"].append(
            {"account_id": account, "start_date": str(START), "segment": segment}
        )
        line = {"line_id": f"L{n}", "account_id": account, "arr": "1200", "start_date": str(START)}
        found["contract_lines"].append(line)
        if grew:
            found["contract_lines"].append(line | {"line_id": f"M{n}", "start_date": str(grew)})
            found["advocacy_events"].append(act(n, account, "reference_call", "completed", grew))
        for week in range(WEEKS):
            day = START + timedelta(weeks=week)
            high = grew is not None and 0 < (grew - day).days <= 70
            high = high or (n == 1 and week >= WEEKS - 6)
            score = 95 if high else 60 + (n * 7 + week) % 9
            found["health_scores"].append(
                {"account_id": account, "score_date": str(day), "score": str(score)}
            )
    return found


def act(n: int, account: str, kind: str, status: str, day: date) -> dict[str, Any]:
    words = {"account_id": account, "event_type": kind, "status": status}
    return {"event_id": f"E{n}-{kind}-{day}", "event_date": str(day), **words}


def opened(folder: Path, facts: dict[str, list[dict[str, Any]]]) -> Workspace:
    made = Workspace.create(folder)
    made.load(facts, source="crm")
    settings = folder / "tenure.toml"
    settings.write_text(settings.read_text() + "\n[sources.crm]\nbackfill_trusted = true\n")
    return Workspace.open(folder)


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("TENURE_NOW", f"{START + timedelta(weeks=WEEKS)}T08:30:00")
    return opened(tmp_path / "w", company())


def rows_of(ws: Workspace, asked: str) -> list[dict[str, Any]]:
    return ws.panel(["health_score"], horizon_days=56, asked=asked)


def test_a_panel_of_growth_says_who_bought_more_in_the_window_and_keeps_who_did_before(
    ws: Workspace,
) -> None:
    rows = rows_of(ws, "grow")
    for row in rows:
        grew = grows_in(int(row["account"][1:]))
        inside = grew is not None and row["as_of"] < grew <= row["as_of"] + timedelta(days=56)
        assert row["expanded"] == int(inside), row
    assert sum(row["expanded"] for row in rows) >= 10
    assert {row["account"] for row in rows if row["as_of"] > date(2026, 1, 1)} >= {"A00", "A03"}


def test_a_panel_of_advocacy_leaves_out_who_is_an_advocate_already_and_counts_them(
    ws: Workspace,
) -> None:
    rows = ws.panel(["health_score"], horizon_days=56, asked="advocate")
    assert rows.ledger.excluded["already_advocate"] > 0
    assert rows.ledger.came == len(rows) + sum(rows.ledger.excluded.values())
    for row in rows:
        acted = grows_in(int(row["account"][1:]))
        assert acted is None or row["as_of"] < acted
    assert sum(row["advocated"] for row in rows) >= 8


def test_a_ramp_step_a_price_in_another_currency_and_a_return_are_no_expansion(
    tmp_path: Path,
) -> None:
    facts = company()
    grew = grows_in(0)
    assert grew is not None
    lines = facts["contract_lines"]
    for line in lines:
        if line["line_id"] == "M0":
            line["reason"] = "ramp"
        if line["line_id"] == "L3":
            line["end_date"] = str(grows_in(3))
        if line["line_id"] == "M3":
            line["currency"] = "EUR"
        if line["line_id"] == "L6":
            line["end_date"] = str(START + timedelta(weeks=12))
        if line["line_id"] == "M6":
            line["arr"] = "9000"
    found = rows_of(opened(tmp_path / "w", facts), "grow")
    grown = {row["account"] for row in found if row["expanded"]}
    assert "A09" in grown
    assert not grown & {"A00", "A03", "A06"}


def test_what_was_won_before_the_landmark_is_left_out_and_counts_on_the_day_it_was_won(
    tmp_path: Path,
) -> None:
    facts = company()
    won = {n: day - timedelta(days=60) for n in range(45) if (day := grows_in(n))}
    facts["opportunities"] = [
        {
            "opportunity_id": f"O{n}", "account_id": f"A{n:02}", "opportunity_type": "expansion",
            "stage": "closed_won", "amount_arr": "1200", "close_date": str(day),
            "created_date": str(day - timedelta(days=30)),
        }
        for n, day in won.items()
    ]  # fmt: skip
    rows = opened(tmp_path / "w", facts).panel(["health_score"], horizon_days=56, asked="grow")
    assert rows.ledger.excluded["already_decided"] > 0
    for row in rows:
        day = won.get(int(row["account"][1:]))
        inside = day is not None and row["as_of"] < day <= row["as_of"] + timedelta(days=56)
        assert row["expanded"] == int(inside), row


@pytest.mark.parametrize(
    ("asked", "did", "zone"),
    [("grow", "expanded", "expansion-ready"), ("advocate", "became advocates", "advocacy-ready")],
)
def test_what_is_learned_of_good_news_lies_on_the_high_side_and_is_told_as_good_news(
    ws: Workspace, asked: str, did: str, zone: str
) -> None:
    found = ws.learn_thresholds(["health_score"], asked=asked, config=SHORT)
    health = found["health_score"]
    assert health.status in ("accepted", "provisional")
    assert (health.direction, health.at_risk.lines[0].below) == ("high", False)
    assert 68 < health.at_risk.lines[0].value < 95
    assert health.zone_words["at_risk"] == zone
    assert found.says == f"The metric tells accounts that {did} from the others."
    told = " ".join([health.sentence, health.badge_says, found.says]).lower()
    assert "churn" not in told
    assert "risk" not in told


def test_acts_that_were_only_agreed_and_surveys_make_no_advocate(tmp_path: Path) -> None:
    facts = company()
    for row in facts["advocacy_events"]:
        row["status"] = "agreed"
    facts["survey_responses"] = [
        {"response_id": f"S{n}", "account_id": f"A{n:02}", "survey_type": "nps", "score": "10",
         "scale_min": "0", "scale_max": "10", "response_date": "2025-06-01"}
        for n in range(45)
    ]  # fmt: skip
    found = rows_of(opened(tmp_path / "w", facts), "advocate")
    assert sum(row["advocated"] for row in found) == 0


def test_without_any_record_of_advocacy_the_question_is_refused(tmp_path: Path) -> None:
    facts = company()
    del facts["advocacy_events"]
    with pytest.raises(UserError, match="nobody can know who became an advocate") as caught:
        rows_of(opened(tmp_path / "w", facts), "advocate")
    assert "surveys does not stand in" in caught.value.remedy


def test_too_few_expansions_are_refused_with_how_many_are_missing(tmp_path: Path) -> None:
    facts = company()
    kept = {f"M{n}" for n in (3, 9, 15)}
    lines = facts["contract_lines"]
    facts["contract_lines"] = [r for r in lines if r["line_id"][0] == "L" or r["line_id"] in kept]
    found = opened(tmp_path / "w", facts).learn_thresholds(
        ["health_score"], asked="grow", config=SHORT
    )
    told = found["health_score"]
    assert told.status == "insufficient_events"
    assert told.sentence.startswith("You have 3 expansions with this metric recorded. 7 more give")


@pytest.mark.parametrize("how", [{"anchor": "renewal"}, {"churn_from": "statements"}])
def test_growth_is_not_asked_of_renewals_or_of_statements_of_churn(
    ws: Workspace, how: dict[str, str]
) -> None:
    with pytest.raises(UserError, match="speaks of who left"):
        ws.learn_thresholds(["health_score"], asked="grow", **how)  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="churned"):
        ws.learn_thresholds(["health_score"], asked="grow", label="churned")


def on(monkeypatch: pytest.MonkeyPatch, week: int) -> None:
    monkeypatch.setenv("TENURE_NOW", f"{START + timedelta(weeks=week)}T08:30:00")


def test_a_line_of_growth_stands_beside_that_of_the_risk_and_raises_hints_that_are_no_risk(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, 40)
    ws.thresholds.learn(["health_score"], asked="grow", config=SHORT)
    with pytest.raises(UserError, match="Nothing has been learned"):
        ws.thresholds.accept("health_score", by="Ana", why="a risk was not learned")
    line = ws.thresholds.accept("health_score", asked="grow", by="Ana", why="seen")
    assert (line.version, line.zone, line.asked) == ("grow v1", "expansion-ready", "grow")
    own = [one for one in ws.thresholds.in_use() if one.metric == "health_score"]
    assert [(one.asked, one.origin) for one in own] == [("renew", "preset"), ("grow", "learned")]
    on(monkeypatch, WEEKS)
    ws.refresh(since=START)
    first = ws.raise_flags()
    hints = ws.flags(asked="grow", closed=True)
    assert hints
    assert {f.account_id for f in hints} <= {"A01", *(f"A{n:02}" for n in range(0, 45, 3))}
    assert [f.account_id for f in ws.flags(asked="grow")] == ["A01"]
    assert all(
        "expansion-ready above" in f.reason or "expansion-ready at" in f.reason for f in hints
    )
    assert all(f.severity == "" and f.evidence["zone_entered"] == "expansion-ready" for f in hints)
    assert {f.ended for f in hints if f.cleared_on} == {"passed"}
    assert ws.flags(asked="renew", metric="health_score", closed=True) == []
    assert "A01" not in ws.metric("retention_risk").components["accounts"]
    again = ws.raise_flags()
    assert first.opened
    assert (again.opened, again.closed) == ((), ())
    shown = ws.thresholds.show("health_score", asked="grow")
    assert shown.flags["outcomes"]["expanded"] > 0
    assert set(shown.flags["outcomes"]) == {"expanded", "did not expand", "not yet known"}


def test_a_hint_is_dismissed_without_touching_the_risk_of_the_same_metric(ws: Workspace) -> None:
    ws.thresholds.set("health_score", at_risk=">90", asked="grow", by="Ana", why="seen")
    ws.thresholds.set("health_score", at_risk="<99", by="Ana", why="everybody, for this test")
    ws.refresh(since=START + timedelta(weeks=50))
    ws.raise_flags()
    hint = ws.flags(asked="grow")[0]
    risks = len(ws.flags(asked="renew"))
    both = {f.account_id for f in ws.flags(asked="renew", metric="health_score")}
    assert hint.account_id in both, "at risk and ready at once shows both"
    ws.dismiss_flag(hint.flag_id, why="no budget this year")
    assert hint.flag_id not in {f.flag_id for f in ws.flags(asked="grow")}
    assert len(ws.flags(asked="renew")) == risks
    ws.raise_flags()
    assert hint.account_id not in {f.account_id for f in ws.flags(asked="grow")}


def test_what_customers_say_alone_never_marks_who_is_ready_to_advocate(ws: Workspace) -> None:
    with pytest.raises(UserError, match="that alone marks no advocate"):
        ws.thresholds.set("sentiment", at_risk=">0.5", asked="advocate", by="Ana", why="happy")
    line = ws.thresholds.set("sentiment", at_risk=">0.5", asked="grow", by="Ana", why="happy")
    assert line.zone == "expansion-ready"


def test_a_review_of_a_line_of_growth_speaks_of_expansion(ws: Workspace) -> None:
    ws.thresholds.set("health_score", at_risk=">90", asked="grow", by="Ana", why="seen")
    (own,) = [r for r in ws.thresholds.validate("health_score") if r.asked == "grow"]
    assert own.version == "grow v1"
    assert "expan" in own.says
    assert "left" not in own.says
    assert "churn" not in own.says


def test_the_command_line_learns_accepts_and_shows_growth(ws: Workspace) -> None:
    run, at = CliRunner(), ["-w", str(ws.folder)]
    told = run.invoke(
        app, ["thresholds", "learn", *at, "--asked", "grow", "--metrics", "health_score"]
    )
    assert told.exit_code == 0, told.output
    assert "expan" in told.output
    set_ = ["thresholds", "set", "health_score", *at, "--asked", "grow", "--at-risk", ">90"]
    said = run.invoke(app, [*set_, "--by", "Ana", "--why", "seen"])
    assert (
        "health_score expansion-ready above 90; a flag closes at or below 90 (grow v1, Ana)"
        in said.output
    )
    shown = run.invoke(app, ["thresholds", "show", "health_score", *at]).output
    assert "at risk below 50" in shown
    assert "(`health_score`), growth" in shown
    assert "expansion-ready above 90" in shown
