"""The demo's last two weeks: everybody has read the notice, one has opened their newest week, the others have not yet."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from tenure.desk.home import home
from tenure.desk.models import Notice, Person, PublishedWeek, Role
from tenure.desk.notice import version_of
from tenure.desk.open_person import PAGE, PURPOSE
from tenure.desk.publish_weeks import publish_weeks
from tenure.desk.record_view import Looking, record_view
from tenure.kernel import clock
from tenure.workspace import Workspace


def add_demo_trust(workspace: Workspace) -> int:
    """How many weeks were published; none where figures are off or were published before.

    The notice was read three weeks ago and the week before last was opened by everybody, so that a lead has something to
    read of those whose newest week is still theirs alone.
    """
    version, now = version_of(workspace.settings), clock.now()
    people = list(Person.objects.filter(is_active=True).exclude(member_id=""))
    if not version or PublishedWeek.objects.exists():
        return 0
    with transaction.atomic():
        for person in people:
            Notice.objects.get_or_create(
                person=person,
                version=version,
                defaults={
                    "given_at": now - timedelta(days=21),
                    "read_at": now - timedelta(days=21),
                },
            )
    made = publish_weeks(
        workspace, on=clock.today(workspace.settings.time_zone) - timedelta(days=7)
    )
    before = now - timedelta(days=7)
    PublishedWeek.objects.update(told_at=before, first_seen_at=before)
    made += publish_weeks(workspace)
    _look(people)
    return made


def _look(people: list[Person]) -> None:
    """The first CSM by name has opened their newest week, and their lead has looked since."""
    csms = sorted((one for one in people if one.role == Role.CSM), key=lambda one: one.name)
    led = home().present().led
    for csm in csms[:1]:
        newest = PublishedWeek.objects.filter(subject=csm).first()
        lead = next((one for one in people if csm.member_id in led.get(one.member_id, ())), None)
        if newest is None:
            return
        PublishedWeek.objects.filter(pk=newest.pk).update(first_seen_at=clock.now())
        if lead is not None and lead.role == Role.LEAD:
            record_view(lead, csm, Looking(PAGE, PURPOSE, newest.through))
