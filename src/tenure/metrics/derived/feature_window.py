"""Derived fact `feature_window`: each feature an account has bought, with its events in a trailing window.

Grain: account, feature. Rests on lines_in_force; inputs: usage_daily, features; parameters: as_of, window_days,
renewal_grace_days. A feature of no product belongs to everyone with any product. Products not bought are
ignored, dabbling or not.
"""

from __future__ import annotations

from datetime import timedelta

from tenure.facts.sql import literal
from tenure.facts.table import table
from tenure.metrics.derived.fact import DerivedFact, Inputs, InputsOver, Trail, day_literal


def _days(inputs: Inputs) -> Trail:
    as_of = inputs.value("as_of")
    first = as_of - timedelta(days=inputs.value("window_days") - 1)
    return Trail("usage_daily", "usage_date", first, as_of)


def _select(inputs: Inputs) -> str:
    as_of = inputs.value("as_of")
    first = as_of - timedelta(days=inputs.value("window_days") - 1)
    return f"""
        select has.account_id, has.feature_id, has.level, cast(coalesce(used.events, 0) as bigint) as events
        from (
          select distinct line.account_id, feature.feature_id, feature.level
          from {inputs.relation("lines_in_force")} as line
          join {inputs.relation("features")} as feature
            on feature.product_id is null or feature.product_id = line.product_id
        ) as has
        left join (
          select account_id, feature_id, sum(event_count) as events
          from {inputs.relation("usage_daily")}
          where usage_date between {day_literal(first)} and {day_literal(as_of)}
          group by account_id, feature_id
        ) as used using (account_id, feature_id)
        """


def _select_over(inputs: InputsOver) -> str:
    """Features of each level by themselves: so a question about one level reads the usage of no other."""
    words = sorted(table("features").columns["level"].words)
    # What was never bought is passed over before anything is added up. Numbers in place of two texts from there on.
    lines = inputs.keep(
        "lines",
        f"select distinct as_of, account_id, product_id from {inputs.relation('lines_in_force')}",
    )
    bought = inputs.keep(
        "bought",
        f"""
        select account_id, feature_id, level,
          cast(row_number() over (order by account_id, feature_id, level) as bigint) as pair
        from ({_entitled(lines, inputs)}) group by account_id, feature_id, level
        """,
    )
    through = inputs.keep(
        "through",
        f"""
        select line.account_id, line.product_id, bought.level, pair, count(*) over (partition by pair) = 1 as is_only_one
        from (select distinct * from ({_entitled(lines, inputs)})) as line
        join {bought} as bought on bought.account_id = line.account_id and bought.feature_id = line.feature_id
          and bought.level is not distinct from line.level
        """,
    )
    among = ", ".join(literal(word) for word in words)
    others = f"(level is null or level not in ({among}))"
    chosen = {f"level = {literal(word)}": literal(word) for word in words} | {
        others: "bought.level"
    }
    return " union all ".join(
        _of_level(inputs, lines, (bought, through), *one) for one in chosen.items()
    )


def _entitled(lines: str, inputs: InputsOver) -> str:
    """What lines in force on any as_of give the right to, with the product of the line."""
    return f"""
        select line.account_id, line.product_id, feature.feature_id, feature.level
        from (select distinct account_id, product_id from {lines}) as line
        join {inputs.relation("features")} as feature
          on feature.product_id is null or feature.product_id = line.product_id
        """


def _of_level(
    inputs: InputsOver, lines: str, made: tuple[str, str], chosen: str, level: str
) -> str:
    """What accounts have the right to on each as_of, with the events in its window."""
    bought, through = (f"(select * from {name} where {chosen})" for name in made)
    place = _place("pair", "line.as_of", inputs)
    right = f"""
        select {{}} line.as_of, pair, {place} as place
        from {lines} as line join {through} as through
          on through.account_id = line.account_id and through.product_id is not distinct from line.product_id
        """
    # Most features come with one product only, and are there once.
    return f"""
        select has.as_of, bought.account_id, bought.feature_id, {level} as level,
          cast(coalesce(used.events, 0) as bigint) as events
        from (
          {right.format("")} where is_only_one union all {right.format("distinct")} where not is_only_one
        ) as has
        join {bought} as bought on bought.pair = has.pair
        left join ({_used(inputs, bought)}) as used on used.place = has.place
        """


def _place(pair: str, day: str, inputs: InputsOver) -> str:
    """SQL for a pair on an as_of as one number, which is grouped by and looked up in half the time of two."""
    span = (max(inputs.days) - min(inputs.days)).days + 1
    return f"{pair} * {span} + cast({day} - {day_literal(min(inputs.days))} as bigint)"


def _used(inputs: InputsOver, bought: str) -> str:
    """Events by pair and as_of: sums by week where every window is of whole weeks, else by day."""
    window, days = inputs.value("window_days"), inputs.days
    first = min(days) - timedelta(days=window - 1)
    whole, stride = day_literal(first), 1
    if all((day - days[0]).days % 7 == 0 for day in days) and window % 7 == 0:
        stride = 7
    parts = (max(days) - first).days // stride + 1
    sums = f"""
        select pair * {parts} + cast((usage_date - {whole}) // {stride} as bigint) as cell,
          cast(sum(event_count) as bigint) as events
        from {inputs.relation("usage_daily")} as used join {bought} as bought using (account_id, feature_id)
        where usage_date between {whole} and {day_literal(max(days))}
        group by cell
        """
    seen = f"""
        select as_of, unnest(range(
            (as_of - {whole} - {window} + {stride}) // {stride}, (as_of - {whole}) // {stride} + 1)) as part
        from ({inputs.as_ofs})
        """
    # In the pairs' order, so that a pair's rows are added up together.
    return f"""
        select {_place("pair", "seen.as_of", inputs)} as place, sum(events) as events
        from (select cell // {parts} as pair, cell % {parts} as part, events from ({sums}) order by pair) as sums
        join ({seen}) as seen using (part)
        group by place
        """


FACT = DerivedFact(
    id="feature_window",
    says="Each feature an account has bought, with its events in the last days asked for.",
    grain="one row per account and feature bought",
    key=("account_id", "feature_id"),
    columns={"account_id": "id", "feature_id": "id", "level": "word", "events": "int"},
    needs=("usage_daily", "features", "contract_lines"),
    rests_on=("lines_in_force",),
    parameters=("as_of", "window_days", "renewal_grace_days"),
    select=_select,
    trail=_days,
    select_over=_select_over,
)
