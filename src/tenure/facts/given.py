"""One thing to import: a file, or rows from Python, with the digest that makes a repeat visible."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from tenure.kernel.errors import Bug

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Given:
    """One thing to import.

    `name` is what findings call it: the path relative to the folder, or "accounts (rows given)".
    Either `path` or `rows` is set; `table` is the canonical table when rows are given or the file is
    named after it, and None where a mapping's pattern claims the file. `digest` is the sha256 of the
    file's bytes, or of the rows as text.
    """

    name: str
    path: Path | None
    rows: object | None
    table: str | None
    digest: str

    @property
    def file(self) -> Path:
        """The path of what is known to be a file."""
        if self.path is None:
            raise Bug(f"`{self.name}` has no path.")
        return self.path


def file_digest(path: Path) -> str:
    """The sha256 of the file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def from_file(path: Path, *, name: str | None = None, table: str | None = None) -> Given:
    """A file to import, with its digest as it is now."""
    shown = name or path.name
    return Given(name=shown, path=path, rows=None, table=table, digest=file_digest(path))
