"""The two panels of a workspace: accounts on landmarks, and renewals some days before they were due.

Every number is read as it was known on its day. That takes an engine per day, so what was read once is kept for the next
question on the same snapshot. Renewals are due on any day, so their numbers are read on a grid of every fourth Sunday, the
last one on or before the day asked for: never later, at most 27 days earlier. Decision: renewals-read-every-fourth-sunday.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal

from tenure.kernel.days import add_months
from tenure.kernel.errors import UnknownName, UserError
from tenure.metrics.declaration import Metric
from tenure.metrics.history.made import has_history
from tenure.metrics.questions import Day, day_of
from tenure.signals.exits import ChurnFrom
from tenure.signals.ledger import Ledger
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
) -> PanelRows:
    """One row per live account and landmark; see `Workspace.panel`."""
    from tenure.signals.exits import labelled, landmarks

    span = door.data_span()
    days: tuple[date, ...] = ()
    if span.first is not None and last is not None:
        days = landmarks(span.first, last, horizon_days)[-MOST_LANDMARKS:]
    if last is None or not days:
        raise UserError(
            f"The facts reach over less than {horizon_days} days, so nobody can know who left afterwards.",
            remedy="Import a longer history, or name a shorter horizon.",
            code="panel.short",
        )
    told = told_then(door, wanted, days, tell)
    rows = labelled(
        door.computed().reading,
        days,
        told.values(),
        as_of=last,
        horizon_days=horizon_days,
        churn_from=churn_from,
    )
    if not rows:
        raise _unknown_then(days)
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
    days = sorted({on_grid(row["as_of"]) for row in made})
    told = told_then(door, wanted, days, tell)
    rows, dark = [], 0
    for row in made:
        read_on = on_grid(row["as_of"])
        known = told.get((read_on, row["account"]))
        if known is None:
            dark += 1
            continue
        numbers = {n: v for n, v in known.items() if n not in ("as_of", "account_id")}
        rows.append({**row, "read_on": read_on, **numbers})
    if dark and not rows:
        raise _unknown_then(days)
    left_out = {**made.ledger.excluded, **({"unknown_then": dark} if dark else {})}
    return PanelRows(rows, Ledger(made.ledger.came, len(rows), left_out))


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


def _unknown_then(days: Sequence[date]) -> UserError:
    return UserError(
        f"Of no account anything was known on any of {len(days)} days from {days[0]} to {days[-1]}: "
        "the facts were loaded later.",
        remedy="If the dates in a source's history can be trusted, write `backfill_trusted = true` under "
        "`[sources.NAME]` in `tenure.toml`.",
        code="panel.unknown_then",
    )
