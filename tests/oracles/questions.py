"""Every question the revenue metrics answer, with the answer of the naive loops beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from oracles import book, growth, ledger, retention
from oracles.balance import View
from oracles.days import ONE_DAY, add_months
from oracles.reading import Company
from oracles.renewals import look, renewal_rates


@dataclass
class Question:
    """A call of `ws.metric(...)` and what it should say."""

    metric: str
    expected: dict[str, Any]
    asked: dict[str, Any] = field(default_factory=dict)


def questions(
    company: Company, as_of: date, start: date, end: date, grace: int = 30
) -> Iterator[Question]:
    """All of them, for one day and one period."""
    view = look(company, as_of, grace)
    day: dict[str, Any] = {"as_of": as_of, "renewal_grace_days": grace}
    period = day | {"start": start, "end": end}
    yield from _balances(view, day)
    yield from _ledger(view, period)
    yield from _renewals(view, period)
    yield from _retention(view, period)
    yield from _cohorts(view, period)
    yield from _growth(view, period)
    yield from _values(view, period)


def _balances(view: View, day: dict[str, Any]) -> Iterator[Question]:
    yield Question("arr_in_force", book.arr_in_force(view), day)
    yield Question("days_to_renewal", {"by_account": book.days_to_renewal(view)}, day)
    yield Question("arr_per_csm", book.arr_per_csm(view), day)
    yield Question("retention_risk", book.retention_risk(view), day)
    yield Question(
        "retention_risk", book.retention_risk(view, within=90), day | {"renewing_within_days": 90}
    )
    yield Question("expansion_pipeline", book.expansion_pipeline(view), {"as_of": view.as_of})


def _ledger(view: View, period: dict[str, Any]) -> Iterator[Question]:
    start, end = period["start"], period["end"]
    yield Question(
        "arr_movements",
        {"movements": ledger.movement_rows(view)},
        {"as_of": view.as_of, "renewal_grace_days": view.grace},
    )
    moves = ledger.movement_rows(view, start, end)
    left = {row["account_id"] for row in moves if row["movement_type"] == "churn"}
    yield Question("arr_movements", {"movements": moves, "churned_logos": len(left)}, period)
    yield Question(
        "arr_movements", ledger.rollforward(view, start, end), period | {"view": "rollforward"}
    )
    yield Question(
        "arr_movements", {"by_month": ledger.by_month(view, start, end)}, period | {"by": "month"}
    )


def _renewals(view: View, period: dict[str, Any]) -> Iterator[Question]:
    start, end = period["start"], period["end"]
    beside = retention.retention(view, start, end)
    for convention in ("end_date", "last_covered_day"):
        rates = renewal_rates(view, start, end, convention=convention)
        rates |= {"opening_arr": beside["opening_arr"], "grr": beside["grr"]}
        asked = period | {"due_date_convention": convention}
        for metric, rate in (
            ("gross_renewal_rate", "gross_renewal_rate"),
            ("net_renewal_rate", "net_renewal_rate"),
            ("renewal_rate_logo", "logo_renewal_rate"),
        ):
            yield Question(metric, rates | {"value": rates[rate]}, asked)
    strict = renewal_rates(view, start, end, logo_rule="all")
    yield Question(
        "renewal_rate_logo", {"value": strict["logo_renewal_rate"]}, period | {"logo_rule": "all"}
    )


def _retention(view: View, period: dict[str, Any]) -> Iterator[Question]:
    start, end = period["start"], period["end"]
    for method in ("period_net", "gross_flows"):
        found = retention.retention(view, start, end, method=method)
        for metric in ("nrr", "grr", "expansion_rate"):
            yield Question(metric, found | {"value": found[metric]}, period | {"method": method})
    if view.as_of >= end - ONE_DAY:
        rates, product = retention.quarters(view, start, end)
        yield Question("nrr", {"quarterly_nrr": rates, "compounded_quarterly": product}, period)
    spot = retention.retention(view, start, end, fx="spot")
    yield Question("nrr", spot, period | {"fx": "spot"})
    company = view.company
    cuts = {
        "csm": retention.by(view, start, lambda account: company.owner(account, start)),
        "segment": retention.by(view, start, company.segment),
        "cohort": retention.by(view, start, lambda account: _first_month(view, account, start)),
    }
    for cut, buckets in cuts.items():
        each = {
            name: retention.retention(view, start, end, only=members)
            for name, members in buckets.items()
        }
        expected = {f"nrr_by_{cut}": {name: found["nrr"] for name, found in each.items()}}
        if cut == "csm":
            expected["grr_by_csm"] = {name: found["grr"] for name, found in each.items()}
        yield Question("nrr", expected, period | {"by": cut})
    found = retention.retention(view, start, end)
    logos = {name: found[name] for name in ("opening_logos", "lost_logos", "logo_retention")}
    kept = logos["logo_retention"]
    logos["logo_churn_rate"] = 1 - kept if isinstance(kept, Fraction) else kept
    yield Question("logo_retention", logos | {"value": kept}, period)
    yield Question(
        "logo_retention", retention.logos_stripe(view, start, end), period | {"formula": "stripe"}
    )


def _first_month(view: View, account: str, start: date) -> str:
    first = retention.first_arr(view, account, start - ONE_DAY)
    assert first is not None
    return f"{first.day:%Y-%m}"


def _cohorts(view: View, period: dict[str, Any]) -> Iterator[Question]:
    for cut in ("month", "quarter", "segment"):
        found = retention.cohorts(view, period["start"], period["end"], cut=cut)
        yield Question("churn_rate_by_cohort", {"cohorts": found}, period | {"by": cut})


def _growth(view: View, period: dict[str, Any]) -> Iterator[Question]:
    start, end = period["start"], period["end"]
    for include in (True, False):
        found = growth.expansion_revenue(view, start, end, include_ramp=include)
        yield Question("quarterly_expansion_revenue", found, period | {"include_ramp": include})
    found = growth.expansion_revenue(view, start, end)
    del found["by_csm"]
    yield Question("expansion_revenue_by_account", found, period | {"method": "gross_flows"})
    net = growth.expansion_net(view, start, end)
    yield Question("expansion_revenue_by_account", net, period | {"method": "period_net"})
    growth_of_value = growth.acv_growth(view, start, end)
    yield Question("acv_growth", growth_of_value, period)


def _values(view: View, period: dict[str, Any]) -> Iterator[Question]:
    day = {"as_of": view.as_of, "renewal_grace_days": view.grace, "gross_margin": 0.8}
    margin = Fraction(4, 5)
    for window in (1, 6):
        found = growth.clv(view, margin=margin, window=window)
        yield Question("clv", found, day | {"churn_window_months": window})
    floor = growth.clv(view, margin=margin, floor=Fraction(167, 10000))
    yield Question("clv", {"value": floor["value"]}, day | {"churn_floor": 0.0167})


def periods(as_of: date) -> list[tuple[date, date]]:
    """A year and a quarter that end on or before the day, and the running quarter."""
    after = (as_of + ONE_DAY).replace(day=1)
    quarter = date(as_of.year, 3 * ((as_of.month - 1) // 3) + 1, 1)
    return [
        (add_months(after, -12), after),
        (add_months(after, -3), after),
        (quarter, add_months(quarter, 3)),
    ]
