"""The weekly bars of an account's health, and the same in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from tenure.insights.account import Week
from tenure.insights.book import WORDS, Line, zone_of
from tenure.kernel.wording import counted
from tenure.reports.marks import Bar, bars
from tenure.web.templatetags.shown import day, whole

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
        "bars": _drawn(bars(drawn, high=HIGHEST, height=HEIGHT)),
        "weeks_told": _told(weeks),
        "bar_lines": [round(HEIGHT * (1 - line.value / HIGHEST), 1) for line in lines],
        "bars_said": sentence,
        "lines_origin": ", ".join(dict.fromkeys(line.origin for line in lines)),
    }


def _drawn(found: Sequence[Bar]) -> SafeString:
    """A rectangle for each bar, which says its week; fifty of them are written faster here than in a template."""
    return format_html_join(
        "",
        '<rect class="tn-bar-{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        ((bar.zone, bar.x, bar.y, bar.width, bar.height, bar.said) for bar in found),
    )


def _told(weeks: Sequence[Week]) -> SafeString:
    """A row of the table for each week."""
    said = (
        (day(week.day), "– no score" if week.score is None else whole(week.score)) for week in weeks
    )
    return format_html_join("", '<tr><td>{}</td><td class="tn-num">{}</td></tr>', said)
