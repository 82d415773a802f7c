"""The public answer of every revenue metric: its names, its types, and a reason for every gap of any metric.

The names are copied by hand from the contract (metrics 8.4), not from the declarations. The shapes of all metrics are
in test_all_contracts.py; here each is asked in many more ways.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from tenure.metrics.declaration import Metric, built_in

RETENTION = """opening_arr expansion downsell churn nrr grr expansion_rate opening_logos lost_logos logo_retention
    reactivation_excluded quarterly_nrr compounded_quarterly closing_arr_spot fx_effect"""
RENEWAL = """renewable_arr renewed_arr downsell churn expansion_at_renewal gross_renewal_rate net_renewal_rate
    logo_renewal_rate open_arr gross_renewal_rate_resolved opening_arr grr"""
ROLLFORWARD = """opening_arr new expansion reactivation downsell churn fx closing_arr opening_mrr movements_mrr
    fx_mrr closing_mrr nrr"""
NAMES: dict[tuple[str, str], str] = {
    (
        "arr_in_force",
        "",
    ): "arr mrr active_accounts arr_by_account arr_before_upsell status churn_movement_date",
    ("arr_movements", ""): "movements arr_on churned_logos",
    ("arr_movements", "view=rollforward"): ROLLFORWARD,
    ("arr_rollforward", ""): ROLLFORWARD,
    ("arr_movements", "by=month"): "by_month",
    ("arr_movements_by_month", ""): "by_month",
    ("gross_renewal_rate", ""): RENEWAL,
    ("net_renewal_rate", ""): RENEWAL,
    ("renewal_rate_logo", ""): RENEWAL,
    ("nrr", ""): RETENTION,
    ("nrr_grr", ""): RETENTION,
    ("grr", ""): RETENTION,
    ("expansion_rate", ""): RETENTION,
    ("nrr", "by=csm"): "nrr_by_csm grr_by_csm",
    ("nrr_by_csm", ""): "nrr_by_csm grr_by_csm",
    ("nrr", "by=segment"): "nrr_by_segment nrr",
    ("nrr_by_segment", ""): "nrr_by_segment nrr",
    ("nrr", "by=cohort"): "nrr_by_cohort nrr",
    ("logo_retention", ""): "opening_logos lost_logos logo_retention logo_churn_rate",
    ("logo_churn_rate", ""): "opening_logos lost_logos logo_retention logo_churn_rate",
    ("logo_retention", "formula=stripe"): """opening_logos lost_logos logo_retention logo_churn_rate
        churned_subscribers denominator""",
    ("churn_rate_by_cohort", ""): "cohorts",
    ("quarterly_expansion_revenue", ""): "value by_account by_csm",
    ("quarterly_expansion_revenue", "view=red_flags"): "flags",
    ("quarterly_expansion_red_flags", ""): "flags",
    ("expansion_revenue_by_account", ""): "value by_account",
    ("acv_growth", ""): "acv_start acv_end acv_growth acv_growth_like_for_like",
    ("clv", ""): "value arpa_month monthly_logo_churn previous_quarter",
    ("days_to_renewal", ""): "by_account",
    ("arr_per_csm", ""): "by_csm average status",
    ("retention_risk", ""): "at_risk_accounts arr_at_risk share_of_arr",
    ("expansion_pipeline", ""): "count potential_arr weighted_arr stale",
    ("co_term_proration", "line=alder-2-a"): "arr prorated_invoice",
}
"""By metric and what is asked of it: the names that must be among the components. `value` may be the headline."""

MONEY = {
    "arr",
    "mrr",
    "arr_before_upsell",
    "opening_arr",
    "new",
    "expansion",
    "reactivation",
    "downsell",
    "churn",
    "fx",
    "closing_arr",
    "opening_mrr",
    "movements_mrr",
    "fx_mrr",
    "closing_mrr",
    "renewable_arr",
    "renewed_arr",
    "expansion_at_renewal",
    "open_arr",
    "reactivation_excluded",
    "closing_arr_spot",
    "fx_effect",
    "acv_start",
    "acv_end",
    "arpa_month",
    "previous_quarter",
    "average",
    "unassigned",
    "arr_at_risk",
    "potential_arr",
    "weighted_arr",
    "prorated_invoice",
    "arr_delta",
    "arr_before",
    "arr_after",
    "arr_initial",
    "mean",
}
MAPS_OF_MONEY = {"arr_by_account", "arr_on", "fx_by_account", "by_csm", "arr_by_month_offset"}
RATIOS = {
    "nrr",
    "grr",
    "expansion_rate",
    "logo_retention",
    "compounded_quarterly",
    "gross_renewal_rate",
    "net_renewal_rate",
    "logo_renewal_rate",
    "gross_renewal_rate_resolved",
    "logo_churn_rate",
    "acv_growth",
    "acv_growth_like_for_like",
    "monthly_logo_churn",
    "share_of_arr",
}
COUNTS = {
    "active_accounts",
    "churned_logos",
    "opening_logos",
    "lost_logos",
    "n_start",
    "n_end",
    "size",
    "count",
}
LISTS_OF_RATIOS = {"logo_retention", "churn", "quarterly_nrr"}
MAP_OF_RATIOS = re.compile("(" + "|".join(sorted(RATIOS)) + "|renewal_rate_logo)_by_")

DAYS = ["2026-03-31", "2025-12-15", "2025-10-20", "2025-06-15", "2024-01-15", "2023-01-01"]
WHERE = [{"segment": "smb"}, {"account_id": "hazel"}, {"segment": "of no account"}]
PERIODS = ["2025", "2025-Q1", "2024-Q1", "2025-11", "2023"]
METRICS = list(built_in())
REVENUE = {name for name, _ in NAMES}
"""Metrics whose parts have the types that their names promise below."""
WITHOUT_FACTS = {"metric_audit", "trend_label"}
"""Metrics that read the catalogue, or rows the caller gives, and no delivered table."""
FACTUAL = [metric for metric in METRICS if metric.id not in WITHOUT_FACTS]


def asked(text: str) -> dict[str, str]:
    return dict([text.split("=")]) if text else {}


def span_of(name: str) -> dict[str, str]:
    """A period for metrics that take one: the twelve months of the counting company's page."""
    metric, preset = built_in().find(name)
    takes_one = metric.period != "none" and "gross_margin" not in preset
    return {"start": "2025-04-01", "end": "2026-04-01"} if takes_one else {}


