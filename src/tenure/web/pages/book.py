"""The Book: all accounts of a person or of everyone, as one portfolio: a table, bubbles, or a calendar."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from tenure.desk.home import home
from tenure.desk.record_export import record_export
from tenure.desk.save_view import views_of
from tenure.insights.book import BookRow, distribution
from tenure.insights.choosing import chosen, ordered, unknown_in
from tenure.insights.renewal_calendar import renewal_months
from tenure.reports.charts.bubbles import FARTHEST
from tenure.reports.tables import csv_text, sheet
from tenure.web.book_chart import MOST, book_bubbles, drawn
from tenure.web.book_table import MODES, BookAsked, book_asked
from tenure.web.pages.asking import Asked, asked
from tenure.web.remembered import remembered
from tenure.workspace.present import Present

PAGE = 50
CSV = "text/csv; charset=utf-8"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show(request: HttpRequest) -> HttpResponse:
    """The same rows in one of three ways, with what was chosen in the address."""
    who, wanted = _asked(request)
    rows = _rows(who, wanted)
    context = who.around | _sums(who, wanted) | {"page_title": "Book", "modes": MODES}
    context["saved"] = views_of(who.person, "book")
    if wanted.mode == "calendar":
        context["months"] = renewal_months(rows, who.present.day)
        return render(request, "book/calendar.html", context)
    if wanted.mode == "bubble":
        shown, left_out = drawn(rows)
        page = Paginator(shown, MOST).get_page(1)
        context |= {"left_out": left_out, "most": MOST, "farthest": FARTHEST}
    else:
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context["page"] = page
    context["editable"] = (
        set() if who.is_past else {r.account_id for r in page if who.scope.edits(r.account_id)}
    )
    return render(request, f"book/{'bubble' if wanted.mode == 'bubble' else 'page'}.html", context)


def as_csv(request: HttpRequest) -> HttpResponse:
    """The same rows and columns as a file, all of them."""
    who, wanted = _asked(request)
    return _file(who, *_table(who, wanted), "csv")


def as_sheet(request: HttpRequest) -> HttpResponse:
    """The same as a workbook."""
    who, wanted = _asked(request)
    return _file(who, *_table(who, wanted), "xlsx")


def as_chart(request: HttpRequest) -> HttpResponse:
    """The bubbles as a chart that the page draws."""
    who, wanted = _asked(request)
    is_dark = request.GET.get("theme") == "dark"
    spec = book_bubbles(_rows(who, wanted), who.present, is_dark=is_dark, is_past=who.is_past)
    return JsonResponse(spec)


def _asked(request: HttpRequest) -> tuple[Asked, BookAsked]:
    who = asked(request, "book")
    return who, book_asked(request.GET, who.present, who.scope, home().catalogue)


def _table(who: Asked, wanted: BookAsked) -> tuple[list[str], list[list[Any]]]:
    header = [column.heading for column in wanted.columns]
    rows = _rows(who, wanted)
    return header, [[column.plain(row) for column in wanted.columns] for row in rows]


def _file(who: Asked, header: list[str], rows: list[list[Any]], suffix: str) -> HttpResponse:
    is_sheet = suffix == "xlsx"
    content = sheet("Book", header, rows) if is_sheet else csv_text(header, rows)
    record_export(who.scope, rows=len(rows), form=suffix, as_of=who.present.day)
    response = HttpResponse(content, content_type=SHEET if is_sheet else CSV)
    name = f"book-{who.present.day.isoformat()}.{suffix}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _rows(who: Asked, wanted: BookAsked) -> list[BookRow]:
    return _rows_of(who.present, who.scope.accounts, wanted)


def _rows_of(present: Present, sees: frozenset[str] | None, wanted: BookAsked) -> list[BookRow]:
    key = ("book", wanted.choice, wanted.sort, wanted.falling)
    return remembered(present, sees, *key, make=lambda now: _chosen(now, sees, wanted))


def _chosen(present: Present, sees: frozenset[str] | None, wanted: BookAsked) -> list[BookRow]:
    visible = [row for row in present.rows if sees is None or row.account_id in sees]
    rows = chosen(visible, wanted.choice)
    return ordered(rows, wanted.sort, falling=wanted.falling) if wanted.sort else rows


def _sums(who: Asked, wanted: BookAsked) -> dict[str, Any]:
    sees = who.scope.accounts
    key = ("sums", wanted.choice, wanted.sort)
    sums = remembered(
        who.present, sees, *key, make=lambda now: _context(_rows_of(now, sees, wanted), wanted)
    )
    return sums | {"asked": wanted}


def _context(rows: list[BookRow], wanted: BookAsked) -> dict[str, Any]:
    shares = distribution(rows)
    return {
        "shares": shares,
        "total": len(rows),
        "arr": sum(share.arr for share in shares),
        "unknown_arr": sum(share.unknown_arr for share in shares),
        "unknown": unknown_in(rows, wanted.sort) if wanted.sort else 0,
    }
