"""Derived fact `advocacy_steps`: advocacy events in order, with what counts of them.

Grain: one row per event. Key: event_id. Inputs: advocacy_events, accounts. Depends on no as_of. `step` orders events
so that on one day saying no wins over saying yes. `deed` is the same for what counts once: the same contact,
type and site. A referral to the customer's own company is none.
"""

from __future__ import annotations

from tenure.metrics.derived.fact import DerivedFact, Inputs

DONE = ("completed", "published", "attended")
REFUSED = ("declined", "withdrawn")


def _select(inputs: Inputs) -> str:
    named = "select null as account_id, null as name where false"
    if inputs.has("accounts"):
        named = f"select account_id, name from {inputs.relation('accounts')}"
    return f"""
        select event_id, event.account_id, contact_id, user_id, event_type, status, event_date, site,
          coalesce(incentivised, false) as is_incentivised, is_done,
          nullif(lower(trim(referred_company)), '') as referred,
          coalesce(lower(trim(referred_company)) = lower(trim(own.name)), false) as is_own_company,
          date_diff('day', date '1900-01-01', event_date) * 10
            + case when status in {REFUSED!r} then 1 else 0 end as step,
          case when contact_id is null then event_id
            else concat_ws(chr(31), event.account_id, contact_id, event_type, coalesce(lower(trim(site)), ''))
            end as deed,
          event_id as source_key, source_file, source_line
        from (select *, coalesce(status in {DONE!r}, false) as is_done
              from {inputs.relation("advocacy_events")}) as event
        left join ({named}) as own on own.account_id = event.account_id
        """


FACT = DerivedFact(
    id="advocacy_steps",
    says="Advocacy events in order, each marked done or not; what counts once bears one name.",
    grain="one row per advocacy event",
    key=("event_id",),
    columns={
        "event_id": "id",
        "account_id": "id",
        "contact_id": "id",
        "user_id": "id",
        "event_type": "word",
        "status": "word",
        "event_date": "date",
        "site": "text",
        "is_incentivised": "bool",
        "is_done": "bool",
        "referred": "text",
        "is_own_company": "bool",
        "step": "int",
        "deed": "text",
    },  # fmt: skip
    needs=("advocacy_events",),
    reads=("accounts",),
    leads_to="advocacy_events",
    select=_select,
)
