"""The smallest group of people whose figures are shown, and nothing to be worked out by subtraction (trust T5).

A function over the finished breakdown, called by whoever builds one. Group values are hidden as Unknown (`withheld`), and so is
the total where it would give them away. Decisions: minimum-of-a-group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tenure.kernel.unknown import Unknown

LEAST_PEOPLE = 5
SMALL_TEAM = 2


@dataclass(frozen=True, slots=True)
class Group:
    """One part of a whole: its value, how many people it is about, and of how many the reader knows the value already.

    Nobody is in two groups.
    """

    key: str
    value: Any
    people: int
    known: int = 0

    @property
    def is_hidden(self) -> bool:
        """Whether the value is withheld."""
        return isinstance(self.value, Unknown) and self.value.reason == "withheld"


@dataclass(frozen=True, slots=True)
class Breakdown:
    """All groups and their total, in the order given."""

    groups: Sequence[Group]
    total: Any


def with_minimum(groups: Sequence[Group], total: Any, *, least: int = LEAST_PEOPLE) -> Breakdown:
    """The breakdown with everything hidden that would speak of fewer than `least` people.

    Small groups are hidden. Their sum is the total less what is shown, so the next smallest are hidden too until the
    hidden ones together may be spoken of; where there are none left the total is withheld. A group less the people
    whose value the reader knows one by one is about the others alone, so those must be enough too, or nobody.

    Args:
        groups: disjoint groups that make up the whole; of two equally small ones the earlier key is hidden first.
        total: the value over all of them.
        least: the smallest number of people to speak of.
    """
    hidden = [group for group in groups if group.people and not _is_enough([group], least)]
    rest = sorted(
        (g for g in groups if g.people and g not in hidden), key=lambda g: (g.people, g.key)
    )
    while hidden and rest and not _is_enough(hidden, least):
        hidden.append(rest.pop(0))
    safe = _is_enough(groups, least) and (not hidden or _is_enough(hidden, least))
    why = Unknown("withheld", f"hidden: fewer than {least} people")
    return Breakdown(
        [replace(group, value=why) if group in hidden else group for group in groups],
        total if safe else why,
    )


def _is_enough(groups: Sequence[Group], least: int) -> bool:
    """Whether these groups together may be spoken of."""
    people = sum(group.people for group in groups)
    others = people - sum(group.known for group in groups)
    return people >= least and (others == 0 or others >= least)


def team_time_shown(people: int, opted_in: int, *, least: int = LEAST_PEOPLE) -> bool:
    """Whether a team's time is shown as one: large enough, or two to four who have all agreed (rulings C25)."""
    return people >= least or (SMALL_TEAM <= people == opted_in)
