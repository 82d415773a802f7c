"""Derived fact `engagements`: who at the customer attended or replied, and when.

Grain: one row per activity and contact who attended. Key: activity_id, contact_id. Rests on activity_days;
inputs: activity_contacts, contacts. Depends on no as_of. A person is an e-mail address: one who is on file
twice counts once. Unanswered mail is no engagement (G12).
"""

from __future__ import annotations

from tenure.metrics.derived.fact import DerivedFact, Inputs


def _select(inputs: Inputs) -> str:
    return f"""
        select act.activity_id, who.contact_id,
          coalesce(who.account_id, act.account_id) as account_id, act.activity_type, act.day,
          coalesce(nullif(lower(trim(who.email)), ''), who.contact_id) as person,
          coalesce(who.is_executive_sponsor, false) as is_executive_sponsor, who.role, who.department,
          who.active_from, who.active_to,
          (who.active_from is null or who.active_from <= act.day)
            and (who.active_to is null or act.day < who.active_to) as was_active,
          act.is_strategic, act.source_key, act.source_file, act.source_line
        from {inputs.relation("activity_contacts")} as there
        join {inputs.relation("activity_days")} as act using (activity_id)
        join {inputs.relation("contacts")} as who on who.contact_id = there.contact_id
        where coalesce(there.attended, false) and act.status = 'completed'
        """


FACT = DerivedFact(
    id="engagements",
    says="People at the customer who attended or replied, activity by activity.",
    grain="one row per completed activity and contact who attended",
    key=("activity_id", "contact_id"),
    columns={
        "activity_id": "id",
        "contact_id": "id",
        "account_id": "id",
        "activity_type": "word",
        "day": "date",
        "person": "text",
        "is_executive_sponsor": "bool",
        "role": "word",
        "department": "text",
        "active_from": "date",
        "active_to": "date",
        "was_active": "bool",
        "is_strategic": "bool",
    },  # fmt: skip
    needs=("activities", "activity_contacts", "contacts"),
    rests_on=("activity_days",),
    leads_to="activities",
    select=_select,
)
