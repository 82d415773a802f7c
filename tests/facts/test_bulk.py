"""Large files are split by the engine: with the rows, lines, findings and refusals of the reader beside it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, example, given, settings

from tenure.facts.finding import Stopped
from tenure.facts.given import Given, from_file
from tenure.facts.reading import Reading
from tenure.facts.sources import bulk, delimited
from tenure.facts.sources.delimited import stage_delimited

HEADER = "id,name,size\n"

CELLS = st.sampled_from(
    ["", "a", "A-1", " b ", "Žižkov", "日本", "12.5", "two words", "\u00a0", "tab\there", "'", "\\", "x\u2028y"]
)  # fmt: skip
ODD_CELLS = st.sampled_from(
    ['"', '""', 'a"b', '"a', 'a"', '"a"', '"a""b"', '"a,b"', '"a\nb"', '"a\r\nb"', '"a\rb"', '"a" b', ' "a"',
     '"a"""', '""""', '"","', '",', "\x00", "b\x07", "\x1a", "\x7f", "\x01", "\x02", "\x85", "\ufeff", "\r",
     "e,f", "\n", '"q\n\nr"']
)  # fmt: skip
ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", "\n\n", "\r\r\n", ""])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Lines of mostly good cells, with a fault here and there and ends of every kind."""
    ends = draw(st.sampled_from([st.just("\n"), st.just("\r\n"), ENDS]))
    lines = draw(
        st.lists(
            st.one_of(
                st.lists(CELLS, min_size=3, max_size=3),
                st.lists(CELLS, min_size=3, max_size=3),
                st.lists(st.one_of(CELLS, ODD_CELLS), min_size=3, max_size=3),
                st.lists(st.one_of(CELLS, ODD_CELLS), min_size=0, max_size=5),
            ),
            max_size=12,
        )
    )
    body = "".join(",".join(cells) + draw(ends) for cells in lines)
    return draw(st.sampled_from(["", "", "\ufeff", "\n", '"more\nlines",'])) + HEADER + body


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A text in some encoding, with bytes that do not fit."""
    text = draw(texts())
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-16", "cp1252"]))
    content = text.encode(encoding, "replace")
    for at, bad in draw(
        st.lists(
            st.tuples(
                st.integers(0, len(content)),
                st.sampled_from([b"\xff", b"\xc5", b"\xe6\x97", b"\x00"]),
            ),
            max_size=2,
        )
    ):
        content = content[:at] + bad + content[at:]
    return content


class Bench:
    """Stages one file by either reader, and says whether the engine took part."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.monkeypatch = folder, monkeypatch
        self.connection = duckdb.connect()
        self.connection.execute("set threads = 2")
        self.took_part = False
        plain = bulk.stage_plain_lines

        def watched(*args: Any, **named: Any) -> list[int] | None:
            found = plain(*args, **named)
            self.took_part = found is not None
            return found

        monkeypatch.setattr(delimited, "stage_plain_lines", watched)
        monkeypatch.setattr(bulk, "UNEVEN_SHARE", 1.0)

    def staged(self, given: Given, reading: Reading, *, at_once: bool) -> object:
        self.monkeypatch.setattr(bulk, "SMALLEST", 0 if at_once else 1 << 60)
        try:
            found = stage_delimited(self.connection, given, reading, table="stage")
            rows = self.connection.execute("select * from stage order by line").fetchall()
        except Stopped as stopped:
            return (stopped.code, stopped.what, stopped.where, stopped.remedy)
        finally:
            self.connection.execute("drop table if exists stage")
        return (
            found.headers, found.rows, rows, found.findings, found.refused, found.encoding,
            found.encoding_guessed, found.delimiter,
        )  # fmt: skip

    def agree(
        self, content: bytes, *, name: str = "accounts.csv", reading: Reading | None = None
    ) -> Any:
        path = self.folder / name
        path.write_bytes(content)
        given, reading = from_file(path), reading or Reading()
        at_once = self.staged(given, reading, at_once=True)
        took_part = self.took_part
        assert at_once == self.staged(given, reading, at_once=False)
        self.took_part = took_part
        return at_once


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    made = Bench(tmp_path, monkeypatch)
    yield made
    made.connection.close()


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@example(content=(HEADER + 'a,"open\n' + "b,c,d\n" * 3 + 'e",f\ng,h,i\n').encode())
@example(content=(HEADER + "a,b,c\r\nd,e,f\ng,h,i\r\n").encode())
@example(content=(HEADER + "a,b,c\n").encode() + b"d,\xff,f\n" + 'g,"x\n\xe9",i'.encode("cp1252"))
@given(content=files())
def test_both_readers_stage_the_same(bench: Bench, content: bytes) -> None:
    bench.agree(content)


@pytest.mark.night
@settings(max_examples=5000, suppress_health_check=list(HealthCheck))
@given(content=files(), packed=st.booleans(), sign=st.sampled_from(",;\t|"))
def test_both_readers_stage_the_same_many_times(
    bench: Bench, content: bytes, packed: bool, sign: str
) -> None:
    content = content.replace(b",", sign.encode())
    if packed:
        bench.agree(gzip.compress(content), name="accounts.csv.gz")
    else:
        bench.agree(content)


