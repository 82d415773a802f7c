"""`tenure person views` and `publish`: who looked at somebody, whether the log is as it was written, and the closed week."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from tenure.cli.options import Folder, Json, opened
from tenure.cli.output import say, say_json
from tenure.cli.serving import desk, person_app
from tenure.kernel.wording import counted

if TYPE_CHECKING:
    from tenure.lake.damage import Complaint
    from tenure.workspace import Workspace

DATABASE = "desk.sqlite3"
MONTH = 31


@person_app.command("views")
def views(
    email: Annotated[
        str | None, typer.Argument(help="Whose page; with --verify, everybody's by default.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="How many days back.")] = MONTH,
    verify: Annotated[
        bool, typer.Option("--verify", help="Whether every row is as it was written.")
    ] = False,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Who looked at somebody's page; reading it here is written down too."""
    desk(workspace)
    from tenure.desk.add_person import find_person
    from tenure.desk.record_view import read_views, verify_views
    from tenure.kernel import clock
    from tenure.kernel.errors import UserError

    person = find_person(email) if email else None
    if verify:
        flaws = verify_views(None if person is None else [person])
        if json:
            say_json([{"person": f.subject.email, "place": f.place, "says": f.says} for f in flaws])
        for flaw in () if json else flaws:
            say(f"{flaw.subject.email}: {flaw.says}")
        if not json:
            say(
                f"{counted(len(flaws), 'chain')} broken."
                if flaws
                else "Every view is as it was written."
            )
        raise typer.Exit(4 if flaws else 0)
    if person is None:
        raise UserError("Nobody is named.", remedy="Give an address, or --verify.", code="use")
    now = clock.now()
    zone = ZoneInfo(opened(workspace).settings.time_zone)
    found = read_views(person, now - timedelta(days=days), now + timedelta(seconds=1))
    if json:
        say_json([_row(one.at, one.viewer.email, one.page, one.purpose) for one in found])
        return
    for one in found:
        say(
            f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}  {one.viewer.name:<24} {one.page}, {one.purpose}"
        )
    if not found:
        say(f"Nobody has opened {person.name}'s page in {counted(days, 'day')}.")


@person_app.command("publish")
def publish(workspace: Folder = None) -> None:
    """Publish the figures of the week that has closed, to the people they are about; the pages do it by themselves."""
    desk(workspace)
    from tenure.desk.publish_weeks import publish_weeks

    ws = opened(workspace)
    made = publish_weeks(ws)
    if ws.settings.people.figures == "off":
        say("Figures about people are switched off: set `figures` under [people] in tenure.toml.")
        return
    say(f"{counted(made, 'person has', 'people have')} a new week.")


def views_complained_of(ws: Workspace) -> list[Complaint]:
    """What `tenure doctor` says of the log of views; nothing where no pages were ever served from the workspace."""
    from tenure.lake.damage import Complaint  # it brings the engine

    is_served = (ws.folder / DATABASE).exists() or bool(ws.settings.web.database)
    if not is_served or find_spec("django") is None:
        return []
    from django.db import DatabaseError

    try:
        desk(ws.folder)
        from tenure.desk.record_view import verify_views

        flaws = verify_views()
    except DatabaseError as error:
        return [
            Complaint(
                "desk.unreachable",
                f"The desk's database does not answer: {error}",
                "Start it, or restore the last backup of it.",
            )
        ]
    return [
        Complaint(
            "views.changed",
            f"The log of who looked at {flaw.subject.email} does not hold: {flaw.says}.",
            "Compare with a backup; find out who could write to the desk's database.",
        )
        for flaw in flaws
    ]


def _row(at: datetime, viewer: str, page: str, purpose: str) -> dict[str, str]:
    return {"at": at.isoformat(), "viewer": viewer, "page": page, "purpose": purpose}
