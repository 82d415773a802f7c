"""Retention of the opening base: nrr, grr, expansion_rate, logo_retention (G2, G4, G7, G11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tenure.kernel.days import Period, add_months
from tenure.kernel.errors import UserError
from tenure.kernel.money import ZERO, ratio, total
from tenure.kernel.unknown import Reason
from tenure.metrics.asked import Asked, Cut, Note, Result
from tenure.metrics.derived.arr_movements import Ledger
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.derived.rates import MissingRate
from tenure.metrics.reading import Reading


@dataclass(frozen=True, slots=True)
class Flow:
    """What one account of the opening cohort did in a period, at one rate."""

    account_id: str
    start: Decimal
    end: Decimal
    expansion: Decimal
    downsell: Decimal
    churn: Decimal

    @property
    def is_lost(self) -> bool:
        """Whether the logo is gone at the period's end."""
        return self.end <= 0


def flows(book: Ledger, period: Period, *, method: str, chosen: Iterable[str]) -> list[Flow]:
    """One flow per chosen account with ARR on the opening day.

    `period_net` compares the two ends; `gross_flows` sums the movements up to the account's first churn.
    """
    made = []
    for account_id in sorted(chosen):
        start = book.balance(account_id, period.opening_day)
        if start <= 0:
            continue
        end = book.balance(account_id, period.last_day)
        parts = _net(start, end) if method == "period_net" else _gross(book, account_id, period)
        made.append(Flow(account_id, start, end, *parts))
    return made


