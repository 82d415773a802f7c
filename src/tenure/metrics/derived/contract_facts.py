"""Contracts and lines as the revenue metrics read them: typed rows, ARR per line, what counts at all.

Grain: one `Contract` per contract id, one `Line` per recurring, paying line. Pure functions on plain data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tenure.kernel.days import add_months, months_between
from tenure.kernel.money import ZERO, four_places

CANCELLED = "cancelled"
ENDED = "ended"
DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """The way back: a canonical table, the row's key, and the file and line it came from."""

    table: str
    key: str
    file: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract. `end` is the first day without service, None for an evergreen one."""

    contract_id: str
    account_id: str
    signed_on: date | None
    start: date | None
    end: date | None
    renews: str | None
    is_auto_renewed: bool
    status: str | None
    has_exit: bool
    notice_on: date | None
    source: SourceRow

    @property
    def is_cancelled(self) -> bool:
        """Someone said in so many words that it will not go on."""
        return self.status == CANCELLED or self.has_exit

    @property
    def has_grace(self) -> bool:
        """No grace after an explicit cancellation, or where the source says *ended* (rulings A5)."""
        return not self.is_cancelled and self.status != ENDED

    @property
    def rolls(self) -> bool:
        """It renews itself until somebody says otherwise."""
        return self.is_auto_renewed and self.has_grace

    @property
    def last_end(self) -> date | None:
        """The end it stops at: its own, or the first one after notice was given; None while it renews itself."""
        if self.end is None or not self.rolls:
            return self.end
        if self.notice_on is None:
            return None
        due, times = self.end, 0
        while due <= self.notice_on:
            times += 1
            following = self.next_end(times)
            if following is None:
                break
            due = following
        return due

    def next_end(self, times: int) -> date | None:
        """The end after rolling over `times` times by the original term; None where the term is not known."""
        if self.start is None or self.end is None or self.end <= self.start:
            return None
        months = months_between(self.start, self.end)
        if months > 0 and add_months(self.start, months) == self.end:
            return add_months(self.start, months * (times + 1))
        return self.end + (self.end - self.start) * times

    def waits_until(self, end: date, grace: timedelta) -> date:
        """The day until which a late renewal of the term that ends on `end` may still come."""
        if not self.has_grace:
            return end
        if self.notice_on is None:
            return end + grace
        return min(end + grace, max(end, self.notice_on))


@dataclass(frozen=True, slots=True)
class Line:
    """One recurring line in its own currency; `arr` to 4 decimals; `end` None while open."""

    line_id: str
    contract_id: str | None
    account_id: str
    product_id: str | None
    arr: Decimal
    currency: str
    start: date
    end: date | None
    reason: str | None
    source: SourceRow


def contracts_from(rows: Iterable[Mapping[str, Any]]) -> dict[str, Contract]:
    """Contracts by id; drafts are not contracts yet and stay out."""
    found = {}
    for row in rows:
        if row["status"] == DRAFT:
            continue
        found[row["contract_id"]] = Contract(
            contract_id=row["contract_id"],
            account_id=row["account_id"],
            signed_on=row["signed_date"],
            start=row["start_date"],
            end=row["end_date"],
            renews=row["renews_contract_id"],
            is_auto_renewed=bool(row["auto_renew"]),
            status=row["status"],
            notice_on=row["notice_date"],
            has_exit=row["exit_reason"] is not None or row["exit_kind"] is not None,
            source=SourceRow(
                "contracts", row["contract_id"], row["source_file"], row["source_line"]
            ),
        )
    return found


@dataclass(frozen=True, slots=True)
class LinesRead:
    """The lines that carry ARR, and the ids of those that should but do not say how much or since when."""

    lines: tuple[Line, ...]
    undated: tuple[str, ...]
    unpriced: tuple[str, ...]
    assumed_currency: tuple[str, ...]


def lines_from(
    line_rows: Iterable[Mapping[str, Any]],
    contract_rows: Sequence[Mapping[str, Any]],
    account_currency: Mapping[str, str | None],
    *,
    reporting_currency: str,
) -> LinesRead:
    """Recurring, paying, dated lines (G3), each with what it takes over from its contract and account.

    A line without a start or end takes its contract's; without a currency the contract's, then the
    account's, then the reporting currency (which is listed, so that it can be said aloud). A contract
    that has a total value and no line at all counts as one line of that value per year.
    """
    by_contract = {row["contract_id"]: row for row in contract_rows}
    lines: list[Line] = []
    undated, unpriced, assumed = [], [], []
    with_lines = set()
    for row in line_rows:
        contract = by_contract.get(row["contract_id"])
        with_lines.add(row["contract_id"])
        if contract is not None and contract["status"] == DRAFT:
            continue
        if row["kind"] not in (None, "recurring") or row["is_trial"]:
            continue
        account_id = row["account_id"] or (contract["account_id"] if contract else None)
        start = row["start_date"] or (contract["start_date"] if contract else None)
        arr = line_arr(row["arr"], row["amount"], row["interval_months"])
        if start is None or account_id is None:
            undated.append(row["line_id"])
            continue
        if arr is None:
            unpriced.append(row["line_id"])
            continue
        currency = row["currency"] or (contract["currency"] if contract else None)
        currency = currency or account_currency.get(account_id)
        if currency is None:
            assumed.append(row["line_id"])
        end = row["end_date"] or (contract["end_date"] if contract else None)
        if end is not None and end <= start:
            continue
        lines.append(
            Line(
                line_id=row["line_id"],
                contract_id=row["contract_id"],
                account_id=account_id,
                product_id=row["product_id"],
                arr=arr,
                currency=currency or reporting_currency,
                start=start,
                end=end,
                reason=row["reason"],
                source=SourceRow(
                    "contract_lines", row["line_id"], row["source_file"], row["source_line"]
                ),
            )
        )
    lines += _lines_of_total_value(contract_rows, with_lines, account_currency, reporting_currency)
    return LinesRead(tuple(lines), tuple(undated), tuple(unpriced), tuple(assumed))


def line_arr(
    arr: Decimal | None, amount: Decimal | None, interval_months: int | None
) -> Decimal | None:
    """ARR of a line: as given, else amount x 12 / interval_months (G3), to 4 decimals half-even."""
    if arr is not None:
        return four_places(arr)
    if amount is None or not interval_months:
        return None
    return four_places(amount * 12 / interval_months)


def _lines_of_total_value(
    contract_rows: Sequence[Mapping[str, Any]],
    with_lines: set[str | None],
    account_currency: Mapping[str, str | None],
    reporting_currency: str,
) -> list[Line]:
    """A contract known only by its total value: 300 k over 3 years is 100 k a year (acv_growth)."""
    lines = []
    for row in contract_rows:
        start, end, tcv = row["start_date"], row["end_date"], row["tcv"]
        if row["contract_id"] in with_lines or row["status"] == DRAFT:
            continue
        if start is None or end is None or tcv is None or end <= start:
            continue
        currency = row["currency"] or account_currency.get(row["account_id"]) or reporting_currency
        lines.append(
            Line(
                line_id=f"tcv:{row['contract_id']}",
                contract_id=row["contract_id"],
                account_id=row["account_id"],
                product_id=None,
                arr=yearly_value(tcv, start, end),
                currency=currency,
                start=start,
                end=end,
                reason=None,
                source=SourceRow(
                    "contracts", row["contract_id"], row["source_file"], row["source_line"]
                ),
            )
        )
    return lines


def yearly_value(total: Decimal, start: date, end: date) -> Decimal:
    """A total value per year: by months where the term is whole months, else by days of 365."""
    if start.day == end.day and months_between(start, end) > 0:
        return four_places(total * 12 / months_between(start, end))
    days = (end - start).days
    return four_places(total * 365 / days) if days > 0 else ZERO
