"""What each metric says when a table of the counting company was never delivered, or is delivered empty.

A table it needs: the answer is Unknown, with its reason for each part. One it only reads: an answer comes, and where
it is another one, a finding names the table.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from delivered import Delivered, leaves, said

from metrics.memory import Memory
from tenure.facts.table import table
from tenure.metrics.answer import Answer
from tenure.metrics.declaration import Metric, built_in
from tenure.metrics.reading import Reading

ALL = list(built_in())
FACTUAL = [metric for metric in ALL if metric.needs]
OF_THE_CATALOGUE = {"metric_audit", "trend_label"}
TABLES = sorted({name for m in ALL for need in (*m.needs, *m.reads) for name in need.split(" or ")})
NEEDED = sorted({name for metric in ALL for name in metric.needs if " or " not in name})
OF_ANOTHER = {"threshold_calibration"}
"""Reads what the metric it calibrates reads, which no declaration can name."""

Without = Callable[[str], tuple[Delivered, Reading]]


@pytest.fixture(scope="module")
def company(counting_company: Any) -> Memory:
    """The counting company in memory."""
    facts = counting_company.facts()
    rows = {}
    for name in facts.tables():
        columns = list(table(name).columns)
        rows[name] = [dict(zip(columns, row, strict=True)) for row in facts.rows(name, columns)]
    return Memory(rows)


@pytest.fixture(scope="module")
def without(company: Memory) -> Without:
    """The company without one table (`""`: with all), and a reading of it that is shared by all metrics."""
    made: dict[str, tuple[Delivered, Reading]] = {}

    def find(name: str) -> tuple[Delivered, Reading]:
        if name not in made:
            part = Delivered(company, company.tables() - {name}, number=len(made))
            made[name] = part, Reading(part, "USD", catalogue=built_in())
        return made[name]

    return find


def parts_of(answer: Answer) -> dict[str, Any]:
    return leaves({**answer.components, "value": answer.value})


def is_unknown(answer: Answer, missing: str) -> bool:
    """Whether nothing is answered, each part says why, and the finding names the table."""
    return (
        (answer.value, answer.unknown) == (None, "no_data")
        and set(answer.components.values()) == {None}
        and set(answer.reasons.items()) == {(name, "no_data") for name in answer.components}
        and any(n.code == "table.missing" and f"`{missing}`" in n.says for n in answer.findings)
    )


def test_the_company_has_every_table_a_metric_reads(company: Memory) -> None:
    assert set(TABLES) == company.tables()


@pytest.mark.parametrize("name", NEEDED)
def test_without_a_table_it_needs_a_metric_is_unknown_with_the_reason(
    without: Without, name: str
) -> None:
    asked = [metric for metric in ALL if name in metric.needs]

    assert [m.id for m in asked if not is_unknown(said(without(name)[0], m.id), name)] == []


ALTERNATIVES = sorted({need for metric in ALL for need in metric.needs if " or " in need})


@pytest.mark.parametrize("need", ALTERNATIVES)
def test_without_any_of_several_tables_of_which_one_would_do_a_metric_is_unknown(
    company: Memory, need: str
) -> None:
    names = need.split(" or ")
    part = Delivered(company, company.tables() - set(names), number=1000 + ALTERNATIVES.index(need))
    asked = [metric for metric in ALL if need in metric.needs]

    assert [m.id for m in asked if not is_unknown(said(part, m.id), names[0])] == []


def sharpened_by(metric: Metric, name: str) -> bool:
    """Whether the table is read, or is one of several that would do."""
    return name not in metric.needs and (
        name in metric.reads or any(name in need.split(" or ") for need in metric.needs)
    )


@pytest.mark.parametrize("name", TABLES)
def test_without_a_table_it_only_reads_a_metric_still_answers_and_says_what_it_lacks(
    without: Without, name: str
) -> None:
    silent = []
    for metric in ALL:
        if not sharpened_by(metric, name):
            continue
        whole, less = said(*pair(without, "", metric)), said(*pair(without, name, metric))
        told = {note.code for note in less.findings} - {note.code for note in whole.findings}
        if parts_of(whole) != parts_of(less) and not told:
            silent.append(metric.id)
        assert gaps(less) == []
    assert silent == []


def pair(without: Without, name: str, metric: Metric) -> tuple[Delivered, str, Reading]:
    part, reading = without(name)
    return part, metric.id, reading


def gaps(answer: Answer) -> list[str]:
    """Nulls without a reason."""
    return [
        path
        for path, leaf in parts_of(answer).items()
        if leaf is None and path != "value" and path not in answer.reasons
    ]


@pytest.mark.parametrize(
    ("metric", "name", "path"),
    [
        ("handoff_failures", "use_cases", "use_cases_not_enabled"),
        ("support_ticket_trend", "contract_lines", "by_account.alder.current_per_100_seats"),
        ("caseload_status", "activities", "by_csm.maya.untouched_60_plus"),
        ("sentiment", "activities", "by_account.alder"),
    ],
)
def test_a_part_whose_table_is_missing_is_null_and_not_zero(
    without: Without, metric: str, name: str, path: str
) -> None:
    whole, less = said(without("")[0], metric), said(without(name)[0], metric)

    assert parts_of(whole)[path] is not None
    assert (parts_of(less)[path], less.reasons[path]) == (None, "no_data")


@pytest.mark.night
@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_is_neither_needed_nor_read_changes_nothing(
    without: Without, name: str
) -> None:
    changed = []
    for metric in ALL:
        if name in metric.needs or sharpened_by(metric, name) or metric.id in OF_ANOTHER:
            continue
        whole, less = said(*pair(without, "", metric)), said(*pair(without, name, metric))
        if parts_of(whole) != parts_of(less):
            changed.append(metric.id)
    assert changed == []


def test_without_any_table_nothing_is_known_and_nothing_is_zero(company: Memory) -> None:
    nothing = Delivered(company, (), number=999)

    for metric in FACTUAL:
        answer = said(nothing, metric.id)
        assert is_unknown(answer, metric.needs[0].split(" or ")[0]), metric.id
    assert {metric.id for metric in ALL} - {metric.id for metric in FACTUAL} == OF_THE_CATALOGUE


@pytest.fixture(scope="module")
def empty(company: Memory) -> tuple[Memory, Reading]:
    """Every table delivered, and not one row in any."""
    source = Memory({name: [] for name in company.tables()})
    return source, Reading(source, "USD", catalogue=built_in())


NOTHING: tuple[Any, ...] = (None, 0, Decimal(0), [], [None] * 4, {}, False)
"""What may stand in an answer about nobody: an empty file says that there is none, so a count of it is 0."""
GIVEN = {"gross_margin"}
"""Parts that the caller gave."""
ASKABLE = [metric for metric in FACTUAL if metric.id != "co_term_proration"]
"""Metrics that can be asked of an empty company; a line that does not exist is refused by name."""


@pytest.mark.parametrize("metric", ASKABLE, ids=[metric.id for metric in ASKABLE])
def test_of_tables_that_are_all_empty_nothing_but_counts_is_known(
    empty: tuple[Memory, Reading], metric: Metric
) -> None:
    source, reading = empty
    answer = said(source, metric.id, reading)

    json.dumps(answer.to_dict(), allow_nan=False)
    found = {path: leaf for path, leaf in parts_of(answer).items() if path not in GIVEN}
    assert [path for path, leaf in found.items() if isinstance(leaf, float)] == []
    assert [path for path, leaf in found.items() if leaf not in NOTHING] == []
    assert gaps(answer) == []
