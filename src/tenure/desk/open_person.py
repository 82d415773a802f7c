"""Open a person's page: who may, that it is written down, and what they get, in one transaction.

The person themselves; their lead now. For everybody else, administrators included, there is no such page.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, transaction

from tenure.desk.models import Absence, Notice, Person, PublishedWeek
from tenure.desk.notice import in_force_from, notice_of
from tenure.desk.record_view import TRY_AGAIN, UNRECORDED, Looking, NotRecorded, record_view
from tenure.desk.release import released_from, see_own_weeks
from tenure.desk.visible import NoSuchAccount, Scope
from tenure.insights.person import (
    Figure,
    FigureWeek,
    Together,
    asked_of_people,
    figures_of,
    together_of,
)
from tenure.insights.sight import Sight
from tenure.kernel import clock
from tenure.kernel.settings import Settings
from tenure.metrics.declaration import Metric

log = logging.getLogger("tenure.desk")

PAGE = "person page"
PURPOSE = "to prepare a one-to-one"


class NoSuchPerson(NoSuchAccount):
    """The person is not there, or their page is not for this one; nobody outside can tell which."""

    code = "person.absent"


@dataclass(frozen=True, slots=True)
class Opened:
    """A person's page as this viewer gets it.

    `week` is the newest one that is released to them; `newer` the newest published one where that is still the person's alone,
    `newer_from` when it is released. `seen_at` is when the person first saw the week shown.
    """

    subject: Person
    is_own: bool
    week: FigureWeek | None
    seen_at: datetime | None
    newer: PublishedWeek | None
    newer_from: datetime | None
    notice: Notice | None
    begins: datetime | None
    absences: list[Absence]


def open_person(
    scope: Scope, number: UUID, settings: Settings, *, until: date | None = None
) -> Opened:
    """The page, with the view recorded before this returns; opened by the person, what is new counts as seen.

    Args:
        scope: what the viewer may see now.
        number: the person's.
        settings: the workspace's.
        until: weeks that ended by this day only; all by default.

    Raises:
        NoSuchPerson: it is not there, or not for this viewer.
        NotRecorded: who looks could not be written down.
    """
    try:
        with transaction.atomic():
            return _opened(scope, number, settings, until)
    except DatabaseError as error:  # at the latest when it is to be kept
        log.exception("A page could not be opened on record.")
        raise NotRecorded(UNRECORDED, remedy=TRY_AGAIN) from error


def _opened(scope: Scope, number: UUID, settings: Settings, until: date | None) -> Opened:
    subject = find_subject(scope, number)
    is_own = subject.pk == scope.person.pk
    if is_own and scope.sight.figures != "off":
        see_own_weeks(subject, until)
    found = PublishedWeek.objects.filter(subject=subject).select_related("subject")
    published = list(found if until is None else found.filter(through__lte=until))
    week = figures_of((_week(one) for one in published), subject.member_id, scope.sight)
    shown = next((w for w in published if week is not None and w.through == week.through), None)
    record_view(
        scope.person, subject, Looking(PAGE, PURPOSE, None if week is None else week.through)
    )
    newer = published[0] if published and published[0] != shown else None
    notice = notice_of(subject, settings)
    return Opened(
        subject=subject,
        is_own=is_own,
        week=week,
        seen_at=None if shown is None else shown.first_seen_at,
        newer=newer,
        newer_from=None if newer is None else released_from(newer, settings),
        notice=notice,
        begins=in_force_from(notice, settings),
        absences=list(subject.absences.filter(ends__gt=clock.today(settings.time_zone))),
    )


def find_subject(scope: Scope, number: UUID) -> Person:
    """The person of a page, where it is for this viewer.

    Raises:
        NoSuchPerson: it is not there, or not for this viewer.
    """
    found = Person.objects.filter(number=number, is_active=True).first()
    if found is None or not scope.sight.opens(found.member_id):
        raise NoSuchPerson(f"There is no person `{number}`.")
    return found


def people_of(scope: Scope) -> list[Person]:
    """The people whose pages this viewer may open, by name."""
    members = {scope.sight.own, *scope.sight.led} - {""}
    found = Person.objects.filter(member_id__in=members, is_active=True)
    return sorted(found, key=lambda one: (one.name.casefold(), one.member_id))


def team_figures(
    people: Iterable[Person], sight: Sight, catalogue: Iterable[Metric], *, least: int
) -> Together | None:
    """What the people whom the viewer leads did together, never of fewer than `least`."""
    if not sight.until:
        return None
    counts = {m.id: m for m in asked_of_people(catalogue, time=False) if m.unit == "count"}
    rows = PublishedWeek.objects.filter(
        subject__in=list(people), through__in=set(sight.until.values())
    )
    weeks = [_week(row) for row in rows.select_related("subject")]
    return together_of(weeks, counts, sight, least=least)


def _week(row: PublishedWeek) -> FigureWeek:
    figures: list[dict[str, Any]] = row.figures
    return FigureWeek(
        row.subject.member_id,
        row.through,
        [Figure(**figure) for figure in figures],
        "on" if row.audience == "on" else "own",
    )
