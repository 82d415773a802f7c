"""Moves of accounts, sent to the lake as rows of `account_assignments` from a source of their own.

All that stand are sent each time as a complete delivery, so that a move which was undone is closed by its absence.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tenure.desk.models import Move
from tenure.kernel import clock
from tenure.kernel.errors import Bug
from tenure.kernel.wording import counted
from tenure.workspace import Workspace

SOURCE = "tenure-desk-moves"
Key = tuple[str, str, Any]


def send_moves(workspace: Workspace) -> int:
    """How many moves the lake took in or gave up now.

    Raises:
        Bug: the lake refused a row; the moves keep waiting, and an import's findings say why.
    """
    moves = list(Move.objects.all())
    waiting = [move.pk for move in moves if move.in_lake_at is None]
    if not waiting:
        return 0
    rows = assignments(moves) or unmoved(workspace, moves)
    summary = workspace.load(
        {"account_assignments": rows}, source=SOURCE, again=True, complete=True
    )
    if summary.refused:
        raise Bug(f"The lake refused {counted(summary.refused, 'row')} of what was moved here.")
    Move.objects.filter(pk__in=waiting).update(in_lake_at=clock.now())
    return len(waiting)


def unmoved(workspace: Workspace, moves: Iterable[Move]) -> list[dict[str, Any]]:
    """One assignment that no move made, as the lake has it; empty where there is none.

    A delivery without any row closes nothing, so that an empty file cannot wipe a table. Where every move is undone this
    row stands for the delivery, and as it is what the lake holds already, it changes nothing.
    """
    ours = {(one.account_id, one.to_member, one.starts_on) for one in moves}
    columns = ("account_id", "user_id", "role", "start_date", "end_date")
    for row in workspace.computed().reading.rows("account_assignments"):
        if (row["account_id"], row["user_id"], row["start_date"]) not in ours:
            return [{name: row[name] for name in columns}]
    return []


def assignments(moves: Iterable[Move]) -> list[dict[str, Any]]:
    """The rows that the moves make, in the order in which they were made: what is cut short, what begins, what is back."""
    every = list(moves)
    ours: set[Key] = {(one.account_id, one.to_member, one.starts_on) for one in every}
    ends: dict[Key, Any] = {}
    for one in every:
        old: Key = (one.account_id, one.from_member, one.from_start)
        if one.undone_at is None:
            if one.from_member:
                ends[old] = one.starts_on
            ends[one.account_id, one.to_member, one.starts_on] = None
        elif one.from_member and (old in ends or old not in ours):
            ends[old] = one.from_end
    return [
        {"account_id": account, "user_id": user, "role": "csm", "start_date": start, "end_date": end}
        for (account, user, start), end in ends.items()
    ]  # fmt: skip
