"""Rows given from Python: a list of dicts, a pandas frame, or anything with the Arrow capsule."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any, cast

from arro3.core import Table
from arro3.core.types import ArrowStreamExportable

from tenure.facts.given import Given
from tenure.facts.sources.parquet import stage_typed
from tenure.facts.sources.stage import CONTROL, Staged, StageWriter, clean_cells
from tenure.kernel.errors import UserError


def from_rows(table: str, rows: object) -> Given:
    """`rows` for one canonical table as something to import, with the digest of their text.

    Raises:
        UserError: neither a list of dicts, nor a pandas frame, nor an Arrow stream.
    """
    digest = hashlib.sha256(table.encode())
    if _is_arrow(rows):
        rows = Table.from_arrow(
            cast(ArrowStreamExportable, rows)
        )  # a stream can be read once only: hold it
        _digest_arrow(rows, digest.update)
    else:
        rows = rows if _is_frame(rows) else _listed(rows)
        for headers, cells in _texts(rows):
            for cell in chain(headers, cells):
                digest.update(
                    b"\x00" if cell is None else b"\x01" + cell.encode("utf-8", "replace")
                )
            digest.update(b"\x02")
    return Given(f"{table} (rows given)", None, rows, table, digest.hexdigest())


def stage_rows(connection: Any, given: Given, *, table: str) -> Staged:
    """The rows on the stage `table`; `line` is the row's number, 1 = first."""
    staged = Staged(given.name, table, encoding="python")
    if _is_arrow(given.rows):
        connection.register("tenure_rows", given.rows)
        try:
            found = connection.execute("describe select * from tenure_rows").fetchall()
            columns = {name: kind for name, kind, *_ in found}
            staged.headers = list(columns)
            stage_typed(connection, staged, columns, "tenure_rows", line="row_number() over ()")
        finally:
            connection.unregister("tenure_rows")
        return staged
    texts = _texts(given.rows)
    first = list(islice(texts, 1))
    staged.headers = list(first[0][0]) if first else _frame_headers(given.rows)
    with StageWriter(connection, staged) as writer:
        for number, (headers, cells) in enumerate(chain(first, texts), start=1):
            staged.rows += 1
            writer.add(number, _row(headers, cells, staged, number))
    return staged


def _row(
    headers: Sequence[str], cells: list[str | None], staged: Staged, number: int
) -> list[str | None]:
    """The cells in the order of the stage's columns, cleaned."""
    if headers is not staged.headers and list(headers) != staged.headers:
        staged.headers.extend(h for h in headers if h not in staged.headers)
        values = dict(zip(headers, cells, strict=True))
        cells = [values.get(header) for header in staged.headers]
    if any(cell is not None and CONTROL.search(cell) for cell in cells):
        return clean_cells(staged, number, cells)
    return cells


def _is_frame(rows: object) -> bool:
    return type(rows).__module__.split(".")[0] == "pandas" and hasattr(rows, "columns")


def _is_arrow(rows: object) -> bool:
    # a pandas frame has the capsule too, but only with pyarrow installed
    return hasattr(rows, "__arrow_c_stream__") and not _is_frame(rows)


def _listed(rows: object) -> list[Mapping[str, object]]:
    if isinstance(rows, Iterable) and not isinstance(rows, str | bytes | Mapping):
        found = list(rows)
        if all(isinstance(row, Mapping) for row in found):
            return found
    raise UserError(
        f"Rows of type `{type(rows).__name__}` cannot be imported.",
        remedy="Give a list of dicts, a pandas frame, or an Arrow table.",
        code="rows.kind",
    )


def _texts(rows: Any) -> Iterator[tuple[Sequence[str], list[str | None]]]:
    """Each row as (headers, cells as text)."""
    if not _is_frame(rows):
        for row in rows:
            yield [str(key) for key in row], [text_of(value) for value in row.values()]
        return
    headers = _frame_headers(rows)
    columns = [
        [
            None if missing else text_of(value)
            for value, missing in zip(rows.iloc[:, i].tolist(), rows.iloc[:, i].isna(), strict=True)
        ]
        for i in range(len(headers))
    ]
    for cells in zip(*columns, strict=True):
        yield headers, list(cells)


def _frame_headers(rows: Any) -> list[str]:
    return [str(name) for name in rows.columns] if _is_frame(rows) else []


def text_of(value: object) -> str | None:
    """The value as the text it would be in a CSV, nothing lost; None and a float NaN are missing.

    Raises:
        UserError: a kind of value that has no one text.
    """
    if value is None or isinstance(value, str):
        return value
    if type(value).__name__ in ("NAType", "NaTType"):  # pandas' missing; NaT passes for a datetime
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(float(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=text_of)
    return _foreign_text(value)


def _float_text(value: float) -> str | None:
    if math.isnan(value):
        return None  # pandas' way of saying missing
    return format(Decimal(repr(value)), "f") if math.isfinite(value) else repr(value)


def _foreign_text(value: object) -> str | None:
    """Numbers of numpy and other libraries, by the value they carry."""
    unwrap: Callable[[], object] | None = getattr(value, "item", None)
    if unwrap is not None and (inner := unwrap()) is not value:
        return text_of(inner)
    if hasattr(value, "value") and type(value).__mro__[-2].__name__ == "Enum":
        return text_of(value.value)
    if type(value).__module__ == "uuid":
        return str(value)
    raise UserError(
        f"A value of type `{type(value).__name__}` cannot be imported.",
        remedy="Give text, a number, a date, a datetime, True, False or None.",
        code="rows.value",
    )


def _digest_arrow(rows: Any, update: Callable[[bytes], None]) -> None:
    update(str(rows.schema).encode())
    for batch in rows.to_batches():
        for i in range(batch.num_columns):
            for value in (
                batch.column(i).to_pylist()
                if hasattr(batch.column(i), "to_pylist")
                else list(batch.column(i))
            ):
                update(str(value).encode("utf-8", "replace") + b"\x01")
