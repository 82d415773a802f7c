"""What came up for renewal and what became of it, and what comes up next: plain rows from a workspace's facts.

Contracts of an account that end on one day are one renewal. It was lost where nothing of it came back and the account
pays nothing else; where other contracts go on it shrank (rulings G8 and G9 of the metrics). Amounts are in the reporting
currency at one rate, that of `as_of`, so that currency makes no difference between before and after.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tenure.kernel.days import ONE_DAY, Period
from tenure.kernel.money import ZERO, total
from tenure.metrics.asked import GRACE_DAYS
from tenure.metrics.derived.arr_movements import Ledger
from tenure.metrics.derived.contract_facts import Contract
from tenure.metrics.derived.rates import MissingRate
from tenure.metrics.derived.renewals_due import Due, renewals_due
from tenure.metrics.reading import Reading

EARLIEST = date(1990, 1, 1)

Renewal = dict[str, Any]
"""One renewal: account, due, renewed (1, 0, None while nobody knows), before, after, index, term_start, live_since,
started, automatic, notice, exit_kind, segment."""


def past_renewals(reading: Reading, as_of: date) -> list[Renewal]:
    """Every renewal that was due by `as_of`, in order of day and account; those still inside grace have no answer."""
    period = Period(EARLIEST, as_of + ONE_DAY)
    dues = reading.dues(as_of=as_of, period=period, grace_days=GRACE_DAYS)
    return _rows(reading, [due for due in dues if due.ends <= as_of], as_of, {})


def coming_renewals(reading: Reading, as_of: date, until: date) -> list[Renewal]:
    """Every renewal due after `as_of` and before `until`, with what is known of it already.

    `renewed` is 1 where a successor is signed and 0 where notice was given or the contract is cancelled; `after` is then
    known too.
    """
    if until <= as_of + ONE_DAY:
        return []
    period = Period(as_of + ONE_DAY, until)
    dues = renewals_due(
        reading.contracts(),
        reading.lines().lines,
        reading.links(GRACE_DAYS, as_of),
        as_of=until,
        horizon=period,
        grace_days=GRACE_DAYS,
    )
    before: dict[str, set[date]] = defaultdict(set)
    for row in past_renewals(reading, as_of):
        before[row["account"]].add(row["due"])
    # Seen from the end of the period a term that renews itself has done so; whether it will is the question.
    coming = [due for due in dues if period.holds(due.ends) and _began(reading, due, as_of)]
    return _rows(reading, coming, as_of, {a: len(days) for a, days in before.items()})


def term_start(contract: Contract, due: date) -> date:
    """The first day of the term that ends on `due`; of one that rolled, the end of the term before."""
    start, end, times = contract.start or date.min, contract.end, 0
    while end is not None and end < due:
        start, times = end, times + 1
        end = contract.next_end(times)
    return start


def _began(reading: Reading, due: Due, as_of: date) -> bool:
    start = reading.contracts()[due.contract_id].start
    return start is None or start <= as_of


def _rows(
    reading: Reading, dues: Iterable[Due], as_of: date, counted: Mapping[str, int]
) -> list[Renewal]:
    groups: dict[tuple[date, str], list[Due]] = defaultdict(list)
    for due in dues:
        groups[due.ends, due.account_id].append(due)
    book = reading.timeline(as_of=as_of, grace_days=GRACE_DAYS)
    kinds = {row["contract_id"]: row["exit_kind"] or "" for row in reading.rows("contracts")}
    seen, rows = dict(counted), []
    for (ends, account_id), own in sorted(groups.items()):
        seen[account_id] = seen.get(account_id, 0) + 1
        contracts = [reading.contracts()[due.contract_id] for due in own]
        came = _became(reading, own, contracts, book, as_of)
        rows.append(
            {
                "account": account_id,
                "due": ends,
                **came,
                "index": seen[account_id],
                "term_start": min(term_start(c, ends) for c in contracts),
                "live_since": _live_since(book, account_id, ends),
                "started": reading.began(account_id),
                "automatic": int(all(c.rolls for c in contracts)),
                "notice": min((c.notice_on for c in contracts if c.notice_on), default=None),
                "exit_kind": next((k for c in contracts if (k := kinds[c.contract_id])), "")
                if came["renewed"] == 0
                else "",
                "segment": (reading.accounts().get(account_id) or {}).get("segment"),
            }
        )
    return rows


def _became(
    reading: Reading, own: list[Due], contracts: list[Contract], book: Ledger, as_of: date
) -> dict[str, Any]:
    """Whether it renewed (1, 0, None: not known), and the amounts before and after (None: no rate)."""
    ends, account_id = own[0].ends, own[0].account_id
    before = _worth(reading, [due.renewable for due in own], as_of)
    after = _worth(reading, [due.renewed for due in own], as_of)
    any_back = any(amount > 0 for due in own for amount in due.renewed.values())
    if ends > as_of:
        gone = all(
            c.is_cancelled or (c.notice_on is not None and c.notice_on <= as_of) for c in contracts
        )
        signed = all(due.is_renewed for due in own) and not any(c.rolls for c in contracts)
        known = signed or gone
        return {
            "renewed": (0 if gone else 1) if known else None,
            "before": before,
            "after": (ZERO if gone else after) if known else None,
        }
    if not any_back and any(due.is_open for due in own):
        return {"renewed": None, "before": before, "after": None}
    goes_on = book.balance(account_id, ends) > 0
    return {"renewed": int(any_back or goes_on), "before": before, "after": after}


def _worth(reading: Reading, amounts: Iterable[Mapping[str, Decimal]], day: date) -> Decimal | None:
    rate = reading.rate_on(day, reading.reporting_currency)
    try:
        return total(value * rate(currency) for own in amounts for currency, value in own.items())
    except MissingRate:
        return None


def _live_since(book: Ledger, account_id: str, ends: date) -> date | None:
    """The day since when the account has paid without a gap, seen from the day before `ends`."""
    since = None
    for move in book.moves(account_id):
        if move.day >= ends:
            break
        if move.type == "churn":
            since = None
        elif since is None:
            since = move.day
    return since
