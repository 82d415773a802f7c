"""A segment's own line goes before the general one for its accounts, and for nobody else."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure import Workspace
from tenure.kernel.errors import UnknownName
from tenure.signals import Config
from tenure.signals.in_use import Stage, in_segment

START, WEEKS = date(2025, 1, 5), 60


def company() -> dict[str, list[dict[str, Any]]]:
    """60 accounts in two segments; who leaves falls ten weeks before, in enterprise to 60 and in smb to 20."""
    found: dict[str, list[dict[str, Any]]] = {
        "accounts": [],
        "contract_lines": [],
        "health_scores": [],
    }
    for n in range(60):
        account, segment = f"A{n:02}", "enterprise" if n % 2 else "smb"
        left = START + timedelta(weeks=12 + n * 45 // 60) if n % 5 < 2 else None
        found["accounts"].append(
            {"account_id": account, "start_date": "2024-01-01", "segment": segment}
        )
        line = {"line_id": f"L{n}", "account_id": account, "arr": "1200", "start_date": str(START)}
        found["contract_lines"].append(line | ({"end_date": str(left)} if left else {}))
        for week in range(WEEKS):
            day = START + timedelta(weeks=week)
            if left and day >= left:
                break
            falls = left is not None and (left - day).days <= 70
            usual = 75 if n % 2 else 50
            score = usual - (15 if n % 2 else 30) if falls else usual + (n * 7 + week) % 9
            found["health_scores"].append(
                {"account_id": account, "score_date": str(day), "score": str(score)}
            )
    return found


def on(monkeypatch: pytest.MonkeyPatch, week: int) -> None:
    monkeypatch.setenv("TENURE_NOW", f"{START + timedelta(weeks=week)}T08:30:00")


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    on(monkeypatch, WEEKS)
    made = Workspace.create(tmp_path / "w")
    made.load(company(), source="crm")
    settings = tmp_path / "w" / "tenure.toml"
    settings.write_text(settings.read_text() + "\n[sources.crm]\nbackfill_trusted = true\n")
    return Workspace.open(tmp_path / "w")


def lines(ws: Workspace) -> dict[str, str]:
    own = [one for one in ws.thresholds.in_use(asked="renew") if one.metric == "health_score"]
    return {one.segment: one.version for one in own}


def flagged(ws: Workspace, *, closed: bool = False) -> dict[str, str]:
    """By account the version of the line under which its flag opened."""
    own = [f for f in ws.flags(metric="health_score", closed=closed) if f.is_ours]
    return {f.account_id: str(f.evidence["threshold"]) for f in own}


def test_a_segment_learns_a_line_of_its_own_and_its_accounts_only_are_in_the_ledger(
    ws: Workspace,
) -> None:
    found = ws.thresholds.learn(
        ["health_score"], segment="enterprise", config=Config(horizon_days=56, min_nonevents=10)
    )
    assert found.ledger.excluded["other_segment"] > 0
    assert set(found.panel.segments) == {"enterprise"}
    line = ws.thresholds.accept(
        "health_score", segment="enterprise", by="Jonas", why="enterprise sits higher"
    )
    assert line.at_risk[0].value > 55
    assert lines(ws) == {"": "preset", "enterprise": "v1 for enterprise"}


def test_what_was_learned_in_a_segment_is_no_proposal_for_all(ws: Workspace) -> None:
    ws.thresholds.learn(["health_score"], segment="smb", config=Config(horizon_days=56))
    assert ws.thresholds.show("health_score").proposal is None
    assert ws.thresholds.show("health_score", segment="smb").proposal is not None
    assert [one.segment for one in ws.thresholds.shown("health_score")] == ["", "smb"]


def test_flags_of_a_segment_go_by_its_own_line_and_all_others_by_the_general_one(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, 0)
    ws.thresholds.set("health_score", at_risk="<30", by="Jonas", why="general")
    ws.thresholds.set(
        "health_score", at_risk="<65", segment="enterprise", by="Jonas", why="sits higher"
    )
    on(monkeypatch, WEEKS)
    ws.refresh(since=START)
    ws.raise_flags()
    found = flagged(ws, closed=True)
    versions = {("enterprise" if int(a[1:]) % 2 else "smb"): v for a, v in found.items()}
    assert versions == {"enterprise": "v1 for enterprise", "smb": "v1"}
    assert set(found) == {f"A{n:02}" for n in range(60) if n % 5 < 2}
    again = ws.raise_flags()
    assert (again.opened, again.closed) == ((), ())


def test_a_segment_switched_off_raises_nothing_and_withdrawn_goes_by_the_general_line_again(
    ws: Workspace,
) -> None:
    ws.thresholds.set("health_score", at_risk="<99", by="Jonas", why="everybody")
    ws.thresholds.off("health_score", segment="enterprise", by="Jonas", why="they have people")
    ws.refresh(since=START + timedelta(weeks=50))
    ws.raise_flags()
    assert {int(a[1:]) % 2 for a in flagged(ws)} == {0}
    line = ws.thresholds.withdraw(
        "health_score", segment="enterprise", by="Jonas", why="they have none"
    )
    assert line is not None
    assert (line.version, line.segment) == ("v1", "")
    ws.raise_flags()
    assert {int(a[1:]) % 2 for a in flagged(ws)} == {0, 1}


def test_an_own_file_may_draw_a_line_for_a_segment(ws: Workspace) -> None:
    presets = ws.folder / "catalogue" / "presets"
    presets.mkdir(parents=True)
    (presets / "health_score.toml").write_text(
        'says = "agreed in May"\nsince = 2025-05-01\n'
        '[[thresholds]]\nzone = "red"\nop = "<"\nvalue = 40\nexit = 45\n'
        '[[thresholds]]\nzone = "red"\nop = "<"\nvalue = 65\nexit = 68\nsegment = "enterprise"\n'
    )
    own = [one for one in ws.thresholds.in_use() if one.metric == "health_score"]
    assert [(one.segment, one.at_risk[0].value) for one in own] == [("", 40), ("enterprise", 65)]


def test_a_segment_nobody_is_of_is_refused_with_those_there_are(ws: Workspace) -> None:
    with pytest.raises(UnknownName, match="giants"):
        ws.thresholds.set("health_score", at_risk="<65", segment="giants", by="J", why="x")
    with pytest.raises(UnknownName) as caught:
        ws.learn_thresholds(["health_score"], segment="giants")
    assert "enterprise" in caught.value.remedy


turned = st.lists(
    st.tuples(st.booleans(), st.sampled_from(["line", "off", "withdrawn"])), max_size=8
)


@given(turned)
def test_a_segment_has_its_own_line_else_the_general_one_and_none_where_it_is_off(
    decided: list[tuple[bool, str]],
) -> None:
    general: list[Stage] = [Stage(date.min, 0, "shipped")]  # type: ignore[arg-type]
    own: list[Stage] = [Stage(date.min, 0, None)]
    mine, others = "none", "shipped"
    for turn, (is_own, word) in enumerate(decided, start=1):
        name = f"{'own' if is_own else 'general'} {turn}"
        back = None if is_own else "shipped"
        line = {"line": name, "off": None, "withdrawn": back}[word]
        stage = Stage(START, turn, line, is_off=word == "off")  # type: ignore[arg-type]
        (own if is_own else general).append(stage)
        if is_own:
            mine = {"line": name, "off": "off", "withdrawn": "none"}[word]
        else:
            others = line or "off"
        now = others if mine == "none" else mine
        assert (in_segment(general, own)[-1].line or "off") == now
    assert len(in_segment(general, own)) == len(decided) + 1
