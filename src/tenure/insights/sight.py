"""What one viewer may read about people, as plain values, and from when a lead may read a week of somebody's figures.

A person figure is how a named colleague works. The person has it at once; their lead has it at the earliest of: the
person opened it, the person released it, the head start has passed. Functions that give figures of books and people take
a `Sight` and leave out what it does not hold, so that no page can forget to. Decisions: own-view-first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from tenure.kernel.days import Period
from tenure.kernel.working_days import after_working_days

Audience = Literal["off", "own", "on"]


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose figures a viewer may read: by team member, never by name.

    `own` is the viewer's own id in `team_members`, `led` are the members whose lead the viewer is now, `until` is the
    last day of the figures released to the viewer per led member. `figures` is the workspace's setting.
    """

    own: str = ""
    led: frozenset[str] = frozenset()
    until: Mapping[str, date] = field(default_factory=dict)
    figures: Audience = "off"

    def opens(self, member: str) -> bool:
        """Whether the member's page is for this viewer at all."""
        return bool(member) and (member == self.own or member in self.led)

    def holds(self, member: str, through: date, audience: Audience = "on") -> bool:
        """Whether a week of person figures that ends on `through` is for this viewer now.

        `audience` is whom the person was told the week is for: what was for them alone stays so.
        """
        if not member or self.figures == "off":
            return False
        if member == self.own:
            return True
        if audience != "on" or self.figures != "on" or member not in self.led:
            return False
        last = self.until.get(member)
        return last is not None and through <= last


@dataclass(frozen=True, slots=True)
class Told:
    """One week of somebody's figures as far as its release goes; `audience` is whom they were told it is for."""

    through: date
    told_at: datetime
    seen_at: datetime | None = None
    released_at: datetime | None = None
    audience: Audience = "on"


@dataclass(frozen=True, slots=True)
class HeadStart:
    """How long a week belongs to the person alone: working days in a zone, with the days they are away."""

    days: int
    zone: str = "UTC"
    away: Sequence[Period] = ()

    def ends(self, week: Told) -> datetime:
        """When it is over, whether or not the person has looked."""
        return after_working_days(week.told_at, self.days, away=self.away, zone=self.zone)

    def released(self, week: Told) -> datetime:
        """From when the lead may read the week, as things stand; never before the person could."""
        acts = [at for at in (week.seen_at, week.released_at) if at is not None]
        return max(week.told_at, min([*acts, self.ends(week)]))


def released_until(weeks: Iterable[Told], start: HeadStart, now: datetime) -> date | None:
    """The last day of the newest week a lead may read at `now`; None where none is.

    Weeks that the person was told are for them alone stay theirs, whatever the setting is now.
    """
    free = [w.through for w in weeks if w.audience == "on" and start.released(w) <= now]
    return max(free, default=None)


def leads_of(members: Iterable[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """The members whom each lead leads, as `team_members` says; nobody leads themselves."""
    led: dict[str, set[str]] = {}
    for row in members:
        lead = row.get("manager_id")
        if lead and lead != row["user_id"]:
            led.setdefault(lead, set()).add(row["user_id"])
    return {lead: frozenset(own) for lead, own in led.items()}
