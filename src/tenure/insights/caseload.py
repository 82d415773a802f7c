"""How many accounts a CSM of this team can carry before planned touches are missed: the team's line, nobody's figure."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenure.kernel.unknown import Unknown
from tenure.kernel.wording import counted, percent
from tenure.signals.evidence import Evidence
from tenure.signals.plain import Plain
from tenure.signals.rates import NOWHERE, Interval
from tenure.signals.streams import stream

Floats = NDArray[np.float64]

LEVEL = 0.8
LEAST_CSMS = 8
LEAST_MONTHS = 6
WIDEST = 0.5
"""An interval wider than this share of the sizes seen says nothing."""
DRAWS = 400


@dataclass(frozen=True, slots=True)
class Step:
    """One level of the fit: sizes from `low` to `high`, the share of due touches made (0 to 1), touches due."""

    low: float
    high: float
    share: float
    due: int


@dataclass(frozen=True, slots=True)
class Caseload:
    """Up to which size of book coverage stays at the level, with a 95 % interval, and the falling fit itself.

    `line` is in the unit of the sizes given (accounts, or money of ARR); NaN where it cannot be told.
    """

    line: Interval
    steps: tuple[Step, ...]
    csms: int
    months: int
    says: str
    evidence: Evidence
    refused: Unknown | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "line": self.line.to_list(),
            "steps": [asdict(step) for step in self.steps],
            "csms": self.csms,
            "months": self.months,
            "says": self.says,
            "evidence": self.evidence.to_dict(),
            "refused": None if self.refused is None else asdict(self.refused),
        }


@dataclass(frozen=True, slots=True)
class _Rows:
    """One per CSM and month with a touch due, sorted so that the order given cannot matter."""

    csm: NDArray[np.int_]
    size: Floats
    due: Floats
    made: Floats
    csms: int
    months: int

    def sums(self, times: Floats | None = None) -> tuple[Floats, Floats, Floats]:
        """Sizes in order, with touches due and made at each; `times` counts every CSM that often."""
        weight = 1.0 if times is None else times[self.csm]
        sizes, place = np.unique(self.size, return_inverse=True)
        due = np.bincount(place, self.due * weight, len(sizes)).astype(float)
        made = np.bincount(place, self.made * weight, len(sizes)).astype(float)
        kept = due > 0
        return sizes[kept], due[kept], made[kept]


def caseload_line(
    frame: Any,
    *,
    level: float = LEVEL,
    unit: str = "accounts",
    number: int = 1,
    evidence: Evidence | None = None,
    **columns: str,
) -> Caseload:
    """Past which size of book the team's coverage falls below the level.

    Args:
        frame: one row per CSM and month.
        level: the share of due touches to be made (0 to 1).
        unit: what sizes count, for the sentence.
        number: the stream of the bootstrap over CSMs.
        evidence: what is known of the table's days and snapshot.
        **columns: `csm`, `month`, `size` (accounts, or ARR, in the book), `due` and `made` (touches); each is the
            column of its own name where not said.

    Returns:
        The largest size at which a falling fit (isotonic, weighted by touches due) is still at the level. Refused
        (`too_little_history`) below 8 CSMs or 6 months, where coverage never falls below the level or always is, or
        where the interval spans more than half of the sizes seen: "cannot tell yet".

    Raises:
        UnknownName: a column is not in the table.

    Source:
        Barlow et al. 1972, pool adjacent violators.
    """
    rows = _read(
        Plain(frame), {w: columns.get(w, w) for w in ("csm", "month", "size", "due", "made")}
    )
    based = replace(
        evidence or Evidence(n=0, events=0, method=""),
        n=len(rows.size), events=int(rows.due.sum() - rows.made.sum()),
        method="isotonic caseload 1", stream=number,
    )  # fmt: skip
    few = _too_few(rows)
    if few is not None:
        return _refused(few, rows, (), replace(based, stream=None))
    steps = falling(*rows.sums())
    line, first_below = _line(steps, level)
    if math.isinf(line) or math.isinf(first_below):
        side = "below" if math.isinf(line) else "at or above"
        why = (
            f"Cannot tell yet: coverage is {side} {percent(level)} at every size of book seen "
            f"({rows.size.min():g} to {rows.size.max():g} {unit})."
        )
        return _refused(Unknown("too_little_history", why), rows, steps, based)
    low, high = _interval(rows, level, number)
    if high - low > WIDEST * float(np.ptp(rows.size)):
        why = (
            f"Cannot tell yet: the line may lie anywhere from {low:g} to {high:g} {unit}. More months, or CSMs with "
            "books of other sizes, narrow it."
        )
        return _refused(Unknown("too_little_history", why), rows, steps, based)
    says = (
        f"In your data coverage falls below {round(100 * level)} % past {line:g} {unit} ({low:g} to {high:g}; "
        f"{counted(rows.csms, 'CSM')}, {counted(rows.months, 'month')}). This is an association."
    )
    return Caseload(Interval(line, low, high), steps, rows.csms, rows.months, says, based)


def _read(table: Plain, names: dict[str, str]) -> _Rows:
    csm, month = table.words(names["csm"]), table.words(names["month"])
    size, due, made = (table.numbers(names[w]) for w in ("size", "due", "made"))
    known = ~(np.isnan(size) | np.isnan(due) | np.isnan(made)) & (due > 0)
    known &= np.array([bool(c and m) for c, m in zip(csm, month, strict=True)], dtype=bool)
    who = np.array(csm, dtype=str)[known]
    found, place = np.unique(who, return_inverse=True)
    return _Rows(
        place, size[known], due[known], np.minimum(made[known], due[known]), len(found),
        len(set(np.array(month, dtype=str)[known].tolist())),
    )  # fmt: skip


def _too_few(rows: _Rows) -> Unknown | None:
    lacks = []
    if rows.csms < LEAST_CSMS:
        lacks.append(counted(LEAST_CSMS - rows.csms, "more CSM"))
    if rows.months < LEAST_MONTHS:
        lacks.append(counted(LEAST_MONTHS - rows.months, "more month"))
    if not lacks:
        return None
    return Unknown(
        "too_little_history",
        f"Cannot tell yet: planned touches are known of {counted(rows.csms, 'CSM')} in {counted(rows.months, 'month')}; "
        f"needed: {' and '.join(lacks)}.",
    )


def falling(sizes: Floats, due: Floats, made: Floats) -> tuple[Step, ...]:
    """The falling fit of made over due on size, weighted by touches due: neighbours that rise are pooled."""
    pooled: list[list[float]] = []
    for size, owed, done in zip(sizes, due, made, strict=True):
        pooled.append([size, size, owed, done])
        while len(pooled) > 1 and pooled[-1][3] * pooled[-2][2] >= pooled[-2][3] * pooled[-1][2]:
            _, high, owed_too, done_too = pooled.pop()
            pooled[-1][1] = high
            pooled[-1][2] += owed_too
            pooled[-1][3] += done_too
    return tuple(Step(low, high, done / owed, int(owed)) for low, high, owed, done in pooled)


def _line(steps: tuple[Step, ...], level: float) -> tuple[float, float]:
    """The last size still at the level and the first below it; infinite where there is none on that side."""
    still = [step.high for step in steps if step.share >= level - 1e-9]
    below = [step.low for step in steps[len(still) :]]
    return (still[-1] if still else -math.inf), (below[0] if below else math.inf)


def _interval(rows: _Rows, level: float, number: int) -> tuple[float, float]:
    """The middle 95 % of lines when the CSMs are drawn again; one beyond the sizes seen counts as their end.

    A line lies somewhere between the last size at the level and the first below it, so the interval runs from the
    low end of the former to the high end of the latter.
    """
    draws = stream(number, "insights.caseload")
    ends = (float(rows.size.min()), float(rows.size.max()))
    found = []
    for _ in range(DRAWS):
        times = np.bincount(draws.integers(0, rows.csms, rows.csms), minlength=rows.csms)
        found.append(_line(falling(*rows.sums(times.astype(float))), level))
    last, first = np.clip(np.array(found), *ends).T
    low = np.quantile(last, 0.025, method="inverted_cdf")
    return float(low), float(np.quantile(first, 0.975, method="inverted_cdf"))


def _refused(why: Unknown, rows: _Rows, steps: tuple[Step, ...], evidence: Evidence) -> Caseload:
    return Caseload(NOWHERE, steps, rows.csms, rows.months, why.says, evidence, why)