REGULAR = {
    "plain": "".join(f"A-{i},n {i},{i}\n" for i in range(3000)),
    "ends of Windows": "".join(f"A-{i},n,{i}\r\n" for i in range(3000)),
    "quotes around everything": "".join(f'"A-{i}","n, {i}","{i}"\n' for i in range(3000)),
    "doubled quotes": "".join(f'A-{i},"a ""best"" {i}",""\n' for i in range(3000)),
    "blank lines": "".join(f"A-{i},n,{i}\n\n" for i in range(3000)),
    "no last end": "A-1,n,1\nA-2,n,2",
    "beyond ASCII": "".join(f"A-{i},Žižkov 日本 {i},🎉\n" for i in range(30_000)),
    "long lines": "".join(f"A-{i},{'x' * 200_000},{i}\n" for i in range(8)),
    "mixed ends": "A-1,n,1\r\nA-2,n,2\nA-3,n,3\rA-4,n,4\n",
    "ragged": "".join(f"A-{i},n\nA-{i},n,1\nA-{i},n,1,2\nB,n,1\n" for i in range(3000)),
    "control": "".join(f"A-{i},b\x07,1\nA-{i},n,1\n\x00,n,1\nB-{i},n,1\n" for i in range(3000)),
    "lines inside quotes": 'A-1,"x\nA-2,n,2\nA-3,n,3\nend",1\nA-4,n,4\n' * 1000,
    "a delimiter inside quotes": 'A-1,"a,b,c",1\nA-2,"",2\n' * 1000,
}


@pytest.mark.parametrize("text", REGULAR.values(), ids=REGULAR)
def test_the_engine_takes_part_wherever_lines_stand_for_themselves(bench: Bench, text: str) -> None:
    staged = bench.agree((HEADER + text).encode())
    assert bench.took_part
    assert staged[1] > 0


@pytest.mark.parametrize(
    ("content", "name", "reading"),
    [
        (gzip.compress((HEADER + REGULAR["doubled quotes"]).encode()), "a.csv.gz", Reading()),
        ((HEADER + "A-1,Łódź,1\n" * 50).encode("cp1250"), "a.csv", Reading(encoding="cp1250")),
        ((HEADER + REGULAR["lines inside quotes"]).encode("utf-16"), "a.csv", Reading()),
        ((HEADER + REGULAR["ragged"]).replace(",", "|").encode(), "a.csv", Reading()),
        ((HEADER + REGULAR["doubled quotes"]).replace(",", "\t").encode(), "a.tsv", Reading()),
        ((HEADER + REGULAR["plain"]).replace(",", "^").encode(), "a.csv", Reading(delimiter="^")),
        ((HEADER + REGULAR["control"] + "x\x01y,n,1\n").encode() + b"\xff,n,1\n", "a.csv", Reading()),
    ],
    ids=["gzip", "code page", "utf-16", "bars", "tabs", "declared sign", "bytes that do not fit"],
)  # fmt: skip
def test_the_engine_takes_part_after_the_text_was_written_out_plainly(
    bench: Bench, content: bytes, name: str, reading: Reading
) -> None:
    bench.agree(content, name=name, reading=reading)
    assert bench.took_part


@pytest.mark.parametrize(
    "text",
    ['A-1,"open,1\n' + "A-2,n,2\n" * 40_000, "A-1,n,1\n" + "x" * 1_200_000 + "\n", "A-1,n,1\n" * 9 + '"a'],
    ids=["open quote", "long line", "open at the end"],
)  # fmt: skip
def test_a_file_that_is_refused_as_a_whole_is_refused_in_the_same_words(
    bench: Bench, text: str
) -> None:
    assert bench.agree((HEADER + text).encode())[0] in ("quote.open", "file.unsafe")


def test_a_small_file_is_read_line_by_line(
    tmp_path: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(HEADER + "A-1,n,1\n")
    stage_delimited(bench.connection, from_file(path), Reading(), table="stage")
    assert not bench.took_part


def test_lines_that_the_engine_counts_otherwise_are_not_used(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard itself: were the engine's lines one off, the other reader would take the file."""
    right = bulk._numbered

    def one_off(connection: Any, raw: str) -> str:
        return right(connection, raw).replace(" as line", " + 1 as line")

    monkeypatch.setattr(bulk, "_numbered", one_off)
    many = "".join(f"A-{i},n {i},{i}\n" for i in range(60_000))
    bench.agree((HEADER + many).encode())
    assert not bench.took_part


def test_a_file_that_changes_while_the_engine_reads_it_is_refused(
    tmp_path: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(HEADER + "A-1,n,1\n" * 100_000)
    given = from_file(path)
    read = bulk._read

    def written_meanwhile(*args: Any) -> None:
        read(*args)
        path.write_text(HEADER + "A-1,n,2\n" * 100_000)

    monkeypatch.setattr(bulk, "_read", written_meanwhile)
    assert bench.staged(given, Reading(), at_once=True)[0] == "file.changed"  # type: ignore[index]
