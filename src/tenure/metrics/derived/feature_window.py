"""Derived fact `feature_window`: each feature an account has bought, with its events in a trailing window.

Grain: account, feature. Rests on lines_in_force; inputs: usage_daily, features; parameters: as_of, window_days,
renewal_grace_days. A feature of no product belongs to everyone with any product. Products not bought are
ignored, dabbling or not.
"""

from __future__ import annotations

from datetime import timedelta

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
    """Features of a level, and those of none: so a question about one level reads the usage of no other."""
    # What was never bought is passed over before anything is added up. Numbers in place of two texts from there on.
    bought = inputs.keep(
        "bought",
        f"""
        select account_id, feature_id, level, row_number() over (order by account_id, feature_id, level) as pair
        from ({_entitled("select distinct account_id, product_id", inputs)})
        group by account_id, feature_id, level
        """,
    )
    through = inputs.keep(
        "through",
        f"""
        select distinct line.account_id, line.product_id, bought.level, pair
        from ({_entitled("select distinct account_id, product_id", inputs)}) as line
        join {bought} as bought on bought.account_id = line.account_id and bought.feature_id = line.feature_id
          and bought.level is not distinct from line.level
        """,
    )
    levelled = _of_level(inputs, (bought, through), "level is not null", "used.level = has.level")
    plain = _of_level(inputs, (bought, through), "level is null", "used.level is null")
    return f"{levelled} union all {plain}"


def _entitled(lines: str, inputs: InputsOver) -> str:
    """What lines in force give the right to, with the product of the line."""
    return f"""
        select line.account_id, line.product_id, feature.feature_id, feature.level
        from ({lines} from {inputs.relation("lines_in_force")}) as line
        join {inputs.relation("features")} as feature
          on feature.product_id is null or feature.product_id = line.product_id
        """


def _of_level(inputs: InputsOver, made: tuple[str, str], chosen: str, same: str) -> str:
    """What accounts have the right to on each as_of, with the events in its window."""
    bought, through = (f"(select * from {name} where {chosen})" for name in made)
    return f"""
        select has.as_of, bought.account_id, bought.feature_id, has.level,
          cast(coalesce(used.events, 0) as bigint) as events
        from (
          select distinct line.as_of, through.pair, through.level
          from (
            select distinct as_of, account_id, product_id from {inputs.relation("lines_in_force")}
          ) as line
          join {through} as through
            on through.account_id = line.account_id and through.product_id is not distinct from line.product_id
        ) as has
        join {bought} as bought on bought.pair = has.pair
        left join ({_used(inputs, bought)}) as used
          on used.as_of = has.as_of and used.pair = has.pair and {same}
        """


def _used(inputs: InputsOver, bought: str) -> str:
    """Events by as_of, pair and level: sums by week where every window is of whole weeks, else by day."""
    window, days = inputs.value("window_days"), inputs.days
    first = min(days) - timedelta(days=window - 1)
    whole, stride = day_literal(first), 1
    if all((day - days[0]).days % 7 == 0 for day in days) and window % 7 == 0:
        stride = 7
    sums = f"""
        select pair, level, (usage_date - {whole}) // {stride} as part, cast(sum(event_count) as bigint) as events
        from {inputs.relation("usage_daily")} as used join {bought} as bought using (account_id, feature_id)
        where usage_date between {whole} and {day_literal(max(days))}
        group by pair, level, part
        """
    seen = f"""
        select as_of, unnest(range(
            (as_of - {whole} - {window} + {stride}) // {stride}, (as_of - {whole}) // {stride} + 1)) as part
        from ({inputs.as_ofs})
        """
    # In the pairs' order, so that a pair's rows are added up together.
    return f"""
        select seen.as_of, pair, level, sum(events) as events
        from (select * from ({sums}) order by pair) join ({seen}) as seen using (part)
        group by seen.as_of, pair, level
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
