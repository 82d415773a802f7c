"""Spark's words for DuckDB's statements, as text: what would mean something else there is said otherwise."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from laws.lives import Telling, companies
from tenure.kernel.errors import LakeError
from tenure.lake.engines.spark_form import spark_sql, steps
from tenure.metrics.compute import Computed
from tenure.metrics.declaration import built_in
from tenure.metrics.history.made import has_history, history
from tenure.metrics.questions import Defaults

COLUMNS = {
    "used": {
        "account_id": "VARCHAR", "day": "DATE", "until": "DATE", "n": "BIGINT", "share": "DOUBLE",
        "amount": "DECIMAL(28,6)", "at": "TIMESTAMP", "@0": "DATE",
    },
    "days": {"@0": "DATE"},
}  # fmt: skip


def form(text: str, **parameters: object) -> str:
    """The one step of a statement, without what selects it."""
    *before, last = steps(text, "made", parameters)
    assert before == []
    return spark_sql(last.tree, COLUMNS).removeprefix("SELECT ").removesuffix(" FROM used")


@pytest.mark.parametrize(
    ("duckdb", "spark"),
    [
        ("until - day", "CAST(DATEDIFF(DAY, day, until) AS BIGINT)"),
        ("n - 1", "n - 1"),
        ("day - 7", "day - 7"),
        ("day + n", "day + CAST(n AS INT)"),
        ("n * 722 + cast(until - day as bigint)", "n * 722 + CAST(CAST(DATEDIFF(DAY, day, until) AS BIGINT) AS BIGINT)"),
        ("cast(day + n as date) - until", "CAST(DATEDIFF(DAY, until, CAST(day + CAST(n AS INT) AS DATE)) AS BIGINT)"),
        ("(until - day) // 7", "(CAST(DATEDIFF(DAY, day, until) AS BIGINT)) DIV 7"),
        ("amount / n", "CAST(amount AS DOUBLE) / CAST(n AS DOUBLE)"),
        ("cast(share as integer)", "CAST(RINT(share) AS INT)"),
        ("amount::bigint", "CAST(ROUND(amount, 0) AS BIGINT)"),
        ("cast(floor(amount) as bigint)", "CAST(FLOOR(amount) AS BIGINT)"),
        ("try_cast(account_id as hugeint)", "TRY_CAST(account_id AS DECIMAL(38, 0))"),
        ("bit_count(bit_or(1 << n))", "BIT_COUNT(BIT_OR(SHIFTLEFT(1, n)))"),
        ("hash(account_id, day)", "XXHASH64(account_id, day)"),
        ("arg_max(n, day)", "MAX_BY(n, CASE WHEN NOT (n) IS NULL THEN day END)"),
        ("any_value(n)", "ANY_VALUE(n) IGNORE NULLS"),
        ("bool_or(n > 1) filter (where n < 9)", "BOOL_OR(n > 1) FILTER(WHERE n < 9)"),
        ("n is distinct from 1", "n IS DISTINCT FROM 1"),
        ("strftime(day, '%Y-%m-%d')", "DATE_FORMAT(day, 'yyyy-MM-dd')"),
        ("timezone('Asia/Kolkata', timezone('UTC', at))", "FROM_UTC_TIMESTAMP(at, 'Asia/Kolkata')"),
        ("at at time zone 'UTC' at time zone 'Asia/Kolkata'", "FROM_UTC_TIMESTAMP(at, 'Asia/Kolkata')"),
        ('"@0"', "`@0`"),
    ],
)  # fmt: skip
def test_an_expression_means_the_same_in_sparks_words(duckdb: str, spark: str) -> None:
    assert form(f"select {duckdb} from used") == spark


def test_rows_are_ordered_with_the_missing_last() -> None:
    assert form("select lag(n) over w as x from used window w as (order by day)").endswith(
        "WINDOW w AS (ORDER BY day NULLS LAST)"
    )


def test_what_a_window_counts_is_asked_row_by_row() -> None:
    made = form("select count(*) filter (where n > 1) over (partition by day) as x from used")

    assert made == "COUNT(CASE WHEN n > 1 THEN 1 END) OVER (PARTITION BY day) AS x"


def test_rows_numbered_in_any_order_are_numbered_alike_twice() -> None:
    made = form("select row_number() over () as person, account_id, day from used")

    assert "ROW_NUMBER() OVER (ORDER BY account_id NULLS LAST, day NULLS LAST)" in made


def test_the_newest_of_each_and_the_distinct_on_have_a_form() -> None:
    newest = "select * from used qualify row_number() over (partition by n order by day desc) = 1"
    first = "select distinct on (n) n, day from used order by n, day"

    for text in (newest, first):
        made = form(text)
        assert "QUALIFY" not in made
        assert "DISTINCT ON" not in made
        assert "ROW_NUMBER() OVER (PARTITION BY n ORDER BY" in made


def test_a_list_of_days_becomes_rows_and_a_parameter_its_value() -> None:
    listed = form("select unnest([date '2026-01-04', date '2026-01-11']) as as_of")
    asked = form("select n from used where day = $day", day=date(2026, 1, 4))

    assert listed.startswith("EXPLODE(ARRAY(CAST('2026-01-04' AS DATE)")
    assert asked.endswith("WHERE day = CAST('2026-01-04' AS DATE)")


def test_an_asof_join_meets_the_one_row_whose_stretch_holds_the_day() -> None:
    made = form(
        """
        select a.n, d.until from days asof left join used as a on a.account_id = days.account_id and a.day <= "@0"
        """
    )
    later = form("select d.n from used as a asof join used as d on d.day > a.day and d.n = a.n")

    assert made == (
        "a.n, d.until FROM days LEFT JOIN (SELECT *, LEAD(day) OVER (PARTITION BY account_id ORDER BY day NULLS LAST) "
        "AS `@near` FROM used) AS a ON a.account_id = days.account_id AND a.day <= `@0` "
        "AND (`a`.`@near` IS NULL OR `a`.`@near` > `@0`)"
    )
    assert "LAG(day) OVER (PARTITION BY n ORDER BY day NULLS LAST)" in later
    assert later.endswith("d.day > a.day AND (`d`.`@near` IS NULL OR `d`.`@near` <= a.day)")


def test_a_query_to_be_worked_out_once_is_a_step_of_its_own() -> None:
    found = steps(
        """
        select made.n from (
          with held as materialized (select n, day from used), late as (select n from held where n > 1)
          select held.n from held join late using (n)
        ) as made
        """,
        "plan",
    )

    assert [(step.name, step.is_kept) for step in found] == [
        ("plan__held_0", True), ("plan__late_1", False), ("", False),
    ]  # fmt: skip
    assert [step.tables for step in found] == [
        {"used"}, {"plan__held_0"}, {"plan__held_0", "plan__late_1"},
    ]  # fmt: skip
    assert spark_sql(found[-1].tree, COLUMNS) == (
        "SELECT made.n FROM (SELECT held.n FROM `plan__held_0` AS held "
        "JOIN `plan__late_1` AS late USING (n)) AS made"
    )


def test_a_name_that_is_given_again_closer_by_is_not_the_step() -> None:
    found = steps(
        "with a as materialized (select 1 as n) "
        "select * from a join (with a as (select 2 as n) select * from a) as b using (n)",
        "plan",
    )

    assert [spark_sql(step.tree, {}) for step in found] == [
        "SELECT 1 AS n",
        "SELECT 2 AS n",
        "SELECT * FROM `plan__a_0` AS a JOIN (SELECT * FROM `plan__a_1` AS a) AS b USING (n)",
    ]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("select list_zip([n], [n]) as x from used", "list_zip"),
        ("select * from used as a asof join days as d on a.day >= d.\"@0\"", "this asof join"),
        ("select n from used positional join days", "positional join"),
        ("select row_number() over () as n from (select 1)", "row_number"),
        ("select at at time zone 'Asia/Kolkata' from used", "another zone"),
    ],
)  # fmt: skip
def test_what_has_no_spark_form_is_named(text: str, named: str) -> None:
    with pytest.raises(LakeError) as caught:
        form(text)

    assert caught.value.code == "engine.spark_form"
    assert named in str(caught.value).casefold()


class Listening:
    """Facts in memory that remember each statement with the columns there were."""

    def __init__(self, telling: Telling) -> None:
        self.inner, self.heard = telling.memory, list[tuple[str, dict[str, dict[str, str]]]]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def keep(self, name: str, text: str) -> None:
        self.hear(text)
        self.inner.keep(name, text)

    def hear(self, text: str) -> None:
        columns: dict[str, dict[str, str]] = {}
        for table, column, kind in self.inner.connection.execute(
            "select table_name, column_name, data_type from information_schema.columns"
        ).fetchall():
            columns.setdefault(table, {})[column] = kind
        self.heard.append((text, columns))


@pytest.mark.parametrize("stride", [7, 13], ids=["weeks", "days apart"])
def test_every_statement_of_a_history_has_a_spark_form(stride: int) -> None:
    company = companies()[0]
    telling = Telling(company)
    facts = Listening(telling)
    days = [company.as_of - timedelta(days=stride * back) for back in range(6, -1, -1)]
    made = history(
        [metric for metric in built_in() if has_history(metric)],
        days,
        Computed(facts, telling.reading.on(facts)),
        Defaults(company.as_of, "USD"),
        asked_of=Computed(telling.memory, telling.reading),
    )
    facts.hear(made.query)

    assert len(facts.heard) > 20
    for number, (text, columns) in enumerate(facts.heard):
        known = dict(columns)
        for step in steps(text, f"made_{number}"):
            printed = spark_sql(step.tree, known)
            tree = sqlglot.parse_one(printed, dialect="spark")
            assert not any(cte.args.get("materialized") for cte in tree.find_all(exp.CTE))
