"""The life of a line: learned, accepted, raising flags that people hold down, taken back, and what it refuses on the way."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from falling_company import START, WEEKS, own_copy

from tenure import Workspace
from tenure.kernel.errors import UnknownName, UserError
from tenure.signals.accepting import to_accept, to_set
from tenure.signals.evidence import MAY_FLAG
from tenure.signals.lines import Line, line_from

JONAS = {"by": "Jonas", "why": "our own exits"}
TODAY = START + timedelta(weeks=WEEKS)
HEALTH = "health_score"


def own(ws: Workspace, account: str = "", *, closed: bool = True) -> list[Any]:
    """Our flags of health, oldest first."""
    found = [f for f in ws.flags(metric=HEALTH, closed=closed) if f.is_ours]
    return [f for f in reversed(found) if not account or f.account_id == account]


def line_of(ws: Workspace, as_of: date | None = None) -> Any:
    return next((one for one in ws.thresholds.in_use(as_of) if one.metric == HEALTH), None)


def later(
    ws: Workspace, days: int, monkeypatch: pytest.MonkeyPatch, weeks: int = 1, **scores: int
) -> Workspace:
    """The workspace so many days after the first; scores of the last weeks came and the history is kept up."""
    day = TODAY + timedelta(days=days)
    monkeypatch.setenv("TENURE_NOW", f"{day}T08:30:00")
    rows = [
        {
            "account_id": a,
            "score_date": str(day - timedelta(days=1 + 7 * back)),
            "score": str(score),
        }
        for a, score in scores.items()
        for back in range(weeks)
    ]
    ws.load({"health_scores": rows}, source="crm")
    ws = Workspace.open(ws.folder)
    ws.refresh(since=START)
    return ws


def test_a_line_lives_from_learning_to_off(
    kept_ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws = kept_ws
    learned = ws.thresholds.learn([HEALTH])[HEALTH]
    accepted = ws.thresholds.accept(HEALTH, **JONAS)
    assert accepted.at_risk == learned.at_risk.lines
    assert accepted.alert_lead is not None, "with a history kept it says how early it warned"
    ws.raise_flags()
    (standing,) = own(ws, "A01", closed=False)
    assert standing.evidence["value"] == 20

    # Held down for four weeks: no flag in the third, another in the sixth, named after another day.
    snoozed = ws.snooze_flag(standing.flag_id, until=TODAY + timedelta(days=28), **JONAS)
    assert (snoozed.ended, snoozed.cleared_on, snoozed.reason_said) == (
        "snoozed", TODAY, "our own exits",
    )  # fmt: skip
    ws = later(ws, 14, monkeypatch, A01=20, A02=75)
    ws.raise_flags()
    assert own(ws, "A01", closed=False) == []
    ws = later(ws, 35, monkeypatch, A01=20, A02=75)
    opened = ws.raise_flags().opened
    (again,) = own(ws, "A01", closed=False)
    assert again.flag_id in opened
    assert again.raised_on > standing.raised_on
    assert (again.evidence["threshold"], again.evidence["origin"]) == ("v1", "learned")
    assert again.severity == "at_risk", "a line that was learned is no mere starting point"

    # Dismissed: down for 90 days, though the health stays where it is.
    ws.dismiss_flag(again.flag_id, **JONAS)
    ws = later(ws, 70, monkeypatch, A01=20, A02=75)
    ws.raise_flags()
    assert own(ws, "A01", closed=False) == []

    # A line set by hand takes the place of the learned one; taken back, what ships is in use.
    ws.thresholds.set(HEALTH, at_risk="<72", exit=">=74", **JONAS)
    ws.raise_flags()
    by_hand = [f for f in own(ws, closed=False) if f.evidence["threshold"] == "v2"]
    assert by_hand
    assert all(f.evidence["value"] < 72 for f in by_hand)
    assert line_of(ws).version == "v2"
    left = ws.thresholds.withdraw(HEALTH, **JONAS)
    assert left is not None
    assert (left.origin, line_of(ws)) == ("preset", left)
    ws.raise_flags()
    ws.thresholds.off(HEALTH, **JONAS)
    ws.raise_flags()
    assert own(ws, closed=False) == []
    assert line_of(ws) is None
    assert {f.ended for f in own(ws)} <= {"recovered", "snoozed", "dismissed", "left", "line_moved"}
    assert [e.kind for e in ws.thresholds.show(HEALTH).entries] == [
        "accepted", "set", "withdrawn", "off",
    ]  # fmt: skip
    # What was in use on an earlier day can still be asked for, and closed flags keep their evidence.
    assert line_of(ws, TODAY).version == "v1"
    assert line_of(ws, TODAY - timedelta(days=1)).origin == "preset"
    assert next(f for f in own(ws) if f.flag_id == again.flag_id).evidence == again.evidence


def test_runs_between_deliveries_end_with_the_flags_of_one_run_at_the_end(
    kept_ws: Workspace, monkeypatch: pytest.MonkeyPatch, falling_kept: Path, tmp_path: Path
) -> None:
    def walked(ws: Workspace, *, between: bool) -> list[dict[str, Any]]:
        monkeypatch.setenv("TENURE_NOW", f"{TODAY}T08:30:00")
        ws.thresholds.set(HEALTH, at_risk="<30", exit=">=35", **JONAS)
        for days, weeks, score in ((14, 2, 90), (28, 2, 10), (42, 2, 10)):
            ws = later(ws, days, monkeypatch, weeks, A01=score, A02=100 - score)
            if between:
                ws.raise_flags()
        ws.raise_flags()
        told = [f.to_dict() for f in own(ws)]
        assert ws.raise_flags().opened == ()
        return told

    often = walked(kept_ws, between=True)
    once = walked(own_copy(falling_kept, tmp_path / "once"), between=False)
    assert often == once
    assert [f["account_id"] for f in often].count("A01") >= 2, "it recovered and fell again"


def test_the_newest_learning_is_what_is_accepted_and_an_older_word_is_kept(ws: Workspace) -> None:
    ws.thresholds.learn([HEALTH])
    first = ws.thresholds.accept(HEALTH, **JONAS)
    ws.thresholds.learn([HEALTH], stream=3)
    second = ws.thresholds.accept(HEALTH, **JONAS)
    learned = [e.turn for e in ws.thresholds.entries() if e.kind == "learned"]
    decided = ws.thresholds.show(HEALTH).entries
    assert [e.content["proposal"] for e in decided] == learned
    assert (first.version, second.version) == ("v1", "v2")
    assert line_of(ws).turn == decided[-1].turn
    # The same learning again is no news, and no other entry.
    ws.thresholds.learn([HEALTH], stream=3)
    assert [e.turn for e in ws.thresholds.entries() if e.kind == "learned"] == learned


def test_a_rejected_proposal_leaves_the_line_and_is_remembered(ws: Workspace) -> None:
    with pytest.raises(UserError) as told:
        ws.thresholds.reject(HEALTH, **JONAS)
    assert told.value.code == "threshold.unlearned"
    before = line_of(ws)
    ws.thresholds.learn([HEALTH])
    ws.thresholds.reject(HEALTH, by="Maya", why="the score changed in May")
    assert line_of(ws) == before
    entry = ws.thresholds.show(HEALTH).entries[-1]
    assert (entry.kind, entry.by_said, entry.why_said) == (
        "rejected", "Maya", "the score changed in May",
    )  # fmt: skip


def test_a_verdict_is_entered_once_and_stands_beside_its_line_and_its_flags(
    kept_ws: Workspace,
) -> None:
    ws = kept_ws
    ws.thresholds.set(HEALTH, at_risk="<30", **JONAS)
    ws.raise_flags()
    (first,) = ws.thresholds.validate(HEALTH)
    assert first.verdict.word in {"holds", "recalibrate", "undecided"}
    assert line_of(ws).review["word"] == first.verdict.word
    ws.thresholds.validate(HEALTH)
    assert [e.kind for e in ws.thresholds.entries()].count("reviewed") == 1
    assert {f.review for f in own(ws) if f.evidence["threshold"] == "v1"} <= {first.verdict.word}
    ws.thresholds.set(HEALTH, at_risk="<31", **JONAS)
    assert line_of(ws).review is None, "a verdict is of a version, and this is another"


def test_decisions_that_cannot_be_are_refused_with_a_remedy_and_nothing_is_entered(
    kept_ws: Workspace,
) -> None:
    ws = kept_ws
    ws.thresholds.off(HEALTH, **JONAS)
    before = ws.thresholds.entries()
    lines, unsigned = ws.thresholds, {"by": " ", "why": "x"}
    refused: list[tuple[str, Any]] = [
        ("decision.unsigned", lambda: lines.accept(HEALTH, **unsigned)),
        ("decision.unsigned", lambda: lines.set(HEALTH, at_risk="<3", by="Jonas", why="")),
        ("decision.unsigned", lambda: lines.withdraw(HEALTH, **unsigned)),
        ("decision.unsigned", lambda: lines.off(HEALTH, **unsigned)),
        ("decision.unsigned", lambda: lines.reject(HEALTH, **unsigned)),
        ("threshold.unlearned", lambda: lines.accept(HEALTH, **JONAS)),
        ("threshold.metric", lambda: lines.accept("nrr", **JONAS)),
        ("threshold.metric", lambda: lines.set("nrr", at_risk="<1", **JONAS)),
        ("threshold.none_in_use", lambda: lines.validate(HEALTH)),
        ("threshold.sides", lambda: lines.set(HEALTH, at_risk="<30", exit="<40", **JONAS)),
        ("threshold.sides", lambda: lines.set(HEALTH, at_risk="<30", exit=">=20", **JONAS)),
        ("threshold.sides", lambda: lines.set(HEALTH, at_risk="<30", healthy=">20", **JONAS)),
        ("line.text", lambda: lines.set(HEALTH, at_risk="30", **JONAS)),
        ("flag.hold", lambda: ws.dismiss_flag("theirs-1", why=" ")),
        ("flag.hold", lambda: ws.dismiss_flag("theirs-1", why="x", until=TODAY)),
        ("flag.hold", lambda: ws.snooze_flag("theirs-1", until=None, why="x")),
        ("flag.theirs", lambda: ws.snooze_flag("theirs-1", until="2027-01-01", why="x")),
        ("flag.pinned", lambda: Workspace.open(ws.folder, snapshot=1).raise_flags()),
    ]
    for code, asked in refused:
        with pytest.raises(UserError) as told:
            asked()
        assert told.value.code == code
        assert told.value.remedy
    with pytest.raises(UnknownName):
        ws.dismiss_flag("tenure:health_score:A99:2026-01-01", why="x")
    assert ws.thresholds.entries() == before


def test_flags_of_a_workspace_without_a_history_say_what_to_do_first(ws: Workspace) -> None:
    with pytest.raises(UserError) as told:
        ws.raise_flags()
    assert "refresh" in told.value.remedy
    assert own(ws) == []
    assert ws.thresholds.entries() == []


def learned(**other: Any) -> dict[str, Any]:
    """What a learning says of one metric, as it stands in the journal."""
    line = {"value": 20.0, "sign": "<"}
    return {
        "status": "accepted",
        "sentence": "It separates.",
        "by": "",
        "at_risk": {"lines": [line], "all_of": False},
        "healthy": {"lines": [{"value": 40.0, "sign": ">="}]},
        "exit": {"value": 25.0, "sign": ">="},
    } | other


def test_only_words_that_may_flag_are_accepted_and_a_proxy_by_name(ws: Workspace) -> None:
    statuses = {
        "accepted", "provisional", "insufficient_events", "insufficient_coverage", "constant",
        "no_separation", "direction_conflict", "weak_signal", "confounded", "proxy", "preset",
    }  # fmt: skip
    assert set(MAY_FLAG) <= statuses
    for status in statuses:
        said = learned(status=status, by="logins")
        if status in MAY_FLAG:
            assert to_accept("m", said, proxy=False)["at_risk"] == [{"value": 20.0, "sign": "<"}]
            continue
        with pytest.raises(UserError) as told:
            to_accept("m", said, proxy=False)
        assert told.value.code == ("threshold.proxy" if status == "proxy" else "threshold.refused")
        assert "It separates." in told.value.what
    assert to_accept("m", learned(status="proxy"), proxy=True)["exits"] == [
        {"value": 25.0, "sign": ">="}
    ]


def test_a_risk_between_two_values_has_no_line_that_flags_can_follow() -> None:
    both = [{"value": 10.0, "sign": ">="}, {"value": 20.0, "sign": "<="}]
    for at_risk in ({"lines": both, "all_of": True}, {"lines": [], "all_of": False}):
        with pytest.raises(UserError) as told:
            to_accept("m", learned(at_risk=at_risk), proxy=False)
        assert told.value.code == "threshold.between"


def test_a_flag_closes_at_the_exit_learned_where_it_fits_and_at_the_line_otherwise() -> None:
    assert to_accept("m", learned(), proxy=False)["exits"] == [{"value": 25.0, "sign": ">="}]
    at_the_line = [{"value": 20.0, "sign": ">="}]
    for leave in (None, {"value": 15.0, "sign": ">="}, {"value": 25.0, "sign": "<"}):
        assert to_accept("m", learned(exit=leave), proxy=False)["exits"] == at_the_line
    band = [{"value": 20.0, "sign": "<"}, {"value": 80.0, "sign": ">"}]
    told = to_accept("m", learned(at_risk={"lines": band, "all_of": False}), proxy=False)
    assert told["exits"] == [{"value": 20.0, "sign": ">="}, {"value": 80.0, "sign": "<="}]
    assert to_set("m", Line(3, ">"), None, None)["exits"] == [{"value": 3, "sign": "<="}]


@pytest.mark.parametrize("text", ["20", "<", "< twenty", "=>20", "", "<>20"])
def test_a_line_that_cannot_be_read_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UserError) as told:
        line_from(text)
    assert told.value.code == "line.text"
    assert '"<20"' in told.value.remedy
