"""The physical lines of a text file, numbered, with the record they belong to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tenure.facts.given import Given
from tenure.facts.sources.content import contents
from tenure.facts.sources.encoding import (
    MISFIT,
    ODD,
    Encoding,
    decoded,
    line_too_long,
    physical_lines,
)


class Lines:
    """The physical lines of a text file, one at a time, remembering the record being read.

    `begins` is the number of the record's first line, 1 = the file's first.
    """

    def __init__(self, given: Given, encoding: Encoding, *, limit: int) -> None:
        """Open nothing yet; a record longer than `limit` characters raises RecordTooLong."""
        self._name = given.name
        self._misfits: list[int] = []
        chunks = contents(given.file, name=given.name, digest=given.digest)
        texts = decoded(chunks, encoding.name, self._misfits)
        self._groups = physical_lines(texts, name=given.name)
        self.record: list[str] = []
        self.odd = False
        self.begins = 0
        self._held, self._limit = 0, limit
        self._told = 0

    def __iter__(self) -> Iterator[str]:
        """Yield lines; `odd` is raised while the record holds control characters or misfits."""
        before = 0
        for group, suspicious in self._groups:
            for number, line in enumerate(group, start=before + 1):
                self._take(line, number, suspicious=suspicious)
                yield line
            before += len(group)

    def _take(self, line: str, number: int, *, suspicious: bool) -> None:
        if suspicious and ODD.search(line):
            self.odd = True
        if not self.record:
            self.begins = number
        self._held += len(line)
        if self._held > self._limit:
            if not self.record:
                raise line_too_long(self._name, self._limit, line=number)
            raise RecordTooLong
        self.record.append(line)

    def next_record(self) -> None:
        """Forget the record that was just handled."""
        self._told += sum(line.count(MISFIT) for line in self.record) if self.odd else 0
        self.record.clear()
        self.odd, self._held = False, 0

    def record_misfits(self) -> list[int]:
        """The byte offsets of what does not fit the encoding in the record being read."""
        count = sum(line.count(MISFIT) for line in self.record) if self.odd else 0
        return self._misfits[self._told :][:count]


class ChosenLines(Lines):
    """The lines of the records that begin on chosen lines; the others are passed over.

    A record whose quotes stay open takes in the lines after it as always: `swallowed` has their numbers.
    """

    def __init__(
        self, given: Given, encoding: Encoding, *, limit: int, chosen: Sequence[int]
    ) -> None:
        """Open nothing yet; `chosen` are line numbers in order, all lines with misfits among them."""
        super().__init__(given, encoding, limit=limit)
        self._chosen = chosen
        self.swallowed: list[int] = []

    def __iter__(self) -> Iterator[str]:
        """Yield lines, as `Lines` does."""
        before, turn = 0, 0
        for group, suspicious in self._groups:
            at = 0
            while at < len(group):
                if not self.record:  # between two records
                    while turn < len(self._chosen) and self._chosen[turn] <= before + at:
                        turn += 1  # a record has swallowed it
                    if turn == len(self._chosen):
                        break
                    at = self._chosen[turn] - before - 1
                    if at >= len(group):
                        break
                line = group[at]
                at += 1
                self._take(line, before + at, suspicious=suspicious)
                yield line
            before += len(group)

    def next_record(self) -> None:
        """Forget the record that was just handled."""
        self.swallowed += range(self.begins + 1, self.begins + len(self.record))
        super().next_record()


class RecordTooLong(Exception):
    """A record passed the limit: most likely a quote that never closes."""
