"""`tenure.signals.burn_forecast(frame)`: when commitments run out and how much of them will be used, as ranges."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np

from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Unknown
from tenure.signals.evidence import Evidence
from tenure.signals.plain import Plain
from tenure.signals.usage.ahead import Ahead, told
from tenure.signals.usage.daily import WEEK, Daily, daily
from tenure.signals.usage.model import NEEDED_DAYS, fit, run_rate
from tenure.signals.usage.past import WAYS, challenger_wins, history_days, told_before
from tenure.signals.usage.so_far import so_far
from tenure.signals.usage.spread import ENOUGH, OWN_FROM_DAYS, Spread, spreads
from tenure.signals.usage.terms import Given, Term, terms
from tenure.signals.usage.told import Burn, Told

METHOD: Final = "burn/1: weekday × level × damped trend, split-conformal"
LATE_DAYS: Final = 14
"""Use that ends longer before the day asked about is the source's silence."""


@dataclass(frozen=True, slots=True)
class Burns:
    """Every account's forecast, by account."""

    accounts: tuple[Burn, ...]
    evidence: Evidence

    def __len__(self) -> int:
        return len(self.accounts)

    def __iter__(self) -> Iterator[Burn]:
        return iter(self.accounts)

    def account(self, name: str) -> Burn | None:
        """One account's; None where it is not in the table."""
        return next((one for one in self.accounts if one.account == name), None)

    def only(self, name: str) -> Burns:
        """The same with one account's alone."""
        return replace(self, accounts=tuple(one for one in self.accounts if one.account == name))

    def to_dict(self) -> dict[str, Any]:
        """Accounts and evidence as plain values."""
        return {
            "accounts": [one.to_dict() for one in self.accounts],
            "evidence": self.evidence.to_dict(),
        }


def burn_forecast(
    frame: Any,
    *,
    account: str,
    day: str,
    used: str,
    committed: Given = None,
    term_end: Given = None,
    term_start: Given = None,
    price: Given = None,
    segment: Given = None,
    as_of: date | None = None,
    below: Sequence[float] = (0.8,),
) -> Burns:
    """When each account's commitment runs out, and how much of it will be used at its end.

    Args:
        frame: one row per account and day (rows of one day add up), or anything else `Plain` takes. A day without a row is a
            day without use.
        account: the column with the account.
        day: the column with the day.
        used: the column with the units used, 0 or more.
        committed: units committed to: a column (its last value counts), a mapping by account, or one number for all.
        term_end: the first day WITHOUT the commitment, given likewise.
        term_start: its first day; an account's first row where not given.
        price: what the commitment costs, for the money in units that will not be used.
        segment: accounts with few days of their own take the errors of their segment.
        as_of: later rows are not read; the table's last day where not given.
        below: shares of the commitment whose probability not to be reached is told.

    Returns:
        One `Burn` per account. Its `forecast` is Unknown("too_little_history") below 28 days, or below 60 where no three others
        lend it their errors; Unknown("source_late") where use ends two weeks before `as_of`; Unknown("undefined") where
        nothing was used in four weeks.

    Raises:
        UserError: use below zero, an impossible commitment, or a column does not hold what it should.

    Source: statistics of Tenure, section 13. Decisions: own-errors-by-windows, a-day-without-a-row-is-no-use.
    """
    for share in below:
        if not 0 < share < 100:
            raise UserError(
                f"{share:g} is no share of a commitment.", remedy="Write 0.8 for 80 %.", code="usage.share"
            )  # fmt: skip
    plain = frame if isinstance(frame, Plain) else Plain(frame)
    use = daily(plain, account=account, day=day, value=used, as_of=as_of)
    given: dict[str, Given] = {
        "committed": committed, "term_start": term_start, "term_end": term_end, "price": price, "segment": segment,
    }  # fmt: skip
    return forecast_of(
        use,
        terms(plain, use.accounts, account=account, day=day, given=given),
        as_of=as_of or use.last,
        below=below,
    )


def forecast_of(
    use: Daily,
    own_terms: Sequence[Term],
    *,
    as_of: date,
    below: Sequence[float] = (0.8,),
    snapshot: int = 0,
) -> Burns:
    """`burn_forecast` of what was read already; a term per account of `use`."""
    segments = tuple(term.segment for term in own_terms)
    model, rate, past, history = (
        fit(use.values), run_rate(use.values), told_before(use), history_days(use)
    )  # fmt: skip
    # Use in bursts, such as once a month, has a median of nothing: then only the plain rate has something to tell.
    plain = challenger_wins(use, segments) | ((model.level == 0) & (rate > 0))
    ranges = spreads(past, plain, segments, history)
    before = [so_far(use, row, term, float(rate[row])) for row, term in enumerate(own_terms)]
    most = max([WEEK, *(one.days_ahead for one in before)])
    coming = np.where(plain[:, None], rate[:, None] * np.arange(1, most + 1), model.cumulated(most))
    level, growth = np.where(plain, WEEK * rate, model.level), np.where(plain, 0.0, model.growth)
    found = []
    for row, name in enumerate(use.accounts):
        days, spread, own = int(history[row]), ranges[row], before[row]
        forecast: Told | Unknown | None = _refused(use, as_of, days, float(level[row]))
        if forecast is None and isinstance(spread, Spread):
            way = WAYS[int(plain[row])]
            ahead = Ahead(coming[row], spread, way, float(level[row]), float(growth[row]))
            forecast = told(own, ahead, below)
        elif forecast is None:
            forecast = _no_range(days, past.step)
        found.append(
            Burn(
                name, own.term, own.known_until, days, own.used, own.used_share, own.ran_out,
                own.run_rate(), forecast, own.days_unknown, own.notes,
            )
        )  # fmt: skip
    return Burns(tuple(found), _evidence(use, as_of, snapshot))


def _refused(use: Daily, as_of: date, history: int, level: float) -> Unknown | None:
    late = (as_of - use.last).days
    if late > LATE_DAYS:
        return Unknown(
            "source_late", f"The last use known is of {use.last}, {late} days before {as_of}."
        )
    if history < NEEDED_DAYS:
        more = NEEDED_DAYS - history
        return Unknown(
            "too_little_history",
            f"Use is known for {history} days and {NEEDED_DAYS} are needed: {more} more.",
        )
    if math.isnan(level):
        return Unknown("no_data", "Of the last four weeks fewer than two are known.")
    if level == 0:
        return Unknown("undefined", "Nothing was used in the last four weeks.")
    return None


def _no_range(history: int, step: int) -> Unknown:
    needed = max(OWN_FROM_DAYS, NEEDED_DAYS + WEEK + (ENOUGH - 1) * step)
    return Unknown(
        "too_little_history",
        f"Use is known for {history} days, and no three older accounts are there to show how far such a forecast is off: "
        f"{max(needed - history, 1)} more days.",
    )


def _evidence(use: Daily, as_of: date, snapshot: int) -> Evidence:
    return Evidence(
        int((~np.isnan(use.values)).sum()), 0, METHOD, use.first.isoformat(), use.last.isoformat(),
        as_of.isoformat(), snapshot,
    )  # fmt: skip
