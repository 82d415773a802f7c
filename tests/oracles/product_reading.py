"""What the rows around the product mean before any counting: civil days, accounts, lines in force, seats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from oracles.balance import ZERO, View
from oracles.reading import REPORTING, Line, read
from oracles.renewals import look

Row = dict[str, Any]
Rows = dict[str, list[Row]]


@dataclass(frozen=True)
class Bought:
    """One contract line of any kind, and when it is meant to run."""

    line: Line
    row: Row

    @property
    def committed(self) -> bool:
        """Recurring and not a trial: what was really bought."""
        return self.row["kind"] in (None, "recurring") and not self.row["is_trial"]


class Facts:
    """The rows of a company by table; a table that was never delivered is no key of `rows`."""

    def __init__(self, rows: Rows, zone: str = "UTC") -> None:
        self.rows, self.zone = rows, ZoneInfo(zone)
        self.named_by_lines = _named_by_lines(rows)
        self.company = read(_complete(rows, self.named_by_lines))
        self.lines = [
            bought for row in rows.get("contract_lines", []) for bought in self._line(row)
        ]
        self._views: dict[tuple[date, int], View] = {}
        self._by_account: dict[str, dict[str | None, list[Row]]] = {}

    def has(self, *tables: str) -> bool:
        """Whether all of these tables were delivered, be it empty."""
        return all(table in self.rows for table in tables)

    def of(self, table: str, account: str | None = None) -> list[Row]:
        """The rows of a table, or those of one account."""
        if account is None:
            return self.rows.get(table, [])
        if table not in self._by_account:
            groups: dict[str | None, list[Row]] = {}
            for row in self.rows.get(table, []):
                groups.setdefault(row["account_id"], []).append(row)
            self._by_account[table] = groups
        return self._by_account[table].get(account, [])

    def day(self, instant: datetime) -> date:
        """The civil day of an instant, where the workspace stands."""
        return instant.astimezone(self.zone).date()

    def view(self, as_of: date, grace: int = 30) -> View:
        """The contracts as they are known at the end of a day."""
        if (as_of, grace) not in self._views:
            self._views[as_of, grace] = look(self.company, as_of, grace)
        return self._views[as_of, grace]

    def accounts(self, as_of: date, where: dict[str, Any] | None = None) -> list[str]:
        """Every account on file by then, by id; `where` keeps those whose columns say so."""
        found = []
        for name, row in self.company.accounts.items():
            starts = row.get("start_date")
            if name in self.named_by_lines:
                starts = self.named_by_lines[name]
            if starts is not None and starts > as_of:
                continue
            if all(row.get(column) == wanted for column, wanted in (where or {}).items()):
                found.append(name)
        return sorted(found)

    def active(self, as_of: date, grace: int = 30) -> list[str]:
        """Those of them with ARR in force; all of them where nothing about contracts was delivered."""
        names = self.accounts(as_of)
        if not self.has("contracts") and not self.has("contract_lines"):
            return names
        view = self.view(as_of, grace)
        return [name for name in names if view.balance(name, as_of, as_of) > 0]

    def running(
        self, account: str, as_of: date, *, grace: int = 30, on: date | None = None
    ) -> list[Bought]:
        """The account's lines of any kind in force on a day (as_of by default), as known on as_of."""
        view, day = self.view(as_of, grace), on or as_of
        return [
            bought
            for bought in self.lines
            if bought.line.account == account and view.runs(bought.line, day)
        ]

    def seats(
        self, account: str, as_of: date, *, grace: int = 30, on: date | None = None
    ) -> dict[str | None, Fraction] | None:
        """Seats bought and in force, by product; None where a line of seats does not say how many."""
        found: dict[str | None, Fraction] = {}
        for bought in self.running(account, as_of, grace=grace, on=on):
            if not bought.committed or bought.row.get("unit") != "seat":
                continue
            if bought.row["quantity"] is None:
                return None
            product = bought.row["product_id"]
            found[product] = found.get(product, ZERO) + Fraction(bought.row["quantity"])
        return {product: amount for product, amount in found.items() if amount > 0}

    def _line(self, row: Row) -> list[Bought]:
        contract: Row = next(
            (c for c in self.rows.get("contracts", []) if c["contract_id"] == row["contract_id"]),
            {},
        )
        account = row["account_id"] or contract.get("account_id")
        start = row["start_date"] or contract.get("start_date")
        if account is None or start is None or contract.get("status") == "draft":
            return []
        line = Line(
            name=row["line_id"],
            account=account,
            contract=row["contract_id"],
            product=row["product_id"],
            arr=ZERO,  # only spans are read from these lines, money is the revenue oracle's
            currency=REPORTING,
            start=start,
            end=row["end_date"] or contract.get("end_date"),
            reason=row["reason"],
        )
        return [Bought(line, row)]


def _named_by_lines(rows: Rows) -> dict[str, date]:
    """Accounts that only a contract line names, with the first day of such a line."""
    known = {row["account_id"] for row in rows.get("accounts", [])}
    found: dict[str, date] = {}
    for row in rows.get("contract_lines", []):
        name, start = row["account_id"], row["start_date"]
        if name is not None and name not in known and start is not None:
            found[name] = min(start, found.get(name, start))
    return found


def _complete(rows: Rows, named_by_lines: dict[str, date]) -> Rows:
    """The same with the tables the revenue oracle cannot do without."""
    empty: Rows = {"accounts": [], "contracts": [], "contract_lines": []}
    extra = [{"account_id": name} for name in named_by_lines]
    return empty | rows | {"accounts": rows.get("accounts", []) + extra}
