"""`tenure.signals.usage_anomalies(frame)`: days and levels of use that are unlike an account's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np

from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Unknown
from tenure.signals.evidence import Evidence
from tenure.signals.plain import Plain
from tenure.signals.plainly import plainly
from tenure.signals.usage.calendar import Holidays, read_holidays, without_holidays
from tenure.signals.usage.daily import Daily, daily
from tenure.signals.usage.episodes import Anomaly, SharedDay, level_shifts, odd_days, shared_days
from tenure.signals.usage.terms import Given, by_account
from tenure.signals.usage.unusual import MIN_DAYS, Unusual, unusual

METHOD: Final = "anomalies/1: weekday, 8-week median and spread, false-discovery rate per day"
LAST_DAYS: Final = 28
MOST_DAYS: Final = 366
MINIMUM: Final = 10.0


@dataclass(frozen=True, slots=True)
class NotJudged:
    """An account and metric that could not be judged on the last day, and why."""

    account: str
    metric: str
    why: Unknown


@dataclass(frozen=True, slots=True)
class Anomalies:
    """What was odd, newest first; days odd for everybody; whom nobody could judge.

    `judged` counts accounts × metrics that were judged on at least one of `days` days. `evidence.events` is the number of
    anomalies.
    """

    found: tuple[Anomaly, ...]
    shared: tuple[SharedDay, ...]
    not_judged: tuple[NotJudged, ...]
    judged: int
    days: int
    evidence: Evidence

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Anomaly]:
        return iter(self.found)

    def of(self, account: str) -> tuple[Anomaly, ...]:
        """One account's."""
        return tuple(one for one in self.found if one.account == account)

    def only(self, account: str) -> Anomalies:
        """The same with one account's alone."""
        found = self.of(account)
        return replace(
            self,
            found=found,
            not_judged=tuple(one for one in self.not_judged if one.account == account),
            evidence=replace(self.evidence, events=len(found)),
        )

    @property
    def says(self) -> str:
        """One sentence for people."""
        if not self.judged:
            return f"Nobody can be judged: {MIN_DAYS} days of use and 4 of the same weekday are needed before a day."
        accounts = len({one.account for one in self.found})
        many = f"{len(self.found):,} anomal{'y' if len(self.found) == 1 else 'ies'}"
        told = (
            f"{many} of {accounts:,} account{'s' if accounts > 1 else ''}"
            if self.found
            else "Nothing odd"
        )
        return f"{told} in {self.days} days up to {self.evidence.last}; {self.judged:,} series of daily use were judged."

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "says": self.says,
            "anomalies": [{"says": one.says, **plainly(one)} for one in self.found],
            "shared_days": [{"says": one.says, **plainly(one)} for one in self.shared],
            "not_judged": [plainly(one) for one in self.not_judged],
            "judged": self.judged,
            "days": self.days,
            "evidence": self.evidence.to_dict(),
        }


def usage_anomalies(
    frame: Any,
    *,
    account: str,
    day: str,
    values: str | Sequence[str],
    metric: str | None = None,
    as_of: date | None = None,
    days: int = LAST_DAYS,
    minimum: float = MINIMUM,
    holidays: Holidays = (),
    region: Given = None,
) -> Anomalies:
    """Days, runs of days and steps of use that are unlike the eight weeks before, over all accounts and metrics at once.

    Args:
        frame: one row per account and day, or finer (rows of a day add up); see `Plain`. A day without a row is a day
            without use.
        account: the column with the account.
        day: the column with the day.
        values: the columns with use, one per metric; or one column, where `metric` names the metric of each row.
        metric: the column with the metric's name, in a long table.
        as_of: later rows are not read; the table's last day where not given.
        days: how many days up to then are judged.
        minimum: where both what was expected and what came are below it, a day is a trifle.
        holidays: days off for all, or by region.
        region: whose holidays an account has: a column, a mapping by account, or one word.

    Raises:
        UserError: use below zero, a number of days that cannot be, or a column does not hold what it should.

    Source: statistics of Tenure, section 13; Benjamini & Hochberg 1995. Decisions: odd-days-by-t, days-that-are-odd-for-all.
    """
    checked_days(days)
    plain = frame if isinstance(frame, Plain) else Plain(frame)
    named = [values] if isinstance(values, str) else list(values)
    read = _by_metric(plain, named, metric, {"account": account, "day": day, "as_of": as_of})
    regions = by_account(plain, region, account, day)
    of = {name: str(regions(name) or "") for use in read.values() for name in use.accounts}
    off = read_holidays(holidays)
    return anomalies_of(
        {name: without_holidays(use, off, of) for name, use in read.items()},
        as_of=as_of,
        days=days,
        minimum=minimum,
    )


