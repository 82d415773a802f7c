"""An import against a plain dictionary: planted faults are found one by one, and nobody else suffers."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from nightly import examples
from tenure.facts import prepare as facts
from tenure.facts.discover import discover
from tenure.facts.known import NothingKnown

HEADERS = ["line_id", "account_id", "arr", "is_trial", "start_date", "reason"]

# what stands in the cell, what it becomes, and the rule that refuses it
Cell = tuple[str, Any, str]

IDS: list[Cell] = [(f"L-{i}", f"L-{i}", "") for i in range(4)] + [
    (" L-1 ", "L-1", ""),
    ("", None, "value.missing"),
]
AMOUNTS: list[Cell] = [
    ("1.5", Decimal("1.5"), ""), ("0", Decimal(0), ""), ("1.50", Decimal("1.5"), ""), ("-3", Decimal(-3), ""),
    ("1,5", None, "number.decimal"), ("NaN", None, "number.not_finite"), ("=1+1", None, "number.formula"),
    ("1e9", None, "number.scientific"), ("٣", None, "number.digits"), ("ten", None, "number.form"),
]  # fmt: skip
FLAGS: list[Cell] = [("", None, ""), ("No", False, ""), ("0", False, ""), ("2", None, "bool.form")]
DAYS: list[Cell] = [
    ("", None, ""), ("2024-02-29", date(2024, 2, 29), ""), ("2024-02-29 00:00", date(2024, 2, 29), ""),
    ("2023-02-29", None, "date.impossible"), ("29 Feb 2024", None, "date.form"),
]  # fmt: skip
TEXTS: list[Cell] = [
    ("", None, ""), ("two\nlines", "two\nlines", ""), ('says "hi", twice', 'says "hi", twice', ""),
    ("ünïcödé ٣", "ünïcödé ٣", ""), ("nul\x00", "nul\ufffd", ""), ("'quoted", "'quoted", ""),
]  # fmt: skip


@dataclass(frozen=True)
class Row:
    cells: tuple[Cell, ...]

    @property
    def text(self) -> list[str]:
        return [cell[0] for cell in self.cells]

    @property
    def rules(self) -> list[str]:
        return [cell[2] for cell in self.cells if cell[2]]

    @property
    def key(self) -> Any:
        return self.cells[0][1]

    @property
    def content(self) -> tuple[Any, ...]:
        return tuple(cell[1] for cell in self.cells)


def row() -> st.SearchStrategy[Row]:
    account: list[Cell] = [("A-1", "A-1", "")]
    columns = [IDS, account, AMOUNTS, FLAGS, DAYS, TEXTS]
    return st.tuples(*(st.sampled_from(cells) for cells in columns)).map(Row)


def written(rows: list[Row], *, ends: str) -> tuple[str, list[int]]:
    """The rows as a CSV, and the physical line each begins on."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=ends)
    writer.writerow(HEADERS)
    lines = []
    for item in rows:
        lines.append(out.getvalue().count("\n") + 1)
        writer.writerow(item.text)
    return out.getvalue(), lines


def expected(placed: dict[tuple[str, int], Row]) -> tuple[set[Any], set[Any], int]:
    """By a plain dictionary: the contents kept, the refusals as (place, rule), the number of repeats."""
    refused = {(place, rule) for place, item in placed.items() for rule in item.rules}
    by_key: dict[Any, list[tuple[tuple[str, int], Row]]] = defaultdict(list)
    for place, item in placed.items():
        if not item.rules:
            by_key[item.key].append((place, item))
    kept, repeats = set(), 0
    for same in by_key.values():
        contents = {item.content for _, item in same}
        if len(contents) > 1:
            refused |= {(place, "key.conflict") for place, _ in same}
        else:
            kept |= contents
            repeats += len(same) - 1
    return kept, refused, repeats


@settings(max_examples=examples(18, night=400), deadline=None)
@given(
    rows=st.lists(row(), min_size=1, max_size=12),
    cut=st.integers(0, 12),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_an_import_agrees_with_a_dictionary(rows: list[Row], cut: int, ends: str) -> None:
    parts = {"contract_lines-1.csv": rows[:cut], "contract_lines-2.csv": rows[cut:]}
    placed: dict[tuple[str, int], Row] = {}
    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        for name, part in parts.items():
            text, lines = written(part, ends=ends)
            (Path(folder) / name).write_bytes(text.encode())
            placed |= {(name, line): item for line, item in zip(lines, part, strict=True)}
        prepared = facts.prepare(
            connection, discover(Path(folder)).given, mapping=None, settings=facts.Settings(),
            loaded_at=datetime(2026, 6, 1, tzinfo=UTC), import_id="i", known=NothingKnown(),
        )  # fmt: skip
        kept, refused, repeats = expected(placed)
        found = connection.execute(
            f"select {', '.join(HEADERS)} from {prepared.tables['contract_lines']}"
        ).fetchall()
        assert set(found) == kept
        assert len(found) == len(kept)
        told = connection.execute(
            f"select file, line, rule from {prepared.findings} where outcome = 'refused'"
        ).fetchall()
        assert {((file, line), rule) for file, line, rule in told} == refused
        assert len(told) == len(refused)
        assert sum(file.rows for file in prepared.files) == len(rows)
        assert sum(file.repeats for file in prepared.files) == repeats
        assert sum(file.refused for file in prepared.files) == len({place for place, _ in refused})
        cleaned = sum("\x00" in item.text[-1] for item in rows)
        counted = connection.execute(
            f"select count(*) from {prepared.findings} where outcome = 'cleaned'"
        ).fetchone()
        assert counted == (cleaned,)
