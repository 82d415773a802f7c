"""Day by day: which lines are in force today, as seen from `as_of`; and the movements between two days (5.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import count

from oracles.days import ONE_DAY, add_months, each_day, whole_months
from oracles.links import successors
from oracles.reading import Company, Contract, Line

ZERO = Fraction(0)
UP = ("new", "expansion", "reactivation")


@dataclass(frozen=True)
class Movement:
    """One row of the ledger: one account, one day."""

    account: str
    day: date
    kind: str
    before: Fraction
    after: Fraction

    @property
    def delta(self) -> Fraction:
        return self.after - self.before


class View:
    """A company as it is known at the end of `as_of`."""

    def __init__(self, company: Company, as_of: date, grace: int = 30) -> None:
        self.company, self.as_of, self.grace = company, as_of, grace
        self.next = successors(company, as_of, grace)
        self._native: dict[tuple[str, date], dict[str, Fraction]] = {}
        self._stops = {name: self._stop(contract) for name, contract in company.contracts.items()}
        self._followers = {
            name: self._in_time(contract) for name, contract in company.contracts.items()
        }
        self._moves: dict[tuple[str, date], list[Movement]] = {}
        self.replaced: dict[str, date] = {}

    def followers(self, contract: Contract) -> list[Contract]:
        """Successors that came in time; one that rolls by itself can be followed at any time."""
        return self._followers[contract.name]

    def taken_over(self, contract: Contract) -> list[date]:
        """The days on which something else begins in its place."""
        also = [self.replaced[contract.name]] if contract.name in self.replaced else []
        return [after.first_day for after in self.followers(contract)] + also

    def _in_time(self, contract: Contract) -> list[Contract]:
        stop = self._stops[contract.name]
        after = self.next[contract.name]
        return [one for one in after if stop is None or (one.first_day - stop).days <= self.grace]

    def stops_rolling(self, contract: Contract) -> date | None:
        """For a contract that renews itself: None while it goes on, else its last end; others stop at their end."""
        return self._stops[contract.name]

    def _stop(self, contract: Contract) -> date | None:
        if not contract.auto or contract.end is None or contract.over:
            return contract.end
        if contract.notice is None or contract.notice > self.as_of:
            return None
        return next(day for day in due_days(contract) if day > contract.notice)

    def runs(self, line: Line, day: date) -> bool:
        """Whether the line is in force on the day."""
        if day < line.start:
            return False
        contract = self.company.contracts.get(line.contract or "")
        if contract is None:
            return line.end is None or day < line.end
        starts = self.taken_over(contract)
        if any(day >= start for start in starts):
            return False
        if line.end is None or day < line.end:
            return True
        if line.end != contract.end:
            return False
        stop = self.stops_rolling(contract)
        if stop is None or day < stop or starts:
            return True
        return self.in_grace(contract, stop)

    def in_grace(self, contract: Contract, end: date) -> bool:
        """Past its end, not renewed, not cancelled, and not yet given up."""
        return 0 <= (self.as_of - end).days < self.grace and not contract.cancelled(self.as_of)

    def native(self, account: str, day: date) -> dict[str, Fraction]:
        """ARR in force per currency."""
        key = (account, day)
        if key not in self._native:
            held: dict[str, Fraction] = {}
            for line in self.company.lines:
                if line.account == account and self.runs(line, day):
                    held[line.currency] = held.get(line.currency, ZERO) + line.arr
            self._native[key] = held
        return self._native[key]

    def balance(self, account: str, day: date, rate_day: date) -> Fraction:
        """ARR in force on a day no later than as_of, in the reporting currency at the rate of `rate_day`."""
        held = self.native(account, min(day, self.as_of))
        return sum(
            (arr * self.company.rate(currency, rate_day) for currency, arr in held.items() if arr),
            ZERO,
        )

    def total(self, day: date, rate_day: date) -> Fraction:
        """The same over all accounts."""
        return sum(
            (self.balance(account, day, rate_day) for account in self.company.accounts), ZERO
        )

    def late(self, account: str) -> bool:
        """Whether some of today's ARR is there only because grace has not run out."""
        for line in self.company.lines:
            contract = self.company.contracts.get(line.contract or "")
            if (
                line.account != account
                or contract is None
                or not line.arr
                or line.end != contract.end
            ):
                continue
            stop = self.stops_rolling(contract)
            if (
                stop
                and stop <= self.as_of
                and self.runs(line, self.as_of)
                and not self.taken_over(contract)
            ):
                return True
        return False

    def movements(self, account: str, rate_day: date) -> list[Movement]:
        """The whole ledger of an account up to as_of, one row per day on which anything moved."""
        if (account, rate_day) in self._moves:
            return self._moves[account, rate_day]
        starts = [line.start for line in self.company.lines if line.account == account]
        found, ever, before = [], False, ZERO
        for day in each_day(min(starts, default=self.as_of), self.as_of + ONE_DAY):
            after = self.balance(account, day, rate_day)
            if after != before:
                found.append(Movement(account, day, kind(before, after, ever=ever), before, after))
            ever = ever or after > 0
            before = after
        self._moves[account, rate_day] = found
        return found

    def all_movements(self, start: date, end: date, rate_day: date) -> list[Movement]:
        """Movements of every account with start <= day < end."""
        return [
            move
            for account in self.company.accounts
            for move in self.movements(account, rate_day)
            if start <= move.day < end
        ]


def kind(before: Fraction, after: Fraction, *, ever: bool) -> str:
    """The order matters (G14): coming and leaving are tested before up and down."""
    if before == 0:
        return "reactivation" if ever else "new"
    if after == 0:
        return "churn"
    return "expansion" if after > before else "downsell"


def due_days(contract: Contract) -> Iterator[date]:
    """The ends of the original term and of its repeats, in months where the term is whole months."""
    assert contract.end is not None
    months = whole_months(contract.start, contract.end)
    days = contract.end - contract.start
    for turn in count(1):
        yield add_months(contract.start, months * turn) if months else contract.start + days * turn
