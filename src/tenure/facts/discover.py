"""A folder as a list of things to import, and a word about every file that nobody claims."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from tenure.facts.checks.words import squeezed
from tenure.facts.finding import Finding, Stopped
from tenure.facts.given import Given, from_file
from tenure.facts.mapping import Mapping, find_mapping, shipped
from tenure.facts.sources.read import EXPORT_ENDING, READERS, WORKBOOKS, ending
from tenure.facts.table import shapes, tables
from tenure.kernel.errors import SourceError

_SILENT = re.compile(
    r"(?i)^(\..*|readme.*|licen[cs]e.*|changelog.*|notice.*|truth\.json|.*\.(md|rst|toml)|thumbs\.db|~\$.*)$"
)


@dataclass(frozen=True, slots=True)
class Discovered:
    """The things to import, in the order of their names, and remarks about the others.

    `unclaimed` are files and sheets that could be read, if somebody said what they are.
    """

    given: tuple[Given, ...]
    findings: tuple[Finding, ...]
    unclaimed: tuple[Given, ...] = ()


def discover(folder: Path, mapping: Mapping | None = None) -> Discovered:
    """What `folder` holds for an import; a single file is a folder of one.

    Files are claimed by the mapping's patterns, else by the canonical table they are named after:
    `accounts.csv`, `usage_daily-2026-01.csv.gz`, `contracts.part2.jsonl`. Each sheet of a workbook is
    a thing of its own, `book.xlsx!Sheet`, claimed by that name, by the sheet's, or by the file's where
    it is the only one. Hidden files, READMEs, licenses and `truth.json` are passed over in silence.

    Raises:
        SourceError: no such folder, or nothing in it that could be imported.
    """
    found = surveyed(folder, mapping)
    if not found.given:
        raise _nothing(folder, list(found.findings), mapping)
    return found


def surveyed(folder: Path, mapping: Mapping | None = None) -> Discovered:
    """As `discover`, also of a folder in which nobody claims anything.

    Raises:
        SourceError: no such folder.
    """
    if not folder.exists():
        raise SourceError(
            "There is no such folder or file.", where=str(folder), remedy="Check the path.",
            code="folder.missing",
        )  # fmt: skip
    return surveyed_files(_files(folder), mapping)


def discovered_files(
    files: Sequence[tuple[Path, str]], mapping: Mapping | None = None
) -> Discovered:
    """As `discover`, of files that lie under other names than they go by.

    Raises:
        SourceError: nothing among them could be imported.
    """
    found = surveyed_files(files, mapping)
    if not found.given:
        raise _nothing(Path(files[0][1] if files else "upload"), list(found.findings), mapping)
    return found


def surveyed_files(files: Sequence[tuple[Path, str]], mapping: Mapping | None = None) -> Discovered:
    """As `surveyed`, of files each with the name it goes by."""
    given: list[Given] = []
    findings: list[Finding] = []
    unclaimed: list[Given] = []
    for path, name in files:
        if ending(name) in WORKBOOKS:
            _book(path, name, mapping, given, findings, unclaimed)
            continue
        name = _as_claimed(name, mapping)
        table = None if mapping and mapping.file_for(name) else table_named(name)
        if table or (mapping and mapping.file_for(name)):
            given.append(from_file(path, name=name, table=table))
        else:
            findings.append(_unclaimed(name, mapping, path))
            if ending(name) in READERS and not (mapping and mapping.set_aside(name)):
                unclaimed.append(Given(name, path, None, None, ""))
    return Discovered(tuple(given), tuple(findings), tuple(unclaimed))


def _files(folder: Path) -> list[tuple[Path, str]]:
    """The files of a folder and its folders with their relative names, sorted; hidden ones left out."""
    if folder.is_file():
        return [(folder, folder.name)]
    found = []
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inner.parts)
        if path.is_file() and not hidden and not _SILENT.match(path.name):
            found.append((path, inner.as_posix()))
    return found


def _book(
    path: Path,
    name: str,
    mapping: Mapping | None,
    given: list[Given],
    findings: list[Finding],
    unclaimed: list[Given],
) -> None:
    """Every visible sheet as a thing of its own, or a word about it; a hidden one is only told of."""
    from tenure.facts.sources.xlsx import sheets_of

    whole = from_file(path, name=name)
    try:
        sheets = sheets_of(whole)
    except Stopped:
        given.append(whole)  # reading it will say why, and other files go in
        return
    visible = [sheet.name for sheet in sheets if not sheet.hidden]
    findings += [_hidden(f"{name}!{sheet.name}") for sheet in sheets if sheet.hidden]
    for sheet in visible:
        shown = f"{name}!{sheet}"
        alone = len(visible) == 1
        mapped = bool(mapping and mapping.file_for(shown))
        if alone and mapping and not mapped and mapping.file_for(name):
            shown, mapped = name, True
        table = None if mapped else table_named(shown) or (table_named(name) if alone else None)
        if table or mapped:
            given.append(from_file(path, name=shown, table=table, sheet=sheet))
        else:
            findings.append(_unclaimed(shown, mapping))
            if not (mapping and mapping.set_aside(shown)):
                unclaimed.append(Given(shown, path, None, None, "", sheet))


def _as_claimed(name: str, mapping: Mapping | None) -> str:
    """The name; of corrected rows of a sheet (`book.xlsx!Sheet.csv`) the one that its mapping knows."""
    plain = name[: -len(ending(name))] if "!" in name else name
    known = mapping is not None and not mapping.file_for(name) and mapping.file_for(plain)
    return plain if known else name


def table_named(name: str) -> str | None:
    """The canonical table that a file or sheet is named after, or None.

    A file's name may go on after `-` or `.`: `usage_daily-2026-01.csv`. Of `book.xlsx!Sheet` the
    sheet's name counts, with blanks for underscores if need be: `book.xlsx!Contract lines`.
    """
    last = name.rsplit("/", 1)[-1].lower()
    if "!" in last:
        last = last.partition("!")[2]
        last = last if ending(last) in READERS else f"{last}.xlsx"
    stem = last.removesuffix(".gz").removesuffix(ending(last))
    first = re.split(r"[-.]", stem, maxsplit=1)[0]
    if ending(last) == EXPORT_ENDING:  # the JSON of a time tracker, and of nothing else
        return first if first in shapes() else None
    if ending(last) not in READERS:
        return None
    known = {squeezed(table): table for table in (*tables(), *shapes())}
    return known.get(squeezed(first)) if "!" in name else _exactly(first)


def _exactly(name: str) -> str | None:
    return name if name in tables() or name in shapes() else None


def _hidden(name: str) -> Finding:
    return Finding(
        rule="sheet.hidden",
        level="warning",
        outcome="warning",
        file=name,
        says="is a hidden sheet and was left out",
        remedy="unhide it if it is to be imported",
    )


def _unclaimed(name: str, mapping: Mapping | None, path: Path | None = None) -> Finding:
    if mapping and (why := mapping.set_aside(name)):
        return _set_aside(name, mapping, why)
    if path is not None and ending(name) == EXPORT_ENDING and _is_time_export(path):
        return _time_export(name)
    stem = re.split(r"[-.]", name.rsplit("/", 1)[-1].lower(), maxsplit=1)[0]
    sheet = name.partition("!")[2]
    near = get_close_matches(sheet.lower() or stem, list(tables()), n=1, cutoff=0.5)
    patterns = [p for file in mapping.files.values() for p in file.match] if mapping else []
    pattern = get_close_matches(name.rsplit("/", 1)[-1], patterns, n=1, cutoff=0.5)
    if path is not None and ending(name) not in (*READERS, *WORKBOOKS):
        return _unreadable(name)
    hints = [f"rename it to `{_renamed(name, near[0])}` if it holds {near[0]}"] if near else []
    hints += [f"the nearest pattern of the mapping is `{pattern[0]}`"] if pattern else []
    return Finding(
        rule="file.unclaimed",
        level="warning",
        outcome="warning",
        file=name,
        says="is named after no table" + (f" and matches no pattern of {mapping.id}" if mapping else "")
        + ", so it was left out",
        remedy="; ".join(hints) or "name it after a table, or import it through a mapping",
    )  # fmt: skip


def _unreadable(name: str) -> Finding:
    return Finding(
        rule="file.unclaimed",
        level="warning",
        outcome="warning",
        file=name,
        says="is of a kind that is not read here, so it was left out",
        remedy="export it as CSV, JSON Lines, Parquet or .xlsx if it holds facts",
    )


def _is_time_export(path: Path) -> bool:
    with path.open("rb") as file:
        return b'"buckets"' in file.read(4096)


def _time_export(name: str) -> Finding:
    return Finding(
        rule="file.unclaimed",
        level="warning",
        outcome="warning",
        file=name,
        says="looks like a time tracker's export, and does not say whose time it holds, so it was left out",
        remedy="name it time_entries-PERSON.json, or sum it up first: tenure time summarise",
    )


def _set_aside(name: str, mapping: Mapping, why: str) -> Finding:
    return Finding(
        rule="file.aside",
        level="notice",
        outcome="notice",
        file=name,
        says=f"was left aside, as the mapping {mapping.id} says: {why}",
        remedy="nothing, unless it should be read: then write a mapping of your own",
    )


def _renamed(name: str, table: str) -> str:
    return table if "!" in name else f"{table}{ending(name) or '.csv'}"


def _nothing(folder: Path, findings: list[Finding], mapping: Mapping | None) -> SourceError:
    if not findings:
        return SourceError(
            "The folder holds no file to import.", where=str(folder), code="folder.empty",
            remedy="Put files named after tables into it, for example accounts.csv and contracts.csv.",
        )  # fmt: skip
    names = ", ".join(f"`{finding.file}`" for finding in findings[:10])
    remedy = f"{findings[0].remedy}."
    if mapping is None:
        of = _export_of([finding.file for finding in findings if finding.file])
        if of is None:
            remedy = f"{findings[0].remedy}; or name the mapping: {', '.join(shipped())}."
        else:
            remedy = f"they look like an export of {of.title}: import them with --mapping {of.id}."
        remedy += " With --preview each file is told what it looks like."
    return SourceError(
        f"No file of the folder is named after a table: {names}.", where=str(folder),
        remedy=remedy[0].upper() + remedy[1:], code="folder.unclaimed",
    )  # fmt: skip


def _export_of(names: list[str]) -> Mapping | None:
    """The shipped mapping that knows most of the files by their names; None where none knows half of them."""
    known = [
        (sum(1 for n in names if one.file_for(n) or one.set_aside(n)), one)
        for one in map(find_mapping, shipped())
    ]
    most, best = max(known, key=lambda one: one[0])
    return best if 2 * most >= len(names) else None
