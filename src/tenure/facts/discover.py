"""A folder as a list of things to import, and a word about every file that nobody claims."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from tenure.facts.finding import Finding
from tenure.facts.given import Given, from_file
from tenure.facts.mapping import Mapping
from tenure.facts.sources.read import READERS, ending
from tenure.facts.table import tables
from tenure.kernel.errors import SourceError

_SILENT = re.compile(
    r"(?i)^(\..*|readme.*|licen[cs]e.*|changelog.*|notice.*|truth\.json|.*\.(md|rst|toml)|thumbs\.db|~\$.*)$"
)


@dataclass(frozen=True, slots=True)
class Discovered:
    """The things to import, in the order of their names, and remarks about the others."""

    given: tuple[Given, ...]
    findings: tuple[Finding, ...]


def discover(folder: Path, mapping: Mapping | None = None) -> Discovered:
    """What `folder` holds for an import; a single file is a folder of one.

    Files are claimed by the mapping's patterns, else by the canonical table they are named after:
    `accounts.csv`, `usage_daily-2026-01.csv.gz`, `contracts.part2.jsonl`. Hidden files, READMEs,
    licenses and `truth.json` are passed over in silence.

    Raises:
        SourceError: no such folder, or nothing in it that could be imported.
    """
    if not folder.exists():
        raise SourceError(
            "There is no such folder or file.", where=str(folder), remedy="Check the path.",
            code="folder.missing",
        )  # fmt: skip
    given, findings = [], []
    for path, name in _files(folder):
        table = None if mapping and mapping.file_for(name) else table_named(name)
        if table or (mapping and mapping.file_for(name)):
            given.append(from_file(path, name=name, table=table))
        else:
            findings.append(_unclaimed(name, mapping))
    if not given:
        raise _nothing(folder, findings, mapping)
    return Discovered(tuple(given), tuple(findings))


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


def table_named(name: str) -> str | None:
    """The canonical table that a file is named after, or None.

    The name may go on after `-` or `.`: `usage_daily-2026-01.csv`.
    """
    last = name.rsplit("/", 1)[-1].lower()
    if ending(last) not in READERS:
        return None
    stem = last.removesuffix(".gz").removesuffix(ending(last))
    first = re.split(r"[-.]", stem, maxsplit=1)[0]
    return first if first in tables() else None


def _unclaimed(name: str, mapping: Mapping | None) -> Finding:
    stem = re.split(r"[-.]", name.rsplit("/", 1)[-1].lower(), maxsplit=1)[0]
    near = get_close_matches(stem, list(tables()), n=1, cutoff=0.5)
    patterns = [p for file in mapping.files.values() for p in file.match] if mapping else []
    pattern = get_close_matches(name.rsplit("/", 1)[-1], patterns, n=1, cutoff=0.5)
    hints = (
        [f"rename it to `{near[0]}{ending(name) or '.csv'}` if it holds {near[0]}"] if near else []
    )
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


def _nothing(folder: Path, findings: list[Finding], mapping: Mapping | None) -> SourceError:
    if not findings:
        return SourceError(
            "The folder holds no file to import.", where=str(folder), code="folder.empty",
            remedy="Put files named after tables into it, for example accounts.csv and contracts.csv.",
        )  # fmt: skip
    names = ", ".join(f"`{finding.file}`" for finding in findings[:10])
    remedy = findings[0].remedy + (
        "." if mapping else "; or name the mapping, for example --mapping ravenstack."
    )
    return SourceError(
        f"No file of the folder is named after a table: {names}.", where=str(folder),
        remedy=remedy[0].upper() + remedy[1:], code="folder.unclaimed",
    )  # fmt: skip
