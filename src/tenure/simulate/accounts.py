"""One simulated customer: what it is, before anything happens to it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import TypeVar

from tenure.kernel.days import add_months
from tenure.simulate.people import Desk, Holding, Team, owners
from tenure.simulate.scale import Scale, days, some_day
from tenure.simulate.segments import COUNTRIES, CURRENCIES, SEGMENTS, Segment
from tenure.simulate.words import company_name
from tenure.simulate.write import Sheets

T = TypeVar("T")
TRIAL_ONLY = 0.06
"""Share of product-led accounts that try and never buy."""


@dataclass(frozen=True, slots=True)
class Account:
    """A customer. `quality` (about N(0, 1)) is how well product and customer fit; it is never written."""

    number: int
    segment: Segment
    model: str
    currency: str
    country: str
    time_zone: str
    name: str
    start: date
    quality: float
    care: float
    arr_wish: int
    users: int
    trial_only: bool
    moves: tuple[tuple[Desk, date, date | None], ...]
    holdings: tuple[Holding, ...]
    ae_id: str

    @property
    def id(self) -> str:
        """Its account id."""
        return f"A{self.number:06d}"

    def owner(self, day: date) -> str | None:
        """The CSM on `day`; None while the desk is empty."""
        return next((who.user_id for who in self.holdings if who.holds(day)), None)


def choose(draw: Random, choices: tuple[tuple[T, float], ...]) -> T:
    """One of the choices, by weight."""
    return draw.choices([c for c, _ in choices], [w for _, w in choices])[0]


def account(scale: Scale, team: Team, number: int) -> Account:
    """Customer `number`: always the same for the same scale."""
    draw = scale.stream("account", number)
    segment = draw.choices(SEGMENTS, [s.share for s in SEGMENTS])[0]
    model = choose(draw, segment.models)
    currency = choose(draw, CURRENCIES)
    country, zone = draw.choice(COUNTRIES[currency])
    start = _start(draw, scale)
    moves = _moves(draw, scale, team.desks[segment.name], start)
    wish = segment.arr_median * math.exp(draw.gauss(0, segment.arr_spread))
    users = scale.users_per_account * segment.users * math.exp(draw.gauss(-0.06, 0.35))
    return Account(
        number=number,
        segment=segment,
        model=model,
        currency=currency,
        country=country,
        time_zone=zone,
        name=company_name(draw),
        start=start,
        quality=draw.gauss(0, 1),
        care=min(1.0, max(0.35, moves[0][0].care + draw.gauss(0, 0.12))),
        arr_wish=round(wish * 100),
        users=max(1, round(users)),
        trial_only=model == "plg" and start > scale.begin and draw.random() < TRIAL_ONLY,
        moves=moves,
        holdings=tuple(owners(moves)),
        ae_id=draw.choice(team.aes),
    )


def _start(draw: Random, scale: Scale) -> date:
    """Some came inside the window, the rest in the three years before it."""
    came_inside = min(0.6, 0.17 * scale.years)
    if draw.random() < came_inside:
        return some_day(draw, scale.begin, scale.end - days(5))
    return some_day(draw, add_months(scale.begin, -36), scale.begin)


def _moves(
    draw: Random, scale: Scale, desks: tuple[Desk, ...], start: date
) -> tuple[tuple[Desk, date, date | None], ...]:
    """The desks it sat at: now and then an account moves to another."""
    first = draw.choices(desks, [desk.weight for desk in desks])[0]
    others = [desk for desk in desks if desk is not first]
    earliest = max(start, scale.begin) + days(20)
    if others and earliest < scale.last and draw.random() < 0.1 * scale.years:
        moved = some_day(draw, earliest, scale.end)
        return ((first, start, moved), (draw.choice(others), moved, None))
    return ((first, start, None),)


def write_account(sheets: Sheets, scale: Scale, who: Account, *, parent_id: str | None) -> None:
    """The rows of `accounts` and `account_assignments`."""
    draw = scale.stream("account row", who.number)
    tier = "standard"
    if who.segment.name == "enterprise":
        tier = "strategic" if draw.random() < 0.5 else "growth"
    sheets.row(
        "accounts",
        {
            "account_id": who.id,
            "name": who.name,
            "parent_account_id": parent_id,
            "segment": who.segment.name,
            "tier": tier,
            "csm_id": who.owner(scale.last),
            "ae_id": who.ae_id,
            "business_model": who.model,
            "currency": who.currency,
            "country": who.country,
            "time_zone": who.time_zone,
            "start_date": who.start,
            "external_ids": f'{{"crm": "001{who.number:09d}"}}',
        },
    )
    for holding in who.holdings:
        if holding.start <= scale.last:
            _write_assignment(sheets, scale, who.id, holding)
    ae = Holding(who.ae_id, who.start, None)
    sheets.row("account_assignments", _assignment(who.id, ae, "ae"))


def _write_assignment(sheets: Sheets, scale: Scale, account_id: str, holding: Holding) -> None:
    ended = holding.end if holding.end is not None and holding.end <= scale.end else None
    known = Holding(holding.user_id, holding.start, ended)
    sheets.row("account_assignments", _assignment(account_id, known, "csm"))


def _assignment(account_id: str, holding: Holding, role: str) -> dict[str, object]:
    return {
        "account_id": account_id,
        "user_id": holding.user_id,
        "role": role,
        "start_date": holding.start,
        "end_date": holding.end,
    }
