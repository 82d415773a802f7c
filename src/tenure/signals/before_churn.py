"""What the pattern was before accounts left, beside accounts that had not left in the same weeks.

S2 asks "What was the pattern? Declining? Spiking? Flat?"; an answer without the accounts that stayed says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from scipy.special import erfc

from tenure.signals.evidence import Evidence
from tenure.signals.matching import CONTROLS, matched
from tenure.signals.plain import Plain
from tenure.signals.plainly import plainly
from tenure.signals.rates import (
    Interval,
    Table,
    benjamini_hochberg,
    mantel_haenszel_ratio,
    wilson,
)
from tenure.signals.streams import stream as draws
from tenure.signals.trajectory import PATTERNS, WEEKS, classify, window_ending
from tenure.signals.weekly import Bools, Floats, Ints, left_on, since, weekly

_CLEAR_WEEKS = 13
_METHOD = "patterns-before-churn/1"


@dataclass(frozen=True, slots=True)
class PatternShare:
    """One pattern: its share among accounts that left and among comparable ones, and their ratio over quarters.

    `q` is the false-discovery rate over all patterns and metrics of the run.
    """

    pattern: str
    cases: int
    controls: int
    among_cases: Interval
    among_controls: Interval
    ratio: Interval
    p: float
    q: float
    says: str


@dataclass(frozen=True, slots=True)
class MedianPath:
    """Median and middle half by weeks before the exit (`weeks_before`, 39 to 1); NaN where nothing is known."""

    weeks_before: tuple[int, ...]
    low: tuple[float, ...]
    median: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class BeforeChurn:
    """The answer for one metric. `unread_*` are windows with too few readings; they are in no share."""

    metric: str
    patterns: tuple[PatternShare, ...]
    cases: int
    controls: int
    unread_cases: int
    unread_controls: int
    path_of_cases: MedianPath
    path_of_controls: MedianPath
    evidence: Evidence

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        told: dict[str, Any] = plainly(self)
        return told


def patterns_before_churn(
    frame: Any,
    *,
    account: str,
    time: str,
    values: Sequence[str],
    churned: str | Mapping[str, Any],
    stream: int = 1,
) -> dict[str, BeforeChurn]:
    """Per metric the patterns in the 13 weeks before accounts left, against up to 5 accounts alive in the same weeks.

    Args:
        frame: one row per account and day; see `Plain`.
        account: the column with the account; a stay, where accounts come back.
        time: the column with the day.
        values: the columns with the metrics.
        churned: the column with the day the account decided to leave (empty: it stayed), or that day by account.
        stream: number of the random draws.

    Source: statistics of Tenure, section 5.3; Mantel & Haenszel 1959; Greenland & Robins 1985.
    """
    plain = Plain(frame)
    left = left_on(plain, churned, account=account)
    found = {}
    for name in values:
        read = weekly(plain, account=account, time=time, value=name)
        exits = read.exits(left)
        found[name] = _answer(name, read.values, exits, read.first, stream)
    return _with_q(found)


def _answer(name: str, values: Floats, exits: Ints, first: date, stream: int) -> BeforeChurn:
    groups = matched(
        since(values),
        exits,
        weeks=values.shape[1],
        clear=_CLEAR_WEEKS,
        draw=draws(stream, f"controls of {name}"),
    )
    last = groups.weeks - 1
    of_cases = window_ending(values, last, groups.cases)
    of_controls = window_ending(values, np.repeat(last, CONTROLS), groups.controls.ravel())
    used = groups.controls.ravel() >= 0
    quarter = _quarters(groups.weeks, first)
    quarters = np.concatenate([quarter, np.repeat(quarter, CONTROLS)[used]])
    windows = np.vstack([of_cases, of_controls[used]])
    is_case = np.arange(len(windows)) < len(groups)
    pattern = classify(windows).pattern
    read = pattern != PATTERNS.index("insufficient")
    shares = [
        _share(word, pattern[read] == PATTERNS.index(word), is_case[read], quarters[read])
        for word in PATTERNS[1:]
    ]
    return BeforeChurn(
        metric=name,
        patterns=tuple(shares),
        cases=int((read & is_case).sum()),
        controls=int((read & ~is_case).sum()),
        unread_cases=int((~read & is_case).sum()),
        unread_controls=int((~read & ~is_case).sum()),
        path_of_cases=_path(of_cases),
        path_of_controls=_path(of_controls[used]),
        evidence=Evidence(
            n=int(read.sum()),
            events=int((read & is_case).sum()),
            method=_METHOD,
            first=first.isoformat(),
            last=_monday(first, values.shape[1]).isoformat(),
            stream=stream,
        ),
    )


def _share(word: str, shows: Bools, is_case: Bools, quarters: Ints) -> PatternShare:
    tables: list[Table] = []
    for quarter in np.unique(quarters):
        here = quarters == quarter
        case, control = here & is_case, here & ~is_case
        a, c = float((shows & case).sum()), float((shows & control).sum())
        tables.append((a, float(case.sum()) - a, c, float(control.sum()) - c))
    k1, k0 = int((shows & is_case).sum()), int((shows & ~is_case).sum())
    one, other = wilson(k1, int(is_case.sum())), wilson(k0, int((~is_case).sum()))
    ratio = mantel_haenszel_ratio(tables)
    return PatternShare(
        word, k1, k0, one, other, ratio, _p(tables), math.nan, _sentence(word, one, other, ratio)
    )


def _p(tables: Sequence[Table]) -> float:
    """Two-sided p of the Mantel–Haenszel test without continuity correction; 1 where the tables cannot differ."""
    cells = np.asarray(tables, dtype=float).reshape(-1, 4)
    a, b, c, d = cells.T
    n = cells.sum(axis=1)
    several = n > 1
    a, b, c, d, n = a[several], b[several], c[several], d[several], n[several]
    expected = (a + b) * (a + c) / n
    variance = (a + b) * (c + d) * (a + c) * (b + d) / (n**2 * (n - 1))
    if variance.sum() == 0:
        return 1.0
    z = abs((a - expected).sum()) / math.sqrt(variance.sum())
    return float(erfc(z / math.sqrt(2)))


def _with_q(found: dict[str, BeforeChurn]) -> dict[str, BeforeChurn]:
    """One family: every pattern of every metric that anybody showed."""
    shown = [(m, i) for m, answer in found.items() for i, s in enumerate(answer.patterns) if s.cases + s.controls]  # fmt: skip
    q = benjamini_hochberg([found[m].patterns[i].p for m, i in shown])
    of = {place: float(value) for place, value in zip(shown, q, strict=True)}
    return {
        m: replace(
            answer,
            patterns=tuple(
                replace(s, q=of.get((m, i), math.nan)) for i, s in enumerate(answer.patterns)
            ),
        )
        for m, answer in found.items()
    }


def _sentence(word: str, one: Interval, other: Interval, ratio: Interval) -> str:
    if math.isnan(one.estimate) or math.isnan(other.estimate):
        return "No account that left has enough readings to say."
    said = (
        f"{100 * one.estimate:.0f} % of churned accounts were {word}, against "
        f"{100 * other.estimate:.0f} % of comparable retained accounts in the same weeks"
    )
    if math.isnan(ratio.estimate):
        return said + "."
    return said + f" ({ratio.estimate:.1f} times, {ratio.low:.1f}–{ratio.high:.1f})."


def _path(windows: Floats) -> MedianPath:
    before = tuple(range(WEEKS, 0, -1))
    lines = []
    for share in (25, 50, 75):
        lines.append(
            tuple(
                float(np.percentile(known, share)) if len(known) else math.nan
                for known in (column[~np.isnan(column)] for column in windows.T)
            )
        )
    return MedianPath(before, lines[0], lines[1], lines[2])


def _quarters(weeks: Ints, first: date) -> Ints:
    days = [_monday(first, int(week)) for week in weeks]
    return np.array([4 * day.year + (day.month - 1) // 3 for day in days], dtype=np.intp)


def _monday(first: date, week: int) -> date:
    day: date = (np.datetime64(first, "D") + 7 * week).item()
    return day
