"""Reading the kept history: parts side by side, what stays decoded, and files that hold other columns than today's."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tenure import Workspace
from tenure.kernel.errors import UserError
from tenure.lake.engines import kept

HOW: dict[str, Any] = {"step": "month", "since": "2026-02-01"}
APRIL = date(2026, 4, 30)
BOTH = ["health_score", "usage_trend"]
"""Metrics of two parts."""


def rows_of(frame: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in frame]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("read") / "w"
    ws = Workspace.create(folder)
    ws.load(
        {
            "accounts": [{"account_id": a, "start_date": "2026-01-05"} for a in ("A1", "A2")],
            "contract_lines": [
                {"line_id": f"L{a}", "account_id": a, "arr": "1200", "start_date": "2026-01-05"}
                for a in ("A1", "A2")
            ],
            "health_scores": [
                {"account_id": "A1", "score_date": "2026-02-10", "score": "70"},
                {"account_id": "A2", "score_date": "2026-04-10", "score": "35"},
            ],
            "usage_daily": [
                {"account_id": a, "usage_date": d, "event_count": "3"}
                for a in ("A1", "A2")
                for d in ("2026-02-20", "2026-03-20", "2026-04-30")
            ],
        }
    )
    ws.refresh(**HOW)
    return folder


@pytest.fixture
def ws(made: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(made, tmp_path / "w")
    return Workspace.open(tmp_path / "w")


def test_a_day_read_in_any_order_of_columns_is_the_same_day(ws: Workspace) -> None:
    first = rows_of(ws.portfolio(metrics=["health_score"]))
    both = rows_of(ws.portfolio(metrics=BOTH))
    assert rows_of(ws.portfolio(metrics=BOTH)) == both
    assert [{k: row[k] for k in first[0]} for row in both] == first
    assert rows_of(Workspace.open(ws.folder).portfolio(metrics=BOTH)) == both
    assert [row["health_score"] for row in both] == [70, 35]


def test_the_history_of_an_account_says_of_a_day_what_the_portfolio_of_that_day_says(
    ws: Workspace,
) -> None:
    days = [row["as_of"] for row in ws.history("health_score", "A1")]
    assert len(days) == 3
    for day in days:
        for row in ws.portfolio(day):
            assert dict(row) in rows_of(ws.history(_held(ws), [row["account_id"]]))


def test_parts_that_know_different_accounts_are_joined(ws: Workspace) -> None:
    ws.load({"accounts": [{"account_id": "A3", "start_date": "2026-03-01"}]})
    ws.refresh(metrics=["health_score"], **HOW)
    found = {row["account_id"]: row for row in ws.portfolio(APRIL, BOTH)}
    assert list(found) == ["A1", "A2", "A3"]
    assert found["A3"]["health_score__why"] == "no_data"
    assert (found["A3"]["usage_trend"], found["A3"]["usage_trend__why"]) == (None, None)
    assert found["A1"]["usage_trend"] is not None
    alone = rows_of(ws.history(BOTH, ["A3"]))
    assert [row["as_of"].month for row in alone] == [3, 4]


def test_what_is_kept_decoded_has_a_limit_and_is_read_again_beyond_it(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [row["as_of"] for row in ws.history("health_score", "A1")]
    before = [rows_of(ws.portfolio(day)) for day in days]
    monkeypatch.setattr(kept, "MOST_DECODED", 10)
    with_limit = Workspace.open(ws.folder)
    assert [rows_of(with_limit.portfolio(day)) for day in [*days, *days]] == [*before, *before]
    held = with_limit._keeping._reader.kept._decoded  # type: ignore[union-attr]
    assert sum(len(column) for own in held.values() for column in own.values()) <= 10


def test_files_from_before_a_metric_was_added_are_read_with_it_unknown(ws: Workspace) -> None:
    """The copy by account then holds files with and without the new columns."""
    own = ws.folder / "catalogue" / "metrics"
    own.mkdir(parents=True, exist_ok=True)
    shipped = Path(kept.__file__).parents[2] / "metrics" / "catalogue"
    (text,) = (f.read_text() for f in shipped.rglob("usage_trend.toml"))
    (own / "my_trend.toml").write_text(text.replace("title = ", "title = 'Mine' #", 1))
    newer = Workspace.open(ws.folder)
    newer.refresh(**HOW)
    found = rows_of(newer.portfolio(APRIL, ["usage_trend", "my_trend"]))
    assert [row["my_trend"] for row in found] == [row["usage_trend"] for row in found]
    assert found[0]["my_trend"] is not None


def test_a_metric_whose_preset_changed_is_read_from_its_new_part_only(ws: Workspace) -> None:
    """Its old numbers lie in the old part's files still, and that part was not refreshed."""
    own = ws.folder / "catalogue" / "presets"
    own.mkdir(parents=True, exist_ok=True)
    (own / "usage_trend.toml").write_text(
        'says = "A week."\nsince = 2026-04-01\n[parameters]\nwindow_days = 7\n'
    )
    for day in ("2026-04-29", "2026-04-28"):
        newer = Workspace.open(ws.folder)
        newer.refresh(metrics=["usage_trend"], **HOW)
        live = newer.metric("usage_trend", as_of=APRIL).components["by_account"]
        found = {r["account_id"]: r["usage_trend"] for r in newer.portfolio(APRIL, BOTH)}
        assert found == live
        assert {r["usage_trend"] for r in newer.history(BOTH, ["A1"], start=APRIL)} == {live["A1"]}
        every = newer.history("usage_trend", start=APRIL)
        assert {r["account_id"]: r["usage_trend"] for r in every} == live
        newer.load({"usage_daily": [{"account_id": "A1", "usage_date": day, "event_count": "8"}]})


