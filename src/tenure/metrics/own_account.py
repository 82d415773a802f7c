"""A reading of one account alone: its contracts, lines and people by the very rules that read everybody's.

What is derived in Python (spans, renewals, the ARR ledger, seats) is made from the rows of the account, so that a page
about one customer costs the same whether there are a hundred or ten thousand.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tenure.facts.table import table
from tenure.kernel.errors import Bug
from tenure.metrics.near import of_accounts
from tenure.metrics.reading import Reading


@dataclass(frozen=True, slots=True)
class OwnRows:
    """The rows of one account as facts; tables without accounts are whole."""

    reading: Reading
    account_id: str
    _read: dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]] = field(
        default_factory=dict, repr=False
    )

    def tables(self) -> Set[str]:
        """Tables that have been delivered."""
        return self.reading.facts.tables()

    def rows(self, table_name: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """These columns of the account's current rows, a line of its contracts included that names no account."""
        key = (table_name, tuple(columns))
        if key not in self._read:
            self._read[key] = self._rows(table_name, columns)
        return self._read[key]

    def _rows(self, table_name: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        if "account_id" not in table(table_name).columns:
            return self.reading.facts.rows(table_name, columns)
        found = of_accounts(self.reading, table_name, [self.account_id], columns)
        if table_name == "contract_lines" and self.reading.has("contracts"):
            found += self._unnamed(columns)
        return found

    def _unnamed(self, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """Lines that name no account, of the account's contracts."""
        own = set(of_accounts(self.reading, "contracts", [self.account_id], ["contract_id"]))
        lines = of_accounts(self.reading, "contract_lines", [None], [*columns, "contract_id"])
        return [line[:-1] for line in lines if line[-1:] in own]

    def query(self, *_: Any) -> list[tuple[Any, ...]]:
        """Not for one account: a query says itself whose rows it reads."""
        raise self._refused()

    def keep(self, *_: Any) -> None:
        """Not for one account."""
        raise self._refused()

    def roll(self, *_: Any) -> None:
        """Not for one account."""
        raise self._refused()

    def register(self, *_: Any, **__: Any) -> None:
        """Not for one account."""
        raise self._refused()

    def _refused(self) -> Bug:
        return Bug(f"The rows of `{self.account_id}` are read, and never queried or kept.")

    def drop(self, *_: Any) -> None:
        """Nothing is kept, so nothing is dropped."""


def reading_of(reading: Reading, account_id: str) -> Reading:
    """The account alone; what is selected in SQL is asked of the whole reading instead."""
    return Reading(
        OwnRows(reading, account_id),
        reading.reporting_currency,
        reading.time_zone,
        reading.catalogue,
    )


def used_weeks(
    reading: Reading, account_id: str, first: date, last: date
) -> tuple[dict[date, tuple[int, int]], date | None]:
    """Events and people of the account by the Monday of a week, people of ours left out, and its first day of usage.

    Args:
        reading: everybody's.
        account_id: whose.
        first: the first day that counts.
        last: the last day that counts, included.
    """
    if not reading.has("usage_daily"):
        return {}, None
    found = reading.query(
        "select cast(date_trunc('week', usage_date) as date), cast(sum(coalesce(event_count, 0)) as bigint),"  # noqa: S608 - our own words
        " count(distinct case when event_count > 0 then product_user_id end) from usage_daily"
        f" where account_id = $account_id and usage_date between $first and $last{_not_ours(reading)} group by 1",
        account_id=account_id,
        first=first,
        last=last,
    )
    (begun,) = reading.query(
        "select min(usage_date) from usage_daily where account_id = $account_id and usage_date <= $last",
        account_id=account_id,
        last=last,
    )
    return {monday: (int(events), int(people)) for monday, events, people in found}, begun[0]


def used_parts(
    reading: Reading, account_id: str, last: date, days: int
) -> tuple[list[tuple[str, int, int, int]], list[tuple[str, int, int, int]]]:
    """Features and departments: name, events and people of the last `days`, events of as many days before those.

    A feature without a name is called by its id; people whose department nobody wrote down are left out.
    """
    if not reading.has("usage_daily"):
        return [], []
    middle, start = last - timedelta(days=days), last - timedelta(days=2 * days)
    measures = (
        "cast(sum(case when usage_date > $middle then coalesce(event_count, 0) else 0 end) as bigint),"
        " count(distinct case when usage_date > $middle and event_count > 0 then product_user_id end),"
        " cast(sum(case when usage_date <= $middle then coalesce(event_count, 0) else 0 end) as bigint)"
    )
    own = (
        f"(select * from usage_daily where account_id = $account_id{_not_ours(reading)}"
        " and usage_date > $start and usage_date <= $last) as used"
    )
    asked = {"account_id": account_id, "middle": middle, "start": start, "last": last}
    named = reading.has("features")
    features = reading.query(
        f"select {'coalesce(any_value(feature.name), used.feature_id)' if named else 'used.feature_id'}, {measures}"  # noqa: S608 - our own words
        f" from {own}{' left join features as feature using (feature_id)' if named else ''}"
        " where used.feature_id is not null group by used.feature_id",
        **asked,
    )
    if not reading.has("product_users"):
        return [_part(row) for row in features], []
    departments = reading.query(
        f"select any_value(who.department), {measures} from {own} join (select product_user_id,"  # noqa: S608 - our own words
        " min(trim(department)) as department from product_users where account_id = $account_id"
        " and trim(coalesce(department, '')) <> '' group by product_user_id) as who using (product_user_id)"
        " group by lower(who.department)",
        **asked,
    )
    return [_part(row) for row in features], [_part(row) for row in departments]


def _part(row: tuple[Any, ...]) -> tuple[str, int, int, int]:
    return str(row[0]), int(row[1]), int(row[2]), int(row[3])


def _not_ours(reading: Reading) -> str:
    """SQL that leaves out usage of our own people, where anybody says who they are."""
    if not reading.has("product_users"):
        return ""
    return (
        " and (product_user_id is null or product_user_id not in"
        " (select product_user_id from product_users where account_id = $account_id and is_internal))"
    )
