"""Tenure answers published worked examples with the published numbers.

Each file in `examples/` cites its source. Where a source errs or counts in a way that is not offered, the file says so
(`stands = "differs"`), is tested against our number, and is not counted among those that agree.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from metrics.memory import InMemory
from published.example import Ask, Example, disagreements, examples
from tenure import Workspace
from tenure.kernel.errors import UnknownName
from tenure.metrics.declaration import built_in

EXAMPLES = examples()
AUTHORITIES = {
    "ActivityWatch",
    "Bain",
    "CYS",
    "Chargebee",
    "ChartMogul",
    "ClientSuccess",
    "Cross Validated",
    "Fincome",
    "GitLab",
    "Insight Partners",
    "Kellblog",
    "Paddle / ProfitWell",
    "Recurly",
    "SaaSGrid",
    "Stripe",
    "Zonka",
    "creativeg",
    "revops.io",
}
WANTED = 14
AWAITED = {"nps", "ces", "time_allocation_shares"}


IN_MEMORY = [example for example in EXAMPLES if "time_entries" not in example.rows]
"""Intervals of time become totals on their way into a lake."""
BY_DAY_FROM_A_LAKE = [e.name for e in EXAMPLES if e not in IN_MEMORY or EXAMPLES.index(e) % 5 == 0]
FROM_A_LAKE = [
    e if e.name in BY_DAY_FROM_A_LAKE else pytest.param(e, marks=pytest.mark.night)
    for e in EXAMPLES
]


def named(example: Example) -> str:
    return example.name


@pytest.mark.parametrize("example", IN_MEMORY, ids=named)
def test_a_published_example_comes_out_as_printed(example: Example) -> None:
    asked = {ask.metric for ask in example.asks}
    if awaited := sorted(AWAITED & asked - built_in().metrics.keys()):
        pytest.skip(f"not declared yet: {awaited}")
    company = InMemory(example.rows, **example.workspace)
    said = []
    for ask in example.asks:
        said += disagreements(ask, company.metric(ask.metric, **ask.parameters))
    assert not said, "\n".join([f"{example.title} ({example.cite['address']})", *said])


@pytest.mark.parametrize("example", FROM_A_LAKE, ids=named)
def test_a_published_example_comes_out_of_a_lake_as_printed(
    example: Example, tmp_path: Path
) -> None:
    asked = {ask.metric for ask in example.asks}
    if awaited := sorted(AWAITED & asked - built_in().metrics.keys()):
        pytest.skip(f"not declared yet: {awaited}")
    workspace = Workspace.create(tmp_path / "workspace", **example.workspace)
    try:
        workspace.load(example.rows)
    except UnknownName:
        if "time_entries" not in example.rows:
            raise
        pytest.skip("not declared yet: intervals of time given as rows")
    said = []
    for ask in example.asks:
        said += disagreements(ask, workspace.metric(ask.metric, **ask.parameters))
    assert not said, "\n".join([f"{example.title} ({example.cite['address']})", *said])


def test_enough_examples_of_named_authorities_agree() -> None:
    agreeing = [example.name for example in EXAMPLES if example.agrees and example.is_listed]
    assert len(agreeing) >= WANTED, agreeing


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_says_where_it_comes_from(example: Example) -> None:
    cite = example.cite
    assert cite.keys() == {"authority", "page", "address", "retrieved", "numbers", "convention"}
    assert cite["address"].startswith("https://")
    assert isinstance(cite["retrieved"], date)
    assert cite["numbers"]
    assert (cite["authority"] in AUTHORITIES) == example.is_listed


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_checks_numbers(example: Example) -> None:
    assert example.asks
    assert all(ask.expected or ask.printed for ask in example.asks)
    assert bool(example.differs) != example.agrees
    if example.differs:
        assert example.differs.keys() == {"published", "ours", "why"}


def test_the_comparison_finds_a_wrong_number() -> None:
    answer = SimpleNamespace(
        value=0.857, unknown=None, components={"churn": Decimal(120), "by": {"2024-01": [1, 2]}}
    )

    def says(**parts: object) -> list[str]:
        whole = {"expected": {}, "unknown": None, "printed": {}, "not_ours": {}} | parts
        return disagreements(Ask(metric="grr", parameters={}, **whole), answer)

    assert says(expected={"churn": 120, "by": {"2024-01": [1, 2]}}, printed={"value": "86%"}) == []
    assert says(expected={"value": "150/175"})
    assert says(expected={"churn": 121})
    assert says(expected={"downsell": 0})
    assert says(expected={"by": {"2024-01": [1]}})
    assert says(printed={"value": "85.8%"})
    assert says(not_ours={"value": "86%"})
    assert says(unknown="undefined")
