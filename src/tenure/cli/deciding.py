"""Commands of decisions: which line of a metric is in use, accepted or set by whom and why, and how it has held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tenure.cli.options import Folder, Json, opened
from tenure.cli.output import say, say_json
from tenure.cli.signals import thresholds_app

if TYPE_CHECKING:
    from tenure.signals.in_use import InUse
    from tenure.workspace.thresholds import Shown

Metric = Annotated[str, typer.Argument(help="The metric, by id or short name.")]
MetricOrAll = Annotated[
    str | None, typer.Argument(help="One metric; every line in use by default.")
]
By = Annotated[str, typer.Option("--by", help="Who decides.")]
Why = Annotated[str, typer.Option("--why", help="The reason, in your words.")]
Asked = Annotated[
    str,
    typer.Option(
        help="What the line is for: `renew` (a risk), `grow` or `advocate` (who is ready)."
    ),
]
Segment = Annotated[
    str, typer.Option(help="For accounts of this segment only, in place of the general line.")
]
ORIGINS = {"preset": "starting point", "set": "set by hand", "learned": "learned"}


@thresholds_app.command("show")
def show(metric: MetricOrAll = None, folder: Folder = None, json: Json = False) -> None:
    """The lines in use; of one metric also what was learned last, who decided what, and what its flags came to."""
    ws = opened(folder)
    if metric is not None:
        first, *more = ws.thresholds.shown(metric)
        if json:
            say_json(first.to_dict() | {"others": [one.to_dict() for one in more]})
            return
        _tell_one(first)
        for one in more:
            say()
            _tell_one(one)
        return
    lines = ws.thresholds.in_use()
    if json:
        say_json({"in_use": [line.to_dict() for line in lines]})
        return
    width = max((len(line.metric) for line in lines), default=0)
    for line in lines:
        say(f"{line.metric:<{width}}  {ORIGINS[line.origin]:<14}  {_line(line)}")
    if not lines:
        say("No line is in use, so no flag is raised.")
    elif all(line.origin == "preset" for line in lines):
        say(
            "All are starting points, not from your data: `tenure thresholds learn` proposes others."
        )


@thresholds_app.command("accept")
def accept(
    metric: Metric,
    by: By,
    why: Why,
    proxy: Annotated[
        bool, typer.Option("--proxy", help="Also a metric that only moves together with another.")
    ] = False,
    asked: Asked = "renew",
    segment: Segment = "",
    folder: Folder = None,
    json: Json = False,
) -> None:
    """Put in use what was last learned of a metric; who, when, why and the evidence are kept."""
    found = opened(folder).thresholds.accept(
        metric, by=by, why=why, proxy=proxy, asked=asked, segment=segment
    )
    _decided(found, json=json)


@thresholds_app.command("set")
def set_line(
    metric: Metric,
    at_risk: Annotated[
        str, typer.Option(help='Beyond it a flag opens: "<20", in the metric\'s unit.')
    ],
    by: By,
    why: Why,
    healthy: Annotated[str | None, typer.Option(help="Beyond it an account is well.")] = None,
    leave: Annotated[
        str | None, typer.Option("--exit", help="Beyond it a flag closes; the at-risk line else.")
    ] = None,
    asked: Asked = "renew",
    segment: Segment = "",
    folder: Folder = None,
    json: Json = False,
) -> None:
    """Draw a line yourself."""
    found = opened(folder).thresholds.set(
        metric,
        at_risk=at_risk,
        healthy=healthy,
        exit=leave,
        by=by,
        why=why,
        asked=asked,
        segment=segment,
    )
    _decided(found, json=json)


@thresholds_app.command("reject")
def reject(
    metric: Metric,
    by: By,
    why: Why,
    asked: Asked = "renew",
    segment: Segment = "",
    folder: Folder = None,
) -> None:
    """Say no to what was last learned; the line in use stays."""
    opened(folder).thresholds.reject(metric, by=by, why=why, asked=asked, segment=segment)
    say(f"Kept as it was. What was learned of `{metric}` is rejected by {by}.")


@thresholds_app.command("withdraw")
def withdraw(
    metric: Metric,
    by: By,
    why: Why,
    asked: Asked = "renew",
    segment: Segment = "",
    folder: Folder = None,
) -> None:
    """Take back what was decided: the line that ships with the metric is in use again, if it has one."""
    line = opened(folder).thresholds.withdraw(metric, by=by, why=why, asked=asked, segment=segment)
    say("No line is in use now." if line is None else f"In use again: {_line(line)}")


@thresholds_app.command("off")
def off(
    metric: Metric,
    by: By,
    why: Why,
    asked: Asked = "renew",
    segment: Segment = "",
    folder: Folder = None,
) -> None:
    """No line in use: the metric raises no flags until somebody decides otherwise."""
    opened(folder).thresholds.off(metric, by=by, why=why, asked=asked, segment=segment)
    where = f" in the segment `{segment}`" if segment else ""
    kind = "flags" if asked == "renew" else f"hints of the question `{asked}`"
    say(f"`{metric}` raises no {kind}{where} now.")


@thresholds_app.command("validate")
def validate(metric: MetricOrAll = None, folder: Folder = None, json: Json = False) -> None:
    """How each line in use has held on the rows since it was learned."""
    found = opened(folder).thresholds.validate(metric)
    if json:
        say_json({"reviews": [one.to_dict() for one in found]})
        return
    width = max((len(one.metric) for one in found), default=0)
    for one in found:
        about = _for_whom(one.asked, one.segment)
        say(f"{one.metric:<{width}}  {one.verdict.word:<17}  {one.says}{about and f' ({about})'}")
    if not found:
        say("No line is in use, so there is nothing to review.")


def _line(line: InUse) -> str:
    says, leaves = line.words(line.at_risk), line.words(line.exits)
    where = f" in the segment `{line.segment}`" if line.segment else ""
    if line.unit == "bool":
        return f"{line.zone}{where} where it says {says}; a flag closes when it says {leaves}"
    return f"{line.zone}{where} {says}; a flag closes {leaves}"


def _for_whom(asked: str, segment: str) -> str:
    """`growth`, `growth, segment enterprise`; empty for a risk of all."""
    words = [{"renew": "", "grow": "growth", "advocate": "advocacy"}[asked]]
    words += [f"segment {segment}"] if segment else []
    return ", ".join(word for word in words if word)


def _decided(line: InUse, *, json: bool) -> None:
    if json:
        say_json(line.to_dict())
        return
    say(f"In use from {line.since}: {line.metric} {_line(line)} ({line.version}, {line.by_said}).")
    if line.says:
        say(line.says)


def _tell_one(shown: Shown) -> None:
    about = _for_whom(shown.asked, shown.segment)
    say(f"{shown.title} (`{shown.metric}`){about and f', {about}'}")
    line = shown.in_use
    if line is None:
        say("In use     no line, so it raises no flags")
    else:
        say(f"In use     {_line(line)} ({ORIGINS[line.origin]}, {line.version})")
        say(f"           {line.says}")
    if shown.proposal is not None:
        status, told = shown.proposal["status"], shown.proposal["sentence"]
        say(f"Learned    {status}, on {shown.proposal['learned_on']}: {told}")
    for entry in shown.entries:
        if entry.by_said:
            say(
                f"Decided    {entry.kind} on {entry.entered_at:%Y-%m-%d} by {entry.by_said}: {entry.why_said}"
            )
    flags = shown.flags
    if flags["raised"]:
        came = ", ".join(f"{number} {word}" for word, number in flags["outcomes"].items() if number)
        say(f"Flags      {flags['raised']} raised, {flags['open']} open; of the accounts: {came}")