@pytest.mark.parametrize(("name", "said"), NAMES, ids=[f"{n} {s}".strip() for n, s in NAMES])
def test_an_answer_holds_every_name_of_its_contract(
    counting_company: Any, name: str, said: str
) -> None:
    answer = counting_company.metric(name, as_of="2026-03-31", **span_of(name), **asked(said))

    assert set(NAMES[name, said].split()) - answer.components.keys() - {"value"} == set()
    if "value" in NAMES[name, said].split():
        assert answer.components.get("value", answer.value) == answer.value


def questions(metric: Metric) -> Iterator[dict[str, Any]]:
    """Many ways to ask one metric: days, periods, cuts, choices and filters, odd ones among them."""
    spans: list[dict[str, str]] = [{"as_of": day} for day in DAYS]
    if metric.period != "none":
        spans += [{"period": word, "as_of": day} for word in PERIODS for day in DAYS[:2]]
    choices = [{n: c} for n, p in metric.parameters.items() for c in p.choices]
    line = {"line": "alder-2-a"} if metric.id == "co_term_proration" else {}
    for span in spans:
        yield from ({**span, **line, "by": by} for by in (None, *metric.cuts))
        yield from ({**span, **line, "where": where} for where in WHERE)
        for choice in choices:
            if choice != {"view": "rollforward"} or "period" in span:
                yield {**span, **line, **choice}


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value that is no map and no list, with the way to it."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from leaves(item, (*path, str(place)))
    else:
        yield path, value


@pytest.mark.parametrize("metric", METRICS, ids=[metric.id for metric in METRICS])
def test_an_answer_keeps_its_types_and_gives_a_reason_for_every_gap(
    counting_company: Any, metric: Metric
) -> None:
    for question in questions(metric):
        answer = counting_company.metric(metric.id, **question)
        json.dumps(answer.to_dict(), allow_nan=False)
        for path, value in leaves(answer.components):
            assert value is not None or ".".join(path) in answer.reasons, (question, path)
            assert metric.id not in REVENUE or fits(path, value), (question, path, value)
        headless = answer.value is None and answer.unknown is None  # a map, or rows of numbers
        for cut in answer.cuts:
            assert cut.value is not None or cut.reason is not None or headless, (question, cut.key)


def fits(path: tuple[str, ...], value: Any) -> bool:
    """Whether a part has the type its name promises; names of people and segments promise nothing."""
    name = path[-1]
    if value is None:
        return True
    if len(path) > 1 and (path[-2] in MAPS_OF_MONEY):
        return isinstance(value, Decimal)
    in_list = name.isdecimal() and len(path) > 1 and path[-2] in LISTS_OF_RATIOS
    if in_list or (len(path) > 1 and MAP_OF_RATIOS.match(path[0])):
        return isinstance(value, float)
    if len(path) > 1 and path[0] not in ("movements", "cohorts"):
        return True
    if name in RATIOS:
        return isinstance(value, float)
    if name in MONEY:
        return isinstance(value, Decimal)
    return name not in COUNTS or type(value) is int


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("nrr_by_csm", "maya"), Decimal(1)),
        (("churn", "0"), 0),
        (("arr",), 1.0),
        (("nrr",), Decimal(1)),
        (("arr_by_account", "a"), 2),
        (("count",), 1.0),
    ],
)
def test_a_part_of_the_wrong_type_is_noticed(path: tuple[str, ...], value: Any) -> None:
    assert not fits(path, value)


@pytest.mark.parametrize("metric", FACTUAL, ids=[metric.id for metric in FACTUAL])
def test_an_answer_without_facts_is_unknown_with_a_reason_for_each_part(
    metric: Metric, tmp_path: Any
) -> None:
    from tenure.workspace import Workspace

    workspace = Workspace.create(tmp_path / "empty")
    line = {"line": "x"} if metric.id == "co_term_proration" else {}

    answer = workspace.metric(metric.id, as_of="2026-03-31", **line)

    assert (answer.value, answer.unknown) == (None, "no_data")
    assert all(value is None for value in answer.components.values())
    assert answer.reasons.keys() == answer.components.keys() != set()
    assert [note.code for note in answer.findings] == ["table.missing"]
