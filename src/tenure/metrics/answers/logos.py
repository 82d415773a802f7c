"""Logos kept and lost: logo_retention, logo churn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenure.kernel.money import ratio
from tenure.metrics.answers.opening import cut_key, sources_of, undefined
from tenure.metrics.asked import Asked, Cut, Result
from tenure.metrics.derived.flows import Flow, flows
from tenure.metrics.reading import Reading


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
            groups.setdefault(cut_key(reading, asked, flow.account_id, period.start), []).append(
                flow
            )
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
