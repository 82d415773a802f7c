"""What the rows of a company mean before any counting: lines with an ARR, contracts with their lines, rates, owners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

from oracles.days import ONE_DAY

REPORTING = "USD"


@dataclass(frozen=True)
class Missing:
    """A value that cannot be computed, and why: never 0."""

    reason: str


class Either(tuple):
    """Words that are both right, where the pages leave room."""

    def __new__(cls, *words: str) -> Either:
        return super().__new__(cls, words)


class Anything:
    """A part the oracle does not judge."""


UNDEFINED = Missing("undefined")
NO_DATA = Missing("no_data")
TOO_LITTLE = Missing("too_little_history")


class MissingRate(Exception):
    """No exchange rate on or within 7 days before the day."""


@dataclass(frozen=True)
class Line:
    """One recurring line that is not a trial."""

    name: str
    account: str
    contract: str | None
    product: str | None
    arr: Fraction
    currency: str
    start: date
    end: date | None
    reason: str | None


@dataclass(frozen=True)
class Contract:
    """One contract that is not a draft, with its recurring lines."""

    name: str
    account: str
    signed: date | None
    start: date
    end: date | None
    renews: str | None
    auto: bool
    over: bool
    notice: date | None
    lines: tuple[Line, ...]

    @property
    def first_day(self) -> date:
        """The first day of its first recurring line."""
        return min((line.start for line in self.lines), default=self.start)

    def cancelled(self, as_of: date) -> bool:
        """Whether somebody said, by then, that it will not go on."""
        return self.over or (self.notice is not None and self.notice <= as_of)


@dataclass(frozen=True)
class Company:
    """Everything the naive loops look at."""

    rows: dict[str, list[dict[str, Any]]]
    accounts: dict[str, dict[str, Any]]
    contracts: dict[str, Contract]
    lines: tuple[Line, ...]
    rates: dict[tuple[str, str, date], Fraction]

    def rate(self, currency: str, day: date) -> Fraction:
        """Reporting currency per unit, on the day or at most 7 days before it."""
        if currency == REPORTING:
            return Fraction(1)
        for back in range(8):
            rate = self.rates.get((currency, REPORTING, day - back * ONE_DAY))
            if rate is not None:
                return rate
        raise MissingRate(f"{currency} to {REPORTING} on {day}")

    def segment(self, account: str) -> str:
        """The segment now, or the unassigned bucket."""
        return self.accounts[account].get("segment") or "unassigned"

    def owner(self, account: str, day: date) -> str:
        """The CSM on a day, or the unassigned bucket; without any history, the present CSM."""
        history = self.rows.get("account_assignments", [])
        if not history:
            return self.accounts[account].get("csm_id") or "unassigned"
        for row in history:
            if row["account_id"] != account or row["role"] != "csm" or row["start_date"] > day:
                continue
            if row["end_date"] is None or day < row["end_date"]:
                return row["user_id"]
        return "unassigned"


def yearly(row: dict[str, Any]) -> Fraction:
    """ARR of a line, kept to 4 decimals, half-even (G3)."""
    if row.get("arr") is not None:
        amount = Decimal(row["arr"])
    else:
        exact = Fraction(row["amount"]) * 12 / row["interval_months"]
        return Fraction(round(exact * 10000), 10000)  # round() of a Fraction is half-even
    return Fraction(amount.quantize(Decimal("0.0001"), rounding=ROUND_HALF_EVEN))


def read(rows: dict[str, list[dict[str, Any]]], *, only: set[str] | None = None) -> Company:
    """The company behind the rows; `only` keeps some accounts."""
    accounts = {
        row["account_id"]: row
        for row in rows["accounts"]
        if only is None or row["account_id"] in only
    }
    agreed = {row["contract_id"]: row for row in rows["contracts"] if row["account_id"] in accounts}
    lines = []
    for row in rows["contract_lines"]:
        contract = agreed.get(row["contract_id"])
        account = row["account_id"] or (contract or {}).get("account_id")
        if account in accounts and not (contract and contract["status"] == "draft"):
            lines += _line(row, contract or {}, accounts[account])
    contracts = {
        name: Contract(
            name=name,
            account=row["account_id"],
            signed=row["signed_date"],
            start=row["start_date"],
            end=row["end_date"],
            renews=row["renews_contract_id"],
            auto=bool(row["auto_renew"]),
            over=row["status"] in ("ended", "cancelled"),
            notice=row["notice_date"],
            lines=tuple(line for line in lines if line.contract == name),
        )
        for name, row in agreed.items()
        if row["status"] != "draft"
    }
    rates = {
        (row["from_currency"], row["to_currency"], row["rate_date"]): Fraction(row["rate"])
        for row in rows.get("fx_rates", [])
    }
    return Company(rows, accounts, contracts, tuple(lines), rates)


def _line(row: dict[str, Any], contract: dict[str, Any], account: dict[str, Any]) -> list[Line]:
    if row["kind"] not in (None, "recurring") or row["is_trial"]:
        return []
    return [
        Line(
            name=row["line_id"],
            account=account["account_id"],
            contract=row["contract_id"],
            product=row["product_id"],
            arr=yearly(row),
            currency=row["currency"]
            or contract.get("currency")
            or account.get("currency")
            or REPORTING,
            start=row["start_date"] or contract["start_date"],
            end=row["end_date"] or contract.get("end_date"),
            reason=row["reason"],
        )
    ]
