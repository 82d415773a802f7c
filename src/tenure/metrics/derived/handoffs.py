"""Derived fact `handoffs`: what became of each deal that was won, from sales to first touch.

Grain: one row per closed-won new-business deal. Key: opportunity_id. Rests on touches and activity_days; inputs:
opportunities, use_cases; parameter: as_of. The first touch is the first qualifying one on or after the close;
one in the 30 days before makes the lag 0. An untouched deal is waiting: its lag is not known, and not 0. The
kickoff must be completed and documented, at the earliest 30 days before the close.
"""

from __future__ import annotations

from tenure.metrics.derived.fact import DerivedFact, Inputs, day_literal

EARLY_DAYS = 30


def _select(inputs: Inputs) -> str:
    as_of = day_literal(inputs.value("as_of"))
    early = f"deal.close_date - {EARLY_DAYS}"
    cases = "select null as opportunity_id, null::date as oldest where false"
    if inputs.has("use_cases"):
        cases = (
            f"select opportunity_id, min(sold_date) as oldest from {inputs.relation('use_cases')} "
            f"where sold_date <= {as_of} and coalesce(status, '') <> 'cancelled' "
            f"and (enabled_date is null or enabled_date > {as_of}) group by opportunity_id"
        )
    return f"""
        select deal.opportunity_id, deal.account_id, deal.close_date, deal.owner_id,
          (select min(touch.day) from {inputs.relation("touches")} as touch
           where touch.account_id = deal.account_id and touch.day between deal.close_date and {as_of})
            as first_touch,
          exists (select 1 from {inputs.relation("touches")} as touch
           where touch.account_id = deal.account_id and touch.day <= {as_of}
             and touch.day >= {early} and touch.day < deal.close_date) as was_touched_before,
          (select min(act.day) from {inputs.relation("activity_days")} as act
           where act.account_id = deal.account_id and act.activity_type = 'kickoff'
             and act.status = 'completed' and act.documented
             and act.day between {early} and {as_of}) as kickoff,
          cases.oldest as oldest_use_case_waiting,
          deal.opportunity_id as source_key, deal.source_file, deal.source_line
        from {inputs.relation("opportunities")} as deal
        left join ({cases}) as cases on cases.opportunity_id = deal.opportunity_id
        where deal.opportunity_type = 'new_business' and deal.stage = 'closed_won'
          and deal.close_date <= {as_of}
        """


FACT = DerivedFact(
    id="handoffs",
    says="Each new customer's handover: the deal, its first touch, its kickoff, what it still waits for.",
    grain="one row per new-business deal won",
    key=("opportunity_id",),
    columns={
        "opportunity_id": "id",
        "account_id": "id",
        "close_date": "date",
        "owner_id": "id",
        "first_touch": "date",
        "was_touched_before": "bool",
        "kickoff": "date",
        "oldest_use_case_waiting": "date",
    },  # fmt: skip
    needs=("opportunities", "activities"),
    reads=("use_cases", "activity_contacts", "account_assignments"),
    rests_on=("activity_days", "touches"),
    parameters=("as_of",),
    leads_to="opportunities",
    select=_select,
)
