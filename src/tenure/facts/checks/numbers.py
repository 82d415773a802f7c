"""Numbers: digits 0 to 9, the declared signs, nothing guessed, nothing read as 0."""

from __future__ import annotations

import re
from dataclasses import replace

from tenure.facts.checks.check import Check, Problem
from tenure.facts.sql import BLANKS, literal
from tenure.facts.table import Column

SCALES = {"money": 4, "number": 6, "rate": 10}
_TYPES = {"money": "decimal(18, 4)", "number": "decimal(18, 6)", "rate": "decimal(18, 10)"}


def number_check(column: Column, signs: tuple[str, str]) -> Check:
    """The check of a money, number, rate or int column under the declared signs."""
    decimal, grouping = (re.escape(sign) for sign in signs)
    if signs[1] and signs[1] in BLANKS:
        grouping = "[ \u00a0\u202f]"  # whoever groups with one of these means all of them
    if signs[1] in ("'", "\u2019"):
        grouping = "['\u2019]"
    whole = f"([0-9]+|[0-9]{{1,3}}({grouping}[0-9]{{3}})+)" if grouping else "[0-9]+"
    body = literal(f"-?{whole}({decimal}[0-9]+)?")
    plain = "{t}"
    if grouping:
        plain = f"regexp_replace({plain}, {literal(grouping)}, '', 'g')"
    if signs[0] != ".":
        plain = f"replace({plain}, {literal(signs[0])}, '.')"
    readable = f"regexp_full_match({{t}}, {body})"
    if column.type == "int":
        check = _whole_number(column, readable, plain, signs)
    else:
        check = _decimal_number(column, readable, plain, signs)
    if signs != (".", ""):
        return check
    sure, sure_value = _sure(column)
    return replace(check, sure=sure, sure_value=sure_value)


def _sure(column: Column) -> tuple[str, str]:
    """Plain numbers that are neither too long nor too fine, so that nothing is rounded."""
    if column.type == "int":
        value, form = "try_cast({r} as bigint)", "[0-9]{1,18}"
    else:
        scale, kind = SCALES[column.type], _TYPES[column.type]
        value, form = (
            f"try_cast({{r}} as {kind})",
            f"[0-9]{{1,{18 - scale}}}(\\.[0-9]{{1,{scale}}})?",
        )
    low, high = column.minimum, column.maximum
    sign = "" if low is not None and low >= 0 else "-?"
    limits = [f"{value} >= {low}"] if low else []
    limits += [f"{value} <= {high}"] if high is not None else []
    return "(" + " and ".join([f"regexp_full_match({{r}}, '{sign}{form}')", *limits]) + ")", value


def _whole_number(column: Column, readable: str, plain: str, signs: tuple[str, str]) -> Check:
    digits = f"regexp_replace({plain}, '\\.0+$', '')"
    value = f"try_cast({digits} as bigint)"
    although = (
        Problem(
            "number.whole", f"not regexp_full_match({plain}, '-?[0-9]+(\\.0+)?')",
            "is not a whole number", "write a whole number",
        ),
        _too_big(),
        *_range(column),
    )  # fmt: skip
    return Check(readable, value, _unreadable(signs), although)


def _decimal_number(column: Column, readable: str, plain: str, signs: tuple[str, str]) -> Check:
    scale, kind = SCALES[column.type], _TYPES[column.type]
    value = (
        f"case when regexp_matches({plain}, '\\.[0-9]{{{scale + 1},}}$') "
        f"then {_half_even(plain, scale, kind)} else try_cast({plain} as {kind}) end"
    )
    rounded = Problem(
        "number.rounded", f"regexp_matches({plain}, '\\.[0-9]{{{scale}}}[0-9]*[1-9]')",
        f"has more than {scale} decimals and was rounded to {scale}, half to even",
        f"give at most {scale} decimals", "warning", "cleaned",
    )  # fmt: skip
    although = (_too_big(), *_range(column), rounded)
    return Check(readable, value, _unreadable(signs), although)


