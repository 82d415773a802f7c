"""The constants of the learner: one frozen value, stored with every result."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

Objective = Literal["separation", "youden", "cost", "capacity"]


@dataclass(frozen=True, slots=True)
class Config:
    """What the learner goes by. Every number is a judgment that may be changed and is shown with the result.

    `permutations` None: as many as the false-discovery rate needs for the number of metrics, at least 1999.
    `min_*` refuse below; `provisional_events` is where firm begins. `screen_*` and `proxy_groups` belong to the
    screens, `risk_*` are multiples of the base rate for a risk without a break. The last five serve the
    objectives `cost` and `capacity` and are unknown until somebody states them: the share saved by a touch,
    what a touch costs in the currency of ARR, and the new flags a team can work in a month.
    """

    min_events: int = 10
    min_nonevents: int = 30
    provisional_events: int = 25
    min_coverage: float = 0.50
    max_bins: int = 64
    min_zone_rows: int = 10
    min_zone_events: int = 4
    permutations: int | None = None
    fdr_q: float = 0.10
    any_dependence: bool = False
    bootstrap_cut: int = 300
    bootstrap_second: int = 199
    alpha_second_cut: float = 0.05
    min_middle_share: float = 0.05
    gradual_margin: float = 2.0
    band_p: float = 0.01
    bootstrap_band: int = 299
    risk_high: float = 2.0
    risk_low: float = 0.5
    min_lift: float = 1.5
    min_auc: float = 0.58
    screen_z: float = 1.645
    screen_keep: float = 0.50
    proxy_groups: int = 6
    twin_correlation: float = 0.90
    holdout_share: float = 0.30
    horizon_days: int = 90
    objective: Objective = "separation"
    save_rate: float | None = None
    touch_cost: float | None = None
    flags_a_month: float | None = None

    def draws(self, metrics: int) -> int:
        """Permutations for so many metrics: enough that the smallest q can be reached."""
        if self.permutations is not None:
            return self.permutations
        return max(1999, math.ceil(5 * metrics / self.fdr_q) - 1)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)
