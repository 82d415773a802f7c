"""Commands of flags: the open ones, raising them from the kept history, and holding one down with a reason."""

from __future__ import annotations

from typing import Annotated

import typer

from tenure.cli.options import Folder, Json, opened
from tenure.cli.output import say, say_json

flags_app = typer.Typer(
    help="Flags: accounts beyond a line in use, at risk or ready for more.", no_args_is_help=True
)

FlagId = Annotated[str, typer.Argument(help="The flag, as `tenure flags list` names it.")]
Why = Annotated[str, typer.Option("--why", help="The reason, in your words.")]
By = Annotated[str, typer.Option("--by", help="Who says so.")]


@flags_app.command("list")
def list_flags(
    metric: Annotated[str | None, typer.Option(help="Only flags of this metric.")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Those open at the end of this day.")
    ] = None,
    closed: Annotated[bool, typer.Option("--closed", help="Also those cleared by then.")] = False,
    asked: Annotated[
        str | None,
        typer.Option(help="Only risks (`renew`), or only who is ready (`grow`, `advocate`)."),
    ] = None,
    folder: Folder = None,
    json: Json = False,
) -> None:
    """Open flags, newest first: ours and those that other systems delivered."""
    found = opened(folder).flags(as_of, metric=metric, closed=closed, asked=asked)
    if json:
        say_json({"flags": [flag.to_dict() for flag in found]})
        return
    for flag in found:
        ended = f" (closed {flag.cleared_on}: {flag.ended})" if flag.cleared_on else ""
        say(f"{flag.raised_on}  {flag.account:<24} {flag.reason}{ended}")
        say(f"            {flag.flag_id}")
    ready = sum(flag.asked != "renew" for flag in found)
    what = f", {ready:,} of them no risk but a hint that an account is ready" if ready else ""
    say(f"{len(found)} {'flag' if len(found) == 1 else 'flags'}{what}.")


@flags_app.command("raise")
def raise_flags(folder: Folder = None, json: Json = False) -> None:
    """Open and close flags by every reading and decision since the last time; again, it changes nothing."""
    found = opened(folder).raise_flags()
    if json:
        say_json(found.to_dict())
        return
    say(
        f"{len(found.opened):,} opened, {len(found.closed):,} closed, {found.still_open:,} open, "
        f"by readings up to {found.judged_to}."
    )
    for note in found.notes:
        say(note)


@flags_app.command("dismiss")
def dismiss(
    flag: FlagId,
    why: Why,
    by: By = "",
    until: Annotated[
        str | None, typer.Option(help="Quiet before this day; for 90 days by default.")
    ] = None,
    folder: Folder = None,
) -> None:
    """Close a flag that does not mean what it warns of; the reason is kept for the next review."""
    found = opened(folder).dismiss_flag(flag, why=why, by=by, until=until)
    say(f"Dismissed: {found.account}, {found.reason}")


@flags_app.command("snooze")
def snooze(
    flag: FlagId,
    why: Why,
    until: Annotated[str, typer.Option(help="The day on which it may come back.")],
    by: By = "",
    folder: Folder = None,
) -> None:
    """Close a flag until a day; if the account is still beyond the line then, another opens."""
    found = opened(folder).snooze_flag(flag, until=until, why=why, by=by)
    say(f"Quiet until {until}: {found.account}, {found.reason}")
