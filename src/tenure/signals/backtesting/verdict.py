"""Whether the learned score is published, or the simplest baseline that is not beaten kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tenure.signals.backtesting.compare import Ranking, difference
from tenure.signals.backtesting.contenders import LEARNED, PINNED, SIMPLEST_FIRST
from tenure.signals.rates import Interval

NOT_WORSE = -0.01
"""Lower end of the 80 % interval of the difference to the best baseline that still allows publishing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to show: the learned score, or the simplest baseline that is not beaten, and why."""

    publish: bool
    keep: str
    word: Literal["better", "not worse", "not shown to be as good", "no skill"]
    best_baseline: str
    gap: Interval
    says: str


def judge(ranked: dict[str, Ranking], skill: float) -> Verdict:
    """Publish only if not worse than the best baseline by .01 at the lower end of 80 %, and with Brier skill.

    Otherwise the simplest baseline stays that neither the learned score nor a later baseline is better than.
    """
    baselines = [name for name in SIMPLEST_FIRST if name in ranked]
    best = max(baselines, key=lambda name: ranked[name].auc)
    gap = difference(ranked[LEARNED], ranked[best])
    publish = gap.low > NOT_WORSE and skill > 0
    if publish:
        word: Any = "better" if gap.low > 0 else "not worse"
        says = (
            f"The learned score ranks {_worded(word)} the best baseline, {best} ({_points(gap)})."
        )
        return Verdict(publish, LEARNED, word, best, gap, says)
    keep = _simplest(ranked, baselines, best)
    word = "no skill" if gap.low > NOT_WORSE else "not shown to be as good"
    why = (
        "its probabilities are no nearer the outcomes than the segment's rate"
        if word == "no skill"
        else f"it is not shown to be as good as {best} ({_points(gap)})"
    )
    return Verdict(
        publish, keep, word, best, gap, f"Keep {keep}: the learned score waits, as {why}."
    )


def _simplest(ranked: dict[str, Ranking], baselines: list[str], best: str) -> str:
    for name in baselines:
        rivals = [other for other in ranked if other not in (name, PINNED)]
        if all(difference(ranked[other], ranked[name]).low <= 0 for other in rivals):
            return name
    return best


def _worded(word: str) -> str:
    return "better than" if word == "better" else "not worse than"


def _points(gap: Interval) -> str:
    return f"AUC difference {gap.estimate:+.3f}, {gap.low:+.3f} to {gap.high:+.3f}"
