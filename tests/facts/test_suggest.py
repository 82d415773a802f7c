"""What unknown files may be: said with how sure and why, written down on request, applied by nobody."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given as for_all
from hypothesis import settings

from nightly import examples
from tenure.facts.discover import surveyed
from tenure.facts.draft import drafted
from tenure.facts.known import NothingKnown
from tenure.facts.mapping import read_mapping
from tenure.facts.reading import Settings
from tenure.facts.recognise import mappings, recognised
from tenure.facts.resemblance import learned
from tenure.facts.suggest import Suggestion, suggested
from tenure.facts.table import shapes, tables
from tenure.kernel.errors import SourceError, UserError
from tenure.workspace import Workspace

CUSTOMERS = "Customer No,Company,Size,Country,Since\n1001,Meridian,Gold,US,03/02/2025\n1002,Baltic,Bronze,EE,17/03/2025\n"
SUBS = 'Sub,Ref,Annual value,Cur,From,To\nS-1,1001,"12.000,50",USD,2025-02-03,\nS-2,1002,"9.000,00",EUR,2025-06-01,2026-06-01\n'
CONNECTORS = Path(__file__).resolve().parents[3] / "shared" / "data" / "connector-exports"


def look(folder: Path, known: Any = None) -> dict[str, Suggestion]:
    found = surveyed(folder)
    made = suggested(found.unclaimed, settings=Settings(), known=known or NothingKnown())
    return {one.file: one for one in made}


def placed(one: Suggestion) -> dict[str, str]:
    return {column.column: column.source for column in one.columns}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "exports").mkdir()
    return tmp_path / "exports"


def test_a_file_is_known_by_its_columns_and_values(folder: Path) -> None:
    (folder / "kunden.csv").write_text(CUSTOMERS)
    one = look(folder)["kunden.csv"]
    assert one.table == "accounts"
    assert placed(one) == {
        "account_id": "Customer No",
        "name": "Company",
        "segment": "Size",
        "country": "Country",
        "start_date": "Since",
    }
    assert one.order == "1 can only be day/month, 0 only month/day, 1 both"
    assert all(column.why for column in one.columns)


def test_an_id_of_one_file_joins_to_another_of_the_folder(folder: Path) -> None:
    (folder / "customers.csv").write_text(CUSTOMERS)
    (folder / "subs.csv").write_text(SUBS)
    one = look(folder)["subs.csv"]
    assert placed(one)["account_id"] == "Ref"  # its name says nothing
    (reason,) = (c.why for c in one.columns if c.column == "account_id")
    assert reason == ("all 2 values are known accounts",)
    assert one.decimal == ","


def test_ids_that_the_workspace_knows_tell_what_an_id_is_of(folder: Path, tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w")
    workspace.load({"accounts": [{"account_id": f"X{i}"} for i in range(9)]})
    (folder / "cases.csv").write_text(
        "Case,Whose,Opened\n"
        + "".join(f"C{i},X{i},2026-01-0{i + 1}\n" for i in range(8))
        + "C9,?,2026-01-09\n"
    )
    (one,) = workspace.preview(folder).suggestions
    assert one.table == "tickets"
    assert placed(one)["account_id"] == "Whose"
    assert any("8 of 9 values are known accounts" in c.why for c in one.columns)


def test_values_of_another_shape_speak_against_a_name(folder: Path) -> None:
    (folder / "contract_lines_old.csv").write_text(
        "line_id,account_id,arr,start_date\nL1,A,plenty,2025-01-01\nL2,B,little,soon\nL3,A,some,later\n"
    )
    one = look(folder)["contract_lines_old.csv"]
    assert "arr" not in placed(one)
    assert "start_date" not in placed(one)
    assert {"arr", "start_date"} <= set(one.unplaced)


def test_what_looks_like_nothing_is_said_to_look_like_nothing(folder: Path) -> None:
    (folder / "lunch.csv").write_text("dish,spice level\nDal,3\nSoup,1\n")
    one = look(folder)["lunch.csv"]
    assert (one.table, one.columns, one.unplaced) == ("", (), ("dish", "spice level"))
    with pytest.raises(UserError, match="nothing to draft"):
        drafted([one])


def test_a_file_that_cannot_be_read_says_why(folder: Path) -> None:
    (folder / "customers.csv").write_text('a,b\n1,"x\n')
    assert "quote" in look(folder)["customers.csv"].stopped


def test_time_of_people_is_suggested_without_its_values(folder: Path) -> None:
    (folder / "toggl march.csv").write_text(
        "User,Description,Start,End,Project\nmaya,Salary talk,2026-03-02 09:00,2026-03-02 10:00,Secret\n"
    )
    one = look(folder)["toggl march.csv"]
    assert one.table == "time_entries"
    assert "Secret" not in str(one.to_dict())


@pytest.mark.parametrize("name", [mapping.id for mapping in mappings(None)])
def test_a_shipped_mapping_is_recognised_by_the_columns_it_reads(name: str, folder: Path) -> None:
    known = mappings(None)
    mapping = next(one for one in known if one.id == name)
    hits = []
    for file in mapping.files.values():
        headers = sorted(file.columns_read())
        if len(headers) >= 6:
            best = recognised("export.csv", headers, known)
            hits.append(best[0].mapping if best else "")
    assert hits
    assert hits.count(name) * 2 > len(hits)  # most of its files, without any help of their names


def test_ravenstack_is_recognised_in_full(folder: Path) -> None:
    (folder / "ravenstack_accounts.csv").write_text(
        "account_id,account_name,industry,country,signup_date,referral_source,plan_tier,seats,is_trial,churn_flag\n"
        "A-1,Company_0,EdTech,US,2024-10-16,partner,Basic,9,False,False\n"
    )
    one = look(folder)["ravenstack_accounts.csv"]
    assert one.recognised[0].mapping == "ravenstack"
    assert one.recognised[0].score == 1.0
    assert "the name fits" in one.recognised[0].why


@pytest.mark.outside
@pytest.mark.parametrize(
    ("file", "mapping", "key"),
    [
        ("stripe/subscription_data.csv", "stripe", "subscriptions"),
        ("stripe/customer_data.csv", "stripe", "customers"),
        ("salesforce/sf_opportunity_data.csv", "salesforce", "opportunities"),
        ("hubspot/deal_data.csv", "hubspot", "deals"),
        ("hubspot/ticket_data.csv", "hubspot", "tickets"),
        ("recurly/account_history_data.csv", "recurly", "accounts"),
        ("zendesk/ticket_data.csv", "zendesk", "tickets"),
    ],
)
def test_exports_of_connectors_are_recognised(file: str, mapping: str, key: str) -> None:
    path = CONNECTORS / file
    if not path.exists():
        pytest.skip("needs the exports in ../shared/data/connector-exports")
    with path.open(encoding="utf-8", newline="") as opened:
        headers = next(csv.reader(opened))
    best = recognised(path.name, headers, mappings(None))[0]
    assert (best.mapping, best.file) == (mapping, key)


def test_a_generic_column_is_no_evidence(folder: Path) -> None:
    assert recognised("things.csv", ["id", "name", "email", "created_at"], mappings(None)) == []


def test_a_draft_loads_says_why_and_imports_once_it_is_completed_and_named(
    folder: Path, tmp_path: Path, tenure: Any
) -> None:
    (folder / "Customers 2026-10.csv").write_text(CUSTOMERS)
    (folder / "subs.csv").write_text(SUBS)
    workspace = Workspace.create(tmp_path / "w")
    draft = tmp_path / "draft.toml"
    done = tenure("import", folder, "-w", workspace.folder, "--suggest", draft)
    assert done.code == 0
    assert workspace.imports() == []
    text = draft.read_text()
    mapping = read_mapping(text, name="draft.toml", id="draft")
    assert mapping.file_for("Customers 2026-11.csv") is not None  # next month's file too
    assert "# sure" in text
    assert '# date_order = "day_month" or "month_day": 1 can only be day/month' in text
    assert "Gold" in text
    with pytest.raises(SourceError):
        workspace.import_folder(folder)  # nobody named the draft, so nothing is guessed
    with pytest.raises(UserError):
        workspace.import_folder(folder, draft)  # the order of dates is still a person's answer
    draft.write_text(
        text.replace(
            '# date_order = "day_month" or "month_day"', 'date_order = "day_month" #'
        ).replace("# decimal = ", 'locale = "de_DE" # ')
    )
    summary = workspace.import_folder(folder, draft)
    assert (summary.loaded, summary.refused) == (4, 0)
    again = tenure("import", folder, "-w", workspace.folder, "--suggest", draft)
    assert again.code == 2
    assert "is there already" in again.err


HEADERS = st.lists(
    st.text(min_size=1, max_size=12).map(lambda t: t.strip()).filter(bool),
    min_size=1,
    max_size=4,
    unique=True,
)


@settings(max_examples=examples(10, night=200))
@for_all(
    headers=HEADERS,
    stem=st.text(st.characters(exclude_characters="/\x00", codec="utf-8"), max_size=8),
)
def test_a_draft_loads_whatever_the_headers_and_names_are(
    headers: list[str], stem: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("odd")
    path = folder / f"customers{stem}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["account_id", "name", *headers])
        writer.writerow(["A1", "Meridian", *headers])
    made = [one for one in look(folder).values() if one.table]
    if made:
        text = drafted(made)
        tomllib.loads(text)
        read_mapping(text, name="draft.toml", id="draft")


def test_every_synonym_is_of_a_table_and_column_that_there_is() -> None:
    from tenure.facts.resemblance import synonyms

    columns = {name for table in (*tables().values(), *shapes().values()) for name in table.columns}
    for name in synonyms().columns:
        table, _, column = name.rpartition(".")
        assert column in (tables()[table].columns if table else columns), name
    assert set(synonyms().tables) <= {*tables(), *shapes()}
    assert len(learned()) > 20
