"""One person's book and their own figures, for a fair conversation: outcomes first, activity last, nobody beside them.

Book figures are account figures added up over the accounts a person looks after now. Person figures are how they work;
they come in weeks that were published, and each is compared with the same person earlier. Nothing here takes two people
at once, so that nothing here can rank them. Decisions: own-view-first, a-persons-thirteen-weeks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tenure.insights.book import BookRow
from tenure.insights.choosing import Choice, chosen
from tenure.insights.minimum import Group, with_minimum
from tenure.insights.sight import Audience, Sight
from tenure.kernel.days import ONE_DAY, Period
from tenure.kernel.unknown import Unknown
from tenure.metrics.answer import Answer, plain
from tenure.metrics.declaration import Metric

WEEKS = 13
PAST_FROM, UNTOUCHED_FROM, RENEWS_IN = 30, 60, 90
LEAST_HOURS = 20
"""Tracked hours below which shares of somebody's time say nothing (trust T5)."""
SHOWN_FIRST = ("survey_responses", "advocacy_events", "time_totals")
"""The tables that outcomes and conditions rest on, in this order; activity counts, on whatever else, come last."""


@dataclass(frozen=True, slots=True)
class BookFigures:
    """The accounts a person looks after on one day; money in the reporting currency.

    `arr` is that of the accounts where it is known, `unknown_arr` of how many it is not. `past` are accounts 30 days or more
    past their planned touch, `untouched` those without a touch for 60 or more, `renewing` those due in 90 days.
    `slots_attained` of `slots_due` planned touches were made in the period that each account's coverage is of.
    """

    accounts: int
    arr: Decimal
    unknown_arr: int
    past: int
    untouched: int
    renewing: int
    renewing_arr: Decimal
    slots_due: int
    slots_attained: int
    with_plan: int

    @property
    def coverage(self) -> float | Unknown:
        """Planned touches made, 0 to 1."""
        if not self.slots_due:
            return Unknown("no_data" if not self.with_plan else "undefined")
        return self.slots_attained / self.slots_due


def book_figures(rows: Iterable[BookRow], member: str, sight: Sight) -> BookFigures | None:
    """The person's book as it stands; None where it is not for this viewer."""
    if not sight.opens(member):
        return None
    everything = list(rows)
    own = chosen(everything, Choice(owner=member))

    def some(**asked: int) -> list[BookRow]:
        return chosen(everything, Choice(owner=member, **asked))  # type: ignore[arg-type]  # days

    due, made = (
        [row.numbers.get(f"cadence_attainment__{part}") for row in own]
        for part in ("slots_due", "slots_attained")
    )
    renewing = some(renews_in=RENEWS_IN)
    return BookFigures(
        accounts=len(own),
        arr=_money(own),
        unknown_arr=sum(isinstance(row.arr, Unknown) for row in own),
        past=len(some(past=PAST_FROM)),
        untouched=len(some(untouched=UNTOUCHED_FROM)),
        renewing=len(renewing),
        renewing_arr=_money(renewing),
        slots_due=sum(int(n) for n in due if isinstance(n, int | float)),
        slots_attained=sum(int(n) for n in made if isinstance(n, int | float)),
        with_plan=sum(isinstance(n, int | float) for n in due),
    )


def _money(rows: Iterable[BookRow]) -> Decimal:
    return sum((row.arr for row in rows if isinstance(row.arr, Decimal)), Decimal(0))


