"""How far a changed day reaches: which days of a table an as_of's number looks at, metric by metric.

Said by the declarations: a measure's window, a derived fact's trail. What says nothing is taken to look at every
day. An answer that is a function says it here, beside the reason; a test holds what is said against the truth.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tenure.kernel.days import ONE_DAY
from tenure.lake.changes import DATED, DATED_BY, Changed
from tenure.metrics.declaration import Measure, Metric
from tenure.metrics.derived.tier import TIER, columns_of, reads_of
from tenure.metrics.history.facts import is_of_a_day
from tenure.metrics.windows import read_when

Known = Mapping[str, Any]
Days = tuple[date | None, date | None]
"""First and last day looked at, both included; None: no end on that side."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one as_of's number looks at in a table: some stretches of days, and whether an account has any row yet.

    `firsts` are the kinds of rows (`lake.changes.FIRSTS`) of which it asks only when an account had the first
    one, and for how many days after that day it still matters which it was.
    """

    days: tuple[Days, ...] = ()
    firsts: frozenset[tuple[str, int]] = frozenset()

    def __or__(self, other: Sight) -> Sight:
        """Both together."""
        return Sight((*self.days, *other.days), self.firsts | other.firsts)


EVERYTHING = Sight(((None, None),))
Sights = Mapping[str, Sight]


def _until(known: Known) -> Sight:
    return Sight(((None, known["as_of"]),))


def _trailing(days: str) -> Callable[[Known], Sight]:
    def sight(known: Known) -> Sight:
        as_of: date = known["as_of"]
        return Sight(((as_of - timedelta(days=int(known[days]) - 1), as_of),))

    return sight


def _consistency(known: Known) -> Sight:
    """Complete weeks only, so at most six days more; an account without a start on file begins with its first use."""
    as_of: date = known["as_of"]
    back = 7 * int(known["weeks"]) + 6
    first = as_of - timedelta(days=back)
    return Sight(((first, as_of),), frozenset({("any", 0), ("used", back)}))


def _period(known: Known) -> Sight:
    return Sight(((known["period_start"], min(known["as_of"], known["period_end"] - ONE_DAY)),))


def _users(known: Known) -> Sight:
    """Beside the window: an account none of whose usage names anybody has a row that says so."""
    return _trailing("window_days")(known) | Sight(firsts=frozenset({("any", 0), ("named", 0)}))


OF_A_DAY: Mapping[str, Mapping[str, Callable[[Known], Sight]]] = {
    "user_window": {"usage_daily": _users},
    "feature_window": {"usage_daily": _trailing("window_days")},
    "usage_weeks": {"usage_daily": _until},
    "score_windows": {"health_scores": _until},
    "cadence_slots": {"activities": _until},
    "handoffs": {"activities": _until},
    "advocacy_deeds": {"advocacy_events": _period},
}
"""Facts of a day: what they look at in tables that are dated."""

DAYS_OF: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "activity_days": ("activities", ("day",)),
    "advocacy_steps": ("advocacy_events", ("event_date",)),
    "engagements": ("activities", ("day",)),
    "response_days": ("survey_responses", ("day",)),
    "ticket_days": ("tickets", ("opened", "solved", "rated")),
    "touches": ("activities", ("day",)),
    "usage_days": ("usage_daily", ("day",)),
}
"""Facts of no day: the dated table of whose rows theirs are made one by one, and which of their days those rows' are."""

ANSWERS: Mapping[str, Mapping[str, Callable[[Known], Sight]]] = {
    "activation.time_to_activation": {"usage_daily": _until},
    "burn.burn_rate_forecast": {"usage_daily": _until},
    "cadence.cadence_attainment": {"activities": _until},
    "cadence.days_past_cadence": {"activities": _until},
    "health.falling_before_renewal": {"health_scores": _until},
    "health.health_score_delta_90d": {"health_scores": _until},
    "health.health_score_slope_90d": {"health_scores": _until},
    "reviews.missed_operational_reviews": {"activities": _until},
    "reviews.qbr_held": {"activities": _period},
    "usage.usage_consistency": {"usage_daily": _consistency},
}
"""Answers that are functions: what they look at in tables that are dated. The same functions, and those of
`ALONE_TOO`, give an account's number from rows that speak of that account, and of no other's."""

ALONE_TOO = frozenset({"deployment.deployment_completeness", "seats.seat_utilization"})
"""Not here: amounts. One missing exchange rate makes everybody's Unknown, so everybody's has to be looked at."""

