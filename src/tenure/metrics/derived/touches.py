"""Derived fact `touches`: the qualifying touches (G12).

Grain: one row per touch. Key: activity_id. Rests on activity_days; input: account_assignments. Depends on no as_of.
A touch is completed, not automated, not inbound only, by someone of the account team; meetings need a
customer who attended. The account team is who is assigned to the account on that day, in any role; on a
day when nobody is, anyone of us (rulings A7).
"""

from __future__ import annotations

from tenure.metrics.derived.fact import DerivedFact, Inputs

MEETINGS = ("meeting", "qbr", "ebr", "kickoff", "onsite", "training", "operational_review")
"""Types that are a meeting of two sides: one of them alone in the room is none."""
NO_TOUCHES = ("support_reply", "note")
"""Types that answer a ticket or speak to nobody."""


def _select(inputs: Inputs) -> str:
    team = ""
    if inputs.has("account_assignments"):
        on_the_day = (
            f"select 1 from {inputs.relation('account_assignments')} as team "
            "where team.account_id = act.account_id and team.start_date <= act.day "
            "and (team.end_date is null or act.day < team.end_date)"
        )
        team = (
            f"and (act.user_id is null or not exists ({on_the_day}) "
            f"or exists ({on_the_day} and team.user_id = act.user_id))"
        )
    return f"""
        select activity_id, account_id, user_id, activity_type, purpose, day,
          source_key, source_file, source_line
        from {inputs.relation("activity_days")} as act
        where account_id is not null and status = 'completed' and not is_automated
          and direction in ('outbound', 'two_way', 'unknown') and activity_type not in {NO_TOUCHES!r}
          and (has_attendee or activity_type not in {MEETINGS!r}) {team}
        """


FACT = DerivedFact(
    id="touches",
    says="Touches that qualify: completed, by a person of the account team, not inbound only, and attended if a meeting.",
    grain="one row per touch",
    key=("activity_id",),
    columns={
        "activity_id": "id",
        "account_id": "id",
        "user_id": "id",
        "activity_type": "word",
        "purpose": "word",
        "day": "date",
    },  # fmt: skip
    needs=("activities",),
    reads=("activity_contacts", "account_assignments"),
    rests_on=("activity_days",),
    leads_to="activities",
    select=_select,
)
