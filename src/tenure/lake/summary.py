"""What an import reports: counts that add up to the rows given, by file and by table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from tenure.facts.prepare import FileSummary
from tenure.kernel.errors import Bug
from tenure.lake.commit import TableCounts


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Source rows of a file: rows = loaded + replaced + repeats + refused + left_out.

    A row that feeds several tables counts once: refused if any table refused it, else loaded if it is new
    to any, else replaced if it changed any, else a repeat. `left_out`: the mapping chose no table for it.
    """

    rows: int = 0
    loaded: int = 0
    replaced: int = 0
    repeats: int = 0
    refused: int = 0
    left_out: int = 0

    def __post_init__(self) -> None:
        """Refuse counts that do not add up: a row would be lost."""
        if self.rows != self.loaded + self.replaced + self.repeats + self.refused + self.left_out:
            raise Bug(f"The rows of the import do not add up: {self}.", code="import.rows")

    def __add__(self, other: RowCounts) -> RowCounts:
        """Both together."""
        return RowCounts(
            **{name: value + asdict(other)[name] for name, value in asdict(self).items()}
        )


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """One file: how it was read, what became of its rows, and what it gave to each table.

    `already` is the number of the import that brought the same bytes before (0: none did); `stopped` the rule
    that refused the whole file.
    """

    name: str
    digest: str
    counts: RowCounts = RowCounts()
    tables: dict[str, TableCounts] = field(default_factory=dict)
    encoding: str = ""
    encoding_guessed: bool = False
    delimiter: str = ""
    stopped: str = ""
    already: int = 0


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """One import. `already`: nothing was done, all files had come before, and this is that import's summary.

    `findings` counts by level. `span` is the first and last day of the dated facts, None where none is dated.
    `closed` counts keys that a complete export no longer held. `seconds` is the time it took.
    """

    import_id: str
    number: int
    state: str
    already: bool
    loaded_at: datetime
    seconds: float
    snapshot: int
    counts: RowCounts
    files: tuple[FileOutcome, ...]
    tables: dict[str, TableCounts]
    findings: dict[str, int]
    span: tuple[date, date] | None
    closed: int = 0

    @property
    def rows(self) -> int:
        """Rows in the files."""
        return self.counts.rows

    @property
    def loaded(self) -> int:
        """Rows that were new."""
        return self.counts.loaded

    @property
    def replaced(self) -> int:
        """Rows that changed what was there."""
        return self.counts.replaced

    @property
    def repeats(self) -> int:
        """Rows that said again what was there, or what another row says."""
        return self.counts.repeats

    @property
    def refused(self) -> int:
        """Rows in quarantine."""
        return self.counts.refused

    @property
    def left_out(self) -> int:
        """Rows for which the mapping chose no table."""
        return self.counts.left_out

    def as_already(self, files: tuple[FileOutcome, ...]) -> ImportSummary:
        """The same, told to somebody who gave the same files again."""
        return replace(self, already=True, files=files)

    def to_dict(self) -> dict[str, Any]:
        """As JSON knows it; `from_dict` reads it back."""
        return (
            asdict(self)
            | {
                "loaded_at": self.loaded_at.isoformat(),
                "span": [day.isoformat() for day in self.span] if self.span else None,
                "files": [asdict(file) for file in self.files],
            }
            | asdict(self.counts)
        )

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> ImportSummary:
        """The summary that `to_dict` wrote."""
        files = [
            FileOutcome(
                **(f | {"counts": RowCounts(**f["counts"]), "tables": _tables(f["tables"])})
            )
            for f in said["files"]
        ]
        kept = {
            name: said[name]
            for name in (
                "import_id",
                "number",
                "state",
                "already",
                "seconds",
                "snapshot",
                "findings",
                "closed",
            )
        }
        span = said["span"]
        return cls(
            **kept,
            loaded_at=datetime.fromisoformat(said["loaded_at"]),
            counts=RowCounts(**said["counts"]),
            files=tuple(files),
            tables=_tables(said["tables"]),
            span=(date.fromisoformat(span[0]), date.fromisoformat(span[1])) if span else None,
        )


def outcome(
    file: FileSummary, lines: Mapping[str, int], tables: Mapping[str, TableCounts]
) -> FileOutcome:
    """One file's outcome from what preparing and committing each counted.

    Args:
        file: the preparation's counts; its accepted rows are those the lake then looked at.
        lines: class -> source rows ('new', 'replaced', 'repeat', 'id.reused'), each row once.
        tables: what the file gave to each table.
    """
    if sum(lines.values()) != file.accepted:
        raise Bug(
            f"Of {file.accepted} rows of `{file.name}` the lake saw {sum(lines.values())}.",
            code="import.rows",
        )
    counts = RowCounts(
        file.rows,
        lines.get("new", 0),
        lines.get("replaced", 0),
        file.repeats + lines.get("repeat", 0),
        file.refused + lines.get("id.reused", 0),
        file.left_out,
    )
    return FileOutcome(
        file.name,
        file.digest,
        counts,
        dict(tables),
        file.encoding,
        file.encoding_guessed,
        file.delimiter,
        file.stopped,
    )


def _tables(said: Mapping[str, Any]) -> dict[str, TableCounts]:
    return {name: TableCounts(**counts) for name, counts in said.items()}
