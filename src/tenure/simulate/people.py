"""The team: desks that accounts belong to, and the people who held each desk over time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from tenure.kernel.days import add_months
from tenure.simulate.scale import Scale, days, some_day
from tenure.simulate.segments import SEGMENTS
from tenure.simulate.words import person_name
from tenure.simulate.write import Sheets

FEWEST_DESKS = 4
FTES = (1, 1, 1, 1, 0.8, 0.6)


@dataclass(frozen=True, slots=True)
class Holding:
    """Somebody looked after something on the days `[start, end)`; `end` None: still."""

    user_id: str
    start: date
    end: date | None

    def holds(self, day: date) -> bool:
        """Whether `day` lies inside."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Desk:
    """One CSM's book, whoever holds it. `weight` is its share of new accounts, `care` how well it is kept."""

    segment: str
    weight: float
    care: float
    holders: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the team."""

    user_id: str
    role: str
    manager_id: str
    fte: float


@dataclass(frozen=True, slots=True)
class Team:
    """Everybody, and the desks by segment."""

    members: tuple[Member, ...]
    desks: dict[str, tuple[Desk, ...]]
    aes: tuple[str, ...]
    support: tuple[str, ...]
    head: str

    def csms(self) -> list[tuple[Desk, Holding]]:
        """Every person who held a desk, with it."""
        return [(desk, who) for row in self.desks.values() for desk in row for who in desk.holders]


class _Register:
    """Gives out user ids while the team is hired."""

    def __init__(self) -> None:
        self.members: list[Member] = []

    def hire(self, role: str, manager: str = "", fte: float = 1) -> str:
        user_id = f"U{len(self.members) + 1:04d}"
        self.members.append(Member(user_id, role, manager, fte))
        return user_id


def hire(scale: Scale) -> Team:
    """The team a company of this size needs: caseloads near the benchmarks, some books too full."""
    draw, register = scale.stream("team"), _Register()
    head = register.hire("cs_leader")
    counts = {s.name: max(1, round(scale.accounts * s.share / s.caseload)) for s in SEGMENTS}
    counts["mid_market"] += max(0, FEWEST_DESKS - sum(counts.values()))
    desks = {}
    for segment, count in counts.items():
        leader = register.hire("cs_leader", head) if count > 6 else head
        desks[segment] = tuple(
            _desk(draw, scale, register, segment, leader, place=place) for place in range(count)
        )
    many = sum(counts.values())
    aes = tuple(register.hire("ae", head) for _ in range(max(2, many // 2)))
    support = tuple(register.hire("support", head) for _ in range(max(2, many // 4)))
    return Team(tuple(register.members), desks, aes, support, head)


def _desk(
    draw: Random, scale: Scale, register: _Register, segment: str, leader: str, *, place: int
) -> Desk:
    """A desk; about one in six changes hands inside the window, sometimes after a gap."""
    begun = add_months(scale.begin, -96)
    first = register.hire("csm", leader, draw.choice(FTES))
    holders = [Holding(first, begun, None)]
    if draw.random() < 0.17 * max(1.0, scale.years / 2):
        left = some_day(draw, scale.begin + days(30), scale.end - days(30))
        gap = draw.choice((0, 0, 7, 21))
        next_one = register.hire("csm", leader)
        holders = [Holding(first, begun, left), Holding(next_one, left + days(gap), None)]
    weight = (1.45, 0.7, 1.0, 1.0)[place % 4] * draw.uniform(0.9, 1.1)
    return Desk(segment, weight, draw.uniform(0.58, 0.98), tuple(holders))


def owners(moves: tuple[tuple[Desk, date, date | None], ...]) -> Iterator[Holding]:
    """Who looked after an account that sat at these desks from day to day."""
    for desk, start, end in moves:
        for holder in desk.holders:
            first = max(start, holder.start)
            ends = [day for day in (end, holder.end) if day is not None]
            last = min(ends) if ends else None
            if last is None or first < last:
                yield Holding(holder.user_id, first, last)


def write_team(sheets: Sheets, scale: Scale, team: Team) -> None:
    """The table `team_members`."""
    draw = scale.stream("names of the team")
    for member in team.members:
        name = person_name(draw)
        mail = f"{name.lower().replace(' ', '.')}.{member.user_id.lower()}@vendor.example"
        cells = {"user_id": member.user_id, "name": name, "email": mail, "role": member.role}
        sheets.row("team_members", {**cells, "manager_id": member.manager_id, "fte": member.fte})
