"""RavenStack, a public company nobody here shaped: two dialects, one set of facts, and its oddities named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tenure.facts import prepare as facts
from tenure.facts.discover import discover
from tenure.facts.known import NothingKnown
from tenure.facts.mapping import find_mapping
from tenure.facts.table import table

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
DIALECTS = ("ravenstack", "ravenstack-second-dialect")
TABLES = {
    "accounts": 500, "contracts": 5000, "contract_lines": 5000, "churn_statements": 710,
    "tickets": 2000, "usage_daily": 25000, "features": 40,
}  # fmt: skip

pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(
        not all((DATA / name).is_dir() for name in DIALECTS),
        reason="the outside data (RavenStack) is not beside this checkout",
    ),
]


@pytest.fixture(scope="module")
def companies() -> Iterator[dict[str, tuple[Any, facts.Prepared]]]:
    mapping = find_mapping("ravenstack")
    found = {}
    for name in DIALECTS:
        connection = duckdb.connect()
        connection.execute("set threads = 2")
        given = discover(DATA / name, mapping)
        assert given.findings == ()
        prepared = facts.prepare(
            connection, given.given, mapping=mapping, settings=facts.Settings(),
            loaded_at=datetime(2026, 6, 1, tzinfo=UTC), import_id="i", known=NothingKnown(),
        )  # fmt: skip
        found[name] = (connection, prepared)
    yield found
    for connection, _ in found.values():
        connection.close()


def rows(company: tuple[Any, facts.Prepared], name: str) -> list[tuple[Any, ...]]:
    connection, prepared = company
    columns = ", ".join([*table(name).columns, "source_file", "source_line"])
    return connection.execute(
        f"select {columns} from {prepared.tables[name]} order by all"
    ).fetchall()


def findings(company: tuple[Any, facts.Prepared]) -> list[tuple[str, str, str]]:
    connection, prepared = company
    return connection.execute(f"select level, rule, says from {prepared.findings}").fetchall()


def test_both_dialects_give_the_same_facts_row_for_row(companies: Any) -> None:
    for name, count in TABLES.items():
        first, second = (rows(companies[dialect], name) for dialect in DIALECTS)
        assert len(first) == count
        assert first == second


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_row_is_accepted(companies: Any, dialect: str) -> None:
    files = companies[dialect][1].files
    assert [(file.refused, file.repeats, file.left_out, file.stopped) for file in files] == [
        (0, 0, 0, "")
    ] * 5
    assert sum(file.accepted for file in files) == 500 + 600 + 25000 + 5000 + 2000


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_colliding_usage_ids_are_21_warnings_and_no_rows_are_lost(
    companies: Any, dialect: str
) -> None:
    collisions = [f for f in findings(companies[dialect]) if f[1] == "id.collision"]
    assert len(collisions) == 21
    assert {level for level, *_ in collisions} == {"warning"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_odd_about_the_company_is_said_with_its_numbers(
    companies: Any, dialect: str
) -> None:
    said = {rule: says for level, rule, says in findings(companies[dialect]) if level == "notice"}
    assert said["doubt.usage_early"].startswith("19,142 of 25,000 (77 %)")
    assert said["doubt.usage_late"].startswith("290 of 25,000")
    assert said["doubt.tickets_early"].startswith("1,077 of 2,000 (54 %)")
    assert said["doubt.missing_share"].startswith("csat is missing on 825 of 2,000 (41 %)")
    assert "9.0 on average" in said["doubt.contracts_at_once"]
    churn = said["doubt.churn_disagrees"]
    assert "110 accounts carry a churn flag, 352 have a churn event" in churn
    assert "277 an event but no flag, 35 a flag but no event" in churn


def test_the_dates_are_day_first_where_they_have_slashes(companies: Any) -> None:
    starts = {
        row[0]: row[table_column("accounts", "start_date")]
        for row in rows(companies[DIALECTS[1]], "accounts")
    }
    assert starts["A-2e4581"].isoformat() == "2024-10-16"
    assert starts["A-43a9e3"].isoformat() == "2023-08-17"


def test_money_and_trials_arrive_as_the_source_has_them(companies: Any) -> None:
    connection, prepared = companies[DIALECTS[0]]
    lines = prepared.tables["contract_lines"]
    found = connection.execute(
        f"select sum(arr), count(*) filter (is_trial), sum(arr) filter (is_trial), count(end_date) from {lines}"
    ).fetchone()
    with (DATA / DIALECTS[0] / "ravenstack_subscriptions.csv").open() as file:
        cells = [line.rstrip("\n").split(",") for line in file][1:]
    assert found[0] == sum(int(row[7]) for row in cells)
    assert found[1:] == (778, 0, 486)


def table_column(name: str, column: str) -> int:
    return list(table(name).columns).index(column)
