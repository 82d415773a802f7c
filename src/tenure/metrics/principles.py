"""The ten principles of S2 as checks on a metric, and the refusal to rank people by support numbers (C52, C104).

A principle gives a remark with its number, what it says and the fix. A refusal is an error at load.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from tenure.kernel.errors import DeclarationError
from tenure.metrics.declaration import QUESTIONS, Metric

SUPPORT = ("tickets", "ticket_days")
TOUCHES = ("activities", "activity_days", "touches", "activity_contacts", "engagements")
PERSON = ("csm", "user_id", "owner_id")
ASKED = QUESTIONS[:3]
MOST_FOR_AN_AUDIENCE = {"board": 5, "executive": 5, "vp": 8, "team": 12}
"""How many metrics an audience reads before it reads none (S2 reporting guide; ours where S2 gives no number)."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One principle a metric does not meet: its number and name, what is the matter, and the fix."""

    principle: int
    name: str
    metric: str
    says: str
    fix: str


def refuse_rankings(metric: Metric, where: str) -> None:
    """Refuse a metric that would rank people by tickets, response times, CSAT or activity counts.

    Raises:
        DeclarationError: with the reason and the metric to use instead.
    """
    if not _is_about_people(metric) or metric.better in ("none", "zero"):
        return
    facts = {measure.from_ for measure in metric.measures.values()}
    if facts & set(SUPPORT):
        _refuse(
            "Tickets and response times reward reacting and false urgency, so they rank nobody.",
            "Cut it by account or segment, or use handoff_failures or cadence_attainment for a book.",
            where,
        )
    if any("csat" in measure.where for measure in metric.measures.values()):
        _refuse(
            "CSAT tells of the last call and not of the renewal, so it ranks nobody.",
            "Cut it by account or segment, or use gross_renewal_rate by csm.",
            where,
        )
    if facts and facts <= set(TOUCHES) and metric.thresholds:
        _refuse(
            "A target on the number of activities is met by more activities, not by better ones.",
            "Leave the threshold out, or use cadence_attainment, which counts promises kept.",
            where,
        )


def _is_about_people(metric: Metric) -> bool:
    by_person = any(text.rsplit(" per ", 1)[-1] in PERSON for text in metric.gives.values())
    return metric.about == "person" or "csm" in metric.cuts or by_person


def _refuse(what: str, remedy: str, where: str) -> None:
    raise DeclarationError(what, where=where, remedy=remedy, code="principle.ranking")


def remarks(
    catalogue: Iterable[Metric],
    *,
    today: date,
    model: str = "",
    delivered: Collection[str] = (),
) -> list[Remark]:
    """What the ten principles say about the metrics, in the order of the principles.

    Args:
        catalogue: the metrics looked at.
        today: for reviews that are overdue.
        model: the company's business model; empty: not said.
        delivered: the tables that a source feeds.
    """
    metrics = list(catalogue)
    found = [remark for metric in metrics for remark in _of(metric, today, model, set(delivered))]
    found += [*_lagging_only(metrics), *_too_many(metrics)]
    return sorted(found, key=lambda r: (r.principle, r.metric))


def _of(metric: Metric, today: date, model: str, delivered: set[str]) -> Iterable[Remark]:
    facts = {measure.from_ for measure in metric.measures.values()}
    if facts and facts <= set(TOUCHES) and metric.question in ASKED and metric.timing == "lagging":
        yield _remark(
            metric,
            1,
            "It counts what we do and is offered as an outcome.",
            "Call it leading, or measure what the customer did.",
        )
    if not metric.thresholds and metric.timing == "leading":
        yield _remark(
            metric,
            3,
            "It has no line from which to act.",
            "Add [[thresholds]], or learn one from your churned accounts.",
        )
    if metric.thresholds and not (metric.play or metric.owner):
        yield _remark(
            metric,
            4,
            "Nobody acts when its line is crossed: it names no play and no owner.",
            'Add play = "..." or owner = "...".',
        )
    if model and metric.models and model not in metric.models:
        yield _remark(
            metric,
            5,
            f"It is for {', '.join(metric.models)}, and the company is {model}.",
            "Leave it out of the reports, or widen `models`.",
        )
    lacks = [need for need in metric.needs if not set(need.split(" or ")) & delivered]
    if metric.collected == "hand" or lacks:
        why = (
            "It is collected by hand."
            if metric.collected == "hand"
            else f"No source feeds {', '.join(lacks)}."
        )
        yield _remark(metric, 6, why, "Connect a source, so that nobody has to look it up.")
    if metric.review_by and metric.review_by < today.isoformat():
        yield _remark(
            metric,
            7,
            f"Its review was due on {metric.review_by}.",
            "Review it, then move review_by.",
        )
    if metric.thresholds and all(line.kind != "own" for line in metric.thresholds):
        yield _remark(
            metric,
            9,
            "Its lines are a preset that your own history has not confirmed.",
            "Run threshold_calibration on it, then accept a line of your own.",
        )
    if metric.question not in ASKED:
        yield _remark(
            metric, 10, "It answers none of the three questions.", "Keep it as context, or drop it."
        )


def _lagging_only(metrics: Iterable[Metric]) -> Iterable[Remark]:
    """A question with lagging metrics only is heard when it is too late."""
    timings: dict[str, set[str]] = {}
    for metric in metrics:
        timings.setdefault(metric.question, set()).add(metric.timing)
    for question in ASKED:
        if timings.get(question) == {"lagging"}:
            yield Remark(
                2,
                NAMES[2],
                question,
                f"`{question}` is asked by lagging metrics only.",
                "Add a leading one.",
            )


def _too_many(metrics: Iterable[Metric]) -> Iterable[Remark]:
    counts: dict[str, int] = {}
    for metric in metrics:
        for audience in metric.audiences:
            counts[audience] = counts.get(audience, 0) + 1
    for audience, count in counts.items():
        most = MOST_FOR_AN_AUDIENCE.get(audience, 12)
        if count > most:
            yield Remark(
                8,
                NAMES[8],
                audience,
                f"{count} metrics are meant for {audience}; more than {most} are not read.",
                "Keep those that lead to a decision.",
            )


NAMES = {
    1: "Outcomes over activity",
    2: "Leading over lagging",
    3: "Thresholds drive action",
    4: "Playbooks make metrics useful",
    5: "Business model matters",
    6: "Automate wherever possible",
    7: "Review and refine quarterly",
    8: "Report to the right audience",
    9: "Validate with data",
    10: "Measure what predicts retention, expansion and advocacy",
}
"""S2, Key Principles, in its order."""


def _remark(metric: Metric, principle: int, says: str, fix: str) -> Remark:
    return Remark(principle, NAMES[principle], metric.id, says, fix)
