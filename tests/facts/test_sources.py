"""Files as they come: encodings, quotes, cells, archives, formats; and where each fault is said to be."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tenure.facts import prepare as facts
from tenure.facts.finding import Stopped
from tenure.facts.given import Given, from_file
from tenure.facts.known import NothingKnown
from tenure.facts.prepare import Settings
from tenure.facts.reading import Reading
from tenure.facts.sources import content
from tenure.facts.sources.encoding import MISFIT, decoded
from tenure.kernel.errors import SourceError

HEADER = "account_id,name,segment\n"
GOOD = "A-1,Meridian,smb\n"
LOADED_AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


def read_as(**declared: str) -> Settings:
    return Settings(reading=Reading(**declared))  # type: ignore[arg-type]  # plain words in a test


def stopped(imported: Any, content_given: str | bytes, name: str = "accounts.csv") -> SourceError:
    with pytest.raises(SourceError) as refused:
        imported({name: content_given})
    assert refused.value.remedy
    return refused.value


def test_a_row_knows_the_physical_line_it_begins_on(imported: Any) -> None:
    text = HEADER + 'A-1,"two\nlines",smb\r\n' + '"A-2","three\r\nlong\nlines",smb\n\nA-3,plain,smb'
    result = imported({"accounts.csv": text})
    assert [r["source_line"] for r in result.rows("accounts")] == [2, 4, 8]
    assert result.column("accounts", "name")[1] == "three\r\nlong\nlines"


def test_lines_may_end_as_on_old_macs(imported: Any) -> None:
    result = imported({"accounts.csv": "account_id,name\rA-1,x\rA-2,y\r"})
    assert [r["source_line"] for r in result.rows("accounts")] == [2, 3]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_seen_in_the_header_and_shown(imported: Any, delimiter: str) -> None:
    text = (HEADER + 'A-1,"a;b,c|d\te",smb\n').replace(",", delimiter)
    result = imported({"accounts.csv": text})
    assert result.file("accounts.csv").delimiter == delimiter
    assert result.column("accounts", "segment") == ["smb"]


@pytest.mark.parametrize(
    ("cells", "rule"), [("A-2,too few\n", "row.few_cells"), ("A-2,a,smb,b\n", "row.many_cells")]
)
def test_a_row_of_the_wrong_width_is_refused_with_its_text(
    imported: Any, cells: str, rule: str
) -> None:
    result = imported({"accounts.csv": HEADER + GOOD + cells + "A-3,Beta,smb\n"})
    (finding,) = (f for f in result.findings() if f["level"] == "error")
    assert (finding["rule"], finding["line"], finding["value"]) == (rule, 3, cells.strip())
    assert result.column("accounts", "account_id") == ["A-1", "A-3"]
    assert json.loads(result.refused()[0]["row"])["account_id"] == "A-2"


def test_a_quote_that_never_closes_refuses_the_file_at_the_line_where_it_opened(
    imported: Any,
) -> None:
    text = HEADER + GOOD + 'A-2,"fine\nfine",smb\nA-3,"open,smb\n' + "A-4,x,smb\n" * 50
    error = stopped(imported, text)
    assert (error.code, error.where) == ("quote.open", "accounts.csv:5")


def test_the_open_quote_is_found_inside_a_row_of_several_lines(imported: Any) -> None:
    text = HEADER + GOOD + '"A-2\nx","name\nmore","open\n' + "A-4,x,smb\n" * 5
    assert stopped(imported, text).where == "accounts.csv:5"


def test_a_quote_that_swallows_a_line_and_then_breaks_refuses_the_file(imported: Any) -> None:
    text = HEADER + 'A-1,"open,smb\nA-2,"b",smb\nA-3,c,smb\n'
    error = stopped(imported, text)
    assert (error.code, error.where) == ("quote.open", "accounts.csv:2")


def test_a_huge_value_behind_an_open_quote_does_not_fill_the_memory(imported: Any) -> None:
    text = HEADER + 'A-1,"open,smb\n' + "A-2,x,smb\n" * 200_000
    assert stopped(imported, text).where == "accounts.csv:2"


def test_text_after_a_closing_quote_refuses_its_row_only(imported: Any) -> None:
    result = imported({"accounts.csv": HEADER + 'A-1,"Acme" Inc,smb\n' + "A-2,Beta,smb\n"})
    assert [(f["rule"], f["line"]) for f in result.findings()[:1]] == [("row.quote", 2)]
    assert result.column("accounts", "account_id") == ["A-2"]


def test_a_doubled_quote_is_one_quote(imported: Any) -> None:
    result = imported({"accounts.csv": HEADER + 'A-1,"Acme ""Best"" Inc",smb\n'})
    assert result.column("accounts", "name") == ['Acme "Best" Inc']


def test_two_columns_of_one_name_refuse_the_file(imported: Any) -> None:
    error = stopped(imported, "account_id,name,name\nA-1,a,b\n")
    assert error.code == "header.twice"
    assert "columns 2 and 3" in error.what


@pytest.mark.parametrize("nothing", ["", "\n\n", "\ufeff", "  \n"])
def test_an_empty_file_is_refused(imported: Any, nothing: str) -> None:
    assert stopped(imported, nothing).code == "file.empty"


def test_a_header_alone_says_zero_rows_and_is_not_a_missing_table(imported: Any) -> None:
    result = imported({"accounts.csv": HEADER})
    assert [f["says"] for f in result.findings("file.no_rows")] == ["holds 0 rows"]
    assert result.rows("accounts") == []
    assert result.file("accounts.csv").rows == 0


def test_a_required_column_that_is_missing_refuses_the_file_and_names_the_nearest(
    imported: Any,
) -> None:
    error = stopped(imported, "acount_idd,name\nA-1,x\n")
    assert error.code == "column.missing"
    assert "`account_id`" in error.what
    assert "nearest is `acount_idd`" in error.what


@pytest.mark.parametrize("header", ["Account ID", "ACCOUNT_ID", "account-id", "Customer Id"])
def test_a_header_is_matched_without_case_and_blanks_and_by_alias(
    imported: Any, header: str
) -> None:
    result = imported({"accounts.csv": f"{header},Account Name\nA-1,Acme\n"})
    assert [(r["account_id"], r["name"]) for r in result.rows("accounts")] == [("A-1", "Acme")]


def test_an_unknown_column_is_one_warning_however_many_rows(imported: Any) -> None:
    result = imported(
        {"accounts.csv": "account_id,colour\n" + "".join(f"A-{i},x\n" for i in range(9))}
    )
    (finding,) = result.findings("column.unknown")
    assert (finding["line"], finding["column_no"], finding["column_name"]) == (1, 2, "colour")


def test_one_file_refused_whole_leaves_its_neighbors_alone(imported: Any) -> None:
    result = imported(
        {"accounts.csv": HEADER + GOOD, "contracts.csv": "contract,account_id\n1,2\n"}
    )
    assert result.file("contracts.csv").stopped == "column.missing"
    assert "contracts" not in result.prepared.tables
    assert len(result.rows("accounts")) == 1
    assert [f["level"] for f in result.findings("column.missing")] == ["error"]


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16-le"), ("utf-16-le", "utf-16-le"),
     ("utf-16-be", "utf-16-be")],
)  # fmt: skip
def test_unicode_is_told_by_its_bytes(imported: Any, encoding: str, shown: str) -> None:
    result = imported({"accounts.csv": (HEADER + "A-1,Žluťoučký 日本 🎉,smb\n").encode(encoding)})
    file = result.file("accounts.csv")
    assert (file.encoding, file.encoding_guessed) == (shown, False)
    assert result.column("accounts", "name") == ["Žluťoučký 日本 🎉"]


def test_a_code_page_is_guessed_and_the_guess_is_shown_with_a_sample(imported: Any) -> None:
    result = imported({"accounts.csv": (HEADER + "A-1,Café Zürich,smb\n").encode("cp1252")})
    (finding,) = result.findings("encoding.guessed")
    assert (finding["level"], finding["outcome"]) == ("notice", "notice")
    assert "cp1252" in finding["says"]
    assert "Café Zürich" in finding["value"]
    assert 'encoding = "cp1252"' in finding["remedy"]
    assert result.file("accounts.csv").encoding_guessed
    assert result.column("accounts", "name") == ["Café Zürich"]


def test_a_declared_code_page_is_no_guess(imported: Any) -> None:
    text = (HEADER + "A-1,Łódź,smb\n").encode("cp1250")
    result = imported({"accounts.csv": text}, settings=read_as(encoding="cp1250"))
    assert result.column("accounts", "name") == ["Łódź"]
    assert result.findings("encoding.guessed") == []


def test_bytes_that_do_not_fit_refuse_their_row_with_line_and_offset(imported: Any) -> None:
    good = "".join(f"A-{i},Žižkov,smb\n" for i in range(5)).encode()
    text = HEADER.encode() + good + b"B-1,bad \xff\xfe here,smb\n" + b"B-2,fine,smb\n"
    result = imported({"accounts.csv": text})
    (finding,) = result.findings("encoding.bytes")
    assert (finding["line"], finding["column_no"]) == (7, 2)
    assert f"byte {text.index(0xFF)}, {text.index(0xFE)} " in finding["says"]
    assert "B-1" not in result.column("accounts", "account_id")
    assert "B-2" in result.column("accounts", "account_id")
    assert len(result.rows("accounts")) == 6


def test_the_byte_offset_holds_far_into_a_large_file(imported: Any) -> None:
    good = "".join(f"A-{i},Žižkov {i},smb\n" for i in range(40_000)).encode()
    text = HEADER.encode() + good + b"B-1,bad \xff,smb\n" + good[:0]
    result = imported({"accounts.csv": text})
    (finding,) = result.findings("encoding.bytes")
    assert finding["line"] == 40_002
    assert f"byte {text.index(0xFF)} " in finding["says"]


def test_bytes_that_do_not_fit_utf16_refuse_their_row(imported: Any) -> None:
    text = (
        (HEADER + "A-1,x,smb\n").encode("utf-16-le")
        + b"\x00\xdc"
        + "A-2,y,smb\n".encode("utf-16-le")
    )
    result = imported({"accounts.csv": b"\xff\xfe" + text})
    assert [(f["line"]) for f in result.findings("encoding.bytes")] == [3]
    assert result.column("accounts", "account_id") == ["A-1"]


def test_control_characters_become_a_mark_and_each_value_is_counted(imported: Any) -> None:
    text = HEADER + "A-1,nul\x00here,smb\nA-2,\x1b[31mred\x07,smb\nA-3,tab\there,smb\n"
    result = imported({"accounts.csv": text})
    assert result.column("accounts", "name") == [
        "nul\ufffdhere",
        "\ufffd[31mred\ufffd",
        "tab\there",
    ]
    found = result.findings("text.control")
    assert [(f["line"], f["column_no"], f["outcome"]) for f in found] == [
        (2, 2, "cleaned"), (3, 2, "cleaned")]  # fmt: skip
    assert found[0]["value"] == "nul\\x00here"


def test_gzip_is_read_as_the_file_inside(imported: Any) -> None:
    result = imported({"accounts.csv.gz": gzip.compress((HEADER + GOOD).encode())})
    assert result.column("accounts", "source_file") == ["accounts.csv.gz"]


def test_a_gzip_that_is_cut_off_is_broken(imported: Any) -> None:
    packed = gzip.compress((HEADER + GOOD * 1000).encode())
    assert stopped(imported, packed[:-20], "accounts.csv.gz").code == "file.broken"


def test_an_archive_bomb_is_unsafe(imported: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "INFLATED_FREE", 4 << 20)
    bomb = gzip.compress((HEADER + GOOD * 2_000_000).encode())
    assert stopped(imported, bomb, "accounts.csv.gz").code == "file.unsafe"


def test_a_line_without_end_is_unsafe(imported: Any) -> None:
    bomb = gzip.compress(HEADER.encode() + b"x" * (20 << 20))
    assert stopped(imported, bomb, "accounts.csv.gz").code == "file.unsafe"


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"%PDF-1.7", b"PAR1"])
def test_a_file_that_is_no_text_is_refused_by_what_it_is(imported: Any, start: bytes) -> None:
    assert stopped(imported, start + b"\x00\x01\x02" * 50).code == "file.kind"


def test_a_file_that_changes_after_it_was_listed_is_refused(
    tmp_path: Path, connection: Any
) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(HEADER + GOOD)
    given = from_file(path, table="accounts")
    path.write_text(HEADER + GOOD + "A-2,Late,smb\n")
    with pytest.raises(Stopped) as refused:
        facts.prepare(
            connection, [given], mapping=None, settings=Settings(), loaded_at=LOADED_AT,
            import_id="i", known=NothingKnown(),
        )  # fmt: skip
    assert refused.value.code == "file.changed"
    assert "still being written?" in refused.value.what


def test_json_lines_keep_numbers_as_they_were_written(imported: Any) -> None:
    rows = [
        '{"line_id": "L-1", "account_id": "A", "arr": 0.10, "is_trial": false, "quantity": null}',
        "",
        '{"account_id": "A", "line_id": "L-2", "arr": "12345678901234.0001", "currency": "EUR"}',
    ]
    result = imported({"contract_lines.jsonl": "\n".join(rows)})
    assert result.column("contract_lines", "arr") == [
        Decimal("0.1"),
        Decimal("12345678901234.0001"),
    ]
    assert result.column("contract_lines", "source_line") == [1, 3]
    assert result.column("contract_lines", "currency") == [None, "EUR"]
    assert result.column("contract_lines", "is_trial") == [False, None]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ('{"account_id": "A-9"', "row.json"),
        ('["A-9"]', "row.json"),
        ('{"account_id": "A-9", "account_id": "A-8"}', "row.key_twice"),
        ('{"account_id": "A-9", "external_ids": ' + "[" * 5000 + "]" * 5000 + "}", "size.json"),
        ('{"account_id": "A-9", "name": NaN, "x": 1} tail', "row.json"),
    ],
)
def test_a_bad_line_of_json_is_refused_alone(imported: Any, line: str, rule: str) -> None:
    result = imported(
        {"accounts.jsonl": f'{{"account_id": "A-1"}}\n{line}\n{{"account_id": "A-2"}}\n'}
    )
    (finding,) = (f for f in result.findings() if f["level"] == "error")
    assert (finding["rule"], finding["line"]) == (rule, 2)
    assert result.column("accounts", "account_id") == ["A-1", "A-2"]


def test_json_text_may_hold_escapes_and_lone_surrogates_are_replaced(imported: Any) -> None:
    line = '{"account_id": "A-1", "name": "nul\\u0000 caf\\u00e9 \\ud800 \\ud83c\\udf89"}'
    result = imported({"accounts.jsonl": line})
    assert result.column("accounts", "name") == ["nul\ufffd café \ufffd 🎉"]


def test_nested_json_is_kept_as_json(imported: Any) -> None:
    line = '{"account_id": "A-1", "external_ids": {"salesforce": "001", "n": 1.50}}'
    result = imported({"accounts.jsonl": line})
    assert json.loads(result.column("accounts", "external_ids")[0])["salesforce"] == "001"


def test_parquet_is_read_with_row_numbers_and_exact_values(
    imported: Any, connection: Any, tmp_path: Path
) -> None:
    connection.execute(
        "copy (select 'L-' || i as line_id, 'A' as account_id, (i / 8)::double as quantity, "
        "12345678901234.0001::decimal(18, 4) as arr, date '2024-01-31' as start_date, i = 1 as is_trial "
        f"from range(1, 4) t(i)) to '{tmp_path}/contract_lines.parquet'"
    )
    result = imported({})
    assert result.column("contract_lines", "source_line") == [1, 2, 3]
    assert result.column("contract_lines", "quantity")[0] == Decimal("0.125")
    assert result.column("contract_lines", "arr")[0] == Decimal("12345678901234.0001")
    assert result.column("contract_lines", "is_trial") == [True, False, False]


@pytest.mark.parametrize("damage", [b"PAR1 no footer", b"PAR1" + b"\xff" * 60 + b"PAR1"])
def test_a_parquet_file_with_a_broken_footer_is_broken(imported: Any, damage: bytes) -> None:
    assert stopped(imported, damage, "accounts.parquet").code == "file.broken"


def test_parts_of_a_table_are_one_table(imported: Any) -> None:
    files = {f"accounts-2026-0{i}.csv": f"account_id,name\nA-{i},x\n" for i in range(1, 4)}
    files |= {"accounts.part4.jsonl": '{"account_id": "A-4"}'}
    result = imported(files)
    assert sorted(result.column("accounts", "account_id")) == ["A-1", "A-2", "A-3", "A-4"]


def test_two_things_of_one_name_are_told_apart(tmp_path: Path, connection: Any) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(HEADER + GOOD)
    given = from_file(path, table="accounts")
    other = Given(given.name, path, None, "accounts", given.digest)
    prepared = facts.prepare(
        connection, [given, other], mapping=None, settings=Settings(), loaded_at=LOADED_AT,
        import_id="i", known=NothingKnown(),
    )  # fmt: skip
    assert [file.name for file in prepared.files] == ["accounts.csv", "accounts.csv #2"]
    assert [file.repeats for file in prepared.files] == [0, 1]


def test_a_line_of_json_that_is_far_too_long_is_refused_alone(imported: Any) -> None:
    long = '{"account_id": "A-2", "name": "' + "x" * 1_000_001 + '"}'
    result = imported(
        {"accounts.jsonl": f'{{"account_id": "A-1"}}\n{long}\n{{"account_id": "A-3"}}\n'}
    )
    assert [(f["rule"], f["line"]) for f in result.findings() if f["level"] == "error"] == [
        ("size.row", 2)
    ]
    assert result.column("accounts", "account_id") == ["A-1", "A-3"]


def test_bytes_that_do_not_fit_a_line_of_json_are_placed(imported: Any) -> None:
    lines = [f'{{"account_id": "A-{i}", "name": "Žižkov"}}\n'.encode() for i in range(4)]
    lines[1] = b'{"account_id": "bad \xff"}\n'
    lines[3] = b'{"account_id": "bad \xfe"}\n'
    result = imported({"accounts.jsonl": b"".join(lines)}, settings=read_as(encoding="utf-8"))
    found = result.findings("encoding.bytes")
    assert [f["line"] for f in found] == [2, 4]
    text = b"".join(lines)
    assert f"byte {text.index(0xFF)} " in found[0]["says"]
    assert f"byte {text.index(0xFE)} " in found[1]["says"]


def test_each_bad_row_is_placed_by_its_own_bytes(imported: Any) -> None:
    text = (
        HEADER + "A-1,Žižkov,smb\n"
    ).encode() + b"A-2,\xff\xff,smb\n\nA-3,Z\xc5\xbdi,smb\nA-4,\xfe,smb\n"
    result = imported({"accounts.csv": text}, settings=read_as(encoding="utf-8"))
    found = result.findings("encoding.bytes")
    assert [f["line"] for f in found] == [3, 6]
    assert f"byte {text.index(0xFE)} " in found[1]["says"]
    assert [f["table_name"] for f in found] == ["accounts"] * 2


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize(
    ("encoding", "data", "bad"),
    [
        ("utf-8", "Žižkov".encode() + b"\xff" + "日本".encode() + b"\xc5x\xe6\x97", [8, 15, 17]),
        ("utf-16-le", "a日".encode("utf-16-le") + b"\x00\xdc" + "b".encode("utf-16-le"), [4]),
        ("cp1252", "é".encode("cp1252") + b"\x81ok\x8d", [1, 4]),
    ],
)
def test_the_place_of_a_bad_byte_does_not_hang_on_how_the_file_is_cut(
    size: int, encoding: str, data: bytes, bad: list[int]
) -> None:
    misfits: list[int] = []
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    text = "".join(decoded(chunks, encoding, misfits))
    assert misfits == bad
    assert text.count(MISFIT) == len(bad)
    assert text.replace(MISFIT, "") == data.decode(encoding, "ignore")
