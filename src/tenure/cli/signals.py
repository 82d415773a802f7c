"""Commands about what numbers mean, on a plain table: thresholds, trajectories, lead time, coverage, books."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenure.cli.options import Folder, Json, opened
from tenure.cli.output import say, say_json
from tenure.cli.panels import Panel, PanelOrNone, read_panel
from tenure.kernel.errors import UnknownName, UserError

if TYPE_CHECKING:
    from tenure.signals import Learning

signals_app = typer.Typer()

OBJECTIVES = ("separation", "youden", "cost", "capacity")
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")

Account = Annotated[str, typer.Option(help="The column with the account.")]
Time = Annotated[str, typer.Option(help="The column with the day.")]
Value = Annotated[str, typer.Option(help="The column with the number.")]
Segment = Annotated[str | None, typer.Option(help="The column with the segment.")]
Arr = Annotated[str | None, typer.Option(help="The column with the ARR.")]


def line_of(text: str | None) -> Any:
    """A line as typed: `<20`, `>=30`; None where nothing was."""
    from tenure.signals.lines import line_from

    return None if text is None else line_from(text)


@signals_app.command("trajectory")
def trajectory(
    panel: Panel,
    value: Value,
    account: Account = "account_id",
    time: Time = "as_of",
    at_risk: Annotated[str | None, typer.Option(help='The at-risk line: "<20".')] = None,
    json: Json = False,
) -> None:
    """What each account's number has done in 13 weeks: declining, dropping, spiking, volatile, rising, flat."""
    from tenure.signals import classify_trajectories

    found = classify_trajectories(
        read_panel(panel), account=account, time=time, value=value, at_risk=line_of(at_risk)
    )
    told = found.to_dict()
    if json:
        say_json(told)
        return
    for row in told["accounts"]:
        say(f"{row['account']:<24} {row['pattern']:<13} {row['says']}")


@signals_app.command("lead-time")
def lead_time(
    panel: Panel,
    value: Value,
    churned: Annotated[
        str, typer.Option(help="The column with the day the account decided to leave.")
    ],
    account: Account = "account_id",
    time: Time = "as_of",
    threshold: Annotated[
        str | None, typer.Option(help='The line that alerts: "<20", ">=30".')
    ] = None,
    risk: Annotated[
        str | None, typer.Option(help="Without a threshold: `low` or `high` values are the risk.")
    ] = None,
    segment: Segment = None,
    json: Json = False,
) -> None:
    """Since when a metric differed before accounts left, and when its line would have warned."""
    from tenure.signals import lead_time as measured

    if risk not in (None, "low", "high"):
        raise UserError(
            f"`{risk}` is no end of the scale.", remedy="Write `low` or `high`.", code="risk.word"
        )
    end: Any = risk
    found = measured(
        read_panel(panel),
        account=account,
        time=time,
        value=value,
        churned=churned,
        threshold=line_of(threshold),
        risk=end,
        segment=segment,
    )
    _tell(found, json=json)


@signals_app.command("coverage-delta")
def coverage_delta(
    panel: PanelOrNone = None,
    renewed: Annotated[
        str, typer.Option(help="The column that says whether the account renewed.")
    ] = "renewed",
    planned: Annotated[
        str | None, typer.Option(help="The column with touches due in the window.")
    ] = None,
    completed: Annotated[
        str | None, typer.Option(help="The column with two-way touches made of them.")
    ] = None,
    covered: Annotated[
        str | None,
        typer.Option(help="Instead of both: the column that says whether it was covered."),
    ] = None,
    segment: Segment = None,
    arr: Arr = None,
    health: Annotated[
        str | None, typer.Option(help="The column with the health at the start of the window.")
    ] = None,
    folder: Folder = None,
    json: Json = False,
) -> None:
    """How much more often accounts touched as planned renewed: raw, among alike accounts, and in money."""
    from tenure.insights.coverage import coverage_delta as measured

    if panel is None:
        _tell(opened(folder).coverage_delta(), json=json)
        return

    columns = {
        "renewed": renewed,
        "planned": planned,
        "completed": completed,
        "covered": covered,
        "segment": segment,
        "arr": arr,
        "health": health,
    }
    given: dict[str, Any] = {n: column for n, column in columns.items() if column is not None}
    _tell(measured(read_panel(panel), **given), json=json)


