"""The Book: all accounts of a person or of everyone, as one portfolio."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tenure.insights.book import BookRow, distribution
from tenure.insights.choosing import chosen, ordered, unknown_in
from tenure.reports.tables import csv_text
from tenure.web.book_table import BookAsked, book_asked
from tenure.web.pages.asking import Asked, asked

PAGE = 50


def show(request: HttpRequest) -> HttpResponse:
    """The table, with its filters in the address."""
    who = asked(request, "book")
    wanted = book_asked(request.GET, who.present, who.scope)
    rows = _rows(who, wanted)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    editable = (
        set() if who.is_past else {r.account_id for r in page if who.scope.edits(r.account_id)}
    )
    context = who.around | _context(rows, wanted)
    context |= {"page": page, "editable": editable, "page_title": "Book"}
    return render(request, "book/page.html", context)


def as_csv(request: HttpRequest) -> HttpResponse:
    """The same rows and columns as a file, all of them."""
    who = asked(request, "book")
    wanted = book_asked(request.GET, who.present, who.scope)
    rows = _rows(who, wanted)
    header = [column.heading for column in wanted.columns]
    text = csv_text(header, ([column.plain(row) for column in wanted.columns] for row in rows))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    name = f"book-{who.present.day.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _rows(who: Asked, wanted: BookAsked) -> list[BookRow]:
    visible = [row for row in who.present.rows if who.scope.sees(row.account_id)]
    rows = chosen(visible, wanted.choice)
    if wanted.sort:
        rows = ordered(rows, wanted.sort, falling=wanted.falling)
    return rows


def _context(rows: list[BookRow], wanted: BookAsked) -> dict[str, Any]:
    shares = distribution(rows)
    return {
        "asked": wanted,
        "shares": shares,
        "total": len(rows),
        "arr": sum(share.arr for share in shares),
        "unknown_arr": sum(share.unknown_arr for share in shares),
        "unknown": unknown_in(rows, wanted.sort) if wanted.sort else 0,
    }
