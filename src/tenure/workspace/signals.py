"""What the numbers mean, behind the notebook's door: panels, thresholds learned from this workspace, coverage and renewal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from tenure.kernel.errors import UnknownName, UserError
from tenure.metrics.declaration import Metric
from tenure.metrics.questions import Day, day_of
from tenure.signals.ledger import Ledger
from tenure.signals.question import Question, question
from tenure.workspace.history import Door
from tenure.workspace.panels import (
    PanelRows,
    Progress,
    anchor_of,
    calendar_panel,
    churn_from_of,
    declared,
    outcomes_until,
    renewals_panel,
)

if TYPE_CHECKING:
    from tenure.insights.coverage_result import CoverageDelta
    from tenure.signals import Config, Learning
    from tenure.workspace.thresholds import Thresholds

BETTER = {"up": "higher", "down": "lower"}
UNITS = {"ratio": "share", "days": "days"}


class WithSignals:
    """The part of a workspace that says what its numbers mean."""

    __slots__ = ()

    def panel(
        self: Door,
        metrics: Iterable[str] | None = None,
        *,
        as_of: Day = None,
        horizon_days: int = 90,
        anchor: str = "calendar",
        lead_days: int = 90,
        churn_from: str = "contracts",
        asked: str = "renew",
        on_progress: Progress | None = None,
    ) -> PanelRows:
        """One row per live account and landmark, or per account and renewal: its numbers as known then, and what came.

        Args:
            metrics: ids of metrics with a number per account; by default all of question renew, grow or advocate.
            as_of: the day up to which outcomes are complete; a week before the last facts by default.
            horizon_days: calendar anchor: how far ahead the label looks, and how far apart the landmarks are.
            anchor: `calendar` for who left within the horizon, `renewal` for what was lost (`churned`) or shrank by a tenth
                (`downsold`) at a renewal of the last 36 months; see `tenure.signals.renewal_panel`.
            lead_days: renewal anchor: how long before the due day a renewal is looked at: 30, 60, 90, 120 or 180.
            churn_from: calendar anchor: `contracts`, or `statements` where the source's own words say who left.
            asked: what became of them: `renew` (`churned`), `grow` (`expanded`: ARR in force rose, ramp steps aside) or
                `advocate` (`advocated`: the first act for us, by what they did); the last two with the calendar anchor.
            on_progress: called with a step and the share done.

        Returns:
            A list of rows; its `ledger` says which renewals were left out and why.

        Raises:
            UserError: the facts reach over less than the horizon, no contract came up, or nothing was known then.
        """
        last, wanted = outcomes_until(self, as_of), declared(self, metrics)
        tell = on_progress or _silent
        _fits(question(asked), anchor_of(anchor), churn_from_of(churn_from))
        if anchor == "renewal":
            return renewals_panel(self, wanted, last, lead_days, tell)
        left_by = churn_from_of(churn_from)
        return calendar_panel(self, wanted, last, horizon_days, tell, left_by, asked)

    def learn_thresholds(
        self: Door,
        metrics: Iterable[str] | None = None,
        *,
        as_of: Day = None,
        anchor: str = "calendar",
        lead_days: int = 90,
        label: str = "",
        churn_from: str = "contracts",
        asked: str = "renew",
        segment: str = "",
        config: Config | None = None,
        stream: int = 0,
        on_progress: Progress | None = None,
    ) -> Learning:
        """Lines that tell who left (or grew) from who did not, or why there is none; see `signals.learn_thresholds`.

        Args:
            metrics: as for `panel`.
            as_of: as for `panel`.
            anchor: as for `panel`; with `renewal` the window of the label is the lead.
            lead_days: as for `panel`.
            label: `churned` by default, or `downsold` with the renewal anchor; what `asked` says for the others.
            churn_from: as for `panel`.
            asked: as for `panel`.
            segment: learn from the accounts of this segment only; all by default.
            config: the constants; its `horizon_days` is the window of the label.
            stream: number of the random draws.
            on_progress: as for `panel`.
        """
        from tenure.signals import Config as Constants

        named, constants = None if metrics is None else list(metrics), config or Constants()
        by_renewal = anchor_of(anchor) == "renewal"
        label = _label(label, question(asked), by_renewal=by_renewal)
        if by_renewal:
            constants = replace(constants, horizon_days=lead_days)
        rows = WithSignals.panel(
            self,
            named,
            as_of=as_of,
            horizon_days=constants.horizon_days,
            anchor=anchor,
            lead_days=lead_days,
            churn_from=churn_from,
            asked=asked,
            on_progress=on_progress,
        )
        if segment:
            rows = within(rows, segment)
        known = roles(declared(self, named), rows)
        found = learned(rows, known, constants, stream, label=label, asked=asked)
        last = outcomes_until(self, as_of)
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

    def churns_stated(self: Door) -> int:
        """How many accounts the source's own words say have left: what `churn_from="statements"` learns from."""
        from tenure.signals.exits import stated_exits

        last = outcomes_until(self, None)
        return 0 if last is None else len(stated_exits(self.computed().reading, last))

    def coverage_delta(self: Door, as_of: Day = None) -> CoverageDelta:
        """How much more often accounts touched as planned renewed: raw, among alike accounts, and in money."""
        from tenure.insights.renewals import coverage_before_renewal

        last = day_of(as_of) or self.data_span().last or self.defaults.today
        return coverage_before_renewal(self.computed().reading, as_of=last)


