"""Which shipped mapping a file looks made for: by its name, the columns the mapping reads, and those it knows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tenure.facts.checks.words import squeezed
from tenure.facts.mapping import MappedFile, Mapping, find_mapping, shipped
from tenure.kernel.errors import UserError

READ, KNOWN = 0.7, 0.3
"""How much counts: the columns it needs are there; the file's columns are known to it."""

ENOUGH = 0.6
MOST = 0.6
"""How many of the columns must be there where each alone may be absent."""

_NAME_FITS = 0.7
_TELLING = 3  # letters that a pattern of ignored columns must have to tell anything


@dataclass(frozen=True, slots=True)
class Recognised:
    """A mapping that could read the file, and how sure that is, 0 to 1."""

    mapping: str
    title: str
    file: str
    score: float
    why: str


def mappings(own: Path | None) -> list[Mapping]:
    """The shipped mappings and the workspace's own; one that does not load is passed over here."""
    mine = sorted(file.stem for file in own.glob("*.toml")) if own else []
    found = []
    for name in dict.fromkeys([*shipped(), *mine]):
        try:
            found.append(find_mapping(name, own=own))
        except UserError:
            continue  # it is refused with its line as soon as somebody names it
    return found


def recognised(name: str, headers: Sequence[str], known: Sequence[Mapping]) -> list[Recognised]:
    """The mappings that could read a file of that name and header, the surest first, one file each.

    A column counts as evidence the less, the more files of all mappings read one of its name: `id` says
    next to nothing, `current_period_end` a lot.
    """
    readers = Counter(
        column for mapping in known for file in mapping.files.values() for column in _needed(file)
    )
    found = []
    for mapping in known:
        scored = [_scored(name, headers, mapping, key, readers) for key in mapping.files]
        best = max((one for one in scored if one), key=lambda one: one.score, default=None)
        if best is not None and best.score >= ENOUGH:
            found.append(best)
    return sorted(found, key=lambda one: (-one.score, one.mapping))


def _needed(file: MappedFile) -> set[str]:
    """The columns that must be there, or all that are read where each may be absent, as names are compared."""
    read = {  # a constant currency code stands where a column may stand
        column for column in file.columns_read() if column and not re.fullmatch("[A-Z]{3}", column)
    }
    must = {column for column in read if not file.may_lack(column)}
    return {squeezed(column) for column in must or read}


def _scored(
    name: str, headers: Sequence[str], mapping: Mapping, key: str, readers: MappingOf[str, int]
) -> Recognised | None:
    file = mapping.files[key]
    needed = _needed(file)
    there = needed & {squeezed(header) for header in headers}
    if not there:
        return None
    named = {squeezed(column) for column in file.columns_read()}
    patterns = [p.lower() for p in (*file.ignore, *mapping.ignore) if len(p.strip("*")) >= _TELLING]
    known = sum(
        squeezed(header) in named or any(fnmatchcase(header.lower(), p) for p in patterns)
        for header in headers
    )
    claims = file.claims(name)
    evidence = min(1.0, sum(1 / readers[column] for column in there) + _NAME_FITS * claims)
    wanted = len(needed) * (MOST if "*" in file.optional else 1)
    score = (READ * min(1, len(there) / wanted) + KNOWN * known / len(headers)) * evidence
    why = f"{len(there)} of the {len(needed)} columns it reads are there, {known} of {len(headers)} are known to it"
    why += ", and the name fits" if claims else ""
    return Recognised(mapping.id, mapping.title, key, round(score, 3), why)
