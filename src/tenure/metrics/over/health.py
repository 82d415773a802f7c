"""Health over time, on many days: delta and slope over 90 days, and falling before renewal."""

from __future__ import annotations

from fractions import Fraction

from tenure.metrics.answers.health import WINDOW
from tenure.metrics.history.over_days import THERE, OverDays, Told
from tenure.metrics.history.quotients import divided
from tenure.metrics.over.clock import clock

MILLIONTHS = 10**6
SUMS = ("n", "across", "squares", "up", "product")
"""Number of scores, and sums of day, day squared, score and day times score: all that a line is fitted from."""


def health_score_delta_90d(over: OverDays) -> Told:
    """The newest score less the one that held 90 days before, if one model made both."""
    scores = over.keep("scores", _scores(over))
    return Told(
        f"""
        select as_of, there.account_id, case when newest.model = older.model then newest.score - older.score end
            as by_account,
          case when newest.model = older.model then null else 'too_little_history' end as by_account__why
        from (select as_of, account_id, as_of - {WINDOW.days} as before from {THERE} where is_begun) as there
        asof join {scores} as newest on newest.account_id = there.account_id and newest.day <= as_of
        asof left join {scores} as older on older.account_id = there.account_id and older.day <= before
        """,
        otherwise="no_data",
    )


def health_score_slope_90d(over: OverDays) -> Told:
    """Slope, the change it makes in 90 days, and the direction."""
    least, span = over.parameter("min_observations"), over.parameter("min_span_days")
    fitted = over.keep("fitted", _fitted(over, least, span))
    parts = {
        "fitted_change_90d": divided(over, fitted, "rise", "run"),
        "slope_per_day": divided(over, fitted, "rise_per_day", "run"),
        "direction": f"case when run is not null then {_direction(over)} end",
    }
    why = "case when run is null then 'too_little_history' end"
    listed = ", ".join(
        f'{sql} as "by_account.{part}", {why} as "by_account.{part}__why"'
        for part, sql in parts.items()
    )
    return Told(f"select as_of, account_id, {listed} from {fitted}", otherwise="no_data")


def falling_before_renewal(over: OverDays) -> Told:
    """Whether the account falls and its renewal lies between the day and the window's end."""
    fitted = over.keep("fitted", _fitted(over, 2, 30))
    return Told(
        f"""
        select as_of, account_id, null as flagged__why,
          coalesce(days between 0 and {over.parameter("renewal_window_days")} and run is not null
            and {_direction(over)} = 'falling', false) as flagged
        from {THERE} left join {fitted} using (as_of, account_id)
        left join ({clock(over)}) as clock using (as_of, account_id) where is_begun
        """
    )


def _direction(over: OverDays) -> str:
    """The fitted change against the band, in whole numbers: rise / run < -band."""
    band = Fraction(str(over.parameter("flat_band_points")))
    change, limit = f"rise * {band.denominator}", f"run * {band.numerator}"
    return f"(case when {change} < - ({limit}) then 'falling' when {change} > {limit} then 'rising' else 'flat' end)"


def _scores(over: OverDays) -> str:
    return f"""
        select account_id, score_date as day, score, coalesce(model_version, '') as model
        from {over.relation("health_scores")} where score is not null
        """


def _fitted(over: OverDays, least: int, span: int) -> str:
    """Rise and run of each account's line over the window, as whole numbers; empty where scores are too few or close.

    The window's sums are the difference of two running sums of one model's scores, which are whole numbers, so
    that nothing is lost. A line's slope does not depend on where days are counted from.
    """
    running = over.keep(
        "running",
        f"""
        select account_id, day, model, {", ".join(f"sum({name}) over so_far as {name}" for name in SUMS)}
        from (
          select *, 1::hugeint as n, across * across as squares, across * up as product
          from (
            select *, cast(date_diff('day', date '2000-01-01', day) as hugeint) as across,
              cast(score * cast({MILLIONTHS} as decimal(7,0)) as hugeint) as up
            from ({_scores(over)})
          )
        ) window so_far as (partition by account_id, model order by day)
        """,
    )
    sums = ", ".join(f"latest.{name} - coalesce(before.{name}, 0) as {name}" for name in SUMS)
    return f"""
        select as_of, account_id, case when is_enough then rise * {WINDOW.days} end as rise,
          case when is_enough then rise end as rise_per_day,
          case when is_enough then {MILLIONTHS} * (n * squares - across * across) end as run
        from (
          select *, n >= {least} and date_diff('day', first_day, last_day) >= {span} as is_enough,
            n * product - across * up as rise
          from (
            select there.as_of, there.account_id, latest.day as last_day, earliest.day as first_day, {sums}
            from (
              select as_of, account_id, as_of - {WINDOW.days} as since, as_of - {WINDOW.days + 1} as day_before
              from {THERE} where is_begun
            ) as there
            asof join {running} as latest on latest.account_id = there.account_id and latest.day <= as_of
            asof left join {running} as earliest on earliest.account_id = there.account_id
              and earliest.model = latest.model and earliest.day >= since
            asof left join {running} as before on before.account_id = there.account_id
              and before.model = latest.model and before.day <= day_before
          )
        )
        """
