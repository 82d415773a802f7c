"""What every page asks of a request: who, on which day, and whether they may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest

from tenure.desk.home import home
from tenure.desk.models import Person
from tenure.desk.visible import Scope
from tenure.kernel.errors import UserError
from tenure.metrics.questions import day_of
from tenure.workspace.present import Present


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, what they may see, and the rows of the day they ask about."""

    person: Person
    scope: Scope
    present: Present
    is_past: bool

    @property
    def around(self) -> dict[str, object]:
        """For the template of any page with a day."""
        return {
            "scope": self.scope,
            "present": self.present,
            "is_past": self.is_past,
            "is_behind": not self.is_past and home().is_behind(self.present),
        }


def asked(request: HttpRequest, page: str) -> Asked:
    """What a page needs before it can answer.

    Raises:
        Http404: the page is not for this person, or the day cannot be read: both look like a missing page.
    """
    person = request.user
    if not isinstance(person, Person):
        raise Http404
    scope = home().scope(person)
    if not scope.opens(page):
        raise Http404
    now = home().present()
    day = _day(request.GET.get("as_of", ""), now.day)
    present = now if day == now.day else home().present(day)
    return Asked(person, scope, present, present.day < now.day)


def _day(said: str, newest: date) -> date:
    """The day asked about, never after the newest."""
    try:
        found = day_of(said or None)
    except UserError:
        raise Http404 from None
    return newest if found is None else min(found, newest)
