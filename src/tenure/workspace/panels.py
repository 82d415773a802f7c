"""The two panels of a workspace: accounts on landmarks, and renewals some days before they were due.

Every number is read as it was known on its day. That takes an engine per day, so what was read once is kept for the next
question on the same snapshot. Renewals are due on any day, so their numbers are read on a grid of every fourth Sunday, the
last one on or before the day asked for: never later, at most 27 days earlier. Decision: renewals-read-every-fourth-sunday.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal

from tenure.facts.sql import ident
from tenure.facts.table import table
from tenure.kernel.days import add_months
from tenure.kernel.errors import UnknownName, UserError
from tenure.metrics.declaration import Metric
from tenure.metrics.history.made import has_history
from tenure.metrics.questions import Day, day_of
from tenure.signals.exits import ChurnFrom
from tenure.signals.ledger import Ledger
from tenure.signals.question import question
from tenure.workspace.history import Door
from tenure.workspace.keeping import live

Anchor = Literal["calendar", "renewal"]
ANCHORS = ("calendar", "renewal")
CHURN_FROM = ("contracts", "statements")
Progress = Callable[[str, float], None]
Told = Mapping[tuple[date, str], Mapping[str, Any]]

SETTLED_DAYS = 7
"""Outcomes count as complete up to so many days before the last day of the facts."""
MOST_LANDMARKS = 16
"""Older landmarks say how another company lost its customers."""
MONTHS = 36
"""So far back renewals are read, as coverage before renewal is."""
GRID_DAYS, GRID_FROM = 28, date(2000, 1, 2)
"""A fixed grid of Sundays: facts that come later move no reading."""
FLOWS = (
    "activities", "usage_daily", "tickets", "feedback", "survey_responses", "health_scores", "advocacy_events",
)  # fmt: skip
"""Tables of what customers and teams do. Before the first of them begins a book holds only those who stayed."""
MOST_KEPT = 100
"""Days read that are kept in memory."""


class PanelRows(list[dict[str, Any]]):
    """The rows of a panel, one dict each, with the ledger of those left out before (`panel()` of a table has its own)."""

    def __init__(self, rows: Iterable[dict[str, Any]], ledger: Ledger) -> None:
        """Rows and ledger; the ledger's `kept` is the number of rows."""
        super().__init__(rows)
        self.ledger = ledger


def declared(door: Door, metrics: Iterable[str] | None) -> list[Metric]:
    """The metrics named, or all of question renew, grow or advocate that have a number per account.

    Not context: that accounts leave when their contract is due is no sign of anything.
    """
    if metrics is not None:
        return [door.catalogue.find(name)[0] for name in metrics]
    return [
        m
        for m in door.catalogue
        if has_history(m) and m.question in ("renew", "grow", "advocate") and m.timing != "context"
    ]


def outcomes_until(door: Door, as_of: Day) -> date | None:
    """The day up to which outcomes are complete: the one named, or a week before the last facts."""
    last = door.data_span().last
    return day_of(as_of) or (last and last - timedelta(days=SETTLED_DAYS))


def anchor_of(word: str) -> Anchor:
    """The anchor, checked.

    Raises:
        UnknownName: it is neither `calendar` nor `renewal`.
    """
    if word not in ANCHORS:
        raise UnknownName("anchor", word, ANCHORS)
    return "renewal" if word == "renewal" else "calendar"


def churn_from_of(word: str) -> ChurnFrom:
    """Where churn is read from, checked.

    Raises:
        UnknownName: it is neither `contracts` nor `statements`.
    """
    if word not in CHURN_FROM:
        raise UnknownName("place to read churn from", word, CHURN_FROM)
    return "statements" if word == "statements" else "contracts"


def calendar_panel(
    door: Door,
    wanted: Sequence[Metric],
    last: date | None,
    horizon_days: int,
    tell: Progress,
    churn_from: ChurnFrom = "contracts",
    asked: str = "renew",
) -> PanelRows:
    """One row per live account and landmark; see `Workspace.panel`."""
    from tenure.signals.exits import labelled, landmarks
    from tenure.signals.good_news import labelled_good

    about, span = question(asked), door.data_span()
    days: tuple[date, ...] = ()
    if span.first is not None and last is not None:
        begins = [_history_begins(door, wanted), _acts_begin(door) if asked == "advocate" else None]
        first = max([span.first, *(day for day in begins if day is not None)])
        days = landmarks(first, last, horizon_days)[-MOST_LANDMARKS:]
    if last is None or not days:
        who = "left" if asked == "renew" else about.verb
        raise UserError(
            f"The facts reach over less than {horizon_days} days, so nobody can know who {who} afterwards.",
            remedy="Import a longer history, or name a shorter horizon.",
            code="panel.short",
        )
    told = told_then(door, wanted, days, tell)
    if about.good:
        good, out = labelled_good(
            door.computed().reading,
            days,
            told.values(),
            about,
            as_of=last,
            horizon_days=horizon_days,
        )
        if not good:
            raise _unknown_then(door, days)
        return PanelRows(
            good, Ledger(len(good) + out.total(), len(good), dict(sorted(out.items())))
        )
    rows = labelled(
        door.computed().reading,
        days,
        told.values(),
        as_of=last,
        horizon_days=horizon_days,
        churn_from=churn_from,
    )
    if not rows:
        raise _unknown_then(door, days)
    return PanelRows(rows, Ledger(len(rows), len(rows), {}))


