"""How a mapping's conversions turn source text, as SQL over that text."""

from __future__ import annotations

from functools import cache

from babel.numbers import get_currency_precision, list_currencies

from tenure.facts.checks.words import squeezed_sql
from tenure.facts.mapping import Conversion
from tenure.facts.sql import literal, words_in

MONTHS = {
    1: ("monthly", "month", "1month", "permonth", "everymonth", "m"),
    3: ("quarterly", "quarter", "3months", "perquarter", "q"),
    6: ("semiannual", "semiannually", "halfyearly", "biannual", "6months"),
    12: ("annual", "annually", "yearly", "year", "peryear", "12months", "1year", "a", "y"),
    24: ("biennial", "biennially", "2years", "24months"),
    36: ("triennial", "3years", "36months"),
}


def converted(text: str, conversion: Conversion, *, currency: str = "null") -> str:
    """SQL for `text` after `conversion`; what does not fit stays as it is and fails its check.

    `inclusive_end` is not here: it needs the day that was read, see `after_reading`.
    """
    if conversion == "minor_units":
        return _minor_units(text, currency)
    if conversion in ("epoch_s", "epoch_ms"):
        return _epoch(text, "1000000" if conversion == "epoch_s" else "1000")
    if conversion == "months":
        cases = " ".join(
            f"when {squeezed_sql(text)} in {words_in(words)} then '{months}'"
            for months, words in MONTHS.items()
        )
        return f"case {cases} else {text} end"
    if conversion == "invert":
        return _inverted(text)
    if conversion == "negate":
        return f"case when {text} like '-%' then substr({text}, 2) else '-' || {text} end"
    if conversion == "seconds":
        return (
            f"case when regexp_full_match({text}, '[0-9]{{1,15}}') "
            f"then (({text})::bigint // 1000)::varchar else {text} end"
        )
    return text


def after_reading(value: str, conversion: Conversion) -> str:
    """SQL for the value that was read, after `conversion`."""
    if conversion == "inclusive_end":
        return f"({value} + interval 1 day)::date"
    return value


def _minor_units(text: str, currency: str) -> str:
    """Cents to units by the currency's own decimals; text, so that nothing is rounded."""
    places = f"case when upper({currency}) in {words_in(_of_places(0))} then 0 "
    places = f"({places} when upper({currency}) in {words_in(_of_places(3))} then 3 else 2 end)"
    sign = f"case when {text} like '-%' then '-' else '' end"
    whole = f"regexp_extract({text}, '^-?([0-9]+)', 1)"
    digits = f"(repeat('0', {places} + 1 - length({whole})) || {whole})"
    rest = f"regexp_extract({text}, '\\.([0-9]+)$', 1)"
    moved = (
        f"rtrim({sign} || left({digits}, length({digits}) - {places}) || '.' "
        f"|| substr({digits}, length({digits}) - {places} + 1) || {rest}, '.')"
    )
    return (
        f"case when {text} is null then null when {currency} is null then {text} || ' (no currency)' "
        f"when regexp_full_match({text}, '-?[0-9]+(\\.[0-9]+)?') then {moved} "
        f"else {text} || ' (minor units)' end"
    )


@cache
def _of_places(places: int) -> tuple[str, ...]:
    return tuple(
        sorted(code for code in list_currencies() if get_currency_precision(code) == places)
    )


def _epoch(text: str, micros: str) -> str:
    moment = f"make_timestamp((({text})::decimal(24, 6) * {micros})::bigint)"
    return (
        f"case when regexp_full_match({text}, '-?[0-9]{{1,14}}(\\.[0-9]{{1,6}})?') "
        f"then try(strftime({moment}, '%Y-%m-%d %H:%M:%S.%f') || 'Z') else {text} end"
    )


def _inverted(text: str) -> str:
    """1 / rate to 10 decimals in whole numbers: DuckDB divides decimals as doubles."""
    units = f"(try_cast({text} as decimal(28, 10)) * 10000000000)::hugeint"
    inverse = f"((200000000000000000000::hugeint + {units}) // (2 * {units}))"
    digits = f"(repeat('0', 11 - length({inverse}::varchar)) || {inverse}::varchar)"
    shown = f"left({digits}, length({digits}) - 10) || '.' || right({digits}, 10)"
    good = f"regexp_full_match({text}, '[0-9]{{1,17}}(\\.[0-9]+)?') and try_cast({text} as decimal(28, 10)) > 0"
    return f"case when {good} then {shown} else {text} || ' (cannot be inverted)' end"


def constant(text: str | None) -> str:
    """SQL for a declared constant."""
    return "null::varchar" if text is None else f"{literal(text)}::varchar"
