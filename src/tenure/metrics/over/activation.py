"""Time to the first meaningful use, seen from many days: time_to_activation."""

from __future__ import annotations

from tenure.metrics.answers.activation import activated, features_of, provisioned
from tenure.metrics.history.over_days import THERE, OverDays, Told


def time_to_activation(over: OverDays) -> Told:
    """Days from the first seat given out to the activation; both days stay what they are once they have come."""
    features = features_of(over.last)
    if not features:
        return Told("", otherwise="no_data")
    first = provisioned(over.reading, over.last)
    used = activated(over.reading, over.last, features)
    days = over.register(
        "activations",
        {"account_id": "VARCHAR", "provisioned": "DATE", "activated": "DATE"},
        [(account_id, day, used.get(account_id)) for account_id, day in first.items()],
    )
    return Told(
        f"""
        select as_of, account_id,
          case when activated <= as_of then date_diff('day', provisioned, activated) end as by_account,
          case when activated is null or activated > as_of then 'too_little_history' end as by_account__why
        from {THERE} join {days} using (account_id) where is_begun and provisioned <= as_of
        """,
        otherwise="no_data",
    )
