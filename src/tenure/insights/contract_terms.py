"""What an account has bought and pays: its lines, renewals, notices, and its ARR month by month with every change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from tenure.insights.plan import name_of
from tenure.kernel.days import Period
from tenure.kernel.unknown import Unknown
from tenure.kernel.wording import short_money
from tenure.metrics.asked import GRACE_DAYS
from tenure.metrics.derived.arr_movements import Ledger, Movement
from tenure.metrics.derived.line_spans import FAR, Span
from tenure.metrics.derived.rates import MissingRate
from tenure.metrics.derived.renewals_due import Due, term_ends
from tenure.metrics.reading import Reading

Row = Mapping[str, Any]
MONTHS = 24
WORDS = {
    "new": "First ARR", "expansion": "ARR rose", "downsell": "ARR fell", "churn": "ARR ended",
    "reactivation": "ARR came back",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One contract line. `arr` is in its own currency, None where the line carries none.

    `state` is `in force`, `to come`, `ended`, or `late` where a missing renewal may still come.
    """

    line_id: str
    contract_id: str
    product: str
    kind: str
    quantity: str
    arr: Decimal | None
    currency: str
    start: date
    end: date | None
    state: str


@dataclass(frozen=True, slots=True)
class Renewal:
    """One renewal that came up or will; amounts by currency in words.

    `state` is `renewed`, `lost` or `open`; of one that lies ahead `to come`, `renewed ahead` or `given up`.
    """

    contract_id: str
    due: date
    state: str
    due_said: str
    renewed_said: str
    is_inferred: bool


@dataclass(frozen=True, slots=True)
class Term:
    """One contract with what is known of its end."""

    contract_id: str
    signed: date | None
    start: date | None
    end: date | None
    renews_itself: bool | None
    status: str
    notice_on: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Month:
    """ARR in force at the end of a month, or on the day itself; Unknown where a rate is missing."""

    day: date
    arr: Decimal | Unknown


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """Everything on the Contract page."""

    terms: Sequence[Term]
    lines: Sequence[Line]
    renewals: Sequence[Renewal]
    months: Sequence[Month]
    moves: Sequence[Movement] | Unknown

    @property
    def notices(self) -> Sequence[Term]:
        """Contracts of which notice was given."""
        return [term for term in self.terms if term.notice_on is not None]


def terms(rows: Iterable[Row], day: date, *, is_past: bool) -> list[Term]:
    """Contracts that are known by the day, newest first; a notice given later is none yet.

    Of a contract that nobody signed on a day we know, only its start tells when it became known, on a past day.
    """
    found = []
    for row in rows:
        agreed = row["signed_date"] or (row["start_date"] if is_past else None)
        if row["status"] == "draft" or (agreed is not None and agreed > day):
            continue
        notice = row["notice_date"]
        given = notice if notice is not None and notice <= day else None
        found.append(
            Term(
                row["contract_id"], row["signed_date"], row["start_date"], row["end_date"], row["auto_renew"],
                row["status"] or "", given, (row["exit_reason"] or "") if given else "",
            )
        )  # fmt: skip
    return sorted(found, key=lambda t: (t.start or date.min, t.contract_id), reverse=True)


def lines(
    spans: Iterable[Span], rows: Mapping[str, Row], known: Iterable[str], day: date
) -> list[Line]:
    """Lines of the contracts that are known by the day, those in force first, the largest first."""
    contracts = set(known)
    found = []
    for span in spans:
        row = rows.get(span.line.line_id)
        if row is None or (span.line.contract_id and span.line.contract_id not in contracts):
            continue
        ends = span.end_seen_from(day)
        state = "to come" if span.start > day else "in force" if ends == FAR else "ended"
        if state == "in force" and span.is_late(day):
            state = "late"
        quantity = ""
        if row["quantity"] is not None:
            quantity = f"{row['quantity']:,.4f}".rstrip("0").rstrip(".")
            quantity = f"{quantity} {name_of(row['unit'])}".strip()
        kind = "trial" if row["is_trial"] else name_of(row["kind"] or "recurring")
        found.append(
            Line(
                span.line.line_id, span.line.contract_id or "", row["product_id"] or "", kind, quantity,
                span.arr if span.line.currency else None, span.line.currency, span.start, span.line.end, state,
            )
        )  # fmt: skip
    order = ("in force", "late", "to come", "ended")
    found.sort(key=lambda one: one.start, reverse=True)
    return sorted(found, key=lambda one: (order.index(one.state), -(one.arr or Decimal(0))))


