"""The commands. Each one parses, calls the workspace, and shows; the work is done elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tenure.cli import deciding as _deciding  # noqa: F401 - adds the commands of decisions
from tenure.cli import trusting as _trusting  # noqa: F401 - adds commands to `tenure person`
from tenure.cli.flags import flags_app
from tenure.cli.history import history_app
from tenure.cli.matching import match_app
from tenure.cli.options import (
    AsOf,
    By,
    Complete,
    DateOrder,
    Delimiter,
    Encoding,
    End,
    Folder,
    Json,
    KnownOn,
    Locale,
    PeriodWord,
    Set,
    Snapshot,
    Source,
    Start,
    Suggest,
    TimeZone,
    Where,
    folder_of,
    opened,
    parameters,
    question,
)
from tenure.cli.output import say, say_json
from tenure.cli.scores import scores_app
from tenure.cli.serving import person_app, serving_app
from tenure.cli.signals import signals_app
from tenure.cli.timing import time_app
from tenure.cli.usage import usage_app
from tenure.kernel.errors import UserError
from tenure.kernel.settings import FILE

app = typer.Typer(
    name="tenure",
    help="Customer-success numbers you can check: from exports to ARR, renewals and retention, explained.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(time_app)
app.add_typer(history_app)
app.add_typer(signals_app)
app.add_typer(scores_app)
app.add_typer(usage_app)
app.add_typer(flags_app, name="flags")
app.add_typer(match_app, name="match")
app.add_typer(serving_app)
app.add_typer(person_app, name="person")


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    if version:
        from tenure import __version__

        say(f"tenure {__version__}")
        raise typer.Exit()
    if context.invoked_subcommand is None:
        say(context.get_help())


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    currency: Annotated[str, typer.Option(help="Reporting currency.")] = "USD",
    time_zone: Annotated[str, typer.Option(help="The workspace's time zone.")] = "UTC",
    gross_margin: Annotated[
        float | None, typer.Option(help="Share of revenue left after serving customers, 0 to 1.")
    ] = None,
    title: Annotated[str, typer.Option(help="What the workspace is called.")] = "Tenure workspace",
) -> None:
    """Make a workspace: one folder with settings, facts and your own declarations."""
    from tenure.workspace import Workspace

    made = Workspace.create(
        folder,
        reporting_currency=currency,
        time_zone=time_zone,
        gross_margin=gross_margin,
        title=title,
    )
    say(f"Workspace made in {made.folder}. Next: tenure import FOLDER --workspace {made.folder}")


@app.command("import")
def import_(
    folder: Annotated[Path, typer.Argument(help="A folder of exports, or one file.")],
    mapping: Annotated[
        str | None, typer.Option(help="A mapping's name or TOML file, for foreign exports.")
    ] = None,
    date_order: DateOrder = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    locale: Locale = None,
    time_zone: TimeZone = None,
    complete: Complete = False,
    source: Source = "",
    again: Annotated[
        bool, typer.Option("--again", help="Import files even if they were imported before.")
    ] = False,
    corrects: Annotated[
        list[int] | None,
        typer.Option(help="An import that read these files wrongly: what it brought is replaced."),
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show what would happen, and write nothing.")
    ] = False,
    suggest: Suggest = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Import a folder of files. Good rows go in, bad rows are kept aside with their remedy."""
    from tenure.cli.importing import by_file, run_import

    reading = {
        "date_order": date_order or [],
        "encoding": encoding or [],
        "delimiter": delimiter or [],
        "locale": locale or [],
        "time_zone": time_zone or [],
    }
    if preview or suggest is not None:
        from tenure.cli.preview import run_preview

        ws, how = opened(workspace), by_file(reading)
        raise typer.Exit(
            run_preview(ws, folder, mapping, how, suggest=suggest, source=source, as_json=json)
        )
    code = run_import(
        opened(workspace),
        folder,
        mapping,
        reading,
        complete=complete,
        again=again,
        corrects=corrects or (),
        source=source,
        as_json=json,
    )
    raise typer.Exit(code)


