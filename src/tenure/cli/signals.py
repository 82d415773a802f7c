"""Commands about what numbers mean, on a plain table: thresholds, trajectories, lead time, coverage, books."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenure.cli.options import Folder, Json, opened
from tenure.cli.output import say, say_json
from tenure.cli.panels import Panel, PanelOrNone, numbers_left, read_panel
from tenure.cli.plots import Plot, beside, check, plot, plot_learning
from tenure.cli.progress import Bar
from tenure.kernel.errors import UnknownName, UserError

if TYPE_CHECKING:
    from tenure.signals import Learning

signals_app = typer.Typer()

OBJECTIVES = ("separation", "youden", "cost", "capacity")

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
    of: Annotated[
        str | None, typer.Option("--of", help="The account to draw, with `--plot`.")
    ] = None,
    drawn: Plot = None,
    json: Json = False,
) -> None:
    """What each account's number has done in 13 weeks: declining, dropping, spiking, volatile, rising, flat."""
    from tenure.signals import classify_trajectories

    check(drawn)
    found = classify_trajectories(
        read_panel(panel), account=account, time=time, value=value, at_risk=line_of(at_risk)
    )
    if drawn is not None:
        plot(_account_chart(found, of, value), drawn)
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
    drawn: Plot = None,
    json: Json = False,
) -> None:
    """Since when a metric differed before accounts left, and when its line would have warned."""
    from tenure.signals import lead_time as measured

    check(drawn)
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
    if drawn is not None:
        from tenure.reports.charts import alert_leads, lead_curve

        plot(lead_curve(found), drawn)
        if found.alerts is not None:
            plot(alert_leads(found), beside(drawn, "alerts"))
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
    drawn: Plot = None,
    json: Json = False,
) -> None:
    """How much more often accounts touched as planned renewed: raw, among alike accounts, and in money."""
    from tenure.insights.coverage import coverage_delta as measured

    check(drawn)
    if panel is None:
        _tell_coverage(opened(folder).coverage_delta(), drawn, json=json)
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
    _tell_coverage(measured(read_panel(panel), **given), drawn, json=json)


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
    drawn: Plot = None,
    json: Json = False,
) -> None:
    """Whether a book lost more accounts than this book should have; books by name, never ranked."""
    from tenure.insights.portfolio import csm_funnel

    check(drawn)
    columns = {"csm": csm, "churned": churned, "segment": segment, "size": size, "health": health}
    given: dict[str, Any] = {n: column for n, column in columns.items() if column is not None}
    found = csm_funnel(read_panel(panel), **given)
    if drawn is not None:
        from tenure.reports.charts import funnel

        plot(funnel(found), drawn)
    _tell(found, json=json)


Label = Annotated[
    str, typer.Option(help="The column with 1 where it then happened, 0 where it did not.")
]
Metrics = Annotated[
    str | None,
    typer.Option(help="Metric columns, with commas; every column of numbers left over by default."),
]
AsOf = Annotated[str, typer.Option("--as-of", help="The column with the date.")]
Asked = Annotated[str, typer.Option(help="`renew` (churn), `grow` (expansion) or `advocate`.")]
Objective = Annotated[
    str, typer.Option(help="`separation`, `youden`, `cost` or `capacity`: where the line lies.")
]
Stream = Annotated[int, typer.Option(help="The number of the random draws.")]
Anchor = Annotated[
    str,
    typer.Option(
        help="On a workspace: `calendar` (who left in 90 days) or `renewal` (who was lost at a renewal)."
    ),
]
Lead = Annotated[int, typer.Option(help="Renewal anchor: days before the due day, 30 to 180.")]
ChurnFrom = Annotated[
    str,
    typer.Option(
        help="On a workspace: read churn from `contracts`, or from the source's own `statements`."
    ),
]

LabelOrNone = Annotated[
    str | None,
    typer.Option(
        help="The column with 1 where it then happened, 0 where not: `churned`, `expanded` or `advocated` by default."
    ),
]
OneSegment = Annotated[
    str | None,
    typer.Option(
        help="On a workspace: learn from the accounts of this segment only. With `--panel`: the column with the segment."
    ),
]

thresholds_app = typer.Typer(
    help="Thresholds learned from who left, grew or spoke for you, and who did not.",
    no_args_is_help=True,
)
signals_app.add_typer(thresholds_app, name="thresholds")