def renewals(dues: Iterable[Due], known: Iterable[str], day: date) -> list[Renewal]:
    """What came up for renewal by the day, newest first."""
    contracts = set(known)
    found = [
        Renewal(
            due.contract_id, due.ends, _state(due), _amounts(due.renewable), _amounts(due.renewed), due.is_inferred,
        )
        for due in dues
        if due.contract_id in contracts and due.ends <= day
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.due, one.contract_id), reverse=True)


def ahead(own: Reading, known: Iterable[str], day: date, until: date) -> list[Renewal]:
    """The next renewal of each contract that is known, the nearest first; none of contracts that carry no ARR then.

    Args:
        own: the account alone.
        known: ids of contracts.
        day: the day looked from.
        until: the last day that is listed.
    """
    links, contracts = own.links(GRACE_DAYS, day), own.contracts()
    grace, found = timedelta(days=GRACE_DAYS), []
    for contract in (contracts[id_] for id_ in known if id_ in contracts):
        followers = links.get(contract.contract_id, [])
        ends = [on for on, _ in term_ends(contract, followers, Period(day, until), grace) if on > day]  # fmt: skip
        due: dict[str, Decimal] = {}
        for line in own.lines().lines if ends else ():
            # The lines of the last covered day of the contract as signed: what rolls on rolls on as it was.
            last = contract.end or ends[0]
            if line.contract_id == contract.contract_id and line.start < last and (line.end is None or line.end >= last):  # fmt: skip
                due[line.currency] = due.get(line.currency, Decimal(0)) + line.arr
        if any(due.values()):
            given_up = contract.is_cancelled or (contract.notice_on is not None and contract.notice_on <= day)  # fmt: skip
            state = "renewed ahead" if followers else "given up" if given_up else "to come"
            inferred = any(link.is_inferred for link in followers)
            found.append(Renewal(contract.contract_id, ends[0], state, _amounts(due), "", inferred))
    return sorted(found, key=lambda one: (one.due, one.contract_id))


def _state(due: Due) -> str:
    return "renewed" if due.is_renewed else "open" if due.is_open else "lost"


def _amounts(native: Mapping[str, Decimal]) -> str:
    return " + ".join(f"{short_money(amount)} {currency}" for currency, amount in sorted(native.items()) if amount) or "0"  # fmt: skip


def month_ends(day: date) -> list[date]:
    """The ends of the last 23 complete months and the day itself, oldest first."""
    found, first = [day], day.replace(day=1)
    while len(found) < MONTHS:
        last = first - timedelta(days=1)
        if last != day:
            found.append(last)
        first = last.replace(day=1)
    return found[::-1]


def months(ledger: Ledger, account_id: str, day: date) -> list[Month]:
    """ARR at the end of each month, from the first month in which there was any."""
    found = [Month(on, _known(partial(ledger.balance, account_id, on))) for on in month_ends(day)]
    while found and found[0].arr == 0:
        found.pop(0)
    return found


def movements(ledger: Ledger, account_id: str, day: date) -> list[Movement] | Unknown:
    """Every change of ARR up to the day, newest first."""
    made: list[Movement] | Unknown = _known(partial(ledger.moves, account_id))
    if isinstance(made, Unknown):
        return made
    return [move for move in reversed(made) if move.day <= day]


def _known(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except MissingRate as missing:
        pair = f"{missing.from_currency} to {missing.to_currency}"
        return Unknown("no_data", f"no rate from {pair} on {missing.day}")


def changes_said(moves: Iterable[Movement], currency: str) -> list[dict[str, Any]]:
    """Movements as the timeline tells them: `day`, `type`, `said`, `reason`."""
    found = []
    for move in moves:
        size, after = short_money(abs(move.delta)), short_money(move.after)
        by = "" if move.type in ("new", "reactivation") else f" by {size}"
        said = f"{WORDS[move.type]}{by}, to {after} {currency}"
        if move.type == "churn":
            said = f"{WORDS[move.type]}: {size} {currency}"
        why = name_of(move.reason) if move.reason else ""
        found.append({"day": move.day, "type": move.type, "said": said, "reason": why})
    return found
