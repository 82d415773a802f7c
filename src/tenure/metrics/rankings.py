"""The refusal to rank people by support numbers or activity counts, at load, with the reason (C52)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from tenure.facts.table import tables
from tenure.kernel.errors import DeclarationError
from tenure.metrics.declaration import Measure, Metric

SUPPORT = ("tickets", "ticket_days")
SURVEYS = ("survey_responses", "response_days", *SUPPORT)
TOUCHES = ("activities", "activity_days", "touches", "activity_contacts", "engagements")


def refuse_rankings(metric: Metric, place: Callable[..., str]) -> None:
    """Refuse a metric that would rank people by tickets, response times, CSAT or activity counts.

    With `better = "none"` or `"zero"` such a number may be shown as context: it says that neither way is good.
    A line on the number of activities is a target whatever it says.

    Raises:
        DeclarationError: with the reason and the metric to use instead.
    """
    key = _people_key(metric)
    if key is None:
        return
    where, word = place(*key), _people_word(metric, key)
    measures = [] if metric.better in ("none", "zero") else list(metric.measures.values())
    if any(m.from_ in SUPPORT and "csat" not in conditions(m) for m in measures):
        _refuse(
            f"{word} it would rank people. Tickets and response times reward reacting and false urgency.",
            "Cut it by account or segment, or use handoff_failures or cadence_attainment for a book.",
            where,
        )
    if any(m.from_ in SURVEYS and _may_be_csat(m) for m in measures):
        _refuse(
            f"{word} it would rank people. CSAT tells of the last call and not of the renewal.",
            "Cut it by account or segment, or use gross_renewal_rate by csm. A measure of other answers "
            "says which in `where`, such as survey_type = 'nps'.",
            where,
        )
    if metric.thresholds and _counts_activity(metric):
        _refuse(
            f"{word} its line would be a target. One on the number of activities is met by more activities, not by better ones.",
            "Leave [[thresholds]] out, or use cadence_attainment, which counts promises kept.",
            place("thresholds"),
        )


@cache
def people_columns() -> frozenset[str]:
    """The columns of any fact that name a colleague."""
    named = {
        name
        for declared in tables().values()
        for name, column in declared.columns.items()
        if column.refers_to == "team_members"
    }
    return frozenset(named | {"csm", "user_id", "owner_id"})


def _people_key(metric: Metric) -> tuple[str | int, ...] | None:
    """The key by which the metric speaks of people one by one; None where it does not."""
    people = people_columns()
    for cut, column in metric.cut_columns.items():
        if column in people:
            return ("cut_columns", cut)
    for number, cut in enumerate(metric.cuts):
        if cut in people and metric.cut_columns.get(cut, cut) in people:
            return ("cuts", number)
    for name, text in metric.gives.items():
        if text.rsplit(" per ", 1)[-1].strip() in people:
            return ("gives", name)
    return ("about",) if metric.about == "person" else None


def _people_word(metric: Metric, key: tuple[str | int, ...]) -> str:
    if key == ("about",):
        return "About a `person`"
    kind, name = key
    if kind == "cuts":
        return f"By `{metric.cuts[int(name)]}`"
    return (
        f"By `{metric.cut_columns[str(name)]}`"
        if kind == "cut_columns"
        else f"By the part `{name}`"
    )


def conditions(measure: Measure) -> str:
    """What a measure says about its rows, as text."""
    return f"{measure.column} {measure.where}"


def _may_be_csat(measure: Measure) -> bool:
    """Whether CSAT is among the answers counted: named, or not told apart from the others."""
    if measure.from_ in SUPPORT:
        return "csat" in conditions(measure)
    if re.search(r"survey_type\s*(<>|!=)\s*'csat'", measure.where):
        return False
    named = re.search(r"\bsurvey_type\s*(=|in\b)", measure.where)
    return named is None or "csat" in measure.where


def _counts_activity(metric: Metric) -> bool:
    """Whether it counts what we did; the share of accounts that had any is coverage, and may have a target."""
    facts = {measure.from_ for measure in metric.measures.values()}
    is_share = metric.per == "account" and metric.whole.startswith(("share of", "count of"))
    return bool(facts) and facts <= set(TOUCHES) and not is_share


def may_have_no_line(metric: Metric) -> bool:
    """Whether a line is just what it must not have: a count of activities by person."""
    return _people_key(metric) is not None and _counts_activity(metric)


def _refuse(what: str, remedy: str, where: str) -> None:
    raise DeclarationError(what, where=where, remedy=remedy, code="principle.ranking")
