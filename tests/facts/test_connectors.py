"""Exports in the shapes that common connectors land, made by others: every folder is read as it stands.

The cells below were worked from the CSV files by eye; file and line stand beside each.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tenure.facts.coverage import not_fed
from tenure.facts.mapping import find_mapping
from tenure.facts.table import table
from tenure.workspace import Workspace

DATA = Path(__file__).resolve().parents[2] / "../shared/data/connector-exports"
NAMES = ("salesforce", "hubspot", "stripe", "zendesk", "recurly")
FED = {
    "salesforce": {"accounts": 1, "contacts": 4, "activities": 20, "activity_contacts": 19, "team_members": 10},
    "hubspot": {"accounts": 24, "contacts": 22, "opportunities": 44, "activities": 106, "activity_contacts": 1,
                "team_members": 100, "tickets": 25},
    "stripe": {"accounts": 12, "contracts": 2, "contract_lines": 13},
    "zendesk": {"accounts": 10, "contacts": 9, "team_members": 1, "tickets": 8},
    "recurly": {"accounts": 4, "contracts": 2, "contract_lines": 2},
}  # fmt: skip

pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(
        not all((DATA / name).is_dir() for name in NAMES),
        reason="the outside data (connector exports) is not beside this checkout",
    ),
]

Brought = Callable[[str], "Connector"]


class Connector:
    """One folder imported into a workspace of its own."""

    def __init__(self, folder: Path, name: str, source: Path | None = None) -> None:
        self.ws = Workspace.create(folder / name)
        self.summary = self.ws.import_folder(source or DATA / name, name)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Every row of the table, its declared columns by name."""
        columns = list(table(name).columns)
        return [dict(zip(columns, row, strict=True)) for row in self.ws.facts().rows(name, columns)]

    def row(self, name: str, key: str) -> dict[str, Any]:
        """The row with that key, or that first part of it."""
        first = table(name).key[0]
        (row,) = [row for row in self.rows(name) if row[first] == key]
        return row

    def findings(self, rule: str) -> list[dict[str, Any]]:
        return [f for f in self.ws.findings(limit=5000) if f["rule"] == rule]


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Brought:
    """Each connector's folder, imported when first asked for."""
    folder, known = tmp_path_factory.mktemp("connectors"), dict[str, Connector]()

    def bring(name: str) -> Connector:
        if name not in known:
            known[name] = Connector(folder, name)
        return known[name]

    return bring


@pytest.mark.parametrize("name", NAMES)
def test_each_folder_feeds_its_tables_and_every_file_is_read_or_left_aside_with_a_reason(
    brought: Brought, name: str
) -> None:
    found = brought(name)
    fed = {table: counts.new for table, counts in found.summary.tables.items() if counts.new}
    assert fed == FED[name]
    assert [file.name for file in found.summary.files if file.stopped] == []
    assert found.findings("file.unclaimed") == []
    aside = {finding["file"] for finding in found.findings("file.aside")}
    read = {file.name for file in found.summary.files}
    given = {path.name for path in (DATA / name).iterdir() if path.suffix == ".csv"}
    assert read | aside == given
    assert all(": " in finding["says"] for finding in found.findings("file.aside"))


@pytest.mark.parametrize("name", NAMES)
def test_no_column_is_passed_over_in_silence(brought: Brought, name: str) -> None:
    assert brought(name).findings("column.unmapped") == []


def test_the_same_rows_for_other_databases_are_left_aside(brought: Brought) -> None:
    aside = {finding["file"] for name in NAMES for finding in brought(name).findings("file.aside")}
    others = {
        path.name
        for name in NAMES
        for path in (DATA / name).iterdir()
        if path.stem.endswith(("_snowflake", "_postgres", "_databricks"))
    }
    assert len(others) == 15
    assert others <= aside


