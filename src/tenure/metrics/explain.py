"""From a number to its parts, its rows, and the file and line each row came from: one chain for every face."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenure.facts.table import table
from tenure.metrics.answer import Answer, plain
from tenure.metrics.declaration import Metric
from tenure.metrics.near import of_accounts
from tenure.metrics.provenance import described_line, line_words, preset_words, whose
from tenure.metrics.reading import Reading
from tenure.metrics.wording import cut_lines, headline, note_lines, one, part_lines, when


@dataclass(frozen=True, slots=True)
class RowShown:
    """One source row: where it stands and what it says."""

    table: str
    key: str
    file: str
    line: int | None
    values: Mapping[str, Any]

    @property
    def place(self) -> str:
        """`contracts.csv:17`."""
        return f"{self.file}:{self.line}" if self.line is not None else self.file


@dataclass(frozen=True, slots=True)
class Explanation:
    """A number opened up: sentence, formula, parts, method, rows, and what to keep in mind."""

    metric: Metric
    answer: Answer
    rows: Sequence[RowShown]

    def to_dict(self) -> dict[str, Any]:
        """As JSON: the answer's envelope with sentence, formula and the rows' own values."""
        return self.answer.to_dict() | {
            "title": self.metric.title,
            "says": self.metric.says,
            "formula": list(self.metric.formula),
            "caveats": list(self.metric.caveats),
            "references": list(self.metric.references),
            "origin": self.metric.origin,
            "file": self.metric.file,
            "thresholds": [described_line(line) for line in self.metric.thresholds],
            "source_rows": [
                {
                    "table": r.table,
                    "key": r.key,
                    "file": r.file,
                    "line": r.line,
                    "values": plain(r.values),
                }
                for r in self.rows
            ],
        }

    def __str__(self) -> str:
        """The chain as text, top to bottom."""
        answer, metric = self.answer, self.metric
        lines = [f"{metric.title} ({metric.id})", metric.says]
        lines += [f"Whose: {whose(metric)}"] if metric.file else []
        lines += [f"Own defaults: {said}" for said in preset_words(metric)]
        lines += [""]
        lines += [f"{headline(metric, answer)}   {when(answer)}", ""]
        lines += [f"  {formula}" for formula in metric.formula]
        lines += ["", "Parts", *(f"  {line}" for line in part_lines(metric, answer))]
        if answer.cuts:
            lines += [
                "",
                f"By {answer.method.get('by')}",
                *(f"  {line}" for line in cut_lines(metric, answer)),
            ]
        if metric.thresholds:
            lines += ["", "Lines"]
            lines += [f"  {line.zone:<30} {line_words(line)}" for line in metric.thresholds]
        lines += ["", "Method"]
        lines += [f"  {name:<30} {one(value)}" for name, value in answer.method.items()]
        if answer.findings:
            lines += ["", "Keep in mind", *(f"  {line}" for line in note_lines(answer))]
        lines += ["", f"Rows ({answer.rows_total or len(answer.rows):,})"]
        lines += [f"  {row.place:<32} {row.table} {row.key}: {_values(row)}" for row in self.rows]
        number = answer.rows_total or len(answer.rows)
        if number > len(self.rows):
            lines.append(f"  … and {number - len(self.rows):,} more")
        return "\n".join(lines)


def explain(metric: Metric, answer: Answer, reading: Reading, *, limit: int = 40) -> Explanation:
    """The chain behind one answer, with at most `limit` rows shown in full; of accounts asked about the newest."""
    accounts = answer.method.get("where", {}).get("account", ())
    wanted = answer.rows if accounts else answer.rows[:limit]
    by_table: dict[str, dict[tuple[str, int | None, str], Mapping[str, Any]]] = {}
    for name in {row.table for row in wanted}:
        key = table(name).key[0]
        lines: dict[str, set[int | None]] = {}
        for row in wanted:
            if row.table == name:
                lines.setdefault(row.file, set()).add(row.line)
        by_table[name] = {
            (found["source_file"], found["source_line"], str(found[key])): found
            for found in _rows_at(reading, name, lines, accounts)
        }
    pairs = [(row, by_table[row.table].get((row.file, row.line, row.key), {})) for row in wanted]
    if accounts:
        pairs.sort(key=lambda pair: _happened(pair[0].table, pair[1]), reverse=True)
    shown = []
    for row, found in pairs[:limit]:
        values = {
            column: value
            for column, value in found.items()
            if value is not None and not column.startswith("source_")
        }
        shown.append(RowShown(row.table, row.key, row.file, row.line, values))
    return Explanation(metric, answer, shown)


def _happened(name: str, row: Mapping[str, Any]) -> str:
    """When a row happened, as text that sorts; of a row without a time nothing, so that it comes last."""
    column = table(name).happened
    said = row.get(column) if column else None
    return "" if said is None else str(said)


def _values(row: RowShown) -> str:
    return ", ".join(f"{name}={plain(value)}" for name, value in row.values.items())


def _rows_at(
    reading: Reading, name: str, lines: Mapping[str, set[int | None]], accounts: Sequence[str]
) -> list[Mapping[str, Any]]:
    """The rows at these lines; looked for among those of the accounts asked about where that is at hand."""
    if name in reading.laid and accounts:
        columns = [*table(name).columns, "source_file", "source_line"]
        own = of_accounts(reading, name, accounts, columns)
        rows = [dict(zip(columns, row, strict=True)) for row in own]
        found = [r for r in rows if r["source_line"] in lines.get(r["source_file"], ())]
        if {(r["source_file"], r["source_line"]) for r in found} == {
            (file, line) for file, own_lines in lines.items() for line in own_lines
        }:
            return list(found)
    return list(reading.rows_at(name, lines))
