"""The weekly bars of an account's health, and the same in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenure.insights.account import Week
from tenure.insights.book import WORDS, Line, zone_of
from tenure.kernel.wording import counted
from tenure.reports.marks import bars

HEIGHT = 150.0
HIGHEST = 100.0


def trajectory(weeks: Sequence[Week], lines: Sequence[Line]) -> dict[str, Any]:
    """What the template draws; no bars where no history is kept."""
    if not weeks:
        return {"bars": ()}
    drawn = []
    for week in weeks:
        zone = zone_of(week.score, lines)
        said = "no score" if week.score is None else f"{week.score:.0f}, {WORDS[zone].lower()}"
        drawn.append((week.score, zone, f"Week to {week.day:%d %b %Y}: {said}"))
    scores = [week.score for week in weeks if week.score is not None]
    sentence = f"{counted(len(weeks), 'week')}, none with a score."
    if scores:
        sentence = f"Over {counted(len(weeks), 'week')} between {min(scores):.0f} and {max(scores):.0f}, {scores[-1]:.0f} at the last."
    return {
        "bars": bars(drawn, high=HIGHEST, height=HEIGHT),
        "bar_lines": [round(HEIGHT * (1 - line.value / HIGHEST), 1) for line in lines],
        "bars_said": sentence,
        "lines_origin": ", ".join(dict.fromkeys(line.origin for line in lines)),
    }
