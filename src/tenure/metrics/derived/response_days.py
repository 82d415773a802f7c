"""Derived fact `response_days`: survey answers on their civil day.

Grain: one row per answer. Key: response_id. Input: survey_responses. Depends on no as_of. `rank` orders the answers
of one person and survey, so that the latest within a window can be found.
"""

from __future__ import annotations

from tenure.metrics.derived.fact import DerivedFact, Inputs, civil_day


def _select(inputs: Inputs) -> str:
    return f"""
        select response_id, account_id, contact_id, user_id, survey_type, score, scale_min, scale_max,
          coalesce(effort_coded, false) as effort_coded, task, wave,
          {civil_day("responded_at", inputs.time_zone)} as day,
          row_number() over (partition by survey_type, contact_id order by responded_at, response_id)
            as rank,
          response_id as source_key, source_file, source_line
        from {inputs.relation("survey_responses")}
        """


FACT = DerivedFact(
    id="response_days",
    says="Survey answers on the civil day they came, in order for each person.",
    grain="one row per answer",
    key=("response_id",),
    columns={
        "response_id": "id",
        "account_id": "id",
        "contact_id": "id",
        "user_id": "id",
        "survey_type": "word",
        "score": "number",
        "scale_min": "number",
        "scale_max": "number",
        "effort_coded": "bool",
        "task": "text",
        "wave": "text",
        "day": "date",
        "rank": "int",
    },  # fmt: skip
    needs=("survey_responses",),
    leads_to="survey_responses",
    select=_select,
)
