"""A preview says what an import would do, and does nothing: not one byte of the workspace changes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tenure.facts.preview import FilePreview, Preview
from tenure.kernel.errors import SourceError, UserError
from tenure.workspace import Workspace

ACCOUNTS = "account_id;name;segment;start_date\nA1;Meridian;enterprise;01.02.2025\nA2;Baltic;smb;15.03.2025\n"
LINES = (
    "line_id;account_id;arr;start_date;comment\nL1;A1;120.000,00;01.02.2025;x\n"
    "L2;A2;on request;15.03.2025;y\nL3;A2;4.800,50;15.03.2025;z\nL3;A2;4.800,50;15.03.2025;z\n"
)
GERMAN = {"date_order": "day_month", "locale": "de_DE"}
TIME = (
    "user_id,started_at,ended_at,category,window_title,url,screenshot_path\n"
    "maya,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z,internal,Inbox - Outlook,https://a.example/b,/x.png\n"
)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "w")


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    (tmp_path / "exports").mkdir()
    return tmp_path / "exports"


def fill(exports: Path, **files: str) -> Path:
    for name, text in files.items():
        (exports / f"{name}.csv").write_text(text)
    return exports


def file(found: Preview, name: str) -> FilePreview:
    return next(one for one in found.files if one.name == name)


def everything(folder: Path) -> dict[str, tuple[int, str]]:
    """Every file and folder with its time of change and digest."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in sorted(folder.rglob("*"))
    }


def test_nothing_is_written_whatever_the_preview_finds(workspace: Workspace, exports: Path) -> None:
    workspace.load({"accounts": [{"account_id": "A1"}]})
    workspace.names_of("accounts")
    before = everything(exports.parent)
    files = {"accounts": ACCOUNTS, "contract_lines": LINES, "time_entries": TIME}
    fill(exports, **files, unknown="Customer,Since\nA1,2025-01-01\n", broken='a,"b\n')
    delivered = everything(exports)
    workspace.preview(exports)  # a question stands
    found = workspace.preview(exports, **GERMAN)
    with pytest.raises(SourceError):
        workspace.preview(exports / "absent")
    assert found.ready
    assert found.suggestions
    assert everything(exports) == delivered
    after = {k: v for k, v in everything(exports.parent).items() if not k.startswith("exports")}
    assert after == {k: v for k, v in before.items() if not k.startswith("exports")}


def test_columns_are_shown_with_their_first_values_before_and_after(
    workspace: Workspace, exports: Path
) -> None:
    found = workspace.preview(fill(exports, contract_lines=LINES), **GERMAN)
    (one,) = found.files
    (lines,) = one.tables
    columns = {column.column: column for column in lines.columns}
    assert (lines.table, lines.accepted) == ("contract_lines", 2)
    assert (columns["arr"].before, columns["arr"].after) == (
        ("120.000,00", "4.800,50"),
        ("120000.0000", "4800.5000"),
    )
    assert columns["start_date"].after[0] == "2025-02-01"
    assert (one.rows, one.refused, one.delimiter, one.unmapped) == (4, 1, ";", ("comment",))
    assert [f.rule for f in one.findings if f.level == "error"] == ["number.form"]


def test_a_question_is_told_and_the_first_rows_are_shown_as_they_are(
    workspace: Workspace, exports: Path
) -> None:
    found = workspace.preview(fill(exports, accounts=ACCOUNTS))
    assert "day_month" in found.question
    assert not found.ready
    (accounts,) = file(found, "accounts.csv").tables
    column = next(c for c in accounts.columns if c.column == "start_date")
    assert (column.before, column.after) == (("01.02.2025", "15.03.2025"), ())
    assert file(found, "accounts.csv").refused is None


def test_how_dates_are_read_is_said_with_its_reason(workspace: Workspace, exports: Path) -> None:
    fill(
        exports,
        accounts="account_id,start_date\nA1,2025-02-01\n",
        customers="No,Since\n1,03/02/2025\n",
    )
    mapping = exports.parent / "m.toml"
    mapping.write_text(
        'title="m"\nsays="m"\n[files.c]\nmatch=["customers*"]\ndate_order="day_month"\n'
        '[files.c.into.accounts.columns]\naccount_id={ column="No", prefix="B" }\nstart_date="Since"\n'
        'currency={ constant="EUR" }\n'
    )
    found = workspace.preview(exports, mapping)
    assert file(found, "accounts.csv").date_order == "ISO dates only: no other order is declared"
    mapped = file(found, "customers.csv")
    assert mapped.date_order == "day_month, as the mapping m says"
    shown = {c.column: (c.source, c.before, c.after) for c in mapped.tables[0].columns}
    assert shown == {
        "account_id": ("No", ("1",), ("B1",)),
        "start_date": ("Since", ("03/02/2025",), ("2025-02-03",)),
        "currency": ("(constant)", (None,), ("EUR",)),
    }
    declared = workspace.preview(exports, mapping, date_order="month_day")
    assert file(declared, "customers.csv").date_order == "month_day, as you said"


