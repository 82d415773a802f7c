"""What happens inside a term: ramps, add-ons, more and fewer seats, new prices."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random

from tenure.kernel.days import add_months
from tenure.simulate.accounts import Account
from tenure.simulate.contracts import Item, Line, Step
from tenure.simulate.scale import days, some_day

UPS_A_YEAR, DOWNS_A_YEAR, PRICES_A_YEAR = 0.46, 0.07, 0.04


@dataclass(slots=True)
class Term:
    """One term being lived: lines so far and the steps they made."""

    who: Account
    start: date
    lines: list[Line] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def open_with(self, basket: tuple[Item, ...], *, before: int, why: str) -> None:
        """Begin with `basket`, where `before` was in force until then."""
        self.lines = [Line(item, self.start) for item in basket]
        self.steps = [Step(self.start, sum(item.arr for item in basket) - before, why)]

    def basket(self) -> tuple[Item, ...]:
        """What is in force at the end, equal things put together."""
        merged: dict[tuple[str, str, int], Item] = {}
        for line in self.lines:
            if line.end is None and line.kind == "recurring" and not line.is_trial:
                key = (line.item.product, line.item.unit, line.item.price)
                held = merged.get(key)
                more = held.quantity if held and line.item.unit == "seat" else 0
                merged[key] = replace(line.item, quantity=line.item.quantity + more)
        return tuple(merged.values())

    def total(self) -> int:
        """ARR in force at the end."""
        return sum(item.arr for item in self.basket())

    def add(self, item: Item, day: date, reason: str) -> None:
        """An add-on from `day` to the end of the contract."""
        self.lines.append(Line(item, day, reason=reason))
        self.steps.append(Step(day, item.arr, reason))

    def swap(self, place: int, item: Item, day: date, *, reason: str, why: str) -> None:
        """From `day` on, the line at `place` gives way to `item`."""
        old = self.lines[place]
        self.lines[place] = replace(old, end=day)
        self.lines.append(Line(item, day, reason=reason))
        self.steps.append(Step(day, item.arr - old.item.arr, why))


def ramp(draw: Random, term: Term, months: int, until: date) -> bool:
    """A contract of several years may start small and grow by agreement; returns whether it does."""
    place = next((i for i, line in enumerate(term.lines) if line.item.unit != "credit"), None)
    if months < 24 or place is None or draw.random() > 0.35:
        return False
    for year in range(1, months // 12):
        day = add_months(term.start, 12 * year)
        if day >= until:
            break
        item = grown(term.lines[place].item, draw.uniform(1.1, 1.3))
        term.swap(place, item, day, reason="ramp", why="ramp")
        place = len(term.lines) - 1
    return True


def live(draw: Random, term: Term, until: date) -> list[date]:
    """Let changes happen up to `until`, in order of days; returns the days on which ARR grew."""
    years = (until - term.start).days / 365.25
    ups = _times(draw, UPS_A_YEAR * math.exp(0.35 * term.who.quality) * years)
    downs = _times(draw, DOWNS_A_YEAR * math.exp(-0.4 * term.who.quality) * years)
    prices = _times(draw, PRICES_A_YEAR * years)
    kinds = ["up"] * ups + ["down"] * downs + ["price"] * prices
    first = term.start + days(21)
    if not kinds or first >= until:
        return []
    when = sorted({some_day(draw, first, until) for _ in kinds})
    draw.shuffle(kinds)
    grew = []
    for day, kind in zip(when, kinds, strict=False):
        if kind == "up":
            _more(draw, term, day)
            grew.append(day)
        else:
            _change(draw, term, day, kind)
    return grew


def _times(draw: Random, mean: float) -> int:
    """A Poisson count."""
    count, product, floor = 0, draw.random(), math.exp(-mean)
    while product > floor:
        count += 1
        product *= draw.random()
    return count


def _more(draw: Random, term: Term, day: date) -> None:
    """More seats at the same price where there are seats, else a further module."""
    seats = [line.item for line in term.lines if line.end is None and line.item.unit == "seat"]
    if seats and draw.random() < 0.65:
        base = draw.choice(seats)
        more = max(1, round(base.quantity * draw.uniform(0.1, 0.4)))
        term.add(replace(base, quantity=more), day, "seats")
    else:
        price = max(100, round(term.total() / 12 * draw.uniform(0.06, 0.22)))
        term.add(Item("analytics", "flat", 1, price), day, "add_on")


def _change(draw: Random, term: Term, day: date, kind: str) -> None:
    """Fewer seats, a smaller module, or another price for the largest line in force."""
    held = [i for i, line in enumerate(term.lines) if line.end is None and line.kind == "recurring"]
    held = [i for i in held if not term.lines[i].is_trial and term.lines[i].start < day]
    if not held:
        return
    place = max(held, key=lambda i: term.lines[i].item.arr)
    item = term.lines[place].item
    if kind == "price":
        term.swap(place, repriced(item, draw.uniform(1.02, 1.07)), day, reason="price", why="price")
    else:
        reason = "seats" if item.unit == "seat" else "downgrade"
        smaller = grown(item, draw.uniform(0.6, 0.9))
        if smaller.arr < item.arr:
            term.swap(place, smaller, day, reason=reason, why=f"fewer {reason}")


def grown(item: Item, factor: float) -> Item:
    """The item at `factor` of its size: in seats where it has them, else in price."""
    if item.unit == "seat":
        return replace(item, quantity=max(1, round(item.quantity * factor)))
    return repriced(item, factor)


def repriced(item: Item, factor: float) -> Item:
    """The item at another price, at least 1.00 a month."""
    return replace(item, price=max(100, round(item.price * factor)))


def renewed(draw: Random, who: Account, basket: tuple[Item, ...]) -> tuple[tuple[Item, ...], str]:
    """What is bought at a renewal, and the word for it."""
    turn = draw.random() + 0.06 * who.quality
    if turn < 0.13:
        factor = draw.uniform(0.6, 0.92)
        return tuple(grown(item, factor) for item in basket), "renewal with fewer"
    if turn < 0.45:
        return basket, "renewal"
    if turn < 0.82:
        factor = draw.uniform(1.02, 1.07)
        return tuple(repriced(item, factor) for item in basket), "renewal at a new price"
    factor = draw.uniform(1.08, 1.4)
    return tuple(grown(item, factor) for item in basket), "renewal with more"
