"""Derived fact `advocacy_deeds`: what customers did for us in the period, each deed once.

Grain: one row per deed done in the period. Key: deed. Rests on advocacy_steps; parameters: as_of, period_start,
period_end. Told twice (the same contact, type and site), it is the earliest telling that counts.
"""

from __future__ import annotations

from tenure.metrics.derived.fact import DerivedFact, Inputs, day_literal


def _select(inputs: Inputs) -> str:
    first, end = day_literal(inputs.value("period_start")), day_literal(inputs.value("period_end"))
    return f"""
        select account_id, contact_id, user_id, event_type, status, event_date, site, is_incentivised, deed,
          source_key, source_file, source_line
        from {inputs.relation("advocacy_steps")}
        where is_done and event_date >= {first} and event_date < {end}
          and event_date <= {day_literal(inputs.value("as_of"))}
        qualify row_number() over (partition by deed order by event_date, event_id) = 1
        """


FACT = DerivedFact(
    id="advocacy_deeds",
    says="What customers did for us in the period, each deed once.",
    grain="one row per deed done in the period",
    key=("deed",),
    columns={
        "account_id": "id",
        "contact_id": "id",
        "user_id": "id",
        "event_type": "word",
        "status": "word",
        "event_date": "date",
        "site": "text",
        "is_incentivised": "bool",
        "deed": "text",
    },  # fmt: skip
    needs=("advocacy_events",),
    reads=("accounts",),
    rests_on=("advocacy_steps",),
    parameters=("as_of", "period_start", "period_end"),
    leads_to="advocacy_events",
    select=_select,
)
