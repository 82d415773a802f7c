"""Small awkward companies, as plain rows per canonical table.

Every decision goes through one `choose(options)`, so the same code serves a seed and a Hypothesis strategy; the first
option is always the plain one, which is where a failing example shrinks to. `calm=True` leaves out what two honest
readers could read differently: nothing is left to inference.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from oracles.days import add_months
from oracles.surroundings import surround

Row = dict[str, Any]
Rows = dict[str, list[Row]]
Choose = Callable[[Sequence[Any]], Any]

FIRST_DAY = date(2023, 1, 1)
TODAY = date(2026, 2, 1)  # a notice given later would be a mistake of the source
LAST_START = date(2025, 9, 30)
YEARLY = [Decimal(text) for text in ("12000", "1200", "30000", "999.99", "100.01", "0")]


def seeded(seed: int) -> Choose:
    """A `choose` that follows a fixed seed."""
    return random.Random(seed).choice


def company(choose: Choose, *, calm: bool = False, currencies: Sequence[str] = ("USD",)) -> Rows:
    """One company of 1 to 8 accounts; more than one currency brings weekly exchange rates."""
    writer = _Writer(choose, calm=calm, currencies=currencies)
    for number in range(1, choose([1, 2, 3, 3, 4, 5, 8]) + 1):
        writer.account(f"A{number}")
    surround(writer.rows, choose, currencies)
    return writer.rows


class _Writer:
    """Writes the rows of one account after another."""

    def __init__(self, choose: Choose, *, calm: bool, currencies: Sequence[str]) -> None:
        self.choose, self.calm, self.currencies = choose, calm, currencies
        self.rows: Rows = {"accounts": [], "contracts": [], "contract_lines": []}

    def maybe(self, *, one_in: int) -> bool:
        """True once in a while; shrinks to False."""
        return self.choose([False] * (one_in - 1) + [True])

    def account(self, name: str) -> None:
        self.rows["accounts"].append(
            {
                "account_id": name,
                "name": f"Account {name}",
                "segment": self.choose(["smb", "mid_market", "enterprise", None]),
                "currency": self.choose(self.currencies),
            }
        )
        left = 6
        for chain in range(self.choose([1, 1, 2, 3])):
            left -= self.chain(name, f"{name}-P{chain + 1}", most=left)
            if left <= 0:
                break
        if self.maybe(one_in=5):
            self.loose_line(name)

    def chain(self, account: str, product: str, *, most: int) -> int:
        """One product from first sale to the end; returns how many contracts it took."""
        start = add_months(FIRST_DAY, self.choose(range(24)))
        start += timedelta(days=self.choose([0, 0, 0, 14, 27]))
        base = self.choose(YEARLY)
        before: Row | None = None
        currency = self.choose([None, *self.currencies])
        wanted = min(most, self.choose([1, 2, 2, 3, 4]))
        for number in range(1, wanted + 1):
            contract = self.contract(account, f"{product}-{number}", start, last=number == wanted)
            contract["currency"] = currency
            self.link(contract, before)
            self.lines(contract, product, base)
            if self.maybe(one_in=7):
                self.add_on_contract(contract, product)
            elif self.maybe(one_in=8):
                currency = self.choose([None, *self.currencies])
            start_next = self.next_start(contract)
            if start_next is None or start_next > LAST_START:
                return number
            start, before = start_next, contract
            base = (base * self.choose([Decimal(1), Decimal("1.25"), Decimal("0.5")])).quantize(
                Decimal("0.01")
            )
            if self.maybe(one_in=12):
                base = self.choose(YEARLY)
        return wanted

    def contract(self, account: str, name: str, start: date, *, last: bool) -> Row:
        end: date | None = add_months(start, self.choose([12, 12, 6, 3, 24, 36]))
        if not self.calm and self.maybe(one_in=8):
            end = start + timedelta(days=self.choose([100, 400]))
        status, auto, notice = self.choose(["active", None]), None, None
        if last:
            fate = self.choose(["plain"] * 5 + ["evergreen", "auto", "auto", "over", "noticed"])
            if fate == "evergreen":
                end = None
            if fate == "auto" or (fate == "noticed" and self.maybe(one_in=2)):
                auto = True
            if fate == "over":
                status = self.choose(["ended", "cancelled"])
            if fate == "noticed" and end is not None:
                notice = end - timedelta(days=self.choose([45, 5, 100]))
                notice = notice if notice < TODAY else None
        if last and self.maybe(one_in=10):
            status = "draft"
        signed = self.choose([start, None, start - timedelta(days=20), start - timedelta(days=75)])
        row = {
            "contract_id": name,
            "account_id": account,
            "signed_date": signed,
            "start_date": start,
            "end_date": end,
            "renews_contract_id": None,
            "auto_renew": auto,
            "currency": None,
            "status": status,
            "notice_date": notice,
        }
        self.rows["contracts"].append(row)
        return row

    def next_start(self, contract: Row) -> date | None:
        """When the next contract of the chain begins: early, on time, in grace, or too late."""
        if contract["end_date"] is None or contract["status"] in ("ended", "cancelled"):
            return None
        if contract["auto_renew"] or contract["notice_date"]:
            return None
        days = self.choose([0, 0, 0, 1, 10, 30, 31, -1, -20, -60, -90, 75, 200])
        return max(
            contract["end_date"] + timedelta(days=days), contract["start_date"] + timedelta(days=5)
        )

    def link(self, contract: Row, before: Row | None) -> None:
        """Name the predecessor, or leave it to be inferred (never when calm)."""
        if before is None or before["end_date"] is None:
            return
        late = (contract["start_date"] - before["end_date"]).days
        if late > 30:
            named = not self.calm and self.maybe(one_in=6)
        else:
            named = self.calm or not self.maybe(one_in=3)
        if named:
            contract["renews_contract_id"] = before["contract_id"]

    def line(self, contract: Row | None, product: str | None, **more: Any) -> Row:
        where = contract["contract_id"] if contract else more["account_id"]
        row = {
            "line_id": f"{where}-l{len(self.rows['contract_lines']) + 1}",
            "contract_id": contract["contract_id"] if contract else None,
            "account_id": contract["account_id"] if contract else None,
            "product_id": product,
            "kind": self.choose(["recurring", None]),
            "amount": None,
            "interval_months": None,
            "arr": None,
            "currency": None,
            "is_trial": self.choose([False, None]),
            "start_date": None,
            "end_date": None,
            "reason": None,
        } | more
        self.rows["contract_lines"].append(row)
        return row

    def priced(self, yearly: Decimal) -> Row:
        """The same price said in one of the ways sources say it."""
        months = self.choose([None, 12, 1, 3, 7])
        if months is None:
            return {"arr": yearly}
        return {
            "amount": (yearly * months / 12).quantize(Decimal("0.01")),
            "interval_months": months,
        }

    def lines(self, contract: Row, product: str, base: Decimal) -> None:
        known = product if self.calm or not self.maybe(one_in=8) else None
        start, end = contract["start_date"], contract["end_date"]
        long = end is not None and (end - start).days > 360
        shape = self.choose(
            ["one"] * 5 + ["explicit", "second", "swap", "ramp", "add_on", "discount", "extras"]
        )
        if shape == "explicit":
            self.line(contract, known, **self.priced(base), start_date=start, end_date=end)
            return
        if shape in ("ramp", "swap") and long:
            self.steps(contract, known, base, shape)
            return
        self.line(contract, known, **self.priced(base))
        middle = start + timedelta(days=self.choose([60, 30, 1]))
        if shape == "second":
            self.line(contract, f"{product}s", **self.priced(Decimal("2400")), end_date=middle)
        if shape == "add_on":
            self.line(contract, f"{product}s", **self.priced(Decimal("600")), start_date=middle)
        if shape == "discount":
            self.line(contract, known, arr=-(base / 10).quantize(Decimal("0.0001")))
        if shape == "extras":
            self.line(contract, known, kind="one_time", amount=Decimal(500))
            self.line(contract, known, kind="usage", amount=Decimal(70), interval_months=1)
            self.line(contract, known, arr=Decimal(9000), is_trial=True)

    def steps(self, contract: Row, product: str | None, base: Decimal, shape: str) -> None:
        """Consecutive lines: a ramp goes up and says so; a swap is one line for another on one day."""
        half = contract["start_date"] + timedelta(days=180)
        self.line(contract, product, **self.priced(base), end_date=half)
        step = Decimal("1.5") if shape == "ramp" else self.choose([Decimal(1), Decimal("0.8")])
        self.line(
            contract,
            product,
            **self.priced((base * step).quantize(Decimal("0.01"))),
            start_date=half,
            reason="ramp" if shape == "ramp" else None,
        )

    def add_on_contract(self, contract: Row, product: str) -> None:
        """A co-termed contract of its own: same end, later start."""
        if contract["end_date"] is None or contract["auto_renew"] or contract["status"] == "draft":
            return
        start = contract["start_date"] + timedelta(days=self.choose([40, 80]))
        row = contract | {
            "contract_id": f"{contract['contract_id']}-add",
            "start_date": start,
            "signed_date": self.choose([start, None]),
            "renews_contract_id": None,
        }
        self.rows["contracts"].append(row)
        what = f"{row['contract_id']}" if self.calm else f"{product}-add"
        self.line(row, what, **self.priced(Decimal("1800")))

    def loose_line(self, account: str) -> None:
        """A line that no contract holds: its own end, or none at all."""
        start = add_months(FIRST_DAY, self.choose(range(30)))
        end = self.choose([add_months(start, 5), None])
        self.line(
            None,
            f"{account}-loose",
            account_id=account,
            **self.priced(Decimal("360")),
            start_date=start,
            end_date=end,
        )
