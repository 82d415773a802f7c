"""Figures about people, behind the notebook's door: by team member, never by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Protocol

from tenure.insights.book_outcome import BookOutcome, outcome_of, outcomes_by_book
from tenure.insights.person import (
    LEAST_HOURS,
    WEEKS,
    Figure,
    asked_of_people,
    figure,
    period_of,
)
from tenure.insights.portfolio import Funnel
from tenure.insights.sight import Sight
from tenure.kernel.days import Period
from tenure.metrics.answer import Answer
from tenure.metrics.declaration import Metric
from tenure.metrics.questions import Day
from tenure.workspace.history import Door


class PeopleDoor(Door, Protocol):
    """What figures about people need of a workspace."""

    def metric(
        self,
        id: str,
        *,
        start: Day,
        end: Day,
        as_of: Day,
        by: str | None,
        **parameters: Any,  # noqa: A002
    ) -> Answer:
        """One metric's answer."""
        ...


class WithPeople:
    """The part of a workspace that tells of books and of people."""

    __slots__ = ()

    def person_figures(
        self: PeopleDoor, members: Sequence[str], through: date, *, time: bool = False
    ) -> dict[str, list[Figure]]:
        """How each member worked in the 13 weeks that end on `through`, beside the 13 weeks before.

        Args:
            members: ids in `team_members`.
            through: the last day of a closed week.
            time: whether tracked time is told of too.
        """
        now = period_of(through)
        earlier = Period(now.start - timedelta(weeks=WEEKS), now.start)
        found: dict[str, list[Figure]] = {member: [] for member in members}
        for metric in asked_of_people(self.catalogue, time=time):
            answers = _asked(self, metric, now), _asked(self, metric, earlier)
            for member in members:
                told = figure(metric, member, *answers)
                if told is not None:
                    found[member].append(told)
        return found

    def book_outcome(
        self: PeopleDoor, member: str, as_of: date, sight: Sight
    ) -> BookOutcome | None:
        """A year of renewals of one book against what such a book could expect; None where it is not for the viewer."""
        key = ("outcomes by book", self.snapshot.number, as_of)
        found = self._told.get(key)
        if not isinstance(found, Funnel):
            found = self._told[key] = outcomes_by_book(self.computed().reading, as_of)
        return outcome_of(found, member, as_of, sight)


def _asked(door: PeopleDoor, metric: Metric, period: Period) -> Answer:
    known: dict[str, Any] = {"min_hours": LEAST_HOURS} if "min_hours" in metric.parameters else {}
    return door.metric(
        metric.id,
        start=period.start,
        end=period.end,
        as_of=period.last_day,
        by="csm",
        **known,
    )
