"""The bubbles of a Book: which rows are drawn, and what the chart says."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeGuard

from django.urls import reverse

from tenure.insights.book import BookRow
from tenure.insights.today import window
from tenure.kernel.unknown import Unknown
from tenure.kernel.wording import counted, short_money
from tenure.reports.charts.bubbles import Bubble, bubbles
from tenure.reports.charts.frame import DARK, LIGHT, Spec, Words
from tenure.workspace.present import Present

MOST = 300
"""More bubbles than that hide each other."""


def drawn(rows: Sequence[BookRow]) -> tuple[list[BookRow], int]:
    """The first rows that have a score, a renewal and an ARR, and how many of the others there are."""
    known = [row for row in rows if _bubble(row, "") is not None]
    return known[:MOST], len(rows) - min(len(known), MOST)


def book_bubbles(rows: Sequence[BookRow], present: Present, *, is_dark: bool, is_past: bool) -> Spec:  # fmt: skip
    """The chart of these rows."""
    shown, left_out = drawn(rows)
    day = f"?as_of={present.day.isoformat()}" if is_past else ""
    found = [b for row in shown if (b := _bubble(row, day)) is not None]
    near = [row for row in shown if row.zone == "at_risk" and _days(row) <= window(row)]
    money = sum((row.arr for row in near if isinstance(row.arr, Decimal)), Decimal(0))
    title = (
        f"{counted(len(near), 'account')} at risk with the decision near: {short_money(money)} {present.currency}."
        if near
        else "No account at risk has its decision near."
    )
    words = Words(
        title,
        "Days to renewal across, health upward, size by ARR; triangle at risk, diamond watch, circle healthy; "
        f"a dark ring where a planned touch is overdue. {counted(len(found), 'account')}"
        + (f"; {left_out:,} without score, renewal or ARR, or beyond the first {MOST}, are not drawn." if left_out else "."),
        f"As of {present.day}. Beyond the right edge lie later renewals; the dashed line is at 90 days.",
        "The table below has the same accounts.",
    )  # fmt: skip
    return bubbles(found, words, DARK if is_dark else LIGHT, is_dark=is_dark)


def _bubble(row: BookRow, day: str) -> Bubble | None:
    score, days = row.numbers.get("health_score"), row.numbers.get("days_to_renewal")
    if (
        not (_known(score) and _known(days) and isinstance(row.arr, Decimal))
        or row.zone == "unknown"
    ):
        return None
    past = row.numbers.get("days_past_cadence")
    return Bubble(
        row.account_id, row.name, row.zone, float(score), int(days), row.arr,
        is_overdue=isinstance(past, int | float) and past > 0,
        address=reverse("account", args=[row.account_id]) + day,
    )  # fmt: skip


def _days(row: BookRow) -> int:
    return int(row.numbers["days_to_renewal"])


def _known(value: Any) -> TypeGuard[int | float | Decimal]:
    return value is not None and not isinstance(value, Unknown | str)
