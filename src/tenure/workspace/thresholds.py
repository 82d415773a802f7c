"""The lines in use behind the notebook's door: `ws.thresholds`. The machine proposes, a person decides.

What is proposed, decided and reviewed stands in the lake's journal of decisions, to which lines are only ever added.
Does not promise that a flag helps: a line says who left more often, not why.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tenure.kernel.errors import UserError
from tenure.lake import journal
from tenure.lake.journal import Entry
from tenure.metrics.declaration import Metric
from tenure.metrics.history.made import has_history
from tenure.metrics.questions import Day, day_of
from tenure.signals.accepting import said_by, to_accept, to_set
from tenure.signals.in_use import InUse, Stage, stages
from tenure.signals.lines import Line, line_from
from tenure.workspace.history import Door

if TYPE_CHECKING:
    from tenure.signals import Config, Learning
    from tenure.signals.review import Reviewed

LEARNED = "learned"


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything on one metric's line: what is in use, what was learned last, every entry on it, and its flags.

    `proposal` is the newest result of learning with the turn and day of its entry, None if it was never learned.
    """

    metric: str
    title: str
    in_use: InUse | None
    proposal: Mapping[str, Any] | None
    entries: tuple[Entry, ...]
    flags: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "metric": self.metric,
            "title": self.title,
            "in_use": None if self.in_use is None else self.in_use.to_dict(),
            "proposal": None if self.proposal is None else dict(self.proposal),
            "entries": [
                {
                    "turn": e.turn, "kind": e.kind, "by_said": e.by_said, "why_said": e.why_said,
                    "entered_at": e.entered_at.isoformat(), "content": dict(e.content),
                }
                for e in self.entries
            ],
            "flags": dict(self.flags),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The lines of one workspace.

    Example:
        ws.thresholds.learn()
        ws.thresholds.accept("health_score", by="Jonas", why="held on the later quarters")
        ws.thresholds.in_use()
    """

    door: Door

    def learn(
        self,
        metrics: Iterable[str] | None = None,
        *,
        as_of: Day = None,
        config: Config | None = None,
        stream: int = 0,
        **how: Any,
    ) -> Learning:
        """As `Workspace.learn_thresholds`; what is found becomes a proposal in the journal, for somebody to decide on.

        `how`: its `anchor`, `lead_days`, `label`, `churn_from` and `on_progress`.
        """
        from tenure.workspace.signals import WithSignals

        found = WithSignals.learn_thresholds(
            self.door, metrics, as_of=as_of, config=config, stream=stream, **how
        )
        content = {"results": {r.metric.name: r.to_dict() for r in found}, "tested": found.tested}
        before = [e for e in self.entries() if e.kind == LEARNED]
        if not before or dict(before[-1].content) != _through_json(content):
            journal.enter(self.door.lake, LEARNED, "", content=content)
        return found

    def in_use(self, as_of: Day = None) -> list[InUse]:
        """The line in use of every metric that has one, at the end of a day (today by default), in catalogue order."""
        day = day_of(as_of) or self.door.defaults.today
        entries, found = self.entries(day), []
        for metric in self.door.catalogue:
            if has_history(metric):
                line = self.stages(metric, entries)[-1].line
                if line is not None:
                    found.append(line)
        return found

    def show(self, metric: str, as_of: Day = None) -> Shown:
        """Everything on one metric's line."""
        from tenure.workspace.flags import told_of_flags

        declared, day = self._declared(metric), day_of(as_of) or self.door.defaults.today
        entries = self.entries(day)
        proposal = next(
            (e for e in reversed(entries) if e.kind == LEARNED and declared.id in e.content["results"]),
            None,
        )  # fmt: skip
        return Shown(
            declared.id,
            declared.title,
            self.stages(declared, entries)[-1].line,
            None if proposal is None else self._proposed(declared.id, proposal),
            tuple(e for e in entries if e.about == declared.id),
            told_of_flags(self.door, declared.id, day),
        )

    def accept(self, metric: str, *, by: str, why: str, proxy: bool = False) -> InUse:
        """Put in use what was last learned of a metric.

        Args:
            metric: id or short name.
            by: who decides.
            why: the reason, in their words.
            proxy: switch on a metric that only moves together with another.

        Raises:
            UserError: nothing was learned of it, or what was learned carries no alert.
        """
        said_by(by, why)
        declared = self._declared(metric)
        entries = self.entries()
        for entry in reversed(entries):
            if entry.kind == LEARNED and declared.id in entry.content["results"]:
                break
        else:
            raise UserError(
                f"Nothing has been learned of `{declared.id}` yet.",
                remedy="Run `tenure thresholds learn` first, or set a line by hand with `tenure thresholds set`.",
                code="threshold.unlearned",
            )
        content = to_accept(declared.id, entry.content["results"][declared.id], proxy=proxy)
        content["proposal"] = entry.turn
        return self._decided("accepted", declared, by, why, self._with_lead(declared, content))

    def set(
        self,
        metric: str,
        *,
        at_risk: Line | str,
        healthy: Line | str | None = None,
        exit: Line | str | None = None,  # noqa: A002 - the word for where a flag closes
        by: str,
        why: str,
    ) -> InUse:
        """Put a line in use that a person draws.

        Args:
            metric: id or short name.
            at_risk: beyond it a flag opens: `Line(20, "<")` or `"<20"`, in the metric's unit (a share from 0 to 1).
            healthy: beyond it an account is well; none by default.
            exit: beyond it a flag closes; at the at-risk line by default.
            by: who decides.
            why: the reason, in their words.

        Raises:
            UserError: the lines overlap.
        """
        said_by(by, why)
        declared = self._declared(metric)
        first = _line(at_risk)
        assert first is not None  # noqa: S101 - a line that was given is read or refused
        content = to_set(declared.id, first, _line(healthy), _line(exit))
        return self._decided("set", declared, by, why, self._with_lead(declared, content))

    def reject(self, metric: str, *, by: str, why: str) -> Entry:
        """Say no to what was last learned of a metric; the line in use stays."""
        said_by(by, why)
        declared = self._declared(metric)
        if self.show(declared.id).proposal is None:
            raise UserError(
                f"Nothing has been learned of `{declared.id}` yet, so there is nothing to reject.",
                remedy="To stop flags of the line in use, switch it off: `tenure thresholds off`.",
                code="threshold.unlearned",
            )
        return journal.enter(self.door.lake, "rejected", declared.id, by=by, why=why)

    def withdraw(self, metric: str, *, by: str, why: str) -> InUse | None:
        """Take back what was decided: the line that ships with the metric is in use again, if it has one."""
        return self._ended("withdrawn", metric, by, why)

    def off(self, metric: str, *, by: str, why: str) -> None:
        """No line in use: the metric raises no flags until somebody decides otherwise."""
        self._ended("off", metric, by, why)

    def validate(self, metric: str | None = None, *, as_of: Day = None) -> list[Reviewed]:
        """The verdict on each line in use, of rows after it was learned; kept in the journal beside it.

        Args:
            metric: only this one; every line in use by default.
            as_of: the day up to which outcomes are complete; a week before the last facts by default.
        """
        from tenure.workspace.reviewing import reviews

        lines = self.in_use()
        if metric is not None:
            declared = self._declared(metric)
            lines = [line for line in lines if line.metric == declared.id]
            if not lines:
                raise UserError(
                    f"`{declared.id}` has no line in use, so there is nothing to review.",
                    remedy="Accept what was learned, or set a line by hand.",
                    code="threshold.none_in_use",
                )
        found = reviews(self.door, lines, as_of)
        known = {line.metric: line.review for line in lines}
        for one in found:
            told = _through_json(one.to_dict())
            if told != known[one.metric]:
                journal.enter(self.door.lake, "reviewed", one.metric, content=told)
        return found

    def entries(self, as_of: date | None = None) -> list[Entry]:
        """The journal up to the end of a day; all of it by default."""
        found = journal.entries(self.door.lake)
        return found if as_of is None else [e for e in found if self.day(e.entered_at) <= as_of]

    def stages(self, metric: Metric, entries: Iterable[Entry]) -> list[Stage]:
        """What was in use of a metric one after the other."""
        return stages(metric, entries, self.day)

    def day(self, moment: datetime) -> date:
        """The civil day of an instant in the workspace's time zone."""
        return moment.astimezone(ZoneInfo(self.door.settings.time_zone)).date()

    def _declared(self, metric: str) -> Metric:
        declared, _ = self.door.catalogue.find(metric)
        if not has_history(declared):
            raise UserError(
                f"`{declared.id}` has no number per account, so no line of it can raise a flag.",
                remedy="Name a metric with a number per account, such as `health_score`.",
                code="threshold.metric",
            )
        return declared

    def _proposed(self, metric: str, entry: Entry) -> dict[str, Any]:
        told = dict(entry.content["results"][metric])
        return told | {"turn": entry.turn, "learned_on": str(self.day(entry.entered_at))}

    def _with_lead(self, metric: Metric, content: dict[str, Any]) -> dict[str, Any]:
        from tenure.workspace.reviewing import alert_lead

        at_risk = [Line(float(one["value"]), one["sign"]) for one in content["at_risk"]]
        return content | {"alert_lead": alert_lead(self.door, metric, at_risk)}

    def _decided(
        self, kind: str, metric: Metric, by: str, why: str, content: Mapping[str, Any]
    ) -> InUse:
        journal.enter(self.door.lake, kind, metric.id, by=by, why=why, content=content)
        line = self.stages(metric, self.entries())[-1].line
        assert line is not None  # noqa: S101 - a decision that draws lines puts one in use
        return line

    def _ended(self, kind: str, metric: str, by: str, why: str) -> InUse | None:
        said_by(by, why)
        declared = self._declared(metric)
        journal.enter(self.door.lake, kind, declared.id, by=by, why=why)
        return self.stages(declared, self.entries())[-1].line


def _line(given: Line | str | None) -> Line | None:
    return line_from(given) if isinstance(given, str) else given


def _through_json(content: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(content))
