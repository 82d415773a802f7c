"""`tenure match`: accounts that may be one customer, merged, kept apart, and taken back."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from tenure.cli.options import Folder, Json, opened
from tenure.cli.output import say, say_json
from tenure.cli.serving import desk
from tenure.cli.trusting import DATABASE
from tenure.kernel.wording import counted, money

if TYPE_CHECKING:
    from tenure.workspace import Workspace
    from tenure.workspace.matched import Effect, Match, Proposal

match_app = typer.Typer(
    help="Accounts that may be one customer: suggested, merged, kept apart, taken back."
)
Other = Annotated[str, typer.Argument(help="The id that is to be read as another one.")]
Kept = Annotated[str, typer.Argument(help="The id that stays.")]
By = Annotated[str, typer.Option("--by", help="Who says so.")]
Why = Annotated[str, typer.Option("--why", help="The reason, in your words.")]


@match_app.command("list")
def listed(folder: Folder = None, json: Json = False) -> None:
    """Pairs that may be one customer with what speaks for and against it, and the merges that hold."""
    ws = opened(folder)
    pairs, held = ws.to_match(), ws.matches()
    if json:
        say_json({"to_match": [_pair(one) for one in pairs], "merged": [_held(m) for m in held]})
        return
    for one in pairs:
        say(f"{one.other.account_id} ({one.other.name}) -> {one.kept.account_id} ({one.kept.name})")
        for told in one.evidence:
            say(f"    {'+' if told.weight == 'for' else '-'} {told.says}")
    if not pairs:
        say("No two accounts look like one customer.")
    for match in held:
        by = f", by {match.by_said}" if match.by_said else ""
        say(f"merged: {match.other.account_id} -> {match.kept.account_id}{by}")


@match_app.command("accept")
def accept(
    other: Other,
    kept: Kept,
    by: By = "",
    why: Why = "",
    preview: Annotated[
        bool, typer.Option("--preview", help="Show what would change, and merge nothing.")
    ] = False,
    folder: Folder = None,
) -> None:
    """Read everything of OTHER as of KEPT, on every day; no fact is changed, and it can be undone."""
    ws = opened(folder)
    _tell(ws.match_effect(other, kept))
    if preview:
        say("Nothing was merged.")
        return
    if _has_desk(ws):
        from tenure.desk.match_accounts import match_accounts

        match_accounts(None, other, kept, why, by=by)
    else:
        ws.match(other, kept, by=by, why=why)
    say(f"{other} is read as {kept}. Take it back with `tenure match undo {other}`.")


@match_app.command("reject")
def reject(first: Other, second: Kept, by: By = "", why: Why = "", folder: Folder = None) -> None:
    """Say that two accounts are two customers: they are not suggested again."""
    ws = opened(folder)
    if _has_desk(ws):
        from tenure.desk.match_accounts import reject_match

        reject_match(None, first, second, why, by=by)
    else:
        ws.reject_match(first, second, by=by, why=why)
    say(f"{first} and {second} stay two customers.")


@match_app.command("undo")
def undo(other: Other, by: By = "", why: Why = "", folder: Folder = None) -> None:
    """Take a merge back: OTHER is an account of its own again, with everything that is said of it."""
    ws = opened(folder)
    if _has_desk(ws):
        from tenure.desk.match_accounts import undo_match

        kept = undo_match(None, other, why, by=by)
    else:
        kept = ws.undo_match(other, by=by, why=why).kept_id
    say(f"{other} is an account of its own again, no longer part of {kept}.")


def _has_desk(ws: Workspace) -> bool:
    """Whether the act goes into the audit trail of the pages; a workspace never served has none."""
    is_served = (ws.folder / DATABASE).exists() or bool(ws.settings.web.database)
    if not is_served or find_spec("django") is None:
        return False
    desk(ws.folder)
    return True


def _tell(effect: Effect) -> None:
    say(
        f"ARR in force of {effect.kept.account_id} on {effect.day}: {money(effect.kept_arr or 0)}, "
        f"then {money(effect.merged_arr or 0)} {effect.currency}; of all accounts "
        f"{money(effect.total_before)}, then {money(effect.total_after)}."
    )
    for table, count in effect.moved.items():
        lost = effect.set_aside.get(table, 0)
        aside = (
            f", {lost:,} of them not counted: {effect.kept.account_id} has the same key"
            if lost
            else ""
        )
        say(f"    {table}: {counted(count, 'row')}{aside}")


def _pair(one: Proposal) -> dict[str, object]:
    return {
        "other": one.other.account_id,
        "kept": one.kept.account_id,
        "is_likely": one.is_likely,
        "evidence": [{"says": told.says, "weight": told.weight} for told in one.evidence],
    }


def _held(match: Match) -> dict[str, object]:
    return {
        "other": match.other.account_id,
        "kept": match.kept.account_id,
        "read_as": match.end_id,
        "by": match.by_said,
        "why": match.why_said,
        "entered_at": match.entered_at.isoformat(),
        "evidence": list(match.evidence),
    }
