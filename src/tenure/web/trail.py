"""The trail of what was done, as an administrator reads it: who, when and what, and of a customer nothing.

An administrator sees no customers (decisions: an-administrator-sees-no-customers), so an act on an account shows that it
happened and keeps its account and words to itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from tenure.desk.home import home
from tenure.desk.models import AuditEntry, Person, Role
from tenure.kernel.days import ONE_DAY
from tenure.kernel.errors import UserError
from tenure.metrics.questions import day_of

OF_THE_MACHINE = {
    "settings": "the settings",
    "audit trail": "the audit trail",
    "the Book": "the Book",
}
OF_A_CUSTOMER = "an account's records"
BY_THE_MACHINE = "Tenure itself, or its command line"


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of an address; what means nothing is passed over."""

    by: str
    verb: str
    since: str
    until: str

    @property
    def is_narrowed(self) -> bool:
        """Whether any filter is set."""
        return any((self.by, self.verb, self.since, self.until))


@dataclass(frozen=True, slots=True)
class Line:
    """One act. `content` is empty where it would tell of a customer."""

    at: datetime
    by: str
    verb: str
    about: str
    content: str


def asked_of(query: Mapping[str, str]) -> Asked:
    """What the address asks for."""
    return Asked(
        query.get("by", ""), query.get("verb", ""), _day(query, "since"), _day(query, "until")
    )


def entries(asked: Asked) -> QuerySet[AuditEntry]:
    """The entries asked for, newest first."""
    found = AuditEntry.objects.select_related("by")
    if asked.by == "machine":
        found = found.filter(by=None)
    elif asked.by:
        person = next((p for p in Person.objects.all() if str(p.number) == asked.by), None)
        found = found.filter(by=person) if person is not None else found
    if asked.verb:
        found = found.filter(verb=asked.verb)
    zone = ZoneInfo(home().time_zone)
    if since := day_of(asked.since or None):
        found = found.filter(at__gte=datetime.combine(since, time(), zone))
    if until := day_of(asked.until or None):
        found = found.filter(at__lt=datetime.combine(until + ONE_DAY, time(), zone))
    return found


def lines(found: Iterable[AuditEntry]) -> Iterator[Line]:
    """The entries as they are shown."""
    people = {str(person.number): person.name for person in Person.objects.all()}
    for entry in found:
        own = people.get(entry.about) or OF_THE_MACHINE.get(entry.about)
        yield Line(
            at=entry.at,
            by=entry.by.name if entry.by is not None else BY_THE_MACHINE,
            verb=entry.verb,
            about=own or OF_A_CUSTOMER,
            content=_said(entry.content) if own else "",
        )


def choices() -> dict[str, list[tuple[str, str]]]:
    """What the filters offer: everybody who ever did something, and every verb that was ever used."""
    acted = Person.objects.filter(acted__isnull=False).distinct()
    verbs = AuditEntry.objects.order_by("verb").values_list("verb", flat=True).distinct()
    return {
        "by": [*((str(p.number), p.name) for p in acted), ("machine", BY_THE_MACHINE)],
        "verb": [(verb, verb) for verb in verbs],
    }


def _day(query: Mapping[str, str], name: str) -> str:
    said = query.get(name, "")
    try:
        return said if day_of(said or None) is not None else ""
    except UserError:
        return ""


def _said(content: Any) -> str:
    """`role: csm → lead`, whatever the shape."""
    if not isinstance(content, dict):
        return json.dumps(content, ensure_ascii=False)
    if set(content) == {"before", "after"}:
        return f"{_value(content['before'])} → {_value(content['after'])}"
    return "; ".join(
        f"{name}: {_said(value) if isinstance(value, dict) else _value(value)}"
        for name, value in content.items()
    )


def _value(value: Any) -> str:
    if value is None or value in ("", []):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_value(one) for one in value)
    return Role(value).label if value in Role.values else str(value)