@signals_app.command("books")
def books(
    panel: Panel,
    csm: Annotated[str, typer.Option(help="The column with whose book the account is in.")] = "csm",
    churned: Annotated[
        str, typer.Option(help="The column that says whether it churned in the period.")
    ] = "churned",
    segment: Segment = None,
    size: Annotated[str | None, typer.Option(help="The column with its size.")] = None,
    health: Annotated[
        str | None, typer.Option(help="The column with its health when the book was taken over.")
    ] = None,
    json: Json = False,
) -> None:
    """Whether a book lost more accounts than this book should have; books by name, never ranked."""
    from tenure.insights.portfolio import csm_funnel

    columns = {"csm": csm, "churned": churned, "segment": segment, "size": size, "health": health}
    given: dict[str, Any] = {n: column for n, column in columns.items() if column is not None}
    _tell(csm_funnel(read_panel(panel), **given), json=json)


thresholds_app = typer.Typer(
    help="Thresholds learned from who left and who stayed.", no_args_is_help=True
)
signals_app.add_typer(thresholds_app, name="thresholds")


@thresholds_app.command("learn")
def learn(
    panel: PanelOrNone = None,
    label: Annotated[
        str, typer.Option(help="The column with 1 where it then happened, 0 where it did not.")
    ] = "churned",
    metrics: Annotated[
        str | None,
        typer.Option(
            help="Metric columns, with commas; every column of numbers left over by default."
        ),
    ] = None,
    account: Account = "account_id",
    as_of: Annotated[str, typer.Option("--as-of", help="The column with the date.")] = "as_of",
    segment: Segment = None,
    arr: Arr = None,
    asked: Annotated[
        str, typer.Option(help="`renew` (churn), `grow` (expansion) or `advocate`.")
    ] = "renew",
    objective: Annotated[
        str, typer.Option(help="`separation`, `youden`, `cost` or `capacity`: where the line lies.")
    ] = "separation",
    stream: Annotated[int, typer.Option(help="The number of the random draws.")] = 0,
    folder: Folder = None,
    json: Json = False,
) -> None:
    """Lines that tell who leaves from who stays, with intervals and a check on later data, or a refusal."""
    from tenure.signals import Config, learn_thresholds

    if objective not in OBJECTIVES:
        raise UnknownName("objective", objective, OBJECTIVES)
    aim: Any = objective
    named = [name.strip() for name in metrics.split(",")] if metrics else None
    config = Config(objective=aim)
    if panel is None:
        found = opened(folder).learn_thresholds(named, config=config, stream=stream)
    else:
        frame = read_panel(panel)
        found = learn_thresholds(
            frame,
            label=label,
            metrics=named or _of_numbers(frame, {account, as_of, label, segment, arr}),
            account=account,
            as_of=as_of,
            segment=segment or "",
            arr=arr or "",
            asked=asked,
            config=config,
            stream=stream,
        )
    _tell_learned(found, json=json)


def _tell_learned(found: Learning, *, json: bool) -> None:
    """A line per metric with its word and its sentence."""
    if json:
        say_json(found.to_dict())
        return
    width = max(len(one.metric.name) for one in found)
    for one in found:
        say(f"{one.metric.name:<{width}}  {one.status:<21}  {one.sentence}")
        if one.badge_says:
            say(f"{'':<{width}}  {'':<21}  {one.badge_says}")
    say(f"{found.tested} metrics were tested together.")
    for leak in found.leaks:
        say(f"! {leak.says}")


def _of_numbers(frame: Mapping[str, Sequence[str | None]], taken: set[str | None]) -> list[str]:
    """The columns left over in which every value is a number.

    Raises:
        UserError: there is none.
    """
    found = [
        name
        for name, values in frame.items()
        if name not in taken
        and any(values)
        and all(v is None or NUMBER.fullmatch(v) for v in values)
    ]
    if not found:
        raise UserError(
            f"No column of numbers is left beside {', '.join(sorted(filter(None, taken)))}.",
            remedy="Name the metrics with `--metrics`.",
            code="panel.numbers",
        )
    return found


def _tell(found: Any, *, json: bool) -> None:
    """The result as JSON, or its sentence."""
    if json:
        say_json(found.to_dict())
    else:
        say(found.says)
