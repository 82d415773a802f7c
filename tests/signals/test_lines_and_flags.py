"""From a line to flags: nothing is in use without a decision, decisions are kept, flags are facts and never rewritten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from falling_company import START, WEEKS
from typer.testing import CliRunner

from tenure import Workspace
from tenure.cli.app import app
from tenure.kernel.errors import UserError


def line_of(ws: Workspace, metric: str = "health_score") -> Any:
    return next(line for line in ws.thresholds.in_use() if line.metric == metric)


def test_a_starting_point_is_in_use_until_somebody_decides(ws: Workspace) -> None:
    assert (line_of(ws).origin, line_of(ws).version) == ("preset", "preset")
    found = ws.thresholds.learn(["health_score"])
    assert found["health_score"].status in ("accepted", "provisional")
    assert line_of(ws).origin == "preset", "learning alone changes nothing"
    accepted = ws.thresholds.accept("health_score", by="Jonas", why="our own exits")
    assert (accepted.origin, accepted.version, accepted.by_said) == ("learned", "v1", "Jonas")
    assert Workspace.open(ws.lake.root.parent).thresholds.in_use() == ws.thresholds.in_use()


def test_a_decision_carries_who_when_why_and_the_evidence(ws: Workspace) -> None:
    ws.thresholds.learn(["health_score"], stream=5)
    ws.thresholds.accept("health_score", by="Jonas", why="our own exits")
    entry = ws.thresholds.show("health_score").entries[-1]
    assert (entry.kind, entry.by_said, entry.why_said) == ("accepted", "Jonas", "our own exits")
    assert str(entry.entered_at.date()) == str(START + timedelta(weeks=WEEKS))
    assert line_of(ws).evidence["evidence"]["snapshot"] == ws.snapshot.number
    assert line_of(ws).evidence["evidence"]["stream"] == 5


def test_what_carries_no_alert_cannot_be_accepted_and_the_refusal_says_why(ws: Workspace) -> None:
    with pytest.raises(UserError, match="Nothing has been learned"):
        ws.thresholds.accept("health_score", by="Jonas", why="x")
    ws.thresholds.learn(["arr_in_force", "health_score"])
    with pytest.raises(UserError, match="no line to accept"):
        ws.thresholds.accept("arr_in_force", by="Jonas", why="x")
    with pytest.raises(UserError, match="needs a reason"):
        ws.thresholds.accept("health_score", by="Jonas", why=" ")
    assert [e.kind for e in ws.thresholds.entries()] == ["learned"]


def test_a_withdrawn_decision_leaves_the_starting_point_and_off_leaves_nothing(
    ws: Workspace,
) -> None:
    ws.thresholds.set("health_score", at_risk="<25", by="Jonas", why="tighter")
    assert (line_of(ws).origin, line_of(ws).at_risk[0].value) == ("set", 25)
    ws.thresholds.withdraw("health_score", by="Jonas", why="too tight")
    assert line_of(ws).origin == "preset"
    ws.thresholds.off("health_score", by="Jonas", why="a new score comes")
    assert "health_score" not in [line.metric for line in ws.thresholds.in_use()]


def raised(ws: Workspace, closed: bool = True) -> dict[str, Any]:
    return {f.flag_id: f for f in ws.flags(metric="health_score", closed=closed) if f.is_ours}


def test_flags_raised_twice_are_the_same_flags_and_one_is_open_per_account(
    kept_ws: Workspace,
) -> None:
    kept_ws.thresholds.set("health_score", at_risk="<30", by="Jonas", why="seen")
    first = kept_ws.raise_flags()
    before = {name: f.to_dict() for name, f in raised(kept_ws).items()}
    again = kept_ws.raise_flags()
    assert first.opened
    assert (again.opened, again.closed) == ((), ())
    assert {name: f.to_dict() for name, f in raised(kept_ws).items()} == before
    still = [f.account_id for f in raised(kept_ws, closed=False).values()]
    assert len(still) == len(set(still))
    assert "A01" in still, "it fell six weeks ago and has not left"
    for flag in raised(kept_ws).values():
        assert (
            flag.evidence["threshold"] == line_of(kept_ws).version
            or flag.evidence["origin"] == "preset"
        )


def test_flags_of_another_system_stay_as_they_came(kept_ws: Workspace) -> None:
    kept_ws.raise_flags()
    theirs = [f for f in kept_ws.flags() if not f.is_ours]
    assert [(f.flag_id, f.reason) for f in theirs] == [("theirs-1", "Sponsor left")]
    with pytest.raises(UserError, match="another system"):
        kept_ws.dismiss_flag("theirs-1", why="known")


def test_a_line_that_moves_rewrites_no_flag_of_the_past(kept_ws: Workspace) -> None:
    kept_ws.raise_flags()
    before = {n: (f.raised_on, f.evidence) for n, f in raised(kept_ws).items()}
    kept_ws.thresholds.set("health_score", at_risk="<5", by="Jonas", why="nobody is this low")
    kept_ws.raise_flags()
    after = raised(kept_ws)
    assert {n: (f.raised_on, f.evidence) for n, f in after.items()} == before
    assert not [f for f in after.values() if f.cleared_on is None]


def test_a_dismissed_flag_keeps_its_reason_and_does_not_come_back_the_next_week(
    kept_ws: Workspace,
) -> None:
    kept_ws.thresholds.set("health_score", at_risk="<30", by="Jonas", why="seen")
    kept_ws.raise_flags()
    flag = next(f for f in raised(kept_ws, closed=False).values() if f.account_id == "A01")
    assert (
        kept_ws.dismiss_flag(flag.flag_id, why="a pilot that ended", by="Jonas").ended
        == "dismissed"
    )
    assert kept_ws.raise_flags().opened == ()
    told = kept_ws.thresholds.show("health_score").flags
    assert told["reasons_said"] == {"a pilot that ended": 1}
    with pytest.raises(UserError, match="was closed"):
        kept_ws.dismiss_flag(flag.flag_id, why="again")


def test_the_commands_say_in_words_what_is_in_use_and_who_decided(ws: Workspace) -> None:
    folder = str(ws.lake.root.parent)

    def told(*words: str) -> str:
        done = CliRunner().invoke(app, [*words, "-w", folder])
        assert done.exit_code == 0, done.output
        return done.output

    assert "health_score" in told("thresholds", "show")
    told("thresholds", "learn", "--metrics", "health_score")
    assert "(v1, Jonas)" in told(
        "thresholds", "accept", "health_score", "--by", "Jonas", "--why", "ours"
    )
    assert "by Jonas: ours" in told("thresholds", "show", "health_score")
    assert "raises no flags now" in told(
        "thresholds", "off", "sentiment", "--by", "Jonas", "--why", "x"
    )
    told("refresh", "--since", str(START))
    assert "opened" in told("flags", "raise")
    assert "flag" in told("flags", "list", "--metric", "health_score")
    assert "health_score" in told("thresholds", "validate", "health_score")
