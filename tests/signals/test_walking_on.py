"""A walk that goes on where another stopped comes to the flags of one long walk, whatever was decided meanwhile."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tenure.signals.flagging import (
    Judged,
    Readings,
    Watched,
    flag_id,
    flags_of,
    opened_from,
    row_of,
)
from tenure.signals.flags import Flag, Hold, Patience, Reading
from tenure.signals.in_use import InUse, Stage
from tenure.signals.lines import Line
from tenure.signals.watching import LineInForce, Standing, watch

START = date(2026, 1, 4)
ACCOUNTS = ("A", "B", "C")
GONE = "gone"


def week(number: int) -> date:
    return START + timedelta(weeks=number)


def drawn(version: str, at_risk: Sequence[Line], exits: Sequence[Line], patience: Patience) -> InUse:  # fmt: skip
    return InUse(
        "m", "set", version, "set", "As seen.", tuple(at_risk), tuple(exits), patience=patience
    )


def lines(patience: Patience) -> list[InUse | None]:
    """One side with hysteresis, one without, the other side, a healthy band, and none."""
    low, high = (Line(20, "<"), Line(25, ">=")), (Line(28, ">"), Line(26, "<="))
    return [
        drawn("v1", low[:1], low[1:], patience),
        drawn("v2", [Line(25, "<")], [Line(25, ">=")], patience),
        drawn("v3", high[:1], high[1:], patience),
        drawn("v4", [low[0], high[0]], [low[1], high[1]], patience),
        None,
    ]


@dataclass(frozen=True)
class Told:
    """What happened, in order: ("reading", week), ("line", week, which) or ("hold", week, account, weeks)."""

    patience: Patience
    first: int
    values: list[list[float | str]]
    events: list[tuple[Any, ...]]

    def readings(self, weeks: int) -> Readings:
        given = [[v[n] for n in range(weeks)] for v in self.values]
        numbers = [[math.nan if v == GONE else float(v) for v in row] for row in given]
        return Readings(
            tuple(week(n) for n in range(weeks)),
            ACCOUNTS,
            np.array(numbers, dtype=float).reshape(len(ACCOUNTS), weeks),
            np.array([[v == GONE for v in row] for row in given], dtype=bool).reshape(
                len(ACCOUNTS), weeks
            ),
        )

    def up_to(self, events: int) -> tuple[Watched, Readings, Judged]:
        """What is known after so many events."""
        own = lines(self.patience)
        stages = [Stage(date.min, 0, own[self.first])]
        holds: dict[str, list[Hold]] = {}
        weeks = 0
        for turn, event in enumerate(self.events[:events], start=1):
            kind, at = event[:2]
            if kind == "reading":
                weeks = at + 1
            elif kind == "line":
                stages.append(Stage(week(at), turn, own[event[2]]))
            else:
                until = week(at + event[3])
                hold = Hold("snoozed", week(at), until, "we are on it", turn)
                holds.setdefault(event[2], []).append(hold)
        to = week(weeks - 1) if weeks else date.min
        return Watched("m", "M", stages, holds), self.readings(weeks), Judged(to, events)


@st.composite
def stories(draw: st.DrawFn, weeks: int = 14) -> Told:
    value = st.sampled_from([10.0, 19.0, 20.0, 22.0, 25.0, 27.0, 30.0, math.nan, GONE])
    values = draw(st.lists(st.lists(value, min_size=weeks, max_size=weeks), min_size=3, max_size=3))
    decision = st.one_of(
        st.tuples(st.just("line"), st.integers(0, 4)),
        st.tuples(st.just("hold"), st.sampled_from(ACCOUNTS), st.integers(1, 5)),
    )
    events: list[tuple[Any, ...]] = []
    for number in range(weeks):
        events.append(("reading", number))
        said = draw(st.lists(decision, max_size=2)) if draw(st.booleans()) else []
        events += [(kind, number, *rest) for kind, *rest in said]
    patience: Patience = draw(st.sampled_from(["at once", "2 of 3"]))
    return Told(patience, draw(st.integers(0, 4)), values, events)


def one_walk(story: Told) -> dict[str, list[Flag]]:
    watched, readings, _ = story.up_to(len(story.events))
    return flags_of(watched, readings, Judged())


def walked(story: Told, cuts: Sequence[int]) -> dict[str, list[Flag]]:
    """The same, after runs at the cuts."""
    done: dict[str, list[Flag]] = {}
    standing: dict[str, Flag] = {}
    before = Judged()
    for cut in [*cuts, len(story.events)]:
        watched, readings, judged = story.up_to(cut)
        found = flags_of(replace(watched, standing=standing), readings, before)
        for account, flags in found.items():
            done.setdefault(account, []).extend(f for f in flags if f.closed_on)
        standing = {a: flags[-1] for a, flags in found.items() if flags[-1].closed_on is None}
        before = judged
    for account, flag in standing.items():
        done.setdefault(account, []).append(flag)
    return {account: flags for account, flags in done.items() if flags}


@given(stories(), st.data())
def test_runs_now_and_then_come_to_the_flags_of_one_walk(story: Told, data: st.DataObject) -> None:
    cuts = data.draw(st.sets(st.integers(0, len(story.events)), max_size=5))
    assert walked(story, sorted(cuts)) == one_walk(story)


@given(stories())
def test_a_run_after_every_reading_and_every_word_comes_to_the_flags_of_one_walk(
    story: Told,
) -> None:
    assert walked(story, range(len(story.events))) == one_walk(story)


@given(stories())
def test_a_run_that_finds_nothing_new_changes_nothing(story: Told) -> None:
    everything = len(story.events)
    assert walked(story, [everything, everything]) == one_walk(story)


@given(stories(), st.integers(0, 14))
def test_readings_that_came_after_a_run_never_change_how_it_judged(story: Told, weeks: int) -> None:
    """What has happened by a day is the same, whatever comes later; only what is open can still close."""
    cut = next(
        (n for n, e in enumerate(story.events) if e[0] == "reading" and e[1] == weeks),
        len(story.events),
    )
    watched, readings, _ = story.up_to(cut)
    then, now = flags_of(watched, readings, Judged()), one_walk(story)
    for account, flags in then.items():
        closed = [f for f in flags if f.closed_on]
        assert now[account][: len(closed)] == closed
        if len(flags) > len(closed):
            same = replace(
                now[account][len(closed)], closed_on=None, ended=None, value_at_close=None, reason_said=""
            )  # fmt: skip
            assert same == flags[-1]


@given(stories())
def test_the_other_direction_gives_the_same_flags_with_the_signs_turned(story: Told) -> None:
    turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}

    def mirrored(line: InUse | None) -> InUse | None:
        if line is None:
            return None
        flip = lambda own: tuple(Line(-at.value, turned[at.sign]) for at in own)  # type: ignore[arg-type]  # noqa: E731 - named for its one use
        return replace(line, at_risk=flip(line.at_risk), exits=flip(line.exits))

    watched, readings, _ = story.up_to(len(story.events))
    stages = [replace(stage, line=mirrored(stage.line)) for stage in watched.stages]
    found = flags_of(
        replace(watched, stages=stages), replace(readings, values=-readings.values), Judged()
    )

    def spans(flags: dict[str, list[Flag]]) -> dict[str, list[tuple[Any, ...]]]:
        return {
            account: [(f.opened_on, f.since, f.closed_on, f.ended, f.zone_left) for f in own]
            for account, own in flags.items()
        }

    assert spans(found) == spans(one_walk(story))


@given(stories())
def test_an_open_flag_kept_as_a_row_is_the_same_flag_when_it_is_read_again(story: Told) -> None:
    watched, _, _ = story.up_to(len(story.events))
    for account, flags in one_walk(story).items():
        for flag in flags:
            row = row_of(watched, account, flag, flag_id("m", account, flag.opened_on, set()))
            again = opened_from(row)
            opened = replace(flag, closed_on=None, ended=None, value_at_close=None, reason_said="")
            assert again == opened
            assert (row["cleared_date"], row["reason_said"] or "") == (
                flag.closed_on,
                flag.reason_said,
            )


def test_a_name_that_a_closed_flag_bears_is_given_on_with_a_number() -> None:
    day = week(3)
    first = flag_id("m", "A", day, set())
    second = flag_id("m", "A", day, {first})
    assert (first, second) == ("tenure:m:A:2026-01-25", "tenure:m:A:2026-01-25:2")
    assert flag_id("m", "A", day, {first, second}).endswith(":3")


def by_pencil(values: list[float], stages: list[Stage], patience: Patience) -> list[Flag]:
    readings = Readings(
        tuple(week(n) for n in range(len(values))),
        ("A",),
        np.array([values]),
        np.zeros((1, len(values)), dtype=bool),
    )
    return flags_of(Watched("m", "M", stages), readings, Judged()).get("A", [])


def test_a_new_line_tells_at_once_of_whoever_is_beyond_it_and_of_nobody_twice() -> None:
    v1, v2, _, _, none = lines("2 of 3")
    stages = [Stage(date.min, 0, none), Stage(week(2), 1, v1), Stage(week(4), 2, v2)]
    (flag,) = by_pencil([10, 10, 10, 10, 10, 10], stages, "2 of 3")
    assert (flag.opened_on, flag.since, flag.threshold, flag.closed_on) == (week(2), week(0), "v1", None)  # fmt: skip


def test_a_line_switched_off_closes_its_flag_and_one_that_came_back_opens_another() -> None:
    v1, *_, none = lines("at once")
    stages = [Stage(date.min, 0, v1), Stage(week(2), 1, none), Stage(week(3), 2, v1)]
    found = by_pencil([30, 10, 10, 10, 30], stages, "at once")
    assert [(f.opened_on, f.closed_on, f.ended) for f in found] == [
        (week(1), week(2), "line moved"),
        (week(3), week(4), "recovered"),
    ]


def test_a_band_flags_both_sides_and_closes_only_between_its_exits() -> None:
    band = lines("at once")[3]
    found = by_pencil([27, 19, 22, 25.5, 29, 27, 26], [Stage(date.min, 0, band)], "at once")
    assert [(f.opened_on, f.closed_on) for f in found] == [(week(1), week(3)), (week(4), week(6))]


def test_what_comes_to_light_late_happens_on_the_day_of_the_last_word_and_never_before() -> None:
    """Readings of weeks 3 and 4 come after a decision of week 5 was judged: the flag is of week 5, on their evidence."""
    v1, *_ = lines("2 of 3")
    assert v1 is not None
    told = [Reading(week(n), value) for n, value in enumerate([30, 30, 30, 10, 10])]
    decided = [LineInForce(date.min, None), LineInForce(week(5), v1.rule, turn=1)]
    late = Standing(judged_to=week(2), turn=1, day=week(5))
    (flag,) = watch(told, decided, standing=late)
    assert (flag.opened_on, flag.since) == (week(5), week(3))
    recovered = [*told, Reading(week(6), 30), Reading(week(7), 30)]
    (closed,) = watch(recovered, decided, standing=late)
    assert (closed.opened_on, closed.closed_on) == (week(5), week(7))
