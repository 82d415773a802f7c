"""What coverage was found to go with: the numbers, what they rest on, and the fixed words around them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from tenure.insights.strata import Overlap
from tenure.kernel.unknown import Unknown
from tenure.kernel.wording import money
from tenure.signals.evidence import Evidence
from tenure.signals.rates import Interval

ASSOCIATION = "This is an association: CSMs may simply reach healthier customers."
EXPERIMENT = "To know, run the built-in randomised order."
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Worth:
    """What closing the gap would be worth a year if all of it were due to coverage; `arr` is what it is taken of.

    Money in the currency of the ARR given; a gap below zero is worth zero and shown as zero.
    """

    arr: Decimal
    estimate: Decimal
    low: Decimal
    high: Decimal

    @classmethod
    def of(cls, arr: Decimal, gap: Interval) -> Worth:
        """The adjusted difference, never below zero, times the ARR of under-covered accounts to renew."""
        parts = (_share_of(arr, v) for v in (gap.estimate, gap.low, gap.high))
        return cls(arr, *parts)


def _share_of(arr: Decimal, share: float) -> Decimal:
    exact = arr * Decimal(str(round(max(0.0, share), 9)))
    return exact.quantize(CENT, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Arms:
    """Renewals of both arms and how many of them renewed."""

    covered: int
    covered_renewed: int
    under: int
    under_renewed: int

    @property
    def lost(self) -> int:
        """Renewals that did not come."""
        return self.covered + self.under - self.covered_renewed - self.under_renewed


@dataclass(frozen=True, slots=True)
class Line:
    """The same comparison with another line between covered and under-covered."""

    threshold: float
    arms: Arms
    raw: Interval
    adjusted: Interval


@dataclass(frozen=True, slots=True)
class CoverageDelta:
    """How much more often covered accounts renewed, plainly and among accounts that are alike.

    Differences are shares (0.05 is 5 points). `compared` is the share of renewals in strata with both arms;
    `e_value` how strong an unmeasured confounder would have to be, as risk ratios of not renewing, to explain the
    adjusted gap away, `e_value_limit` to move its interval onto none. Where `refused` is set the differences are NaN.
    """

    raw: Interval
    adjusted: Interval
    arms: Arms
    compared: float
    overlap: tuple[Overlap, ...]
    worth: Worth | None
    second_opinion: Interval | None
    e_value: float
    e_value_limit: float
    sensitivity: tuple[Line, ...]
    left_out: Mapping[str, int]
    says: str
    notes: tuple[str, ...]
    evidence: Evidence
    refused: Unknown | None = None

    def with_left_out(self, more: Mapping[str, int]) -> CoverageDelta:
        """The same, with what was left out before the table was made counted too."""
        return replace(self, left_out={**more, **self.left_out})

    def to_dict(self) -> dict[str, Any]:
        """Plain values; intervals as estimate, low, high; money as text; unknown as None."""
        second = self.second_opinion
        return {
            "raw": self.raw.to_list(),
            "adjusted": self.adjusted.to_list(),
            "arms": asdict(self.arms),
            "compared": _known(self.compared),
            "overlap": [stratum.to_dict() for stratum in self.overlap],
            "worth": None
            if self.worth is None
            else {name: str(amount) for name, amount in asdict(self.worth).items()},
            "second_opinion": None if second is None else second.to_list(),
            "e_value": _known(self.e_value),
            "e_value_limit": _known(self.e_value_limit),
            "sensitivity": [
                {
                    "threshold": line.threshold,
                    "arms": asdict(line.arms),
                    "raw": line.raw.to_list(),
                    "adjusted": line.adjusted.to_list(),
                }
                for line in self.sensitivity
            ],
            "left_out": dict(self.left_out),
            "says": self.says,
            "notes": list(self.notes),
            "evidence": self.evidence.to_dict(),
            "refused": None if self.refused is None else asdict(self.refused),
        }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def sentence(raw: Interval, adjusted: Interval, alike: str, worth: Worth | None) -> str:
    """The one wording of this comparison; it never says that touches do anything.

    Args:
        raw: the plain difference.
        adjusted: the difference among alike accounts.
        alike: what they are alike in, as `segment, size and earlier health`.
        worth: the money, None where no ARR of renewals to come is known.
    """
    way = "more" if raw.estimate >= 0 else "less"
    size = Interval(abs(raw.estimate), *sorted((raw.low, raw.high)))
    if raw.estimate < 0:
        size = Interval(-raw.estimate, -raw.high, -raw.low)
    value = "What closing it would be worth is unknown: no ARR of renewals to come was given."
    if worth is not None:
        value = (
            "If the whole remaining gap were due to coverage, closing it would be worth "
            f"{money(_whole(worth.estimate))} ({money(_whole(worth.low))} to {money(_whole(worth.high))}) a year."
        )
    return (
        f"Accounts touched as planned renewed {_points(size.estimate)} points {way} often "
        f"({_points(size.low)} to {_points(size.high)}). Among accounts of the same {alike} the gap is "
        f"{_points(adjusted.estimate)} ({_points(adjusted.low)} to {_points(adjusted.high)}). "
        f"{ASSOCIATION} {value} {EXPERIMENT}"
    )


def _points(share: float) -> str:
    return str(round(share * 100))


def _whole(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
