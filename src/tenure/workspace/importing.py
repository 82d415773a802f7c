"""What comes in by the notebook's door: rows and folders, looked at before, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from tenure.facts.discover import discover, discovered_files, surveyed_files
from tenure.facts.given import Given
from tenure.facts.mapping import Mapping as SourceMapping
from tenure.facts.mapping import find_mapping
from tenure.facts.preview import Closely, Preview, preview_of, preview_of_files
from tenure.facts.reading import Reading as FileReading
from tenure.facts.reading import Settings as ImportSettings
from tenure.facts.sources.rows import from_rows
from tenure.facts.table import table
from tenure.facts.time_entries.delivered import words_of
from tenure.facts.time_entries.gathered import Surroundings
from tenure.kernel.errors import UnknownName
from tenure.kernel.settings import Settings
from tenure.lake import imports, ledger, remarks
from tenure.lake.effect import effect_of
from tenure.lake.engines.current import CurrentRows
from tenure.lake.imports import ImportSummary
from tenure.lake.known import KnownFacts
from tenure.lake.lake import Lake
from tenure.lake.snapshots import Snapshot
from tenure.lake.trying import would_refuse

Progress = Callable[[str, float], None]


class Door(Protocol):
    """What an import needs of a workspace."""

    folder: Path
    settings: Settings
    lake: Lake

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that is read."""
        ...

    def facts(self, as_known_on: date | None = None) -> CurrentRows:
        """Current rows."""
        ...

    def imports(self) -> list[ImportSummary]:
        """What became of every import that ended."""
        ...

    def _forget(self) -> None: ...


class WithImports:
    """The part of a workspace that takes facts in."""

    __slots__ = ()

    def load(
        self: Door,
        rows: Mapping[str, Any],
        *,
        source: str = "python",
        again: bool = False,
        complete: bool = False,
    ) -> ImportSummary:
        """Import rows for canonical tables: lists of dicts, pandas frames, or anything with the Arrow capsule.

        Args:
            rows: canonical table name to rows; an empty list says that there are none.
            source: what to call where they come from.
            again: import even if the very same rows were imported before.
            complete: keys of these tables and this source that are absent now are closed, with a finding.

        Returns:
            What came in: rows, loaded, replaced, repeats, refused (they add up), findings by level.
        """
        given = [from_rows(table(name).id, own) for name, own in rows.items()]
        settings = ImportSettings(time_zone=self.settings.time_zone, source=source)
        return _import(self, given, None, settings, again=again, complete=complete)

    def would_refuse(
        self: Door, rows: Mapping[str, Any], *, source: str = "python"
    ) -> list[dict[str, Any]]:
        """What `load` would refuse of the same rows, each with `table_name`, `column_name`, `value`, `says` and `remedy`.

        Nothing is written anywhere; an empty list: all would be taken in.
        """
        given = [from_rows(table(name).id, own) for name, own in rows.items()]
        settings = ImportSettings(time_zone=self.settings.time_zone, source=source)
        return would_refuse(self.lake, given, settings, self.snapshot)

    def withdraw(self: Door, rows: Mapping[str, Any], *, source: str = "python") -> ImportSummary:
        """Take back rows that `source` had given: keys of which its word was the last drop out of every number.

        Args:
            rows: canonical table name to whole rows, as they were given. Keys the lake does not hold, or holds as
                another source's, are passed over.
            source: what their giver was called.

        Returns:
            What came of it; `closed` counts the rows that are gone.
        """
        given = [from_rows(table(name).id, own) for name, own in rows.items()]
        settings = ImportSettings(time_zone=self.settings.time_zone, source=source)
        return _import(self, given, None, settings, again=True, withdrawing=True)

    def import_folder(
        self: Door,
        folder: str | Path,
        mapping: str | Path | None = None,
        *,
        source: str = "",
        again: bool = False,
        complete: bool = False,
        corrects: Sequence[int] = (),
        on_progress: Progress | None = None,
        **reading: str | Mapping[str, str],
    ) -> ImportSummary:
        """Import a folder of files named after the canonical tables, or a foreign export through a mapping.

        Args:
            folder: CSV, TSV, JSON Lines, Parquet or XLSX files; text also gzipped.
            mapping: a shipped mapping's name (`ravenstack`), one of the workspace's own, or a TOML file.
            source: what to call where they come from; the mapping's or the folder's name by default.
            again: import even files that were imported before, byte for byte.
            complete: the export is complete: keys of its tables and source that are absent now are closed.
            corrects: numbers of imports that were read wrongly and are said anew: what they brought is replaced,
                and what only they brought is closed.
            on_progress: called with a step and the share done.
            **reading: how the files are read, for all of them or per file pattern: `date_order`
                (`day_month` or `month_day`), `encoding`, `delimiter`, `decimal`, `grouping`, `locale`, `time_zone`.

        Raises:
            Question: dates that can be read two ways; nothing was imported.
            SourceError: the folder holds nothing that can be imported.
        """
        chosen, settings = _how(self, folder, mapping, source, reading)
        found = discover(Path(folder), mapping=chosen)
        return _import(
            self,
            list(found.given),
            chosen,
            settings,
            again=again,
            complete=complete,
            corrects=_corrected(self, corrects),
            on_progress=on_progress,
            remarks=found.findings,
        )

    def import_files(
        self: Door,
        files: Sequence[tuple[Path, str]],
        mapping: SourceMapping | None = None,
        *,
        source: str,
        corrects: Sequence[int] = (),
        on_progress: Progress | None = None,
    ) -> ImportSummary:
        """As `import_folder`, of files that lie under other names than they go by.

        Args:
            files: each file's path, and the name by which a mapping or a table knows it.
            mapping: already read; None for files named after the canonical tables.
            source: what to call where they come from.
            corrects: as in `import_folder`.
            on_progress: as in `import_folder`.
        """
        found = discovered_files(files, mapping)
        return _import(
            self,
            list(found.given),
            mapping,
            ImportSettings(time_zone=self.settings.time_zone, source=source),
            corrects=_corrected(self, corrects),
            on_progress=on_progress,
            remarks=found.findings,
        )

    def preview_files(
        self: Door,
        files: Sequence[tuple[Path, str]],
        mapping: SourceMapping | None = None,
        *,
        source: str,
        corrects: Sequence[int] = (),
    ) -> Preview:
        """What `import_files` would do: twenty rows of each file, and by table how many are new, replaced, the same."""
        known = KnownFacts(self.lake, self.snapshot)
        settings = ImportSettings(time_zone=self.settings.time_zone, source=source)
        around = Surroundings(mapping, settings, known, words_of(self.folder))
        ids = _corrected(self, corrects)
        closely = Closely(
            sample=20,
            findings=50,
            effect=lambda connection, prepared: effect_of(
                self.lake, connection, prepared, corrects=ids
            ),
        )
        return preview_of_files(
            surveyed_files(files, mapping), around, own=own_mappings(self), closely=closely
        )

    def preview(
        self: Door,
        folder: str | Path,
        mapping: str | Path | None = None,
        *,
        source: str = "",
        **reading: str | Mapping[str, str],
    ) -> Preview:
        """What `import_folder` would do with the same arguments; nothing is written anywhere.

        Returns:
            Per file how it is read, which column goes where with its first values before and after, what is
            left out, and how many rows would be refused; what would stop the import; and for files that
            nobody claims what they look like, with how sure and why.
        """
        chosen, settings = _how(self, folder, mapping, source, reading)
        known = KnownFacts(self.lake, self.snapshot)
        around = Surroundings(chosen, settings, known, words_of(self.folder))
        return preview_of(Path(folder), around, own=own_mappings(self))

    def imports(self: Door) -> list[ImportSummary]:
        """What became of every import that ended, oldest first."""
        done = [e for e in ledger.entries(self.lake).values() if e.state == "done"]
        return sorted((ImportSummary.from_dict(e.summary) for e in done), key=lambda s: s.number)

    def findings(
        self: Door, number: int | None = None, *, level: str | None = None, limit: int = 1000
    ) -> list[dict[str, Any]]:
        """What an import (the newest without a number) found, errors first, then by file and line."""
        summary = numbered(self, number)
        if summary is None:
            return []
        return remarks.findings(self.facts().engine, summary.import_id, level=level, limit=limit)

    def findings_by_rule(self: Door, number: int | None = None) -> list[dict[str, Any]]:
        """The first finding of each rule, file and column of an import, with how many there are."""
        summary = numbered(self, number)
        return (
            []
            if summary is None
            else remarks.findings_by_rule(self.facts().engine, summary.import_id)
        )

    def refused(self: Door, number: int | None = None) -> dict[str, str]:
        """The refused rows of an import by source file, each as CSV text with three columns of explanation."""
        summary = numbered(self, number)
        return {} if summary is None else remarks.refused(self.facts().engine, summary.import_id)


