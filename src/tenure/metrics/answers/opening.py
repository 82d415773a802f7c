"""What the revenue answers share: the ledger at the opening rate, the opening cohort, cuts, the way to rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from tenure.kernel.days import Period
from tenure.kernel.unknown import Reason
from tenure.metrics.asked import Asked, Note
from tenure.metrics.derived.arr_movements import Ledger
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.derived.rates import MissingRate
from tenure.metrics.reading import Reading

RATES = ("nrr", "grr", "expansion_rate", "logo_retention")


def undefined(components: Mapping[str, Any], names: Iterable[str] = RATES) -> dict[str, Reason]:
    """Each missing rate with its reason: nothing to divide by."""
    return {name: "undefined" for name in names if name in components and components[name] is None}


def opening_ledger(
    reading: Reading, asked: Asked, period: Period, chosen: frozenset[str]
) -> Ledger:
    """The ledger at the period's opening-day rate, of accounts that could matter to it (G4)."""
    return reading.ledger(
        as_of=asked.as_of,
        rate_day=period.opening_day,
        currency=asked.reporting_currency,
        grace_days=asked.grace_days,
        within=chosen,
    )


def opening_cohort(
    reading: Reading, asked: Asked, period: Period, chosen: frozenset[str]
) -> frozenset[str]:
    """The chosen accounts with ARR on the opening day, whatever the rate."""
    times = reading.timeline(as_of=asked.as_of, grace_days=asked.grace_days, within=chosen)
    return frozenset(a for a in chosen if times.balance(a, period.opening_day) > 0)


def sources_of(book: Ledger, accounts: Iterable[str]) -> list[SourceRow]:
    """The source rows behind the ledger of these accounts, each once."""
    found: dict[SourceRow, None] = {}
    for account_id in accounts:
        for change in book.changes.get(account_id, ()):
            found.update(dict.fromkeys(change.sources))
    return list(found)


def missing_rate_note(missing: MissingRate, consequence: str) -> Note:
    """The finding that names pair and day (G4)."""
    return Note(
        "warning",
        "fx.missing",
        f"There is no rate from {missing.from_currency} to {missing.to_currency} on {missing.day} "
        f"or in the 7 days before, so {consequence}.",
        f"Load a row into fx_rates with rate_date {missing.day} or up to 7 days earlier.",
    )


def cut_key(reading: Reading, asked: Asked, account_id: str, day: date) -> str:
    """The account's part in the cut that was asked for."""
    if asked.by in ("cohort", "quarter"):
        return reading.cohort_of(account_id, asked.by, asked)
    return reading.account_word(account_id, str(asked.by), day)


def by_cut(reading: Reading, asked: Asked, accounts: Iterable[str]) -> dict[str, list[str]]:
    """The accounts by their part in the cut that was asked for; empty where none was."""
    groups: dict[str, list[str]] = {}
    if asked.by is not None:
        for account_id in accounts:
            key = cut_key(reading, asked, account_id, asked.day)
            groups.setdefault(key, []).append(account_id)
    return dict(sorted(groups.items()))


def contracts_unknown_note() -> Note:
    """Said where active accounts are meant and nobody can tell which are."""
    return Note(
        "notice",
        "contracts.unknown",
        "No contracts have been delivered, so every account on file counts as active.",
        "Import contracts or contract_lines; accounts without ARR in force then drop out.",
    )