def test_an_encoding_that_is_guessed_is_shown_with_a_sample(
    workspace: Workspace, exports: Path
) -> None:
    (exports / "accounts.csv").write_bytes("account_id,name\nA1,Käfer Müller\n".encode("cp1252"))
    (one,) = workspace.preview(exports).files
    assert (one.encoding, one.encoding_guessed) == ("cp1252", True)
    assert "Käfer" in one.encoding_sample


def test_columns_that_are_not_stored_are_named_in_the_words_of_the_promise(
    workspace: Workspace, exports: Path
) -> None:
    found = workspace.preview(fill(exports, time_entries=TIME))
    (one,) = found.files
    assert one.dropped.startswith("3 columns dropped: ")
    assert one.dropped.endswith(". Tenure does not store these.")
    assert {"window_title", "url", "screenshot_path"} <= set(
        one.dropped.replace(".", "").replace(",", "").split()
    )
    assert one.name == "time_entries.csv (summarised)"
    assert "Inbox" not in str(found.to_dict())
    (totals,) = one.tables
    minutes = next(c for c in totals.columns if c.column == "minutes")
    assert minutes.before == ("60",)


def test_a_preview_counts_what_the_import_then_does(workspace: Workspace, exports: Path) -> None:
    files = {"accounts": ACCOUNTS, "contract_lines": LINES, "time_entries": TIME}
    fill(exports, **files)
    found = workspace.preview(exports, **GERMAN)
    done = workspace.import_folder(exports, **GERMAN)
    assert {one.name: (one.rows, one.refused, one.repeats) for one in found.files} == {
        one.name: (one.counts.rows, one.counts.refused, one.counts.repeats) for one in done.files
    }
    assert done.refused == 1


def test_when_nothing_can_be_read_every_file_says_why(workspace: Workspace, exports: Path) -> None:
    found = workspace.preview(fill(exports, accounts="name\nx\n", features='"open\n'))
    assert found.stopped
    assert [bool(one.stopped) for one in found.files] == [True, True]
    assert not found.ready


def test_a_file_refused_whole_says_so_beside_one_that_is_not(
    workspace: Workspace, exports: Path
) -> None:
    found = workspace.preview(fill(exports, accounts="name\nx\n", features="feature_id\nF\n"))
    assert "account_id" in file(found, "accounts.csv").stopped
    assert file(found, "features.csv").refused == 0
    assert found.ready


def test_a_wrong_name_is_an_error_before_anything_is_read(
    workspace: Workspace, exports: Path
) -> None:
    with pytest.raises(UserError):
        workspace.preview(fill(exports, accounts=ACCOUNTS), "no_such_mapping")


def test_the_command_shows_it_and_ends_with_3_where_the_import_would_stop(
    workspace: Workspace, exports: Path, tenure: Any
) -> None:
    fill(exports, accounts=ACCOUNTS, contract_lines=LINES)
    stopped = tenure("import", exports, "-w", workspace.folder, "--preview")
    assert stopped.code == 3
    assert "This would stop the import" in stopped.out
    words = ["--date-order", "day_month", "--locale", "de_DE"]
    shown = tenure("import", exports, "-w", workspace.folder, "--preview", *words)
    assert shown.code == 0
    assert "120.000,00 | 4.800,50 → 120000.0000 | 4800.5000" in shown.out
    assert "goes nowhere: comment" in shown.out
    assert "1 row would be refused" in shown.out
    data = tenure("import", exports, "-w", workspace.folder, "--preview", "--json", *words).data
    assert (data["written"], data["ready"], len(data["files"])) == (False, True, 2)
    assert workspace.imports() == []


def test_the_last_line_counts_the_files_refused_as_a_whole(
    workspace: Workspace, exports: Path, tenure: Any
) -> None:
    fill(exports, accounts="account_id,name\nA1,Acme\n", contracts="foo,bar\n1,2\n", blob="")
    (exports / "usage_daily.csv.gz").write_bytes(b"this is no packed file")

    done = tenure("import", exports, "--preview", "-w", workspace.folder)

    assert "\nblob.csv: The file is empty." in done.out
    assert (
        "usage_daily.csv.gz: refused as a whole. The compressed file is damaged or cut off. "
        in done.out
    )
    assert "2 files would be refused as a whole. Nothing was written." in done.out
    assert "Nothing stands in the way" not in done.out
