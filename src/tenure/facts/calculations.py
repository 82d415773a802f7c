"""What a mapping's `calc` makes of several values, as SQL over their text; exact, and text again.

A value that cannot be read stands as it is where a number or day should be, so that the check of the
column it goes to refuses it with its own words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tenure.facts.checks.numbers import number_check
from tenure.facts.checks.times import date_check, timestamp_check
from tenure.facts.mapping import Calculation
from tenure.facts.reading import Reading
from tenure.facts.table import Column

_NUMBER = Column(type="number", says="An operand.")
_SCALE = 1_000_000  # operands have up to 6 decimals
Reader = Callable[[str, Reading], str]
"""Text as SQL and how the file is read, to the value's SQL, null where it cannot be read."""


def calculated(calc: Calculation, texts: Sequence[str], reading: Reading) -> str:
    """SQL for what `calc` makes of the texts, null where a needed one is missing."""
    if calc == "first":
        return f"coalesce({', '.join(texts)})"
    if calc == "text":
        return f"nullif(concat_ws(' ', {', '.join(texts)}), '')"
    if calc == "earliest":
        return _earliest(texts, reading)
    if calc in ("days", "seconds"):
        return _between(calc, texts, reading)
    if calc == "months_after":
        return _months_after(texts, reading)
    return _NUMERIC[calc](texts, reading)


def number(text: str, reading: Reading) -> str:
    """SQL for the number in the text, null where it is none."""
    check = number_check(_NUMBER, reading.signs())
    readable = check.readable.replace("{t}", text)
    return f"case when {readable} then {check.value_sql(text)} end"


def day(text: str, reading: Reading) -> str:
    """SQL for the day in the text as it is written, null where it is none."""
    check = date_check(reading.order, latest=None)
    readable = check.readable.replace("{t}", text)
    return f"case when {readable} then {check.value_sql(text)} end"


def moment(text: str, reading: Reading) -> str:
    """SQL for the moment in the text, in UTC, null where it is none."""
    check = timestamp_check(reading.order, reading.time_zone or "UTC", latest=None)
    readable = check.readable.replace("{t}", text)
    return f"case when {readable} then {check.value_sql(text)} end"


def _bound(name: str, parts: Mapping[str, str], body: str) -> str:
    """`body` over the fields of `name`, each computed once: SQL has no other name for a value in between."""
    fields = ", ".join(f"'{field}': {value}" for field, value in parts.items())
    return f"list_transform([{{{fields}}}], lambda {name}: {body})[1]"


def _guarded(texts: Sequence[str], read: Sequence[Reader], reading: Reading, result: str) -> str:
    """The result over o.v0, o.v1, ...; the first text that cannot be read where there is one."""
    given = {f"t{i}": text for i, text in enumerate(texts)}
    values = {f"v{i}": reader(f"g.t{i}", reading) for i, reader in enumerate(read)}
    cases = " ".join(
        f"when g.t{i} is not null and o.v{i} is null then g.t{i}" for i in range(len(texts))
    )
    return _bound("g", given, _bound("o", values, f"case {cases} else {result} end"))


def _shown(value: str, reading: Reading) -> str:
    """A decimal as text without needless zeros, with the file's own sign."""
    shown = "case when d.x like '%.%' then rtrim(rtrim(d.x, '0'), '.') else d.x end"
    text = _bound("d", {"x": f"({value})::varchar"}, shown)
    decimal = reading.signs()[0]
    return text if decimal == "." else f"replace({text}, '.', '{decimal}')"


def _product(texts: Sequence[str], reading: Reading) -> str:
    result = "o.v0"
    for i in range(1, len(texts)):
        result = f"(({result})::decimal(28, 6) * o.v{i})"
    return _guarded(texts, [number] * len(texts), reading, _shown(f"try({result})", reading))


def _difference(texts: Sequence[str], reading: Reading) -> str:
    result = " - ".join(["o.v0", *[f"coalesce(o.v{i}, 0)" for i in range(1, len(texts))]])
    return _guarded(texts, [number] * len(texts), reading, _shown(result, reading))


def _quotient(texts: Sequence[str], reading: Reading) -> str:
    result = _divided(_whole("o.v0"), _whole("o.v1"), 6, reading)
    return _guarded(texts, [number, number], reading, result)


def _yearly(texts: Sequence[str], reading: Reading) -> str:
    """By months where the span is whole months, else by days of 365: as for a total value without lines."""
    months = f"(date_diff('month', o.v1, o.v2) * {_SCALE})::hugeint"
    days = f"((o.v2 - o.v1)::bigint * {_SCALE})::hugeint"
    whole = "day(o.v1) = day(o.v2)"
    above = f"{_whole('o.v0')} * case when {whole} then 12 else 365 end"
    below = f"case when {whole} then {months} else {days} end"
    result = f"case when o.v2 > o.v1 then {_divided(above, below, 4, reading)} end"
    return _guarded(texts, [number, day, day], reading, result)


_NUMERIC: dict[str, Callable[[Sequence[str], Reading], str]] = {
    "product": _product,
    "difference": _difference,
    "quotient": _quotient,
    "yearly": _yearly,
}


def _whole(value: str) -> str:
    """A number of 6 decimals as a whole number of millionths."""
    return f"(({value}) * {_SCALE})::hugeint"


def _divided(above: str, below: str, places: int, reading: Reading) -> str:
    """The quotient of two whole numbers to `places`, half to even: DuckDB divides decimals as doubles."""
    whole = {"n": f"abs({above}) * {10**places}", "d": f"abs({below})",
             "minus": f"({above} < 0) <> ({below} < 0)"}  # fmt: skip
    parts = {"f": "w.n // w.d", "r": "w.n % w.d"}
    up = "2 * p.r > w.d or (2 * p.r = w.d and p.f % 2 = 1)"
    digits = {"x": f"(p.f + case when {up} then 1 else 0 end)::varchar"}
    padded = {"x": f"lpad(u.x, greatest(length(u.x), {places + 1})::int, '0')"}
    text = f"left(z.x, length(z.x) - {places}) || '.' || right(z.x, {places})"
    signed = (
        f"case when w.minus and u.x <> '0' then '-' else '' end || rtrim(rtrim({text}, '0'), '.')"
    )
    shown = _bound("u", digits, _bound("z", padded, signed))
    result = f"case when w.d <> 0 then {_bound('p', parts, shown)} end"
    decimal = reading.signs()[0]
    found = _bound("w", whole, result)
    return found if decimal == "." else f"replace({found}, '.', '{decimal}')"


def _between(calc: str, texts: Sequence[str], reading: Reading) -> str:
    """Days or seconds from the first to the second; null where one is not there."""
    read = day if calc == "days" else moment
    unit = "day" if calc == "days" else "second"
    values = {"a": read("g.a", reading), "b": read("g.b", reading)}
    result = f"date_diff('{unit}', o.a, o.b)::varchar"
    return _bound("g", {"a": texts[0], "b": texts[1]}, _bound("o", values, result))


def _earliest(texts: Sequence[str], reading: Reading) -> str:
    """The text of the earlier moment; what is missing or unreadable is passed over."""
    values = {"a": moment("g.a", reading), "b": moment("g.b", reading)}
    first = "o.b is null or (o.a is not null and o.a <= o.b)"
    result = f"case when {first} then g.a else g.b end"
    return _bound("g", {"a": texts[0], "b": texts[1]}, _bound("o", values, result))


def _months_after(texts: Sequence[str], reading: Reading) -> str:
    result = "strftime(o.v0 + to_months(o.v1::int), '%Y-%m-%d')"
    return _guarded(texts, [day, number], reading, result)
