"""Derived fact `activity_days`: every activity on its civil day, and whether a customer attended.

Grain: one row per activity. Key: activity_id. Inputs: activities, activity_contacts. Depends on no as_of.
Empty marks are read as a reader would: not automated, not strategic, not documented, direction unknown.
Without activity_contacts nobody can say who attended: the rule is waived and `is_attendance_known` false
(rulings A7).
"""

from __future__ import annotations

from tenure.metrics.derived.fact import DerivedFact, Inputs, civil_day

FLAGS = ("is_proactive", "is_automated", "is_strategic", "documented")


def _select(inputs: Inputs) -> str:
    attended = "select null as activity_id, false as attended where false"
    if inputs.has("activity_contacts"):
        attended = (
            "select activity_id, bool_or(coalesce(attended, false)) as attended "
            f"from {inputs.relation('activity_contacts')} group by activity_id"
        )
    known = str(inputs.has("activity_contacts")).lower()
    flags = ", ".join(f"coalesce({flag}, false) as {flag}" for flag in FLAGS)
    return f"""
        select activity_id, account_id, user_id, activity_type, purpose, tags, summary, sentiment,
          coalesce(direction, 'unknown') as direction, coalesce(status, 'unknown') as status, {flags},
          is_strategic is not null as is_strategic_recorded,
          coalesce(seen.attended, not {known}) as has_attendee, {known} as is_attendance_known,
          {civil_day("occurred_at", inputs.time_zone)} as day,
          activity_id as source_key, source_file, source_line
        from {inputs.relation("activities")} as held
        left join ({attended}) as seen using (activity_id)
        """


FACT = DerivedFact(
    id="activity_days",
    says="Every activity on its civil day, with empty marks read as no, and whether a customer attended.",
    grain="one row per activity",
    key=("activity_id",),
    columns={
        "activity_id": "id",
        "account_id": "id",
        "user_id": "id",
        "activity_type": "word",
        "purpose": "word",
        "tags": "text",
        "summary": "text",
        "sentiment": "number",
        "direction": "word",
        "status": "word",
        "is_proactive": "bool",
        "is_automated": "bool",
        "is_strategic": "bool",
        "documented": "bool",
        "is_strategic_recorded": "bool",
        "has_attendee": "bool",
        "is_attendance_known": "bool",
        "day": "date",
    },  # fmt: skip
    needs=("activities",),
    reads=("activity_contacts",),
    leads_to="activities",
    select=_select,
)
