"""Who sees what: one scope per person, made here and nowhere else, and asked by every face.

Rulings C24: everyone in customer success reads accounts, owners and leads edit; *own book only* is a setting. Sales see
the accounts they sold. An administrator runs the machine, which gives no right to customers or people. Foreign and
missing look alike: both are `NoSuchAccount`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tenure.desk.models import Person, Role
from tenure.insights.sight import Sight
from tenure.kernel.errors import TenureError

READS_ALL = frozenset({Role.CSM, Role.LEAD, Role.EXECUTIVE, Role.OPS})
OPENS: Mapping[str, frozenset[str]] = {
    "today": frozenset({Role.CSM, Role.LEAD, Role.OPS}),
    "book": frozenset({Role.CSM, Role.LEAD, Role.EXECUTIVE, Role.OPS, Role.SALES}),
    "team": frozenset({Role.CSM, Role.LEAD, Role.SALES}),
    "trust": frozenset(Role),
    "data": frozenset({Role.OPS, Role.ADMIN}),
    "matching": frozenset({Role.OPS}),
    "reassign": frozenset({Role.LEAD, Role.OPS}),
    "freshness": frozenset({Role.CSM, Role.LEAD, Role.EXECUTIVE, Role.SALES}),
    "admin": frozenset({Role.ADMIN}),
    "gallery": frozenset({Role.OPS, Role.ADMIN}),
}


class NoSuchAccount(TenureError):
    """The account is not there, or not for this person; nobody outside can tell which."""

    code = "account.absent"


@dataclass(frozen=True, slots=True)
class Scope:
    """What one person may see now. `accounts` None: every account. `own`: those they look after.

    `sight` says whose figures, and up to which day they are released to this person.
    """

    person: Person
    accounts: frozenset[str] | None
    own: frozenset[str]
    sight: Sight = field(default_factory=Sight)

    def sees(self, account_id: str) -> bool:
        """Whether the account is for this person."""
        return self.accounts is None or account_id in self.accounts

    def edits(self, account_id: str) -> bool:
        """Owners and leads edit, and ops, who mend the data."""
        if self.person.role in (Role.LEAD, Role.OPS):
            return self.sees(account_id)
        return self.person.role == Role.CSM and account_id in self.own

    @property
    def edits_any(self) -> bool:
        """Whether there is an account that this person edits."""
        if self.person.role in (Role.LEAD, Role.OPS):
            return self.accounts is None or bool(self.accounts)
        return self.person.role == Role.CSM and bool(self.own)

    def opens(self, page: str) -> bool:
        """Whether an entry of the rail is for this person."""
        return self.person.role in OPENS[page]


def visible_to(
    person: Person,
    *,
    owned: Mapping[str, frozenset[str]],
    sold: Mapping[str, frozenset[str]],
    own_book_only: bool,
    sight: Sight,
) -> Scope:
    """The person's scope.

    Args:
        person: who asks; a deactivated person sees nothing.
        owned: accounts by the member who looks after them today.
        sold: accounts by the member who is their account executive.
        own_book_only: the workspace's setting; leads, executives and ops read everything either way.
        sight: whose figures the person may read (`release.sight_of`).
    """
    own = owned.get(person.member_id, frozenset()) if person.member_id else frozenset()
    if not person.is_active or person.role == Role.ADMIN:
        return Scope(person, frozenset(), frozenset(), sight)
    if person.role == Role.SALES:
        deals = sold.get(person.member_id, frozenset()) if person.member_id else frozenset()
        return Scope(person, deals, frozenset(), sight)
    if person.role == Role.CSM and own_book_only:
        return Scope(person, own, own, sight)
    return Scope(person, None, own, sight)
