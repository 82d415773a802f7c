"""Put a flag down, for a while or because it does not mean what it warns of; and take that back within a minute.

The page shows it at once. The facts learn of it a minute later, by the journal that every face reads, so that taking it
back leaves nothing behind.
"""

from __future__ import annotations

import threading
from datetime import date, timedelta

from django.db import IntegrityError, transaction

from tenure.desk.home import home
from tenure.desk.models import AuditEntry, Hold, Person
from tenure.desk.to_lake import GRACE
from tenure.desk.visible import NoSuchAccount, Scope
from tenure.insights.book import Opened
from tenure.kernel import clock
from tenure.kernel.errors import UserError
from tenure.workspace.flags import QUIET_DAYS

WHY_LETTERS = 400
LONGEST = 366


def hold_flag(
    scope: Scope, account_id: str, flag_id: str, *, why: str, until: date | None = None
) -> Hold:
    """The flag is down at once; without `until` it was no problem, and stays down for 90 days.

    Raises:
        NoSuchAccount: the account or the flag is not there, or this person may not edit it.
        UserError: no reason, a day that is not ahead or too far, a flag of another system, or down already.
    """
    flag = _flag(scope, account_id, flag_id)
    today = home().present().day
    if not flag.is_ours:
        raise _refused(
            "flag",
            flag.reason,
            "Clear it in the system that raised it; its next import closes it here.",
        )
    if not why.strip() or len(why) > WHY_LETTERS:
        raise _refused("why", why[:40], f"Say why, in at most {WHY_LETTERS} letters.")
    if until is not None and not today < until <= today + timedelta(days=LONGEST):
        raise _refused("until", str(until), "Choose a day within a year from tomorrow.")
    with transaction.atomic():
        try:
            with transaction.atomic():
                hold = Hold.objects.create(
                    flag_id=flag_id,
                    account_id=account_id,
                    kind="snoozed" if until else "dismissed",
                    until=until or today + timedelta(days=QUIET_DAYS),
                    why_said=why.strip(),
                    by=scope.person,
                )
        except IntegrityError:
            raise _refused("flag", flag.reason, "Somebody has just put it down.") from None
        AuditEntry.objects.create(
            by=scope.person,
            verb="hold flag",
            about=account_id,
            content={"flag": flag_id, "kind": hold.kind, "until": hold.until.isoformat()},
        )
        transaction.on_commit(_send_later)
    return hold


def take_back(scope: Scope, hold_id: int) -> Hold:
    """The hold is gone as if it had never been, but for the audit trail.

    Raises:
        NoSuchAccount: no such hold of this person.
        UserError: a minute is over; the facts know of it.
    """
    with transaction.atomic():
        hold = Hold.objects.select_for_update().filter(pk=hold_id, by=scope.person).first()
        if hold is None or not scope.edits(hold.account_id):
            raise NoSuchAccount("There is no such hold.")
        if (
            hold.at < clock.now() - GRACE
        ):  # by the clock alone: whoever tells the facts goes by it too
            raise _refused(
                "flag", hold.flag_id, "A minute is over. It comes back by itself on its day."
            )
        AuditEntry.objects.create(
            by=scope.person,
            verb="take back hold",
            about=hold.account_id,
            content={"flag": hold.flag_id},
        )
        hold.delete()
    return hold


def held_now() -> frozenset[str]:
    """Ids of flags that are down, or will be as soon as the facts know of it."""
    recent = clock.now() - timedelta(days=1)
    waiting = Hold.objects.filter(in_lake_at__isnull=True)
    sent = Hold.objects.filter(in_lake_at__gte=recent)
    return frozenset((waiting | sent).values_list("flag_id", flat=True))


def last_hold(person: Person) -> Hold | None:
    """What the person put down within the minute and can take back."""
    since = clock.now() - GRACE
    return Hold.objects.filter(by=person, in_lake_at__isnull=True, at__gte=since).first()


def _send_later() -> None:
    timer = threading.Timer(GRACE.total_seconds() + 1, home().send)
    timer.daemon = True
    timer.start()


def _flag(scope: Scope, account_id: str, flag_id: str) -> Opened:
    row = home().present().by_id.get(account_id)
    if row is None or not scope.edits(account_id):
        raise NoSuchAccount(f"There is no account `{account_id}`.")
    found = next((flag for flag in row.flags if flag.flag_id == flag_id), None)
    if found is None:
        raise NoSuchAccount(f"There is no open flag `{flag_id}`.")
    return found


def _refused(column: str, value: str, remedy: str) -> UserError:
    return UserError(
        f"`{value}` cannot be put down so."
        if column == "flag"
        else f"`{value}` cannot be the {column} of a hold.",
        remedy=remedy,
        where=column,
        code="hold.refused",
    )
