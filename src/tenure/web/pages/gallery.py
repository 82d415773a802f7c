"""The gallery: every component in every state, out of the very parts that the pages are made of."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from tenure.desk.models import Person
from tenure.desk.visible import OPENS
from tenure.insights.book import ZONES, distribution
from tenure.reports.charts.bubbles import FARTHEST
from tenure.web import specimens
from tenure.web.book_chart import book_bubbles
from tenure.web.book_table import MODES, book_asked
from tenure.web.tiles import Tile, tiles


def may_open(person: Person) -> bool:
    """Those who look after the machine and the data; in the demo everybody."""
    return settings.TENURE_DEMO or person.role in OPENS["gallery"]


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """One page. What is sent from it changes nothing, and says so."""
    _check(request)
    if request.method == "POST":
        messages.info(request, "Nothing was changed: this is the gallery.")
        return redirect("gallery")
    now, scope, today = specimens.present(), specimens.scope(), specimens.queue()
    wanted = book_asked(QueryDict("zone=watch&sort=-arr"), now, scope)
    shares = distribution(now.rows)
    context: dict[str, Any] = {
        "page_title": "Gallery",
        "present": now,
        "scope": scope,
        "is_past": False,
        "mine": "",
        "today": today,
        "rows": now.rows,
        "first": now.rows[0],
        "asked": wanted,
        "nothing_hidden": SimpleNamespace(hidden=2),
        "modes": MODES,
        "editable": {row.account_id for row in now.rows},
        "shares": shares,
        "zones": ZONES,
        "total": len(now.rows),
        "arr": sum(share.arr for share in shares),
        "unknown_arr": sum(share.unknown_arr for share in shares),
        "page": Paginator(now.rows, 50).page(1),
        "middle": Paginator(specimens.many(), 4).page(2),
        "nothing": Paginator((), 50).page(1),
        "queue": Paginator(today.queue, 25).page(1),
        "tiles": [
            *tiles(today.sums, "everyone", now.currency)[:3],
            Tile("A number whose name is longer than its place is wide", "– no data", specimens.LONG),
        ],
        "unknowns": specimens.UNKNOWNS,
        "trends": (specimens.TREND, (50, 52, None, None, 60, 64, 61), (12,)),
        "form": specimens.SpecimenForm(auto_id="clean_%s"),
        "wrong": specimens.SpecimenForm({"name": "x" * 60, "kind": "fax"}, auto_id="wrong_%s"),
        "farthest": FARTHEST,
        "long": specimens.LONG,
        "right_to_left": specimens.RIGHT_TO_LEFT,
        "levels": ("error", "warning", "notice"),
    }  # fmt: skip
    return render(request, "gallery/page.html", context)


@require_safe
def chart(request: HttpRequest) -> HttpResponse:
    """The spec of the gallery's chart."""
    _check(request)
    now = specimens.present()
    is_dark = request.GET.get("theme") == "dark"
    return JsonResponse(book_bubbles(now.rows, now, is_dark=is_dark, is_past=False))


def _check(request: HttpRequest) -> None:
    person = request.user
    if not isinstance(person, Person) or not may_open(person):
        raise Http404
