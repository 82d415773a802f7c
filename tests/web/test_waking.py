"""Before the door opens the first pages are made, for whoever may have them, and nothing else happens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tenure.desk.home import Home
from tenure.desk.models import AuditEntry, Person, View
from tenure.web import book_lines, remembered, waking


@pytest.fixture
def asleep() -> None:
    remembered._kept.clear()
    book_lines._written.clear()


def test_whoever_comes_first_waits_for_no_line_and_no_sum(
    asleep: None, served: Home, people: dict[str, Person], signed_in: Callable[[str], Client]
) -> None:
    made = waking.wake()

    maya, written = signed_in("maya"), dict(book_lines._written)
    kept = set(remembered._kept)
    assert made >= 3
    for address in ("/today", "/book", "/book?owner=everyone"):
        assert maya.get(address).status_code == 200
    assert book_lines._written == written
    assert set(remembered._kept) == kept


def test_who_has_no_customers_is_passed_over_and_nothing_is_recorded(
    asleep: None, served: Home, people: dict[str, Person]
) -> None:
    before = AuditEntry.objects.count(), View.objects.count()
    Person.objects.exclude(pk=people["gil"].pk).update(is_active=False)

    assert waking.wake() == 0
    assert (AuditEntry.objects.count(), View.objects.count()) == before


def test_a_large_company_does_not_keep_the_door_shut(
    asleep: None, served: Home, people: dict[str, Person]
) -> None:
    assert waking.wake(seconds=0.0) == 0


def test_what_fails_is_left_to_whoever_asks(
    asleep: None, served: Home, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(request: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(waking, "PAGES", (("/today", "", fails), ("/book", "", waking.book.show)))

    assert waking.wake() >= 1
