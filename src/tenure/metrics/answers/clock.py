"""The renewal clock: days_to_renewal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tenure.kernel.unknown import Reason
from tenure.metrics.asked import Asked, Result
from tenure.metrics.derived.contract_facts import Contract, SourceRow
from tenure.metrics.derived.line_spans import Renewal
from tenure.metrics.reading import Reading


@dataclass(frozen=True, slots=True)
class NextEnd:
    """The day an account's next contract is up, whether it was cancelled or given notice of, and where it stands."""

    end: date
    is_leaving: bool
    source: SourceRow


def days_to_renewal(reading: Reading, asked: Asked) -> Result:
    """Days to the nearest end of an active contract that is not renewed yet; negative inside grace."""
    as_of = asked.as_of
    chosen = sorted(reading.population(asked.where, as_of))
    ends = _next_ends(reading, asked)
    days = {a: ((ends[a].end - as_of).days if a in ends else None) for a in chosen}
    # Over, evergreen, or never any contract: there is no clock, and nothing is missing.
    reasons: dict[str, Reason] = {f"by_account.{a}": "undefined" for a in chosen if days[a] is None}
    return Result(
        value=None,
        components={
            "by_account": days,
            "cancelled": [a for a in chosen if a in ends and ends[a].is_leaving],
        },
        reasons=reasons,
        n=sum(1 for value in days.values() if value is not None),
        rows=[ends[a].source for a in chosen if a in ends],
    )


def next_renewals(reading: Reading, asked: Asked) -> dict[str, date]:
    """The next contract end per account, where one is coming."""
    return {account_id: found.end for account_id, found in _next_ends(reading, asked).items()}


def _next_ends(reading: Reading, asked: Asked) -> dict[str, NextEnd]:
    """Per account the nearest end among contracts in force on as_of, each followed to its known renewals."""
    as_of, grace = asked.as_of, timedelta(days=asked.grace_days)
    found: dict[str, NextEnd] = {}
    for contract in _in_force(reading, asked):
        current = _latest_known(contract, reading, asked)
        end = _rolled_on(current, as_of)
        if end is None or end + grace <= as_of:
            continue
        if contract.account_id not in found or end < found[contract.account_id].end:
            found[contract.account_id] = NextEnd(
                end, current.is_cancelled or _noticed(current, as_of), current.source
            )
    return found


def _in_force(reading: Reading, asked: Asked) -> list[Contract]:
    """Contracts with a paying line in force on as_of; one without any lines counts by its own dates."""
    as_of, grace = asked.as_of, timedelta(days=asked.grace_days)
    paying = {
        s.line.contract_id
        for s in reading.spans(asked.grace_days, asked.as_of)
        if s.arr > 0 and s.in_force(as_of, as_of)
    }
    with_lines = {row["contract_id"] for row in reading.rows("contract_lines")}
    running = []
    for contract in reading.contracts().values():
        if contract.contract_id in with_lines:
            is_running = contract.contract_id in paying
        else:
            until = (
                contract.end
                if contract.has_grace is False
                else contract.end and contract.end + grace
            )
            is_running = (contract.start or as_of) <= as_of and (
                until is None or as_of < until or (contract.is_auto_renewed and contract.has_grace)
            )
        if is_running:
            running.append(contract)
    return running


def _latest_known(contract: Contract, reading: Reading, asked: Asked) -> Contract:
    """The contract that carries this one on, as far as is known on as_of."""
    contracts, links = reading.contracts(), reading.carried(asked.grace_days, asked.as_of)
    current, seen, grace = contract, {contract.contract_id}, timedelta(days=asked.grace_days)
    while True:
        followers = [
            contracts[link.successor]
            for link in links.get(current.contract_id, [])
            if link.successor not in seen and _in_time(link, current, grace)
        ]
        if not followers:
            return current
        current = max(followers, key=lambda c: (c.end is None, c.end or date.min, c.contract_id))
        seen.add(current.contract_id)


def _noticed(contract: Contract, as_of: date) -> bool:
    return contract.notice_on is not None and contract.notice_on <= as_of


def _in_time(link: Renewal, contract: Contract, grace: timedelta) -> bool:
    """A start beyond grace is a return, not a renewal."""
    last = contract.last_end
    return last is None or link.starts <= last + grace


def _rolled_on(contract: Contract, as_of: date) -> date | None:
    """The contract's end; the next one after as_of while it renews itself."""
    end, times, last = contract.end, 0, contract.last_end
    while end is not None and end <= as_of and contract.rolls and (last is None or end < last):
        times += 1
        end = contract.next_end(times)
    return end
