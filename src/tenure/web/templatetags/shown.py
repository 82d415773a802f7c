"""How values are written on pages: one wording for a number, a day, an Unknown, a zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tenure.desk.home import home
from tenure.desk.visible import Scope
from tenure.insights.book import WORDS, BookRow
from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Unknown
from tenure.kernel.wording import UNKNOWN_WORDS, civil, short_money, shown
from tenure.metrics.answer import plain
from tenure.reports.marks import spark_points
from tenure.web.account_tabs import TABS

register = template.Library()

SHORT_FOR = {"smb": "SMB", "qbr": "QBR", "ebr": "EBR", "plg": "PLG"}
SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


@register.filter
def money(value: Any, currency: str = "") -> str:
    """`$1.2M`, `€430k`, `$950`: three or four figures; the exact amount stands in the drawer."""
    if value is None or isinstance(value, Unknown):
        return "–"
    sign = SIGNS.get(currency, f"{currency} " if currency else "")
    text = short_money(value)
    return f"−{sign}{text[1:]}" if text.startswith("-") else f"{sign}{text}"


@register.filter
def day(value: date | None) -> str:
    """`12 May 2026`."""
    return civil(value) if value else "–"


@register.filter
def days_away(value: Any) -> str:
    """`in 47 days`, `today`, `12 days ago`."""
    if value is None or isinstance(value, Unknown):
        return ""
    number = int(value)
    if number == 0:
        return "today"
    word = "day" if abs(number) == 1 else "days"
    return f"in {number} {word}" if number > 0 else f"{-number} {word} ago"


@register.filter
def whole(value: Any) -> str:
    """A number without decimals; a dash where it is unknown."""
    if value is None or isinstance(value, Unknown):
        return "–"
    return f"{float(value):,.0f}".replace("-", "−")


@register.filter
def is_known(value: Any) -> bool:
    """Whether there is a value."""
    return value is not None and not isinstance(value, Unknown)


@register.filter
def why(value: Any) -> str:
    """The reason of an Unknown in words."""
    if isinstance(value, Unknown):
        return value.says or UNKNOWN_WORDS.get(value.reason, value.reason)
    return "no data"


@register.filter
def in_unit(value: Any, unit: str) -> str:
    """A known value in its unit."""
    text = shown(value, unit)
    return f"−{text[1:]}" if text.startswith("-") and not isinstance(value, str) else text


@register.filter
def words(code: str) -> str:
    """`mid_market` as a person writes it; `smb` in capitals."""
    return SHORT_FOR.get(code, code.replace("_", " "))


@register.filter
def said(value: Any) -> str:
    """A value of a source row, as the file has it."""
    return "yes" if value is True else "no" if value is False else str(plain(value))


@register.filter
def said_of(finding: Mapping[str, Any]) -> str:
    """A finding in words, its column named once."""
    column, says = finding.get("column_name") or "", str(finding["says"])
    return says if not column or says.startswith(f"{column} ") else f"{column} {says}"


@register.filter
def zone_word(zone: str) -> str:
    """A zone in words."""
    return WORDS[zone]


@register.filter
def lookup(found: Any, key: str) -> Any:
    """What a mapping holds under a key; None without it."""
    return found.get(key)


ENDINGS = {
    "recovered": "back inside the line",
    "dismissed": "no problem",
    "snoozed": "put down",
    "left": "the account left",
    "line_moved": "the line moved",
    "corrected": "its readings were corrected",
}


@register.filter
def ending(word: str) -> str:
    """How a flag ended, in words; a word of another system as it came."""
    return ENDINGS.get(word, word.replace("_", " ") or "closed")


@register.filter
def points(value: Any) -> str:
    """A change of a score: `−12 points`, `+7 points`."""
    number = round(float(value))
    sign = "+" if number > 0 else "−" if number < 0 else ""
    return f"{sign}{abs(number)} point{'' if abs(number) == 1 else 's'}"


@register.simple_tag
def may_edit(scope: Scope, row: BookRow) -> bool:
    """Whether the person may act on the account."""
    return scope.edits(row.account_id)


@register.simple_tag
def spark(values: Sequence[float | None], low: float = 0, high: float = 100) -> SafeString:
    """A line of the values as inline SVG, for eyes only: the cell says the same in words. Gaps stay gaps."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return SafeString("")
    stretches = [(points,) for points in spark_points(values, low=low, high=high)]
    lines = format_html_join("", '<polyline points="{}"/>', stretches)
    return format_html(
        '<svg class="tn-spark" viewBox="0 0 78 20" width="78" height="20" aria-hidden="true">{}</svg>',
        lines,
    )


@register.simple_tag(takes_context=True)
def with_query(context: Any, **changes: Any) -> str:
    """The page's address with some of its words changed; an empty word is left out, and the page number is forgotten."""
    query = context["request"].GET.copy()
    if "page" not in changes:
        query.pop("page", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value not in ("", None):
            query[name] = value
    text = query.urlencode()
    return f"?{text}" if text else context["request"].path


@register.simple_tag
def account_tabs() -> Sequence[tuple[str, str, str]]:
    """The parts of an account: what each calls itself, its route, its word."""
    return TABS


@register.filter
def since_then(row: BookRow) -> str:
    """Whether the score of an account is falling, rising or steady against ninety days ago; empty where nobody knows."""
    if row.health_before is None:
        return ""
    change = float(row.numbers["health_score"]) - row.health_before
    return "steady" if abs(change) < 1 else "rising" if change > 0 else "falling"


@register.filter
def metric_title(metric: str) -> str:
    """What a metric is called, the company's own included."""
    try:
        return home().catalogue.find(metric)[0].title
    except UserError:  # what another system flagged by a word of its own
        return words(metric)


@register.simple_tag(takes_context=True)
def opens(context: Any, metric: str) -> SafeString:
    """The attributes of a link that opens one number of the row in the drawer, on the day that is shown."""
    at = reverse("number", args=[context["row"].account_id, metric])
    if context.get("is_past"):
        at += f"?as_of={context['present'].day.isoformat()}"
    return format_html('href="{at}" hx-get="{at}" hx-target="#drawer" hx-swap="innerHTML"', at=at)
