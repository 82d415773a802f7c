"""Every metric's worked example, executed on the counting company; and what each declaration must have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tenure.metrics.declaration import Metric, built_in
from tenure.metrics.pages import metric_index, metric_page

ROOT = Path(__file__).resolve().parents[2]
METRICS = list(built_in())
EACH = pytest.mark.parametrize("metric", METRICS, ids=[metric.id for metric in METRICS])
DECISIONS = set(re.findall(r"^## ([a-z0-9-]+)$", (ROOT / "docs/decisions.md").read_text(), re.M))


def at(components: Any, path: str) -> Any:
    """What stands at a dotted path."""
    for key in path.split("."):
        components = components[key] if isinstance(components, Mapping) else components[int(key)]
    return components


@EACH
def test_the_worked_example_is_what_the_metric_answers(
    counting_company: Any, metric: Metric
) -> None:
    example = metric.example
    assert example is not None
    span = {name: getattr(example, name) or None for name in ("start", "end", "as_of")}

    answer = counting_company.metric(metric.id, **span, **example.parameters)

    assert (answer.unknown or "") == example.unknown
    if example.value is not None:
        assert float(answer.value) == pytest.approx(example.value, rel=1e-9)
    for path, wanted in example.components.items():
        assert float(at(answer.components, path)) == pytest.approx(wanted, rel=1e-9), path


@EACH
def test_an_example_says_a_number_and_its_arithmetic(metric: Metric) -> None:
    example = metric.example
    assert example is not None

    assert example.value is not None or example.components or example.unknown
    assert re.search(r"\d", example.note)


@EACH
def test_a_metric_cites_decisions_that_were_taken(metric: Metric) -> None:
    assert set(metric.decisions) <= DECISIONS


@EACH
def test_the_page_of_a_metric_shows_all_of_its_declaration(metric: Metric) -> None:
    page = metric_page(metric)

    for text in (
        metric.title,
        metric.says,
        metric.unit,
        *metric.formula,
        *metric.caveats,
        *metric.references,
    ):
        assert text in page
    for name in (*metric.parameters, *metric.components, *metric.short, *metric.cuts):
        assert f"`{name}`" in page
    for decision in metric.decisions:
        assert f"../../decisions.md#{decision}" in page


def test_the_index_names_every_metric_and_short_name() -> None:
    index = metric_index(built_in())

    assert [m.id for m in METRICS if f"({m.id}.md)" not in index] == []
    assert [n for m in METRICS for n in m.short if f"`{n}`" not in index] == []
