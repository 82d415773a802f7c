"""Derived fact `ticket_days`: tickets on the civil days they were opened and rated.

Grain: one row per ticket. Key: ticket_id. Input: tickets. Depends on no as_of. A rating is dated by the day the
ticket was solved, or opened where that is missing.
"""

from __future__ import annotations

from tenure.metrics.derived.fact import DerivedFact, Inputs, civil_day


def _select(inputs: Inputs) -> str:
    opened = civil_day("created_at", inputs.time_zone)
    solved = civil_day("solved_at", inputs.time_zone)
    return f"""
        select ticket_id, account_id, {opened} as opened, {solved} as solved,
          coalesce({solved}, {opened}) as rated, priority, status, category, csat, sentiment,
          ticket_id as source_key, source_file, source_line
        from {inputs.relation("tickets")}
        """


FACT = DerivedFact(
    id="ticket_days",
    says="Tickets on the civil days they were opened, solved and rated.",
    grain="one row per ticket",
    key=("ticket_id",),
    columns={
        "ticket_id": "id",
        "account_id": "id",
        "opened": "date",
        "solved": "date",
        "rated": "date",
        "priority": "word",
        "status": "word",
        "category": "text",
        "csat": "number",
        "sentiment": "number",
    },  # fmt: skip
    needs=("tickets",),
    leads_to="tickets",
    select=_select,
)
