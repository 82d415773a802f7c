"""Accounts said to be one customer, or two, or taken back: each an entry of the audit trail."""

from __future__ import annotations

from django.db import transaction

from tenure.desk.home import home
from tenure.desk.models import AuditEntry, Person, Role
from tenure.kernel.errors import UserError
from tenure.workspace import Workspace

OWNER = "the machine's owner"
"""Who says it where nobody is signed in: whoever can run commands over the folder."""


def match_accounts(
    person: Person | None, other_id: str, kept_id: str, why: str = "", *, by: str = ""
) -> None:
    """Read everything of one account as of the other, from now on; merged twice is merged once.

    Raises:
        UserError: not for this person, no such account, itself, a circle, or merged elsewhere.
    """
    workspace = _opened(person)
    if any(
        (one.other.account_id, one.kept.account_id) == (other_id, kept_id)
        for one in workspace.matches()
    ):
        return
    with transaction.atomic():
        _note(person, "merge accounts", other_id, kept_id, why)
        workspace.match(other_id, kept_id, by=_name(person, by), why=why)


def undo_match(person: Person | None, other_id: str, why: str = "", *, by: str = "") -> str:
    """Take a merge back, and give the id of the account that it was merged into.

    Raises:
        UserError: not for this person, or the account is merged into none.
    """
    workspace = _opened(person)
    with transaction.atomic():
        done = workspace.undo_match(other_id, by=_name(person, by), why=why)
        _note(person, "undo a merge", other_id, done.kept_id, why)
    return done.kept_id


def reject_match(
    person: Person | None, first_id: str, second_id: str, why: str = "", *, by: str = ""
) -> None:
    """Say that two accounts are two customers; they are not suggested again.

    Raises:
        UserError: not for this person, no such account, or they are merged.
    """
    workspace = _opened(person)
    with transaction.atomic():
        _note(person, "keep accounts apart", first_id, second_id, why)
        workspace.reject_match(first_id, second_id, by=_name(person, by), why=why)


def suggest_match_again(person: Person | None, first_id: str, second_id: str) -> None:
    """Take back that two accounts are two customers.

    Raises:
        UserError: not for this person, or nobody said so.
    """
    workspace = _opened(person)
    with transaction.atomic():
        _note(person, "suggest a match again", first_id, second_id, "")
        workspace.suggest_match_again(first_id, second_id, by=_name(person, ""))


def _opened(person: Person | None) -> Workspace:
    if person is not None and (person.role != Role.OPS or not person.is_active):
        raise UserError(
            "Which accounts are one customer is for CS ops to say.",
            remedy="Ask somebody in CS ops.",
            code="match.foreign",
        )
    return Workspace.open(home().folder)


def _name(person: Person | None, by: str) -> str:
    """A person by name; at the command line whoever is named, or the machine's owner."""
    return by or OWNER if person is None else person.name


def _note(person: Person | None, verb: str, other: str, kept: str, why: str) -> None:
    content = {"other": other, "kept": kept, "why": why.strip()}
    AuditEntry.objects.create(by=person, verb=verb, about=f"account {other}", content=content)