def checked_days(days: int) -> None:
    """Refuse a number of days that cannot be judged."""
    if not 1 <= days <= MOST_DAYS:
        raise UserError(
            f"{days} days cannot be judged.", remedy=f"Ask for 1 to {MOST_DAYS}.", code="usage.days"
        )


def anomalies_of(
    uses: Mapping[str, Daily],
    *,
    as_of: date | None = None,
    days: int = LAST_DAYS,
    minimum: float = MINIMUM,
    snapshot: int = 0,
) -> Anomalies:
    """`usage_anomalies` of what was read already, by metric."""
    last = max(use.last for use in uses.values())
    seen = {name: _until(use, last) for name, use in uses.items()}
    sizes = np.cumsum([len(use.accounts) for use in seen.values()])[:-1]
    width = max(use.days for use in seen.values())
    stacked = np.vstack([_padded(use, width) for use in seen.values()])
    parts = unusual(stacked, min(days, width), minimum).split(sizes.tolist())
    found: list[Anomaly] = []
    shared: list[SharedDay] = []
    not_judged: list[NotJudged] = []
    judged = 0
    for (name, use), part in zip(seen.items(), parts, strict=True):
        everybody, explained = shared_days(use, name, part)
        shared += everybody
        found += odd_days(use, name, part, part.told & ~explained)
        found += level_shifts(use, name, minimum)
        judged += int(np.isfinite(part.z).any(axis=1).sum())
        not_judged += _not_judged(use, name, part)
    found.sort(key=lambda one: (-one.last.toordinal(), one.account, one.metric, one.kind))
    first = min(use.first for use in seen.values())
    evidence = Evidence(
        int(np.isfinite(stacked).sum()), len(found), METHOD, first.isoformat(), last.isoformat(),
        (as_of or last).isoformat(), snapshot,
    )  # fmt: skip
    return Anomalies(
        tuple(found), tuple(shared), tuple(not_judged), judged, min(days, width), evidence
    )


def _by_metric(
    plain: Plain, values: Sequence[str], metric: str | None, read: Mapping[str, Any]
) -> dict[str, Daily]:
    if metric is None:
        return {name: daily(plain, value=name, **read) for name in values}
    if len(values) != 1:
        raise UserError(
            f"The column `{metric}` names the metric, and {len(values)} columns of values are given.",
            remedy="Give one column of values with it.",
            code="usage.metric",
        )
    words = plain.words(metric)
    found = {}
    for name in sorted(set(words) - {""}):
        rows = [row for row, word in enumerate(words) if word == name]
        own = Plain({c: [plain.column(c)[row] for row in rows] for c in plain.names})
        found[name] = daily(own, value=values[0], **read)
    if not found:
        raise UserError(
            f"The column `{metric}` names no metric.",
            remedy="Name each row's.",
            code="usage.metric",
        )
    return found


def _until(use: Daily, last: date) -> Daily:
    """The same up to the last day of any metric; what this one says nothing of is unknown."""
    more = (last - use.last).days
    if not more:
        return use
    lacking = np.full((len(use.accounts), more), np.nan)
    return Daily(use.accounts, use.first, np.hstack([use.values, lacking]))


def _padded(use: Daily, width: int) -> Any:
    lacking = np.full((len(use.accounts), width - use.days), np.nan)
    return np.hstack([lacking, use.values])


def _not_judged(use: Daily, metric: str, part: Unusual) -> list[NotJudged]:
    found = []
    for row in np.flatnonzero(~np.isfinite(part.z).any(axis=1)).tolist():
        known = int(np.isfinite(use.values[row]).sum())
        why = Unknown("undefined", "used on and off: no one day is odd, and its weeks are judged.")
        if known <= MIN_DAYS:
            more = MIN_DAYS + 1 - known
            why = Unknown("too_little_history", f"{known} days of use are known; {more} more.")
        found.append(NotJudged(use.accounts[row], metric, why))
    return found
