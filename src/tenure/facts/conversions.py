"""How a mapping's conversions turn source text, as SQL over that text."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from babel.numbers import get_currency_precision, list_currencies

from tenure.facts.calculations import day, moment
from tenure.facts.checks.words import squeezed_sql
from tenure.facts.mapping import Conversion
from tenure.facts.reading import Reading
from tenure.facts.sql import literal, words_in

MONTHS = {
    1: ("monthly", "month", "permonth", "everymonth", "m"),
    3: ("quarterly", "quarter", "perquarter", "q"),
    6: ("semiannual", "semiannually", "halfyearly", "biannual", "persixmonths"),
    12: ("annual", "annually", "yearly", "year", "peryear", "a", "y"),
    24: ("biennial", "biennially", "pertwoyears"),
    36: ("triennial", "perthreeyears"),
    48: ("perfouryears",),
    60: ("perfiveyears",),
}


def converted(
    text: str, conversion: Conversion, *, reading: Reading, zone: str, currency: str
) -> str:
    """SQL for `text` after `conversion`; what does not fit stays as it is and fails its check.

    Args:
        text: SQL.
        conversion: as declared.
        reading: how the file's numbers and dates are read.
        zone: the workspace's time zone, for civil days.
        currency: SQL of the currency that minor units are in.
    """
    if conversion == "minor_units":
        return _minor_units(text, currency)
    if conversion in ("epoch_s", "epoch_ms"):
        return _epoch(text, "1000000" if conversion == "epoch_s" else "1000")
    if conversion == "inclusive_end":
        return _day_after(text, reading)
    if conversion == "day":
        return _civil_day(text, reading, zone)
    simple = _SIMPLE.get(conversion)
    return simple(text) if simple else text


def constant(text: str | None) -> str:
    """SQL for a declared constant."""
    return "null::varchar" if text is None else f"{literal(text)}::varchar"


def _months(text: str) -> str:
    """Words such as monthly, ISO periods such as P1Y, and counts such as `18 months`."""
    cases = " ".join(
        f"when {squeezed_sql(text)} in {words_in(words)} then '{months}'"
        for months, words in MONTHS.items()
    )
    period = "'^p?([0-9]{1,4})(m|months?)$'", "'^p?([0-9]{1,3})(y|years?)$'"
    squeezed = squeezed_sql(text)
    return (
        f"case {cases} when regexp_matches({squeezed}, {period[0]}) "
        f"then regexp_extract({squeezed}, {period[0]}, 1) when regexp_matches({squeezed}, {period[1]}) "
        f"then (regexp_extract({squeezed}, {period[1]}, 1)::int * 12)::varchar else {text} end"
    )


def _negated(text: str) -> str:
    return f"case when {text} like '-%' then substr({text}, 2) else '-' || {text} end"


def _seconds(text: str) -> str:
    return (
        f"case when regexp_full_match({text}, '[0-9]{{1,15}}(\\.[0-9]+)?') "
        f"then (split_part({text}, '.', 1)::bigint // 1000)::varchar else {text} end"
    )


def _share(text: str) -> str:
    """A percentage as a share; the sign may stand behind it."""
    bare = f"rtrim(rtrim({text}, '%'))"
    shared = f"rtrim(rtrim((try_cast({bare} as decimal(22, 8)) * 0.01::decimal(3, 2))::varchar, '0'), '.')"
    return f"case when regexp_full_match({bare}, '-?[0-9]{{1,12}}(\\.[0-9]{{1,8}})?') then {shared} else {text} end"


def _domain(text: str) -> str:
    return f"nullif(lower(regexp_extract({text}, '@([^@> ]+)>?$', 1)), '')"


def _first_listed(text: str) -> str:
    return f"nullif(trim(regexp_extract({text}, '^([^;,]*)', 1)), '')"


def _day_after(text: str, reading: Reading) -> str:
    """The day after, with the time of day that stood behind it, so that the column's check sees it."""
    read = day(text, reading)
    after = f"strftime({read} + interval 1 day, '%Y-%m-%d') || regexp_extract({text}, '[ T].*$')"
    return f"case when {read} is null then {text} else {after} end"


def _civil_day(text: str, reading: Reading, zone: str) -> str:
    read = moment(text, reading)
    local = f"timezone({literal(zone)}, timezone('UTC', {read}))"
    return (
        f"case when {text} like '%:%' and {read} is not null "
        f"then strftime({local}, '%Y-%m-%d') else {text} end"
    )


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


_SIMPLE: dict[str, Callable[[str], str]] = {
    "months": _months,
    "invert": _inverted,
    "negate": _negated,
    "seconds": _seconds,
    "percent": _share,
    "domain": _domain,
    "first_listed": _first_listed,
}
