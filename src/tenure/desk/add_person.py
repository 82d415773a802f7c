"""Add a person, give them another role, or let them go: three verbs on one record."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from tenure.desk.change_person import check_member, end_sessions
from tenure.desk.models import AuditEntry, Person, Role
from tenure.kernel.errors import UnknownName, UserError

SHARED = frozenset(
    {"team", "info", "admin", "support", "sales", "office", "cs", "hello", "contact"}
)
"""Mailboxes that several people read: an account is one person (trust T4)."""


def add_person(
    *,
    email: str,
    name: str,
    role: str,
    member_id: str = "",
    password: str | None = None,
    by: Person | None = None,
) -> Person:
    """A new person who can sign in; without a password, once one is set for them.

    Raises:
        UserError: the address is no address, is shared by several people or is taken; the password is too weak.
        UnknownName: no such role.
    """
    address = email.strip().lower()
    _check_address(address)
    if not name.strip():
        raise UserError(
            f"`{address}` needs a name.",
            remedy="Say who they are.",
            where="name",
            code="person.name",
        )
    chosen = _role(role)
    with transaction.atomic():
        if Person.objects.filter(email=address).exists():
            raise UserError(
                f"`{address}` is here already.",
                remedy="Change their role, or use another address.",
                where="email",
                code="person.exists",
            )
        check_member(member_id)
        person = Person(email=address, name=name.strip(), role=chosen, member_id=member_id)
        if password is None:
            person.set_unusable_password()
        else:
            set_password(person, password)
        person.save()
        AuditEntry.objects.create(
            by=by, verb="add person", about=str(person.number), content={"role": chosen.value}
        )
    return person


def change_role(person: Person, role: str, *, by: Person | None = None) -> Person:
    """The person in another role; they sign in anew.

    Raises:
        UserError: they are the last active administrator.
    """
    chosen = _role(role)
    with transaction.atomic():
        if chosen is not Role.ADMIN:
            _keep_an_administrator(person)
        before, person.role = person.role, chosen
        person.save(update_fields=["role"])
        end_sessions(person)
        AuditEntry.objects.create(
            by=by,
            verb="change role",
            about=str(person.number),
            content={"before": before, "after": chosen.value},
        )
    return person


def deactivate_person(person: Person, *, by: Person | None = None) -> Person:
    """The person can sign in no more, and what they have open is refused from the next request on.

    Raises:
        UserError: they are the last active administrator.
    """
    with transaction.atomic():
        _keep_an_administrator(person)
        person.is_active = False
        person.save(update_fields=["is_active"])
        end_sessions(person)
        AuditEntry.objects.create(by=by, verb="deactivate person", about=str(person.number))
    return person


def find_person(email: str) -> Person:
    """The person with this address.

    Raises:
        UnknownName: nobody has it.
    """
    address = email.strip().lower()
    found = Person.objects.filter(email=address).first()
    if found is None:
        raise UnknownName("person", address, Person.objects.values_list("email", flat=True))
    return found


def set_password(person: Person, password: str) -> None:
    """Set a password that holds; the caller saves.

    Raises:
        UserError: it is too short, too common or too much like the person's name.
    """
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise UserError(
            " ".join(error.messages),
            remedy="Choose a longer one.",
            where="password",
            code="person.password",
        ) from None
    person.set_password(password)


def _keep_an_administrator(person: Person) -> None:
    """Locked, so that two administrators cannot let each other go in the same moment."""
    if person.role != Role.ADMIN:
        return
    active = Person.objects.select_for_update().filter(role=Role.ADMIN, is_active=True)
    if not [one for one in active if one.pk != person.pk]:
        raise UserError(
            f"{person.name} is the last administrator.",
            remedy="Make somebody else an administrator first.",
            code="person.last_admin",
        )


def _role(word: str) -> Role:
    if word not in Role.values:
        raise UnknownName("role", word, Role.values)
    return Role(word)


def _check_address(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError:
        raise UserError(
            f"`{address}` is no e-mail address.",
            remedy="Write it as name@company.example.",
            where="email",
            code="person.email",
        ) from None
    if address.partition("@")[0] in SHARED:
        raise UserError(
            f"`{address}` looks like a mailbox that several people read.",
            remedy="Every account is one person; use their own address.",
            where="email",
            code="person.shared",
        )
