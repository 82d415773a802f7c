"""Time to the first meaningful use: time_to_activation."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tenure.kernel.money import ratio
from tenure.kernel.unknown import Reason
from tenure.metrics.asked import Asked, Note, Result
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.reading import Reading


def time_to_activation(reading: Reading, asked: Asked) -> Result:
    """Days from an account's first seat given out to the day its people had used the feature often enough."""
    chosen = reading.begun_accounts(asked)
    features = features_of(asked)
    if not features:
        return _no_rule(chosen)
    first, used = provisioned(reading, asked), activated(reading, asked, features)
    days = {a: (used[a] - first[a]).days if a in used and a in first else None for a in chosen}
    known = [left for left in days.values() if left is not None]
    reasons: dict[str, Reason] = {
        f"by_account.{a}": "too_little_history" if a in first else "no_data"
        for a in chosen
        if days[a] is None
    }
    average = float(Fraction(sum(known), len(known))) if known else None
    rate = ratio(len(known), sum(1 for a in chosen if a in first))
    for name, value in (("average", average), ("activation_rate", rate)):
        if value is None:
            reasons[name] = "undefined"
    return Result(
        value=average,
        unknown=None if average is not None else "undefined",
        components={"by_account": days, "average": average, "activation_rate": rate},
        reasons=reasons,
        n=len(known),
        rows=[
            SourceRow(
                "product_users", row["product_user_id"], row["source_file"], row["source_line"]
            )
            for row in reading.rows("product_users")
            if row["account_id"] in days and row["assigned_date"] == first.get(row["account_id"])
        ],
    )


def features_of(asked: Asked) -> list[str]:
    """The features whose use is the activation; none where no rule is set."""
    named = [f.strip() for f in (asked.parameters["activation_feature"] or "").split(",")]
    return [feature for feature in named if feature]


def _no_rule(chosen: list[str]) -> Result:
    """Logging in is no activation, and which feature is, only the company knows."""
    return Result(
        value=None,
        unknown="no_data",
        components={
            "by_account": dict.fromkeys(chosen),
            "average": None,
            "activation_rate": None,
        },
        reasons={
            **{f"by_account.{a}": "no_data" for a in chosen},
            "average": "no_data",
            "activation_rate": "no_data",
        },
        n=0,
        notes=[
            Note(
                "warning",
                "activation.no_rule",
                "No activation rule is set: which feature shows that the product is used for what it is for?",
                "Set `activation_feature` for this question, or for good in catalogue/presets/time_to_activation.toml.",
            )
        ],
    )


def provisioned(reading: Reading, asked: Asked) -> dict[str, date]:
    """The first day somebody of the account, not of ours, was given a seat."""
    first: dict[str, date] = {}
    for row in reading.rows("product_users"):
        day, account_id = row["assigned_date"], row["account_id"]
        if row["is_internal"] or day is None or day > asked.as_of or account_id is None:
            continue
        first[account_id] = min(day, first.get(account_id, day))
    return first


def activated(reading: Reading, asked: Asked, features: list[str]) -> dict[str, date]:
    """The day the account's own people had used the features `min_events` times in all."""
    found = reading.query(
        """
        with used as (
          select account_id, usage_date, sum(event_count) as events from usage_daily
          where feature_id in (select unnest($features)) and usage_date <= $as_of
            and (product_user_id is null or product_user_id not in (
              select product_user_id from product_users where coalesce(is_internal, false)))
          group by account_id, usage_date),
        so_far as (
          select account_id, usage_date,
            sum(events) over (partition by account_id order by usage_date) as events from used)
        select account_id, min(usage_date) from so_far where events >= $least group by account_id
        """,
        features=features,
        as_of=asked.as_of,
        least=asked.parameters["min_events"],
    )
    return dict(found)