def _fits(about: Question, anchor: str, churn_from: str) -> None:
    """Nothing, where the question can be asked in this way.

    Raises:
        UserError: growth and advocacy have no renewal at which they are due, and no statement of churn tells of them.
    """
    if not about.good or (anchor == "calendar" and churn_from == "contracts"):
        return
    given = f"the anchor `{anchor}`" if anchor != "calendar" else f"churn from `{churn_from}`"
    raise UserError(
        f"`{about.asked}` asks who {about.verb} after a day, and {given} speaks of who left.",
        remedy="Leave it out: growth and advocacy are learned with the calendar anchor.",
        code="panel.asked",
    )


def _label(label: str, about: Question, *, by_renewal: bool) -> str:
    """The panel's column that holds the outcome; the question's own where none is named."""
    labels = (about.label, *(("downsold",) if by_renewal else ()))
    if label and label not in labels:
        raise UnknownName("label", label, labels)
    return label or about.label


def within(rows: PanelRows, segment: str) -> PanelRows:
    """The rows of one segment; the others are in the ledger as `other_segment`.

    Raises:
        UnknownName: no row is of this segment.
    """
    own = [row for row in rows if row["segment"] == segment]
    if not own:
        raise UnknownName("segment", segment, sorted({r["segment"] for r in rows if r["segment"]}))
    others = {"other_segment": len(rows) - len(own)} if len(own) < len(rows) else {}
    out = {**rows.ledger.excluded, **others}
    return PanelRows(own, Ledger(rows.ledger.came, len(own), out))


def roles(wanted: Iterable[Metric], rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The metrics of which any number is known, with what the learner is told of each."""
    known = {name for row in rows for name, value in row.items() if _is_number(value)}
    return {
        metric.id: {"better": BETTER.get(metric.better), "unit": UNITS.get(metric.unit, "")}
        for metric in wanted
        if metric.id in known
    }


def learned(
    rows: PanelRows,
    metrics: Mapping[str, Any],
    config: Config,
    stream: int,
    *,
    label: str = "churned",
    asked: str = "renew",
) -> Learning:
    """The learner over either panel; what was left out before the rows were made is in the ledger too."""
    from tenure.signals import learn_thresholds

    by_renewal = bool(rows) and "stratum" in rows[0]
    # A renewal panel has left out whoever had not begun, was in notice, or left by another way.
    own: dict[str, str] = (
        {"stratum": "stratum"}
        if by_renewal
        else {"started": "started", "notice": "notice", "exit_kind": "exit_kind"}
    )
    found = learn_thresholds(
        rows,
        label=label,
        metrics=metrics,
        account="account",
        as_of="as_of",
        segment="segment",
        arr="arr",
        config=config,
        stream=stream,
        asked=asked,
        **own,
    )
    before, after = rows.ledger, found.ledger
    ledger = Ledger(
        before.came,
        after.kept,
        dict(sorted((Counter(before.excluded) + Counter(after.excluded)).items())),
    )
    return replace(found, ledger=ledger)


def _silent(step: str, share: float) -> None:
    del step, share


def _is_number(value: Any) -> bool:
    return value is not None and not isinstance(value, bool | str | date)
