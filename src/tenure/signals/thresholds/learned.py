"""What the learner found on one metric, or why it refuses, with everything that it rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tenure.kernel.unknown import Reason, Unknown
from tenure.signals.evidence import MAY_FLAG, REFUSED, Evidence, Status
from tenure.signals.question import Asked, question
from tenure.signals.rates import NOWHERE, Interval
from tenure.signals.thresholds.bins import Floats
from tenure.signals.thresholds.config import Config, Objective
from tenure.signals.thresholds.holdout import HoldOut
from tenure.signals.thresholds.lines import NOTHING, Line, Zone
from tenure.signals.thresholds.metric import Metric
from tenure.signals.thresholds.objectives import Alternative
from tenure.signals.thresholds.screens import Adjustment
from tenure.signals.thresholds.shape import Kind
from tenure.signals.thresholds.spread import Bin
from tenure.signals.thresholds.zones import ZoneTable

Badge = Literal["", "not_validated"]


@dataclass(frozen=True, slots=True)
class Needed:
    """How many more events or other rows would change a refusal: to a provisional line, and to a firm one."""

    provisional: int = 0
    accepted: int = 0
    others: int = 0


@dataclass(frozen=True, slots=True)
class Learned:
    """A metric and an outcome.

    `asked`: the question; for growth and advocacy `at_risk` is where the good event happens most and `healthy` where
    least, and `zone_words` calls them so. `by`: the rival or segment that explains it. `direction`: the side on which the event is more frequent. `at` and
    `well` are the cuts before rounding with their 95 % limits; `at_risk` and `healthy` the lines that flag; `exit`
    where a flag closes. `rate_unseen` is the at-risk rate less what the choice of the line added to it;
    `badge_says` is the badge's sentence. `parts` are up to ten parts of equal size, `steps` steps of equal width.
    """

    metric: Metric
    status: Status
    sentence: str
    evidence: Evidence
    config: Config
    asked: Asked = "renew"
    by: str = ""
    badge: Badge = ""
    badge_says: str = ""
    needed: Needed = Needed()
    accounts: int = 0
    coverage: float = math.nan
    missing: Interval = NOWHERE
    direction: Literal["", "low", "high"] = ""
    auc: Interval = NOWHERE
    p: float = math.nan
    q: float = math.nan
    family_p: float = math.nan
    tested: int = 0
    shape: Kind = "none"
    bic_gap: float = math.nan
    second_p: float = math.nan
    at: Interval = NOWHERE
    well: Interval = NOWHERE
    at_risk: Zone = NOTHING
    healthy: Zone = NOTHING
    exit: Line | None = None
    zones: ZoneTable | None = None
    rate_unseen: Interval = NOWHERE
    objective: Objective = "separation"
    adjustments: tuple[Adjustment, ...] = ()
    holdout: HoldOut | None = None
    alternatives: tuple[Alternative, ...] = ()
    twins: tuple[str, ...] = field(default=())
    parts: tuple[Bin, ...] = ()
    steps: tuple[Bin, ...] = ()

    @property
    def refused(self) -> Unknown | None:
        """The refusal in the vocabulary of answers; None where there is none."""
        reason: Reason | None = REFUSED.get(self.status)
        return None if reason is None else Unknown(reason, self.sentence)

    @property
    def may_flag(self) -> bool:
        """Whether its line may raise flags by itself."""
        return self.status in MAY_FLAG and bool(self.at_risk.lines)

    @property
    def zone_words(self) -> dict[str, str]:
        """What the zones are called: `expansion-ready` and `not ready` of a question of growth."""
        return dict(zip(("at_risk", "between", "healthy"), question(self.asked).zones, strict=True))

    def flags(self, values: Floats) -> NDArray[np.bool_]:
        """Which values lie beyond the at-risk line; a missing one never does."""
        return self.at_risk.holds(np.asarray(values, dtype=float))

    def to_dict(self) -> dict[str, Any]:
        """Plain values; NaN as None."""
        numbers = {
            name: _plain(getattr(self, name))
            for name in ("coverage", "p", "q", "family_p", "bic_gap", "second_p")
        }
        between = {
            name: getattr(self, name).to_list()
            for name in ("missing", "auc", "at", "well", "rate_unseen")
        }
        return {
            "metric": self.metric.name,
            "asked": self.asked,
            "zone_words": self.zone_words,
            "unit": self.metric.unit,
            "status": self.status,
            "sentence": self.sentence,
            "by": self.by,
            "badge": self.badge,
            "badge_says": self.badge_says,
            "needed": {n: getattr(self.needed, n) for n in ("provisional", "accepted", "others")},
            "accounts": self.accounts,
            "direction": self.direction,
            "tested": self.tested,
            "shape": self.shape,
            **numbers,
            **between,
            "at_risk": self.at_risk.to_dict(),
            "healthy": self.healthy.to_dict(),
            "exit": None if self.exit is None else self.exit.to_dict(),
            "zones": None if self.zones is None else self.zones.to_dict(),
            "objective": self.objective,
            "adjustments": [one.to_dict() for one in self.adjustments],
            "holdout": None if self.holdout is None else self.holdout.to_dict(),
            "alternatives": [one.to_dict() for one in self.alternatives],
            "twins": list(self.twins),
            "parts": [one.to_dict() for one in self.parts],
            "steps": [one.to_dict() for one in self.steps],
            "evidence": self.evidence.to_dict(),
            "config": self.config.to_dict(),
        }


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else value
