"""What the rows say on a day before any metric: accounts, who is active, whose touch counts, who attended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from oracles.balance import View
from oracles.days import ONE_DAY, add_months, whole_months
from oracles.reading import NO_DATA, Company, Missing, read
from oracles.renewals import look

Row = dict[str, Any]
Rows = Mapping[str, Sequence[Row]]

WITH_ATTENDEES = ("meeting", "qbr", "ebr", "kickoff", "onsite", "training", "operational_review")
NO_TOUCH = ("support_reply", "note")
OURS = ("outbound", "two_way", None)
WITHHELD = Missing("withheld")


class Life:
    """A company and everything around it, as it is known at the end of `as_of`."""

    def __init__(
        self,
        rows: Rows,
        as_of: date,
        *,
        grace: int = 30,
        zone: str = "UTC",
        where: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.rows, self.as_of, self.grace = rows, as_of, grace
        self.zone, self.where = ZoneInfo(zone), where or {}
        self._active: dict[date, frozenset[str]] = {}
        self._touches: dict[str, list[tuple[date, str]]] = {}

    def has(self, table: str) -> bool:
        """Whether the table was ever delivered."""
        return table in self.rows

    def table(self, name: str) -> Sequence[Row]:
        """Its rows; none where it was never delivered."""
        return self.rows.get(name, [])

    def day(self, moment: datetime) -> date:
        """The civil day of a timestamp."""
        return moment.astimezone(self.zone).date()

    @cached_property
    def known(self) -> dict[str, Row]:
        """Every account on file: its own row, or named by a contract line that starts by as_of."""
        found = {row["account_id"]: row for row in self.table("accounts")}
        contracts = {row["contract_id"]: row for row in self.table("contracts")}
        for line in self.table("contract_lines"):
            contract = contracts.get(line["contract_id"], {})
            name = line["account_id"] or contract.get("account_id")
            begins = line["start_date"] or contract.get("start_date")
            if name and begins and begins <= self.as_of:
                found.setdefault(name, {"account_id": name})
        return found

    @cached_property
    def accounts(self) -> dict[str, Row]:
        """The accounts a map has keys for."""
        return {
            name: row
            for name, row in sorted(self.known.items())
            if (row.get("start_date") is None or row["start_date"] <= self.as_of)
            and all((row.get(column) or "unassigned") in ok for column, ok in self.where.items())
        }

    @cached_property
    def company(self) -> Company:
        """The revenue oracle's reading of the same rows."""
        rows = {name: list(kept) for name, kept in self.rows.items()}
        for name in ("contracts", "contract_lines", "fx_rates"):
            rows.setdefault(name, [])
        rows["accounts"] = list(self.known.values())
        return read(rows)

    @cached_property
    def view(self) -> View:
        """The revenue oracle's view on as_of."""
        return look(self.company, self.as_of, self.grace)

    def arr(self, account: str, day: date) -> Fraction:
        """ARR in force at the end of a day, at that day's rate."""
        return self.view.balance(account, day, day)

    def active(self, day: date) -> frozenset[str]:
        """Accounts of the map with ARR in force on the day; all of them where contracts were never delivered."""
        if day not in self._active:
            blind = not self.has("contracts") and not self.has("contract_lines")
            self._active[day] = frozenset(
                name for name in self.accounts if blind or self.arr(name, day) > 0
            )
        return self._active[day]

    def listed(self, names: Any, day: date | None = None) -> list[str]:
        """A list that calls for action: the active ones among these, sorted."""
        return sorted(set(names) & self.active(day or self.as_of))

    def last_day(self, end: date) -> date:
        """The last day of a period that has been."""
        return min(self.as_of, end - ONE_DAY)

    def owner(self, account: str, day: date) -> str:
        """The CSM on the day, or the unassigned bucket; without any history of its own, the present CSM."""
        history = [
            row
            for row in self.table("account_assignments")
            if row["account_id"] == account and row["role"] == "csm"
        ]
        if not history:
            return self.known[account].get("csm_id") or "unassigned"
        for row in history:
            if covers(row, day):
                return row["user_id"]
        return "unassigned"

    def on_team(self, user: str | None, account: str, day: date) -> bool:
        """Whether the person is one of ours on the account that day; where nobody is assigned, anyone is."""
        assigned = [
            row["user_id"]
            for row in self.table("account_assignments")
            if row["account_id"] == account and covers(row, day)
        ]
        return user is None or not assigned or user in assigned

    @cached_property
    def attended(self) -> frozenset[str]:
        """Activities that somebody attended or replied to."""
        return frozenset(
            row["activity_id"] for row in self.table("activity_contacts") if row["attended"]
        )

    def was_attended(self, activity: Row) -> bool:
        """Whether a customer was there; waived where attendance was never delivered."""
        return not self.has("activity_contacts") or activity["activity_id"] in self.attended

    def completed(self) -> list[tuple[date, Row]]:
        """Completed activities that happened by as_of, with their day."""
        return [
            (self.day(row["occurred_at"]), row)
            for row in self.table("activities")
            if row["status"] == "completed" and self.day(row["occurred_at"]) <= self.as_of
        ]

    def touches(self, account: str) -> list[tuple[date, str]]:
        """Qualifying touches (G12) by as_of: day and type."""
        if account not in self._touches:
            found = []
            for day, row in self.completed():
                kind = row["activity_type"]
                if row["account_id"] != account or row["is_automated"]:
                    continue
                if row["direction"] not in OURS or kind in NO_TOUCH:
                    continue
                if kind in WITH_ATTENDEES and not self.was_attended(row):
                    continue
                if self.on_team(row["user_id"], account, day):
                    found.append((day, kind))
            self._touches[account] = sorted(found)
        return self._touches[account]

    def last_touch(self, account: str, kind: str = "any") -> date | None:
        """The day of the last qualifying touch of a type."""
        days = [day for day, its in self.touches(account) if kind in ("any", its)]
        return max(days, default=None)

    def began(self, account: str) -> date | None:
        """The account's start, else its first assignment's; nothing that begins later than as_of."""
        own = self.accounts[account].get("start_date")
        if own is not None:
            return own
        starts = [
            row["start_date"]
            for row in self.table("account_assignments")
            if row["account_id"] == account and row["start_date"] <= self.as_of
        ]
        return min(starts, default=None)

    def days_untouched(self, account: str) -> int | Missing:
        """Days since the last touch; never touched: since the beginning."""
        since = self.last_touch(account) or self.began(account)
        return NO_DATA if since is None else (self.as_of - since).days


def covers(row: Row, day: date, first: str = "start_date", after: str = "end_date") -> bool:
    """Whether a half-open span holds the day; an empty side is open."""
    begins, ends = row.get(first), row.get(after)
    return (begins is None or begins <= day) and (ends is None or day < ends)


def before(start: date, end: date) -> tuple[date, date]:
    """The period of the same shape before: as many months where it is whole months, else as many days."""
    months = whole_months(start, end)
    return (add_months(start, -months) if months else start - (end - start), start)
