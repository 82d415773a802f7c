"""Would the procedure have held? Learned on the earlier landmarks, judged on the later ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenure.signals.panel import SLACK_DAYS, Panel
from tenure.signals.rates import Interval, wilson
from tenure.signals.thresholds.bins import Floats, grid
from tenure.signals.thresholds.config import Config
from tenure.signals.thresholds.fit import Fit, Rows, fit
from tenure.signals.thresholds.lines import Zone
from tenure.signals.thresholds.metric import Metric
from tenure.signals.thresholds.separation import direction
from tenure.signals.verdict import FEWEST, FIRM, Counted, Learned0, Verdict, verdict


@dataclass(frozen=True, slots=True)
class HoldOut:
    """What came of it. `verdict` None: it could not be run, and `says` tells why.

    `rate` and `overall` are those of the later rows; `from_day` is the first of them.
    """

    verdict: Verdict | None
    rate: Interval | None = None
    overall: float | None = None
    from_day: str = ""
    test_events: int = 0
    says: str = ""
    fit: Fit | None = None
    promised: float = 0.0

    @property
    def validated(self) -> bool:
        """Whether the line held on later data."""
        return self.verdict is not None and self.verdict.word == "holds"

    @property
    def failed(self) -> bool:
        """Whether it decayed, on enough events to say so, and by more than chance.

        Ten to twenty events often show a smaller lift than there is: what the earlier part promised, which is too much
        rather than too little, must lie above all that the later part allows. Decision: one-later-quarter-refutes.
        """
        return (
            self.verdict is not None
            and self.verdict.word == "decayed"
            and self.verdict.counted.events >= FIRM
            and self.verdict.difference.high < self.promised
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "verdict": None if self.verdict is None else self.verdict.to_dict(),
            "rate": None if self.rate is None else self.rate.to_list(),
            "overall": self.overall,
            "from_day": self.from_day,
            "test_events": self.test_events,
            "says": self.says,
        }


def parts(panel: Panel, share: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """The rows to learn on and those to test on; None with fewer than two landmarks.

    A row is learned from only if its window had ended when the test begins. Landmarks a quarter apart differ by up
    to three days in length; so much overlap is let pass.
    """
    strata = np.unique(panel.stratum)
    if len(strata) < 2:
        return None
    # To the nearest whole number of landmarks: of four, three are learned from.
    many = int((1 - share) * len(strata) + 0.5)
    early = strata[: min(len(strata) - 1, max(1, many))]
    test = ~np.isin(panel.stratum, early)
    begins = panel.days[test].min()
    ends = panel.days + np.timedelta64(max(0, panel.horizon_days - SLACK_DAYS), "D")
    return ~test & (ends <= begins), test


def hold_out(
    metric: Metric, values: Floats, panel: Panel, config: Config, rng: np.random.Generator
) -> HoldOut:
    """Learn the line anew on the earlier part and judge it on the later one."""
    split = parts(panel, config.holdout_share)
    if split is None:
        return HoldOut(None, says="All rows are of one landmark; there is no later one.")
    learn, test = split
    known = ~np.isnan(values)
    from_day = str(panel.days[test].min())
    later = int(panel.happened[test & known].sum())
    if later < FEWEST:
        return HoldOut(None, from_day=from_day, test_events=later, says="Too few events later.")
    events, rows = int(panel.happened[learn & known].sum()), int((learn & known).sum())
    thin = events < config.min_events or rows - events < config.min_nonevents
    if thin or rows < config.min_coverage * learn.sum():
        return HoldOut(None, from_day=from_day, test_events=later, says="Too few events before.")
    made = _learned(metric, values[learn], panel.happened[learn], panel.stratum[learn], config, rng)
    if made is None:
        says = "The earlier part alone gives no line."
        return HoldOut(None, from_day=from_day, test_events=later, says=says)
    promised = Learned0.of(
        _counted(made.at_risk, values[learn & known], panel.happened[learn & known])
    )
    now = _counted(made.at_risk, values[test & known], panel.happened[test & known])
    judged = verdict(now, promised)
    overall = now.events / max(now.n1 + now.n0, 1)
    rate = wilson(now.k1, now.n1)
    return HoldOut(judged, rate, overall, from_day, later, "", made, promised.difference)


def _learned(
    metric: Metric, values: Floats, happened: NDArray[np.bool_], strata: NDArray[np.int64],
    config: Config, rng: np.random.Generator,
) -> Fit | None:  # fmt: skip
    made = grid(values, config.max_bins)
    _, codes = np.unique(strata, return_inverse=True)
    low_is_risk = direction(made, codes, happened, config.min_zone_rows)
    if low_is_risk is None:
        return None
    rows = Rows(values, made, happened)
    found = fit(metric, rows, config, low_is_risk=low_is_risk, rng=rng)
    return found if found.at_risk.lines else None


def _counted(zone: Zone, values: Floats, happened: NDArray[np.bool_]) -> Counted:
    flagged = zone.holds(values)
    return Counted(
        int(happened[flagged].sum()),
        int(flagged.sum()),
        int(happened[~flagged].sum()),
        int((~flagged).sum()),
    )
