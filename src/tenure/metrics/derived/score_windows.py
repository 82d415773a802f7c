"""Derived fact `score_windows`: health scores of an account as one series, up to as_of.

Grain: one row per score of the newest scoring model. Key: account_id, day. Input: health_scores; parameter: as_of.
A change of scoring model starts a new series: scores of an older model are not compared with the newest.
`is_of_newest` is false for those. Several models on and off: the newest score's model decides.
"""

from __future__ import annotations

from tenure.metrics.derived.fact import DerivedFact, Inputs, day_literal


def _select(inputs: Inputs) -> str:
    as_of = day_literal(inputs.value("as_of"))
    return f"""
        select account_id, score_date as day, score,
          coalesce(model_version, '')
            = arg_max(coalesce(model_version, ''), score_date) over (partition by account_id)
            as is_of_newest,
          account_id as source_key, source_file, source_line
        from {inputs.relation("health_scores")}
        where score_date <= {as_of} and score is not null
        """


FACT = DerivedFact(
    id="score_windows",
    says="Health scores up to the day, each marked whether it belongs to the series of the newest one.",
    grain="one row per account and day with a score",
    key=("account_id", "day"),
    columns={"account_id": "id", "day": "date", "score": "number", "is_of_newest": "bool"},
    needs=("health_scores",),
    parameters=("as_of",),
    leads_to="health_scores",
    select=_select,
)
