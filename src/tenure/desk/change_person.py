"""Change what is known of a person, let them in again, or take off a second factor they have lost."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.db import transaction

from tenure.desk.models import AuditEntry, Person
from tenure.kernel import clock
from tenure.kernel.errors import UserError


def change_person(person: Person, *, name: str, member_id: str, by: Person | None = None) -> Person:
    """The person with another name, or tied to another team member; empty ties them to nobody.

    Raises:
        UserError: no name, or the member is somebody else already.
    """
    after = {"name": name.strip(), "member_id": member_id}
    if not after["name"]:
        raise UserError(
            f"`{person.email}` needs a name.",
            remedy="Say who they are.",
            where="name",
            code="person.name",
        )
    with transaction.atomic():
        check_member(member_id, but=person)
        changed = {
            field: {"before": getattr(person, field), "after": value}
            for field, value in after.items()
            if getattr(person, field) != value
        }
        if not changed:
            return person
        for field, value in after.items():
            setattr(person, field, value)
        person.save(update_fields=list(after))
        AuditEntry.objects.create(
            by=by, verb="change person", about=str(person.number), content=changed
        )
    return person


def check_member(member_id: str, *, but: Person | None = None) -> None:
    """Refuse a team member who is another person already.

    Raises:
        UserError: they are.
    """
    taken = Person.objects.filter(member_id=member_id)
    others = taken if but is None else taken.exclude(pk=but.pk)
    if member_id and (other := others.first()):
        raise UserError(
            f"The team member `{member_id}` is {other.name} already.",
            remedy="One member is one person; name another member or none.",
            where="member_id",
            code="person.member",
        )


def reactivate_person(person: Person, *, by: Person | None = None) -> Person:
    """The person may sign in again, with the password and second factor of before."""
    with transaction.atomic():
        if not person.is_active:
            person.is_active = True
            person.save(update_fields=["is_active"])
            AuditEntry.objects.create(by=by, verb="let in again", about=str(person.number))
    return person


def remove_second_factor(person: Person, *, by: Person | None = None) -> Person:
    """The person signs in with their password alone, until they set up another second factor.

    Raises:
        UserError: it is one's own, which is changed under Security, where it is asked for.
    """
    from allauth.mfa.models import Authenticator

    if by is not None and by.pk == person.pk:
        raise UserError(
            "Nobody takes off their own second factor here.",
            remedy="Change it under Security, or ask another administrator.",
            code="person.own_factor",
        )
    with transaction.atomic():
        Authenticator.objects.filter(user=person).delete()
        end_sessions(person)
        AuditEntry.objects.create(by=by, verb="remove second factor", about=str(person.number))
    return person


def is_tied(person: Person) -> bool:
    """Whether the person is known by an issuer and a subject, and so has no password here."""
    from allauth.socialaccount.models import SocialAccount

    return bool(SocialAccount.objects.filter(user=person).exists())


def untie(person: Person, *, by: Person | None = None) -> Person:
    """The person is found by their verified address once more, or gets a link and a password."""
    from allauth.socialaccount.models import SocialAccount

    with transaction.atomic():
        gone, _ = SocialAccount.objects.filter(user=person).delete()
        if gone:
            end_sessions(person)
            AuditEntry.objects.create(by=by, verb="untie from sign-on", about=str(person.number))
    return person


def end_sessions(person: Person) -> None:
    """Whoever is signed in as them signs in anew, with what they may do now."""
    for session in Session.objects.filter(expire_date__gt=clock.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            session.delete()
