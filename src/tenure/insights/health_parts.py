"""What the delivered score is made of, as its source gives the parts, and what became of the CSM's own calls."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tenure.insights.book import Line, zone_of

Row = Mapping[str, Any]
LATER_DAYS = 90
"""After so many days a call is laid beside the score again."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score. `points` are what it adds to the score, None where the source does not say how it weighs."""

    name: str
    value: float
    before: float | None
    points: float | None

    @property
    def width(self) -> float:
        """The length of its bar in hundredths of a full one: its points, or its own value from 0 to 100."""
        return round(min(max(self.value if self.points is None else self.points, 0.0), 100.0), 1)


@dataclass(frozen=True, slots=True)
class Made:
    """A delivered score on its day with its parts, the lowest first; `before_on` is the day compared with.

    `adds_up` says that the parts' points add up to the score.
    """

    score: float
    on: date
    before: float | None
    before_on: date | None
    parts: Sequence[Part]

    @property
    def adds_up(self) -> bool:
        """Whether the points are known."""
        return bool(self.parts) and all(part.points is not None for part in self.parts)


def made_of(rows: Iterable[Row], day: date, since: date) -> Made | None:
    """The newest delivered score by the day; None where nobody scored.

    Args:
        rows: of `health_scores`.
        day: the last day that counts.
        since: compared with the last score by this day.
    """
    dated = sorted((r for r in rows if r["score_date"] <= day), key=lambda r: r["score_date"])
    if not dated:
        return None
    now = dated[-1]
    earlier = [r for r in dated[:-1] if r["score_date"] <= since]
    before = earlier[-1] if earlier else None
    values = components(now["components"])
    old = components(before["components"]) if before else {}
    score = float(now["score"])
    # Parts that are their share of the score already, or whose plain mean it is, are its points; else nobody says.
    weight = _weight(list(values.values()), score)
    parts = [
        Part(name, value, old.get(name), None if weight is None else value * weight)
        for name, value in values.items()
    ]
    return Made(
        score=score,
        on=now["score_date"],
        before=float(before["score"]) if before else None,
        before_on=before["score_date"] if before else None,
        parts=sorted(parts, key=lambda part: (part.value, part.name)),
    )


def components(text: Any) -> dict[str, float]:
    """The parts of a score as its source wrote them; what is no number is left out."""
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return {}
    if not isinstance(found, Mapping):
        return {}
    return {
        str(name): float(value)
        for name, value in found.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9  # noqa: PLR2004 - no number of a score
    }


def _weight(values: Sequence[float], score: float) -> float | None:
    if not values:
        return None
    if abs(sum(values) - score) <= 1:
        return 1.0
    return 1 / len(values) if abs(sum(values) / len(values) - score) <= 1 else None


@dataclass(frozen=True, slots=True)
class Call:
    """A CSM's own call. `said` is the zone of the score at that time, `later` that of the score 90 days after.

    `later` is empty while those days are not over, or nobody scored then.
    """

    on: date
    by: str
    zone: str
    why: str
    score: float | None
    said: str
    later: str
    later_score: float | None

    @property
    def differs(self) -> bool:
        """Whether person and score disagreed."""
        return self.zone != self.said


@dataclass(frozen=True, slots=True)
class Record:
    """Calls newest first, and of those whose 90 days are over, how often each side was in the zone that came."""

    calls: Sequence[Call]
    settled: int
    by_person: int
    by_score: int


def record(calls: Iterable[Row], scores: Mapping[date, float], lines: Sequence[Line], day: date) -> Record:  # fmt: skip
    """The track record of both sides.

    Args:
        calls: `on`, `by`, `zone`, `why`, `score` (None where nobody had scored), newest first.
        scores: kept scores by day.
        lines: the lines of the score.
        day: the last day that counts.
    """
    made = []
    for row in calls:
        then = row["on"] + timedelta(days=LATER_DAYS)
        later = None
        if then <= day:
            kept = [on for on in scores if row["on"] < on <= then and (then - on).days <= 7]  # noqa: PLR2004 - the history is weekly
            later = scores[max(kept)] if kept else None
        made.append(
            Call(
                row["on"], row["by"], row["zone"], row["why"], row["score"], zone_of(row["score"], lines),
                "" if later is None else zone_of(later, lines), later,
            )
        )  # fmt: skip
    settled = [call for call in made if call.later and call.score is not None]
    return Record(
        made,
        len(settled),
        sum(call.zone == call.later for call in settled),
        sum(call.said == call.later for call in settled),
    )