@dataclass(frozen=True, slots=True)
class Figure:
    """One person figure: its value or the reason there is none, what it rests on, and the same 13 weeks earlier.

    `parts` are the named parts of a figure that is no single number. All values are JSON's.
    """

    metric: str
    value: Any
    why: str
    n: int
    parts: Mapping[str, Any] = field(default_factory=dict)
    before: Any = None
    before_why: str = ""
    before_n: int = 0
    before_parts: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as they are kept."""
        return {name: plain(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class FigureWeek:
    """What was published of one person: the 13 weeks that end on `through`, and for whom the person was told it is."""

    member: str
    through: date
    figures: Sequence[Figure]
    audience: Audience = "on"

    @property
    def starts(self) -> date:
        """The first day that the figures are of."""
        return period_of(self.through).start


def period_of(through: date) -> Period:
    """The 13 weeks that end with the day."""
    return Period(through + ONE_DAY - timedelta(weeks=WEEKS), through + ONE_DAY)


def figures_of(weeks: Iterable[FigureWeek], member: str, sight: Sight) -> FigureWeek | None:
    """The newest week of a person that this viewer may read now; None where there is none for them."""
    own = [w for w in weeks if w.member == member and sight.holds(member, w.through, w.audience)]
    return max(own, key=lambda week: week.through, default=None)


@dataclass(frozen=True, slots=True)
class TeamFigure:
    """A count over the people somebody leads, and the same 13 weeks earlier; Unknown where they are too few."""

    title: str
    says: str
    value: Any
    before: Any
    people: int


@dataclass(frozen=True, slots=True)
class Together:
    """The counts of one week of everybody somebody leads."""

    through: date
    figures: Sequence[TeamFigure]


def together_of(
    weeks: Iterable[FigureWeek], counts: Mapping[str, Metric], sight: Sight, *, least: int
) -> Together | None:
    """Counts added up over the people whom the viewer leads; None where there is no such week.

    Only of a week that is released of everybody: with all but one of the values in hand, a total would tell the last
    one before its time.

    Args:
        weeks: published weeks of these people.
        counts: the metrics that can be added up, by id.
        sight: the viewer's.
        least: the smallest number of people to speak of.
    """
    own = [week for week in weeks if week.member in sight.led]
    ends = [sight.until.get(member) for member in {week.member for week in own}]
    last = [day for day in ends if day is not None]
    if sight.figures != "on" or not last or len(last) < len(ends):
        return None
    through = min(last)
    shown = [w for w in own if w.through == through and sight.holds(w.member, through, w.audience)]
    figures = []
    for metric in counts.values():
        told = [
            f for w in shown for f in w.figures if f.metric == metric.id and f.value is not None
        ]
        now = with_minimum(
            [Group("team", sum(f.value for f in told), len(told))], None, least=least
        )
        before = sum(f.before or 0 for f in told)
        figures.append(
            TeamFigure(metric.title, metric.says, now.groups[0].value, before, len(told))
        )
    return Together(through, [one for one in figures if one.people])


def asked_of_people(catalogue: Iterable[Metric], *, time: bool) -> list[Metric]:
    """The metrics that say how a colleague works, outcomes first, counts of activity last."""
    found = [
        metric
        for metric in catalogue
        if metric.about == "person"
        and "csm" in metric.cuts
        and (time or "time_totals" not in metric.needs)
    ]
    return sorted(found, key=_order)


def _order(metric: Metric) -> tuple[int, str]:
    needs = " ".join(metric.needs)
    place = next((i for i, table in enumerate(SHOWN_FIRST) if table in needs), len(SHOWN_FIRST))
    return place, metric.id


def figure(metric: Metric, member: str, now: Answer, before: Answer) -> Figure | None:
    """A person's figure from two answers by CSM; None where neither period has anything of them."""
    if not any(cut.key == member for answer in (now, before) for cut in answer.cuts):
        return None
    value, why, n, parts = _told(metric, member, now)
    earlier, earlier_why, earlier_n, earlier_parts = _told(metric, member, before)
    return Figure(metric.id, value, why, n, parts, earlier, earlier_why, earlier_n, earlier_parts)


def _told(metric: Metric, member: str, answer: Answer) -> tuple[Any, str, int, dict[str, Any]]:
    """Value, reason, n and parts. Who is not named in a count that has a value made none; else it is unknown."""
    cut = next((cut for cut in answer.cuts if cut.key == member), None)
    if cut is None:
        is_none = metric.unit == "count" and bool(answer.cuts)
        return (0, "", 0, {}) if is_none else (None, answer.unknown or "no_data", 0, {})
    parts = {} if cut.value is not None or cut.reason else _flat(cut.components)
    return plain(cut.value), cut.reason or "", cut.n, parts


def _flat(components: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """`{"shares": {"internal": 0.2}}` as `{"shares.internal": 0.2}`, as JSON has it."""
    found: dict[str, Any] = {}
    for name, value in components.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = plain(value)
    return found
