"""Lives without fixed renewals: month to month, renewing itself each year, trials, and second products."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tenure.kernel.days import add_months
from tenure.simulate.accounts import Account
from tenure.simulate.contracts import Contract, Item, Life, Line, Outcome, Step
from tenure.simulate.fates import Fate, decline_before, loss_chance
from tenure.simulate.lives import Story, cut, first_basket, settle, terms_thread
from tenure.simulate.scale import Scale, days
from tenure.simulate.terms import Term, live, renewed

TRIAL = days(14)
RENEWS_ITSELF = {"enterprise": 0.0, "mid_market": 0.15, "smb": 0.3}
SECOND_PRODUCT = {"enterprise": 0.25, "mid_market": 0.12, "smb": 0.0}


def life(scale: Scale, who: Account) -> Life:
    """The contractual life of `who`, as known on the last day covered."""
    story = Story(scale, who, scale.stream("life", who.number))
    if who.trial_only:
        trial(story)
    elif who.model == "plg":
        _standing(story, months=1)
    elif who.model == "seat" and story.draw.random() < RENEWS_ITSELF[who.segment.name]:
        _standing(story, months=12)
    else:
        terms_thread(story)
        if story.draw.random() < SECOND_PRODUCT[who.segment.name]:
            _second_product(story)
    return story.told()


def trial(story: Story) -> None:
    """Fourteen days for nothing: a contract that ends by itself and carries no ARR."""
    who = story.who
    end = who.start + TRIAL
    line = Line(first_basket(story.draw, who)[0], who.start, is_trial=True)
    status = "ended" if end <= story.scale.last else "active"
    contract = Contract(
        id=story.next_id(), signed=who.start, start=who.start, end=end, renews="", auto=False,
        status=status, lines=(line,), outcome=Outcome("trial", end),
    )  # fmt: skip
    story.keep(contract, [], [])


def _standing(story: Story, *, months: int) -> None:
    """One contract that goes on by itself, month by month (evergreen) or year by year."""
    draw, scale, who = story.draw, story.scale, story.who
    start, first = who.start, True
    basket = first_basket(draw, who)
    while True:
        trial = TRIAL if months == 1 and first and start > scale.begin else days(0)
        term = Term(who, start + trial)
        term.open_with(basket, before=0, why="new" if first else "return")
        lost = _leaves(story, start + trial, months)
        grew = live(draw, term, min(lost.end if lost else scale.end, scale.end))
        lines = term.lines + (
            [Line(basket[0], start, start + trial, is_trial=True)] if trial else []
        )
        contract = Contract(
            id=story.next_id(), signed=start, start=start, end=None, renews="", auto=True,
            status="active", lines=tuple(lines), outcome=Outcome("evergreen", None),
        )  # fmt: skip
        ending: list[Step] = []
        if lost is not None:
            story.moods += decline_before(draw, lost)
            contract, ending = _ended(story, contract, lost, term.total())
        if months == 12 and contract.end is None:
            contract = _rolled(story, contract, term)
        story.keep(contract, [*term.steps, *ending], grew)
        again = None
        if contract.outcome.word == "lost" and contract.end is not None and draw.random() < 0.12:
            again = contract.end + days(draw.uniform(45, 160))
        if again is None or again > scale.last:
            return
        start, first, basket = again, False, (term.basket()[0],)


def _leaves(story: Story, paid_from: date, months: int) -> Fate | None:
    """The term at whose end it is cancelled, always with notice; None: not within sight."""
    chance = loss_chance(story.who, story.who.segment.yearly_loss * 1.15, 12)
    if months == 1:
        chance = 1 - (1 - chance) ** (1 / 12)
    count = 1
    while (due := add_months(paid_from, months * count)) < story.scale.end + days(90):
        if due >= story.scale.begin + days(45) and story.draw.random() < chance:
            ahead = min(days(story.draw.uniform(3, 75)), days(25 * months))
            cut_off = story.draw.random() < 0.15
            return Fate(
                lost=True, end=due, notice=None if cut_off else due - ahead, told=True,
                reason="payment failure" if cut_off else "price", kind="involuntary" if cut_off else "voluntary",
            )  # fmt: skip
        count += 1
    return None


def _ended(story: Story, contract: Contract, lost: Fate, total: int) -> tuple[Contract, list[Step]]:
    """A standing contract gets its end with the notice, and is cancelled when the end has come."""
    last = story.scale.last
    noticed = lost.notice is not None and lost.notice <= last
    if lost.end > last and not noticed:
        return contract, []
    known = replace(
        contract, end=lost.end, notice=lost.notice, exit_reason=lost.reason, exit_kind=lost.kind,
        lines=cut(contract.lines, lost.end),
    )  # fmt: skip
    if lost.end > last:
        return replace(known, outcome=Outcome("not_due", lost.end)), []
    outcome = Outcome("lost", lost.end, total)
    step = Step(lost.end, -total, f"churn: {lost.reason}")
    return replace(known, status="cancelled", outcome=outcome), [step]


def _rolled(story: Story, contract: Contract, term: Term) -> Contract:
    """Most sources move the end on by a year; some leave the last one standing."""
    count = 1
    while add_months(contract.start, 12 * count) <= story.scale.last:
        count += 1
    coming, past = (
        add_months(contract.start, 12 * count),
        add_months(contract.start, 12 * (count - 1)),
    )
    quiet = all(step.day < past for step in term.steps)
    if count > 1 and quiet and story.draw.random() < 0.3:
        worth = term.total()
        return replace(contract, end=past, outcome=Outcome("auto", past, worth, worth, past))
    return replace(contract, end=coming, outcome=Outcome("not_due", coming))


def _second_product(story: Story) -> None:
    """A second contract for another product; losing it alone is a downsell, not churn."""
    draw, scale = story.draw, story.scale
    spans = Life(tuple(story.contracts), tuple(story.steps), ()).spans()
    if not spans:
        return
    opened, closed = spans[0]
    start = opened + days(draw.uniform(40, 400))
    if start > scale.last - days(30) or (closed is not None and closed - start < days(90)):
        return
    price = max(100, round(story.who.arr_wish / 12 * draw.uniform(0.1, 0.3)))
    basket: tuple[Item, ...] = (Item("archive", "flat", 1, price),)
    before, renews, why = 0, "", "second product"
    while True:
        due = add_months(start, 12)
        term = Term(story.who, start)
        term.open_with(basket, before=before, why=why)
        fate = _second_fate(story, due, closed)
        draft = Contract(
            id=story.next_id(), signed=min(start, scale.last), start=start, end=due, renews=renews,
            auto=False, status="active", lines=tuple(term.lines), outcome=Outcome("not_due", due),
        )  # fmt: skip
        contract, ending, goes_on = settle(story, draft, fate, term.total())
        if goes_on is not None:
            basket, why = renewed(draw, story.who, term.basket())
            worth = sum(item.arr for item in basket)
            contract = replace(contract, outcome=replace(contract.outcome, renewed=worth))
        story.keep(contract, [*term.steps, *ending], [])
        if goes_on is None:
            return
        start, before, renews = goes_on, term.total(), contract.id


def _second_fate(story: Story, due: date, closed: date | None) -> Fate:
    """It goes with the main contract; by itself it is lost now and then."""
    if closed is not None and closed <= due:
        return Fate(
            lost=True,
            end=closed,
            notice=closed,
            told=True,
            reason="left altogether",
            kind="voluntary",
        )
    if due >= story.scale.begin and story.draw.random() < 0.16:
        notice = due - days(story.draw.uniform(20, 60))
        return Fate(
            lost=True, end=due, notice=notice, told=True, reason="not used enough", kind="voluntary"
        )
    return Fate(
        lost=False,
        end=due,
        timing="on_time",
        next_start=due,
        signed=due - days(story.draw.uniform(2, 30)),
    )