def _how(
    door: Door,
    folder: str | Path,
    mapping: str | Path | None,
    source: str,
    reading: Mapping[str, str | Mapping[str, str]],
) -> tuple[SourceMapping | None, ImportSettings]:
    """The mapping and the settings of an import of `folder`."""
    chosen = None if mapping is None else _mapping(door, str(mapping))
    settings = ImportSettings(
        time_zone=door.settings.time_zone,
        files=_readings(reading),
        source=source or (chosen.id if chosen else Path(folder).resolve().name),
    )
    return chosen, settings


def _mapping(door: Door, name: str) -> SourceMapping:
    return find_mapping(name, own=own_mappings(door))


def own_mappings(door: Door) -> Path:
    """The folder of the workspace's own mappings."""
    return door.folder / "catalogue" / "mappings"


def _corrected(door: Door, numbers: Sequence[int]) -> tuple[str, ...]:
    """The ids of imports by their numbers.

    Raises:
        UnknownName: no such import.
    """
    return tuple(summary.import_id for number in numbers if (summary := numbered(door, number)))


def _import(
    door: Door,
    given: list[Given],
    chosen: SourceMapping | None,
    settings: ImportSettings,
    **how: Any,
) -> ImportSummary:
    door._forget()
    return imports.run_import(door.lake, given, mapping=chosen, settings=settings, **how)


def numbered(door: Door, number: int | None) -> ImportSummary | None:
    """The import with that number, the newest without one; None where there is none yet.

    Raises:
        UnknownName: no import has that number.
    """
    done = door.imports()
    if number is None:
        return done[-1] if done else None
    for summary in done:
        if summary.number == number:
            return summary
    raise UnknownName("import", str(number), [str(summary.number) for summary in done])


def _readings(given: Mapping[str, str | Mapping[str, str]]) -> dict[str, FileReading]:
    """What was said about reading, by file pattern; a plain word holds for every file."""
    known = set(FileReading.__dataclass_fields__)
    by_pattern: dict[str, dict[str, str]] = {}
    for name, said in given.items():
        if name not in known:
            raise UnknownName("way of reading", name, known)
        for pattern, value in (said if isinstance(said, Mapping) else {"*": said}).items():
            by_pattern.setdefault(pattern, {})[name] = value
    return {pattern: FileReading(**values) for pattern, values in by_pattern.items()}  # type: ignore[arg-type]  # Reading checks each word
