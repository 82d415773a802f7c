"""Has an input moved? The population stability index with an alarm that knows its own noise.

The usual rule, an index above .25, cries wolf in a quarter of comparisons of a hundred accounts with a hundred
others; here the line rises where rows are few. Does not promise that the relation to churn moved too, nor sees much
below 200 rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from tenure.kernel.unknown import Unknown
from tenure.kernel.wording import counted
from tenure.signals.evidence import Evidence

Floats = NDArray[np.float64]

DECILES = 10
LEAST = 0.10
LARGE = 0.25
SURE = 0.999
ZERO_MASS = 0.10
"""Zero is a bin of its own from a tenth of the known values of either side on: a decile's worth."""
SEES_LITTLE_BELOW = 200


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin: its name, rows of the baseline and of now, and what it adds to the index."""

    name: str
    before: int
    now: int
    adds: float


@dataclass(frozen=True, slots=True)
class Drift:
    """How far an input moved from its baseline. `psi` is None where there is nothing to compare."""

    says: str
    evidence: Evidence
    psi: float | None = None
    limit: float | None = None
    alarm: bool = False
    large: bool = False
    bins: tuple[Bin, ...] = ()
    refused: Unknown | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        refused = None if self.refused is None else asdict(self.refused)
        return {
            "psi": self.psi, "limit": self.limit, "alarm": self.alarm, "large": self.large,
            "bins": [asdict(b) for b in self.bins], "says": self.says,
            "evidence": self.evidence.to_dict(), "refused": refused,
        }  # fmt: skip


def input_drift(before: Iterable[float | None], now: Iterable[float | None]) -> Drift:
    """Whether the values of one metric moved between two sets of accounts.

    Args:
        before: the baseline, one value per account; None or NaN where unknown.
        now: the same of the days judged.

    Returns:
        PSI = sum of (p - q) ln(p / q) over the deciles of the baseline, with the unknown and a mass at zero as bins
        of their own and shares floored at half a row. Alarm above max(.10, chi-square .999 of B - 1 times
        1/N + 1/M), B being the bins used. Refused (`no_data`) where a side has no row, (`undefined`) where all rows
        of both sides are in one bin.

    Source:
        Yurdakul & Naranjo 2020 for the index's distribution.
    """
    old, new = _array(before), _array(now)
    evidence = Evidence(n=len(old) + len(new), events=0, method="psi 1")
    if not len(old) or not len(new):
        return _refused(
            Unknown("no_data", "There are no rows on one side: nothing to compare."), evidence
        )
    counted_bins = [(name, b, n) for name, b, n in _counts(old, new) if b or n]
    if len(counted_bins) < 2:
        return _refused(Unknown("undefined", "Every row has the same value."), evidence)
    bins = tuple(Bin(name, b, n, _adds(b, len(old), n, len(new))) for name, b, n in counted_bins)
    psi = float(sum(b.adds for b in bins))
    # 2 gammaincinv(d / 2, p) is the p-quantile of chi-squared with d degrees of freedom.
    noise = 2 * float(gammaincinv((len(bins) - 1) / 2, SURE)) * (1 / len(old) + 1 / len(new))
    limit = max(LEAST, noise)
    alarm = psi > limit
    large = alarm and psi > LARGE
    return Drift(_says(psi, limit, old, new), evidence, psi, limit, alarm, large, bins)


def _array(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if v is None else float(v) for v in values], dtype=float)


def _counts(old: Floats, new: Floats) -> list[tuple[str, int, int]]:
    known = [side[~np.isnan(side)] for side in (old, new)]
    zero_apart = any(len(k) > 0 and (k == 0).mean() >= ZERO_MASS for k in known)
    found = [("unknown", len(old) - len(known[0]), len(new) - len(known[1]))]
    if zero_apart:
        found.append(("zero", int((known[0] == 0).sum()), int((known[1] == 0).sum())))
        known = [k[k != 0] for k in known]
    if not len(known[0]):
        return [*found, ("any other value", 0, len(known[1]))]
    edges = np.unique(np.quantile(known[0], np.arange(1, DECILES) / DECILES))
    places = [np.bincount(np.searchsorted(edges, k), minlength=len(edges) + 1) for k in known]
    bounds = [-np.inf, *edges, np.inf]
    for place, (b, n) in enumerate(zip(*places, strict=True)):
        found.append((_between(bounds[place], bounds[place + 1]), int(b), int(n)))
    return found


def _between(low: float, high: float) -> str:
    if np.isinf(low):
        return f"up to {high:g}" if np.isfinite(high) else "any"
    return f"above {low:g}" if np.isinf(high) else f"above {low:g} to {high:g}"


def _adds(before: int, n_before: int, now: int, n_now: int) -> float:
    p, q = max(now, 0.5) / n_now, max(before, 0.5) / n_before
    return float((p - q) * np.log(p / q))


def _says(psi: float, limit: float, old: Floats, new: Floats) -> str:
    rows = f"{counted(len(new), 'row')} now, {len(old):,} before"
    few = ""
    if min(len(old), len(new)) < SEES_LITTLE_BELOW:
        few = f" With fewer than {SEES_LITTLE_BELOW} rows on a side small moves cannot be seen."
    if psi <= limit:
        return (
            f"The values lie where they did (PSI {psi:.2f}, alarm above {limit:.2f}; {rows}).{few}"
        )
    size = "have moved far" if psi > LARGE else "have moved"
    return f"The values {size} (PSI {psi:.2f}, alarm above {limit:.2f}; {rows})."


def _refused(why: Unknown, evidence: Evidence) -> Drift:
    return Drift(why.says, evidence, refused=why)
