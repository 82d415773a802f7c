"""Numbers in words and lines: counts, percentages, money. One wording for every face."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

UNKNOWN_WORDS = {
    "undefined": "nothing to measure",
    "no_data": "no data",
    "too_little_history": "too little history",
    "source_late": "the source is late",
    "withheld": "withheld",
}
"""What each reason of Unknown is called."""


def counted(number: int, one: str, many: str = "") -> str:
    """`1 account`, `2 accounts`, `12,000 accounts`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def unknown(reason: str | None) -> str:
    """`Unknown (no data)`."""
    return f"Unknown ({UNKNOWN_WORDS.get(reason or '', reason or 'no data')})"


def civil(day: date) -> str:
    """`12 May 2026`: a day in a sentence."""
    return f"{day.day} {day:%b %Y}"


def percent(value: float | None) -> str:
    """A ratio as a percentage with one decimal."""
    return "unknown" if value is None else f"{round(float(value) * 100, 1) + 0.0:.1f} %"


def money(value: Decimal | float | None) -> str:
    """An amount with its thousands apart; cents where it is below a thousand and has any."""
    if value is None:
        return "unknown"
    places = 0 if abs(float(value)) >= 1000 or value == int(value) else 2
    return f"{value:,.{places}f}"


def short_money(value: Decimal | float | None) -> str:
    """An amount to three or four figures: `12.3M`, `940k`, `500`; what rounds up to the next letter has it."""
    if value is None:
        return "unknown"
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        scaled = float(value) / size
        if abs(scaled) >= 0.9995:
            return f"{scaled:,.1f}{letter}" if abs(scaled) < 99.95 else f"{scaled:,.0f}{letter}"
    return f"{float(value):,.0f}"


def shown(value: object, unit: str) -> str:
    """A known value in its unit: ratios as percentages, points and days by name, amounts with thousands apart."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int | float | Decimal):
        return str(value)
    if "ratio" in unit and isinstance(value, float | Decimal):
        return percent(float(value))
    if "points" in unit and "money" not in unit:
        return f"{value:,.1f} points"
    if unit.startswith("days"):
        return f"{number(float(f'{value:.1f}'))} days"
    return money(value)


def number(value: Decimal | float) -> str:
    """A number with its thousands apart and up to four decimals, none where it is whole."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.4f}".rstrip("0")
