"""The bytes of a file: unpacked, counted, digested, and guarded against files that explode."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tenure.facts.finding import Stopped

CHUNK = 1 << 18
INFLATED_FREE = 64 << 20  # below this, no ratio is suspicious
INFLATED_RATIO = 150  # real exports shrink 5 to 50 times
INFLATED_LIMIT = 64 << 30

_FOREIGN = {
    b"PK\x03\x04": "a ZIP archive or a spreadsheet (.xlsx)",
    b"\x1f\x8b": "a gzip archive inside another",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls)",
    b"PAR1": "Parquet",
    b"SQLite format 3": "a SQLite database",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
}


class _Counting(io.RawIOBase):
    """A file that is counted, and where `digesting` digested, while it is read."""

    def __init__(self, file: BinaryIO, *, digesting: bool) -> None:
        self._file, self.count = file, 0
        self._digest = hashlib.sha256() if digesting else None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # io's own type is looser
        data = self.take(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def take(self, size: int) -> bytes:
        """The next bytes, without the copy that a buffer costs."""
        data = self._file.read(size)
        if self._digest is not None:
            self._digest.update(data)
        self.count += len(data)
        return data

    def is_of(self, digest: str) -> bool:
        """Whether the whole file has that digest; an empty one is not asked for."""
        if self._digest is None:
            return True
        while self.take(CHUNK):
            pass
        return self._digest.hexdigest() == digest


def contents(path: Path, *, name: str, digest: str = "") -> Iterator[bytes]:
    """The file's bytes in chunks, unpacked if it is gzip; at the end the digest is compared.

    Raises:
        Stopped: `file.unsafe`, `file.broken`, `file.unreadable`, or `file.changed` when the bytes are
            not those of `digest`.
    """
    try:
        with path.open("rb") as raw:
            counting = _Counting(raw, digesting=bool(digest))
            if is_packed(path):
                packed = gzip.GzipFile(fileobj=io.BufferedReader(counting, CHUNK))
                chunks = iter(lambda: packed.read(CHUNK), b"")
            else:
                chunks = iter(lambda: counting.take(CHUNK), b"")
            yield from _guarded(chunks, counting, name)
            if not counting.is_of(digest):
                raise still_written(name)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Stopped(
            "The compressed file is damaged or cut off.", code="file.broken", file=name,
            remedy="Export or copy it again.",
        ) from error  # fmt: skip
    except OSError as error:
        raise Stopped(
            f"The file cannot be read: {error.strerror or error}.", code="file.unreadable",
            file=name, remedy="Check that it exists and that you may read it.",
        ) from error  # fmt: skip


def is_packed(path: Path) -> bool:
    """Whether the file is read through gzip."""
    return path.name.lower().endswith(".gz")


def _guarded(chunks: Iterator[bytes], counting: _Counting, name: str) -> Iterator[bytes]:
    inflated = 0
    for chunk in chunks:
        inflated += len(chunk)
        exploded = inflated > INFLATED_FREE and inflated > counting.count * INFLATED_RATIO
        if exploded or inflated > INFLATED_LIMIT:
            raise Stopped(
                f"The archive unpacks to more than {inflated >> 20} MB from {counting.count >> 10} KB.",
                code="file.unsafe", file=name, remedy="Unpack it yourself and import the plain file.",
            )  # fmt: skip
        yield chunk


def still_written(name: str) -> Stopped:
    """The refusal of a file that changed between being listed and being read."""
    return Stopped(
        "The file changed while it was read: is it still being written?", code="file.changed",
        file=name, remedy="Import it again when the program that writes it is done.",
    )  # fmt: skip


def refuse_foreign(sample: bytes, *, name: str) -> None:
    """Stop at a file that is no text at all, by its first bytes."""
    for magic, kind in _FOREIGN.items():
        if sample.startswith(magic):
            raise Stopped(
                f"The file is {kind}, not text.", code="file.kind", file=name,
                remedy="Export it as CSV, TSV, JSON Lines or Parquet, with that ending.",
            )  # fmt: skip
