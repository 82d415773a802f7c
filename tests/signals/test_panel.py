"""The panel of a plain table: who is in, who is out and why, and what knew the future."""

from __future__ import annotations

import numpy as np
import pytest
from planted_panels import DAYS, rng

from tenure.kernel.errors import UnknownName, UserError
from tenure.signals import learn_thresholds
from tenure.signals.panel import Columns, panel

ROLES = Columns(
    "account", "as_of", "churned", ["x"], notice="notice", started="started", exit_kind="exit"
)


def row(name: str, **changed: object) -> dict[str, object]:
    usual = {"account": name, "as_of": "2026-01-01", "churned": 0, "x": 1.0, "notice": None,
             "started": "2025-01-01", "exit": ""}  # fmt: skip
    return usual | changed


def test_every_excluded_row_has_one_reason_and_the_ledger_adds_up() -> None:
    rows = [
        *(row(f"a{i}") for i in range(20)),
        row("b", notice="2026-01-01"),
        row("c", notice="2026-01-02"),
        row("d", started="2025-11-15"),
        row("e", exit="Merged"),
        row("f", exit="involuntary"),
        row("g", churned=None),
        row("h", as_of=None),
        row("", notice="2025-12-01"),
        row("a0", as_of="2026-02-01"),
        row("i", as_of="2026-11-01"),
    ]
    made = panel(rows, ROLES, data_end="2026-12-31")

    assert dict(made.ledger.excluded) == {
        "notice_given": 1, "onboarding": 1, "merged": 1, "involuntary": 1, "outcome_not_known_yet": 2,
        "no_day": 1, "no_account": 1, "overlapping_window": 1,
    }  # fmt: skip
    assert made.ledger.came == 30 == made.ledger.kept + sum(made.ledger.excluded.values())
    assert len(made) == made.ledger.kept == 21
    assert "c" in made.account


def test_landmarks_lie_a_horizon_apart_and_the_days_between_are_left_out() -> None:
    days = ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"]
    rows = [row(f"a{i}", as_of=day) for day in days for i in range(15)]
    made = panel(rows, ROLES)

    assert made.strata == ("2026-01-01", "2026-04-01")
    assert made.ledger.excluded == {"overlapping_window": 30}


def test_calendar_quarters_of_every_length_are_apart_enough() -> None:
    ends = ["2025-10-31", "2026-01-31", "2026-04-30", "2026-07-31"]
    rows = [row(f"a{i}", as_of=day) for day in ends for i in range(15)]

    assert panel(rows, ROLES).strata == tuple(ends)


def test_scattered_dates_are_told_apart_by_calendar_quarter() -> None:
    draws = rng(1)
    offsets = np.sort(draws.permutation(300)[:60])
    first = np.datetime64("2026-01-01")
    rows = [row(f"a{i}", as_of=str(first + int(d))) for i, d in enumerate(offsets)]
    rows += [row("a0", as_of=str(first + int(offsets[0]) + 40))]
    made = panel(rows, ROLES)

    assert made.strata == ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4")
    assert made.ledger.excluded == {"overlapping_window": 1}


def test_an_account_twice_on_a_day_is_an_error_that_names_it() -> None:
    with pytest.raises(UserError, match="`a` stands twice on 2026-01-01, again in row 2") as caught:
        panel([row("a"), row("a")], ROLES)
    assert caught.value.code == "panel.twice"


def test_a_label_that_is_neither_yes_nor_no_is_an_error() -> None:
    with pytest.raises(UserError, match="holds 2 in row 1") as caught:
        panel([row("a", churned=2)], ROLES)
    assert caught.value.code == "panel.label"


def test_metrics_are_named_once_and_spoken_of_in_known_words() -> None:
    with pytest.raises(UserError) as caught:
        panel([row("a")], Columns("account", "as_of", "churned", ["x", "x"]))
    assert caught.value.code == "panel.metrics"
    with pytest.raises(UnknownName, match="percent"):
        panel([row("a")], Columns("account", "as_of", "churned", {"x": {"unit": "percnt"}}))
    with pytest.raises(UnknownName, match="no side"):
        panel([row("a")], Columns("account", "as_of", "churned", {"x": {"better": "up"}}))
    with pytest.raises(UnknownName, match="column"):
        panel([row("a")], Columns("account", "as_of", "churned", ["xx"]))


def test_a_value_recorded_after_its_day_is_not_seen_and_the_rewriting_is_told() -> None:
    draws = rng(2)
    happened = np.arange(400) % 4 == 0
    honest = draws.normal(size=400)
    value = np.where(happened, honest - 6, honest)
    recorded = np.where(happened & (np.arange(400) % 8 == 0), "2026-04-01", "2026-01-01")
    frame = {"account": [f"a{i}" for i in range(400)], "as_of": [DAYS[0]] * 400, "churned": happened.astype(int),
             "x": np.where(recorded == "2026-04-01", value, honest), "recorded": recorded.tolist()}  # fmt: skip
    made = panel(frame, Columns("account", "as_of", "churned", ["x"], recorded="recorded"))
    told = {leak.check: leak for leak in made.leaks}

    assert np.isnan(made.x[:, 0]).sum() == (recorded == "2026-04-01").sum() == 50
    assert told["knowledge_time"].first > told["knowledge_time"].second + 0.05
    assert "silence" in told


def test_silence_of_those_who_leave_is_told_and_silence_of_all_is_not() -> None:
    happened = np.arange(200) % 5 == 0
    leaving = np.where(happened & (np.arange(200) % 2 == 0), np.nan, 1.0)
    alike = np.where(np.arange(200) % 4 == 0, np.nan, 1.0)
    frame = {"account": [f"a{i}" for i in range(200)], "as_of": [DAYS[0]] * 200, "churned": happened.astype(int),
             "leaving": leaving, "alike": alike}  # fmt: skip
    made = panel(frame, Columns("account", "as_of", "churned", ["leaving", "alike"]))

    assert [(leak.check, leak.metric) for leak in made.leaks] == [("silence", "leaving")]


def test_a_panel_may_come_from_pandas_and_from_arrow_alike() -> None:
    import arro3.core
    import pandas as pd

    frame = pd.DataFrame([row(f"a{i}", churned=i % 2) for i in range(20)])
    arrow = arro3.core.Table.from_pydict(
        {"account": arro3.core.Array([f"a{i}" for i in range(20)], arro3.core.DataType.utf8()),
         "as_of": arro3.core.Array(["2026-01-01"] * 20, arro3.core.DataType.utf8()),
         "churned": arro3.core.Array([i % 2 for i in range(20)], arro3.core.DataType.int64()),
         "x": arro3.core.Array([1.0] * 20, arro3.core.DataType.float64())}
    )  # fmt: skip
    short = Columns("account", "as_of", "churned", ["x"])

    one, other = panel(frame, short), panel(arrow, short)
    assert (one.x == other.x).all()
    assert one.account.tolist() == other.account.tolist()
    assert one.ledger == other.ledger


def test_infinity_is_no_number_and_an_empty_table_is_no_error() -> None:
    with pytest.raises(UserError, match="infinity in row 1"):
        panel([row("a", x=float("inf"))], ROLES)
    empty = learn_thresholds(
        {"account": [], "as_of": [], "churned": [], "x": []}, label="churned", metrics=["x"]
    )

    assert empty.ledger.came == 0
    assert empty["x"].status == "insufficient_coverage"
    assert empty.tested == 0
