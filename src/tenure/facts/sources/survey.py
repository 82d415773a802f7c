"""One look over a large text file: what stands in its lines, and whether the engine may split it as it is.

The engine may read a file in UTF-8 whose lines all end alike. Anything else is first written out again:
unpacked, in UTF-8, with LF ends, and with a mark where bytes did not fit.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from tenure.facts.sources.encoding import MISFIT, holds_control

BETWEEN = "\x01"
"""Told to the engine as the delimiter of a file that it shall not divide: no line holds it."""

_INSTEAD = {MISFIT: "\x7f", BETWEEN: "\x02"}  # control characters: whoever holds one is read by us
LINE_LIMIT = 1 << 19
ANCHOR_LIMIT = 10_000
"""Bytes of a line that is worth remembering; one is taken of each piece of the file."""


class NotPlain(Exception):
    """The engine must not read these bytes as they are."""


class NoTable(Exception):
    """A line is so long that the file is for the reader that goes line by line."""


@dataclass(slots=True)
class Survey:
    """What was seen of a text: its lines, and a few of them to hold the engine's reading against.

    `anchors` maps line numbers (1 = first) to those lines' text without their ends.
    """

    lines: int = 0
    quotes: bool = False
    odd: bool = False
    anchors: dict[int, str] = field(default_factory=dict)
    _running: int = 0

    def see(self, raw: bytes) -> None:
        """Look at the next piece of UTF-8, cut between characters.

        Raises:
            NoTable: a line is too long.
        """
        first, last = raw.find(b"\n"), raw.rfind(b"\n")
        reaches = len(raw) if first < 0 else first
        if self._running + reaches > LINE_LIMIT:
            raise NoTable
        self._running = self._running + len(raw) if last < 0 else len(raw) - last - 1
        if first < last:
            line = raw[first + 1 : raw.find(b"\n", first + 1)].removesuffix(b"\r")
            if len(line) <= ANCHOR_LIMIT:
                self.anchors[self.lines + 2] = line.decode()
        self.lines += raw.count(b"\n")
        self.quotes = self.quotes or b'"' in raw
        self.odd = self.odd or holds_control(raw)

    def end(self) -> None:
        """Count a last line that has no end."""
        if self._running:
            self.lines += 1


def surveyed(chunks: Iterable[bytes]) -> Survey:
    """The survey of a file's own bytes.

    Raises:
        NotPlain: they are not UTF-8, or their lines end in several ways.
        NoTable: a line is too long.
    """
    survey, decoder = Survey(), codecs.getincrementaldecoder("utf-8")("strict")
    ends = _Ends()
    try:
        for chunk in chunks:
            raw, cut = chunk, decoder.getstate()[0]
            if cut or not chunk.isascii():
                text = decoder.decode(chunk)
                if cut or decoder.getstate()[0]:
                    raw = text.encode()  # cut between characters
            if BETWEEN.encode() in raw:
                raise NotPlain
            ends.see(raw)
            survey.see(raw)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise NotPlain from error
    if not ends.alike:
        raise NotPlain
    survey.end()
    return survey


class _Ends:
    """Whether all lines end in LF, or all in CRLF."""

    def __init__(self) -> None:
        self._returns = self._feeds = self._both = 0
        self._open = False  # the last piece ended in CR

    def see(self, raw: bytes) -> None:
        if not raw:
            return
        self._feeds += raw.count(b"\n")
        if b"\r" in raw or self._open:
            self._returns += raw.count(b"\r")
            self._both += raw.count(b"\r\n") + (self._open and raw[:1] == b"\n")
            self._open = raw.endswith(b"\r")

    @property
    def alike(self) -> bool:
        return self._returns == 0 or self._returns == self._both == self._feeds


def rewritten(texts: Iterable[str], out: BinaryIO) -> Survey:
    """The survey of a decoded text, which is written to `out` in a form that the engine may read.

    Raises:
        NoTable: a line is too long.
    """
    survey = Survey()
    for text in _with_plain_ends(texts):
        if MISFIT in text or BETWEEN in text:
            for sign, instead in _INSTEAD.items():
                text = text.replace(sign, instead)
        raw = text.encode()
        survey.see(raw)
        out.write(raw)
    survey.end()
    return survey


def _with_plain_ends(texts: Iterable[str]) -> Iterator[str]:
    ends = io.IncrementalNewlineDecoder(None, translate=True)
    for text in texts:
        yield ends.decode(text)
    yield ends.decode("", final=True)
