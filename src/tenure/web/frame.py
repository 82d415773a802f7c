"""What stands around every page: the rail, the company's name, the day, and who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tenure import __version__
from tenure.desk.home import home
from tenure.desk.models import Person, Role
from tenure.desk.visible import OPENS


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the rail."""

    page: str
    title: str
    url: str
    key: str


RAIL = (Entry("today", "Today", "/today", "t"), Entry("book", "Book", "/book", "b"))
"""Pages that are built; one that is not yet is not in the rail (rulings C30)."""


def demo_people() -> list[Person]:
    """Whom the demo lets one be: those who look after customers first."""
    order = list(Role)
    found = Person.objects.filter(is_active=True)
    return sorted(found, key=lambda one: (order.index(Role(one.role)), one.name))


def frame(request: HttpRequest) -> dict[str, Any]:
    """For every template."""
    user = getattr(
        request, "user", None
    )  # a request may be refused before anybody was asked who they are
    person = user if isinstance(user, Person) else None
    return {
        "company": home().title,
        "version": __version__,
        "is_demo": settings.TENURE_DEMO,
        "person": person,
        "demo_people": demo_people() if settings.TENURE_DEMO and person is None else (),
        "rail": [e for e in RAIL if person is not None and person.role in OPENS[e.page]],
    }
