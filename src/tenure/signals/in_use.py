"""Which line of a metric is in use on a day: one shipped as a starting point, one set by hand, or one learned and accepted.

A metric has a line for each question it is asked (at risk below 20 %, expansion-ready above 50 %), and for a segment
its own in place of the general one. A starting point gives way only to a person's decision. Each decision is an entry
of the journal and is never changed; what was in use on an earlier day can be asked for ever after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from tenure.lake.journal import Entry
from tenure.metrics.declaration import Metric, Threshold, built_in
from tenure.signals.flags import Patience, Rule, fits
from tenure.signals.lines import Line
from tenure.signals.plainly import plainly
from tenure.signals.question import Asked, question
from tenure.signals.thresholds import metric as speech

Origin = Literal["preset", "set", "learned"]
DECIDING = ("accepted", "set", "withdrawn", "off")
"""Entries after which another line is in use, or none."""
UNITS = {"ratio": "share", "days": "days", "bool": "bool"}
READY: dict[str, tuple[str, ...]] = {
    "renew": (), "grow": ("expansion_ready", "pql"), "advocate": ("advocacy_ready",)
}  # fmt: skip
"""The zones of declared lines that speak of good news; no flag of a risk is raised by them."""
ALL_READY = {zone for zones in READY.values() for zone in zones}
OPPOSITE: dict[str, Any] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True, slots=True)
class For:
    """What a line is for: the question that is asked, and the segment it holds in, all of them where it is empty."""

    asked: Asked = "renew"
    segment: str = ""

    def __post_init__(self) -> None:
        """Raises UnknownName where it is no question."""
        question(self.asked)

    @property
    def content(self) -> dict[str, str]:
        """As it stands in an entry of the journal; nothing for the general line of a risk, as in older entries."""
        told = {"asked": "" if self.asked == "renew" else self.asked, "segment": self.segment}
        return {name: word for name, word in told.items() if word}

    def named(self, version: str) -> str:
        """A version's name, of which each metric has only one: `v1`, `grow v1`, `v1 for enterprise`."""
        asked = "" if self.asked == "renew" else f"{self.asked} "
        return f"{asked}{version}{f' for {self.segment}' if self.segment else ''}"


RISK = For()


def told_for(content: Mapping[str, Any]) -> For:
    """What an entry of the journal is for."""
    return For(content.get("asked") or "renew", str(content.get("segment") or ""))


@dataclass(frozen=True, slots=True)
class InUse:
    """A metric's line in use.

    `at_risk` holds one line, two for a healthy band; a flag closes beyond the line of `exits` at the same place. Of a
    question of good news it is the line beyond which an account is ready, and `zone` says so. `segment` is the one it
    holds in, empty: all. `healthy` is empty where no healthy line is known. `version` is `preset`, or `v1`, `v2` … by decision; `turn` that
    decision's place in the journal. `status` is the word it earned, `says` its sentence, `evidence` what was learned
    (empty for others), `review` the newest verdict on this version, `alert_lead` how early its alerts came before accounts
    left, or why that is not known.
    """

    metric: str
    origin: Origin
    version: str
    status: str
    says: str
    at_risk: tuple[Line, ...]
    exits: tuple[Line, ...]
    healthy: tuple[Line, ...] = ()
    patience: Patience = "2 of 3"
    unit: str = ""
    turn: int = 0
    since: date | None = None
    by_said: str = ""
    why_said: str = ""
    badge: str = ""
    badge_says: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    review: Mapping[str, Any] | None = None
    alert_lead: Mapping[str, Any] | None = None
    asked: Asked = "renew"
    segment: str = ""

    @property
    def zone(self) -> str:
        """What lies beyond the line: `at risk`, `expansion-ready`, `advocacy-ready`."""
        return question(self.asked).zones[0]

    @property
    def rule(self) -> Rule:
        """What flags are raised by."""
        (first, *more), (leave, *others) = self.at_risk, self.exits
        other = (more[0], others[0]) if more else None
        return Rule(self.metric, first, leave, self.patience, self.version, other)

    def words(self, lines: Sequence[Line]) -> str:
        """`below 20 %`, in the metric's unit."""
        if self.unit == "bool":
            return " or ".join("no" if line.below else "yes" for line in lines)
        spoken = speech.Metric(self.metric, self.unit)
        return " or ".join(spoken.line(line) for line in lines)

    def number(self, value: float) -> str:
        """A value in the metric's unit."""
        if self.unit == "bool":
            return "yes" if value else "no"
        return speech.Metric(self.metric, self.unit).number(value)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        told: dict[str, Any] = plainly(
            {name: getattr(self, name) for name in self.__dataclass_fields__}
        )
        return told | {
            "zone": self.zone,
            "at_risk_says": self.words(self.at_risk),
            "exit_says": self.words(self.exits),
            "healthy_says": self.words(self.healthy),
        }


