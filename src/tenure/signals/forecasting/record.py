"""Whether earlier forecasts were as sure as they said: every past period told from those before it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tenure.signals.forecasting.calls import calls
from tenure.signals.forecasting.renewals import Renewals
from tenure.signals.forecasting.shock import spread
from tenure.signals.forecasting.simulate import Renewing, simulate
from tenure.signals.streams import stream

FEWEST = 4
"""Past periods below which a forecast is untested."""
DRAWS = 2_000


@dataclass(frozen=True, slots=True)
class Told:
    """One past period: what it kept, the 80 % range told from the periods before it, and the share of draws below."""

    period: str
    kept: float
    low: float
    high: float
    pit: float

    @property
    def inside(self) -> bool:
        """Whether the range held it."""
        return self.low <= self.kept <= self.high


@dataclass(frozen=True, slots=True)
class Record:
    """All past periods told again, in order."""

    periods: tuple[Told, ...]

    @property
    def says(self) -> str:
        """One sentence: untested, or the share of periods inside the range."""
        if len(self.periods) < FEWEST:
            return f"untested: {len(self.periods)} past periods, {FEWEST} are needed"
        inside = sum(one.inside for one in self.periods)
        return f"{inside} of {len(self.periods)} past periods lay inside their 80 % range"

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "says": self.says,
            "periods": [asdict(one) | {"inside": one.inside} for one in self.periods],
        }


def renewing(book: Renewals, before: Renewals) -> Renewing:
    """The renewals of a period with what the past says of calls and of amounts."""
    known = calls(before.words, before.p, before.outcome)
    shift = np.array([known[w].shift if w in known else 0.0 for w in book.words])
    return Renewing(book.amount, book.p, shift, tuple(book.segments), before.moves())


def record(past: Renewals, number: int) -> Record:
    """Every past period of some amount, told from those before it alone."""
    order = sorted(set(past.periods))
    made = []
    for place, period in enumerate(order):
        now, before = past.of([period]), past.of(order[:place])
        if sum(now.arr) == 0:
            continue
        draws = stream(number, f"forecast.record.{period}")
        told = simulate(renewing(now, before), spread(before.by_period()), draws, DRAWS).grr
        kept = now.grr()
        low, high = np.quantile(told, [0.1, 0.9])
        pit = float((told < kept).mean() + 0.5 * (told == kept).mean())
        made.append(Told(period, kept, float(low), float(high), pit))
    return Record(tuple(made))
