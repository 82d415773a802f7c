"""The life of an account under a world's law: year after year, with what each year was planted with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from tenure.kernel.days import add_months
from tenure.simulate.accounts import Account
from tenure.simulate.contracts import Contract, Decline, Life, Outcome
from tenure.simulate.lives import Story, first_basket, services, settle, won_back
from tenure.simulate.scale import Scale, days
from tenure.simulate.standing import TRIAL, trial
from tenure.simulate.terms import Term, live, renewed
from tenure.simulate.worlds import Law, Zone
from tenure.simulate.years import Episode, Year, draw_year


@dataclass(frozen=True, slots=True)
class Course:
    """The years of an account with their contracts as known on the last day; `level` is its usual health score."""

    zone: Zone
    level: float
    years: tuple[tuple[Year, Contract], ...]

    def episodes(self) -> list[tuple[Year, Contract, Episode]]:
        """The years in which use fell."""
        return [(y, contract, y.episode) for y, contract in self.years if y.episode is not None]

    def fallen(self, day: date) -> float:
        """How far use is down on `day`, from 0 to 1."""
        return sum(episode.fallen(day) for _year, _contract, episode in self.episodes())


def live_by_law(scale: Scale, who: Account, law: Law) -> tuple[Life, Course]:
    """The contractual life of `who` where `law` decides every renewal, and the course it took."""
    draw = scale.stream("zone", who.number)
    zone = draw.choices(law.zones, [zone.share for zone in law.zones])[0]
    level = draw.uniform(*zone.scores)
    story = Story(scale, who, scale.stream("life", who.number))
    years: list[tuple[Year, Contract]] = []
    start = who.start
    if who.trial_only or (who.model == "plg" and start > scale.begin):
        trial(story)
        start += TRIAL
    if not who.trial_only and start <= scale.last:
        _thread(story, law, zone, start, years)
    moves: list[Decline] = []
    for year, _contract in years:
        if year.episode is not None:
            moves += year.episode.moves(law.declines.fall)
    life = Life(tuple(story.contracts), tuple(story.steps), (*story.moods, *moves))
    return life, Course(zone, level, tuple(years))


def _thread(
    story: Story, law: Law, zone: Zone, start: date, years: list[tuple[Year, Contract]]
) -> None:
    """Contracts of twelve months that follow one another until one is lost or the last day comes."""
    draw, scale, who = story.draw, story.scale, story.who
    basket, before, why, renews = first_basket(draw, who), 0, "new", ""
    signed = start - days(draw.uniform(1, 30))
    while True:
        due = add_months(start, 12)
        year = draw_year(scale, law, who, zone, (start, due), number=len(years) + 1)
        term = Term(who, start)
        term.open_with(basket, before=before, why=why)
        grew = live(draw, term, min(year.fate.until, scale.end))
        extra = [] if years else services(draw, term)
        draft = Contract(
            id=story.next_id(), signed=signed, start=start, end=due, renews=renews, auto=False,
            status="active", lines=(*term.lines, *extra), outcome=Outcome("not_due", due),
        )  # fmt: skip
        contract, ending, goes_on = settle(story, draft, year.fate, term.total())
        total = term.total()
        if goes_on is not None:
            basket, why = renewed(draw, who, term.basket())
            worth = sum(item.arr for item in basket)
            contract = replace(contract, outcome=replace(contract.outcome, renewed=worth))
        story.keep(contract, [*term.steps, *ending], grew)
        years.append((year, contract))
        if goes_on is not None:
            start, signed, before, renews = goes_on, year.fate.signed or goes_on, total, contract.id
            continue
        again = won_back(draw, scale, contract)
        if again is None:
            return
        basket, why = (term.basket()[0],), "return"
        start, signed, before, renews = again, again, 0, ""
