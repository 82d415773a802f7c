"""What people are told before figures of them begin: given, read, and in force at latest after five working days.

To have read it is no consent; it is knowing. A wider audience is another version, which is given and waited for anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from tenure.desk.models import AuditEntry, Notice, Person
from tenure.kernel import clock
from tenure.kernel.days import Period
from tenure.kernel.settings import Settings
from tenure.kernel.working_days import after_working_days

WAITING_DAYS = 5
EDITION = 1
"""Counts up when the text says something else of sources, purposes or readers."""


def version_of(settings: Settings) -> str:
    """The version that the settings ask for: who may read, and whether time is among it; empty while figures are off."""
    if settings.people.figures == "off":
        return ""
    return f"{settings.people.figures}{'+time' if settings.people.time else ''}-{EDITION}"


def give_notices(people: Iterable[Person], settings: Settings) -> int:
    """Give the version in question to everybody who has not got it; how many had not."""
    version = version_of(settings)
    if not version:
        return 0
    given = 0
    for person in people:
        with transaction.atomic():
            _, is_new = Notice.objects.get_or_create(person=person, version=version)
            if is_new:
                AuditEntry.objects.create(
                    by=None,
                    verb="give notice",
                    about=str(person.number),
                    content={"version": version},
                )
        given += is_new
    return given


def read_notice(person: Person, settings: Settings) -> Notice | None:
    """The person says that they have read it; None while there is nothing to read."""
    version = version_of(settings)
    if not version:
        return None
    with transaction.atomic():
        notice, _ = Notice.objects.get_or_create(person=person, version=version)
        if notice.read_at is None:
            notice.read_at = clock.now()
            notice.save(update_fields=["read_at"])
            AuditEntry.objects.create(
                by=person,
                verb="read notice",
                about=str(person.number),
                content={"version": version},
            )
    return notice


def notice_of(person: Person, settings: Settings) -> Notice | None:
    """The notice in question as this person has it."""
    return Notice.objects.filter(person=person, version=version_of(settings)).first()


def in_force_from(notice: Notice | None, settings: Settings) -> datetime | None:
    """From when figures may begin; None where the person was not told, which is never."""
    if notice is None:
        return None
    waited = after_working_days(
        notice.given_at, WAITING_DAYS, away=away_of(notice.person), zone=settings.time_zone
    )
    return waited if notice.read_at is None else min(notice.read_at, waited)


def away_of(person: Person) -> list[Period]:
    """When the person is away."""
    return [Period(one.starts, one.ends) for one in person.absences.all()]
