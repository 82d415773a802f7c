"""One thing to import: a file, a sheet, or rows from Python, with the digest that makes a repeat visible."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from tenure.kernel.errors import Bug

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Given:
    """One thing to import.

    `name` is what findings call it: the path relative to the folder, `book.xlsx!Sheet`, or "accounts
    (rows given)". Either `path` or `rows` is set; `table` is the canonical table when rows are given or
    the file is named after it, and None where a mapping's pattern claims the file. `digest` is the
    sha256 of the file's bytes, of those and the `sheet`'s name, or of the rows as text.
    """

    name: str
    path: Path | None
    rows: object | None
    table: str | None
    digest: str
    sheet: str = ""

    @property
    def file(self) -> Path:
        """The path of what is known to be a file."""
        if self.path is None:
            raise Bug(f"`{self.name}` has no path.")
        return self.path

    def is_of(self, digest: str) -> bool:
        """Whether a file with that digest is the one that was given."""
        return self.digest == _of_sheet(digest, self.sheet)


def file_digest(path: Path) -> str:
    """The sha256 of the file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def from_file(
    path: Path, *, name: str | None = None, table: str | None = None, sheet: str = ""
) -> Given:
    """A file to import, or one sheet of a workbook, with its digest as it is now."""
    shown = name or (f"{path.name}!{sheet}" if sheet else path.name)
    digest = _of_sheet(file_digest(path), sheet)
    return Given(name=shown, path=path, rows=None, table=table, digest=digest, sheet=sheet)


def _of_sheet(digest: str, sheet: str) -> str:
    """The digest of one sheet: sheets of one book differ, and so does a sheet that was renamed."""
    return hashlib.sha256(f"{digest}!{sheet}".encode()).hexdigest() if sheet else digest