@dataclass(frozen=True, slots=True)
class Stage:
    """From a day on this line is in use, None: none is; `turn` is the decision's, 0 for what is shipped.

    `is_off`: somebody switched it off, so that a segment has none, not even the general line.
    """

    day: date
    turn: int
    line: InUse | None
    is_off: bool = False


def shipped(metric: Metric, of: For = RISK) -> InUse | None:
    """The line that a metric's declaration draws: ours, a starting point, or one that the workspace's own file set.

    A line of a risk raises flags if it says where they close; one that says who is ready closes at the line unless it
    says so. None: it draws no such line.
    """
    lines = [line for line in metric.thresholds if line.segment == of.segment]
    if of.asked == "renew":
        lines = [line for line in lines if _flags(metric, line)]
    else:
        lines = [line for line in lines if line.zone in READY[of.asked] and not line.on]
    at_risk = next(iter(lines), None)
    if at_risk is None or isinstance(at_risk.value, tuple) or at_risk.op == "between":
        return None
    drawn = Line(at_risk.value, at_risk.op)
    leave = Line(drawn.value if at_risk.exit is None else at_risk.exit, OPPOSITE[drawn.sign])
    own = at_risk.kind == "own"
    return InUse(
        metric.id,
        "set" if own else "preset",
        of.named(f"own {at_risk.since}" if own and at_risk.since else "own" if own else "preset"),
        "set" if own else "preset",
        _told_of(at_risk),
        (drawn,),
        (leave,),
        _healthy(metric, drawn) if of.asked == "renew" else (),
        metric.patience,
        UNITS.get(metric.unit, ""),
        since=at_risk.since,
        asked=of.asked,
        segment=of.segment,
    )


def _told_of(line: Threshold) -> str:
    """Whose starting point it is; never to be taken for a finding."""
    if line.kind == "own":
        return f"Set in the workspace's own file: {line.origin}."
    if line.kind == "preset":
        return "Our own starting point, not from your data."
    return f"Industry starting point, not from your data ({line.origin.partition(':')[0]})."


def _flags(metric: Metric, line: Threshold) -> bool:
    """A line of the workspace's own stands in the zone of the line of ours that it replaces, or says at_risk."""
    if line.zone in ALL_READY:
        return False
    if line.exit is not None or line.kind != "own":
        return line.exit is not None
    ours = built_in().metrics.get(metric.id)
    zones = {one.zone for one in ours.thresholds if one.exit is not None} if ours else set()
    return line.zone in zones | {"at_risk"}


def _healthy(metric: Metric, at_risk: Line) -> tuple[Line, ...]:
    for line in metric.thresholds:
        if isinstance(line.value, tuple) or line.op == "between" or line.on or line.segment:
            continue
        drawn = Line(line.value, line.op)
        if drawn.below != at_risk.below:
            return (drawn,)
    return ()


