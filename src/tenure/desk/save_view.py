"""Keep an address under a name, and forget it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from django.db import transaction
from django.db.models import Q

from tenure.desk.models import AuditEntry, Person, SavedView
from tenure.kernel.errors import UserError

NAME_LETTERS, QUERY_LETTERS, MOST = 60, 2000, 50
LEFT_OUT = ("as_of", "page", "open")
"""Words of an address that belong to a moment and not to a view."""


def save_view(person: Person, page: str, name: str, query: str, *, shared: bool = False) -> SavedView:  # fmt: skip
    """The view; the same name again takes the new address.

    Raises:
        UserError: no name, an address too long, or fifty views already.
    """
    said = name.strip()
    kept = [(k, v) for k, v in parse_qsl(query.removeprefix("?")) if k not in LEFT_OUT]
    words = urlencode(kept)
    if not said or len(said) > NAME_LETTERS:
        raise _refused("name", said, f"Give it a name of at most {NAME_LETTERS} letters.")
    if len(words) > QUERY_LETTERS:
        raise _refused("name", said, "Its filters are too long to keep; choose fewer.")
    with transaction.atomic():
        own = SavedView.objects.filter(by=person, page=page)
        if own.exclude(name=said).count() >= MOST:
            raise _refused("name", said, f"Delete one of your {MOST} views first.")
        view, _ = SavedView.objects.update_or_create(
            by=person, page=page, name=said, defaults={"query": words, "is_shared": shared}
        )
        AuditEntry.objects.create(
            by=person, verb="save view", about=said, content={"query": words, "shared": shared}
        )
    return view


def delete_view(person: Person, view_id: int) -> bool:
    """Whether it was there and this person's own."""
    with transaction.atomic():
        found = SavedView.objects.filter(pk=view_id, by=person).first()
        if found is None:
            return False
        AuditEntry.objects.create(by=person, verb="delete view", about=found.name)
        found.delete()
    return True


def views_of(person: Person, page: str) -> list[SavedView]:
    """A person's own views of a page, and what others share."""
    mine = Q(by=person) | Q(is_shared=True, by__is_active=True)
    return list(SavedView.objects.filter(mine, page=page).select_related("by"))


def _refused(column: str, value: str, remedy: str) -> UserError:
    return UserError(
        f"`{value}` cannot be kept as a view.", remedy=remedy, where=column, code="view.refused"
    )
