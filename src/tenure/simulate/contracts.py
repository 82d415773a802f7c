"""What a simulated contract is, what it does to the ARR of its account, and its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tenure.kernel.days import months_between
from tenure.simulate.accounts import Account
from tenure.simulate.scale import Scale
from tenure.simulate.write import Sheets, money


@dataclass(frozen=True, slots=True)
class Item:
    """Something recurring in force: `price` in hundredths per month, per seat where the unit is seat."""

    product: str
    unit: str
    quantity: int
    price: int

    @property
    def arr(self) -> int:
        """Hundredths per year; always a multiple of 12, so that any interval is exact."""
        return self.price * 12 * (self.quantity if self.unit == "seat" else 1)


@dataclass(frozen=True, slots=True)
class Line:
    """A contract line. `end` is set where it ends before its contract."""

    item: Item
    start: date
    end: date | None = None
    reason: str = ""
    kind: str = "recurring"
    is_trial: bool = False
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """ARR of the account moves by `delta` hundredths on `day`."""

    day: date
    delta: int
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a contract that fell due; `renewed_on` is the first day of its successor."""

    word: str
    due: date | None
    renewable: int = 0
    renewed: int = 0
    renewed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract with all its lines and what became of it, as known on the last day covered."""

    id: str
    signed: date
    start: date
    end: date | None
    renews: str
    auto: bool
    status: str
    lines: tuple[Line, ...]
    outcome: Outcome
    notice: date | None = None
    exit_reason: str = ""
    exit_kind: str = ""

    def in_force(self, day: date) -> int:
        """Recurring ARR of its lines on `day`, taken at face value."""
        if not (self.start <= day and (self.end is None or day < self.end)):
            return 0
        return sum(
            line.item.arr
            for line in self.lines
            if line.kind == "recurring"
            and not line.is_trial
            and line.start <= day
            and (line.end is None or day < line.end)
        )


@dataclass(frozen=True, slots=True)
class Decline:
    """The fit of an account moves by `depth` from `onset` to `bottom`, and back until `over`, if ever."""

    onset: date
    bottom: date
    depth: float
    over: date | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """Everything contractual about one account, and the moves of mood that belong to it."""

    contracts: tuple[Contract, ...]
    steps: tuple[Step, ...]
    moods: tuple[Decline, ...]

    def balances(self) -> list[tuple[date, int, str]]:
        """Day, ARR after it and why, one entry per day on which ARR moved, in order."""
        by_day: dict[date, list[Step]] = {}
        for step in sorted(self.steps, key=lambda s: s.day):
            by_day.setdefault(step.day, []).append(step)
        found, arr = [], 0
        for day, steps in by_day.items():
            moved = sum(step.delta for step in steps)
            if moved:
                arr += moved
                found.append((day, arr, " + ".join(dict.fromkeys(s.why for s in steps))))
        return found

    def spans(self) -> list[tuple[date, date | None]]:
        """The half-open spans in which the account was a paying customer."""
        found: list[tuple[date, date | None]] = []
        since: date | None = None
        for day, arr, _why in self.balances():
            if arr > 0 and since is None:
                since = day
            elif arr == 0 and since is not None:
                found.append((since, day))
                since = None
        if since is not None:
            found.append((since, None))
        return found


def write_contracts(sheets: Sheets, scale: Scale, who: Account, life: Life) -> None:
    """The rows of `contracts` and `contract_lines`; sources differ in what they leave empty."""
    for contract in life.contracts:
        draw = scale.stream(f"contract row {contract.id}")
        sheets.row(
            "contracts",
            {
                "contract_id": contract.id,
                "account_id": who.id,
                "signed_date": contract.signed,
                "start_date": contract.start,
                "end_date": contract.end,
                "renews_contract_id": contract.renews,
                "auto_renew": contract.auto,
                "tcv": _tcv(contract),
                "currency": who.currency if draw.random() < 0.7 else None,
                "status": contract.status,
                "notice_date": contract.notice,
                "exit_reason": contract.exit_reason,
                "exit_kind": contract.exit_kind,
            },
        )
        tells_ends, tells_arr = draw.random() < 0.5, draw.random() < 0.5
        interval = 1 if contract.end is None else draw.choice((1, 3, 12, 12))
        for number, line in enumerate(contract.lines, start=1):
            cells = _line_cells(line, interval=None if tells_arr else interval)
            if line.item.unit == "credit" and contract.end is not None:
                cells["quantity"] = line.item.quantity * _whole_years(contract)
            if tells_ends and cells["end_date"] is None:
                cells["end_date"] = None if contract.auto else contract.end
            cells |= {"line_id": f"{contract.id}-{number}", "contract_id": contract.id}
            cells["account_id"] = who.id if draw.random() < 0.5 else None
            cells["currency"] = who.currency if draw.random() < 0.3 else None
            sheets.row("contract_lines", cells)


def _line_cells(line: Line, *, interval: int | None) -> dict[str, object]:
    """A line with `arr`, or with an amount per `interval` months."""
    cells: dict[str, object] = {
        "product_id": line.item.product,
        "kind": line.kind,
        "quantity": line.item.quantity,
        "unit": line.item.unit,
        "is_trial": line.is_trial,
        "start_date": line.start,
        "end_date": line.end,
        "reason": line.reason,
    }
    if line.kind == "one_time":
        cells["amount"] = money(line.amount or 0)
    elif line.kind == "usage":
        cells |= {"amount": money(line.amount or 0), "interval_months": 1}
    elif interval is None:
        cells["arr"] = money(line.item.arr)
    else:
        cells |= {"amount": money(line.item.arr // 12 * interval), "interval_months": interval}
    return cells


def _whole_years(contract: Contract) -> int:
    """Credits are bought for the whole term: of three years, three times those of one."""
    months = months_between(contract.start, contract.end) if contract.end is not None else 12
    return max(1, months // 12)


def _tcv(contract: Contract) -> str | None:
    if contract.end is None:
        return None
    paid: Iterable[Line] = (line for line in contract.lines if line.start == contract.start)
    monthly = sum(
        line.item.arr // 12 for line in paid if line.kind == "recurring" and not line.is_trial
    )
    return money(monthly * max(1, months_between(contract.start, contract.end)))
