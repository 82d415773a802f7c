"""Conditions of a mapping as SQL: words, missing values, patterns with `*`, and numbers compared."""

from __future__ import annotations

import re

from tenure.facts.calculations import number
from tenure.facts.checks.words import squeezed, squeezed_sql
from tenure.facts.reading import Reading
from tenure.facts.sql import literal, words_in

_COMPARED = re.compile(r"(<=|>=|<|>)\s*(-?[0-9]+(?:\.[0-9]+)?)")


def meets(text: str, words: tuple[str, ...], reading: Reading) -> str:
    """SQL that is true where the text is one of the words, and never null."""
    plain = [w for w in words if w and "*" not in w and not _COMPARED.fullmatch(w.strip())]
    either = [f"{squeezed_sql(text)} in {words_in([squeezed(w) for w in plain])}"] if plain else []
    for word in words:
        compared = _COMPARED.fullmatch(word.strip())
        if not word:
            either.append(f"{text} is null")
        elif word == "*":
            either.append(f"{text} is not null")
        elif compared:
            either.append(f"{number(text, reading)} {compared[1]} {compared[2]}")
        elif "*" in word:
            either.append(f"{squeezed_sql(text)} like {literal(_pattern(word))} escape '\\'")
    return f"coalesce({' or '.join(either)}, false)"


def _pattern(word: str) -> str:
    return squeezed(word).replace("\\", "\\\\").replace("%", "\\%").replace("*", "%")
