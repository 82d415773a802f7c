"""Move accounts from book to book from a day on, and undo it: new rows of `account_assignments`, history kept."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.db import transaction

from tenure.desk.home import home
from tenure.desk.models import AuditEntry, Move, Role
from tenure.desk.moves_to_lake import assignments, unmoved
from tenure.desk.visible import NoSuchAccount, Scope
from tenure.kernel import clock
from tenure.kernel.days import ONE_DAY
from tenure.kernel.errors import UserError
from tenure.kernel.wording import counted
from tenure.metrics.derived.book import UNASSIGNED, Owners

MOST = 500
BACK, AHEAD = timedelta(days=31), timedelta(days=366)
MOVERS = (Role.LEAD, Role.OPS)


def move_accounts(scope: Scope, accounts: Sequence[str], to: str, day: date) -> uuid.UUID:
    """The number of the act by which the accounts are in the new book from `day` on.

    Raises:
        NoSuchAccount: the person moves no accounts, or one of them is not there for them.
        UserError: no account, too many, nobody to move to, or a day or account that cannot be.
    """
    check_move(scope, accounts, to, day)
    owners, started = home().present().owners, _started(accounts)
    act = uuid.uuid4()
    with transaction.atomic():
        for account in dict.fromkeys(accounts):
            Move.objects.create(
                act=act,
                account_id=account,
                to_member=to,
                starts_on=day,
                by=scope.person,
                **_cut_short(owners, account, day, started.get(account)),
            )
            AuditEntry.objects.create(
                by=scope.person,
                verb="move account",
                about=account,
                content={"to": to, "from_day": day.isoformat(), "act": str(act)},
            )
        transaction.on_commit(home().send)
    return act


def undo_move(scope: Scope, act: uuid.UUID) -> int:
    """How many accounts are back where they were.

    Raises:
        NoSuchAccount: no such act, or not this person's to undo.
        UserError: an account of it has been moved on since.
    """
    if scope.person.role not in MOVERS or not scope.person.is_active:
        raise NoSuchAccount("There is no such act.")
    with transaction.atomic():
        moves = list(Move.objects.select_for_update().filter(act=act, undone_at=None))
        if not moves or not all(scope.sees(move.account_id) for move in moves):
            raise NoSuchAccount("There is no such act.")
        for move in moves:
            later = Move.objects.filter(
                account_id=move.account_id, pk__gt=move.pk, undone_at=None
            ).exclude(act=act)
            if later.exists():
                raise _refused(f"`{move.account_id}` has been moved on since.", "Undo that first.")
        Move.objects.filter(pk__in=[move.pk for move in moves]).update(
            undone_at=clock.now(), in_lake_at=None
        )
        _check_something_stays()
        for move in moves:
            AuditEntry.objects.create(
                by=scope.person,
                verb="undo move",
                about=move.account_id,
                content={"act": str(act)},
            )
        transaction.on_commit(home().send)
    return len(moves)


def _check_something_stays() -> None:
    """A table of assignments cannot be emptied by its deliveries: the last one of all is given to somebody else."""
    every = list(Move.objects.all())
    if assignments(every):
        return
    with home().workspace() as workspace:
        if not unmoved(workspace, every):
            raise _refused("It is the only assignment there is.", "Move it to somebody else.")


def check_move(scope: Scope, accounts: Sequence[str], to: str, day: date) -> None:
    """Whether the accounts can be moved so.

    Raises:
        NoSuchAccount, UserError: as `move_accounts`.
    """
    shown = home().present()
    if scope.person.role not in MOVERS or not scope.person.is_active:
        raise NoSuchAccount("There is no such account.")
    for account in accounts:
        if account not in shown.by_id or not scope.sees(account):
            raise NoSuchAccount(f"There is no account `{account}`.")
    if not accounts or len(accounts) > MOST:
        raise _refused(
            "No account is chosen." if not accounts else f"{counted(len(accounts), 'account')} are too many at once.",
            "Choose one at least." if not accounts else f"Move {MOST} at most.",
            "account",
        )  # fmt: skip
    if to not in shown.members:
        raise _refused("Nobody is chosen to take them over.", "Choose a team member.", "to")
    today = clock.today(home().time_zone)
    if not today - BACK <= day <= today + AHEAD:
        raise _refused(f"{day} is too far away.", "Choose a day from a month back to a year ahead.", "day")  # fmt: skip
    for account in accounts:
        _check_account(shown.owners, account, shown.by_id[account].name, to, day)


def _check_account(owners: Owners, account: str, name: str, to: str, day: date) -> None:
    if owners.owner(account, day) == to:
        raise _refused(f"{name} is in that book already.", "Leave it out.", "account")
    later = [one.start for one in owners.history.get(account, ()) if one.start >= day]
    if later:
        raise _refused(
            f"{name} changes hands on {max(later)} already.", "Choose a later day.", "day"
        )


def _cut_short(
    owners: Owners, account: str, day: date, started: date | None
) -> Mapping[str, str | date | None]:
    """The assignment that ends on `day`.

    Where only today's owner is known, it is given the account's own first day: once there is any history, a day without
    one would be nobody's.
    """
    for one in owners.history.get(account, ()):
        if one.start < day and (one.end is None or day < one.end):
            return {"from_member": one.user_id, "from_start": one.start, "from_end": one.end}
    owner = owners.owner(account, day)
    if owner == UNASSIGNED:
        return {}
    first = started if started is not None and started < day else day - ONE_DAY
    return {"from_member": owner, "from_start": first, "from_end": None}


def _started(accounts: Sequence[str]) -> dict[str, date | None]:
    wanted = set(accounts)
    with home().workspace() as workspace:
        rows = workspace.computed().reading.rows("accounts")
    return {row["account_id"]: row["start_date"] for row in rows if row["account_id"] in wanted}


def _refused(what: str, remedy: str, where: str = "") -> UserError:
    return UserError(what, remedy=remedy, where=where, code="move.refused")