ALONE = frozenset(
    {
        "activity_days", "advocacy_deeds", "advocacy_steps", "cadence_slots", "engagements", "feature_window",
        "known_spans", "lines_in_force", "onboarding_clocks", "score_windows", "ticket_days", "touches",
        "usage_days", "usage_weeks", "user_window",
    }
)  # fmt: skip
"""Derived facts whose rows of an account rest on rows that speak of that account (`lake.changes.ALSO_OF`)."""


def sights(metric: Metric, known: Known) -> Sights:
    """What a question of one day looks at, by table that is dated; every other table it looks at as a whole."""
    if metric.answer:
        said = ANSWERS.get(metric.answer.removeprefix("python:"), {})
        return _with_parts({table: look(known) for table, look in said.items()})
    found: dict[str, Sight] = {}
    for name, measure in metric.measures.items():
        for table, sight in _of_measure(metric, name, measure, known).items():
            found[table] = found.get(table, Sight()) | sight
    return found


def is_alone(metric: Metric) -> bool:
    """Whether an account's number rests on rows that speak of that account only."""
    if metric.answer:
        function = metric.answer.removeprefix("python:")
        return function in ANSWERS or function in ALONE_TOO
    return not any(
        measure.convert or (measure.from_ in TIER and measure.from_ not in ALONE)
        for measure in metric.measures.values()
    )


def _of_measure(metric: Metric, name: str, measure: Measure, known: Known) -> Sights:
    fact = measure.from_
    tables = dict.fromkeys(reads_of(fact), EVERYTHING)
    if is_of_a_day(fact):
        said = {table: look(known) for table, look in OF_A_DAY.get(fact, {}).items()}
        return {**tables, **_with_parts(said)}
    dated, days = DAYS_OF.get(fact, (fact, ()))
    if not measure.when or dated not in DATED:
        return tables
    when = read_when(
        measure.when,
        columns_of(fact),
        known,
        has_period="period_start" in known,
        where=f"{metric.id}.toml: measures.{name}",
    )
    if days and when.column not in days:
        return tables
    if when.kind == "until" and fact == dated and asks_only_whether(metric, name, measure):
        return {**tables, dated: Sight(firsts=frozenset({("any", 0)}))}
    return {**tables, **_with_parts({dated: Sight((when.bounds(known),))})}


def _with_parts(found: Mapping[str, Sight]) -> Sights:
    """With the tables that are dated by one of these: who attended is looked at where the activity is."""
    parts = {part: found[parent] for part, (parent, _) in DATED_BY.items() if parent in found}
    return {**found, **parts}


def asks_only_whether(metric: Metric, name: str, measure: Measure) -> bool:
    """Whether the measure is a count of all rows that the metric compares with 0 and asks for nothing else."""
    if measure.aggregate != "count" or measure.where:
        return False
    said = [metric.value, metric.whole, *metric.values.values(), *metric.gives.values()]
    said += [*metric.unknown_when.values()]
    left = " ; ".join(re.sub(rf"\b{name} = 0(?![\w.])", "", text) for text in said)
    return re.search(rf"\b{name}\b", left) is None


def stale(
    looks: Sequence[tuple[date, Mapping[str, Sight]]], news: Mapping[str, Changed]
) -> tuple[date, ...]:
    """The as-ofs, of those with what they look at, whose number may be another one now."""
    ordered = {name: sorted(told.days or ()) for name, told in news.items()}
    found = []
    for as_of, sight_of in looks:
        for name, told in news.items():
            if _touches(as_of, sight_of.get(name, EVERYTHING), told, ordered[name]):
                found.append(as_of)
                break
    return tuple(found)


def _touches(as_of: date, sight: Sight, told: Changed, days: Sequence[date]) -> bool:
    if told.days is None:
        return True
    for kind, lag in sight.firsts:
        if _is_in(as_of, lag, told.firsts.get(kind, ((date.min, None),))):
            return True
    return any(_holds(days, first, last) for first, last in sight.days)


def _is_in(as_of: date, lag: int, windows: Iterable[tuple[date, date | None]]) -> bool:
    """Whether the as_of lies in one of the windows, or so many days after it."""
    lagging = timedelta(days=lag)
    return any(
        first <= as_of and (after is None or as_of < after + lagging) for first, after in windows
    )


def _holds(days: Sequence[date], first: date | None, last: date | None) -> bool:
    """Whether one of the days, in order, lies between the two."""
    place = 0 if first is None else bisect_left(days, first)
    return place < len(days) and (last is None or days[place] <= last)
