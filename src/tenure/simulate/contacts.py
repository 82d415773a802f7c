"""People at the customer: they come, they leave, and sponsors leave most often before it ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from random import Random

from tenure.simulate.accounts import Account
from tenure.simulate.mood import Mood
from tenure.simulate.scale import Scale, days, some_day
from tenure.simulate.segments import DEPARTMENTS
from tenure.simulate.words import person_name
from tenure.simulate.write import Sheets

TITLES = {
    "executive_sponsor": ("VP Operations", "COO", "CFO", "Chief Digital Officer"),
    "champion": ("Head of Operations", "Program Manager", "Team Lead"),
    "user": ("Analyst", "Specialist", "Coordinator"),
    "technical": ("IT Manager", "Systems Engineer"),
    "procurement": ("Buyer", "Procurement Manager"),
}


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at the customer, there on `[start, end)`."""

    id: str
    role: str
    department: str
    start: date
    end: date | None

    @property
    def sponsors(self) -> bool:
        """Whether this is an executive sponsor."""
        return self.role == "executive_sponsor"

    def there(self, day: date) -> bool:
        """Whether the person is there on `day`."""
        return self.start <= day and (self.end is None or day < self.end)


def contacts(
    scale: Scale, who: Account, mood: Mood, *, anchored: bool = False
) -> tuple[Contact, ...]:
    """Everybody at `who` over time, successors included; `anchored`: the first champion never leaves."""
    draw = scale.stream("contacts", who.number)
    low, high = who.segment.contacts
    roles = ["champion", *draw.choices(("user", "technical", "procurement"), (5, 2, 1), k=high)]
    roles = roles[: draw.randint(low, high)]
    if draw.random() < who.segment.sponsored:
        roles.append("executive_sponsor")
    found: list[Contact] = []
    for role in roles:
        start: date | None = who.start
        while start is not None and start <= scale.last:
            contact = _contact(
                draw, scale, f"P{who.number:06d}-{len(found) + 1}", role, start, mood=mood
            )
            if anchored and not found:
                contact = replace(contact, end=None)
            found.append(contact)
            start = _successor(draw, contact)
    return tuple(found)


def _contact(
    draw: Random, scale: Scale, id_: str, role: str, start: date, *, mood: Mood
) -> Contact:
    """One person; a sponsor is likelier to leave when things go badly."""
    chance = 0.12 * scale.years
    sours = [i for i, value in enumerate(mood.weeks) if value < -0.9]
    first, end = max(start, scale.begin) + days(40), None
    if role == "executive_sponsor" and sours and draw.random() < 0.4:
        end = mood.begin + days(7 * sours[0] + draw.uniform(0, 40))
    elif draw.random() < chance and first < scale.end:
        end = some_day(draw, first, scale.end)
    if end is not None and (end <= start + days(20) or end > scale.last):
        end = None
    return Contact(id_, role, draw.choice(DEPARTMENTS), start, end)


def _successor(draw: Random, contact: Contact) -> date | None:
    """The first day of whoever takes the place; sometimes nobody does."""
    if contact.end is None or draw.random() < 0.35:
        return None
    return contact.end + days(draw.choice((0, 14, 30, 75)))


def write_contacts(sheets: Sheets, scale: Scale, who: Account, people: tuple[Contact, ...]) -> None:
    """The rows of `contacts`."""
    draw = scale.stream("contact rows", who.number)
    for contact in people:
        name = person_name(draw)
        mail = f"{name.lower().replace(' ', '.')}.{contact.id[-1]}@{who.id.lower()}.example"
        sheets.row(
            "contacts",
            {
                "contact_id": contact.id,
                "account_id": who.id,
                "name": name,
                "email": mail,
                "title": draw.choice(TITLES[contact.role]),
                "department": contact.department,
                "role": contact.role,
                "is_executive_sponsor": contact.sponsors,
                "active_from": contact.start,
                "active_to": contact.end,
            },
        )
