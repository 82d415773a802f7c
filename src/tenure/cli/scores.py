"""Commands on the whole book: how accounts stand, how good that is, and what the coming renewals will keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from tenure.cli.options import AsOf, Folder, Json, opened
from tenure.cli.output import say, say_json
from tenure.cli.panels import PanelOrNone, numbers_left, read_panel
from tenure.cli.plots import Plot, beside, check, plot
from tenure.cli.progress import Bar
from tenure.kernel.unknown import Unknown

scores_app = typer.Typer()

Metrics = Annotated[
    str | None,
    typer.Option(help="Metrics, with commas; all that have a number per account by default."),
]
Label = Annotated[
    str,
    typer.Option(
        help="With --panel: the column with 1 where it happened, 0 where not, nothing where not known yet."
    ),
]
Account = Annotated[str, typer.Option(help="With --panel: the column with the account.")]
Day = Annotated[str, typer.Option(help="With --panel: the column with the date of the row.")]
Segment = Annotated[str, typer.Option(help="With --panel: the column with the segment.")]
Arr = Annotated[str, typer.Option(help="With --panel: the column with the ARR.")]
Said = Annotated[
    str, typer.Option(help="With --panel: the column with the team's own score or colour.")
]
Horizon = Annotated[int, typer.Option("--horizon", min=1, help="Days within which it happens.")]
Stream = Annotated[int, typer.Option(help="The number of the random draws.")]


@scores_app.command("health")
def health(
    account: Annotated[
        str | None, typer.Option(help="Only this account, with all its reasons.")
    ] = None,
    as_of: AsOf = None,
    metrics: Metrics = None,
    model: Annotated[
        str | None,
        typer.Option(help="Whose starting weights to take while too few left, such as seat_based."),
    ] = None,
    horizon: Horizon = 90,
    limit: Annotated[int, typer.Option(min=1, help="How many accounts to show.")] = 10,
    panel: PanelOrNone = None,
    label: Label = "churned",
    account_column: Account = "account_id",
    time: Day = "as_of",
    segment: Segment = "segment",
    arr: Arr = "arr",
    said: Said = "said",
    stream: Stream = 0,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the scores, so that the pages show their parts.")
    ] = False,
    folder: Folder = None,
    json: Json = False,
) -> None:
    """A score for every account with its reasons in points, learned from who left, or an opinion that says so."""
    from tenure.cli.standings import show_one, show_scored, show_standings
    from tenure.workspace.kept_scores import keep_scores

    names = _names(metrics)
    if panel is not None:
        from tenure.signals import Names
        from tenure.signals import health as scored

        own = Names(account_column, time, label, segment, arr, said)
        frame = read_panel(panel)
        found = scored(frame, names=own, metrics=names or numbers_left(frame, own.all()))
        _show(found, json=json, show=lambda told: show_scored(told, limit))
        return
    ws = opened(folder)
    with Bar("Health") as bar:
        stood = ws.health(
            as_of, names, model=model, horizon_days=horizon, stream=stream, on_progress=bar
        )
    if keep and not isinstance(stood, Unknown):
        keep_scores(ws.folder, stood)
    if isinstance(stood, Unknown):
        _refuse(stood, json=json)
    elif json:
        say_json(_only(stood.to_dict(), account))
    else:
        titles, who = {m.id: m.title for m in ws.catalogue}, ws.names_of("accounts")
        if account is None:
            show_standings(stood, limit, titles, who)
        else:
            show_one(stood, account, titles, who)


@scores_app.command("backtest")
def backtest(
    as_of: AsOf = None,
    metrics: Metrics = None,
    horizon: Horizon = 90,
    capacity: Annotated[
        int | None, typer.Option(min=1, help="Accounts the team can attend to in a month.")
    ] = None,
    panel: PanelOrNone = None,
    label: Label = "churned",
    account: Account = "account_id",
    time: Day = "as_of",
    segment: Segment = "segment",
    arr: Arr = "arr",
    said: Said = "said",
    stream: Stream = 0,
    drawn: Plot = None,
    folder: Folder = None,
    json: Json = False,
) -> None:
    """The score told at every past quarter from what was known then, beside simpler ways."""
    from tenure.cli.standings import show_backtest

    check(drawn)
    names = _names(metrics)
    found: Any
    if panel is not None:
        from tenure.signals import Names, Recipe
        from tenure.signals import backtest as told

        own = Names(account, time, label, segment, arr, said)
        frame = read_panel(panel)
        found = told(
            frame,
            horizon_days=horizon,
            capacity=capacity,
            names=own,
            metrics=names or numbers_left(frame, own.all()),
            recipe=Recipe(stream=stream),
        )
    else:
        with Bar("Back-test") as bar:
            found = opened(folder).backtest(
                names,
                as_of=as_of,
                horizon_days=horizon,
                capacity=capacity,
                stream=stream,
                on_progress=bar,
            )
    _show(found, json=json, show=show_backtest)
    _plot_record(found, drawn)


@scores_app.command("forecast")
def forecast(
    as_of: AsOf = None,
    metrics: Metrics = None,
    quarters: Annotated[int, typer.Option(help="How many quarters, 1 to 4.")] = 2,
    target: Annotated[
        float | None, typer.Option(help="Gross retention to reach, such as 0.9.")
    ] = None,
    lead: Annotated[
        int, typer.Option(help="Days before the due day at which past renewals were looked at.")
    ] = 90,
    panel: PanelOrNone = None,
    label: Label = "churned",
    account: Account = "account_id",
    due: Annotated[str, typer.Option(help="With --panel: the column with the due day.")] = "due",
    segment: Segment = "segment",
    arr: Arr = "arr",
    after: Annotated[
        str, typer.Option(help="With --panel: the column with the ARR after the renewal.")
    ] = "after",
    said: Said = "said",
    stream: Stream = 0,
    drawn: Plot = None,
    folder: Folder = None,
    json: Json = False,
) -> None:
    """What the renewals of the coming quarters will keep: low, middle, high, and whose renewal decides."""
    from tenure.cli.standings import show_forecast

    check(drawn)
    names = _names(metrics)
    found: Any
    who: Mapping[str, str] = {}
    if panel is not None:
        from tenure.signals import forecast_renewals
        from tenure.signals.forecasting.quarters import Roles

        own = Roles(account, due, label, arr, after, segment, said)
        frame = read_panel(panel)
        found = forecast_renewals(
            frame,
            roles=own,
            metrics=names or numbers_left(frame, own.all(), needed=False),
            target=target,
            stream=stream,
        )
    else:
        ws = opened(folder)
        with Bar("Forecast") as bar:
            found = ws.forecast(
                as_of,
                names,
                quarters=quarters,
                target=target,
                lead_days=lead,
                stream=stream,
                on_progress=bar,
            )
        who = ws.names_of("accounts")
    _show(found, json=json, show=lambda told: show_forecast(told, who))
    _plot_quarters(found, drawn)


def _show(found: Any, *, json: bool, show: Callable[[Any], None]) -> None:
    """A refusal, one JSON document, or the screen."""
    if isinstance(found, Unknown):
        _refuse(found, json=json)
    elif json:
        say_json(found.to_dict())
    else:
        show(found)


def _plot_record(found: Any, path: Path | None) -> None:
    """Two charts: `out.svg` has the calibration, `out-contenders.svg` the score beside what it has to beat."""
    if path is None:
        return
    from tenure.reports.charts import calibration, contenders

    plot(found if isinstance(found, Unknown) else calibration(found), path)
    if not isinstance(found, Unknown):
        plot(contenders(found), beside(path, "contenders"))


def _plot_quarters(found: Any, path: Path | None) -> None:
    if path is not None:
        from tenure.reports.charts import quarters

        plot(found if isinstance(found, Unknown) else quarters(found), path)


def _names(metrics: str | None) -> list[str] | None:
    return [name.strip() for name in metrics.split(",") if name.strip()] if metrics else None


def _refuse(found: Unknown, *, json: bool) -> None:
    """What is missing, and how much more it takes."""
    if json:
        say_json({"unknown": found.reason, "says": found.says})
    else:
        say(f"Not told: {found.says}")


def _only(told: dict[str, Any], account: str | None) -> dict[str, Any]:
    if account is not None:
        told["accounts"] = [row for row in told["accounts"] if row["account"] == account]
    return told