@app.command()
def metric(
    id: Annotated[str, typer.Argument(help="A metric's id or short name, see `tenure metrics`.")],  # noqa: A002
    start: Start = None,
    end: End = None,
    period: PeriodWord = None,
    as_of: AsOf = None,
    as_known_on: KnownOn = None,
    by: By = None,
    where: Where = None,
    set_: Set = None,
    snapshot: Snapshot = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Compute one metric."""
    from tenure.cli.answers import show_answer

    ws = opened(workspace, snapshot)
    answer = ws.metric(
        id,
        **question(as_of, start, end, period),
        as_known_on=as_known_on,
        by=by,
        where=where,
        **parameters(set_),
    )
    if json:
        say_json(answer.to_dict())
    else:
        show_answer(ws.catalogue.find(id)[0], answer, ws.names_of("team_members"))


@app.command()
def explain(
    id: Annotated[str, typer.Argument(help="A metric's id or short name.")],  # noqa: A002
    start: Start = None,
    end: End = None,
    period: PeriodWord = None,
    as_of: AsOf = None,
    as_known_on: KnownOn = None,
    by: By = None,
    where: Where = None,
    set_: Set = None,
    limit: Annotated[int, typer.Option(help="How many source rows to show in full.")] = 40,
    account: Annotated[
        str | None, typer.Option(help="One account only; short for --where account=ID.")
    ] = None,
    snapshot: Snapshot = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Open a number up: sentence, formula, parts, method, and every row with its file and line."""
    ws = opened(workspace, snapshot)
    conditions = [*(where or []), *([f"account={account}"] if account else [])]
    chain = ws.explain(
        id,
        limit=limit,
        **question(as_of, start, end, period),
        as_known_on=as_known_on,
        by=by,
        where=conditions or None,
        **parameters(set_),
    )
    if json:
        say_json(chain.to_dict())
    else:
        say(str(chain))


@app.command()
def metrics(
    id: Annotated[  # noqa: A002
        str | None, typer.Argument(help="Show the declaration of this metric only.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="A business model, such as seat_based: its metrics come first. Repeatable."
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="What the ten principles say, with the fix.")
    ] = False,
    pages: Annotated[
        Path | None, typer.Option(help="Write the reference, a page per metric, into this folder.")
    ] = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """List every metric, ours and your own: what it asks, its unit, its cuts and lines."""
    from tenure.cli.catalogue import run_check, run_metrics, run_pages

    folder = folder_of(workspace)
    if workspace is not None and not (folder / FILE).exists():
        opened(workspace)  # says that there is none
    if pages is not None and (check or id is not None):
        raise UserError(
            "`--pages` writes the whole reference.",
            remedy="Leave the metric and --check out.",
            code="parameter.combination",
        )
    if pages is not None:
        raise typer.Exit(run_pages(folder, pages, as_json=json))
    run = run_check if check else run_metrics
    raise typer.Exit(run(folder, id, model or [], as_json=json))


@app.command()
def overview(
    as_of: AsOf = None,
    snapshot: Snapshot = None,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """One screen: what is in force, how it moved, what renews, what is at risk."""
    from tenure.cli.overview import overview_of, show_overview

    found = overview_of(opened(workspace, snapshot), as_of)
    if json:
        say_json(found)
    else:
        show_overview(found)


@app.command()
def pql(
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option(min=1, help="How many accounts to show.")] = 20,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Accounts that have outgrown what they bought: seats, limits, features; each with what was seen."""
    from tenure.cli.leads import run_leads

    run_leads(opened(workspace), as_of, limit, as_json=json)


@app.command()
def simulate(
    folder: Annotated[Path, typer.Argument(help="Where to write the files.")],
    accounts: Annotated[int, typer.Option(min=1, help="How many customers.")] = 200,
    months: Annotated[int, typer.Option(min=3, help="How many months of history.")] = 24,
    seed: Annotated[int, typer.Option(help="The same seed writes the same files.")] = 7,
    users_per_account: Annotated[
        float, typer.Option(help="Product users per account, on average.")
    ] = 6.0,
    active_days: Annotated[
        float, typer.Option(help="Active days per user and month, on average.")
    ] = 8.0,
    end: Annotated[str, typer.Option(help="First day that is not covered, or `today`.")] = (
        "2026-10-01"
    ),
    world: Annotated[
        str,
        typer.Option(help="What is planted: plain, effect, no-effect, confounded or messy."),
    ] = "plain",
    json: Json = False,
) -> None:
    """Write a believable company as canonical files, with the truth it was made from."""
    from tenure.cli.simulating import run_simulation

    run_simulation(
        folder,
        accounts=accounts,
        months=months,
        seed=seed,
        users_per_account=users_per_account,
        active_days=active_days,
        end=end,
        world=world,
        as_json=json,
    )


@app.command()
def doctor(
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Check that the store is whole, mend what can be mended, say how to mend the rest."""
    from tenure.cli.keeping import run_doctor

    raise typer.Exit(run_doctor(opened(workspace), as_json=json))


@app.command()
def imports(workspace: Folder = None, json: Json = False) -> None:
    """List what was imported, when, and what came of it."""
    from tenure.cli.importing import show_imports

    show_imports(opened(workspace), as_json=json)


@app.command()
def sources(workspace: Folder = None, json: Json = False) -> None:
    """List the sources by name: what each brought, and whether its dates are trusted."""
    from tenure.cli.importing import show_sources

    show_sources(opened(workspace), as_json=json)


@app.command()
def refused(
    number: Annotated[
        int | None, typer.Argument(help="An import's number; the newest by default.")
    ] = None,
    file: Annotated[str | None, typer.Option(help="Only rows of this file.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write here instead of to the screen.")] = None,
    workspace: Folder = None,
) -> None:
    """The refused rows of an import as a table to correct and import again."""
    from tenure.cli.importing import write_refused

    write_refused(opened(workspace), number, file, out)


@app.command()
def findings(
    number: Annotated[
        int | None, typer.Argument(help="An import's number; the newest by default.")
    ] = None,
    level: Annotated[str | None, typer.Option(help="error, warning or notice.")] = None,
    limit: Annotated[int, typer.Option(help="How many to show.")] = 50,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """What an import found: file, line, column, value, and the remedy."""
    from tenure.cli.importing import show_findings

    show_findings(opened(workspace), number, level, limit, as_json=json)


@app.command()
def compact(workspace: Folder = None) -> None:
    """Join small files and drop what no snapshot needs any more."""
    from tenure.cli.keeping import run_compact

    run_compact(opened(workspace))