def segments_of(metric: Metric, entries: Iterable[Entry], asked: Asked = "renew") -> list[str]:
    """The segments that have a line of their own, or had one: declared, or decided on."""
    declared = {
        line.segment for line in metric.thresholds if shipped(metric, For(asked, line.segment))
    }
    own = [e for e in entries if e.about == metric.id and e.kind in DECIDING]
    said = {told_for(e.content).segment for e in own if told_for(e.content).asked == asked}
    return sorted((declared | said) - {""})


def stages(
    metric: Metric,
    entries: Iterable[Entry],
    day_of: Callable[[datetime], date],
    of: For = RISK,
) -> list[Stage]:
    """What was in use one after the other, from the beginning.

    Args:
        metric: whose line.
        entries: the journal, or those of its entries that were made by some day.
        day_of: the civil day of an instant in the workspace's time zone.
        of: the question and the segment; the general line of a risk by default.
    """
    first = shipped(metric, of)
    found, number = [Stage(date.min, 0, first)], 0
    reviews: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        if entry.about != metric.id:
            continue
        if entry.kind == "reviewed":
            reviews[str(entry.content["version"])] = entry.content
        if entry.kind not in DECIDING or told_for(entry.content) != of:
            continue
        day = day_of(entry.entered_at)
        if entry.kind in ("withdrawn", "off"):
            line = first if entry.kind == "withdrawn" else None
        else:
            number += 1
            line = decided(metric, entry, of.named(f"v{number}"), day)
        found.append(Stage(day, entry.turn, line, is_off=entry.kind == "off"))
    return [replace(s, line=_reviewed(s.line, reviews)) for s in found]


def in_segment(general: Sequence[Stage], own: Sequence[Stage]) -> list[Stage]:
    """What was in use for the accounts of a segment: its own line, the general one where it has none.

    A segment that is switched off has no line. Both sequences are as `stages` gives them.
    """
    found = [replace(general[0], line=own[0].line or general[0].line)]
    at, mine = general[0], own[0]
    rest = [*((s, False) for s in general[1:]), *((s, True) for s in own[1:])]
    for stage, is_own in sorted(rest, key=lambda told: told[0].turn):
        at, mine = (at, stage) if is_own else (stage, mine)
        line = mine.line if mine.line is not None or mine.is_off else at.line
        found.append(Stage(stage.day, stage.turn, line, is_off=line is None))
    return found


def _reviewed(line: InUse | None, reviews: Mapping[str, Mapping[str, Any]]) -> InUse | None:
    if line is None or line.version not in reviews:
        return line
    return replace(line, review=reviews[line.version])


def decided(metric: Metric, entry: Entry, version: str, day: date) -> InUse:
    """The line of a decision."""
    content = entry.content
    learned = content.get("learned") or {}
    return InUse(
        metric.id,
        "learned" if entry.kind == "accepted" else "set",
        version,
        str(learned.get("status") or "set"),
        str(learned.get("sentence") or f"Set by {entry.by_said}: {entry.why_said}"),
        _lines(content["at_risk"]),
        _lines(content["exits"]),
        _lines(content["healthy"]),
        metric.patience,
        UNITS.get(metric.unit, ""),
        entry.turn,
        day,
        entry.by_said,
        entry.why_said,
        str(learned.get("badge") or ""),
        str(learned.get("badge_says") or ""),
        learned,
        alert_lead=content.get("alert_lead"),
        asked=told_for(content).asked,
        segment=told_for(content).segment,
    )


def drawn(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Lines as they stand in the journal."""
    return [line.to_dict() for line in lines]


def _lines(said: Iterable[Mapping[str, Any]]) -> tuple[Line, ...]:
    return tuple(Line(float(one["value"]), one["sign"]) for one in said)


def exits_of(at_risk: Sequence[Line], leave: Line | None) -> tuple[Line, ...]:
    """Where flags close: at the exit learned or given, if it fits; else where the line itself lies."""
    if len(at_risk) == 1 and leave is not None and fits(at_risk[0], leave):
        return (leave,)
    return tuple(line.opposite() for line in at_risk)
