"""Search: accounts, pages and kept views by a few letters; the same list under the search box and as a page."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tenure.desk.home import home
from tenure.desk.models import Person
from tenure.desk.save_view import views_of
from tenure.desk.visible import OPENS, Scope
from tenure.insights.book import BookRow
from tenure.insights.choosing import spelled
from tenure.web.frame import RAIL
from tenure.web.remembered import remembered
from tenure.workspace.present import Present

SHORT, LONG = 8, 50
THEN = {"touch": "log_touch"}
"""What one came for, and the page of an account on which it is done."""
Found = list[tuple[str, str, str]]
"""What it is called, what it is, and where."""


def show(request: HttpRequest) -> HttpResponse:
    """What fits the letters, the accounts in the order of the Book."""
    person = request.user
    if not isinstance(person, Person):
        raise Http404
    text = request.GET.get("text", "").strip()[:100]
    scope = home().scope(person)
    is_part = bool(request.htmx)  # type: ignore[attr-defined]  # django-htmx
    then = request.GET.get("then", "")
    then = then if then in THEN and scope.edits_any else ""
    accounts, total = _accounts(scope, text, SHORT if is_part else LONG, THEN.get(then, ""))
    context = {
        "text": text,
        "then": then,
        "pages": [] if then else _pages(person, text),
        "accounts": accounts,
        "total": total,
        "page_title": "Log a touch" if then else "Search",
        "shows_search": True,
    }
    return render(request, f"search/{'_found' if is_part else 'page'}.html", context)


def _accounts(scope: Scope, text: str, most: int, then: str = "") -> tuple[Found, int]:
    """Accounts with the letters in their name. Where something follows, those that the person may act on: all without letters."""
    if not (text or then) or not scope.opens("book"):
        return [], 0
    may = scope.edits if then else scope.sees
    words = text.casefold().split()
    present = home().present()
    spellings = remembered(present, None, "spelled", make=_spelled)
    rows = [
        row
        for letters, row in spellings
        if all(word in letters for word in words) and may(row.account_id)
    ]
    found = [
        (
            row.name,
            "left" if row.has_left else row.owner,
            reverse(then or "account", args=[row.account_id]),
        )
        for row in rows[:most]
    ]
    return found, len(rows)


def _spelled(present: Present) -> list[tuple[str, BookRow]]:
    """Every account with its letters, those that left last; who may see it is asked of each reader."""
    rows = sorted(present.rows, key=lambda row: row.has_left)
    return [(spelled(row), row) for row in rows]


def _pages(person: Person, text: str) -> Found:
    words = text.casefold()
    pages = [(e.title, "page", e.url) for e in RAIL if person.role in OPENS[e.page]]
    pages.append(("Your settings", "page", reverse("me")))
    if person.role in OPENS["book"]:
        pages += [
            (v.name, "view", f"{reverse('book')}?{v.query}") for v in views_of(person, "book")
        ]
    return [one for one in pages if words and words in one[0].casefold()]