@pytest.mark.parametrize("name", NAMES)
def test_what_cannot_be_fed_is_said(brought: Brought, name: str) -> None:
    mapping = find_mapping(name)
    told = not_fed(mapping, [file.name for file in brought(name).summary.files])
    assert not set(told.unfed) & set(FED[name])
    assert "usage_daily" in told.unfed
    says = " ".join(told.says())
    assert says.startswith(mapping.title)
    assert "cannot feed" in says
    if name == "zendesk":
        assert "cannot feed contract_lines, contracts" in says
        assert {"nrr", "grr", "gross_renewal_rate"} <= set(told.metrics)
    if name == "salesforce":  # the folder holds no contract, no subscription, no rates
        assert [file.tables for file in told.absent] == [
            ("contracts",),
            ("contract_lines",),
            ("fx_rates",),
        ]
    if name in ("stripe", "recurly", "zendesk"):
        assert told.absent == ()


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("stripe", "recurly")])
def test_nothing_is_refused_where_nothing_is_wrong(brought: Brought, name: str) -> None:
    assert brought(name).summary.refused == 0


def test_salesforces_cells(brought: Brought) -> None:
    found = brought("salesforce")
    # sf_account_data.csv:2, the only one that is not deleted (lines 3 to 11 have is_deleted true)
    account = found.row("accounts", "0015500000Xyy06AAB")
    assert (account["name"], account["ae_id"]) == ("Eric's Test", "tqs6UXPA/Lm7W+0dX0+syw==")
    # sf_event_data.csv:2: a Call of 15 minutes with one person
    call = found.row("activities", "00U1G00000DEaypUAD")
    assert (call["activity_type"], call["duration_s"], call["status"]) == ("call", 900, "completed")
    assert (call["account_id"], call["user_id"]) == ("0011G00000eLwuWQAS", "0051G000007Ez4XQAS")
    assert call["occurred_at"].replace(tzinfo=None) == datetime.fromisoformat("2019-11-11T17:23:34")
    # sf_event_data.csv:4: a Meeting of 30 minutes
    meeting = found.row("activities", "00U1G00000DEQNmUAP")
    assert (meeting["activity_type"], meeting["duration_s"]) == ("meeting", 1800)
    # sf_task_data.csv:2: a to-do of the type X is a note, and no touch
    task = found.row("activities", "00T1G00003Ufap9UAB")
    assert (task["activity_type"], task["direction"], task["status"]) == ("note", None, "completed")
    # sf_task_data.csv:5: no account, no deal, and WhoId is a lead (00Q): nobody's
    assert found.row("activities", "00T1G00003UffGjUAJ")["account_id"] is None
    # sf_contact_data.csv:4
    contact = found.row("contacts", "0031G00000rfAvuQAE")
    assert (contact["name"], contact["account_id"]) == ("Jerome Powell", "0011G00000f8NwQAU")


def test_salesforces_deals_once_they_are_not_deleted(tmp_path: Path) -> None:
    # every deal of the folder is marked as deleted; here the mark is taken off (column 19 of 36)
    folder = tmp_path / "deals"
    folder.mkdir()
    lines = (DATA / "salesforce/sf_opportunity_data.csv").read_text().splitlines()
    rows = [line.split(",") for line in lines]
    assert rows[0][18] == "is_deleted"
    assert {row[18] for row in rows[1:]} == {"true"}
    for row in rows[1:]:
        row[18] = "false"
    (folder / "sf_opportunity_data.csv").write_text("\n".join(",".join(row) for row in rows))
    found = Connector(tmp_path, "salesforce", folder)
    # line 7: closed, not won
    lost = found.row("opportunities", "006q000000HK8jdAAD")
    assert (lost["stage"], lost["amount_arr"], lost["probability"]) == ("closed_lost", Decimal(200000), Decimal(0))  # fmt: skip
    assert (lost["created_date"], lost["close_date"]) == (date(2018, 11, 14), date(2018, 11, 21))
    # line 3: won, without an amount
    won = found.row("opportunities", "006q000000HdPzpAAF")
    assert (won["stage"], won["amount_arr"], won["probability"]) == ("closed_won", None, Decimal(1))
    # lines 8 and 11 are superseded (_fivetran_active false), so are left out
    left = {"006q000000HcZXXAA3", "006q000000HdOhuAAF"}
    assert not left & {row["opportunity_id"] for row in found.rows("opportunities")}
    assert found.summary.left_out == 2
    # line 6 closed before it was created, and is marked
    assert [f["line"] for f in found.findings("opportunity.span")] == [6]
    # line 2 has a probability of 1000: ten times certain
    (refused,) = found.findings("opportunity.probability")
    assert (refused["line"], found.summary.refused) == (2, 1)


