"""Enter rows of the facts that no export brings, and take them back: the heart of every form about plans.

What the lake would refuse is refused here, by the lake's own checks and in their words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from tenure.desk.entered_rows import Row, kept, key_of, row_id, same, sent, standing_rows
from tenure.desk.home import home
from tenure.desk.models import AuditEntry, Entered
from tenure.desk.to_lake import SOURCE
from tenure.desk.visible import NoSuchAccount, Scope
from tenure.facts.table import table
from tenure.kernel import clock
from tenure.kernel.errors import UserError
from tenure.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row as it is to stand: its key, and the columns that are set. Values are those of rows, or JSON of them."""

    account_id: str
    table: str
    key: Mapping[str, Any]
    columns: Mapping[str, Any]
    may_exist: bool = True


def enter_rows(scope: Scope, verb: str, wanted: Sequence[Wanted], act: UUID | None = None) -> UUID:
    """The act under which the rows were entered, with an audit entry per account; the lake has them within the minute.

    Columns that say what the row says already are no change; where nothing changes, nothing is entered. Said twice
    under one `act`, it is entered once.

    Raises:
        NoSuchAccount: an account is not there, or not this person's to edit.
        UserError: the lake would refuse a row, or a row that was to be new is there; `where` is the column.
    """
    for account_id in dict.fromkeys(one.account_id for one in wanted):
        _may_edit(scope, account_id)
    act = act or uuid4()
    if Entered.objects.filter(act=act).exists():
        return act
    with home().workspace() as workspace:
        found = _entries(workspace, wanted)
        _check(workspace, found)
    with transaction.atomic():
        made = [
            Entered(act=act, by=scope.person, **one)
            for one, _ in found
            if one["content"] or one["before"] is None
        ]
        Entered.objects.bulk_create(made)
        for account_id in dict.fromkeys(one.account_id for one in made):
            own = [one for one in made if one.account_id == account_id]
            AuditEntry.objects.create(
                by=scope.person,
                verb=verb,
                about=account_id,
                content={
                    "act": str(act),
                    "rows": [{"table": o.table, "row": o.row, "set": o.content} for o in own],
                },
            )
        if made:
            transaction.on_commit(home().send)
    return act


def take_back(scope: Scope, act: UUID) -> list[Entered]:
    """What was entered under `act`, now taken back: each row is again what it was before.

    Raises:
        NoSuchAccount: nothing was entered under it that this person may edit.
        UserError: something was entered later on one of its rows.
    """
    with transaction.atomic():
        entries = list(Entered.objects.select_for_update().filter(act=act))
        if not entries:
            raise NoSuchAccount("Nothing was entered there.")
        for account_id in {one.account_id for one in entries}:
            _may_edit(scope, account_id)
        standing = [one for one in entries if one.taken_back_at is None]
        for one in standing:
            later = Entered.objects.filter(
                table=one.table, row=one.row, id__gt=one.id, taken_back_at__isnull=True
            ).exclude(act=act)
            if later.exists():
                raise UserError(
                    "Something was entered later on the same row.",
                    remedy="Take that back first.",
                    code="entry.not_newest",
                )
        if not standing:
            return entries
        Entered.objects.filter(pk__in=[one.pk for one in standing]).update(
            taken_back_at=clock.now(), taken_back_by=scope.person, in_lake_at=None, refused_said=""
        )
        for account_id in dict.fromkeys(one.account_id for one in standing):
            AuditEntry.objects.create(
                by=scope.person, verb="take back", about=account_id, content={"act": str(act)}
            )
        transaction.on_commit(home().send)
    return entries


def accounts_of(act: UUID) -> dict[str, bool]:
    """The accounts on which something was entered in one go, in that order, and whether any of it still stands."""
    found: dict[str, bool] = {}
    for one in Entered.objects.filter(act=act):
        found[one.account_id] = found.get(one.account_id, False) or one.taken_back_at is None
    return found


def _may_edit(scope: Scope, account_id: str) -> None:
    if account_id not in home().present().by_id or not scope.edits(account_id):
        raise NoSuchAccount(f"There is no account `{account_id}`.")


def _entries(workspace: Workspace, wanted: Sequence[Wanted]) -> list[tuple[dict[str, Any], Row]]:
    """What is to be kept of each wanted row, and the whole row as it will be."""
    rows = {
        name: standing_rows(workspace, name, [w.account_id for w in wanted if w.table == name])
        for name in {one.table for one in wanted}
    }
    found = []
    for one in wanted:
        declared = table(one.table)
        name = row_id(declared, one.key)
        held = rows[one.table].get(name)
        if held is not None and not one.may_exist:
            raise UserError(
                "There is one already under that name or from that day.",
                remedy="Change the one that is there.",
                where=declared.key[-1],
                code="entry.exists",
            )
        said = {column: kept(value) for column, value in one.columns.items()}
        if held is None:
            own = {"account_id": one.account_id} if "account_id" in declared.columns else {}
            content, before, source = (
                {c: v for c, v in (own | said).items() if c not in declared.key},
                None,
                None,
            )
        else:
            content = {c: v for c, v in said.items() if not same(held[c], v)}
            before = {c: kept(held[c]) for c in content}
            source = _source_said(one.table, name, held, content)
        whole = dict(held or dict.fromkeys(declared.columns) | key_of(declared, name))
        found.append(
            (
                {"account_id": one.account_id, "table": one.table, "row": name, "content": content,
                 "before": before, "source_said": source},
                {c: v for c, v in whole.items() if c != "source"} | content,
            )
        )  # fmt: skip
    return found


def _source_said(
    table_name: str, row: str, held: Row, content: Mapping[str, Any]
) -> dict[str, Any] | None:
    """What the source under a row says of these columns; None where the desk made the row."""
    earlier = list(Entered.objects.filter(table=table_name, row=row, taken_back_at__isnull=True))
    if any(one.is_new_row for one in earlier):
        return None
    over = [one for one in earlier if one.source_said is not None]
    if held["source"] == SOURCE and not over:
        return None
    said = {column: kept(held[column]) for column in content}
    for one in over:  # under what was entered earlier, the source still says what it said then
        said |= {
            c: (one.source_said or {})[c]
            for c in content
            if c in one.content and same(held[c], one.content[c])
        }
    return said


def _check(workspace: Workspace, found: Sequence[tuple[dict[str, Any], Row]]) -> None:
    """By the lake's own checks, all rows of a table at once."""
    rows: dict[str, list[Row]] = {}
    for one, whole in found:
        rows.setdefault(one["table"], []).append(sent(whole))
    for refusal in workspace.would_refuse(rows, source=SOURCE) if rows else ():
        value = f"`{refusal['value']}` " if refusal["value"] else ""
        raise UserError(
            f"{value}{refusal['says']}".strip().rstrip(".") + ".",
            remedy=(refusal["remedy"] or "Correct it.").rstrip(".").capitalize() + ".",
            where=refusal["column_name"] or "",
            code="entry.refused",
        )
