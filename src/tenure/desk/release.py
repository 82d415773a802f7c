"""Own view first: what of a person's weeks is released to their lead, and the verbs by which the person decides.

Decisions: own-view-first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction

from tenure.desk.models import Absence, AuditEntry, Person, PublishedWeek, Role
from tenure.desk.notice import away_of
from tenure.insights.sight import HeadStart, Sight, Told, released_until
from tenure.kernel import clock
from tenure.kernel.errors import UserError
from tenure.kernel.settings import Settings

LONGEST_ABSENCE = timedelta(days=366)


def sight_of(person: Person, led: Mapping[str, frozenset[str]], settings: Settings) -> Sight:
    """Whose figures the person may read now.

    Args:
        person: who reads; somebody let go reads nothing.
        led: the members by their lead.
        settings: the workspace's.
    """
    figures = settings.people.figures
    if not person.is_active or not person.member_id:
        return Sight(figures=figures)
    own = led.get(person.member_id, frozenset()) if person.role == Role.LEAD else frozenset()
    until = _until(own, settings) if own and figures == "on" else {}
    return Sight(person.member_id, own, until, figures)


def told_of(week: PublishedWeek) -> Told:
    """The week as far as its release goes."""
    return Told(
        week.through,
        week.told_at,
        week.first_seen_at,
        week.released_at,
        "on" if week.audience == "on" else "own",
    )


def head_start(person: Person, settings: Settings) -> HeadStart:
    """How long a new week is the person's alone."""
    return HeadStart(settings.people.head_start_days, settings.time_zone, away_of(person))


def released_from(week: PublishedWeek, settings: Settings) -> datetime | None:
    """From when the lead may read the week; None where it is for the person alone."""
    if week.audience != "on" or settings.people.figures != "on":
        return None
    return head_start(week.subject, settings).released(told_of(week))


def see_own_weeks(person: Person, until: date | None = None) -> int:
    """The person has opened their page, as of a day or now: what is new there has been seen; how many weeks were new."""
    with transaction.atomic():
        new = PublishedWeek.objects.filter(subject=person, first_seen_at__isnull=True)
        shown = new if until is None else new.filter(through__lte=until)
        seen = shown.update(first_seen_at=clock.now())
        if seen:
            AuditEntry.objects.create(
                by=person, verb="see own week", about=str(person.number), content={"weeks": seen}
            )
    return seen


def release_weeks(person: Person) -> int:
    """The person lets their lead have everything published so far; how many weeks were still theirs alone."""
    with transaction.atomic():
        freed = PublishedWeek.objects.filter(subject=person, released_at__isnull=True).update(
            released_at=clock.now()
        )
        if freed:
            AuditEntry.objects.create(
                by=person, verb="release weeks", about=str(person.number), content={"weeks": freed}
            )
    return freed


def record_absence(by: Person, person: Person, starts: date, ends: date) -> Absence:
    """Days on which the person is away, `ends` not included: the head start waits for them.

    The caller has checked that `by` is the person or their lead.

    Raises:
        UserError: no day, or more than a year.
    """
    if ends <= starts:
        raise UserError(
            "The absence ends before it begins.",
            remedy="Name the last day away, on or after the first.",
            where="last_day",
            code="absence.refused",
        )
    if ends - starts > LONGEST_ABSENCE:
        raise UserError(
            f"An absence of {(ends - starts).days} days is longer than a year.",
            remedy="Let somebody go who is away for longer.",
            where="last_day",
            code="absence.refused",
        )
    with transaction.atomic():
        absence = Absence.objects.create(person=person, starts=starts, ends=ends, entered_by=by)
        AuditEntry.objects.create(
            by=by,
            verb="record absence",
            about=str(person.number),
            content={"starts": starts.isoformat(), "ends": ends.isoformat()},
        )
    return absence


def remove_absence(by: Person, absence: Absence) -> None:
    """Take an absence out again; the caller has checked that `by` is the person or entered it themselves."""
    with transaction.atomic():
        AuditEntry.objects.create(
            by=by,
            verb="remove absence",
            about=str(absence.person.number),
            content={"starts": absence.starts.isoformat(), "ends": absence.ends.isoformat()},
        )
        absence.delete()


def _until(members: frozenset[str], settings: Settings) -> dict[str, date]:
    """The last released day per member."""
    now, weeks = clock.now(), defaultdict(list)
    found = PublishedWeek.objects.filter(
        subject__member_id__in=members, subject__is_active=True, audience="on"
    )
    for week in (
        found.defer("figures").select_related("subject").prefetch_related("subject__absences")
    ):
        weeks[week.subject].append(told_of(week))
    ends = {
        person.member_id: released_until(own, head_start(person, settings), now)
        for person, own in weeks.items()
    }
    return {member: day for member, day in ends.items() if day is not None}
