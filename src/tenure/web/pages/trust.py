"""Trust: who sees what of me, who looked, what is collected and what never is, and how the lines in use came about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tenure.desk.home import home
from tenure.desk.models import Person, PublishedWeek
from tenure.desk.notice import in_force_from, notice_of, read_notice
from tenure.desk.record_view import views_of
from tenure.desk.release import released_from
from tenure.facts.not_stored import refused
from tenure.insights.person import asked_of_people
from tenure.kernel.days import add_months, month_of, month_start, parse_day
from tenure.kernel.errors import UserError
from tenure.lake.compact import RETENTION_DAYS
from tenure.metrics.declaration import Catalogue
from tenure.web.pages.asking import asked
from tenure.web.pages.people import lead_of
from tenure.web.person_sheet import NOT_FOR


@dataclass(frozen=True, slots=True)
class LineInUse:
    """A metric's line with what it rests on."""

    title: str
    line: str
    zone: str
    says: str
    decided: str


def show(request: HttpRequest) -> HttpResponse:
    """For everybody; what is personal only for the person."""
    who = asked(request, "trust")
    settings = home().settings
    person = who.person
    with home().workspace() as workspace:
        lines = _lines(workspace.thresholds.in_use(), workspace.catalogue)
        metrics = asked_of_people(workspace.catalogue, time=settings.people.time)
    newest = PublishedWeek.objects.filter(subject=person).select_related("subject").first()
    notice = notice_of(person, settings)
    context = (
        who.around
        | _month(request, person)
        | {
            "setting": settings.people,
            "subject": person,
            "lead": lead_of(person),
            "newest": newest,
            "newest_from": None if newest is None else released_from(newest, settings),
            "notice": notice,
            "begins": in_force_from(notice, settings),
            "metrics": metrics,
            "refused": refused().values(),
            "not_for": NOT_FOR,
            "zone": settings.time_zone,
            "kept_days": RETENTION_DAYS,
            "lines": lines,
            "present": None,
        }
    )
    return render(request, "trust/page.html", context | {"page_title": "Trust"})


@require_http_methods(["GET", "POST"])
def notice(request: HttpRequest) -> HttpResponse:
    """What somebody is told before figures of them begin; having read it is no consent."""
    who = asked(request, "trust")
    settings = home().settings
    if request.method == "POST":
        if read_notice(who.person, settings) is not None:
            messages.success(request, "Thank you. Figures of you begin with the next closed week.")
        return redirect("trust")
    with home().workspace() as workspace:
        metrics = asked_of_people(workspace.catalogue, time=settings.people.time)
    given = notice_of(who.person, settings)
    context = {
        "setting": settings.people,
        "subject": who.person,
        "lead": lead_of(who.person),
        "metrics": metrics,
        "notice": given,
        "begins": in_force_from(given, settings),
        "not_for": NOT_FOR,
        "zone": settings.time_zone,
        "scope": who.scope,
    }
    return render(request, "trust/notice.html", context | {"page_title": "Notice"})


def _month(request: HttpRequest, person: Person) -> dict[str, Any]:
    """The views of one month in the company's zone; what cannot be read as a month is this one."""
    zone = ZoneInfo(home().time_zone)
    this = month_start(home().today)
    try:
        asked_for = parse_day(f"{request.GET.get('month', '')}-01")
    except UserError:
        asked_for = this
    first = min(asked_for, this)
    after = add_months(first, 1)
    views = views_of(person, _instant(first, zone), _instant(after, zone))
    return {
        "views": [(view, view.at.astimezone(zone)) for view in views],
        "month": first,
        "is_this_month": first == this,
        "month_before": month_of(add_months(first, -1)),
        "month_after": month_of(after) if first < this else "",
    }


def _instant(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _lines(found: Sequence[Any], catalogue: Catalogue) -> list[LineInUse]:
    titles = {metric.id: metric.title for metric in catalogue}
    return [
        LineInUse(
            title=titles.get(one.metric, one.metric) + (f", {one.segment}" if one.segment else ""),
            line=one.words(one.at_risk),
            zone=one.zone,
            says=one.says,
            decided=f"{one.by_said}, {one.since.day} {one.since:%b %Y}"
            if one.by_said and one.since
            else "",
        )
        for one in found
    ]
