"""The ten principles of S2 as checks on a metric (C104); NPS or CSAT alone driving a line is one of them (C52).

A principle gives a remark with its number, what it says and the fix. What is refused at load is in `rankings`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date

from tenure.metrics.declaration import QUESTIONS, Metric
from tenure.metrics.rankings import SURVEYS, TOUCHES, conditions, may_have_no_line

ASKED = QUESTIONS[:3]
MOST_FOR_AN_AUDIENCE = {"board": 5, "executive": 5, "vp": 8, "team": 12}
"""How many metrics an audience reads before it reads none (S2 reporting guide; ours where S2 gives no number)."""
OTHER_AUDIENCES = 12


@dataclass(frozen=True, slots=True)
class Remark:
    """One principle a metric does not meet: its number and name, what is the matter, and the fix."""

    principle: int
    name: str
    metric: str
    says: str
    fix: str

    def to_dict(self) -> dict[str, object]:
        """As JSON."""
        return asdict(self)


def remarks(
    catalogue: Iterable[Metric],
    *,
    today: date,
    models: Collection[str] = (),
    delivered: Collection[str] | None = None,
) -> list[Remark]:
    """What the ten principles say about the metrics, in the order of the principles.

    Args:
        catalogue: the metrics looked at.
        today: for reviews that are overdue.
        models: the company's business models; empty: not said.
        delivered: the tables that a source feeds; None: not known.
    """
    metrics = list(catalogue)
    found = [remark for metric in metrics for remark in _of(metric, today, models, delivered)]
    found += [*_lagging_only(metrics), *_too_many(metrics)]
    return sorted(found, key=lambda r: (r.principle, r.metric))


def _of(
    metric: Metric, today: date, models: Collection[str], delivered: Collection[str] | None
) -> Iterable[Remark]:
    facts = {measure.from_ for measure in metric.measures.values()}
    is_outcome = metric.timing == "lagging" or metric.layer == "outcome"
    if facts and facts <= set(TOUCHES) and metric.question in ASKED and is_outcome:
        yield _remark(
            metric,
            1,
            "It counts what we do and is offered as an outcome.",
            "Call it leading, or measure what the customer did.",
        )
    if not metric.thresholds and metric.timing == "leading" and not may_have_no_line(metric):
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
    if models and metric.models and not set(models) & set(metric.models):
        yield _remark(
            metric,
            5,
            f"It is for {', '.join(metric.models)}, and the company is {', '.join(models)}.",
            "Leave it out of the reports, or widen `models`.",
        )
    if why := _by_hand(metric, delivered):
        yield _remark(metric, 6, why, "Connect a source, so that nobody has to look it up.")
    if metric.review_by is not None and metric.review_by < today:
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
            "Its lines come from outside, and your own history has not confirmed them.",
            "Run threshold_calibration on it, then write a line of your own.",
        )
    yield from _predicts(metric)


def _by_hand(metric: Metric, delivered: Collection[str] | None) -> str:
    if metric.collected == "hand":
        return "It is collected by hand."
    if delivered is None:
        return ""
    lacks = [need for need in metric.needs if not set(need.split(" or ")) & set(delivered)]
    return f"No source feeds {', '.join(lacks)}." if lacks else ""


def _predicts(metric: Metric) -> Iterable[Remark]:
    if metric.question not in ASKED:
        yield _remark(
            metric,
            10,
            "It answers none of the three questions."
            if metric.question == "none"
            else "It is about the team's work and answers none of the three questions.",
            "Keep it as context, or drop it.",
        )
    if metric.thresholds and (alone := _survey_alone(metric)):
        yield _remark(
            metric,
            10,
            f"{alone} alone drives its line: it tells what customers say, not what they do.",
            "Join it with something they did, such as usage_trend or reference_willingness, or drop the line.",
        )


def _survey_alone(metric: Metric) -> str:
    """`NPS` or `CSAT` where nothing else is measured; empty otherwise (C52, S2 "Don't rely on")."""
    if metric.answer:
        return "NPS" if metric.answer == "python:surveys.nps" else ""
    said = [(m.from_ in SURVEYS, conditions(m)) for m in metric.measures.values()]
    for word in ("nps", "csat"):
        if said and all(is_survey and word in text for is_survey, text in said):
            return word.upper()
    return ""


def _lagging_only(metrics: Iterable[Metric]) -> Iterable[Remark]:
    """A question with lagging metrics only is heard when it is too late."""
    timings: dict[str, set[str]] = {}
    for metric in metrics:
        timings.setdefault(metric.question, set()).add(metric.timing)
    for question in ASKED:
        if "lagging" in timings.get(question, ()) and "leading" not in timings[question]:
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
        most = MOST_FOR_AN_AUDIENCE.get(audience, OTHER_AUDIENCES)
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
