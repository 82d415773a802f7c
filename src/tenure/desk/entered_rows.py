"""Rows as they stand for whoever enters more: what the lake holds, with what is on its way to it laid over.

Values of a row are kept in the desk as JSON: days and instants as ISO text, numbers as text without trailing zeros.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from tenure.desk.models import Entered
from tenure.facts.table import Table, table
from tenure.metrics.near import of_accounts
from tenure.workspace import Workspace

Row = dict[str, Any]


def row_id(declared: Table, row: Mapping[str, Any]) -> str:
    """The key of a row as one text, by which the desk finds it again."""
    return json.dumps([kept(row.get(name)) for name in declared.key], ensure_ascii=False)


def key_of(declared: Table, row: str) -> dict[str, Any]:
    """The key's columns with their values."""
    values = json.loads(row)
    return {
        name: typed(declared, name, value) for name, value in zip(declared.key, values, strict=True)
    }


def kept(value: Any) -> Any:
    """A value of a row as JSON has it."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)  # the lake keeps UTC
        return moment.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        plain = Decimal(str(value)).normalize()
        return format(plain, "f")
    return str(value).replace("\r\n", "\n").strip() or None


def typed(declared: Table, column: str, value: Any) -> Any:
    """A kept value as rows of the lake have it."""
    kind = declared.columns[column].type
    if value is None:
        return None
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "timestamp":
        return datetime.fromisoformat(value)
    if kind in ("money", "number", "rate"):
        return Decimal(value)
    return int(value) if kind == "int" else value


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same to a reader: spaces and line ends aside."""
    left, right = kept(one), kept(other)
    if isinstance(left, str) and isinstance(right, str):
        return left.split() == right.split()
    return bool(left == right)


def lake_rows(workspace: Workspace, table_name: str, accounts: Iterable[str]) -> dict[str, Row]:
    """The current rows of some accounts by `row_id`, each with its `source`; none where the table has not come in."""
    declared, wanted = table(table_name), sorted(set(accounts))
    facts = workspace.facts()
    if not wanted or table_name not in facts.tables():
        return {}
    columns = [*declared.columns, "source"]
    found = of_accounts(workspace.computed().reading, table_name, wanted, columns)
    rows = [dict(zip(columns, row, strict=True)) for row in found]
    return {row_id(declared, row): row for row in rows}


def standing_rows(workspace: Workspace, table_name: str, accounts: Sequence[str]) -> dict[str, Row]:
    """As `lake_rows`, with what waits to be sent laid over: what a page shows, and what an entry changes."""
    rows = lake_rows(workspace, table_name, accounts)
    waiting = Entered.objects.filter(
        table=table_name, account_id__in=set(accounts), in_lake_at__isnull=True
    )
    for one in waiting:
        lay_over(rows, one)
    return rows


def lay_over(rows: dict[str, Row], one: Entered) -> None:
    """Change `rows` by one entry: set its columns, or, where it was taken back, put back what was there."""
    declared = table(one.table)
    held = rows.get(one.row)
    if one.taken_back_at is None:
        if held is None and not one.is_new_row:
            return  # the row has gone since
        blank = dict.fromkeys(declared.columns)
        rows[one.row] = (held or blank | key_of(declared, one.row)) | _typed(declared, one.content)
        rows[one.row].setdefault("source", "")
    elif one.before is None:
        if held is not None and all(same(held[c], value) for c, value in one.content.items()):
            del rows[one.row]
    elif held is not None:
        back = {c: one.before[c] for c, value in one.content.items() if same(held[c], value)}
        rows[one.row] = held | _typed(declared, back)


def _typed(declared: Table, values: Mapping[str, Any]) -> Row:
    return {column: typed(declared, column, value) for column, value in values.items()}


def sent(row: Mapping[str, Any]) -> Row:
    """A row as it goes to the lake: instants with their zone, no provenance."""
    return {name: kept(value) for name, value in row.items() if name != "source"}


def by_table(entries: Iterable[Entered]) -> dict[str, list[Entered]]:
    """Entries by table, each list in the order in which they were made."""
    found: dict[str, list[Entered]] = defaultdict(list)
    for one in entries:
        found[one.table].append(one)
    return dict(found)


def standing_tables(
    workspace: Workspace, names: Iterable[str], account_id: str
) -> dict[str, list[Row]]:
    """The standing rows of one account in several tables, with one question to the desk for all of them."""
    rows = {name: lake_rows(workspace, name, [account_id]) for name in names}
    # The facts may be of a while ago: what was sent since is laid over as well.
    at = workspace.snapshot.created_at
    since_then = Q(in_lake_at__isnull=True) | Q(in_lake_at__gte=at)
    for one in Entered.objects.filter(since_then, table__in=rows, account_id=account_id):
        lay_over(rows[one.table], one)
    return {name: list(own.values()) for name, own in rows.items()}
