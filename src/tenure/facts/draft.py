"""A suggestion written down as a mapping that loads: for a person to read, correct and name."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from tenure.facts.suggest import ColumnSuggestion, Suggestion
from tenure.facts.table import table
from tenure.kernel.errors import UserError

_DIGITS = re.compile(r"[0-9][0-9_-]*")
_SPECIAL = re.compile(r"[\[\]?*]")


def drafted(suggestions: Sequence[Suggestion]) -> str:
    """The TOML of a mapping with a section per file for which a table was suggested.

    Every line says how sure it is and why; nothing that is a guess about dates or signs is switched on.

    Raises:
        UserError: no table was suggested for any file.
    """
    usable = [one for one in suggestions if one.table]
    if not usable:
        raise UserError(
            "No file looks like a table that is known here, so there is nothing to draft.",
            remedy="Write a mapping by hand; docs/do/write-a-mapping.md shows how.", code="suggest.nothing",
        )  # fmt: skip
    names = file_keys([one.file for one in usable])
    head = [
        'title = "Draft"',
        'says  = "Suggested from the files named below. Read every line before you import with it."',
        "# sure, likely, a guess: how much the column's name and its values say so; the reason follows.",
        "# Taken up by nobody until somebody names this file: tenure import FOLDER --mapping THIS.toml",
    ]
    parts = [_file(one, key) for one, key in zip(usable, names, strict=True)]
    return "\n\n".join(["\n".join(head), *parts]) + "\n"


def _file(one: Suggestion, key: str) -> str:
    lines = [f"[files.{key}]"]
    for seen in one.recognised:
        lines.append(
            _comment(f"looks like {seen.title}: try --mapping {seen.mapping} first ({seen.why})")
        )
    lines.append(f"match = [{_text(pattern_of(one.file))}]")
    if one.order:
        lines.append(_comment(f'date_order = "day_month" or "month_day": {one.order}'))
    if one.decimal:
        lines.append(_comment(f'decimal = "{one.decimal}" and grouping, or locale = "de_DE"'))
    lines += [_comment(f"`{header}` was not placed") for header in one.unplaced]
    lines += [
        "",
        _comment(
            f"{one.table}: {one.sure}" + (f"; or {', '.join(one.others)}" if one.others else "")
        ),
        f"[files.{key}.into.{one.table}.columns]",
    ]
    lines += [_comment(f"{name} is missing: every row must have it") for name in one.missing]
    width = max((len(column.column) for column in one.columns), default=0)
    for column in one.columns:
        lines += _column(column, one.table, width)
    return "\n".join(lines)


def _column(column: ColumnSuggestion, name: str, width: int) -> list[str]:
    why = "; ".join((column.sure, *column.why))
    lines = [f"{column.column.ljust(width)} = {_text(column.source)}  {_comment(why)}"]
    if column.unknown_words:
        known = ", ".join(table(name).columns[column.column].words)
        said = ", ".join(f"{_text(word)} = ..." for word in column.unknown_words)
        lines.append(_comment(f"words = {{ {said} }} turns them into {known}"))
    return lines


def _comment(text: str) -> str:
    return "# " + re.sub(r"[\x00-\x1f\x7f]", " ", text)


def _text(value: str) -> str:
    """A TOML string; JSON's escapes are TOML's."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def pattern_of(name: str) -> str:
    """The file's name with `*` where dates and numbers stand, so that next month's file is claimed too."""
    last = name.rsplit("/", 1)[-1]
    return _DIGITS.sub("*", _SPECIAL.sub("?", last)).replace("**", "*")


def file_keys(names: Sequence[str]) -> list[str]:
    """A word for each file that TOML takes as a key, all different."""
    found: list[str] = []
    for name in names:
        last = name.rsplit("/", 1)[-1].rpartition("!")[2]
        stem = re.sub(r"[^a-z0-9]+", "_", last.split(".")[0].lower()).strip("_") or "file"
        count = sum(one == stem or one.startswith(f"{stem}_") for one in found)
        found.append(f"{stem}_{count + 1}" if stem in found else stem)
    return found
