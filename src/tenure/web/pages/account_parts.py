"""The parts of one account, each a page of its own: timeline, health, usage, people, contract, surveys and tickets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tenure.desk.account_parts import (
    USAGE,
    contract_of,
    health_of,
    people_of,
    series_of,
    timeline_of,
    usage_of,
    voice_of,
)
from tenure.desk.home import home
from tenure.insights.book import BookRow
from tenure.insights.health_parts import LATER_DAYS
from tenure.insights.timeline import Wanted, days, directions, kinds, made_by, persons, wanted
from tenure.kernel.errors import UserError
from tenure.metrics.questions import day_of
from tenure.web.account_charts import month_bars, usage_bars
from tenure.web.account_numbers import ShownNumber, numbers_of
from tenure.web.pages.asking import Asked, asked

PAGE = 100
SOLVED_SHOWN = 50
SINCE_DAYS = 90
PEOPLE = (
    "multi_threading",
    "exec_sponsor_reached",
    "exec_sponsor_unresponsive_days",
    "days_since_last_touch",
)
CONTRACT = ("arr_in_force", "days_to_renewal", "expansion_revenue_by_account", "quarterly_expansion_revenue")  # fmt: skip
VOICE = ("csat", "sentiment", "support_ticket_trend", "product_feedback")
HEALTH = (
    "health_score",
    "health_score_delta_90d",
    "health_score_slope_90d",
    "falling_before_renewal",
)


def timeline(request: HttpRequest, account_id: str) -> HttpResponse:
    """Everything that happened, newest first, a hundred to a page."""
    who, row = _whose(request, account_id)
    events = timeline_of(account_id, who.present)
    theirs, ours = persons(events)
    choices = {"kind": kinds(events), "person": [*theirs, *ours], "direction": directions(events), "made": made_by(events)}  # fmt: skip
    chosen = {
        name: word
        for name, offered in choices.items()
        if (word := request.GET.get(name, "")) in {one.value for one in offered}
    }
    shown = wanted(events, Wanted(**chosen))
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    return _page(request, who, row, "timeline", {
        "choices": choices, "theirs": theirs, "ours": ours, "chosen": chosen, "total": len(events), "page": page,
        "days": days(list(page.object_list)),
    })  # fmt: skip


def health(request: HttpRequest, account_id: str) -> HttpResponse:
    """What the score is made of, what moved it, and the CSM's own calls beside it."""
    who, row = _whose(request, account_id)
    asked_for = request.GET.get("since", "")
    since = _since(asked_for, who.present.day)
    seen = health_of(account_id, who.present, since or who.present.day - timedelta(days=SINCE_DAYS))
    return _page(request, who, row, "health", {
        "seen": seen, "numbers": _numbers(row, HEALTH), "later": LATER_DAYS,
        "since": seen.moves.then if seen.moves else None, "since_refused": asked_for if since is None else "",
    })  # fmt: skip


def usage(request: HttpRequest, account_id: str) -> HttpResponse:
    """A year of usage and seats by week, the metrics of usage with their course, and what is used by whom."""
    who, row = _whose(request, account_id)
    seen = usage_of(account_id, who.present)
    series = series_of(account_id, who.present, USAGE)
    courses = [(number, *_course(series.get(number.metric, ()))) for number in _numbers(row, USAGE)]
    return _page(request, who, row, "usage", {"seen": seen, "courses": courses} | usage_bars(seen))


def people(request: HttpRequest, account_id: str) -> HttpResponse:
    """Who is there, who answers, which departments are covered, who left, and who of us looked after it when."""
    who, row = _whose(request, account_id)
    found = people_of(account_id, who.present)
    return _page(request, who, row, "people", {"map": found, "numbers": _numbers(row, PEOPLE)})


def contract(request: HttpRequest, account_id: str) -> HttpResponse:
    """What they bought, what they pay, what came up for renewal."""
    who, row = _whose(request, account_id)
    found = contract_of(account_id, who.present, is_past=who.is_past)
    return _page(
        request, who, row, "contract",
        {"found": found, "numbers": _numbers(row, CONTRACT)} | month_bars(found.months, who.present.currency),
    )  # fmt: skip


def voice(request: HttpRequest, account_id: str) -> HttpResponse:
    """Survey answers, tickets and feedback."""
    who, row = _whose(request, account_id)
    found = voice_of(account_id, who.present)
    solved = found.solved if request.GET.get("all") == "solved" else found.solved[:SOLVED_SHOWN]
    return _page(request, who, row, "voice", {
        "voice": found, "solved": solved, "more": len(found.solved) - len(solved), "numbers": _numbers(row, VOICE),
    })  # fmt: skip


def _whose(request: HttpRequest, account_id: str) -> tuple[Asked, BookRow]:
    """Who asks about which account on which day.

    Raises:
        Http404: the account is not there, or not for this person.
    """
    who = asked(request, "book")
    if not who.scope.sees(account_id) or account_id not in who.present.by_id:
        raise Http404
    return who, who.present.by_id[account_id]


def _page(
    request: HttpRequest, who: Asked, row: BookRow, tab: str, context: Mapping[str, Any]
) -> HttpResponse:
    around = who.around | {
        "row": row, "tab": tab, "edits": who.scope.edits(row.account_id) and not who.is_past,
        "page_title": f"{row.name}: {tab}",
    }  # fmt: skip
    return render(request, f"account/{tab}.html", around | dict(context))


def _numbers(row: BookRow, metrics: tuple[str, ...]) -> list[ShownNumber]:
    return numbers_of(home().catalogue, row, metrics)


def _since(said: str, day: date) -> date | None:
    """The day compared with, ninety days before where nobody says; None where it cannot be one."""
    if not said:
        return day - timedelta(days=SINCE_DAYS)
    try:
        found = day_of(said)
    except UserError:
        return None
    return found if found is not None and found < day else None


def _course(values: Any) -> tuple[list[float | None], float, float]:
    """Readings with the edges between which they are drawn."""
    known = [v for v in values if v is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    return list(values), low, high if high > low else low + 1.0
