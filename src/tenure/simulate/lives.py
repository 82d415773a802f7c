"""The contractual life of an account: terms that follow one another until the last day covered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from random import Random

from tenure.kernel.days import add_months
from tenure.simulate.accounts import Account, choose
from tenure.simulate.contracts import Contract, Decline, Item, Life, Line, Outcome, Step
from tenure.simulate.fates import Fate, decline_before, draw_fate, false_alarms
from tenure.simulate.scale import GRACE, Scale, days
from tenure.simulate.terms import Term, live, ramp, renewed

UNLINKED = 0.12
"""Share of renewals on time whose source does not name the predecessor."""


@dataclass(slots=True)
class Story:
    """A life while it is written."""

    scale: Scale
    who: Account
    draw: Random
    contracts: list[Contract] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    moods: list[Decline] = field(default_factory=list)

    def next_id(self) -> str:
        """An id for the next contract."""
        return f"C{self.who.number:06d}-{len(self.contracts) + 1}"

    def keep(self, contract: Contract, steps: list[Step], grew: list[date]) -> None:
        """Add a contract with its steps; what would lie after the last day is not known yet."""
        self.contracts.append(contract)
        self.steps += [step for step in steps if step.day <= self.scale.last]
        for day in grew:
            if self.draw.random() < 0.6:
                lift = self.draw.uniform(0.2, 0.8)
                self.moods.append(Decline(day - days(80), day - days(8), lift, day + days(120)))

    def told(self) -> Life:
        """The finished life."""
        alarms = false_alarms(self.draw, self.scale)
        return Life(tuple(self.contracts), tuple(self.steps), (*self.moods, *alarms))


def first_basket(draw: Random, who: Account) -> tuple[Item, ...]:
    """What the account buys first: seats, a platform fee and seats, or credits."""
    monthly = max(500, who.arr_wish // 12)
    if who.model == "consumption":
        credit_price = draw.choice((2, 5, 10))
        return (Item("credits", "credit", max(100, monthly * 12 // credit_price), monthly),)
    seats = max(1, round(who.users / draw.uniform(0.62, 1.02)))
    share = who.segment.seat_share if who.model == "sales_led" else 1.0
    basket: tuple[Item, ...] = (
        Item("core", "seat", seats, max(100, round(monthly * share / seats))),
    )
    if share < 1:
        basket += (Item("platform", "flat", 1, max(100, round(monthly * (1 - share)))),)
    return basket


def terms_thread(story: Story) -> None:
    """Fixed terms, one contract each, until one is lost or the last day comes."""
    draw, scale, who = story.draw, story.scale, story.who
    basket, start, before, why = first_basket(draw, who), who.start, 0, "new"
    renews, signed = "", who.start - days(draw.uniform(1, 30))
    while True:
        months = choose(draw, who.segment.terms)
        due = add_months(start, months)
        fate = draw_fate(draw, scale, who, start=start, due=due, term=months)
        term = Term(who, start)
        term.open_with(basket, before=before, why=why)
        has_ramp = ramp(draw, term, months, fate.until)
        grew = [] if has_ramp else live(draw, term, min(fate.until, scale.end))
        extra = services(draw, term) if not story.contracts else []
        draft = Contract(
            id=story.next_id(), signed=signed, start=start, end=due, renews=renews, auto=False,
            status="active", lines=(*term.lines, *extra), outcome=Outcome("not_due", due),
        )  # fmt: skip
        contract, ending, goes_on = settle(story, draft, fate, term.total())
        if fate.lost:
            story.moods += decline_before(draw, fate)
        total = term.total()
        if goes_on is not None:
            basket, why = renewed(draw, who, term.basket())
            worth = sum(item.arr for item in basket)
            contract = replace(contract, outcome=replace(contract.outcome, renewed=worth))
        story.keep(contract, [*term.steps, *ending], grew)
        if goes_on is None:
            goes_on = won_back(draw, scale, contract)
            if goes_on is None:
                return
            basket, why = (term.basket()[0],), "return"
            start, signed, before, renews = goes_on, goes_on, 0, ""
            continue
        start, signed = goes_on, fate.signed or goes_on
        gap = fate.timing == "late_beyond_grace"
        before, why = (0, "return after grace") if gap else (total, why)
        unlinked = fate.timing == "on_time" and draw.random() < UNLINKED
        renews = "" if unlinked else contract.id


def settle(
    story: Story, draft: Contract, fate: Fate, total: int
) -> tuple[Contract, list[Step], date | None]:
    """The contract as known on the last day, the step of its end, and where it goes on, if it does."""
    last = story.scale.last
    if fate.lost:
        return (*_settle_lost(story, draft, fate, total), None)
    due = fate.end
    visible = fate.signed is not None and fate.signed <= last
    if not visible and due > last:
        return draft, [], None
    if not visible and last < due + GRACE:
        return replace(draft, outcome=Outcome("open", due, total)), [], None
    lapse = [Step(due, -total, "churn: not renewed in time")]
    if not visible:
        lost = replace(draft, status="ended", outcome=Outcome("lost", due, total))
        return lost, lapse, None
    outcome = Outcome(fate.timing, due, total, 0, fate.next_start)
    ended = due <= last and fate.timing != "late"
    contract = replace(draft, status="ended" if ended else "active", outcome=outcome)
    return contract, lapse if fate.timing == "late_beyond_grace" else [], fate.next_start


def _settle_lost(
    story: Story, draft: Contract, fate: Fate, total: int
) -> tuple[Contract, list[Step]]:
    """A contract that is not continued: told, silent, or not known to be lost yet."""
    last = story.scale.last
    notice = fate.notice if fate.notice is not None and fate.notice <= last else None
    if fate.end > last:
        reason = fate.reason if notice else ""
        kind = fate.kind if notice else ""
        return replace(draft, notice=notice, exit_reason=reason, exit_kind=kind), []
    if not fate.told and last < fate.end + GRACE:
        return replace(draft, outcome=Outcome("open", fate.end, total)), []
    step = [Step(fate.end, -total, f"churn: {fate.reason or 'no word'}")]
    silent = "ended" if story.draw.random() < 0.75 else "active"
    ends = replace(
        draft, end=fate.end, status="cancelled" if fate.told else silent, notice=notice,
        exit_reason=fate.reason, exit_kind=fate.kind if fate.told else "",
        outcome=Outcome("lost", fate.end, total), lines=cut(draft.lines, fate.end),
    )  # fmt: skip
    return ends, step


def cut(lines: tuple[Line, ...], end: date) -> tuple[Line, ...]:
    """The lines of a contract that stops on `end`."""
    kept = [line for line in lines if line.start < end]
    return tuple(
        replace(line, end=None if line.end is not None and line.end >= end else line.end)
        for line in kept
    )


def won_back(draw: Random, scale: Scale, lost: Contract) -> date | None:
    """The first day of a second life, well after grace; few return."""
    if lost.outcome.word != "lost" or lost.end is None or draw.random() > 0.09:
        return None
    day = lost.end + days(draw.uniform(50, 200))
    return day if day <= scale.last else None


def services(draw: Random, term: Term) -> list[Line]:
    """A one-time line for setting up, which is never ARR; and metered use beside credits."""
    found = []
    if draw.random() < 0.35:
        fee = Item("setup", "flat", 1, 0)
        amount = round(term.total() * draw.uniform(0.04, 0.12))
        found.append(
            Line(fee, term.start, term.start + days(60), "setup", "one_time", amount=amount)
        )
    if term.who.model == "consumption":
        for month in (3, 6, 9):
            if draw.random() < 0.4:
                day = add_months(term.start, month)
                over = Item("credits", "credit", 0, 0)
                amount = round(term.total() / 12 * draw.uniform(0.05, 0.3))
                end = add_months(day, 1)
                found.append(Line(over, day, end, "overage", "usage", amount=amount))
    return found
