"""How far a forecast of use may be off: quantiles of past errors by days ahead, an account's own and its segment's.

Split-conformal: of n past errors the k-th smallest is the quantile k/(n+1), so that a new error falls below it with that
probability if it is like the past ones. Errors of overlapping windows are not n news: an account's own weigh m/(m + 9),
where m windows lie side by side in its past, and those of accounts like it the rest. Decision: own-errors-by-windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tenure.kernel.unknown import Unknown
from tenure.signals.usage.past import HORIZONS, Past
from tenure.signals.weekly import Bools, Floats, Ints

LEVELS: Final = np.arange(1, 100) / 100
"""The hundredths at which a range is kept."""
OWN_FROM_DAYS: Final = 60
ENOUGH: Final = 9
"""With fewer errors the tenth of a hundred lies below the smallest of them."""
POOL_ERRORS, POOL_ACCOUNTS = 30, 3
OWN_WINDOWS: Final = 9
FEWEST_WINDOWS: Final = 1.5
"""One stretch of days, however many accounts lived through it, does not say how such stretches differ."""
WIDER: Final = 1.10
"""Past errors flatter the way that was chosen by them; measured in worlds, decision: ranges-a-tenth-wider."""
_GRID: Final = (np.arange(199) + 0.5) / 199

Whose = Literal["own", "segment", "all"]


@dataclass(frozen=True, slots=True)
class Spread:
    """Quantiles of log(actual / forecast): a row per horizon told, a column per hundredth.

    `horizons` are the days ahead of the rows; nearer and further ones take the nearest row, and beyond the last row the
    width grows with the square root of the days. `whose` errors they are in the main; `finest` is the smallest
    probability so many errors can tell.
    """

    horizons: tuple[int, ...]
    quantiles: Floats
    whose: Whose
    finest: float

    def after(self, days: int) -> Floats:
        """The quantiles after each of the coming days; one row per day, one column per hundredth."""
        ahead = np.arange(1, days + 1)
        known = np.array(self.horizons, dtype=float)
        at = np.log(np.clip(ahead, known[0], known[-1]))
        columns = [np.interp(at, np.log(known), column) for column in self.quantiles.T]
        between = np.column_stack(columns)
        further = np.sqrt(np.maximum(ahead / known[-1], 1.0))[:, None]
        middle = between[:, len(LEVELS) // 2][:, None]
        return np.asarray(middle + (between - middle) * further)


def spreads(
    past: Past, challenged: Bools, segments: Sequence[str], history: Ints
) -> list[Spread | Unknown]:
    """Every account's range, or how many more days it takes.

    Args:
        past: the errors of both ways.
        challenged: the accounts that the plain rate tells better.
        segments: each account's segment; one word for all where there is none.
        history: days since each account's first row.
    """
    old = history >= OWN_FROM_DAYS
    errors = np.where(challenged[None, :, None], past.errors[1], past.errors[0])
    errors = np.where(old[None, :, None], errors, np.nan)
    groups = np.array(segments, dtype=object)
    # Accounts of no segment are like nobody in particular.
    of_segment = {
        word: _pools(errors, (groups == word) & (word != ""), past.step) for word in set(segments)
    }
    of_all = _pools(errors, np.ones(len(old), dtype=bool), past.step)
    return [
        _one(errors[:, row], past.step, of_segment[segments[row]], of_all)
        if history[row] > 0
        else Unknown("no_data", "Nothing was used yet.")
        for row in range(len(segments))
    ]


def _pools(errors: Floats, members: Bools, step: int) -> list[Floats | None]:
    """Per horizon the members' errors as 199 quantiles; None where too few members, or too short a time, has any."""
    found: list[Floats | None] = []
    for horizon, at_horizon in zip(HORIZONS, errors, strict=True):
        theirs = at_horizon[members]
        known = ~np.isnan(theirs)
        few = known.sum() < POOL_ERRORS or known.any(axis=1).sum() < POOL_ACCOUNTS
        few |= _windows(int(known.any(axis=0).sum()), step, horizon) < FEWEST_WINDOWS
        found.append(None if few else np.quantile(theirs[known], _GRID))
    return found


def _windows(origins: int, step: int, horizon: int) -> float:
    """How many windows of the horizon lie side by side in the time that so many origins look at."""
    return ((origins - 1) * step + horizon) / horizon if origins else 0.0


def _one(
    errors: Floats, step: int, of_segment: list[Floats | None], of_all: list[Floats | None]
) -> Spread | Unknown:  # fmt: skip
    horizons, rows, finest = [], [], 0.01
    whose: Whose = "own"
    for place, horizon in enumerate(HORIZONS):
        own = errors[place][~np.isnan(errors[place])]
        pool = of_segment[place] if of_segment[place] is not None else of_all[place]
        if pool is None and len(own) < ENOUGH:
            continue
        windows = _windows(len(own), step, horizon)
        if pool is None:
            rows.append(_alone(own, windows))
            finest = max(finest, 1 / (len(own) + 1))
        else:
            share = windows / (windows + OWN_WINDOWS)
            rows.append(_mixed(own, pool, share))
            if share < 0.5:
                whose = "all" if of_segment[place] is None or whose == "all" else "segment"
        horizons.append(horizon)
    if not rows:
        return Unknown("too_little_history", "")
    return Spread(tuple(horizons), np.array(rows), whose, finest)


def _alone(own: Floats, windows: float) -> Floats:
    """An account that nobody is like: its own errors, wider the fewer windows they come from."""
    found = np.quantile(own, LEVELS, method="weibull")
    middle = np.median(own)
    return np.asarray(middle + (found - middle) * (1 + 1 / windows))


def _mixed(own: Floats, pool: Floats, share: float) -> Floats:
    values = np.concatenate([own, pool])
    weights = np.full(len(values), (1 - share) / len(pool))
    weights[: len(own)] = share / max(len(own), 1)
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order]) - weights[order] / 2
    found = np.interp(LEVELS, below, values[order])
    middle = found[len(LEVELS) // 2]
    return np.asarray(middle + (found - middle) * WIDER)
