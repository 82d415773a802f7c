"""A book of accounts on one day: each account with its zone, its numbers, and why it wants attention.

Plain rows in, plain rows out; what to show to whom is decided further right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tenure.insights.attention import reason
from tenure.kernel.unknown import Unknown
from tenure.metrics.derived.book import UNASSIGNED, Owners

ZONES = ("at_risk", "watch", "unknown", "healthy")
"""In the order in which they want attention; an account nobody scored is no healthy one."""
WORDS = {"at_risk": "At risk", "watch": "Watch", "unknown": "Unknown", "healthy": "Healthy"}
ZONE_OF_LINE = {"red": "at_risk", "yellow": "watch"}
HEALTH, DELTA = "health_score", "health_score_delta_90d"
TREND_WEEKS = 13


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the health score: below `value` an account is in `zone`."""

    zone: str
    value: float
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open flag, as the book needs it; `question` tells a warning (`renew`) from good news (`grow`, `advocate`).

    `is_ours` is whether Tenure raised it: a flag of another system is cleared there.
    """

    metric: str
    reason: str
    raised_on: date
    question: str = "renew"
    flag_id: str = ""
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """A flag that has closed.

    `ended` is how, `said` a person's reason where one put it down, `until` the day until which it is down.
    """

    metric: str
    reason: str
    closed_on: date
    ended: str
    said: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class BookRow:
    """One account on one day.

    `numbers` holds every number of the day by its column, an Unknown with its reason where there is none; `arr` is
    the same of ARR in force, in the reporting currency. `settled` are flags that closed lately, newest first. `trend` are weekly health scores, oldest first, None where
    nobody scored. `owner_id` is `unassigned` where nobody looks after the account.
    """

    account_id: str
    name: str
    segment: str
    tier: str
    model: str
    owner_id: str
    owner: str
    zone: str
    reason: str
    numbers: Mapping[str, Any]
    flags: Sequence[Opened] = ()
    settled: Sequence[Settled] = ()
    trend: Sequence[float | None] = ()
    renews_on: date | None = None

    @property
    def arr(self) -> Decimal | Unknown:
        """ARR in force."""
        found: Decimal | Unknown = self.numbers["arr_in_force"]
        return found

    @property
    def status(self) -> str:
        """`active`, `late_renewal` or `churned`; empty where the account never had a contract."""
        found = self.numbers.get("arr_in_force__status")
        return found if isinstance(found, str) else ""

    @property
    def has_left(self) -> bool:
        """Had a contract and has none any more. Where that is not known, the account stays in the book."""
        return self.status == "churned"

    @property
    def warnings(self) -> list[Opened]:
        """Open flags that ask whether the account stays."""
        return [flag for flag in self.flags if flag.question == "renew"]

    @property
    def good_news(self) -> list[Opened]:
        """Open flags that say the account may grow or speak for us."""
        return [flag for flag in self.flags if flag.question != "renew"]

    @property
    def health_before(self) -> float | None:
        """The score ninety days ago, where both are known."""
        now, delta = self.numbers.get(HEALTH), self.numbers.get(DELTA)
        if now is None or delta is None or isinstance(now, Unknown) or isinstance(delta, Unknown):
            return None
        return float(now - delta)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands beside the numbers: names, owners, open flags, earlier scores, and the lines of the score."""

    names: Mapping[str, str]
    owners: Owners
    flags: Mapping[str, Sequence[Opened]] = field(default_factory=dict)
    settled: Mapping[str, Sequence[Settled]] = field(default_factory=dict)
    trends: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    lines: Sequence[Line] = ()


def book_rows(
    numbers: Iterable[Mapping[str, Any]],
    accounts: Iterable[Mapping[str, Any]],
    around: Surroundings,
    day: date,
) -> list[BookRow]:
    """One row per account, most urgent first: by zone, then ARR, then the nearest renewal.

    Args:
        numbers: a row per account: `account_id`, each number, and `<number>__why` where it is Unknown.
        accounts: the accounts' own columns.
        around: what stands beside the numbers.
        day: the day they are of.
    """
    described = {row["account_id"]: row for row in accounts}
    rows = [
        _row(known(row), described[row["account_id"]], around, day)
        for row in numbers
        if row["account_id"] in described
    ]
    return sorted(rows, key=urgency)


def known(row: Mapping[str, Any]) -> dict[str, Any]:
    """A kept row with every missing number as an Unknown that says why."""
    found = {}
    for name, value in row.items():
        if name.endswith("__why") or name in ("as_of", "account_id"):
            continue
        why = row.get(name + "__why")
        # A late source is said beside a value that stands (decisions: a-late-number-stands-and-says-so).
        found[name] = Unknown(why) if why is not None and value is None else value
    return found | {"account_id": row["account_id"]}


def urgency(row: BookRow) -> tuple[int, Decimal, int, str, str]:
    """Where a row stands in the order; a smaller key comes first."""
    arr = row.arr if isinstance(row.arr, Decimal) else Decimal(0)
    days = row.numbers.get("days_to_renewal")
    near = int(days) if isinstance(days, int | float) else 10**6
    return ZONES.index(row.zone), -arr, near, row.name, row.account_id


def zone_of(score: Any, lines: Sequence[Line]) -> str:
    """The zone of a score: that of the lowest line it lies below; Unknown without a score or without lines."""
    if score is None or isinstance(score, Unknown) or not lines:
        return "unknown"
    below = [line for line in lines if float(score) < line.value]
    return min(below, key=lambda line: line.value).zone if below else "healthy"


def _row(
    numbers: dict[str, Any], account: Mapping[str, Any], around: Surroundings, day: date
) -> BookRow:
    account_id = account["account_id"]
    owner = around.owners.owner(account_id, day)
    zone = zone_of(numbers.get(HEALTH), around.lines)
    flags = around.flags.get(account_id, ())
    days = numbers.get("days_to_renewal")
    return BookRow(
        account_id=account_id,
        name=account.get("name") or account_id,
        segment=account.get("segment") or "",
        tier=account.get("tier") or "",
        model=account.get("business_model") or "",
        owner_id=owner,
        owner="Nobody" if owner == UNASSIGNED else around.names.get(owner, owner),
        zone=zone,
        reason=reason(numbers, flags=_said(flags)),
        numbers=numbers,
        flags=flags,
        settled=around.settled.get(account_id, ()),
        trend=around.trends.get(account_id, ()),
        renews_on=day + timedelta(days=int(days)) if isinstance(days, int | float) else None,
    )


def _said(flags: Sequence[Opened]) -> list[str]:
    """What the warnings say, the newest first."""
    newest = sorted(flags, key=lambda flag: flag.raised_on, reverse=True)
    return [flag.reason for flag in newest if flag.question == "renew"]


@dataclass(frozen=True, slots=True)
class Share:
    """One zone of a book: how many accounts, their ARR as far as it is known, and of how many it is not."""

    zone: str
    accounts: int
    arr: Decimal
    unknown_arr: int = 0


def distribution(rows: Iterable[BookRow]) -> list[Share]:
    """Accounts that have not left and their ARR by zone, in the order of `ZONES`; zones without accounts included."""
    held: dict[str, list[BookRow]] = {zone: [] for zone in ZONES}
    for row in rows:
        if not row.has_left:
            held[row.zone].append(row)
    found = []
    for zone, own in held.items():
        known = [row.arr for row in own if isinstance(row.arr, Decimal)]
        found.append(Share(zone, len(own), sum(known, Decimal(0)), len(own) - len(known)))
    return found
