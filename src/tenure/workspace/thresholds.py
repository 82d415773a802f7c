"""The lines in use behind the notebook's door: `ws.thresholds`. The machine proposes, a person decides.

What is proposed, decided and reviewed stands in the lake's journal of decisions, to which lines are only ever added.
Does not promise that a flag helps: a line says who left more often, not why.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tenure.kernel.errors import UnknownName, UserError
from tenure.lake import journal
from tenure.lake.journal import Entry
from tenure.metrics.declaration import Metric
from tenure.metrics.history.made import has_history
from tenure.metrics.questions import Day, day_of
from tenure.signals.accepting import may_stand_for, said_by, to_accept, to_set
from tenure.signals.in_use import (
    RISK,
    For,
    InUse,
    Stage,
    in_segment,
    segments_of,
    stages,
    told_for,
)
from tenure.signals.lines import Line, line_from
from tenure.signals.question import QUESTIONS, Asked, question
from tenure.workspace.history import Door

if TYPE_CHECKING:
    from tenure.signals import Config, Learning
    from tenure.signals.review import Reviewed

LEARNED = "learned"


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything on one metric's line: what is in use, what was learned last, every entry on it, and its flags.

    `proposal` is the newest result of learning with the turn and day of its entry, None if it was never learned.
    `asked` is the question the line is for, `segment` the one it holds in (empty: all).
    """

    metric: str
    title: str
    in_use: InUse | None
    proposal: Mapping[str, Any] | None
    entries: tuple[Entry, ...]
    flags: Mapping[str, Any]
    asked: str = "renew"
    segment: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in use, was learned or was decided."""
        return self.in_use is None and self.proposal is None and not self.entries

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "metric": self.metric,
            "title": self.title,
            "asked": self.asked,
            "segment": self.segment,
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

        `how`: its `anchor`, `lead_days`, `label`, `churn_from`, `asked`, `segment` and `on_progress`.
        """
        from tenure.workspace.signals import WithSignals

        found = WithSignals.learn_thresholds(
            self.door, metrics, as_of=as_of, config=config, stream=stream, **how
        )
        of = For(how.get("asked", "renew"), how.get("segment", ""))
        results = {r.metric.name: r.to_dict() for r in found}
        content = {"results": results, "tested": found.tested, **of.content}
        before = [e for e in self.entries() if e.kind == LEARNED and told_for(e.content) == of]
        if not before or dict(before[-1].content) != _through_json(content):
            journal.enter(self.door.lake, LEARNED, "", content=content)
        return found

    def in_use(self, as_of: Day = None, *, asked: str | None = None) -> list[InUse]:
        """Every line in use at the end of a day (today by default), in catalogue order, risks before good news.

        Args:
            as_of: today by default.
            asked: only lines for `renew` (risks), `grow` or `advocate`; all by default.
        """
        day = day_of(as_of) or self.door.defaults.today
        entries = self.entries(day)
        wanted = [one.asked for one in QUESTIONS.values() if asked in (None, one.asked)]
        if asked is not None:
            question(asked)  # says where it is none
        return [
            line
            for metric in self.door.catalogue
            if has_history(metric)
            for word in wanted
            for of in self.lines_of(metric, entries, word)
            if (line := self.stages(metric, entries, of)[-1].line) is not None
        ]

    def show(
        self, metric: str, as_of: Day = None, *, asked: str = "renew", segment: str = ""
    ) -> Shown:
        """Everything on one metric's line for a question, and for a segment where one is named."""
        from tenure.workspace.flags import told_of_flags

        declared, day = self._declared(metric), day_of(as_of) or self.door.defaults.today
        entries, of = self.entries(day), self._for(asked, segment)
        proposal = _learned(entries, declared.id, of)
        line = self.stages(declared, entries, of)[-1].line
        own = [e for e in entries if e.about == declared.id and told_for(e.content) == of]
        return Shown(
            declared.id,
            declared.title,
            line,
            None if proposal is None else self._proposed(declared.id, proposal),
            tuple(own),
            told_of_flags(self.door, declared.id, day, of.asked),
            of.asked,
            of.segment,
        )

    def accept(
        self,
        metric: str,
        *,
        by: str,
        why: str,
        proxy: bool = False,
        asked: str = "renew",
        segment: str = "",
    ) -> InUse:
        """Put in use what was last learned of a metric.

        Args:
            metric: id or short name.
            by: who decides.
            why: the reason, in their words.
            proxy: switch on a metric that only moves together with another.
            asked: the question it was learned for: `renew`, `grow` or `advocate`.
            segment: the segment it was learned in; flags of its accounts then go by this line and not by the general one.

        Raises:
            UserError: nothing was learned of it, or what was learned carries no alert.
        """
        said_by(by, why)
        declared, of = self._declared(metric), self._for(asked, segment)
        may_stand_for(declared.id, asked, is_opinion=_is_opinion(declared))
        entry = _learned(self.entries(), declared.id, of)
        if entry is None:
            raise UserError(
                f"Nothing has been learned of `{declared.id}` yet{_about(of)}.",
                remedy=f"Run `tenure thresholds learn{_options(of)}` first, or set a line by hand with "
                "`tenure thresholds set`.",
                code="threshold.unlearned",
            )
        content = to_accept(declared.id, entry.content["results"][declared.id], proxy=proxy)
        content |= {"proposal": entry.turn, **of.content}
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
        asked: str = "renew",
        segment: str = "",
    ) -> InUse:
        """Put a line in use that a person draws.

        Args:
            metric: id or short name.
            at_risk: beyond it a flag opens: `Line(20, "<")` or `"<20"`, in the metric's unit (a share from 0 to 1); of a
                question of good news the line beyond which an account is ready.
            healthy: beyond it an account is well (not ready); none by default.
            exit: beyond it a flag closes; at the at-risk line by default.
            by: who decides.
            why: the reason, in their words.
            asked: `renew` for a line of a risk, `grow` or `advocate` for one that says who is ready.
            segment: for accounts of this segment only, in place of the general line.

        Raises:
            UserError: the lines overlap.
        """
        said_by(by, why)
        declared, of = self._declared(metric), self._for(asked, segment)
        may_stand_for(declared.id, asked, is_opinion=_is_opinion(declared))
        first = _line(at_risk)
        assert first is not None  # noqa: S101 - a line that was given is read or refused
        content = to_set(declared.id, first, _line(healthy), _line(exit), asked) | of.content
        return self._decided("set", declared, by, why, self._with_lead(declared, content))

    def reject(
        self, metric: str, *, by: str, why: str, asked: str = "renew", segment: str = ""
    ) -> Entry:
        """Say no to what was last learned of a metric; the line in use stays."""
        said_by(by, why)
        declared, of = self._declared(metric), self._for(asked, segment)
        if _learned(self.entries(), declared.id, of) is None:
            raise UserError(
                f"Nothing has been learned of `{declared.id}` yet{_about(of)}, so there is nothing to reject.",
                remedy="To stop flags of the line in use, switch it off: `tenure thresholds off`.",
                code="threshold.unlearned",
            )
        return journal.enter(
            self.door.lake, "rejected", declared.id, by=by, why=why, content=of.content
        )

    def withdraw(
        self, metric: str, *, by: str, why: str, asked: str = "renew", segment: str = ""
    ) -> InUse | None:
        """Take back what was decided: the line that ships with the metric is in use again, if it has one.

        Of a segment: the general line holds for its accounts again.
        """
        return self._ended("withdrawn", metric, by, why, self._for(asked, segment))

    def off(
        self, metric: str, *, by: str, why: str, asked: str = "renew", segment: str = ""
    ) -> None:
        """No line in use: the metric raises no flags (of this question, in this segment) until somebody decides otherwise."""
        self._ended("off", metric, by, why, self._for(asked, segment))

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
        known = {(line.metric, line.version): line.review for line in lines}
        for one in found:
            told = _through_json(one.to_dict())
            if told != known[one.metric, one.version]:
                journal.enter(self.door.lake, "reviewed", one.metric, content=told)
        return found

    def entries(self, as_of: date | None = None) -> list[Entry]:
        """The journal up to the end of a day; all of it by default."""
        found = journal.entries(self.door.lake)
        return found if as_of is None else [e for e in found if self.day(e.entered_at) <= as_of]

    def stages(self, metric: Metric, entries: Iterable[Entry], of: For = RISK) -> list[Stage]:
        """What was in use of a metric one after the other, for a question and a segment."""
        return stages(metric, entries, self.day, of)

    def lines_of(self, metric: Metric, entries: Sequence[Entry], asked: Asked) -> list[For]:
        """What a metric can have lines for within a question: all accounts, then each segment with a line of its own."""
        segments = segments_of(metric, entries, asked)
        return [For(asked), *(For(asked, segment) for segment in segments)]

    def shown(self, metric: str, as_of: Day = None) -> list[Shown]:
        """`show` for every question and segment of which there is anything; the general line of a risk always."""
        declared, day = self._declared(metric), day_of(as_of) or self.door.defaults.today
        entries = self.entries(day)
        learned = {
            told_for(e.content)
            for e in entries
            if e.kind == LEARNED and declared.id in e.content["results"]
        }
        found = []
        for asked in QUESTIONS:
            of = question(asked).asked
            own = [one for one in learned if one.asked == of]
            for one in sorted(
                {*self.lines_of(declared, entries, of), *own}, key=lambda o: o.segment
            ):
                told = self.show(declared.id, day, asked=of, segment=one.segment)
                if one == RISK or not told.is_empty:
                    found.append(told)
        return found

    def _for(self, asked: str, segment: str) -> For:
        """The question and the segment, checked.

        Raises:
            UnknownName: no account is of this segment.
        """
        known = {row.get("segment") for row in self.door.computed().reading.accounts().values()}
        if segment and segment not in known:
            raise UnknownName("segment", segment, sorted(str(one) for one in known if one))
        return For(question(asked).asked, segment)

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
        of = told_for(content)
        return content | {"alert_lead": alert_lead(self.door, metric, at_risk, of)}

    def _decided(
        self, kind: str, metric: Metric, by: str, why: str, content: Mapping[str, Any]
    ) -> InUse:
        journal.enter(self.door.lake, kind, metric.id, by=by, why=why, content=content)
        line = self.stages(metric, self.entries(), told_for(content))[-1].line
        assert line is not None  # noqa: S101 - a decision that draws lines puts one in use
        return line

    def _ended(self, kind: str, metric: str, by: str, why: str, of: For) -> InUse | None:
        said_by(by, why)
        declared = self._declared(metric)
        journal.enter(self.door.lake, kind, declared.id, by=by, why=why, content=of.content)
        entries = self.entries()
        own = self.stages(declared, entries, of)
        if not of.segment:
            return own[-1].line
        return in_segment(self.stages(declared, entries, For(of.asked)), own)[-1].line


def _learned(entries: Iterable[Entry], metric: str, of: For) -> Entry | None:
    """The newest entry of learning that holds the metric, for this question and segment."""
    found = None
    for entry in entries:
        is_of = entry.kind == LEARNED and told_for(entry.content) == of
        if is_of and metric in entry.content["results"]:
            found = entry
    return found


def _is_opinion(metric: Metric) -> bool:
    """Whether it is what customers say: of surveys, or read out of their words."""
    return metric.id in ("csat", "sentiment") or "survey_responses" in metric.needs


def _about(of: For) -> str:
    asked = "" if of.asked == "renew" else f" about {question(of.asked).noun}"
    return f"{asked}{f' in the segment `{of.segment}`' if of.segment else ''}"


def _options(of: For) -> str:
    asked = "" if of.asked == "renew" else f" --asked {of.asked}"
    return f"{asked}{f' --segment {of.segment}' if of.segment else ''}"


def _line(given: Line | str | None) -> Line | None:
    return line_from(given) if isinstance(given, str) else given


def _through_json(content: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(content))
