"""Would the flag still say something among accounts that are alike otherwise? Mantel-Haenszel, raw and adjusted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tenure.signals.rates import mantel_haenszel_odds
from tenure.signals.thresholds.bins import Grid, Ints
from tenure.signals.thresholds.config import Config


@dataclass(frozen=True, slots=True)
class Adjustment:
    """The flag's log odds ratio before and after others were held alike.

    `by` is "segment" or the rival metric; `kept` the adjusted over the raw one; `lost`: it no longer counts.
    """

    kind: Literal["segment", "rival"]
    by: str
    raw: float
    adjusted: float
    error: float
    lost: bool

    @property
    def kept(self) -> float:
        """The share of the effect that stays; NaN without a raw effect."""
        return self.adjusted / self.raw if self.raw else math.nan

    @property
    def z(self) -> float:
        """The adjusted effect in its standard errors."""
        return self.adjusted / self.error if self.error else math.nan

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        numbers = {
            "raw": self.raw, "adjusted": self.adjusted, "error": self.error, "kept": self.kept,
        }  # fmt: skip
        plain = {name: None if math.isnan(v) else v for name, v in numbers.items()}
        return {"kind": self.kind, "by": self.by, **plain, "lost": self.lost}


@dataclass(frozen=True, slots=True)
class Flagging:
    """A metric with its line: where its value is known, who is flagged, who it happened to."""

    name: str
    known: NDArray[np.bool_]
    flagged: NDArray[np.bool_]
    happened: NDArray[np.bool_]


def odds(of: Flagging, strata: Ints) -> tuple[float, float]:
    """The log odds ratio of the flag over the strata, among rows with a value, and its error."""
    kept = of.known
    _, codes = np.unique(strata[kept], return_inverse=True)
    cell = 2 * (~of.flagged[kept]).astype(int) + (~of.happened[kept]).astype(int)
    size = int(codes.max()) + 1 if len(codes) else 0
    cells = np.bincount(codes * 4 + cell, minlength=size * 4).reshape(size, 4)
    return mantel_haenszel_odds([(a, b, c, d) for a, b, c, d in cells.tolist()])


def by_segment(of: Flagging, landmarks: Ints, segments: Ints, config: Config) -> Adjustment:
    """Within landmark against within landmark and segment."""
    raw, _ = odds(of, landmarks)
    adjusted, error = odds(of, crossed(landmarks, segments))
    return Adjustment(
        "segment", "segment", raw, adjusted, error, _lost(raw, adjusted, error, config)
    )


def by_rival(
    of: Flagging, rival: Flagging, groups: Ints, strata: Ints, config: Config
) -> Adjustment:
    """Among accounts alike on a rival: its groups of bins, missing apart, and its own flag."""
    raw, _ = odds(of, strata)
    alike = crossed(crossed(strata, groups), rival.flagged.astype(np.int64))
    adjusted, error = odds(of, alike)
    return Adjustment(
        "rival", rival.name, raw, adjusted, error, _lost(raw, adjusted, error, config)
    )


def _lost(raw: float, adjusted: float, error: float, config: Config) -> bool:
    """Where no stratum is left to compare in, nothing has been shown, and nothing is kept."""
    if math.isnan(adjusted) or math.isnan(raw) or raw <= 0 or not error > 0:
        return True
    return adjusted / error < config.screen_z or adjusted / raw < config.screen_keep


def groups(found: Grid, many: int) -> Ints:
    """Consecutive groups of bins with about equal rows; missing is a group of its own."""
    rows = found.count()
    middle = np.cumsum(rows) - rows / 2
    of_bin = np.minimum((middle * many / max(rows.sum(), 1)).astype(np.int64), many - 1)
    return np.where(found.bin < 0, many, of_bin[found.bin])


def crossed(a: Ints, b: Ints) -> Ints:
    """One code for every pair."""
    return a * (int(b.max(initial=0)) + 1) + b
