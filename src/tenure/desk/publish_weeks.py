"""Publish the person figures of the week that has closed: made and told in one transaction, once per person and week.

Telling is the row itself: from then on the person's own page has the figures, and the head start runs.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction

from tenure.desk.models import AuditEntry, Person, PublishedWeek
from tenure.desk.notice import give_notices, in_force_from, notice_of
from tenure.kernel import clock
from tenure.kernel.working_days import closed_week
from tenure.workspace import Workspace


def publish_weeks(workspace: Workspace, *, on: date | None = None) -> int:
    """How many people have a new week now; none while figures are off, or where nobody was told long enough ago.

    `on` is the day on which the week has closed, today by default.

    A person without a sign-in cannot be told, and has no figures.
    """
    settings = workspace.settings
    if settings.people.figures == "off":
        return 0
    people = list(Person.objects.filter(is_active=True).exclude(member_id=""))
    give_notices(people, settings)
    through = closed_week(on or clock.today(settings.time_zone)).last_day
    done = set(PublishedWeek.objects.filter(through=through).values_list("subject_id", flat=True))
    due = [one for one in people if one.pk not in done and _may_begin(one, workspace)]
    if not due:
        return 0
    found = workspace.person_figures(
        [person.member_id for person in due], through, time=settings.people.time
    )
    return sum(
        _publish(person, through, [one.to_dict() for one in found[person.member_id]], workspace)
        for person in due
    )


def _may_begin(person: Person, workspace: Workspace) -> bool:
    begins = in_force_from(notice_of(person, workspace.settings), workspace.settings)
    return begins is not None and begins <= clock.now()


def _publish(
    person: Person, through: date, figures: list[dict[str, object]], workspace: Workspace
) -> bool:
    """Told in the transaction that publishes; a second process that comes as far finds it done."""
    with transaction.atomic():
        _, is_new = PublishedWeek.objects.get_or_create(
            subject=person,
            through=through,
            defaults={
                "audience": workspace.settings.people.figures,
                "snapshot": workspace.snapshot.number,
                "figures": figures,
            },
        )
        if is_new:
            AuditEntry.objects.create(
                by=None,
                verb="publish week",
                about=str(person.number),
                content={"through": through.isoformat(), "figures": len(figures)},
            )
    return is_new
