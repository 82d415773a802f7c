"""What was entered about plans, sent to the lake, and kept standing over exports that repeat what they said before.

A table has one row per key, and the newest delivery of a row holds. So a later export of the source that a row came
from would undo what a person entered on it. The rule: what was entered stands as long as that source says of the
column what it said then, and is laid over its row again; when it says something else, that is news, and the news holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tenure.desk.entered_rows import Row, by_table, kept, lake_rows, lay_over, same, sent, typed
from tenure.desk.models import Entered
from tenure.desk.to_lake import SOURCE
from tenure.facts.table import table
from tenure.kernel import clock
from tenure.kernel.errors import Bug
from tenure.kernel.wording import counted
from tenure.workspace import Workspace

MOST = 5000
"""Entries sent at once; the rest goes with the next round."""


@dataclass
class _Round:
    """What one look at the lake's rows says is to be done."""

    load: dict[str, list[Row]] = field(default_factory=dict)
    withdraw: dict[str, list[Row]] = field(default_factory=dict)


def send_entered(workspace: Workspace) -> int:
    """How many entries went to the lake now, taken back ones included; those that stand there already are passed over.

    Sending twice is sending once: a row that the lake has as it is to be is not sent.

    Raises:
        Bug: the lake refused a row that the desk had checked; its entry says so and waits no more.
    """
    waiting = list(Entered.objects.filter(in_lake_at__isnull=True)[:MOST])
    found = _Round()
    for name, entries in by_table([*_over_sources(), *waiting]).items():
        _look(workspace, name, sorted(entries, key=lambda one: one.pk), found)
    refused = 0
    if found.load:
        refused = workspace.load(found.load, source=SOURCE, again=True).refused
    if found.withdraw:
        workspace.withdraw(found.withdraw, source=SOURCE)
    _mark(waiting)
    if refused:
        _note_refused(workspace, waiting)
        raise Bug(f"The lake refused {counted(refused, 'row')} of what was entered here.")
    return len(waiting)


def _over_sources() -> list[Entered]:
    """What stands over rows of other sources, some column of it at least."""
    standing = Entered.objects.filter(
        in_lake_at__isnull=False,
        taken_back_at__isnull=True,
        source_said__isnull=False,
        refused_said="",
    )
    return [one for one in standing if set(one.content) - set(one.overtaken)]


def _look(workspace: Workspace, name: str, entries: Sequence[Entered], found: _Round) -> None:
    declared = table(name)
    rows = lake_rows(workspace, name, [one.account_id for one in entries])
    wanted = dict(rows)
    for one in entries:
        if one.in_lake_at is None:
            lay_over(wanted, one)
        elif one.row in wanted:
            held = wanted[one.row]
            again = _to_repeat(one, held, _newer(one, entries))
            wanted[one.row] = held | {c: typed(declared, c, one.content[c]) for c in again}
    for row in {one.row for one in entries}:
        there, now = rows.get(row), wanted.get(row)
        if now is None:
            if there is not None and there["source"] == SOURCE:
                found.withdraw.setdefault(name, []).append(sent(there))
        elif there is None or any(not same(now[c], there[c]) for c in declared.columns):
            found.load.setdefault(name, []).append(sent(now))


def _newer(one: Entered, entries: Sequence[Entered]) -> set[str]:
    """Columns of the row that somebody entered later."""
    return {
        column
        for other in entries
        if other.row == one.row and other.pk > one.pk and other.taken_back_at is None
        for column in other.content
    }


def _to_repeat(one: Entered, held: Row, newer: set[str]) -> list[str]:
    """The columns to lay over the row again; what its source says anew of others is kept as overtaken."""
    again: list[str] = []
    news: dict[str, Any] = {}
    for column in sorted(set(one.content) - set(one.overtaken) - newer):
        if same(held[column], one.content[column]):
            continue
        if same(held[column], (one.source_said or {}).get(column)):
            again.append(column)
        else:
            news[column] = kept(held[column])
    if news:
        one.overtaken = {**(one.overtaken or {}), **news}
        Entered.objects.filter(pk=one.pk).update(overtaken=one.overtaken)
    return again


def _mark(waiting: Sequence[Entered]) -> None:
    """These are in the lake; what was taken back meanwhile waits for its own turn."""
    now = clock.now()
    for is_back in (False, True):
        ids = [one.pk for one in waiting if (one.taken_back_at is not None) == is_back]
        Entered.objects.filter(pk__in=ids, taken_back_at__isnull=not is_back).update(in_lake_at=now)


def _note_refused(workspace: Workspace, waiting: Sequence[Entered]) -> None:
    """What the lake does not hold now was refused: the entry keeps the sentence, and is not sent for ever."""
    says = next((f["says"] for f in workspace.findings(level="error")), "the import refused it")
    for name, entries in by_table(waiting).items():
        rows = lake_rows(workspace, name, [one.account_id for one in entries])
        for one in entries:
            held = rows.get(one.row, {})
            if one.taken_back_at is None and any(
                not same(held.get(c), v) for c, v in one.content.items()
            ):
                Entered.objects.filter(pk=one.pk).update(refused_said=says)
