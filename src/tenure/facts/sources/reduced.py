"""What is left of a delivery before anything is written: text by column, and what was said on the way.

A source that holds what Tenure does not store is read in memory once; from then on this stands for it,
also in the intake, so that nothing else ever touches a disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from arro3.core import Array, DataType, Table

from tenure.facts.finding import Finding, RefusedRow, Stopped
from tenure.facts.given import Given
from tenure.facts.sources.stage import Staged


@dataclass(frozen=True, slots=True)
class Reduced:
    """The rows that are kept: an Arrow table of `line` and the texts `c0`, `c1`, ... under `headers`.

    `refused` are rows that were refused on the way, without their text; `stopped` what refused all.
    """

    headers: tuple[str, ...]
    cells: Any
    encoding: str = ""
    encoding_guessed: bool = False
    delimiter: str = ""
    findings: tuple[Finding, ...] = ()
    refused: tuple[Finding, ...] = ()
    stopped: Finding | None = None

    def said(self) -> dict[str, Any]:
        """All but the cells, as JSON knows it."""
        return {
            "headers": list(self.headers),
            "encoding": self.encoding,
            "encoding_guessed": self.encoding_guessed,
            "delimiter": self.delimiter,
            "findings": [asdict(one) for one in self.findings],
            "refused": [asdict(one) for one in self.refused],
            "stopped": asdict(self.stopped) if self.stopped else None,
        }

    @classmethod
    def from_said(cls, said: Mapping[str, Any], cells: object) -> Reduced:
        """What `said` gave, with its cells."""
        return cls(
            tuple(said["headers"]),
            Table.from_arrow(cells),  # type: ignore[arg-type]  # anything with an Arrow stream
            said["encoding"],
            said["encoding_guessed"],
            said["delimiter"],
            tuple(Finding(**one) for one in said["findings"]),
            tuple(Finding(**one) for one in said["refused"]),
            Finding(**said["stopped"]) if said["stopped"] else None,
        )


def from_texts(
    headers: Sequence[str],
    rows: Sequence[Sequence[str | None]],
    *,
    lines: Sequence[int] = (),
) -> Reduced:
    """Rows of text under `headers`; they are numbered from 1 if no lines are given."""
    arrays: dict[str, Any] = {
        "line": Array(list(lines or range(1, len(rows) + 1)), type=DataType.int64())
    }
    for i in range(len(headers)):
        arrays[f"c{i}"] = Array([row[i] for row in rows], type=DataType.string())
    return Reduced(tuple(headers), Table.from_pydict(arrays))


def digest_of(headers: Sequence[str], rows: Sequence[Sequence[str | None]]) -> str:
    """The sha256 of rows of text, by which the same rows are known again."""
    digest = hashlib.sha256()
    for row in (headers, *rows):
        for cell in row:
            digest.update(b"\x00" if cell is None else b"\x01" + cell.encode("utf-8", "replace"))
        digest.update(b"\x02")
    return digest.hexdigest()


def stage_reduced(connection: Any, given: Given, *, table: str) -> Staged:
    """What was kept on the stage `table`.

    Raises:
        Stopped: the source had been refused as a whole.
    """
    kept = given.rows
    assert isinstance(kept, Reduced)  # noqa: S101 - the door to the readers asks first
    if kept.stopped is not None:
        said = kept.stopped
        raise Stopped(said.says, code=said.rule, remedy=said.remedy, file=said.file, line=said.line)
    staged = Staged(given.name, table, list(kept.headers), encoding=kept.encoding)
    staged.encoding_guessed, staged.delimiter = kept.encoding_guessed, kept.delimiter
    columns = "".join(f", c{i}::varchar as c{i}" for i in range(len(kept.headers)))
    connection.register("tenure_reduced", kept.cells)
    try:
        connection.execute(
            f"create or replace table {table} as select line{columns} from tenure_reduced"
        )
    finally:
        connection.unregister("tenure_reduced")
    ((count,),) = connection.execute(f"select count(*) from {table}").fetchall()
    staged.rows = count + len(kept.refused)
    staged.findings = list(kept.findings)
    staged.refused = [
        RefusedRow(replace(finding, file=given.name), "{}") for finding in kept.refused
    ]
    return staged