def _half_even(plain: str, scale: int, kind: str) -> str:
    """Round text with more decimals than `scale`, exactly: DuckDB's own rounding takes 5 up."""
    cut = f"regexp_extract({plain}, '^(-?[0-9]+\\.[0-9]{{{scale}}})', 1)"
    tail = f"rtrim(regexp_extract({plain}, '\\.[0-9]{{{scale}}}([0-9]+)$', 1), '0')"
    unit = f"'0.{'0' * (scale - 1)}1'::{kind}"
    sign = f"case when {plain} like '-%' then -1 else 1 end"
    up = f"({tail} > '5' or ({tail} = '5' and right({cut}, 1) in ('1', '3', '5', '7', '9')))"
    return (
        f"try_cast(try_cast({cut} as {kind}) + case when {up} then ({sign} * {unit})::{kind} "
        f"else 0::{kind} end as {kind})"  # the largest of all, rounded up, has no room: too large, not a crash
    )


def _too_big() -> Problem:
    return Problem(
        "number.size", "{v} is null", "is too large to be kept exactly", "check the value"
    )


def _range(column: Column) -> list[Problem]:
    found = []
    for limit, sign, word in ((column.minimum, "<", "less"), (column.maximum, ">", "more")):
        if limit is not None:
            unit = f" ({column.unit})" if column.unit else ""
            found.append(
                Problem(
                    "number.range",
                    f"{{v}} {sign} {limit}",
                    f"is {word} than {limit}{unit}, which cannot be",
                    "check the value",
                )  # fmt: skip
            )
    return found


def _unreadable(signs: tuple[str, str]) -> tuple[Problem, ...]:
    """Why text is no number, the most telling reason first."""
    decimal, grouping = signs
    point = "points" if decimal == "." else "commas"
    declare = 'decimal = ","' if decimal == "." else 'decimal = "."'
    lower = "lower({t})"
    return (
        Problem("number.formula", "left({t}, 1) = '='",
                "is a formula, not a number", "export the values instead of the formulas"),
        Problem("number.not_finite",
                f"regexp_full_match({lower}, '[+-]?(nan|inf|infinity|∞|1\\.#(inf|qnan|ind))')",
                "is not a finite number", "leave the cell empty if there is no value"),
        Problem("number.digits", "regexp_matches({t}, '\\p{Nd}') and regexp_matches({t}, '[^\\x00-\\x7f]') "
                "and not regexp_matches({t}, '[0-9]')",
                "is written in digits other than 0 to 9", "write it with the digits 0 to 9"),
        Problem("number.hex", f"regexp_full_match({lower}, '[+-]?0[xob][0-9a-f]+')",
                "is not a decimal number", "write it in decimal digits"),
        Problem("number.scientific", f"regexp_full_match({lower}, '[+-]?[0-9]+([.,][0-9]+)?e[+-]?[0-9]+')",
                "is in scientific notation, as spreadsheets write when they drop digits",
                "format the column as a plain number in the source and export again"),
        Problem("number.grouping", "regexp_full_match({t}, '[+-]?[0-9]{1,3}([ \u00a0\u202f\u2019''][0-9]{3})+([.,][0-9]+)?')",
                "has blanks or marks between its digits, and no grouping sign is declared",
                'write it without them, or declare grouping = " " or a locale for this file'),
        Problem("number.decimal", "regexp_full_match({t}, '-?[0-9]+,[0-9]+')",
                f"is not a number: this source declares decimal {point}",
                f"write {{dotted}}, or set {declare} for this file"),
        Problem("number.decimal", "regexp_full_match({t}, '[+-]?[0-9.,]*[0-9]') and regexp_matches({t}, '[.,]')",
                f"is not a number: this source declares decimal {point}"
                + (f" and `{grouping}` between thousands" if grouping else " and no grouping sign"),
                f"write it without grouping, or set {declare}, grouping or locale for this file"),
        Problem("number.unit", "regexp_full_match({t}, '([$€£¥]|[A-Z]{3}) ?-?[0-9.,]+|-?[0-9.,]+ ?([$€£¥%]|[A-Z]{3})')",
                "carries a currency or percent sign", "give the bare number, and the currency in its own column"),
        Problem("number.form", "", "is not a number", "write it as in 1234.5, or leave the cell empty"),
    )  # fmt: skip
