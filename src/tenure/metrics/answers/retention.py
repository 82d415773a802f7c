"""Retention of the opening base: nrr, grr, expansion_rate (G2, G4, G7, G11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import prod
from typing import Any

from tenure.kernel.days import Period, add_months
from tenure.kernel.errors import UserError
from tenure.kernel.money import total
from tenure.kernel.unknown import Reason
from tenure.metrics.answers.opening import (
    cut_key,
    missing_rate_note,
    opening_cohort,
    opening_ledger,
    sources_of,
    undefined,
)
from tenure.metrics.asked import Asked, Cut, Note, Result
from tenure.metrics.derived.flows import Flow, flows, net_of, rates_of
from tenure.metrics.derived.rates import MissingRate
from tenure.metrics.reading import Reading


def nrr(reading: Reading, asked: Asked) -> Result:
    """Net revenue retention of the opening cohort, and both rates beside it."""
    return _retention(reading, asked, "nrr")


def grr(reading: Reading, asked: Asked) -> Result:
    """Gross revenue retention, capped per account."""
    return _retention(reading, asked, "grr")


def expansion_rate(reading: Reading, asked: Asked) -> Result:
    """Expansion of the opening cohort over its opening ARR: nrr - grr."""
    return _retention(reading, asked, "expansion_rate")


def _retention(reading: Reading, asked: Asked, which: str) -> Result:
    period, method = asked.period, asked.parameters["method"]
    chosen = reading.population(asked.where, asked.as_of)
    cohort = opening_cohort(reading, asked, period, chosen)
    book = opening_ledger(reading, asked, period, cohort)
    own = flows(book, period, method=method, chosen=cohort)
    if asked.bare and asked.parameters["fx"] == "constant":
        return _bare(reading, asked, own, which)
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


def _bare(reading: Reading, asked: Asked, own: Sequence[Flow], which: str) -> Result:
    """The rate and its cuts alone: a fifth of the work."""
    parts = rates_of(own)
    value = parts[which]
    return Result(
        value=value,
        components=parts,
        unknown="undefined" if value is None else None,
        reasons=undefined(parts),
        cuts=_cuts(reading, asked, own, which),
        n=len(own),
    )


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


def _at_spot(own: Sequence[Flow], closing: Mapping[str, Decimal] | None, method: str) -> list[Flow]:
    if method != "period_net" or closing is None:
        raise UserError(
            "`fx=spot` needs `method=period_net`: gross flows are kept at one rate, so that currency is no movement.",
            remedy="Drop one of the two.",
            code="parameter.combination",
        )
    return [
        Flow(f.account_id, f.start, closing[f.account_id], *net_of(f.start, closing[f.account_id]))
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
    missing: list[Reason] = []
    for number, piece in enumerate(pieces):
        value, reason = _quarter(reading, asked, piece, method, chosen)
        found.append(value)
        if reason is not None:
            reasons[f"quarterly_nrr.{number}"] = reason
            missing.append(reason)
    known = [value for value in found if value is not None]
    product = prod(known) if pieces and not missing else None
    if product is None:
        reasons["compounded_quarterly"] = missing[0] if missing else "undefined"
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
    day = asked.period.start
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
