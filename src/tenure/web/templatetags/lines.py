"""The lines of tables, out of what was written of their rows before."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from tenure.insights.book import BookRow
from tenure.web.book_lines import book_line as written

register = template.Library()


@register.simple_tag(takes_context=True)
def book_line(context: Any, row: BookRow) -> SafeString:
    """One account in the Book's table, as the page around it asks for it."""
    asked, editable = context["asked"], context.get("editable") or ()
    return written(
        row,
        context["present"],
        asked.columns,
        is_past=bool(context.get("is_past")),
        picks=bool(editable),
        may_pick=row.account_id in editable,
        in_bubbles=asked.mode == "bubble",
    )