@thresholds_app.command("learn")
def learn(
    panel: PanelOrNone = None,
    label: LabelOrNone = None,
    metrics: Metrics = None,
    account: Account = "account_id",
    as_of: AsOf = "as_of",
    segment: OneSegment = None,
    arr: Arr = None,
    asked: Asked = "renew",
    objective: Objective = "separation",
    stream: Stream = 0,
    anchor: Anchor = "calendar",
    lead: Lead = 90,
    churn_from: ChurnFrom = "contracts",
    drawn: Plot = None,
    folder: Folder = None,
    json: Json = False,
) -> None:
    """Lines that tell who leaves, grows or advocates from who does not, with intervals and a check, or a refusal."""
    from tenure.signals import Config, learn_thresholds
    from tenure.signals.question import question

    check(drawn)
    if objective not in OBJECTIVES:
        raise UnknownName("objective", objective, OBJECTIVES)
    aim: Any = objective
    named = [name.strip() for name in metrics.split(",")] if metrics else None
    config = Config(objective=aim)
    hint = ""
    if panel is None:
        told = {
            "anchor": anchor, "lead_days": lead, "label": label or "", "churn_from": churn_from,
            "asked": asked, "segment": segment or "",
        }  # fmt: skip
        found, hint = _learned_from(opened(folder), named, config, stream, told)
    else:
        frame, label = read_panel(panel), label or question(asked).label
        found = learn_thresholds(
            frame,
            label=label,
            metrics=named or numbers_left(frame, {account, as_of, label, segment, arr}),
            account=account,
            as_of=as_of,
            segment=segment or "",
            arr=arr or "",
            asked=asked,
            config=config,
            stream=stream,
        )
    if drawn is not None:
        plot_learning(found, drawn)
    _tell_learned(found, json=json)
    if hint and not json:
        say(hint)


def _learned_from(
    ws: Any, named: list[str] | None, config: Any, stream: int, told: dict[str, Any]
) -> tuple[Learning, str]:
    """What a workspace has to say, and a hint where its contracts show too little."""
    with Bar("Thresholds") as bar:
        found: Learning = ws.thresholds.learn(
            named, config=config, stream=stream, on_progress=bar, **told
        )
    asks_contracts = told["asked"] == "renew" and told["churn_from"] == "contracts"
    return found, _other_churn(ws, found, config.min_events) if asks_contracts else ""


def _other_churn(ws: Any, found: Learning, enough: int) -> str:
    """What to try where contracts hardly end and the source itself says who left; empty where they do."""
    seen, stated = int(found.panel.happened.sum()), ws.churns_stated()
    if seen >= enough or stated <= seen:
        return ""
    return (
        f"Contracts show {found.question.events(seen)} in these rows; the source itself states that {stated} accounts left. "
        "To learn from its words: --churn-from statements"
    )


def _tell_learned(found: Learning, *, json: bool) -> None:
    """A line per metric with its word and its sentence."""
    if json:
        say_json(found.to_dict())
        return
    width = max(len(one.metric.name) for one in found)
    for one in sorted(found, key=_place):
        say(f"{one.metric.name:<{width}}  {one.status:<21}  {one.sentence}")
        if one.badge_says:
            say(f"{'':<{width}}  {'':<21}  {one.badge_says}")
    say(found.says)
    left = found.ledger.excluded
    if left:
        listed = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in left.items())
        say(f"{found.ledger.kept:,} of {found.ledger.came:,} rows are in; left out: {listed}.")
    for leak in found.leaks:
        say(f"! {leak.says}")


def _place(one: Any) -> int:
    """Lines first, then what speaks but raises no flag, then what does not separate, then refusals."""
    words = (
        "accepted",
        "provisional",
        "proxy",
        "confounded",
        "weak_signal",
        "direction_conflict",
        "no_separation",
    )
    return words.index(one.status) if one.status in words else len(words)


def _tell(found: Any, *, json: bool) -> None:
    """The result as JSON, or its sentence."""
    if json:
        say_json(found.to_dict())
    else:
        say(found.says)


def _tell_coverage(found: Any, drawn: Path | None, *, json: bool) -> None:
    if drawn is not None:
        from tenure.reports.charts import coverage

        plot(coverage(found), drawn)
    _tell(found, json=json)


def _account_chart(found: Any, account: str | None, value: str) -> Any:
    """The chart of one account.

    Raises:
        UserError: none is named and there are several.
    """
    from tenure.reports.charts import account_path

    if account is None and len(found) > 1:
        raise UserError(
            f"A chart shows one account, and there are {len(found):,}.",
            remedy="Name it with `--of`.",
            code="plot.account",
        )
    return account_path(found, account or found.weekly.accounts[0], value)
