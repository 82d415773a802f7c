"""Add or change one thing of an account: a goal, a milestone, a review, an act of advocacy, a person, a notice, a handoff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from tenure.desk.enter_rows import Wanted, enter_rows
from tenure.desk.entered_rows import Row, standing_rows
from tenure.desk.home import home
from tenure.desk.plan_cadence import company_today
from tenure.desk.sheets import SHEETS, Sheet
from tenure.desk.visible import NoSuchAccount, Scope
from tenure.kernel.errors import UserError

SEATS = "activity_contacts"
LONGEST = 400
LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of one thing: `values` by column, `row` the row it changes (empty: a new one).

    `contacts` are those who took part in a review. Said twice under one `act`, it is said once.
    """

    account_id: str
    sheet: str
    values: Mapping[str, Any]
    act: UUID
    row: str = ""
    contacts: Sequence[str] = field(default=())


def enter_sheet(scope: Scope, said: Said) -> UUID:
    """The act under which it was entered.

    Raises:
        NoSuchAccount: the account or row is not there, or not this person's to edit.
        UserError: a value that cannot be; `where` is its column.
    """
    sheet = SHEETS.get(said.sheet)
    if sheet is None or not scope.edits(said.account_id) or not (said.row or sheet.adds):
        raise NoSuchAccount("There is nothing of that kind.")
    held = row_of(scope, sheet, said.account_id, said.row) if said.row else None
    values = _kept_to(sheet, said, held)
    _check(sheet, values, held, said.account_id)
    if held is None:
        key = _key(sheet, said, values)
    else:
        key = {name: held[name] for name in sheet.declared.key}
    columns = {name: value for name, value in values.items() if name not in key}
    wanted = [Wanted(said.account_id, sheet.table, key, columns, may_exist=held is not None)]
    if sheet.name == "review":
        wanted += _seats(said, key["activity_id"])
    return enter_rows(scope, f"{'change' if said.row else 'add'} {sheet.noun}", wanted, said.act)


def row_of(scope: Scope, sheet: Sheet, account_id: str, row: str) -> Row:
    """A row of an account as it stands.

    Raises:
        NoSuchAccount: there is none of this account, or it is not this person's to edit.
    """
    if not scope.edits(account_id):
        raise NoSuchAccount(f"There is no account `{account_id}`.")
    with home().workspace() as workspace:
        found = standing_rows(workspace, sheet.table, [account_id]).get(row)
    if found is None:
        raise NoSuchAccount(f"There is no such {sheet.noun}.")
    return found


def choices(account_id: str, of: str) -> dict[str, str]:
    """Names by id among which a column chooses: people at the account, the team, or the account's deals."""
    with home().workspace() as workspace:
        if of == "team_members":
            return workspace.names_of("team_members")
        rows = standing_rows(workspace, of, [account_id]).values()
        if of == "contacts":
            return {r["contact_id"]: r["name"] or r["contact_id"] for r in rows}
        return {r["opportunity_id"]: deal_said(r) for r in rows if r["stage"] != "closed_lost"}


def left_before(account_id: str, day: date) -> set[str]:
    """The contacts who are no longer there on a day."""
    with home().workspace() as workspace:
        rows = standing_rows(workspace, "contacts", [account_id]).values()
    return {r["contact_id"] for r in rows if r["active_to"] is not None and r["active_to"] <= day}


def deal_said(row: Mapping[str, Any]) -> str:
    """A deal in a list."""
    kind = (row["opportunity_type"] or "deal").replace("_", " ")
    day = row["close_date"]
    closed = f", closed {day.day} {day:%b %Y}" if day else ""
    return f"{kind.capitalize()} {row['opportunity_id']}{closed}"


def attended(account_id: str, activity_id: str) -> set[str]:
    """Who of the customer took part in a review, as it stands."""
    with home().workspace() as workspace:
        seats = standing_rows(workspace, SEATS, [account_id]).values()
    return {s["contact_id"] for s in seats if s["activity_id"] == activity_id and s["attended"]}


def _kept_to(sheet: Sheet, said: Said, held: Row | None) -> dict[str, Any]:
    """The values that may be set; a mark nobody made is no change of one that was never made."""
    may = sheet.changed if held is not None else [one.column for one in sheet.asked]
    values = {name: said.values[name] for name in may if name in said.values}
    if held is not None:
        return {n: v for n, v in values.items() if not (v is False and held[n] is None)}
    fixed = {"direction": "two_way", "is_automated": False} if sheet.name == "review" else {}
    return {name: value for name, value in values.items() if value not in (None, "")} | fixed


def _check(sheet: Sheet, values: Mapping[str, Any], held: Row | None, account_id: str) -> None:
    for one in sheet.asked:
        value = values.get(one.column, (held or {}).get(one.column))
        if one.required and value in (None, ""):
            raise _refused(one.column, "This is needed.", "Fill it in.")
        if isinstance(value, str) and len(value) > (
            longest := LONGEST_TEXT if one.is_long else LONGEST
        ):
            raise _refused(one.column, "That is too long.", f"Use at most {longest} letters.")
        column = sheet.declared.columns[one.column]
        new = one.column in values and values[one.column] not in (None, "")
        if new and column.type == "word" and one.column != "milestone" and value not in column.words and value != (held or {}).get(one.column):  # fmt: skip
            raise _refused(
                one.column,
                f"`{value}` is not one of its words.",
                "Choose " + ", ".join(column.words) + ".",
            )
        if (
            new
            and one.of
            and value != (held or {}).get(one.column)
            and value not in choices(account_id, one.of)
        ):
            raise _refused(
                one.column, f"`{value}` is nobody of this account.", "Choose one of the list."
            )
    found = sheet.lacks((held or {}) | _local(values), company_today())
    if found is not None:
        raise _refused(found[0], found[1], "")


def _local(values: Mapping[str, Any]) -> dict[str, Any]:
    """Instants on the company's clocks, so that their day is its day."""
    zone = ZoneInfo(home().time_zone)
    return {n: v.astimezone(zone) if isinstance(v, datetime) else v for n, v in values.items()}


def _key(sheet: Sheet, said: Said, values: Mapping[str, Any]) -> dict[str, Any]:
    """A key of our own, the same for the same act; or what the person said."""
    if sheet.own_id:
        return {sheet.own_id: f"desk-{uuid5(said.act, sheet.name)}"}
    return {
        name: said.account_id if name == "account_id" else values[name]
        for name in sheet.declared.key
    }


def _seats(said: Said, activity_id: str) -> list[Wanted]:
    known = choices(said.account_id, "contacts")
    if strangers := set(said.contacts) - set(known):
        raise _refused(
            "contacts",
            f"`{sorted(strangers)[0]}` is nobody of this account.",
            "Choose people of this account.",
        )
    before = attended(said.account_id, activity_id)
    return [
        Wanted(
            said.account_id,
            SEATS,
            {"activity_id": activity_id, "contact_id": contact},
            {"attended": contact in said.contacts},
        )
        for contact in sorted(set(said.contacts) ^ before)
    ]


def _refused(where: str, what: str, remedy: str) -> UserError:
    return UserError(what, remedy=remedy, where=where, code="entry.refused")
