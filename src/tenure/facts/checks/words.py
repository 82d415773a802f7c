"""Texts, ids, words, yes and no, JSON and currencies."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from babel.numbers import list_currencies

from tenure.facts.checks.check import Check, Problem
from tenure.facts.sources.stage import CELL_LIMIT
from tenure.facts.sql import begins_and_ends, literal, words_in
from tenure.facts.table import Column

TRUE = ("true", "t", "yes", "y", "1")
FALSE = ("false", "f", "no", "n", "0")
JSON_DEPTH = 64
JSON_KEYS = 1000
_TOO_LONG = Problem(
    "size.text", f"length({{t}}) > {CELL_LIMIT}", f"is longer than {CELL_LIMIT} characters",
    "shorten the text",
)  # fmt: skip
_SURE = f"{begins_and_ends('{r}')} and strlen({{r}}) <= {CELL_LIMIT}"
_SURE_VALUE = "nullif({r}, '')"


def text_check() -> Check:
    """The check of a text column."""
    return Check("true", "{t}", although=(_TOO_LONG,), sure=f"({_SURE})", sure_value=_SURE_VALUE)


def id_check() -> Check:
    """The check of an id column; ids that a spreadsheet or a frame has turned into numbers are doubted."""
    number = "'[0-9]+\\.0+|[0-9](\\.[0-9]+)?[eE]\\+?[0-9]{2,}'"
    mangled = Problem(
        "id.number",
        f"regexp_full_match({{t}}, {number})",
        "looks like an id that was read as a number on its way, and will not be found by its own name",
        "export the column as text",
        "warning",
        "warning",
        per="column",
    )
    plain = " and ".join(f"not contains({{r}}, '{sign}')" for sign in ".eE")
    sure = f"({_SURE} and ({{r}} >= ':' or ({plain}) or not regexp_full_match({{r}}, {number})))"
    return Check("true", "{t}", although=(_TOO_LONG, mangled), sure=sure, sure_value=_SURE_VALUE)


def currency_check() -> Check:
    """The check of an ISO 4217 code, kept in upper case."""
    known = f"upper({{t}}) in {words_in(_currencies())}"
    problem = Problem(
        "currency.unknown",
        "",
        "is not an ISO 4217 currency code",
        "write a code such as EUR or USD",
    )
    return Check(known, "upper({t})", (problem,))


@cache
def _currencies() -> tuple[str, ...]:
    return tuple(sorted(list_currencies()))


def bool_check() -> Check:
    """The check of a yes/no column."""
    value = (
        f"case when lower({{t}}) in {words_in(TRUE)} then true "
        f"when lower({{t}}) in {words_in(FALSE)} then false end"
    )
    decimal = (
        "regexp_full_match({t}, '[01]\\.0+')"  # pandas makes 1.0 of a yes in a column with gaps
    )
    problem = Problem(
        "bool.form", "", "is neither true nor false", "write true or false (or yes, no, 1, 0)"
    )
    value = f"case when {decimal} then {{t}} like '1%' else {value} end"
    return Check(f"lower({{t}}) in {words_in(TRUE + FALSE)} or {decimal}", value, (problem,))


def word_check(column: Column) -> Check:
    """The check of a column with a list of words; an unknown one is kept, with a warning."""
    spellings: dict[str, str] = {}
    for canonical, accepted in column.words.items():
        for spelling in (canonical, *accepted):
            spellings.setdefault(squeezed(spelling), canonical)
    if not spellings:
        return text_check()
    norm = squeezed_sql("{t}")
    cases = " ".join(f"when {literal(k)} then {literal(v)}" for k, v in spellings.items())
    unknown = Problem(
        "word.unknown",
        f"{norm} not in {words_in(tuple(spellings))}",
        f"is none of the words known here ({', '.join(column.words)}); kept as it is, and not "
        "counted where its meaning matters",
        "map it to one of them in the mapping, or correct it in the source",
        "warning",
        "warning",
        per="word",
    )
    return Check("true", f"case {norm} {cases} else {{t}} end", although=(_TOO_LONG, unknown))


def squeezed(word: str) -> str:
    """`word` as words are compared: without case, blanks, dashes and underscores."""
    return word.lower().replace(" ", "").replace("-", "").replace("_", "")


def squeezed_sql(expression: str) -> str:
    """As `squeezed`, in SQL."""
    return f"translate(lower({expression}), ' _-', '')"


def json_check(connection: Any, text: str) -> Check:
    """The check of a JSON column; the few values that might be too deep or wide are looked at here.

    `text` is a relation with one column `t`: all values of the column.
    """
    suspects = connection.execute(
        f"select distinct t from {text} where json_valid(t) and length(t) <= {CELL_LIMIT} and "
        f"(length(t) - length(translate(t, '[{{', '')) > {JSON_DEPTH} "
        f"or length(t) - length(replace(t, ':', '')) > {JSON_KEYS})"
    ).fetchall()
    bad = tuple(value for (value,) in suspects if _too_deep_or_wide(value))
    too_big = Problem(
        "size.json", f"{{t}} in {words_in(bad)}" if bad else "false",
        f"is nested deeper than {JSON_DEPTH} or holds more than {JSON_KEYS} keys",
        "send less in one value",
    )  # fmt: skip
    form = Problem("json.form", "", "is not JSON", 'write for example {"salesforce": "001"}')
    unreadable = (_TOO_LONG, form)
    return Check(
        f"json_valid({{t}}) and length({{t}}) <= {CELL_LIMIT}", "{t}", unreadable, (too_big,)
    )


def _too_deep_or_wide(text: str) -> bool:
    try:
        pending = [(json.loads(text), 1)]
    except (RecursionError, ValueError):
        return True
    keys = 0
    while pending:
        value, depth = pending.pop()
        if not isinstance(value, dict | list):
            continue
        if depth > JSON_DEPTH:
            return True
        inner = value.values() if isinstance(value, dict) else value
        keys += len(value) if isinstance(value, dict) else 0
        pending.extend((item, depth + 1) for item in inner)
    return keys > JSON_KEYS
