"""Refused rows, corrected and tried again, land once and leave the quarantine; a wrong reading is said anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenure.facts.fix import read_fix
from tenure.facts.mapping import read_mapping
from tenure.kernel.errors import UserError
from tenure.workspace import Workspace
from tenure.workspace.quarantine import Fix

ACCOUNTS = (
    "account_id,name,start_date\nA1,Meridian,2025-01-01\nA2,Baltic,2025-13-45\nA3,Cobalt,soon\n"
)
BILLING = """
title = "Billing"
says = "x"
[files.customers]
match = ["kunden*.csv"]
[files.customers.into.accounts.columns]
account_id = "No"
name = "{name}"
start_date = "Since"
"""
KUNDEN = "No;Firma;Ort;Since\n1;Meridian;Oslo;2025-01-01\n2;Baltic;Riga;n/a\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "ws")


def folder(tmp_path: Path, **files: str) -> Path:
    made = tmp_path / "exports"
    made.mkdir(exist_ok=True)
    for name, text in files.items():
        (made / f"{name}.csv").write_text(text)
    return made


def names(workspace: Workspace) -> dict[str, str]:
    return dict(workspace.facts().rows("accounts", ["account_id", "name"]))


def test_a_corrected_row_lands_under_its_own_line_and_waits_no_more(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.import_folder(folder(tmp_path, accounts=ACCOUNTS))
    assert workspace.waiting() == {1: {"accounts.csv": 2}}
    first, second = workspace.waiting_rows(1, "accounts.csv")
    assert (first.line, first.column, first.value) == (3, "start_date", "2025-13-45")

    good = Fix("accounts.csv", 3, {**first.cells, "start_date": "2025-12-04"})
    bad = Fix("accounts.csv", 4, {**second.cells, "start_date": "later"})
    done = workspace.mend(1, [good, bad], by="Olga")

    assert done.landed == 1
    assert [(one.line, one.column, one.value) for one in done.still] == [(4, "start_date", "later")]
    assert workspace.waiting() == {1: {"accounts.csv": 1}}
    rows = workspace.facts().rows(
        "accounts", ["account_id", "source_file", "source_line", "source"]
    )
    assert ("A2", "accounts.csv", 3, "exports") in rows
    with pytest.raises(UserError) as gone:
        workspace.mend(1, [good])
    assert gone.value.code == "quarantine.gone"


def test_a_row_is_read_again_with_the_mapping_of_its_import(
    workspace: Workspace, tmp_path: Path
) -> None:
    own = workspace.folder / "catalogue" / "mappings"
    own.mkdir(parents=True)
    (own / "billing.toml").write_text(BILLING.format(name="Firma"))
    workspace.import_folder(folder(tmp_path, kunden_1=KUNDEN), "billing")
    (own / "billing.toml").unlink()
    (row,) = workspace.waiting_rows(1, "kunden_1.csv")
    assert workspace.waiting_values(1, "kunden_1.csv")[0][:2] == ("Since", "n/a")

    assert workspace.mend(1, [Fix("kunden_1.csv", 3, {**row.cells, "Since": ""})]).landed == 1
    assert names(workspace) == {"1": "Meridian", "2": "Baltic"}
    assert workspace.waiting() == {}


def test_what_is_left_out_needs_a_reason_and_stands_in_the_journal(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.import_folder(folder(tmp_path, accounts=ACCOUNTS))
    with pytest.raises(UserError) as refused:
        workspace.leave_out(1, [("accounts.csv", 3)], by="Olga", why="  ")
    assert refused.value.code == "quarantine.why"

    assert workspace.leave_out(1, [("accounts.csv", 3)], by="Olga", why="a test account") == 1
    assert workspace.waiting() == {1: {"accounts.csv": 1}}
    assert [row.line for row in workspace.waiting_rows(1, "accounts.csv")] == [4]


def test_downloaded_rows_come_back_with_their_lines_and_without_guards(
    workspace: Workspace, tmp_path: Path
) -> None:
    text = 'account_id,name,start_date\nA1,=1+1,soon\nA2,"a, b",never\n'
    workspace.import_folder(folder(tmp_path, accounts=text))
    downloaded = workspace.refused(1)["accounts.csv"]
    assert "'=1+1" in downloaded

    found = read_fix("\ufeff" + downloaded.replace("soon", "2025-01-01"))

    assert found[0] == (2, {"account_id": "A1", "name": "=1+1", "start_date": "2025-01-01"})
    assert found[1][0] == 3
    with pytest.raises(UserError) as refused:
        read_fix("account_id,name\nA1,x\n")
    assert refused.value.code == "fix.columns"


def test_an_event_id_used_twice_may_land_under_another_id_and_is_refused_once_only(
    workspace: Workspace,
) -> None:
    row = {"response_id": "a1", "account_id": "A1", "survey_type": "nps", "score": "9",
           "responded_at": "2025-01-02T10:00:00Z"}  # fmt: skip
    workspace.load({"survey_responses": [row]}, source="crm")
    workspace.load({"survey_responses": [{**row, "score": "3"}]}, source="crm")
    ((number, files),) = workspace.waiting().items()
    (name,) = files
    (waits,) = workspace.waiting_rows(number, name)

    again = workspace.mend(number, [Fix(name, waits.line, waits.cells)])
    assert (again.landed, len(again.still)) == (0, 1)
    assert workspace.waiting() == {number: {name: 1}}

    other = Fix(name, waits.line, {**waits.cells, "response_id": "a2"})
    assert workspace.mend(number, [other]).landed == 1
    assert workspace.waiting() == {}
    found = workspace.facts().rows("survey_responses", ["response_id", "score"])
    assert sorted((id_, int(score)) for id_, score in found) == [("a1", 9), ("a2", 3)]


def mapping(name: str = "Firma", table: str = "accounts"):
    text = BILLING.format(name=name).replace("into.accounts", f"into.{table}")
    return read_mapping(text, name="billing.toml", id="billing")


def test_a_wrong_reading_is_replaced_as_a_whole_and_can_be_replayed(
    workspace: Workspace, tmp_path: Path
) -> None:
    files = [
        (
            folder(tmp_path, kunden_1=KUNDEN.replace("n/a", "2025-02-02")) / "kunden_1.csv",
            "kunden_1.csv",
        )
    ]
    workspace.load(
        {"accounts": [{"account_id": "9", "name": "Elsewhere", "start_date": "2025-01-01"}]},
        source="crm",
    )
    workspace.import_files(files, mapping("Ort"), source="billing")
    assert names(workspace) == {"1": "Oslo", "2": "Riga", "9": "Elsewhere"}

    seen = workspace.preview_files(files, mapping(), source="billing", corrects=[2])
    assert seen.effects["accounts"] == {
        "new": 0,
        "replaced": 2,
        "repeats": 0,
        "refused": 0,
        "closed": 0,
    }
    for _ in range(2):
        done = workspace.import_files(files, mapping(), source="billing", corrects=[2])
    assert done.already
    assert names(workspace) == {"1": "Meridian", "2": "Baltic", "9": "Elsewhere"}

    other = BILLING.format(name="Firma").replace(
        'account_id = "No"', 'account_id = { column = "No", prefix = "B" }'
    )
    keyed = read_mapping(other, name="billing.toml", id="billing")
    assert workspace.import_files(files, keyed, source="billing", corrects=[3]).closed == 2
    assert names(workspace) == {"B1": "Meridian", "B2": "Baltic", "9": "Elsewhere"}


def test_rows_in_a_table_they_do_not_belong_to_are_taken_back(
    workspace: Workspace, tmp_path: Path
) -> None:
    files = [
        (
            folder(tmp_path, kunden_1=KUNDEN.replace("n/a", "2025-02-02")) / "kunden_1.csv",
            "kunden_1.csv",
        )
    ]
    wrong = """
title = "Billing"
says = "x"
[files.customers]
match = ["kunden*.csv"]
[files.customers.into.survey_responses.columns]
response_id = "No"
account_id = "Ort"
survey_type = { constant = "nps" }
score = { constant = "7" }
responded_at = "Since"
"""
    first = workspace.import_files(
        files, read_mapping(wrong, name="b.toml", id="b"), source="billing"
    )
    assert first.loaded == 2
    changed = read_mapping(wrong.replace('"Ort"', '"Firma"'), name="b.toml", id="b")

    done = workspace.import_files(files, changed, source="billing", corrects=[1])
    assert (done.replaced, done.refused) == (
        2,
        0,
    )  # events too: the first reading was not what happened
    done = workspace.import_files(files, mapping(), source="billing", corrects=[2])

    assert (done.loaded, done.closed) == (2, 2)
    assert workspace.facts().rows("survey_responses", ["response_id"]) == []
    assert names(workspace) == {"1": "Meridian", "2": "Baltic"}
