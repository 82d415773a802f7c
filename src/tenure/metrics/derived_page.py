"""The page of the derived facts, written from their headers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tenure.facts.table import ColumnType
from tenure.metrics.derived.fact import DerivedFact

COLUMN_WORDS: Mapping[ColumnType, str] = {
    "id": "an id", "text": "text", "word": "a word", "json": "JSON", "date": "a day",
    "timestamp": "a moment", "money": "money", "number": "a number", "rate": "a rate",
    "int": "a whole number", "bool": "true or false",
}  # fmt: skip
OF_EVERY_QUESTION = ("as_of", "on_day", "renewal_grace_days")


def derived_page(facts: Iterable[DerivedFact]) -> str:
    """The derived facts that a measure can count, with their columns."""
    parts = [
        "# Derived facts",
        "Tables that Tenure makes from the delivered ones before a metric reads them: what a rule has already been "
        "applied to. A measure's `from` names one of them, or a [table](tables/index.md).",
    ]
    for fact in sorted(facts, key=lambda fact: fact.id):
        asks = [name for name in fact.parameters if name not in OF_EVERY_QUESTION]
        rows = ["| column | holds |", "|---|---|"]
        rows += [f"| `{name}` | {COLUMN_WORDS[kind]} |" for name, kind in fact.columns.items()]
        needs = " and ".join(f"[{name}](tables/{name}.md)" for name in fact.needs)
        lines = [f"{fact.says} {fact.grain[0].upper()}{fact.grain[1:]}. Needs {needs}."]
        if asks:
            lines.append(f"The metric must have the {_parameters_named(asks)}.")
        parts += [f"## {fact.id}", " ".join(lines), "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def _parameters_named(names: Sequence[str]) -> str:
    if set(names) <= {"period_start", "period_end"}:
        return "key `period`"
    return f"parameter{'s' if len(names) > 1 else ''} {', '.join(f'`{name}`' for name in names)}"
