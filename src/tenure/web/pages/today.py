"""Today: what needs this person now, why, and what waiting costs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from tenure.desk.hold_flag import held_now, hold_flag, last_hold, take_back
from tenure.desk.home import home
from tenure.desk.models import Hold, Role, Touch
from tenure.insights.book import BookRow
from tenure.insights.today import Item, today
from tenure.kernel.errors import UserError
from tenure.web.forms import HoldForm
from tenure.web.pages.asking import Asked, asked
from tenure.web.pages.logging import add_error
from tenure.web.remembered import remembered
from tenure.web.templatetags.shown import day
from tenure.web.tiles import tiles
from tenure.workspace.present import Present

TABS = (("now", "Today"), ("coming", "Coming"), ("done", "Done"))
PAGE = 25
ASIDE = 6
"""Rows of a list beside the queue."""
ORDER = (
    "By what is lost if nothing happens: zone, then ARR, then the nearest renewal. "
    "Chances of renewing are not learned yet, so the zone stands in for them."
)


def show(request: HttpRequest) -> HttpResponse:
    """The queue with its tabs, and beside it what moved, what closed and who is ready."""
    who = asked(request, "today")
    mine = who.person.member_id if who.person.role == Role.CSM else ""
    owner = request.GET.get("owner", mine)
    sees, whose = who.scope.accounts, "" if owner == "everyone" else owner
    rows = _rows(who.present, sees, whose)
    held = held_now() if not who.is_past else frozenset()
    found = remembered(
        who.present, sees, "today", whose, held,
        make=lambda now: today(_rows(now, sees, whose), now.day, held=held),
    )  # fmt: skip
    tab = request.GET.get("tab", "now")
    tab = tab if tab in dict(TABS) else "now"
    undone = None if who.is_past else last_hold(who.person)
    listed: Sequence[Item] = {"now": found.queue, "coming": found.coming}.get(tab, ())
    context: dict[str, Any] = who.around | {
        "today": found,
        "tab": tab,
        "tabs": [(key, word, _count(found, key)) for key, word in TABS],
        "page": Paginator(listed, PAGE).get_page(request.GET.get("page")),
        "order": ORDER if tab == "now" else "By the day on which the decision gets near.",
        "mine": mine,
        "owner": owner,
        "owners": remembered(who.present, sees, "owners", make=lambda now: _owners(now, sees)),
        "aside": ASIDE,
        "next_due": next((item for item in found.coming if item.due_on), None),
        "total": len(rows),
        "tiles": tiles(found.sums, owner or "everyone", who.present.currency),
        "undo": undone,
        "undo_said": _said(undone),
        "done": _done(who) if tab == "done" else (),
    }
    return render(request, "today/page.html", context | {"page_title": "Today"})


@require_http_methods(["GET", "POST"])
def hold(request: HttpRequest, account_id: str) -> HttpResponse:
    """Put a flag of an account down: until a day, or because it is no problem."""
    who = asked(request, "book")
    row = who.present.by_id.get(account_id)
    if row is None or who.is_past or not who.scope.edits(account_id):
        raise Http404
    held = held_now()
    flags = [
        (f.flag_id, f.reason or f.metric) for f in row.flags if f.is_ours and f.flag_id not in held
    ]
    if not flags:
        raise Http404
    starting = {"flag": request.GET.get("flag", flags[0][0]), "kind": "snooze"}
    form = HoldForm(request.POST or None, flags=flags, today=who.present.day, initial=starting)
    if request.method == "POST" and form.is_valid():
        try:
            hold_flag(who.scope, account_id, form.cleaned_data["flag"], **form.said())
        except UserError as error:
            add_error(form, error)
        else:
            return redirect(_back(request, account_id))
    context: dict[str, Any] = who.around | {
        "row": row,
        "form": form,
        "page_title": "Put a flag down",
    }
    status = 422 if form.is_bound else 200
    return render(request, "account/form.html", context, status=status)


@require_POST
def undo(request: HttpRequest, hold_id: int) -> HttpResponse:
    """Take back what was put down within the minute."""
    who = asked(request, "book")
    try:
        taken = take_back(who.scope, hold_id)
    except UserError as error:
        messages.warning(request, f"{error.what} {error.remedy}")
        return redirect("landing")
    messages.success(request, "Taken back. The flag is open as before.")
    return redirect(_back(request, taken.account_id))


def _said(hold: Hold | None) -> str:
    if hold is None:
        return ""
    if hold.kind == "snoozed" and hold.until:
        return f"Flag comes back on {day(hold.until)}."
    return "Flag put down: no problem."


def _back(request: HttpRequest, account_id: str) -> str:
    """Where the person came from: Today, or the account."""
    from django.urls import reverse

    back = request.POST.get("back") or request.GET.get("back", "")
    return reverse("today") if back == "today" else reverse("account", args=[account_id])


def _rows(present: Present, sees: frozenset[str] | None, owner: str) -> list[BookRow]:
    return remembered(present, sees, "rows", owner, make=lambda now: _seen(now, sees, owner))


def _seen(present: Present, sees: frozenset[str] | None, owner: str) -> list[BookRow]:
    return [
        row
        for row in present.rows
        if (sees is None or row.account_id in sees) and owner in ("", row.owner_id)
    ]


def _owners(present: Present, sees: frozenset[str] | None) -> list[tuple[str, str]]:
    seen = {(row.owner_id, row.owner) for row in _rows(present, sees, "")}
    return [("everyone", "Everyone"), *sorted(seen, key=lambda pair: pair[1])]


def _count(found: Any, key: str) -> int | None:
    return {
        "now": len(found.queue),
        "coming": len(found.coming) + len(found.returning),
    }.get(key)


def _done(who: Asked) -> list[tuple[datetime, str, str, str]]:
    """What this person did on the day: when, what, the account's id and name."""
    zone = ZoneInfo(home().time_zone)
    start = datetime.combine(who.present.day, time(), zone)
    names = {row.account_id: row.name for row in who.present.rows}
    touches = Touch.objects.filter(by=who.person, logged_at__gte=start)
    holds = Hold.objects.filter(by=who.person, at__gte=start)
    found = [(t.logged_at, f"{t.kind} logged", t.account_id) for t in touches]
    found += [(h.at, f"flag {h.kind} until {h.until}", h.account_id) for h in holds]
    return [
        (at.astimezone(zone), what, account, names.get(account, account))
        for at, what, account in sorted(found, reverse=True)
    ]
