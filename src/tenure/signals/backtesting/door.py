"""`tenure.signals.backtest(frame)`: the score told at past origins, its baselines, and whether to publish it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from tenure.kernel.unknown import Unknown
from tenure.signals.backtesting.compare import Ranking, Resamples, difference, ranking, resamples
from tenure.signals.backtesting.contenders import (
    BASE,
    LEARNED,
    PINNED,
    SIMPLEST_FIRST,
    Learner,
    Side,
    tell,
)
from tenure.signals.backtesting.measures import (
    Bin,
    Told,
    Top,
    brier,
    calibration,
    reliability,
    top,
)
from tenure.signals.backtesting.origins import TRAINING_LANDMARKS, Origin, origins
from tenure.signals.backtesting.verdict import Verdict, judge
from tenure.signals.evidence import Evidence
from tenure.signals.health_score.inputs import LEARN_FROM, Input, read_inputs
from tenure.signals.health_score.learn import Recipe
from tenure.signals.health_score.rows import Names, Rows, read_rows
from tenure.signals.plainly import plainly
from tenure.signals.rates import Interval
from tenure.signals.streams import stream

METHOD = "backtest/1: rolling origin with embargo, paired bootstrap over accounts"
FEWEST_EVENTS = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One contender over the origins it was told at (`when` all), or at one of them (`when` its day).

    `skill` is 1 - Brier over that of the segment base rate; `gap` the AUC difference to the best baseline with its
    80 % interval, only over all origins.
    """

    contender: str
    when: str
    n: int
    events: int
    auc: Interval
    at_capacity: Top | None
    at_tenth: Top
    brier: float
    skill: float
    intercept: float
    slope: float
    reliability: tuple[Bin, ...] = ()
    gap: Interval | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values; what is not known as None."""
        return dict(plainly(asdict(self)))


@dataclass(frozen=True, slots=True)
class Backtest:
    """A line per contender over all origins, then per origin; the verdict; what it rests on."""

    lines: tuple[Line, ...]
    origins: tuple[str, ...]
    verdict: Verdict
    evidence: Evidence

    def line(self, contender: str, when: str = "all") -> Line:
        """The line of a contender."""
        return next(x for x in self.lines if (x.contender, x.when) == (contender, when))

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "origins": list(self.origins),
            "lines": [each.to_dict() for each in self.lines],
            "verdict": plainly(asdict(self.verdict)),
            "evidence": self.evidence.to_dict(),
        }


def backtest(
    frame: Any,
    *,
    horizon_days: int,
    capacity: int | None = None,
    names: Names | None = None,
    metrics: Sequence[str] | None = None,
    inputs: Iterable[Input] | Learner | None = None,
    recipe: Recipe | None = None,
) -> Backtest | Unknown:
    """The learned score at every past quarter, told from what was known then, beside simpler ways.

    Args:
        frame: one row per account and landmark with its outcome, as for `health`; `segment`, `arr`, `said` and
            `event_on` where known.
        horizon_days: how long after its landmark a row's outcome is known; nothing younger teaches.
        capacity: accounts the team can attend to in a month.
        names: what the columns are called.
        metrics: the columns to use; by default every column that is not named otherwise.
        inputs: a function from an origin's training rows to inputs, so that thresholds and directions are learned
            inside. Inputs given as they are must not have been learned from these rows. Without any, directions
            are taken from each origin's training rows.
        recipe: pinned weights get a line of their own beside the learned ones.

    Returns:
        Unknown("too_little_history") without an origin, below 10 events told, or where no origin allows a score.

    Raises:
        UserError: the table cannot be read as rows.
    """
    recipe = recipe or Recipe()
    given = inputs if inputs is None or callable(inputs) else tuple(inputs)
    rows = read_rows(frame, names or Names(), metrics)
    found = origins(rows.all.landmarks, rows.all.y, horizon_days)
    told: dict[str, dict[str, Told]] = {}
    for one in found:
        teach, now = _side(rows, one.training), _side(rows, one.told)
        chosen = given(teach.rows) if callable(given) else read_inputs(given, rows.metrics)
        for name, p in tell(teach, now, chosen, recipe).items():
            told.setdefault(name, {})[str(one.day)] = _told(rows, one, p)
    lacking = _lacking(found, told, rows)
    if lacking is not None:
        return lacking
    # A contender is compared only at origins where the learned score was told, so that all tell the same rows.
    days = tuple(told[LEARNED])
    kept = {n: [by[d] for d in days] for n, by in told.items() if all(d in by for d in days)}
    drawn = resamples(
        [a for one in kept[BASE] for a in one.accounts], stream(recipe.stream, "backtest")
    )
    ranked = {name: ranking(each, drawn) for name, each in kept.items()}
    verdict = judge(ranked, _skill(kept[LEARNED], kept[BASE]))
    lines = _lines(kept, days, drawn, ranked, verdict.best_baseline, capacity)
    n, events = lines[0].n, lines[0].events
    evidence = Evidence(n, events, METHOD, days[0], days[-1], stream=recipe.stream)
    return Backtest(lines, days, verdict, evidence)


def _lacking(found: list[Origin], told: dict[str, dict[str, Told]], rows: Rows) -> Unknown | None:
    if not found:
        days = len(np.unique(rows.all.landmarks[~np.isnan(rows.all.y)]))
        says = (
            f"A past day is told once {TRAINING_LANDMARKS} landmarks before it have known outcomes, with and without the "
            f"event. There are {days} landmarks; {max(1, TRAINING_LANDMARKS + 1 - days)} more with known outcomes are needed at "
            "least."
        )
        return Unknown("too_little_history", says)
    if LEARNED not in told:
        most = max(int(rows.all.y[one.training].sum()) for one in found)
        if most >= LEARN_FROM:
            says = "At no past day did any number tell well enough who had an event, so there was no score to tell."
            return Unknown("undefined", says)
        says = (
            f"On the best of {len(found)} past days {most} events were known to learn from; {LEARN_FROM - most} more are "
            "needed before a learned score can be told there."
        )
        return Unknown("too_little_history", says)
    events = int(sum(one.y.sum() for one in told[LEARNED].values()))
    if events < FEWEST_EVENTS:
        more = FEWEST_EVENTS - events
        return Unknown("too_little_history", f"{events} events were told; {more} more are needed.")
    return None


def _lines(
    kept: dict[str, list[Told]],
    days: tuple[str, ...],
    drawn: Resamples,
    ranked: dict[str, Ranking],
    best: str,
    capacity: int | None,
) -> tuple[Line, ...]:
    order = [name for name in (LEARNED, PINNED, *SIMPLEST_FIRST) if name in kept]
    pooled = [_line(n, "all", kept[n], kept[BASE], ranked[n], capacity) for n in order]
    pooled = [
        replace(each, gap=difference(ranked[each.contender], ranked[best])) for each in pooled
    ]
    single = [
        _line(n, day, [kept[n][i]], [kept[BASE][i]], ranking([kept[n][i]], drawn), capacity)
        for i, day in enumerate(days)
        for n in order
    ]
    return (*pooled, *single)


def _line(
    name: str,
    when: str,
    told: list[Told],
    base: list[Told],
    ranked: Ranking,
    capacity: int | None,
) -> Line:
    p, y = np.concatenate([t.p for t in told]), np.concatenate([t.y for t in told])
    intercept, slope = calibration(p, y)
    return Line(
        name,
        when,
        len(y),
        int(y.sum()),
        ranked.interval(),
        None if capacity is None else top(told, capacity),
        top(told, None),
        brier(p, y),
        _skill(told, base),
        intercept,
        slope,
        reliability(p, y) if when == "all" else (),
    )


def _skill(told: list[Told], base: list[Told]) -> float:
    y = np.concatenate([t.y for t in told])
    mine, theirs = (brier(np.concatenate([t.p for t in some]), y) for some in (told, base))
    return 1 - mine / theirs


def _side(rows: Rows, some: Any) -> Side:
    kept = np.flatnonzero(some).tolist()
    return Side(rows.all.rows(some), [rows.segment[i] for i in kept], [rows.said[i] for i in kept])


def _told(rows: Rows, one: Origin, p: Any) -> Told:
    part = rows.all.rows(one.told)
    left = np.full(len(part), np.nan)
    if rows.event_on is not None:
        on = rows.event_on[one.told]
        known = ~np.isnat(on)
        left[known] = (on[known] - one.day) / np.timedelta64(1, "D")
    return Told(p, part.y, tuple(part.accounts), left, rows.arr[one.told])
