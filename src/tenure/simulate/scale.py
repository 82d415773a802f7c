"""How large a simulated company is and which days it covers; every random draw starts here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tenure.kernel.days import ONE_DAY, add_months
from tenure.kernel.errors import UserError

ROWS_PER_ACTIVE_DAY = 1.4
"""Features a user touches on a day of use, on average."""

MOST_USAGE_ROWS = 50_000_000
"""Above this many rows, usage stays at one row per account and day."""

ROWS_WORTH_PACKING = 5_000_000
"""Above this many rows, the usage file is compressed."""

GRACE = timedelta(days=30)
"""How long a contract that ran out without a word still counts (metrics G5)."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The arguments of a simulation. `end` is the first day not covered."""

    accounts: int
    months: int
    seed: int
    users_per_account: float = 6
    active_days: float = 8
    end: date = date(2026, 10, 1)

    def __post_init__(self) -> None:
        """Refuse sizes that make no company."""
        if self.accounts < 1 or self.months < 1:
            raise UserError(
                "A company needs at least one account and one month.",
                remedy="Give --accounts and --months of 1 or more.",
                code="simulate.size",
            )
        if self.users_per_account <= 0 or self.active_days <= 0:
            raise UserError(
                "Users per account and active days must be above 0.",
                remedy="Give --users-per-account and --active-days above 0.",
                code="simulate.size",
            )

    @property
    def begin(self) -> date:
        """The first day with touches, usage and signals; contracts may reach further back."""
        return add_months(self.end, -self.months)

    @property
    def last(self) -> date:
        """The last day covered: nothing that happened lies after it."""
        return self.end - ONE_DAY

    @property
    def years(self) -> float:
        """Length of the window."""
        return (self.end - self.begin).days / 365.25

    @property
    def usage_rows_expected(self) -> float:
        """About how many rows usage by user, day and feature would take."""
        user_months = self.accounts * self.users_per_account * self.months
        return user_months * self.active_days * ROWS_PER_ACTIVE_DAY

    @property
    def usage_by_user(self) -> bool:
        """Whether usage is told by user and feature, or only by account and day."""
        return self.usage_rows_expected <= MOST_USAGE_ROWS

    @property
    def usage_packed(self) -> bool:
        """Whether the usage file is compressed."""
        return self.usage_rows_expected > ROWS_WORTH_PACKING

    def stream(self, theme: str, number: int = 0) -> Random:
        """The random stream of one theme of one account; no theme disturbs another."""
        return Random(f"{self.seed}/{theme}/{number}")  # noqa: S311 - a simulation, not a secret


def some_day(draw: Random, first: date, end: date) -> date:
    """A day in `[first, end)`; `first` where that is empty."""
    span = (end - first).days
    return first + timedelta(days=draw.randrange(span)) if span > 0 else first


def days(count: float) -> timedelta:
    """`count` days, rounded to whole ones."""
    return timedelta(days=round(count))
