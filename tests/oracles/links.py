"""Which contract continues which, as far as it is known on a day (G5, G6, rulings A5)."""

from __future__ import annotations

from datetime import date, timedelta

from oracles.reading import Company, Contract


def known(predecessor: Contract, successor: Contract, as_of: date) -> bool:
    """Whether somebody standing on `as_of` can know of the successor."""
    if successor.first_day <= as_of:
        return True
    if successor.signed is not None:
        return successor.signed <= as_of
    return predecessor.end is None or predecessor.end > as_of


def successors(company: Company, as_of: date, grace: int) -> dict[str, list[Contract]]:
    """For each contract, the contracts that continue it: named ones, else the inferred one."""
    found: dict[str, list[Contract]] = {name: [] for name in company.contracts}
    for contract in company.contracts.values():
        before = company.contracts.get(contract.renews or "")
        if before and _named(before, contract) and known(before, contract, as_of):
            found[before.name].append(contract)
    for _, before, after in candidates(company, as_of, grace, found):
        taken = any(after in others for others in found.values())
        if not found[before.name] and not taken:
            found[before.name].append(after)
    return found


def candidates(
    company: Company, as_of: date, grace: int, found: dict[str, list[Contract]]
) -> list[tuple[int, Contract, Contract]]:
    """Pairs that inference may link, nearest first."""
    pairs = []
    for before in company.contracts.values():
        for after in company.contracts.values():
            if after.renews is not None or not _could_follow(before, after, grace):
                continue
            if found[before.name] or not known(before, after, as_of):
                continue
            assert before.end is not None
            pairs.append((abs((after.first_day - before.end).days), before, after))
    return sorted(pairs, key=lambda pair: pair[0])


def torn(company: Company, as_of: date, grace: int) -> bool:
    """Whether inference has to choose between equally near pairs, so that order would decide."""
    found: dict[str, list[Contract]] = {name: [] for name in company.contracts}
    for contract in company.contracts.values():
        before = company.contracts.get(contract.renews or "")
        if before and known(before, contract, as_of):
            found[before.name].append(contract)
    pairs = candidates(company, as_of, grace, found)
    for i, (near, before, after) in enumerate(pairs):
        for other_near, other_before, other_after in pairs[i + 1 :]:
            shares = before is other_before or after is other_after
            if shares and near == other_near:
                return True
    return False


def _named(before: Contract, after: Contract) -> bool:
    return before.account == after.account and _later(before, after)


def _later(before: Contract, after: Contract) -> bool:
    return after.first_day > before.start


def _could_follow(before: Contract, after: Contract, grace: int) -> bool:
    if before is after or before.account != after.account or before.end is None:
        return False
    if not before.lines or not after.lines or not _later(before, after):
        return False
    old = {line.product for line in before.lines if line.product}
    new = {line.product for line in after.lines if line.product}
    if old and new and not old & new:
        return False
    earliest, latest = before.end - timedelta(days=90), before.end + timedelta(days=grace)
    return earliest <= after.first_day <= latest