def test_a_metric_whose_preset_was_taken_back_is_kept_again(ws: Workspace) -> None:
    """In between its part was left without it, and nothing in the facts says that it has to be made."""
    before = rows_of(ws.portfolio(APRIL, BOTH))
    own = ws.folder / "catalogue" / "presets" / "usage_trend.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text('says = "A week."\nsince = 2026-04-01\n[parameters]\nwindow_days = 7\n')
    Workspace.open(ws.folder).refresh(metrics=["usage_trend"], **HOW)
    own.unlink()
    newer = Workspace.open(ws.folder)
    newer.refresh(**HOW)
    assert rows_of(newer.portfolio(APRIL, BOTH)) == before


def test_a_folder_above_the_lake_is_no_column(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "account_id=acme" / "run=5" / "w"
    shutil.copytree(made, folder)
    moved, held = Workspace.open(folder), Workspace.open(made)
    assert rows_of(moved.portfolio(metrics=BOTH)) == rows_of(held.portfolio(metrics=BOTH))
    assert rows_of(moved.history(BOTH, ["A1"])) == rows_of(held.history(BOTH, ["A1"]))
    live = moved.metric("usage_trend", as_of=APRIL).components["by_account"]
    assert live == held.metric("usage_trend", as_of=APRIL).components["by_account"]


def test_no_metric_at_all_is_refused_in_words(ws: Workspace) -> None:
    with pytest.raises(UserError, match="No metric was named"):
        ws.portfolio(metrics=[])


def test_a_new_month_adds_to_what_is_read_of_an_account(ws: Workspace) -> None:
    before = rows_of(ws.history(BOTH, ["A1"]))
    ws.load({"usage_daily": [{"account_id": "A1", "usage_date": "2026-05-31", "event_count": "9"}]})
    ws.refresh(**HOW)
    after = rows_of(ws.history(BOTH, ["A1"]))
    assert after[: len(before)] == before
    assert [row["as_of"] for row in after[len(before) :]] == [date(2026, 5, 31)]


def _held(ws: Workspace) -> list[str]:
    return [metric for part in ws.kept.parts.values() for metric in part.metrics]
