"""The reference page of a canonical table, written from its declaration so that the two cannot part."""

from __future__ import annotations

from tenure.facts.table import Column, Rule, Table, shapes

TYPE_WORDS = {
    "id": "id",
    "text": "text",
    "word": "word from a list",
    "date": "date",
    "timestamp": "timestamp, UTC",
    "money": "money, 4 decimals",
    "number": "number, 6 decimals",
    "rate": "rate, 10 decimals",
    "int": "whole number",
    "bool": "true or false",
    "json": "JSON",
}
KIND_WORDS = {
    "state": "A later row of the same key replaces an earlier one; the history is kept.",
    "event": "The first row of an id stays; other content under the same id is refused.",
}
LEVEL_WORDS = {
    "error": "the row is refused",
    "warning": "the row is kept and marked",
    "notice": "the row is kept",
}


def table_page(table: Table) -> str:
    """The page of `table` as Markdown, ending in a newline; the same table gives the same page."""
    parts = [
        f"# {table.title} (`{table.id}`)",
        table.says,
        "\n".join(_facts(table)),
        "## Columns",
        "\n".join(_columns(table)),
        *_words(table),
        *_rules(table.rules),
        *_caveats(table.caveats),
    ]
    return "\n\n".join(parts) + "\n"


def _facts(table: Table) -> list[str]:
    if table.id in shapes():
        return ["- **Never stored**: an import turns these rows into others, in memory."]
    lines = [f"- **Key**: {_names(table.key)}. {KIND_WORDS[table.kind]}"]
    if table.replaces:
        lines.append(
            f"- **A delivery replaces** what its source said of the same {_names(table.replaces)}."
        )
    if table.happened:
        lines.append(f"- **Dated by**: `{table.happened}`")
    known = (
        "from its own day, unless its source is declared otherwise"
        if table.backfill_trusted
        else ("from the day it was loaded, unless its source is declared otherwise")
    )
    lines.append(f"- **A row loaded late counts as known** {known}.")
    if table.not_in_future:
        lines.append(f"- **Never in the future**: {_names(table.not_in_future)}")
    if table.serves:
        lines.append(f"- **Serves**: {_names(table.serves)}")
    return lines


def _columns(table: Table) -> list[str]:
    rows = ["| column | type | needed | meaning |", "|---|---|---|---|"]
    for name, column in table.columns.items():
        shown = f"`{name}`" + (" (key)" if name in table.key else "")
        needed = "yes" if column.required else ""
        rows.append(
            f"| {shown} | {TYPE_WORDS[column.type]} | {needed} | {_cell(_meaning(column))} |"
        )
    return rows


def _meaning(column: Column) -> str:
    """One cell: the sentence, then unit, bounds, target, other headers, and the mark of personal data."""
    parts = [column.says]
    if column.unit:
        parts.append(f"Unit: {column.unit}.")
    if column.minimum is not None and column.maximum is not None:
        parts.append(f"From {column.minimum} to {column.maximum}.")
    elif column.minimum is not None:
        parts.append(f"At least {column.minimum}.")
    elif column.maximum is not None:
        parts.append(f"At most {column.maximum}.")
    if column.refers_to:
        parts.append(f"Refers to [{column.refers_to}]({column.refers_to}.md).")
    if column.aliases:
        parts.append(f"Also read from {_names(column.aliases)}.")
    if column.personal:
        parts.append("Personal.")
    return " ".join(parts)


def _words(table: Table) -> list[str]:
    """A list per enumerated column; an unknown word is a warning (rulings A10)."""
    found = [(name, column.words) for name, column in table.columns.items() if column.words]
    if not found:
        return []
    parts = [
        "## Words",
        "Spellings are compared without case, spaces, dashes and underscores. A word not listed is kept with a"
        " warning, and not counted where its meaning matters.",
    ]
    for name, words in found:
        rows = [f"| `{name}` | also read from |", "|---|---|"]
        rows += [
            f"| `{word}` | {_cell(', '.join(spellings))} |" for word, spellings in words.items()
        ]
        parts.append("\n".join(rows))
    return parts


def _rules(rules: tuple[Rule, ...]) -> list[str]:
    if not rules:
        return []
    rows = ["| rule | a row that | then | remedy |", "|---|---|---|---|"]
    rows += [
        f"| `{rule.name}` | {_cell(rule.says)} | {LEVEL_WORDS[rule.level]} | {_cell(rule.remedy)} |"
        for rule in rules
    ]
    return ["## Rules", "\n".join(rows)]


def _caveats(caveats: tuple[str, ...]) -> list[str]:
    return ["## Mind", "\n".join(f"- {caveat}" for caveat in caveats)] if caveats else []


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
