"""Touches that no plan asks for: chats, notes, and webinars that belong to no account."""

from __future__ import annotations

from datetime import date

from tenure.kernel.days import add_months, month_start
from tenure.simulate.people import Team
from tenure.simulate.scale import Scale, days
from tenure.simulate.touches import Diary, moment
from tenure.simulate.write import Sheets

CHATS = 0.35
"""Share of accounts that use a shared chat."""


def write_small_talk(diary: Diary, spans: list[tuple[date, date]]) -> None:
    """Chats of the accounts that have one, and notes of their owner."""
    draw = diary.draw
    chats, notes = draw.random() < CHATS, draw.random() < 0.5
    for start, end in spans:
        day = start + days(draw.expovariate(1 / 40))
        while day < end:
            if chats:
                diary.touch("chat", day, direction="two_way" if draw.random() < 0.5 else "outbound")
            if notes and draw.random() < 0.5:
                diary.touch("note", day, direction=None, is_proactive=False)
            day += days(max(1, draw.expovariate(1 / 40)))


def write_webinars(sheets: Sheets, scale: Scale, team: Team) -> None:
    """One training a month for whoever comes; it counts for the colleague and for no account."""
    draw = scale.stream("webinars")
    month, count = add_months(month_start(scale.begin), 1), 0
    while month < scale.end:
        day = month + days(draw.randrange(27))
        owners = [who.user_id for _desk, who in team.csms() if who.holds(day)]
        if day < scale.end and owners:
            count += 1
            sheets.row(
                "activities",
                {
                    "activity_id": f"N{count:04d}",
                    "user_id": draw.choice(owners),
                    "activity_type": "training",
                    "occurred_at": moment(draw, day),
                    "direction": "outbound",
                    "status": "completed",
                    "is_proactive": True,
                    "is_automated": False,
                    "duration_s": 2700,
                    "summary": "Webinar for all customers",
                },
            )
        month = add_months(month, 1)
