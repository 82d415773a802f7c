"""What the numbers mean, behind the notebook's door: thresholds learned from this workspace, coverage and renewal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tenure.kernel.errors import UserError
from tenure.metrics.declaration import Metric
from tenure.metrics.history.made import has_history
from tenure.metrics.questions import Day, day_of
from tenure.workspace.history import Door
from tenure.workspace.keeping import live_as_known

if TYPE_CHECKING:
    from tenure.insights.coverage_result import CoverageDelta
    from tenure.signals import Config, Learning
    from tenure.workspace.thresholds import Thresholds

SETTLED_DAYS = 7
"""Outcomes count as complete up to so many days before the last day of the facts."""
BETTER = {"up": "higher", "down": "lower"}
UNITS = {"ratio": "share", "days": "days"}
MOST_LANDMARKS = 16
"""Older landmarks say how another company lost its customers."""


class WithSignals:
    """The part of a workspace that says what its numbers mean."""

    __slots__ = ()

    def panel(
        self: Door,
        metrics: Iterable[str] | None = None,
        *,
        as_of: Day = None,
        horizon_days: int = 90,
    ) -> list[dict[str, Any]]:
        """One row per live account and landmark: its numbers as they were known then, and whether it then left.

        Args:
            metrics: ids of metrics with a number per account; by default all of question renew, grow or advocate.
            as_of: the day up to which outcomes are complete; a week before the last facts by default.
            horizon_days: how far ahead the label looks, and how far apart the landmarks are.

        Raises:
            UserError: the facts reach over less than the horizon.
        """
        from tenure.signals.exits import labelled, landmarks

        span = self.data_span()
        last = _complete_to(self, as_of)
        days: tuple[date, ...] = ()
        if span.first is not None and last is not None:
            days = landmarks(span.first, last, horizon_days)[-MOST_LANDMARKS:]
        if last is None or not days:
            raise UserError(
                f"The facts reach over less than {horizon_days} days, so nobody can know who left afterwards.",
                remedy="Import a longer history, or name a shorter horizon.",
                code="panel.short",
            )
        wanted = _declared(self, metrics)
        told = live_as_known(self.lake, wanted, days, self._known_once, self.defaults, None)
        names = {"as_of", "account_id", *(metric.id for metric in wanted)} & set(told.columns)
        values = ({name: row[name] for name in names} for row in told)
        reading = self.computed().reading
        rows = labelled(reading, days, values, as_of=last, horizon_days=horizon_days)
        if not rows:
            raise UserError(
                f"Of no account anything was known on any of {len(days)} days from {days[0]} to {days[-1]}: "
                "the facts were loaded later.",
                remedy="If the dates in a source's history can be trusted, write `backfill_trusted = true` under "
                "`[sources.NAME]` in `tenure.toml`.",
                code="panel.unknown_then",
            )
        return rows

    def learn_thresholds(
        self: Door,
        metrics: Iterable[str] | None = None,
        *,
        as_of: Day = None,
        config: Config | None = None,
        stream: int = 0,
    ) -> Learning:
        """Lines that tell who left from who stayed, or why there is none; see `tenure.signals.learn_thresholds`.

        Args:
            metrics: as for `panel`.
            as_of: as for `panel`.
            config: the constants; its `horizon_days` is the window of the label.
            stream: number of the random draws.
        """
        from tenure.signals import Config as Constants

        constants = config or Constants()
        rows = WithSignals.panel(self, metrics, as_of=as_of, horizon_days=constants.horizon_days)
        found = learned_from(rows, _declared(self, metrics), constants, stream)
        last = _complete_to(self, as_of)
        told = "" if last is None else str(last)
        results = (
            replace(r, evidence=replace(r.evidence, snapshot=self.snapshot.number, as_of=told))
            for r in found
        )
        return replace(found, results=tuple(results))

    @property
    def thresholds(self: Door) -> Thresholds:
        """The lines in use, what was learned, and what people decided on them."""
        from tenure.workspace.thresholds import Thresholds

        return Thresholds(self)

    def coverage_delta(self: Door, as_of: Day = None) -> CoverageDelta:
        """How much more often accounts touched as planned renewed: raw, among alike accounts, and in money."""
        from tenure.insights.renewals import coverage_before_renewal

        last = day_of(as_of) or self.data_span().last or self.defaults.today
        return coverage_before_renewal(self.computed().reading, as_of=last)


def learned_from(
    rows: list[dict[str, Any]], metrics: Iterable[Metric], config: Config, stream: int = 0
) -> Learning:
    """What a workspace's panel tells of those of the metrics that have a number in it."""
    from tenure.signals import learn_thresholds

    known = {name for row in rows for name, value in row.items() if _is_number(value)}
    roles = {
        metric.id: {"better": BETTER.get(metric.better), "unit": UNITS.get(metric.unit, "")}
        for metric in metrics
        if metric.id in known
    }
    return learn_thresholds(
        rows,
        label="churned",
        metrics=roles,
        account="account",
        as_of="as_of",
        segment="segment",
        arr="arr",
        started="started",
        notice="notice",
        exit_kind="exit_kind",
        config=config,
        stream=stream,
    )


def _complete_to(door: Door, as_of: Day) -> date | None:
    """The day up to which outcomes are complete; None: there are no facts."""
    last = door.data_span().last
    return day_of(as_of) or (last and last - timedelta(days=SETTLED_DAYS))


def _declared(door: Door, metrics: Iterable[str] | None) -> list[Metric]:
    if metrics is not None:
        return [door.catalogue.find(name)[0] for name in metrics]
    return [
        m for m in door.catalogue if has_history(m) and m.question in ("renew", "grow", "advocate")
    ]


def _is_number(value: Any) -> bool:
    return value is not None and not isinstance(value, bool | str | date)
