"""Derived fact `onboarding_clocks`: when each account started onboarding, signed, and reached its first value.

Grain: one row per account with a milestone or contract. Key: account_id. Inputs: onboarding_milestones, contracts.
Depends on no as_of: readers look only at days that have come. The signature is that of the contract signed
first; drafts are none.
"""

from __future__ import annotations

from tenure.metrics.derived.fact import DerivedFact, Inputs


def _select(inputs: Inputs) -> str:
    signed = "select null as account_id, null::date as signed where false"
    if inputs.has("contracts"):
        signed = (
            f"select account_id, min(signed_date) as signed from {inputs.relation('contracts')} "
            "where coalesce(status, '') <> 'draft' group by account_id"
        )
    return f"""
        select reached.account_id, reached.started, reached.first_value, signing.signed,
          reached.account_id as source_key, reached.source_file, reached.source_line
        from (
          select account_id,
            min(completed_date) filter (where milestone = 'onboarding_start') as started,
            min(completed_date) filter (where milestone = 'first_value') as first_value,
            coalesce(any_value(source_file) filter (where milestone = 'first_value'), any_value(source_file))
              as source_file,
            coalesce(any_value(source_line) filter (where milestone = 'first_value'), any_value(source_line))
              as source_line
          from {inputs.relation("onboarding_milestones")} group by account_id
        ) as reached
        left join ({signed}) as signing on signing.account_id = reached.account_id
        """


FACT = DerivedFact(
    id="onboarding_clocks",
    says="When each account started onboarding, signed, and reached its first value.",
    grain="one row per account",
    key=("account_id",),
    columns={"account_id": "id", "started": "date", "first_value": "date", "signed": "date"},
    needs=("onboarding_milestones",),
    reads=("contracts",),
    leads_to="onboarding_milestones",
    select=_select,
)
