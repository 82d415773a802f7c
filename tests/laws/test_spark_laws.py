"""A history made by Spark on several executor processes is the history made by DuckDB, cell by cell.

By night, and only where the extra and a Java are there; without them a word says what is missing.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from laws.lives import Company, companies
from laws.test_refresh_laws import Theme, deliveries
from laws.worlds import workspace
from tenure import Workspace
from tenure.kernel.errors import LakeError, UserError
from tenure.lake import snapshots
from tenure.lake.engines.duckdb import Engine
from tenure.lake.engines.spark import SparkEngine
from tenure.lake.engines.spark_session import require_spark, start
from tenure.lake.engines.views import Reading
from tenure.metrics.declaration import built_in
from tenure.metrics.history.made import has_history

pytestmark = [pytest.mark.night, pytest.mark.timeout(5400)]
MASTER = "local-cluster[2,1,1024]"
CHOSEN = ("life 90", "life 92", "world 1", "world 3")
"""Companies that know every metric between them; one counts its days in Tokyo."""
NEVER_KNOWN = {"time_to_activation"}
"""Says why it is Unknown until a workspace names the feature that counts as activation."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Spark on two executors, each a process of its own."""
    try:
        require_spark()
    except UserError as error:
        pytest.skip(str(error))
    session, is_ours = start(MASTER)
    assert is_ours
    yield session
    session.stop()


def delivered(company: Company, theme: Theme = "any") -> list[Any]:
    """The company's rows in two deliveries, with late ones and corrections in the second."""
    recent = company.as_of - timedelta(days=45)
    return deliveries(company.rows, 2, random.Random(company.name), theme, recent)


def held(ws: Workspace) -> list[dict[str, Any]]:
    """Every row that is kept, every metric and reason beside it."""
    return [dict(row) for row in ws.history([m for p in ws.kept.parts.values() for m in p.metrics])]


def differences(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> list[str]:
    """Cells that differ in value, reason or type."""
    assert [(row["as_of"], row["account_id"]) for row in one] == [
        (row["as_of"], row["account_id"]) for row in other
    ]
    return [
        f"{name} of {left['account_id']} on {left['as_of']}: {left[name]!r} became {right[name]!r}"
        for left, right in zip(one, other, strict=True)
        for name in left.keys() | right.keys()
        if repr(left[name]) != repr(right[name])
    ]


def executors(session: Any) -> int:
    """How many processes beside this one hold blocks."""
    return int(session.sparkContext._jsc.sc().getExecutorMemoryStatus().size()) - 1


def test_every_cell_of_every_metric_is_the_same_on_spark(cluster: Any) -> None:
    known: dict[str, int] = {}
    for number, company in enumerate(c for c in companies() if c.name in CHOSEN):
        how: dict[str, Any] = {
            "step": "month" if number % 2 else "week",
            "since": company.as_of - timedelta(days=150 if number % 2 else 70),
        }
        with workspace(*delivered(company), time_zone=company.zone) as ws:
            ws.refresh(**how)
            by_duckdb, columns = held(ws), {n: p.columns for n, p in ws.kept.parts.items()}
            done = ws.refresh(**how, full=True, engine="spark")
            by_spark = held(ws)

            assert done.made.keys() == ws.kept.parts.keys()
            assert {n: p.columns for n, p in ws.kept.parts.items()} == columns
            assert differences(by_duckdb, by_spark) == [], company.name
            for row in by_spark:
                for name, value in row.items():
                    known[name] = known.get(name, 0) + (value is not None)
    assert executors(cluster) == 2
    metrics = {metric.id for metric in built_in() if has_history(metric)} - NEVER_KNOWN
    assert metrics <= known.keys()
    assert {name for name in metrics if not known[name]} == set(), "never known, so never compared"


def test_spark_goes_on_where_duckdb_left_off(cluster: Any) -> None:
    """Engines are free to take turns: what one made the other renews only where facts changed."""
    company = companies()[-1]
    how: dict[str, Any] = {"step": "month", "since": company.as_of - timedelta(days=150)}
    first, late = delivered(company, "days")
    with workspace(first, time_zone=company.zone) as ws:
        ws.refresh(**how)
        ws.load(late)
        done = ws.refresh(**how, engine="spark")
        bit_by_bit = held(ws)
        assert ws.refresh(**how, engine="spark").made == {}
        ws.refresh(**how, full=True)
        assert done.looked_at > 0
        assert differences(held(ws), bit_by_bit) == []


def test_current_rows_as_known_on_a_day_are_the_same(cluster: Any) -> None:
    company = companies()[0]
    with workspace(*delivered(company)) as ws:
        snapshot = snapshots.newest(ws.lake)
        moments = [None, *sorted({summary.loaded_at for summary in ws.imports()})]
        for moment in moments:
            reading = Reading(moment, {"rows": True})
            with (
                Engine(ws.lake, snapshot, reading=reading) as duckdb,
                SparkEngine(ws.lake, snapshot, reading=reading) as spark,
            ):
                for table in ("usage_daily", "activities", "contracts", "health_scores"):
                    listed = ", ".join(f'"{c}"' for c in ws.lake.table(table).sql_columns())
                    text = f"select {listed} from {table}"
                    spark.keep("held", text)
                    told = spark.rows(f"select {listed} from held")
                    assert sorted(map(repr, told)) == sorted(map(repr, duckdb.rows(text))), table


def test_executors_read_a_copy_of_the_lake_where_they_are_told_to(
    cluster: Any, tmp_path: Path
) -> None:
    company = companies()[-1]
    how: dict[str, Any] = {"step": "month", "since": company.as_of - timedelta(days=70)}
    with workspace(*delivered(company)) as ws:
        ws.refresh(**how)
        by_duckdb, copy = held(ws), tmp_path / "a {copy}"
        shutil.copytree(ws.lake.root, copy)
        again: dict[str, Any] = {
            **how,
            "full": True,
            "engine": "spark",
            "files_at": f"file://{copy}",
        }
        ws.refresh(**again)
        assert differences(by_duckdb, held(ws)) == []

        for file in copy.rglob("usage_daily/**/*.parquet"):
            file.unlink()
        with pytest.raises(LakeError) as caught:
            ws.refresh(**again)
        assert caught.value.code == "engine.spark_failed"
        assert differences(by_duckdb, held(ws)) == []
        assert ws.refresh(**how, full=True).undone is not None


def test_a_statement_that_spark_does_not_take_and_work_that_fails_have_names(cluster: Any) -> None:
    company = companies()[-1]
    with workspace(company.rows) as ws, SparkEngine(ws.lake, ws.snapshot) as spark:
        spark.register("few", {"n": [1, 2], "word": ["1", "x"]})
        with pytest.raises(LakeError) as caught:
            spark.keep("held", "select nowhere from few")
        assert caught.value.code == "engine.spark_form"
        with pytest.raises(LakeError) as caught:
            spark.stream("select cast(word as bigint) as n from few")
        assert caught.value.code == "engine.spark_failed"
        assert spark.rows("select sum(n * 1.5) from few") == [(Decimal("4.5"),)]


def test_another_master_than_the_running_one_is_refused(cluster: Any) -> None:
    with pytest.raises(UserError, match="in this process already") as caught:
        start("local[3]")
    assert caught.value.code == "engine.master"
    session, is_ours = start(None)
    assert not is_ours
    assert session.sparkContext.master == MASTER
