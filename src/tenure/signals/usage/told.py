"""What a forecast of use says of one account: when its commitment runs out and what will be used, as ranges, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tenure.kernel.days import ONE_DAY
from tenure.kernel.unknown import Unknown
from tenure.signals.plainly import plainly
from tenure.signals.usage.spread import Whose
from tenure.signals.usage.terms import Term
from tenure.signals.usage.words import amount_used, between, chance, percent, spoken


@dataclass(frozen=True, slots=True)
class Days:
    """The days by which it is used up with a probability of 10, 50 and 90 %; None: not in the time looked at."""

    p10: date | None
    p50: date | None
    p90: date | None


@dataclass(frozen=True, slots=True)
class Middle:
    """The 10th, 50th and 90th percentile."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class Point:
    """Use since the term began, up to and with a day to come."""

    day: date
    used: Middle


@dataclass(frozen=True, slots=True)
class RunRate:
    """The catalogue's plain burn: the mean of the last 28 days goes on.

    `runs_out` is None where nothing was used or nothing is committed, `at_end` and `share_at_end` without an end.
    """

    per_day: float
    runs_out: date | None
    at_end: float | None
    share_at_end: float | None


@dataclass(frozen=True, slots=True)
class Told:
    """The forecast.

    `at_end` is in units since the term began, None without an end; shares are of the commitment, None without one.
    `p_runs_out` is P(used up before the end); `p_below` the probability that less than a share is used at the end;
    `unused` the money paid for units that will not be used. `way` is `trend` or `run rate`, `whose` errors made the range.
    `fan` has a point a week.
    """

    runs_out: Days | Unknown
    at_end: Middle | None
    share_at_end: Middle | None
    p_runs_out: float | None
    p_below: dict[str, float]
    unused: dict[str, Decimal] | None
    way: str
    per_week: float
    growth_per_week: float
    whose: Whose
    fan: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Burn:
    """One account: what it has used of what it committed to, and the forecast or why there is none.

    `known_until` is the last day of use known; `term.end` the first day without the commitment; `days_unknown` days of
    the term that count as the mean of the others.
    """

    account: str
    term: Term
    known_until: date
    history_days: int
    used: float
    used_share: float | None
    ran_out: date | None
    run_rate: RunRate
    forecast: Told | Unknown
    days_unknown: int
    notes: tuple[str, ...]

    @property
    def says(self) -> str:
        """One sentence for people."""
        ends = _ends(self.term)
        if self.ran_out is not None:
            return f"Ran out on {spoken(self.ran_out)}; {ends}."
        if isinstance(self.forecast, Unknown):
            return f"Not told: {self.forecast.says}"
        told = self.forecast
        if self.term.end is not None and self.term.end <= self.known_until + ONE_DAY:
            share = (
                "" if self.used_share is None else f", with {percent(self.used_share)} of it used"
            )
            return f"The commitment ended {spoken(self.term.end - ONE_DAY)}{share}."
        if isinstance(told.runs_out, Unknown):
            return f"Uses {amount_used(told.per_week)} a week now. {told.runs_out.says}"
        return _runs_out(told, told.runs_out, self.term, ends)

    def to_dict(self) -> dict[str, Any]:
        """Plain values; money as text."""
        found: dict[str, Any] = plainly(self)
        found["term"]["price"] = None if self.term.price is None else str(self.term.price)
        if not isinstance(self.forecast, Unknown) and self.forecast.unused is not None:
            found["forecast"]["unused"] = {n: str(v) for n, v in self.forecast.unused.items()}
        return {"account": self.account, "says": self.says, **found}


def _ends(term: Term) -> str:
    if term.end is None:
        return "when the commitment ends is not known"
    return f"the commitment ends {spoken(term.end - ONE_DAY)}"


def _runs_out(told: Told, days: Days, term: Term, ends: str) -> str:
    early, middle, late = days.p10, days.p50, days.p90
    if early is not None and middle is not None and late is not None:
        if early == late:
            return f"Runs out on {spoken(early)}; {ends}."
        likely = spoken(middle, beside=late)
        return f"Runs out {between(early, late)}, most likely {likely}; {ends}."
    share = told.share_at_end
    if term.end is None or share is None:
        when = f"from {spoken(early)} on, or not" if early is not None else "not"
        return f"Runs out {when} within a year; {ends}."
    if early is not None and middle is not None:
        return (
            f"Runs out from {spoken(early, beside=middle)} on, most likely {spoken(middle)}, or not at all "
            f"(chance {chance(1 - (told.p_runs_out or 0))}); {ends}."
        )
    range_ = f"{percent(share.p10)} to {percent(share.p90)} of it will be used, most likely {percent(share.p50)}"
    perhaps = (
        f" Its chance to run out before is {chance(told.p_runs_out or 0)}, from {spoken(early)} on."
        if early is not None
        else ""
    )
    return f"Lasts until the commitment ends {spoken(term.end - ONE_DAY)}: {range_}.{perhaps}"
