"""Does a line in use still hold? The verdict on what has happened since it was learned, and its sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tenure.signals.in_use import InUse
from tenure.signals.plainly import plainly
from tenure.signals.question import Question, question
from tenure.signals.thresholds import sentences
from tenure.signals.verdict import FEWEST, FIRM, Counted, Learned0, Verdict, verdict

MOST_QUARTERS = 4
NAN = math.nan
HAPPENED = "happened"


@dataclass(frozen=True, slots=True)
class Suggested:
    """What the same learner finds today: the limits of the cut, and its line in words."""

    low: float
    high: float
    line: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The verdict on one line: on which landmarks (`first` to `last`, none if empty), in a word and a sentence.

    `alert_lead` is what `signals.alerts` measured of the line, or why nothing could be.
    """

    metric: str
    version: str
    verdict: Verdict
    says: str
    first: str = ""
    last: str = ""
    suggested: str = ""
    alert_lead: Mapping[str, Any] | None = None
    asked: str = "renew"
    segment: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        told: dict[str, Any] = plainly(
            {n: getattr(self, n) for n in self.__dataclass_fields__ if n != "verdict"}
        )
        return {**told, "word": self.verdict.word, "verdict": self.verdict.to_dict()}


def reviewed(
    line: InUse,
    rows: Iterable[Mapping[str, Any]],
    relearned: Callable[[], Suggested | None],
) -> Reviewed:
    """The verdict on a line.

    Args:
        line: the line in use.
        rows: a panel: `as_of`, the question's label (`churned`, `expanded`) and the metric; rows that were known when the line was learned are left out.
        relearned: what would be learned today; asked only where it can change the word.
    """
    since = line.evidence.get("evidence", {}).get("as_of") or ""
    later = [r for r in rows if r.get(line.metric) is not None and str(r["as_of"]) >= since]
    asked = question(line.asked)
    later = [{**r, HAPPENED: int(r[asked.label])} for r in later]
    landmarks, chosen = _quarters(later)
    promised = _promised(line.evidence)
    now = _counted(line, chosen)
    found, suggested = verdict(now, promised), None
    if found.word in ("holds", "recalibrate"):
        suggested = relearned()
    if suggested is not None and found.word == "holds":
        inside = suggested.low <= line.at_risk[0].value <= suggested.high
        found = verdict(now, promised, cut_in_use_inside_relearned=inside)
    return Reviewed(
        line.metric,
        line.version,
        found,
        _sentence(found, promised, suggested, since, asked),
        str(min(landmarks)) if landmarks else "",
        str(max(landmarks)) if landmarks else "",
        suggested.line if suggested else "",
        asked=line.asked,
        segment=line.segment,
    )


def _quarters(rows: Sequence[Mapping[str, Any]]) -> tuple[list[date], list[Mapping[str, Any]]]:
    """The newest landmark's rows, with up to three earlier ones until there are ten events."""
    days = sorted({row["as_of"] for row in rows}, reverse=True)
    taken: list[date] = []
    chosen: list[Mapping[str, Any]] = []
    for day in days[:MOST_QUARTERS]:
        if sum(int(row[HAPPENED]) for row in chosen) >= FIRM:
            break
        taken.append(day)
        chosen += [row for row in rows if row["as_of"] == day]
    return taken, chosen


def _counted(line: InUse, rows: Sequence[Mapping[str, Any]]) -> Counted:
    rule = line.rule
    flagged = [int(r[HAPPENED]) for r in rows if rule.is_beyond(float(r[line.metric]))]
    others = [int(r[HAPPENED]) for r in rows if not rule.is_beyond(float(r[line.metric]))]
    return Counted(sum(flagged), len(flagged), sum(others), len(others))


def _promised(learned: Mapping[str, Any]) -> Learned0:
    """What it promised; nothing where it was not learned, so that nothing can be held against it."""
    zones = {z["zone"]: z for z in (learned.get("zones") or {}).get("zones", ())}
    if not zones:
        return Learned0(NAN, NAN, NAN)
    at_risk = zones["at_risk"]
    others = [zones[name] for name in ("between", "healthy") if name in zones]
    return Learned0.of(
        Counted(
            at_risk["events"], at_risk["rows"],
            sum(z["events"] for z in others), sum(z["rows"] for z in others),
        )
    )  # fmt: skip


def _sentence(
    found: Verdict, promised: Learned0, suggested: Suggested | None, since: str, asked: Question
) -> str:
    now, percent = found.counted, sentences.percent
    did = asked.verb if asked.good else "left"
    beyond = (
        f"{percent(now.k1 / now.n1 if now.n1 else NAN)} of the {now.n1:,} flagged accounts {did}"
    )
    others = f"{percent(now.k0 / now.n0 if now.n0 else NAN)} of the {now.n0:,} others"
    if found.word == "not_enough_events":
        after = f" since it was learned ({since})" if since else ""
        more = FEWEST - now.events
        return (
            f"Cannot tell yet: {asked.events(now.events)} with this metric recorded{after}."
            f" {more} more {'is' if more == 1 else 'are'} needed."
        )
    if found.word == "recalibrate":
        told = (
            sentences.recalibrate(now.recall, promised.recall, suggested.line, asked)
            if suggested
            else ""
        )
        if told and not math.isnan(promised.recall) and now.recall < promised.recall:
            return told
        if suggested is None:
            return f"Still predicts, but it flags other accounts than when it was learned: {beyond}, {others}."
        return f"Still predicts ({beyond}, {others}), but the line lies elsewhere: your data now suggest {suggested.line}."
    if found.word == "decayed":
        return sentences.decayed(
            now.k1 / now.n1 if now.n1 else NAN, now.k0 / now.n0 if now.n0 else NAN, asked
        )
    if found.word == "holds":
        return f"Holds: {beyond}, {others}."
    return f"Undecided: {beyond}, {others}; {asked.events(now.events)} in all."
