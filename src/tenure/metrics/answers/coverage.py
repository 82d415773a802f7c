"""What coverage goes with: coverage_renewal_delta, as S0 asks for it (rulings A8, block A)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tenure.kernel.days import Period, add_months, months_between
from tenure.kernel.money import total
from tenure.kernel.unknown import Reason
from tenure.metrics.answers.cadence import attainment
from tenure.metrics.answers.opening import by_cut
from tenure.metrics.answers.renewals import Outcome, outcomes_of
from tenure.metrics.asked import Asked, Cut, Note, Result
from tenure.metrics.questions import named_period
from tenure.metrics.reading import Reading

RATES = ("renewal_rate_at_cadence", "renewal_rate_below_cadence", "delta_points", "dollar_value")


def coverage_renewal_delta(reading: Reading, asked: Asked) -> Result:
    """Renewal rate of accounts touched in every due slot of the coverage period, less that of the others."""
    chosen = frozenset(reading.begun_accounts(asked))
    outcomes = outcomes_of(reading, asked, asked.period, chosen)
    kept = attainment(reading, asked, coverage_period(asked))
    at = {a for a, own in kept.items() if own.attained == own.due}
    below = set(kept) - at
    parts = _parts(outcomes, (at, below), asked.parameters["basis"])
    reasons: dict[str, Reason] = {name: "undefined" for name in RATES if parts[name] is None}
    cuts = []
    due = sorted({o.due.account_id for o in outcomes})
    for key, own in by_cut(reading, asked, due).items():
        few = [o for o in outcomes if o.due.account_id in own]
        made = _parts(few, (at, below), asked.parameters["basis"])
        n = made["n_at_cadence"] + made["n_below_cadence"]
        known = made["delta_points"] is not None
        cuts.append(Cut(key, made["delta_points"], n, made, None if known else "undefined"))
    return Result(
        value=parts["delta_points"],
        unknown=None if parts["delta_points"] is not None else "undefined",
        components=parts,
        reasons=reasons,
        cuts=cuts,
        n=parts["n_at_cadence"] + parts["n_below_cadence"],
        notes=[
            Note(
                "notice",
                "coverage.association",
                "This is an association: customers who are doing well also take more meetings.",
                "Read it beside the adjusted comparison before spending money on it.",
            )
        ],
        rows=[source for o in outcomes for source in o.due.sources],
    )


def coverage_period(asked: Asked) -> Period:
    """The period whose coverage is looked at: as asked, else the one of the same length before."""
    named = asked.parameters.get("coverage_period") or asked.parameters.get("compare_to")
    return named_period(str(named)) if named else period_before(asked.period)


def period_before(period: Period) -> Period:
    """The period of the same shape before: as many months if it is whole months, else as many days."""
    months = months_between(period.start, period.end)
    if months > 0 and add_months(period.start, months) == period.end:
        return Period(add_months(period.start, -months), period.start)
    return Period(period.start - (period.end - period.start), period.start)


def _parts(
    outcomes: Sequence[Outcome], groups: tuple[Collection[str], Collection[str]], basis: str
) -> dict[str, Any]:
    at, below = (
        _rate([o for o in outcomes if o.due.account_id in group], basis) for group in groups
    )
    exposed = total(o.renewable for o in outcomes if o.due.account_id in groups[1])
    counts = [len({o.due.account_id for o in outcomes} & set(group)) for group in groups]
    delta = None if at is None or below is None else at - below
    return {
        "renewal_rate_at_cadence": None if at is None else float(at),
        "renewal_rate_below_cadence": None if below is None else float(below),
        "n_at_cadence": counts[0],
        "n_below_cadence": counts[1],
        "delta_points": None if delta is None else float(delta * 100),
        "dollar_value": None if delta is None else _share_of(delta, exposed),
    }


def _rate(own: Sequence[Outcome], basis: str) -> Fraction | None:
    """Renewed of what was due, by accounts or by ARR; exact, so that the difference is too."""
    if basis == "arr":
        renewable = total(o.renewable for o in own)
        return Fraction(total(o.kept for o in own)) / Fraction(renewable) if renewable else None
    accounts = {o.due.account_id for o in own}
    renewed = {o.due.account_id for o in own if o.renewed > 0}
    return Fraction(len(renewed), len(accounts)) if accounts else None


def _share_of(share: Fraction, money: Decimal) -> Decimal:
    return money * share.numerator / share.denominator
