"""Renewal of what was due: gross_renewal_rate, net_renewal_rate, renewal_rate_logo (G6-G9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tenure.kernel.days import Period
from tenure.kernel.money import ZERO, ratio, total
from tenure.kernel.unknown import Reason
from tenure.kernel.wording import counted
from tenure.metrics.answers.opening import cut_key, opening_cohort, opening_ledger
from tenure.metrics.asked import Asked, Cut, Note, Result
from tenure.metrics.derived.contract_facts import Contract
from tenure.metrics.derived.flows import flows, rates_of
from tenure.metrics.derived.renewals_due import Due
from tenure.metrics.reading import Reading

RATES = (
    "gross_renewal_rate",
    "net_renewal_rate",
    "logo_renewal_rate",
    "gross_renewal_rate_resolved",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One due contract in the reporting currency at the period's opening rate."""

    due: Due
    renewable: Decimal
    renewed: Decimal
    account_goes_on: bool

    @property
    def kept(self) -> Decimal:
        """Renewed without the growth signed along with it."""
        return min(self.renewed, self.renewable)

    @property
    def lost(self) -> Decimal:
        """What was due and did not come back; what is still open inside grace is not lost."""
        return ZERO if self.due.is_open else self.renewable - self.kept


def gross_renewal_rate(reading: Reading, asked: Asked) -> Result:
    """The share of ARR due in the period that was renewed, growth left out."""
    return _renewal(reading, asked, "gross_renewal_rate")


def net_renewal_rate(reading: Reading, asked: Asked) -> Result:
    """ARR renewed over ARR due, growth signed with the renewal included."""
    return _renewal(reading, asked, "net_renewal_rate")


def renewal_rate_logo(reading: Reading, asked: Asked) -> Result:
    """The share of accounts with a contract due that renewed."""
    return _renewal(reading, asked, "logo_renewal_rate")


def _renewal(reading: Reading, asked: Asked, which: str) -> Result:
    period = asked.period
    chosen = reading.population(asked.where, asked.as_of)
    outcomes = outcomes_of(reading, asked, period, chosen)
    cohort = opening_cohort(reading, asked, period, chosen)
    rule = asked.parameters.get("logo_rule", "any")
    parts = _parts(outcomes, rule)
    kept = flows(
        opening_ledger(reading, asked, period, cohort), period, method="period_net", chosen=cohort
    )
    base = rates_of(kept)
    components = parts | {"opening_arr": base["opening_arr"], "grr": base["grr"]}
    reasons: dict[str, Reason] = {
        name: "undefined" for name in (*RATES, "grr") if components[name] is None
    }
    cuts = _cuts(reading, asked, outcomes, (which, rule))
    if asked.by is not None:
        components[f"{asked.metric}_by_{asked.by}"] = {cut.key: cut.value for cut in cuts}
    value = parts[which]
    return Result(
        value=value,
        components=components,
        unknown="undefined" if value is None else None,
        reasons=reasons,
        cuts=cuts,
        n=len({o.due.account_id for o in outcomes})
        if which == "logo_renewal_rate"
        else len(outcomes),
        notes=_notes(reading, outcomes),
        rows=[source for o in outcomes for source in o.due.sources],
    )


def outcomes_of(
    reading: Reading, asked: Asked, period: Period, chosen: frozenset[str]
) -> list[Outcome]:
    """What became of each contract of the chosen accounts that was due in the period and by as_of."""
    convention = asked.parameters.get("due_date_convention", "end_date")
    rate = reading.rate_on(period.opening_day, asked.reporting_currency)
    book = reading.timeline(as_of=asked.as_of, grace_days=asked.grace_days, within=chosen)
    outcomes = []
    for due in reading.dues(as_of=asked.as_of, period=period, grace_days=asked.grace_days):
        due_on = due.due_on(convention)
        if due.account_id not in chosen or not period.holds(due_on) or due_on > asked.as_of:
            continue
        renewable = total(amount * rate(currency) for currency, amount in due.renewable.items())
        renewed = total(amount * rate(currency) for currency, amount in due.renewed.items())
        left = book.balance(due.account_id, due.ends)
        if due.ends > asked.as_of:  # its last day is today: what stays is the rest of the account
            left -= total(due.renewable.values())
        if renewable > 0:
            outcomes.append(Outcome(due, renewable, max(renewed, ZERO), left > 0))
    return outcomes


def _parts(outcomes: Sequence[Outcome], rule: str) -> dict[str, Any]:
    renewable, renewed = total(o.renewable for o in outcomes), total(o.renewed for o in outcomes)
    kept = total(o.kept for o in outcomes)
    # Losing one of several contracts is a downsell; churn only when the account goes to nothing (G9).
    churn = total(o.lost for o in outcomes if o.kept == 0 and not o.account_goes_on)
    open_arr = total(o.renewable for o in outcomes if o.due.is_open)
    resolved = renewable - open_arr
    return {
        "renewable_arr": renewable,
        "renewed_arr": renewed,
        "downsell": total(o.lost for o in outcomes) - churn,
        "churn": churn,
        "expansion_at_renewal": renewed - kept,
        "gross_renewal_rate": ratio(kept, renewable),
        "net_renewal_rate": ratio(renewed, renewable),
        "logo_renewal_rate": _logo_rate(outcomes, rule),
        "open_arr": open_arr,
        "gross_renewal_rate_resolved": ratio(kept, resolved),
    }


def _logo_rate(outcomes: Sequence[Outcome], rule: str) -> float | None:
    by_account: dict[str, list[bool]] = {}
    for outcome in outcomes:
        by_account.setdefault(outcome.due.account_id, []).append(outcome.renewed > 0)
    judge = all if rule == "all" else any
    return ratio(sum(1 for renewed in by_account.values() if judge(renewed)), len(by_account))


def _cuts(
    reading: Reading, asked: Asked, outcomes: Sequence[Outcome], which: tuple[str, str]
) -> list[Cut]:
    """Owners are read on the due date: whoever held the account when it came up."""
    if asked.by is None:
        return []
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        due_on = outcome.due.due_on(asked.parameters["due_date_convention"])
        key = cut_key(reading, asked, outcome.due.account_id, due_on)
        groups.setdefault(key, []).append(outcome)
    name, rule = which
    made = []
    for key in sorted(groups):
        parts = _parts(groups[key], rule)
        made.append(Cut(key, parts[name], len(groups[key]), parts))
    return made


def _notes(reading: Reading, outcomes: Sequence[Outcome]) -> list[Note]:
    notes = []
    inferred = sum(1 for o in outcomes if o.due.is_inferred)
    if inferred:
        notes.append(
            Note(
                "notice",
                "renewal.inferred",
                f"{counted(inferred, 'renewal')} of {len(outcomes):,} without renews_contract_id: matched by "
                "account, product and date.",
                "Fill renews_contract_id in contracts where the match is wrong.",
            )
        )
    if outcomes and ends_are_cancellations(reading.contracts().values()):
        notes.append(
            Note(
                "warning",
                "renewal.ends_are_cancellations",
                "Every contract that has an end was cancelled, and the others have none: the source seems to write an "
                "end only when a customer leaves. What came due and was renewed is not in these rows, so this is no "
                "renewal rate.",
                "Load the ends of all terms; until then read grr.",
            )
        )
    return notes


def ends_are_cancellations(contracts: Iterable[Contract]) -> bool:
    """Whether ends are written for leavers only, beside contracts without an end."""
    known = list(contracts)
    ended = [contract for contract in known if contract.end is not None]
    return 0 < len(ended) < len(known) and all(contract.is_cancelled for contract in ended)