def test_hubspots_cells(brought: Brought) -> None:
    found = brought("hubspot")
    # company_data.csv:2
    company = found.row("accounts", "2182162682")
    assert (company["country"], company["start_date"]) == ("United States", date(2019, 7, 5))
    # engagement_meeting_data.csv:2: 13:00 to 14:30, and no outcome
    meeting = found.row("activities", "3416212491")
    assert (meeting["activity_type"], meeting["duration_s"], meeting["status"]) == ("meeting", 5400, None)  # fmt: skip
    assert meeting["occurred_at"].replace(tzinfo=None) == datetime.fromisoformat("2019-09-26T13:00")
    # engagement_email_data.csv:2: type EMAIL is mail of ours
    mail = found.row("activities", "19732367783")
    assert (mail["activity_type"], mail["direction"], mail["status"]) == ("email", "outbound", "completed")  # fmt: skip
    # engagement_task_data.csv:3 has no type but a task_type
    assert found.row("activities", "32034933899")["activity_type"] == "note"
    # engagement_contact_data.csv:2: a call without an outcome; nobody knows that it was answered
    assert found.row("activity_contacts", "19732910159")["attended"] is False
    # ticket_data.csv:26
    ticket = found.row("tickets", "350123456")
    assert ticket["created_at"].date() == date(2021, 2, 25)
    assert ticket["solved_at"].date() == date(2025, 7, 25)
    assert (
        ticket["status"] == "open"
    )  # its stage 14863823a is OPEN (ticket_pipeline_stage_data.csv:14)
    # owner_data.csv:2
    assert found.row("team_members", "44023296")["email"] == "PsO4E5YPnpbcBSOq3aGKtQ=="
    # ticket_data.csv:2 was closed before it was created, and is marked
    assert [f["line"] for f in found.findings("ticket.order")] == [2]


def test_stripes_cells(brought: Brought) -> None:
    found = brought("stripe")
    # subscription_data.csv:2: started 18 February, ended_at 19 February, clicked on the 18th
    contract = found.row("contracts", "sdgfs4536")
    assert (contract["start_date"], contract["end_date"]) == (date(2021, 2, 18), date(2021, 2, 19))
    assert (contract["notice_date"], contract["account_id"]) == (date(2021, 2, 18), "sdf6547")
    assert contract["auto_renew"] is False
    # subscription_item_data.csv:4 and plan_data.csv:4: 150000 cents x 1 every 6 months
    line = found.row("contract_lines", "bea81c1795a612d8fc3a232b15646703")
    assert (line["amount"], line["interval_months"], line["currency"]) == (Decimal(1500), 6, "USD")
    # subscription_item_data.csv:6 and plan_data.csv:6: 264030 cents x 2 every 3 months
    line = found.row("contract_lines", "bea81c1795a612d8fc3a232b15646705")
    assert (line["amount"], line["interval_months"]) == (Decimal("5280.60"), 3)
    assert (line["start_date"], line["contract_id"]) == (date(2024, 7, 5), "sdfg5639")
    # customer_data.csv:13 is deleted, and was a customer all the same
    assert found.row("accounts", "cus_IuKuZJLG9mNRn2")["start_date"] == date(2021, 2, 8)
    # subscription_history_data.csv:2 says what subscription_data.csv:2 says, :3 is not the active row
    history = next(f for f in found.summary.files if "history" in f.name)
    assert (history.counts.repeats, history.counts.left_out) == (1, 1)


def test_the_one_line_stripe_refuses_has_a_plan_that_nobody_exported(brought: Brought) -> None:
    found = brought("stripe")
    assert found.summary.refused == 1
    # subscription_item_data.csv:15 names plan 146gcb, which is in neither plan_data.csv nor price_data.csv
    (refused,) = found.findings("line.amount")
    assert (refused["file"], refused["line"]) == ("subscription_item_data.csv", 15)
    for name in ("plan_data.csv", "price_data.csv"):
        assert "146gcb" not in (DATA / "stripe" / name).read_text()


