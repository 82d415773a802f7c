"""The renewal clock: days_to_renewal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
    as_of, links = asked.as_of, reading.carried(asked.grace_days, asked.as_of)
    paying = {
        s.line.contract_id
        for s in reading.spans(asked.grace_days, as_of)
        if s.arr > 0 and s.in_force(as_of, as_of)
    }
    with_lines = {row["contract_id"] for row in reading.rows("contract_lines")}
    by_account: dict[str, dict[str, Contract]] = {}
    for contract in reading.contracts().values():
        by_account.setdefault(contract.account_id, {})[contract.contract_id] = contract
    found = {}
    for account_id, own in by_account.items():
        clock = Clock(own, links, paying, with_lines, timedelta(days=asked.grace_days))
        end = clock.next_end(as_of)
        if end is not None:
            found[account_id] = end
    return found


@dataclass(frozen=True, slots=True)
class Clock:
    """One account's contracts with what a day knows of them: renewals, and which contracts have a paying line."""

    contracts: Mapping[str, Contract]
    links: Mapping[str, list[Renewal]]
    paying: Collection[str | None]
    with_lines: Collection[str | None]
    grace: timedelta

    def next_end(self, as_of: date) -> NextEnd | None:
        """The nearest end among contracts in force on as_of, each followed to its known renewals."""
        found: NextEnd | None = None
        for contract in self.contracts.values():
            if not self._is_in_force(contract, as_of):
                continue
            current = self._latest_known(contract)
            end = _rolled_on(current, as_of)
            if end is None or end + self.grace <= as_of:
                continue
            if found is None or end < found.end:
                is_leaving = current.is_cancelled or _noticed(current, as_of)
                found = NextEnd(end, is_leaving, current.source)
        return found

    def _is_in_force(self, contract: Contract, as_of: date) -> bool:
        """It has a paying line in force; one without any lines counts by its own dates."""
        if contract.contract_id in self.with_lines:
            return contract.contract_id in self.paying
        until = contract.end
        if contract.has_grace and until is not None:
            until += self.grace
        return (contract.start or as_of) <= as_of and (
            until is None or as_of < until or (contract.is_auto_renewed and contract.has_grace)
        )

    def _latest_known(self, contract: Contract) -> Contract:
        """The contract that carries this one on, as far as is known."""
        current, seen = contract, {contract.contract_id}
        while True:
            followers = [
                self.contracts[link.successor]
                for link in self.links.get(current.contract_id, [])
                if link.successor not in seen and _in_time(link, current, self.grace)
            ]
            if not followers:
                return current
            current = max(
                followers, key=lambda c: (c.end is None, c.end or date.min, c.contract_id)
            )
            seen.add(current.contract_id)


def turning_days(contract: Contract, until: date) -> set[date]:
    """Days up to `until` from which on the contract's next end may be another, as its own dates go."""
    found = {day for day in (contract.start, contract.end) if day is not None}
    due, times = contract.end, 0
    while due is not None and due <= until and contract.rolls:
        times += 1
        due = contract.next_end(times)
        if due is not None:
            found.add(due)
    return found


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
