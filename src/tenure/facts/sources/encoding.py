"""From bytes to text: the encoding declared, seen or guessed; bytes that do not fit keep their place."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from tenure.facts.finding import Stopped
from tenure.facts.sources.content import contents
from tenure.facts.sources.stage import CONTROL

MISFIT = "\udcff"
"""Stands in the text where bytes were not of the encoding: a lone surrogate, which no text holds."""

ODD = re.compile(f"{CONTROL.pattern}|{MISFIT}")
_CONTROL_BYTES = bytes(i for i in range(128) if CONTROL.match(chr(i)))
_CONTROL_BEYOND_ASCII = re.compile(rb"\xc2[\x80-\x9f]")
LONGEST_LINE = 16 << 20
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_CODE_PAGES = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "cp1255", "cp1256"]
_SAMPLE = 64 << 10


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding, whether it was guessed, and a piece of text that shows the guess."""

    name: str
    guessed: bool = False
    sample: str = ""


def encoding_of(path: Path, *, name: str, declared: str) -> Encoding:
    """How the file's text is encoded: as declared, by its byte-order mark, UTF-8, or a guess."""
    first = next(iter(contents(path, name=name)), b"")
    for mark, encoding in _MARKS.items():
        if first.startswith(mark) and (not declared or _same(declared, encoding)):
            return Encoding(encoding)
    if declared:
        return Encoding(_known(declared, name))
    if wide := _wide(first):
        return Encoding(wide)
    lines = _lines_beyond_ascii(path, name)
    readable = sum(1 for line in lines if _fits(line, "utf-8"))
    if readable * 2 >= len(lines):
        return Encoding("utf-8")
    return _guess(lines, name)


def _same(declared: str, encoding: str) -> bool:
    """Whether what was declared can carry this byte-order mark: `utf-16` means either order."""
    return codecs.lookup(_known(declared, "")).name.replace("-sig", "") in (encoding, encoding[:6])


def _known(declared: str, name: str) -> str:
    try:
        return codecs.lookup(declared).name
    except LookupError as error:
        raise Stopped(
            f"There is no encoding `{declared}`.", code="encoding.unknown", file=name,
            remedy="Write one such as utf-8, cp1252 or utf-16.",
        ) from error  # fmt: skip


def _wide(first: bytes) -> str:
    """UTF-16 without a mark: text of western letters has a zero in every second byte."""
    sample = first[:2000]
    if len(sample) < 4:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > half * 0.6 and even < half * 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.6 and odd < half * 0.1 else ""


def _lines_beyond_ascii(path: Path, name: str) -> list[bytes]:
    """Lines that hold a byte above 127, up to a sample; empty for plain ASCII."""
    found: list[bytes] = []
    size, rest = 0, b""
    for chunk in contents(path, name=name):
        if not rest and chunk.isascii():
            continue
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()[:_SAMPLE]
        for line in lines:
            if not line.isascii():
                found.append(line)
                size += len(line)
        if size > _SAMPLE:
            return found
    return [*found, rest] if rest and not rest.isascii() else found


def _fits(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _guess(lines: list[bytes], name: str) -> Encoding:
    sample = b"\n".join(lines)[:_SAMPLE]
    best = from_bytes(sample, cp_isolation=_CODE_PAGES).best()
    encoding = best.encoding if best is not None else ""
    if _fits(sample, "cp1252") and (not encoding or len(sample) < 400):
        encoding = "cp1252"  # too little text to tell code pages apart: the common one, and shown
    if not encoding:
        raise Stopped(
            "The encoding of the file cannot be told.", code="encoding.unknown", file=name,
            remedy='Declare it, for example encoding = "cp1252" for this file in the mapping.',
        )  # fmt: skip
    encoding = codecs.lookup(encoding).name
    shown = next((line for line in lines if _fits(line, encoding)), b"")
    return Encoding(encoding, guessed=True, sample=_around(shown.decode(encoding)))


def _around(text: str) -> str:
    """The first letters beyond ASCII with some text around them."""
    at = next((i for i, letter in enumerate(text) if ord(letter) > 127), 0)
    return text[max(0, at - 20) : at + 20].strip()


def decoded(chunks: Iterable[bytes], encoding: str, misfits: list[int]) -> Iterator[str]:
    """The text of `chunks`; where bytes do not fit stands MISFIT, and their offset goes to `misfits`."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    at = 0
    for chunk in _with_end(chunks):
        final, data = chunk is None, chunk or b""
        while True:
            pending = len(decoder.getstate()[0])
            try:
                yield decoder.decode(data, final)
            except UnicodeDecodeError as error:
                yield error.object[: error.start].decode(encoding) + MISFIT
                misfits.append(at - pending + error.start)
                at += error.end - pending
                data = error.object[error.end :]
                decoder.reset()
                continue
            at += len(data)
            break


def _with_end(chunks: Iterable[bytes]) -> Iterator[bytes | None]:
    yield from chunks
    yield None


def physical_lines(texts: Iterable[str], *, name: str) -> Iterator[tuple[list[str], bool]]:
    """Lists of whole lines with their ends (LF, CRLF or CR), one list per piece of text.

    With each list, whether control characters or misfits may be among them.
    """
    rest, first, odd = "", True, False
    for text in texts:
        if first and text:
            text, first = text.removeprefix("\ufeff"), False
        odd = odd or is_odd(text)
        lines = list(io.StringIO(rest + text, newline=""))
        rest = lines.pop() if lines else ""
        if rest.endswith("\n"):
            lines.append(rest)
            rest = ""
        if len(rest) > LONGEST_LINE:
            raise line_too_long(name, LONGEST_LINE)
        if lines:
            yield lines, odd
            odd = odd and bool(rest)
    if rest:
        yield [rest], odd


def line_too_long(name: str, limit: int, *, line: int | None = None) -> Stopped:
    """The refusal of a file with a line that no table of text has."""
    return Stopped(
        f"A line is longer than {limit // 1_000_000} million characters.", code="file.unsafe",
        file=name, line=line, remedy="Check that the file is a table of text.",
    )  # fmt: skip


def is_odd(text: str) -> bool:
    """Whether the text holds control characters or misfits."""
    if text.isascii():
        return holds_control(text.encode())
    return MISFIT in text or holds_control(text.encode("utf-8", "surrogatepass"))


def holds_control(raw: bytes) -> bool:
    """Whether UTF-8 text, cut between characters, holds control characters."""
    if len(raw.translate(None, _CONTROL_BYTES)) != len(raw):
        return True
    return not raw.isascii() and _CONTROL_BEYOND_ASCII.search(raw) is not None
