"""The numbers of an account in groups, each with its unit and what it means; every one opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tenure.insights.book import BookRow
from tenure.kernel.unknown import Unknown
from tenure.metrics.declaration import Catalogue

GROUPS: Sequence[tuple[str, Sequence[str]]] = (
    (
        "Planned and done",
        (
            "days_since_last_touch", "days_past_cadence", "cadence_attainment", "qbr_held",
            "exec_sponsor_reached", "onboarding_milestone_completion",
        ),
    ),
    (
        "Usage and seats",
        (
            "active_user_pct", "usage_trend", "usage_consistency", "feature_adoption_depth",
            "power_user_pct", "cross_functional_usage", "seat_utilization",
        ),
    ),
    (
        "What they say",
        ("sentiment", "csat", "support_ticket_trend", "product_feedback", "strategic_alignment"),
    ),
    (
        "Growth and advocacy",
        (
            "expansion_revenue_by_account", "reference_willingness", "case_study_participation",
            "referral_behavior", "review_submission",
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownNumber:
    """One number as the page shows it."""

    metric: str
    title: str
    says: str
    unit: str
    value: Any

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None and not isinstance(self.value, Unknown)


@dataclass(frozen=True, slots=True)
class Group:
    """Numbers that answer one question."""

    title: str
    numbers: Sequence[ShownNumber]


def shown_numbers(catalogue: Catalogue, row: BookRow) -> list[Group]:
    """The groups of the account page, without metrics that the workspace does not have."""
    return [Group(title, numbers_of(catalogue, row, metrics)) for title, metrics in GROUPS]


def numbers_of(catalogue: Catalogue, row: BookRow, metrics: Sequence[str]) -> list[ShownNumber]:
    """Some numbers of an account, without metrics that the workspace does not have."""
    declared = {metric.id: metric for metric in catalogue}
    return [
        ShownNumber(
            m,
            declared[m].title,
            declared[m].says,
            declared[m].unit,
            row.numbers.get(m, Unknown("no_data")),
        )
        for m in metrics
        if m in declared
    ]
