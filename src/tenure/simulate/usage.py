"""Use of the product: who holds a seat, and what was done day by day."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from tenure.simulate.accounts import Account
from tenure.simulate.contracts import Life
from tenure.simulate.mood import USE_FOLLOWS, Mood
from tenure.simulate.scale import Scale, days, some_day
from tenure.simulate.segments import DEPARTMENTS, FEATURES
from tenure.simulate.write import Sheets

COLUMNS = (
    "account_id", "product_user_id", "usage_date", "feature_id", "source_row_id", "event_count", "units",
)  # fmt: skip
WORKDAYS_A_MONTH = 21.7
EVENTS = 5.0


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with a seat: `zeal` scales how often they come, `tools` are the features they know."""

    id: str
    start: date
    end: date | None
    zeal: float
    tools: tuple[str, ...]


def write_features(sheets: Sheets) -> None:
    """The table `features`."""
    for name, product, level in FEATURES:
        cells = {"feature_id": name, "product_id": product, "level": level}
        sheets.row("features", {**cells, "name": name.replace("_", " ").capitalize()})


def write_users(sheets: Sheets, scale: Scale, who: Account, life: Life) -> tuple[User, ...]:
    """The rows of `product_users`, and the users themselves."""
    draw = scale.stream("users", who.number)
    bought = {line.item.product for contract in life.contracts for line in contract.lines}
    known = [name for name, product, _level in FEATURES if product in bought] or ["dashboards"]
    seat_product = "core" if "core" in bought else "credits"
    internal = draw.random() < 0.05
    left = next((end for _start, end in reversed(life.spans())), None)
    found = []
    for place in range(who.users + internal):
        ours = internal and place == who.users
        user = _user(draw, scale, who, f"X{who.number:06d}-{place + 1}", known)
        found.append(user)
        kept = 0.6 if left is not None and draw.random() < 0.6 else 0
        removed = user.end or (left + days(30) if kept and left else None)
        if removed is not None and (removed > scale.last or removed <= user.start):
            removed = None
        sheets.row(
            "product_users",
            {
                "product_user_id": user.id,
                "product_id": seat_product,
                "account_id": who.id,
                "department": None
                if draw.random() < 0.06
                else draw.choice(DEPARTMENTS[: 2 + who.number % 5]),
                "assigned_date": user.start,
                "removed_date": removed,
                "is_internal": ours,
            },
        )
    return tuple(found)


def _user(draw: Random, scale: Scale, who: Account, user_id: str, known: list[str]) -> User:
    """Most come in the first weeks, some later; a few leave; one in five uses it far more."""
    start = who.start + days(draw.expovariate(1 / 14))
    if draw.random() < 0.35:
        start = some_day(draw, who.start, scale.end)
    start = min(start, scale.last)
    end = None
    if draw.random() < 0.07 * scale.years:
        end = some_day(draw, max(start, scale.begin) + days(30), scale.end + days(30))
        end = end if start < end <= scale.last else None
    zeal = draw.uniform(1.6, 2.3) if draw.random() < 0.2 else draw.uniform(0.3, 1.2)
    tools = tuple(draw.sample(known, min(len(known), draw.randint(1, 5))))
    return User(user_id, start, end, zeal, tools)


def write_usage(
    sheets: Sheets, scale: Scale, who: Account, users: tuple[User, ...], life: Life, *, mood: Mood,
    spans: list[tuple[date, date]],
) -> None:  # fmt: skip
    """The rows of `usage_daily`: by user and feature, or by account where that would be too much."""
    draw = scale.stream("usage", who.number)
    dates = _dates(scale)
    window = _Window(scale, who, dates, _units_per_event(draw, scale, users, life))
    for start, end in spans:
        if scale.usage_by_user:
            for user in users:
                lines = _user_lines(draw, window, user, mood, (start, end))
                sheets.block("usage_daily", COLUMNS, lines)
        else:
            sheets.block("usage_daily", COLUMNS, _account_lines(draw, window, mood, (start, end)))


@lru_cache(maxsize=1)
def _dates(scale: Scale) -> list[str]:
    """Every day of the window as text."""
    count = (scale.end - scale.begin).days
    return [(scale.begin + timedelta(days=i)).isoformat() for i in range(count)]


@dataclass(frozen=True, slots=True)
class _Window:
    """What every usage line of one account shares."""

    scale: Scale
    who: Account
    dates: list[str]
    per_event: float

    def tail(self, events: int) -> str:
        """Events and units of a line."""
        return f"{events},{events * self.per_event:.2f}\n" if self.per_event else f"{events},\n"


def _user_lines(
    draw: Random, window: _Window, user: User, mood: Mood, span: tuple[date, date]
) -> list[str]:
    """The lines of one user: weekdays mostly, fewer when the mood falls."""
    scale, random, lines = window.scale, draw.random, []
    start, end = span
    first = (max(start, user.start) - scale.begin).days
    last = (min(end, user.end or end) - scale.begin).days
    weekday = scale.begin.weekday()
    base = min(0.9, scale.active_days / WORKDAYS_A_MONTH) * user.zeal
    head = f"{window.who.id},{user.id},"
    tools, many = user.tools, len(user.tools)
    for place in range(max(0, first), last):
        chance = base * math.exp(USE_FOLLOWS * mood.weeks[place // 7])
        if (weekday + place) % 7 > 4:
            chance *= 0.05
        if random() >= chance:
            continue
        shift = int(random() * many)
        count = 1 if many == 1 or random() < 0.68 else 2 if many == 2 or random() < 0.7 else 3
        for extra in range(count):
            events = 1 + int(-EVENTS * math.log(1.0 - random()))
            tool = tools[(shift + extra) % many]
            lines.append(f"{head}{window.dates[place]},{tool},,{window.tail(events)}")
    return lines


def _account_lines(draw: Random, window: _Window, mood: Mood, span: tuple[date, date]) -> list[str]:
    """One line per workday for the whole account."""
    scale, who = window.scale, window.who
    start, end = span
    share = min(0.9, scale.active_days / WORKDAYS_A_MONTH)
    lines, weekday = [], scale.begin.weekday()
    for place in range((start - scale.begin).days, (end - scale.begin).days):
        if (weekday + place) % 7 > 4:
            continue
        mean = who.users * share * math.exp(USE_FOLLOWS * mood.weeks[place // 7]) * EVENTS * 1.4
        events = int(mean * draw.uniform(0.5, 1.5) + draw.random())
        if events:
            lines.append(f"{who.id},,{window.dates[place]},,,{window.tail(events)}")
    return lines


def _units_per_event(draw: Random, scale: Scale, users: tuple[User, ...], life: Life) -> float:
    """For credits: sized so that a term burns between 60 and 130 % of what was committed."""
    lines = [line for contract in life.contracts for line in contract.lines]
    credits = [
        line.item.quantity for line in lines if line.item.unit == "credit" and line.item.price
    ]
    if not credits:
        return 0.0
    share = min(0.9, scale.active_days / WORKDAYS_A_MONTH)
    zeal = sum(min(1.0, share * user.zeal) for user in users)
    events_a_year = max(1.0, zeal * 261 * EVENTS * 1.5)
    return max(0.01, credits[0] * draw.uniform(0.6, 1.3) / events_a_year)