def renewals_panel(
    door: Door, wanted: Sequence[Metric], last: date | None, lead_days: int, tell: Progress
) -> PanelRows:
    """One row per account and renewal of the last 36 months, at due day less the lead; see `Workspace.panel`."""
    from tenure.signals.anchored import renewal_panel
    from tenure.signals.renewal_facts import past_renewals

    found = [] if last is None else past_renewals(door.computed().reading, last)
    recent = [row for row in found if last and row["due"] > add_months(last, -MONTHS)]
    if last is None or not recent:
        raise UserError(
            f"No contract came up for renewal in the {MONTHS} months up to {last or 'today'}.",
            remedy="Load contracts with their end dates, or use the calendar anchor.",
            code="panel.no_renewals",
        )
    made = renewal_panel(recent, lead_days=lead_days)
    begins = _history_begins(door, wanted) or date.min
    too_early = sum(1 for row in made if row["as_of"] < begins)
    seen = [row for row in made if row["as_of"] >= begins]
    if not seen:
        raise UserError(
            f"Of {len(made)} renewals none was looked at after {begins}, when what accounts do begins to be known.",
            remedy="Import a longer history of activities or usage, or name a shorter lead.",
            code="panel.short",
        )
    days = sorted({on_grid(row["as_of"]) for row in seen})
    told = told_then(door, wanted, days, tell)
    rows, dark = [], 0
    for row in seen:
        read_on = on_grid(row["as_of"])
        known = told.get((read_on, row["account"]))
        if known is None:
            dark += 1
            continue
        numbers = {n: v for n, v in known.items() if n not in ("as_of", "account_id")}
        rows.append({**row, "read_on": read_on, **numbers})
    if dark and not rows:
        raise _unknown_then(door, days)
    more = {"before_the_history": too_early, "unknown_then": dark}
    left_out = {**made.ledger.excluded, **{why: count for why, count in more.items() if count}}
    return PanelRows(rows, Ledger(made.ledger.came, len(rows), left_out))


def _history_begins(door: Door, wanted: Sequence[Metric]) -> date | None:
    """The day from which what the metrics rest on is known: the earliest of their flows, a stray first hundredth aside.

    None where they rest on no flow. Decision: a-panel-begins-with-its-history.
    """
    facts = door.facts()
    needed = {name for metric in wanted for need in metric.needs for name in need.split(" or ")}
    firsts = []
    for name in sorted(needed & set(FLOWS) & set(facts.tables())):
        happened = ident(table(name).happened)
        (found,) = facts.query(
            f"select quantile_disc({happened}, 0.01)::date from {ident(name)}"  # noqa: S608 - declared names
        )
        firsts += [found[0]] if found[0] is not None else []
    return min(firsts, default=None)


def _acts_begin(door: Door) -> date:
    """The day of the first act of advocacy that was delivered: before it nobody kept book of them.

    Raises:
        UserError: none has been delivered.
    """
    rows = door.facts().rows("advocacy_events", ["event_date"]) if _delivered(door) else []
    first: date | None = min((day for (day,) in rows if day is not None), default=None)
    if first is None:
        raise UserError(
            "No advocacy events have been delivered, so nobody can know who became an advocate.",
            remedy="Import advocacy_events: references, case studies, reviews, advisory boards, referrals. "
            "What customers say in surveys does not stand in for them.",
            code="panel.no_acts",
        )
    return first


def _delivered(door: Door) -> bool:
    return "advocacy_events" in door.facts().tables()


def on_grid(day: date) -> date:
    """The last day of the grid on or before `day`."""
    return day - timedelta(days=(day - GRID_FROM).days % GRID_DAYS)


def told_then(
    door: Door, wanted: Sequence[Metric], days: Sequence[date], tell: Progress = lambda *_: None
) -> Told:
    """Each account's numbers on each day as known on that day, by day and account."""
    # A declaration that changed is another object; it is kept with its rows, so that its id names nothing else.
    names = tuple(id(metric) for metric in wanted)
    found: dict[tuple[date, str], Mapping[str, Any]] = {}
    for place, day in enumerate(days):
        tell(f"reading {day} as known then", place / len(days))
        key = (door.snapshot.number, day, names)
        if key not in door._told:
            with door._known_once(day) as computed:
                frame = live(wanted, (day,), computed, door.defaults, None)
            keep = {"as_of", "account_id", *_columns(wanted, frame.columns)} & set(frame.columns)
            rows = [{name: row[name] for name in keep} for row in frame]
            door._told[key] = (tuple(wanted), rows)
            while len(door._told) > MOST_KEPT:
                door._told.pop(next(iter(door._told)))
        for row in door._told[key][1]:
            found[row["as_of"], row["account_id"]] = row
    return found


def _columns(wanted: Sequence[Metric], columns: Iterable[str]) -> set[str]:
    """A metric's own column. Components would be numbers of no declaration."""
    return {metric.id for metric in wanted} & set(columns)


def _unknown_then(door: Door, days: Sequence[date]) -> UserError:
    from tenure.workspace.sources import how_to_trust

    return UserError(
        f"Of no account anything was known on any of {len(days)} days from {days[0]} to {days[-1]}: "
        "the facts were loaded later.",
        remedy=how_to_trust(door),
        code="panel.unknown_then",
    )
