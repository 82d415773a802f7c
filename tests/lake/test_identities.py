"""Ids that are one: numbers follow a merge on every day, and are as they were when it is taken back."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tenure import Workspace
from tenure.kernel.errors import UserError
from tenure.lake import identities, snapshots
from tenure.lake.engines.duckdb import Engine
from tenure.lake.engines.views import Reading, current_of
from tenure.lake.identities import NOTHING
from tenure.metrics.answer import Answer

HOW: dict[str, Any] = {"step": "month", "since": "2026-01-01"}


def line(
    id_: str, account: str, arr: str, start: str = "2026-01-05", **more: Any
) -> dict[str, Any]:
    return {"line_id": id_, "account_id": account, "arr": arr, "start_date": start} | more


ASKED: dict[str, dict[str, Any]] = {
    "co_term_proration": {"line": "alder-2-a", "days_remaining": 92},
    "time_to_activation": {"activation_feature": "f-core"},
    "trend_label": {"rows": '[["nrr", 100, 103, "up"]]'},
}
"""What a metric of the counting company cannot be asked without."""
CRM: dict[str, list[dict[str, Any]]] = {
    "accounts": [
        {"account_id": "a", "name": "Alder", "segment": "smb", "start_date": "2026-01-05"},
        {"account_id": "c", "name": "Cedar", "start_date": "2026-01-05"},
        {
            "account_id": "z",
            "name": "Zelkova",
            "start_date": "2026-01-05",
            "parent_account_id": "b",
        },
    ],
    "contract_lines": [line("La", "a", "1000"), line("Lz", "z", "10")],
    "health_scores": [{"account_id": "a", "score_date": "2026-02-10", "score": "70"}],
    "usage_daily": [{"account_id": "a", "usage_date": "2026-02-20", "event_count": "3"}],
}
BILLING: dict[str, list[dict[str, Any]]] = {
    "accounts": [{"account_id": "b", "name": "ALDER Inc.", "start_date": "2026-02-01"}],
    "contract_lines": [line("Lb", "b", "500", "2026-03-01")],
    "health_scores": [
        {"account_id": "b", "score_date": "2026-02-10", "score": "10"},
        {"account_id": "b", "score_date": "2026-04-10", "score": "20"},
    ],
    "usage_daily": [{"account_id": "b", "usage_date": "2026-02-20", "event_count": "4"}],
}


@pytest.fixture(autouse=True)
def _held_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENURE_NOW", "2026-05-01T09:00:00")


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    made = Workspace.create(tmp_path / "w")
    rows = {**CRM, "accounts": [*CRM["accounts"], *BILLING["accounts"]]}
    made.load({name: own for name, own in rows.items() if name == "accounts"}, source="crm")
    made.load({n: own for n, own in CRM.items() if n != "accounts"}, source="crm")
    made.load({n: own for n, own in BILLING.items() if n != "accounts"}, source="billing")
    return made


def arr(ws: Workspace, day: str = "2026-05-01") -> dict[str, Decimal]:
    return in_force(ws.metric("arr_in_force", as_of=day))


def in_force(answer: Answer) -> dict[str, Decimal]:
    return {account: own for account, own in answer.components["arr_by_account"].items() if own}


def every_answer(ws: Workspace) -> dict[str, Any]:
    """Every metric of the catalogue but the one that asks another one hundreds of times."""
    told = {}
    for metric in ws.metrics():
        asked: dict[str, Any] = {"as_of": "2026-03-31", **ASKED.get(metric.id, {})}
        if metric.period != "none":
            asked["period"] = "2026-Q1"
        if metric.id != "threshold_calibration":
            told[metric.id] = ws.metric(metric.id, **asked).to_dict() | {"snapshot": 0}
    return told


def test_everything_of_a_merged_id_counts_for_the_one_that_stays(ws: Workspace) -> None:
    ws.match("b", "a", by="Olga")

    assert arr(ws) == {"a": 1500, "z": 10}
    assert arr(ws, "2026-02-15") == {"a": 1000, "z": 10}
    assert "b" not in ws.names_of("accounts")
    assert ws.names_of("accounts")["a"] == "Alder"


def test_the_past_follows_a_merge_as_known_then_too(ws: Workspace) -> None:
    ws.match("b", "a")

    known = ws.metric("arr_in_force", as_of="2026-05-01", as_known_on="2026-05-01")
    assert in_force(known) == {"a": 1500, "z": 10}
    with Engine(ws.lake, ws.snapshot, reading=Reading(within=frozenset({"a"}))) as engine:
        assert engine.rows("select sum(event_count) from usage_daily") == [(7,)]


def test_a_merge_taken_back_leaves_every_number_as_it_was(
    counting_company: Workspace, tmp_path: Path
) -> None:
    shutil.copytree(counting_company.folder, tmp_path / "copy")
    ws = Workspace.open(tmp_path / "copy")
    before = every_answer(ws)
    kept, other = sorted(arr(ws, "2026-03-31"))[:2]

    ws.match(other, kept)
    assert other not in arr(ws, "2026-03-31")
    ws.undo_match(other)

    assert every_answer(ws) == before


def test_merged_twice_is_merged_once(ws: Workspace) -> None:
    first = ws.match("b", "a")
    number = ws.snapshot.number

    assert ws.match("b", "a") == first
    assert ws.snapshot.number == number
    assert len(ws.matches()) == 1


def test_a_chain_is_read_as_its_end_and_opens_link_by_link(ws: Workspace) -> None:
    ws.match("b", "a")
    ws.match("a", "c")

    assert arr(ws) == {"c": 1500, "z": 10}
    assert ws.read_as("b") == "c"
    ws.undo_match("a")
    assert arr(ws) == {"a": 1500, "z": 10}


@pytest.mark.parametrize(
    ("other", "kept", "code"),
    [
        ("a", "a", "match.self"),
        ("c", "b", "match.circle"),
        ("b", "c", "match.taken"),
        ("z", "b", "match.parent"),
        ("nobody", "a", "name.unknown"),
    ],
)
def test_a_merge_that_cannot_hold_is_refused_and_changes_nothing(
    ws: Workspace, other: str, kept: str, code: str
) -> None:
    ws.match("b", "a")
    ws.match("a", "c")
    before = arr(ws)

    with pytest.raises(UserError) as refused:
        ws.match(other, kept)

    assert refused.value.code == code
    assert arr(ws) == before


def test_undoing_what_is_not_merged_is_refused(ws: Workspace) -> None:
    with pytest.raises(UserError, match="merged into no other"):
        ws.undo_match("b")


def test_rows_of_one_key_are_set_aside_and_said_and_sums_are_added(ws: Workspace) -> None:
    effect = ws.match_effect("b", "a")
    assert effect.set_aside == {"Health scores": 1}
    assert effect.moved["Health scores"] == 2
    ws.match("b", "a")

    scores = ws.facts().rows("health_scores", ["account_id", "score_date", "score"])
    assert sorted(scores) == [("a", date(2026, 2, 10), 70), ("a", date(2026, 4, 10), 20)]
    assert ws.facts().query("select account_id, sum(event_count) from usage_daily group by 1") == [
        ("a", 7)
    ]


def test_the_effect_of_a_merge_is_told_before_it_is_made(ws: Workspace) -> None:
    effect = ws.match_effect("b", "a")

    assert (effect.kept_arr, effect.other_arr, effect.merged_arr) == (1000, 500, 1500)
    assert effect.both_run
    assert (effect.total_before, effect.total_after) == (1510, 1510)
    assert (effect.accounts_before, effect.accounts_after) == (4, 3)
    assert arr(ws) == {"a": 1000, "b": 500, "z": 10}


def test_who_belongs_to_a_merged_account_belongs_to_the_one_that_stays(ws: Workspace) -> None:
    ws.match("b", "a")
    rows = dict(ws.facts().rows("accounts", ["account_id", "parent_account_id"]))
    assert rows == {"a": None, "c": None, "z": "a"}

    ws.load(
        {"accounts": [{"account_id": "a", "name": "Alder", "parent_account_id": "b"}]}, source="crm"
    )
    assert dict(ws.facts().rows("accounts", ["account_id", "parent_account_id"]))["a"] is None


def test_files_with_the_old_id_still_come_in(ws: Workspace) -> None:
    ws.match("b", "a")

    done = ws.load({"contract_lines": [line("Lb2", "b", "40", "2026-03-01")]}, source="billing")

    assert (done.loaded, done.refused) == (1, 0)
    assert arr(ws)["a"] == 1540
    ws.undo_match("b")
    assert arr(ws)["b"] == 540


def test_a_history_is_behind_after_a_merge_and_follows_it(ws: Workspace) -> None:
    def held() -> dict[tuple[date, str], Any]:
        return {
            (r["as_of"], r["account_id"]): r["arr_in_force"] for r in ws.history("arr_in_force")
        }

    ws.refresh(**HOW)
    before = held()
    assert (
        not ws.history("arr_in_force").behind
        if hasattr(ws.history("arr_in_force"), "behind")
        else True
    )
    ws.match("b", "a")
    assert ws.refresh(**HOW).looked_at

    assert held()[date(2026, 3, 31), "a"] == 1500
    assert all(account != "b" for _, account in held())
    kept = held()
    ws.load({"contract_lines": [line("Lb2", "b", "40", "2026-03-01")]}, source="billing")
    ws.refresh(**HOW)
    followed = held()
    ws.refresh(**HOW, full=True)
    assert followed == held() != kept
    ws.undo_match("b")
    ws.refresh(**HOW)
    assert held()[date(2026, 3, 31), "b"] == 540
    assert before.keys() == held().keys()


def test_a_merge_and_its_undoing_between_two_refreshes_are_no_news(ws: Workspace) -> None:
    ws.refresh(**HOW)
    ws.match("b", "a")
    ws.undo_match("b")

    assert ws.refresh(**HOW).looked_at == 0


def test_an_earlier_snapshot_reads_the_merges_of_its_time(ws: Workspace) -> None:
    number = ws.snapshot.number
    ws.match("b", "a")

    pinned = Workspace.open(ws.folder, snapshot=number)
    assert arr(pinned)["b"] == 500
    with pytest.raises(UserError, match="merges are of the newest"):
        pinned.match("b", "a")


def test_compaction_and_the_doctor_leave_merges_as_they_are(ws: Workspace) -> None:
    ws.match("b", "a")
    ws.match("a", "c")
    ws.undo_match("a")

    ws.compact()

    assert ws.doctor() == []
    assert arr(ws) == {"a": 1500, "z": 10}


def test_a_merge_that_was_written_and_not_shown_is_shown_by_the_next(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(snapshots, "republish", die)
        with pytest.raises(KeyboardInterrupt):
            identities.merge(ws.lake, "b", "a")
    assert arr(ws)["b"] == 500  # no reader sees half of it

    ws.match("b", "a")

    assert arr(ws)["a"] == 1500
    assert len(ws.matches()) == 1


def test_without_merges_no_query_is_another_one(ws: Workspace) -> None:
    assert identities.same_in(ws.lake, ws.snapshot) is NOTHING
    table = ws.lake.table("contract_lines")
    asked = {"has_versions": False, "reading": Reading()}
    assert current_of(table, "select 1", **asked) == "select 1"
    assert not (ws.lake.root / identities.SHAPE.name).exists()
    ws.match("b", "a")
    ws.undo_match("b")
    assert identities.same_in(ws.lake, ws.snapshot) == {}