def test_zendesks_cells(brought: Brought) -> None:
    found = brought("zendesk")
    # ticket_data.csv:5 has no organization; user_data.csv:3 (2222) belongs to 370297696174
    ticket = found.row("tickets", "11071")
    assert (ticket["account_id"], ticket["priority"], ticket["status"]) == ("370297696174", "urgent", "closed")  # fmt: skip
    # ticket_field_history_data.csv:17: solved on 14 November
    assert ticket["solved_at"].replace(tzinfo=None) == datetime.fromisoformat("2020-11-14T11:01:27")
    # ticket_data.csv:3
    assert found.row("tickets", "16988")["account_id"] == "370469077513"
    # ticket_data.csv:2 and :7 are deleted
    tickets = {row["ticket_id"] for row in found.rows("tickets")}
    assert not tickets & {"1595", "11013"}
    # user_data.csv:2 is an agent, :3 an end user
    assert found.row("team_members", "1111")["name"] == "Arthur Agent"
    assert found.row("contacts", "2222")["account_id"] == "370297696174"


def test_recurlys_cells(brought: Brought) -> None:
    found = brought("recurly")
    # subscription_history_data.csv:4 and :5 are versions of one: the newer, of 11 August 2022, counts
    contract = found.row("contracts", "2900cfb1daef789cc21ea100ff6af6e9")
    assert (contract["start_date"], contract["end_date"]) == (date(2015, 2, 11), date(2022, 9, 11))
    # subscription_history_data.csv:6: 2999.0 in units, its trial ended on 20 February 2015
    line = found.row("contract_lines", "bcd3f1f36bd98895b5336e067049364b")
    assert (line["amount"], line["interval_months"], line["is_trial"]) == (Decimal(2999), 1, None)
    assert line["start_date"] == date(2015, 2, 20)
    # :2 and :3 expired within minutes of their beginning: no day of service
    history = next(f for f in found.summary.files if f.name == "subscription_history_data.csv")
    assert (history.counts.loaded, history.counts.repeats, history.counts.left_out) == (2, 1, 2)
    # account_history_data.csv:2
    assert found.row("accounts", "51bccf87e2571558b3da93688e17469f")["start_date"] == date(2015, 2, 9)  # fmt: skip


def test_the_add_ons_recurly_refuses_belong_to_a_subscription_nobody_exported(
    brought: Brought,
) -> None:
    found = brought("recurly")
    # subscription_add_on_history_data.csv:2 and :3: without the subscription there is no interval
    refused = [(f["file"], f["line"]) for f in found.findings("line.amount")]
    assert refused == [("subscription_add_on_history_data.csv", 2), ("subscription_add_on_history_data.csv", 3)]  # fmt: skip
    assert found.summary.refused == 2
    subscriptions = (DATA / "recurly/subscription_history_data.csv").read_text()
    assert "caxmfuh3zdov" not in subscriptions


def test_the_same_folder_again_changes_nothing(brought: Brought) -> None:
    found = brought("zendesk")
    again = found.ws.import_folder(DATA / "zendesk", "zendesk")
    assert again.already


def test_one_changed_file_is_imported_with_the_files_it_is_looked_up_in(tmp_path: Path) -> None:
    folder = tmp_path / "stripe-export"
    folder.mkdir()
    for name in ("plan_data.csv", "subscription_data.csv", "subscription_item_data.csv"):
        shutil.copy(DATA / "stripe" / name, folder / name)
    found = Connector(tmp_path, "stripe", folder)
    items = folder / "subscription_item_data.csv"
    text = items.read_text()
    items.write_text(text.replace(",5gh,1,sdfg5637", ",5gh,7,sdfg5637"))
    assert items.read_text() != text
    found.ws.import_folder(folder, "stripe")
    line = found.row("contract_lines", "bea81c1795a612d8fc3a232b15646703")
    assert (line["quantity"], line["amount"]) == (Decimal(7), Decimal(10500))
