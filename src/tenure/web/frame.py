"""What stands around every page: the rail, the company's name, the day, and who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tenure import __version__
from tenure.desk.home import home
from tenure.desk.models import Notice, Person, Role
from tenure.desk.notice import version_of
from tenure.desk.visible import OPENS


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the rail."""

    page: str
    title: str
    url: str
    key: str


RAIL = (
    Entry("today", "Today", "/today", "t"),
    Entry("book", "Book", "/book", "b"),
    Entry("team", "Team", "/team/people", "p"),
    Entry("reassign", "Reassign", "/team/reassign", "r"),
    Entry("data", "Data", "/data", "d"),
    Entry("freshness", "Data", "/data/freshness", "d"),
    Entry("trust", "Trust", "/trust", "u"),
    Entry("admin", "Admin", "/admin", "a"),
)
"""Pages that are built; one that is not yet is not in the rail (rulings C30)."""

BAR = ("today", "book")
"""On a phone these stand in the bar below, beside Search, Add and More; More holds the rest."""
ADDS = frozenset({Role.CSM, Role.LEAD, Role.OPS})


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
    rail = [e for e in RAIL if person is not None and person.role in OPENS[e.page]]
    return {
        "company": home().title,
        "version": __version__,
        "is_demo": settings.TENURE_DEMO,
        "person": person,
        "demo_people": demo_people() if settings.TENURE_DEMO and person is None else (),
        "sign_on": settings.TENURE_SIGN_ON,
        "section": _section(request.path),
        "notice_waits": person is not None and _notice_waits(person),
        "rail": rail,
        "bar_first": [e for e in rail if e.page in BAR],
        "bar_more": [e for e in rail if e.page not in BAR],
        "bar_adds": person is not None and person.role in ADDS,
    }


def _section(path: str) -> str:
    """The entry of the rail that a page belongs to: the one with the longest address that begins its own."""
    found = [e for e in RAIL if f"{path}/".startswith(f"{e.url}/")]
    return max(found, key=lambda e: len(e.url)).page if found else ""


def _notice_waits(person: Person) -> bool:
    """Whether there is something to read before figures of the person begin."""
    version = version_of(home().settings)
    if not version or not person.member_id:
        return False
    return not Notice.objects.filter(person=person, version=version, read_at__isnull=False).exists()
