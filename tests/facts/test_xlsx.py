"""Workbooks as people save them: every sheet is a file, every cell has its exact text, nothing hides."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from tenure.facts.discover import discover
from tenure.facts.mapping import read_mapping
from tenure.facts.reading import Settings
from tenure.facts.sources import workbook as guarded
from tenure.kernel.errors import SourceError
from tenure.workspace import Workspace as TenureWorkspace

SHEET_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEADER = ["account_id", "name", "segment", "start_date"]
GOOD = ["A-1", "Meridian", "smb", date(2025, 2, 1)]


def book(sheets: dict[str, list[list[Any]]], change: Callable[[Any], None] | None = None) -> bytes:
    """A workbook with these sheets, `change` having the last word."""
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    if change:
        change(made)
    packed = io.BytesIO()
    made.save(packed)
    return packed.getvalue()


def repacked(content: bytes, part: str, turn: Callable[[str], str]) -> bytes:
    """The workbook with one part of its archive rewritten."""
    found, out = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in found.namelist():
            text = found.read(name)
            archive.writestr(name, turn(text.decode()).encode() if name == part else text)
    return out.getvalue()


def stopped(imported: Any, content: bytes, name: str = "accounts.xlsx") -> SourceError:
    with pytest.raises(SourceError) as refused:
        imported({name: content})
    assert refused.value.remedy
    return refused.value


def test_a_sheet_named_after_a_table_is_a_file_of_its_own(imported: Any) -> None:
    lines = [["line_id", "account_id", "arr"], ["L1", "A-1", 1200]]
    result = imported({"crm.xlsx": book({"Accounts": [HEADER, GOOD], "Contract lines": lines})})
    assert [file.name for file in result.prepared.files] == [
        "crm.xlsx!Accounts",
        "crm.xlsx!Contract lines",
    ]
    assert result.column("accounts", "start_date") == [date(2025, 2, 1)]
    assert result.column("contract_lines", "arr") == [Decimal(1200)]


def test_the_only_sheet_goes_by_the_name_of_its_book(imported: Any) -> None:
    result = imported({"accounts.xlsx": book({"Sheet1": [HEADER, GOOD]})})
    assert result.rows("accounts")[0]["source_file"] == "accounts.xlsx!Sheet1"


def test_sheets_that_nobody_claims_and_hidden_ones_are_told_of(imported: Any) -> None:
    def hide(made: Any) -> None:
        made["contracts"].sheet_state = "hidden"

    contracts = [["contract_id", "account_id"], ["C1", "A-1"]]
    content = book({"accounts": [HEADER, GOOD], "Sheet2": [[]], "contracts": contracts}, hide)
    result = imported({"crm.xlsx": content})
    told = {(f["rule"], f["file"]) for f in result.findings()}
    assert told >= {
        ("file.unclaimed", "crm.xlsx!Sheet2"),
        ("sheet.hidden", "crm.xlsx!contracts"),
    }
    assert list(result.prepared.tables) == ["accounts"]


def test_typed_cells_become_exact_text(imported: Any) -> None:
    rows = [
        ["goal_id", "account_id", "name", "is_first_value", "measure", "set_date"],
        [1001, 1234567890123456, 0.1, True, 1234.56, datetime(2026, 3, 1)],  # noqa: DTZ001
        ["007", 3.0, 1e21, False, -0.0000005, "2026-03-02"],
        [2, "A", time(9, 30), None, timedelta(hours=26, minutes=5), date(2026, 3, 3)],
    ]
    found = imported({"goals.xlsx": book({"goals": rows})}).rows("goals")
    assert [[row[c] for c in ("goal_id", "account_id", "name", "measure")] for row in found] == [
        ["1001", "1234567890123456", "0.1", "1234.56"],
        ["007", "3", "1e+21", "-0.0000005"],
        ["2", "A", "09:30:00", "26:05:00"],
    ]
    assert [row["is_first_value"] for row in found] == [True, False, None]
    assert [row["set_date"] for row in found] == [date(2026, 3, n) for n in (1, 2, 3)]


def test_the_digits_a_spreadsheet_keeps_are_read_as_the_number_it_shows(imported: Any) -> None:
    # Excel stores the double 1234.56 with 17 digits; the double, not its digits, is the number
    content = repacked(
        book({"contract_lines": [["line_id", "account_id", "arr"], ["L1", "A-1", 7]]}),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace("<v>7</v>", "<v>1234.5599999999999</v>"),
    )
    result = imported({"b.xlsx": content})
    assert result.column("contract_lines", "arr") == [Decimal("1234.56")]
    assert result.findings("number.rounded") == []


def test_a_moment_keeps_its_time_and_the_older_day_count_is_known(imported: Any) -> None:
    def first_of_1904(made: Any) -> None:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904

        made.epoch = CALENDAR_MAC_1904

    rows = [
        ["ticket_id", "created_at", "solved_at"],
        ["T1", datetime(2026, 3, 1, 9, 30, 15), datetime(2026, 3, 2)],  # noqa: DTZ001
    ]
    for change in (None, first_of_1904):
        result = imported({"tickets.xlsx": book({"tickets": rows}, change)})
        assert result.column("tickets", "created_at") == [datetime(2026, 3, 1, 9, 30, 15)]  # noqa: DTZ001
        # formatted with a time of day, midnight is a time and not a lack of one
        assert result.findings("time.day_only") == []


def test_the_header_is_the_first_row_that_holds_anything_and_findings_name_sheet_rows(
    imported: Any,
) -> None:
    rows = [[], [], HEADER, GOOD, [], ["A-2", "Beta", "smb", "someday"]]
    result = imported({"crm.xlsx": book({"accounts": rows})})
    (bad,) = result.findings("date.form")
    assert (bad["file"], bad["line"], bad["column_no"]) == ("crm.xlsx!accounts", 6, 4)
    assert [row["source_line"] for row in result.rows("accounts")] == [4]
    (blank,) = result.findings("sheet.blank_rows")
    assert blank["line"] == 5


def test_an_error_in_a_cell_refuses_its_row_at_its_own_address(imported: Any) -> None:
    def break_it(made: Any) -> None:
        cell = made["accounts"]["C3"]
        cell.value, cell.data_type = "#N/A", "e"

    content = book({"accounts": [HEADER, GOOD, ["A-2", "B", "x", None]]}, break_it)
    result = imported({"crm.xlsx": content})
    (bad,) = result.findings("cell.error")
    assert (bad["line"], bad["column_name"], bad["value"]) == (3, "segment", "#N/A")
    assert "C3" in bad["says"]
    assert result.column("accounts", "account_id") == ["A-1"]


def test_a_formula_that_was_never_calculated_is_no_empty_cell(imported: Any) -> None:
    content = book({"accounts": [HEADER, ["A-1", "=B1", "smb", None], ["A-2", "B", "smb", None]]})
    result = imported({"crm.xlsx": content})
    (bad,) = result.findings("cell.uncalculated")
    assert (bad["line"], "B2" in bad["says"]) == (2, True)
    assert result.column("accounts", "account_id") == ["A-2"]
    stored = repacked(
        content,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace("<f>B1</f><v />", "<f>B1</f><v>Meridian</v>").replace(
            '<c r="B2">', '<c r="B2" t="str">'
        ),
    )
    assert imported({"crm.xlsx": stored}).column("accounts", "name") == ["Meridian", "B"]


def test_a_formula_that_came_to_nothing_is_an_empty_cell(imported: Any) -> None:
    content = repacked(
        book({"accounts": [HEADER, ["A-1", "=B1", "smb", None]]}),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace('<c r="B2">', '<c r="B2" t="str">'),
    )
    assert imported({"crm.xlsx": content}).column("accounts", "name") == [None]


def test_merged_cells_are_said(imported: Any) -> None:
    def merge(made: Any) -> None:
        made["accounts"].merge_cells("C2:C3")

    rows = [HEADER, GOOD, ["A-2", "Beta", "smb", None]]
    result = imported({"crm.xlsx": book({"accounts": rows}, merge)})
    (told,) = result.findings("cell.merged")
    assert (told["line"], told["value"], told["level"]) == (2, "C2:C3", "warning")
    assert result.column("accounts", "segment") == ["smb", None]


def test_a_column_beyond_the_header_is_read_and_named_by_its_place(imported: Any) -> None:
    result = imported({"crm.xlsx": book({"accounts": [HEADER, [*GOOD, "a note"]]})})
    assert [f["column_name"] for f in result.findings("column.unknown")] == ["(column 5)"]
    assert result.file("crm.xlsx!accounts").accepted == 1


def test_control_characters_and_line_ends_in_cells_are_read_as_what_they_are(imported: Any) -> None:
    plain = book({"accounts": [HEADER, ["A-1", "two LINES", "smb", None]]})
    inline = repacked(
        plain,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace("two LINES", "two_x000D_&#10;lines"),
    )
    assert imported({"crm.xlsx": inline}).column("accounts", "name") == ["two\r\nlines"]


def test_texts_shared_by_cells_and_texts_of_several_fonts_are_whole(imported: Any) -> None:
    rich = "<si><r><t>Meri</t></r><r><rPr><b/></rPr><t>dian</t></r></si>"
    assert imported({"crm.xlsx": sharing(rich)}).column("accounts", "name") == ["Meridian"]
    assert imported({"crm.xlsx": sharing("")}).rules() == ["cell.error"]


def sharing(texts: str) -> bytes:
    """A workbook whose cell B2 shows the first of the shared `texts`, as most programs write them."""
    content = repacked(
        book({"accounts": [HEADER, ["A-1", "NAME", "smb", None]]}),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(
            '<c r="B2" t="inlineStr"><is><t>NAME</t></is></c>', '<c r="B2" t="s"><v>0</v></c>'
        ),
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    known = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    content = repacked(content, "[Content_Types].xml", lambda xml: xml.replace("</Types>", known))
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{SHEET_NS}">{texts}</sst>')
    return out.getvalue()


def test_a_mapping_claims_a_sheet_or_the_book_of_one(imported: Any) -> None:
    declared = """
        title = "Billing"
        says = "x"
        [files.customers]
        match = ["billing*.xlsx!Customers"]
        [files.customers.into.accounts.columns]
        account_id = "No"
        [files.lines]
        match = ["lines.xlsx"]
        [files.lines.into.features.columns]
        feature_id = "Line"
        """
    mapping = read_mapping(declared, name="billing.toml", id="billing")
    files = {
        "billing 2026.xlsx": book({"Customers": [["No"], [1001]], "Notes": [["x"]]}),
        "lines.xlsx": book({"Sheet1": [["Line"], ["L1"]]}),
    }
    result = imported(files, mapping=mapping)
    assert result.column("accounts", "account_id") == ["1001"]
    assert result.column("features", "feature_id") == ["L1"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.empty"),
        (b"account_id,name\nA-1,x\n", "file.kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "file.kind"),
        (b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
         "file.protected"),
        (b"PK\x03\x04 and then nothing", "file.broken"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_refused_with_the_way_out(
    imported: Any, content: bytes, code: str
) -> None:
    assert stopped(imported, content).code == code


def test_old_workbooks_are_refused_by_their_ending(imported: Any) -> None:
    assert "save it as .xlsx" in stopped(imported, b"\xd0\xcf\x11\xe0", "accounts.xls").remedy


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_workbook_that_is_cut_off_is_broken(imported: Any, share: float) -> None:
    content = book({"accounts": [HEADER, *[GOOD] * 200]})
    assert stopped(imported, content[: int(len(content) * share)]).code == "file.broken"


def test_a_damaged_part_is_broken_and_other_files_go_in(imported: Any) -> None:
    content = repacked(
        book({"accounts": [HEADER, GOOD]}), "xl/worksheets/sheet1.xml", lambda xml: xml[:-40]
    )
    result = imported({"crm.xlsx": content, "features.csv": "feature_id\nF1\n"})
    assert result.file("crm.xlsx!accounts").stopped == "file.broken"
    assert result.column("features", "feature_id") == ["F1"]


def test_an_empty_sheet_is_empty(imported: Any) -> None:
    assert stopped(imported, book({"accounts": [[]]}), "crm.xlsx").code == "file.empty"


def test_two_columns_of_one_name_are_refused_by_their_letters(imported: Any) -> None:
    error = stopped(imported, book({"accounts": [[], ["account_id", "name", "name"]]}))
    assert (error.code, error.where) == ("header.twice", "accounts.xlsx!accounts:2")
    assert "B and C" in error.what


def test_a_workbook_that_explodes_or_declares_entities_is_unsafe(
    imported: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = book({"accounts": [HEADER, GOOD]})
    typed = repacked(
        plain,
        "xl/worksheets/sheet1.xml",
        lambda xml: '<!DOCTYPE w [<!ENTITY a "aaaaaaaa">]>' + xml.replace("A-1", "&a;"),
    )
    assert stopped(imported, typed).code == "file.unsafe"
    monkeypatch.setattr(guarded, "INFLATED_FREE", 1 << 20)
    bomb = repacked(
        plain,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace("</sheetData>", "<row/>" * 500_000 + "</sheetData>"),
    )
    assert stopped(imported, bomb).code == "file.unsafe"


def test_reading_a_workbook_raises_no_warning_of_the_library(imported: Any) -> None:
    content = repacked(
        book({"accounts": [HEADER, GOOD]}),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(
            "</worksheet>", '<extLst><ext uri="{x}"><a/></ext></extLst></worksheet>'
        ),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert imported({"crm.xlsx": content}).file("crm.xlsx!accounts").accepted == 1


def test_a_workbook_changed_between_listing_and_reading_is_refused(
    tmp_path: Path, connection: Any
) -> None:
    from tenure.facts.finding import Stopped
    from tenure.facts.sources.read import stage

    path = tmp_path / "crm.xlsx"
    path.write_bytes(book({"accounts": [HEADER, GOOD]}))
    (given,) = discover(path).given
    path.write_bytes(book({"accounts": [HEADER, GOOD, ["A-2", "B", "smb", None]]}))
    with pytest.raises(Stopped) as refused:
        stage(connection, given, Settings().for_file(given.name), table="s")
    assert refused.value.code == "file.changed"


def test_a_workbook_goes_into_a_workspace_and_its_corrected_rows_come_back(
    tmp_path: Path, tenure: Any
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    rows = [HEADER, GOOD, ["A-2", "Beta", "smb", "soon"]]
    sheets = {"accounts": rows, "features": [["feature_id"], ["F1"]]}
    (folder / "crm.xlsx").write_bytes(book(sheets))
    workspace = TenureWorkspace.create(tmp_path / "w")
    summary = workspace.import_folder(folder)
    assert (summary.loaded, summary.refused) == (2, 1)
    assert workspace.import_folder(folder).already
    fixes = tmp_path / "fixes"
    tenure("refused", "-w", tmp_path / "w", "--out", fixes)
    (fix,) = fixes.iterdir()
    assert fix.name == "crm.xlsx!accounts.csv"
    fix.write_text(fix.read_text("utf-8").replace("soon", "2026-01-01"), encoding="utf-8")
    assert workspace.import_folder(fixes).loaded == 1
    assert len(workspace.facts().rows("accounts", ["account_id"])) == 2


def test_a_sheet_that_changed_is_new_and_the_others_of_the_book_are_not_read_again(
    tmp_path: Path,
) -> None:
    workspace = TenureWorkspace.create(tmp_path / "w")
    path = tmp_path / "crm.xlsx"
    path.write_bytes(book({"accounts": [HEADER, GOOD], "features": [["feature_id"], ["F1"]]}))
    workspace.import_folder(path)
    path.write_bytes(book({"accounts": [HEADER, GOOD], "features": [["feature_id"], ["F2"]]}))
    done = workspace.import_folder(path)
    # any change makes another book: both sheets are read, and what is known is a repeat
    assert (done.loaded, done.repeats) == (1, 1)
