"""How long commitments last and where use is odd, behind the notebook's door."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tenure.kernel.errors import UnknownName
from tenure.kernel.unknown import Unknown
from tenure.metrics.questions import Day, day_of
from tenure.metrics.reading import Reading
from tenure.workspace.history import Door

if TYPE_CHECKING:
    from tenure.signals.usage.anomalies import Anomalies
    from tenure.signals.usage.burn import Burns
    from tenure.signals.usage.calendar import Holidays

BURN_DAYS = 2 * 366
"""Use is read so far back, or to the start of the oldest term in force."""


class WithUsage:
    """The part of a workspace that looks at use day by day."""

    __slots__ = ()

    def burn(
        self: Door,
        as_of: Day = None,
        account: str | None = None,
        *,
        below: Sequence[float] = (0.8,),
    ) -> Burns | Unknown:
        """When the credits that accounts have bought run out, and how much of them will be used, as ranges.

        Args:
            as_of: the day asked about, with what was known then; the last day of the facts, with all that is known, by default.
            account: only this one; others of its segment still lend it their errors.
            below: shares of the commitment whose probability not to be reached is told.

        Returns:
            One forecast per account with credits in force, see `tenure.signals.burn_forecast`; Unknown("no_data") where there are
            none, or no daily use in units.

        Raises:
            UnknownName: the account has no credits in force.
        """
        from tenure.signals.usage.burn import forecast_of
        from tenure.signals.usage.facts import terms_in_force, units_by_day

        with _as_known(self, as_of) as (reading, day):
            terms = terms_in_force(reading, day)
            if not terms:
                says = f"No account has credits in force on {day}: a contract line whose unit is `credit`."
                return _none(says, as_of)
            if account is not None and account not in terms:
                raise UnknownName("account with credits in force", account, sorted(terms))
            starts = [term.start for term in terms.values() if term.start is not None]
            since = min([*starts, day - timedelta(days=BURN_DAYS)])
            use = units_by_day(reading, terms, day, since)
        if use is None:
            says = f"No units are in `usage_daily` up to {day} for the accounts with credits."
            return _none(says, as_of)
        found = forecast_of(
            use,
            [terms[name] for name in use.accounts],
            as_of=day,
            below=below,
            snapshot=self.snapshot.number,
        )
        return found if account is None else found.only(account)

    def anomalies(
        self: Door,
        as_of: Day = None,
        account: str | None = None,
        *,
        days: int = 28,
        minimum: float = 10.0,
        holidays: Holidays = (),
    ) -> Anomalies | Unknown:
        """Days, runs of days and steps of use that are unlike an account's own: in events, units and people who used it.

        Args:
            as_of: the last day judged, with what was known then; the last day of the facts, with all that is known, by default.
            account: only this one's are shown; all are judged together all the same.
            days: how many days up to then.
            minimum: where both what was expected and what came are below it, a day is a trifle.
            holidays: days off for all, or by country as in the table `accounts`.

        Returns:
            See `tenure.signals.usage_anomalies`; Unknown("no_data") without daily use.

        Raises:
            UnknownName: the account has no use. UserError: a number of days that cannot be judged.
        """
        from tenure.signals.usage.anomalies import anomalies_of, checked_days
        from tenure.signals.usage.burn import LATE_DAYS
        from tenure.signals.usage.calendar import read_holidays, without_holidays
        from tenure.signals.usage.facts import use_by_metric

        checked_days(days)
        with _as_known(self, as_of) as (reading, day):
            uses = use_by_metric(reading, day, days)
            countries = _countries(reading)
        if not uses:
            return _none(f"No daily use is in `usage_daily` up to {day}.", as_of)
        late = (day - max(use.last for use in uses.values())).days
        if late > LATE_DAYS:
            return Unknown("source_late", f"The last use known is {late} days before {day}.")
        off = read_holidays(holidays)
        seen = {name: without_holidays(use, off, countries) for name, use in uses.items()}
        known = {name for use in seen.values() for name in use.accounts}
        if account is not None and account not in known:
            raise UnknownName("account with daily use", account, sorted(known))
        found = anomalies_of(
            seen, as_of=day, days=days, minimum=minimum, snapshot=self.snapshot.number
        )
        return found if account is None else found.only(account)


@contextmanager
def _as_known(door: Door, as_of: Day) -> Iterator[tuple[Reading, date]]:
    """The facts as known on the day named, or all that is known with the last day of the facts."""
    named = day_of(as_of)
    if named is not None:
        with door._known_once(named) as computed:
            yield computed.reading, named
    else:
        today = door.defaults.today
        yield door.computed().reading, min(door.data_span().last or today, today)


def _none(says: str, as_of: Day) -> Unknown:
    """Nothing to tell; of a day that was named, perhaps because it was loaded later."""
    hint = (
        ""
        if as_of is None
        else " Only what was known on that day is read; if the dates in a source's history can be trusted, write "
        "`backfill_trusted = true` under `[sources.NAME]` in `tenure.toml`."
    )
    return Unknown("no_data", says + hint)


def _countries(reading: Reading) -> Mapping[str, str]:
    accounts: Mapping[str, Mapping[str, Any]] = reading.accounts()
    return {name: str(row.get("country") or "") for name, row in accounts.items()}
