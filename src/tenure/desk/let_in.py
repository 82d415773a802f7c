"""Let a person in for the first time: a link that an administrator hands over, and the one of the first run.

A link works once and for a while. What is kept of it is a digest, so that whoever reads the database cannot come in by it.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction

from tenure.desk.add_person import add_person, set_password
from tenure.desk.change_person import end_sessions, is_tied
from tenure.desk.models import AuditEntry, OneTimeLink, Person, Role
from tenure.kernel import clock
from tenure.kernel.errors import UserError

PERSON_LINK_LASTS = timedelta(days=7)
FIRST_RUN_LINK_LASTS = timedelta(hours=1)


def make_link(person: Person, *, by: Person | None = None) -> str:
    """The secret part of a new link for the person; links of theirs from before work no more.

    Raises:
        UserError: they cannot sign in at all.
    """
    if not person.is_active:
        raise UserError(
            f"{person.name} cannot sign in.",
            remedy="Let them in again first.",
            code="person.inactive",
        )
    if is_tied(person):
        raise UserError(
            f"{person.name} signs in through the organisation.",
            remedy="They need no password here; untie them first if that is to change.",
            code="person.tied",
        )
    with transaction.atomic():
        OneTimeLink.objects.filter(person=person, used_at=None).delete()
        token = _made(person, PERSON_LINK_LASTS)
        AuditEntry.objects.create(by=by, verb="make sign-up link", about=str(person.number))
    return token


def link_of(token: str) -> OneTimeLink | None:
    """The link with this secret, if it lets anybody in now."""
    found = (
        OneTimeLink.objects.filter(digest=_digest(token), used_at=None, expires_at__gt=clock.now())
        .select_related("person")
        .first()
    )
    if found is None:
        return None
    if found.person is None:
        return None if has_administrator() else found
    return found if found.person.is_active else None


def use_link(token: str, password: str) -> Person:
    """The person, with the password they chose; the link is spent and other sessions of theirs end.

    Raises:
        UserError: the link is spent or too old, or the password does not hold.
    """
    with transaction.atomic():
        link = link_of(token)
        if link is None or link.person is None:
            raise _spent()
        person = link.person
        set_password(person, password)
        _spend(link)
        person.save(update_fields=["password"])
        end_sessions(person)
        AuditEntry.objects.create(by=person, verb="use sign-up link", about=str(person.number))
    return person


def has_administrator() -> bool:
    """Whether there has ever been one: the last one cannot go, so this never turns false again."""
    return Person.objects.filter(role=Role.ADMIN).exists()


def first_run_link() -> str:
    """The secret part of the address at which the first administrator signs up; empty once there has been one."""
    with transaction.atomic():
        if has_administrator():
            return ""
        OneTimeLink.objects.filter(person=None, used_at=None).delete()
        return _made(None, FIRST_RUN_LINK_LASTS)


def add_first_administrator(token: str, *, email: str, name: str, password: str) -> Person:
    """The first administrator; the way by which they came is closed for ever.

    Raises:
        UserError: the link is spent or too old, there is an administrator, or the person cannot be (see `add_person`).
    """
    with transaction.atomic():
        link = link_of(token)
        if link is None or link.person is not None:
            raise _spent()
        _spend(link)
        person = add_person(email=email, name=name, role=Role.ADMIN.value, password=password)
        OneTimeLink.objects.filter(person=None).delete()
    return person


def _made(person: Person | None, lasts: timedelta) -> str:
    token = secrets.token_urlsafe(32)
    now = clock.now()
    OneTimeLink.objects.create(
        digest=_digest(token), person=person, made_at=now, expires_at=now + lasts
    )
    return token


def _spend(link: OneTimeLink) -> None:
    """Of two who come by one link in the same moment one is let in."""
    now = clock.now()
    if not OneTimeLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now):
        raise _spent()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _spent() -> UserError:
    return UserError(
        "This link works no more.", remedy="Ask an administrator for a new one.", code="link.spent"
    )
