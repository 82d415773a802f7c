"""Log a touch: it is kept here with its words, and goes to the lake as one more source within the minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from tenure.desk.home import home
from tenure.desk.models import AuditEntry, Touch
from tenure.desk.visible import NoSuchAccount, Scope
from tenure.facts.table import table
from tenure.kernel import clock
from tenure.kernel.errors import UserError
from tenure.metrics.one_account import rows_of

KINDS = ("email", "call", "meeting", "qbr", "ebr", "kickoff", "onsite", "training",
         "operational_review", "chat", "note")  # fmt: skip
"""What a person logs by hand; a support reply comes from the ticket system."""
TAGS = ("win", "escalation", "shift")
"""What the key updates of an account tell of."""
SUMMARY_LETTERS = 400
OLDEST = timedelta(days=366)
"""A touch of last year is imported, with the others of its time."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A touch as a person describes it; said twice under one `key` it is one touch."""

    account_id: str
    kind: str
    direction: str
    happened_at: datetime
    contacts: Sequence[str] = ()
    purpose: str = ""
    was_proactive: bool = True
    with_ai: bool = False
    tags: Sequence[str] = ()
    summary_said: str = ""
    key: UUID | None = None


def record_touch(scope: Scope, logged: Logged) -> Touch:
    """The touch, saved with its audit entry; the lake has it within the minute.

    Raises:
        NoSuchAccount: the account is not there, or this person may not log for it.
        UserError: a word nobody declared, a time to come or long past, a contact of another account.
    """
    if not scope.edits(logged.account_id):
        raise NoSuchAccount(f"There is no account `{logged.account_id}`.")
    _check(logged)
    said = {name: getattr(logged, name) for name in Logged.__dataclass_fields__ if name != "key"}
    said |= {"by": scope.person, "contacts": list(logged.contacts), "tags": list(logged.tags)}
    with transaction.atomic():
        touch, is_new = Touch.objects.get_or_create(id=logged.key or uuid4(), defaults=said)
        if not is_new:
            return touch
        AuditEntry.objects.create(
            by=scope.person,
            verb="log touch",
            about=logged.account_id,
            content={"touch": str(touch.id), "kind": logged.kind},
        )
        transaction.on_commit(home().send)
    return touch


def words_of(column: str) -> list[str]:
    """The words that a column of `activities` knows."""
    return list(table("activities").columns[column].words or ())


def _check(logged: Logged) -> None:
    now = clock.now()
    for column, said in (("direction", logged.direction), ("purpose", logged.purpose)):
        if said and said not in words_of(column):
            raise _refused(column, said, "Choose one of: " + ", ".join(words_of(column)) + ".")
    if logged.kind not in KINDS:
        raise _refused("kind", logged.kind, "Choose one of: " + ", ".join(KINDS) + ".")
    for tag in logged.tags:
        if tag not in TAGS:
            raise _refused("tags", tag, "Choose from: " + ", ".join(TAGS) + ".")
    if not logged.direction:
        raise _refused("direction", "", "Say who reached out.")
    if logged.happened_at > now:
        raise _refused(
            "happened_at",
            f"{logged.happened_at:%Y-%m-%d %H:%M}",
            "A touch is logged once it has happened.",
        )
    if logged.happened_at < now - OLDEST:
        raise _refused(
            "happened_at",
            f"{logged.happened_at:%Y-%m-%d}",
            "Import touches that lie more than a year back.",
        )
    if len(logged.summary_said) > SUMMARY_LETTERS:
        raise _refused(
            "summary_said", f"{len(logged.summary_said)} letters", f"{SUMMARY_LETTERS} at most."
        )
    if strangers := set(logged.contacts) - contacts_of(logged.account_id):
        raise _refused("contacts", sorted(strangers)[0], "Choose people of this account.")


def contacts_of(account_id: str) -> set[str]:
    """The ids of the account's contacts."""
    with home().beside() as workspace:
        rows = rows_of(workspace.computed().reading, "contacts", account_id)
    return {row["contact_id"] for row in rows}


def _refused(column: str, value: str, remedy: str) -> UserError:
    return UserError(
        f"`{value}` cannot be the {column.replace('_', ' ').removesuffix(' said')} of a touch.",
        remedy=remedy,
        where=column,
        code="touch.refused",
    )
