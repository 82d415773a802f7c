"""`tenure serve` and `tenure person`: the pages, and who may sign in."""

from __future__ import annotations

import getpass
import os
import sys
from typing import Annotated, Any

import typer

from tenure.cli.options import Folder, Json, folder_of, opened
from tenure.cli.output import say, say_json
from tenure.kernel.errors import UserError

SETTINGS = "tenure.web.settings"
APPLICATION = "tenure.web.asgi:application"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
KEEP_ALIVE = 75
"""Seconds; above the pause of any client, since a connection closed too early looks like an error."""

serving_app = typer.Typer()
person_app = typer.Typer(help="People who sign in to the pages.", no_args_is_help=True)


@serving_app.command()
def serve(
    workspace: Folder = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    address: Annotated[
        str, typer.Option("--bind", help="The address to listen on; this machine only by default.")
    ] = "127.0.0.1",
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="How many processes of this machine share the pages.")
    ] = 1,
    demo: Annotated[
        bool, typer.Option("--demo", help="People sign in by a click. For a made-up company only.")
    ] = False,
) -> None:
    """Serve the pages of a workspace."""
    desk(workspace, demo=demo)
    _check_address(address, demo=demo)
    import uvicorn
    from django.conf import settings

    from tenure.desk.home import home

    os.environ |= {"TENURE_KEEP": "1", "TENURE_WORKERS": str(workers)}
    say(f"Getting {home().title} ready …")
    shown = home().present()
    say(f"{len(shown.rows):,} accounts as of {shown.day}, {len(list(home().catalogue))} metrics.")
    shown_at = "localhost" if address in ("127.0.0.1", "::1") else address
    say(f"Open http://{shown_at}:{port}   (stop with Ctrl+C)")
    _say_first_run(f"http://{shown_at}:{port}", demo=demo)
    uvicorn.run(
        APPLICATION,
        host=address,
        port=port,
        workers=workers,
        timeout_keep_alive=KEEP_ALIVE,
        lifespan="off",
        # Who asks is read from a proxy's word only where there is one, on this machine.
        proxy_headers=not settings.TENURE_LOCAL,
        log_level="warning",
        access_log=False,
        server_header=False,
    )


@person_app.command("add")
def add(
    email: Annotated[str, typer.Argument(help="The person's own address.")],
    name: Annotated[str, typer.Option(help="As others read it.")],
    role: Annotated[str, typer.Option(help="csm, lead, sales, executive, ops or admin.")],
    member: Annotated[
        str, typer.Option(help="Their id in `team_members`, if they look after accounts.")
    ] = "",
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Add a person; their password is asked for, or read from the input where there is no terminal."""
    desk(workspace)
    from tenure.desk.add_person import add_person

    person = add_person(
        email=email, name=name, role=role, member_id=member, password=_password(email)
    )
    _told(person, f"{person.name} can sign in as {person.role_said}.", json=json)


@person_app.command("role")
def role_of(
    email: Annotated[str, typer.Argument(help="Whose role.")],
    role: Annotated[str, typer.Argument(help="csm, lead, sales, executive, ops or admin.")],
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Give a person another role, from their next click on."""
    desk(workspace)
    from tenure.desk.add_person import change_role, find_person

    person = change_role(find_person(email), role)
    _told(person, f"{person.name} is {person.role_said} now.", json=json)


@person_app.command("deactivate")
def deactivate(
    email: Annotated[str, typer.Argument(help="Who leaves.")],
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Let a person sign in no more; what they did keeps their name."""
    desk(workspace)
    from tenure.desk.add_person import deactivate_person, find_person

    person = deactivate_person(find_person(email))
    _told(person, f"{person.name} can sign in no more.", json=json)


@person_app.command("demo")
def demo_people(workspace: Folder = None) -> None:
    """Add the demo's people: each CSM and the leader of the simulated team, and one person of every other role."""
    desk(workspace, demo=True)
    from tenure.desk.demo_people import add_demo_people
    from tenure.desk.demo_trust import add_demo_trust

    for person in add_demo_people():
        say(f"  {person.name:<24} {person.role_said}")
    add_demo_trust(opened(workspace))


def desk(workspace: Any, *, demo: bool = False) -> None:
    """Wake the desk of a workspace, its database made or brought up to date.

    Raises:
        UserError: no workspace there, or its settings are not safe to serve.
    """
    folder = folder_of(workspace)
    os.environ["TENURE_WORKSPACE"] = str(folder)
    os.environ["TENURE_DEMO"] = "1" if demo else "0"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    try:
        import django
    except ModuleNotFoundError:
        raise UserError(
            "The pages are not installed.",
            remedy="Install them with `pip install 'tenure[server]'`.",
            code="web.missing",
        ) from None
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def _check_address(address: str, *, demo: bool) -> None:
    """Listening for other machines needs a name of our own, and is never for the demo."""
    from django.conf import settings

    if address in LOOPBACK or not (demo or settings.TENURE_LOCAL):
        return
    raise UserError(
        f"At `{address}` other machines would be let in, "
        + (
            "and the demo signs anybody in."
            if demo
            else "and no name is set under which they come."
        ),
        remedy="Leave out `--bind`."
        if demo
        else "Name it as `hosts` under [web] in tenure.toml, with a proxy for https in front; or leave out `--bind`.",
        where="--bind",
        code="web.bind",
    )


def _say_first_run(here: str, *, demo: bool) -> None:
    """Where the first administrator signs up, while there has been none; it stands in the terminal and nowhere else."""
    from django.conf import settings

    from tenure.desk.let_in import first_run_link

    token = "" if demo else first_run_link()
    if token:
        base = here if settings.TENURE_LOCAL else f"https://{settings.ALLOWED_HOSTS[0]}"
        say(
            "There is no administrator yet. Whoever opens this address becomes the first; it works once, for an hour:"
        )
        say(f"  {base}/welcome/{token}")


def _password(email: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass(f"Password for {email}: ")
    if first != getpass.getpass("Once more: "):
        raise UserError(
            "The two passwords differ.", remedy="Type the same twice.", code="person.password"
        )
    return first


def _told(person: Any, sentence: str, *, json: bool) -> None:
    if json:
        say_json({"email": person.email, "name": person.name, "role": person.role})
        return
    say(sentence)