def _net(start: Decimal, end: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    if end <= 0:
        return ZERO, ZERO, start
    return max(end - start, ZERO), max(start - end, ZERO), ZERO


def _gross(book: Ledger, account_id: str, period: Period) -> tuple[Decimal, Decimal, Decimal]:
    expansion = downsell = churn = ZERO
    for move in book.moves(account_id, period):
        if move.type == "expansion":
            expansion += move.delta
        elif move.type == "downsell":
            downsell -= move.delta
        elif move.type == "churn":
            # It left the opening cohort here; what a return brings is reactivation, not retention.
            return expansion, downsell, -move.delta
    return expansion, downsell, churn


def rates_of(own: Sequence[Flow]) -> dict[str, Any]:
    """The sums and rates over some flows; a rate over nothing is None."""
    opening = total(f.start for f in own)
    expansion, downsell, churn = (
        total(getattr(f, part) for f in own) for part in ("expansion", "downsell", "churn")
    )
    lost = sum(1 for f in own if f.is_lost)
    return {
        "opening_arr": opening,
        "expansion": expansion,
        "downsell": downsell,
        "churn": churn,
        "nrr": ratio(opening + expansion - downsell - churn, opening),
        "grr": ratio(opening - downsell - churn, opening),
        "expansion_rate": ratio(expansion, opening),
        "opening_logos": len(own),
        "lost_logos": lost,
        "logo_retention": ratio(len(own) - lost, len(own)),
    }


RATES = ("nrr", "grr", "expansion_rate", "logo_retention")


def undefined(components: Mapping[str, Any], names: Iterable[str] = RATES) -> dict[str, Reason]:
    """Each missing rate with its reason: nothing to divide by."""
    return {name: "undefined" for name in names if name in components and components[name] is None}


def nrr(reading: Reading, asked: Asked) -> Result:
    """Net revenue retention of the opening cohort, and both rates beside it."""
    return _retention(reading, asked, "nrr")


def grr(reading: Reading, asked: Asked) -> Result:
    """Gross revenue retention, capped per account."""
    return _retention(reading, asked, "grr")


def expansion_rate(reading: Reading, asked: Asked) -> Result:
    """Expansion of the opening cohort over its opening ARR: nrr - grr."""
    return _retention(reading, asked, "expansion_rate")


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


def _retention(reading: Reading, asked: Asked, which: str) -> Result:
    period, method = asked.period, asked.parameters["method"]
    chosen = reading.population(asked.where, asked.as_of)
    cohort = opening_cohort(reading, asked, period, chosen)
    book = opening_ledger(reading, asked, period, cohort)
    own = flows(book, period, method=method, chosen=cohort)
    closing, notes = _closing_at_spot(reading, asked, own, cohort)
    if asked.parameters["fx"] == "spot":
        own = _at_spot(own, closing, method)
    parts = rates_of(own)
    returned = _reactivation(reading, asked, method, (chosen, cohort))
    components = parts | {"reactivation_excluded": returned}
    reasons = undefined(parts)
    if returned is None:
        reasons["reactivation_excluded"] = "no_data"
    components |= _quarters(reading, asked, method, chosen, reasons)
    if closing is None:
        components |= {"closing_arr_spot": None, "fx_effect": None}
        reasons |= {"closing_arr_spot": "no_data", "fx_effect": "no_data"}
    else:
        spot = total(closing.values())
        components |= {
            "closing_arr_spot": spot,
            "fx_effect": spot - total(book.balance(f.account_id, period.last_day) for f in own),
        }
    cuts = _cuts(reading, asked, own, which)
    for rate in ("nrr", "grr", "expansion_rate") if asked.by else ():
        components[f"{rate}_by_{asked.by}"] = {cut.key: cut.components[rate] for cut in cuts}
        reasons |= {
            f"{rate}_by_{asked.by}.{c.key}": "undefined" for c in cuts if c.components[rate] is None
        }
    value = parts[which]
    return Result(
        value=value,
        components=components,
        unknown="undefined" if value is None else None,
        reasons=reasons,
        cuts=cuts,
        n=len(own),
        notes=notes,
        rows=sources_of(book, [f.account_id for f in own]),
    )


def sources_of(book: Ledger, accounts: Iterable[str]) -> list[SourceRow]:
    """The source rows behind the ledger of these accounts, each once."""
    found: dict[SourceRow, None] = {}
    for account_id in accounts:
        for change in book.changes.get(account_id, ()):
            found.update(dict.fromkeys(change.sources))
    return list(found)


def _closing_at_spot(
    reading: Reading, asked: Asked, own: Sequence[Flow], cohort: frozenset[str]
) -> tuple[dict[str, Decimal] | None, list[Note]]:
    """Closing balances of the cohort at the closing day's rate; None, with a note, where a rate is missing."""
    period = asked.period
    last = min(period.last_day, asked.as_of)
    try:
        book = reading.ledger(
            as_of=asked.as_of,
            rate_day=last,
            currency=asked.reporting_currency,
            grace_days=asked.grace_days,
            within=cohort,
        )
    except MissingRate as missing:
        if asked.parameters["fx"] == "spot":
            raise
        return None, [
            missing_rate_note(missing, "the closing balance at the closing rate is left out")
        ]
    return {f.account_id: book.balance(f.account_id, period.last_day) for f in own}, []


def missing_rate_note(missing: MissingRate, consequence: str) -> Note:
    """The finding that names pair and day (G4)."""
    return Note(
        "warning",
        "fx.missing",
        f"There is no rate from {missing.from_currency} to {missing.to_currency} on {missing.day} "
        f"or in the 7 days before, so {consequence}.",
        f"Load a row into fx_rates with rate_date {missing.day} or up to 7 days earlier.",
    )


def _at_spot(own: Sequence[Flow], closing: Mapping[str, Decimal] | None, method: str) -> list[Flow]:
    if method != "period_net" or closing is None:
        raise UserError(
            "`fx=spot` needs `method=period_net`: gross flows are kept at one rate, so that currency is no movement.",
            remedy="Drop one of the two.",
            code="parameter.combination",
        )
    return [
        Flow(f.account_id, f.start, closing[f.account_id], *_net(f.start, closing[f.account_id]))
        for f in own
    ]


def _reactivation(
    reading: Reading, asked: Asked, method: str, accounts: tuple[frozenset[str], frozenset[str]]
) -> Decimal | None:
    """ARR that came back and is in neither rate; None where its rate is missing."""
    chosen, cohort = accounts
    allowed = chosen - cohort if method == "period_net" else chosen
    try:
        book = opening_ledger(reading, asked, asked.period, allowed)
    except MissingRate:
        return None
    return total(m.delta for m in book.movements(asked.period) if m.type == "reactivation")


def _quarters(
    reading: Reading, asked: Asked, method: str, chosen: frozenset[str], reasons: dict[str, Reason]
) -> dict[str, Any]:
    """NRR of each three-month piece, and their product: why compounding is not the annual rate."""
    pieces, start = [], asked.period.start
    while add_months(start, 3) <= asked.period.end:
        pieces.append(Period(start, add_months(start, 3)))
        start = pieces[-1].end
    found: list[float | None] = []
    product: float | None = 1.0 if pieces else None
    for number, piece in enumerate(pieces):
        value, reason = _quarter(reading, asked, piece, method, chosen)
        found.append(value)
        if reason is not None:
            reasons[f"quarterly_nrr.{number}"] = reason
        product = None if value is None or product is None else product * value
    if product is None:
        reasons["compounded_quarterly"] = "undefined" if not pieces else "too_little_history"
    return {"quarterly_nrr": found, "compounded_quarterly": product}


def _quarter(
    reading: Reading, asked: Asked, piece: Period, method: str, chosen: frozenset[str]
) -> tuple[float | None, Reason | None]:
    if piece.last_day > asked.as_of:
        return None, "too_little_history"
    try:
        cohort = opening_cohort(reading, asked, piece, chosen)
        book = opening_ledger(reading, asked, piece, cohort)
    except MissingRate:
        return None, "no_data"
    value = rates_of(flows(book, piece, method=method, chosen=cohort))["nrr"]
    return value, None if value is not None else "undefined"


def _cuts(reading: Reading, asked: Asked, own: Sequence[Flow], which: str) -> list[Cut]:
    if asked.by is None:
        return []
    day = asked.period.opening_day
    if asked.by == "csm" and asked.parameters.get("attribution") == "owner_at_end":
        day = min(asked.period.last_day, asked.as_of)
    groups: dict[str, list[Flow]] = {}
    for flow in own:
        groups.setdefault(cut_key(reading, asked, flow.account_id, day), []).append(flow)
    cuts = []
    for key in sorted(groups):
        parts = rates_of(groups[key])
        cuts.append(
            Cut(
                key,
                parts[which],
                len(groups[key]),
                parts,
                "undefined" if parts[which] is None else None,
            )
        )
    return cuts


def cut_key(reading: Reading, asked: Asked, account_id: str, day: Any) -> str:
    """The account's part in the cut that was asked for."""
    if asked.by in ("cohort", "quarter"):
        return reading.cohort_of(account_id, asked.by, asked.grace_days)
    return reading.account_word(account_id, str(asked.by), day)


def logo_retention(reading: Reading, asked: Asked) -> Result:
    """Logos that were there at the start and still are; option `stripe`: churn events over all who were there."""
    period = asked.period
    chosen = reading.population(asked.where, asked.as_of)
    # Logos are counted, not priced: no rate is needed.
    book = reading.timeline(as_of=asked.as_of, grace_days=asked.grace_days, within=chosen)
    own = flows(book, period, method="period_net", chosen=chosen)
    parts = _logos(own)
    reasons = undefined(parts, ("logo_retention", "logo_churn_rate"))
    value, n = parts["logo_retention"], len(own)
    if asked.parameters["formula"] == "stripe":
        moves = book.movements(period)
        churned = sum(1 for m in moves if m.type == "churn")
        denominator = len(own) + sum(1 for m in moves if m.type == "new")
        rate = ratio(churned, denominator)
        value, n = (None if rate is None else 1 - rate), denominator
        parts |= {
            "churned_subscribers": churned,
            "denominator": denominator,
            "logo_churn_rate": rate,
            "logo_retention": value,
        }
        reasons = undefined(parts, ("logo_retention", "logo_churn_rate"))
    cuts = []
    if asked.by is not None:
        groups: dict[str, list[Flow]] = {}
        for flow in own:
            groups.setdefault(
                cut_key(reading, asked, flow.account_id, period.opening_day), []
            ).append(flow)
        cuts = [
            Cut(k, _logos(g)["logo_retention"], len(g), _logos(g))
            for k, g in sorted(groups.items())
        ]
        parts[f"logo_retention_by_{asked.by}"] = {cut.key: cut.value for cut in cuts}
    return Result(
        value=value,
        components=parts,
        unknown="undefined" if value is None else None,
        reasons=reasons,
        cuts=cuts,
        n=n,
        rows=sources_of(book, [f.account_id for f in own]),
    )


def _logos(own: Sequence[Flow]) -> dict[str, Any]:
    lost = sum(1 for f in own if f.is_lost)
    return {
        "opening_logos": len(own),
        "lost_logos": lost,
        "logo_retention": ratio(len(own) - lost, len(own)),
        "logo_churn_rate": ratio(lost, len(own)),
    }
