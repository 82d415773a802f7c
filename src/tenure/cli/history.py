"""`tenure refresh` and `tenure history`: keep every account's numbers over time, and look at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenure.cli.options import Folder, Json, opened
from tenure.cli.output import say, say_json, sparkline
from tenure.cli.progress import Bar
from tenure.kernel.wording import counted, shown, unknown

if TYPE_CHECKING:
    from tenure.metrics.declaration import Catalogue
    from tenure.metrics.history.frame import Frame
    from tenure.metrics.history.refresh import Refreshed
    from tenure.workspace import Workspace

Step = Annotated[
    str, typer.Option(help="One reading a `week` (Sundays), `day` or `month` (last days).")
]

history_app = typer.Typer(rich_markup_mode=None)


@history_app.command()
def refresh(
    workspace: Folder = None,
    step: Step = "week",
    since: Annotated[
        str | None,
        typer.Option(
            help="First day kept (YYYY-MM-DD); two years before the last facts by default."
        ),
    ] = None,
    metric: Annotated[
        list[str] | None, typer.Option(help="Only this metric's part of the history; repeatable.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Everything anew, changed or not.")] = False,
    engine: Annotated[
        str,
        typer.Option(
            help="What makes it: `duckdb`, or `spark` (an extra) for facts beyond one machine."
        ),
    ] = "duckdb",
    master: Annotated[
        str | None,
        typer.Option(
            help="Spark's master: `local[*]` by default, `spark://HOST:PORT`, `yarn`, `k8s://…`."
        ),
    ] = None,
    files_at: Annotated[
        str | None,
        typer.Option(
            help="Where Spark's executors find the folder `lake`, if not at the same path."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Keep every account's numbers over time: what changed since the last refresh is made anew, nothing else."""
    ws = opened(workspace)
    with Bar("Refreshing") as bar:
        done = ws.refresh(
            step=step,  # type: ignore[arg-type]  # the workspace says which there are
            since=since,
            metrics=metric,
            full=full,
            engine=engine,
            master=master,
            files_at=files_at,
            on_progress=bar,
        )
    if json:
        say_json(_as_json(done))
        return
    for line in _told(done):
        say(line)


def _told(done: Refreshed) -> Iterable[str]:
    if done.undone is not None:
        yield f"Run {done.undone} had not ended; what it wrote was taken back and made again."
    for name, made in done.made.items():
        number = len(done.history.parts[name].metrics)
        yield f"  {name:<12} {counted(number, 'metric'):>11}  {counted(len(made), 'day'):>9}  {made[0]} to {made[-1]}"
    days = sorted({day for part in done.history.parts.values() for day in part.runs})
    if not done.made:
        yield "Nothing has changed since the last refresh."
    number = sum(len(part.metrics) for part in done.history.parts.values())
    yield (
        f"History: {counted(number, 'metric')} on {counted(len(days), 'day')} from {days[0]} to {days[-1]}, "
        f"of snapshot {done.history.snapshot}"
    )


def _as_json(done: Refreshed) -> dict[str, Any]:
    return {
        "run": done.history.run,
        "snapshot": done.history.snapshot,
        "undone": done.undone,
        "made": {name: [day.isoformat() for day in days] for name, days in done.made.items()},
        "kept": {
            name: {
                "metrics": list(part.metrics),
                "columns": dict(part.columns),
                "days": [day.isoformat() for day in part.runs],
            }
            for name, part in done.history.parts.items()
        },
    }


@history_app.command()
def history(
    metric: Annotated[list[str], typer.Argument(help="One or more metrics.")],
    workspace: Folder = None,
    account: Annotated[
        list[str] | None, typer.Option(help="Only this account, day by day; repeatable.")
    ] = None,
    level: Annotated[
        str | None,
        typer.Option(
            help="Not of accounts but of the `company`, or of each `csm`, `segment` or other cut that the metric lists."
        ),
    ] = None,
    start: Annotated[str | None, typer.Option(help="First day.")] = None,
    end: Annotated[str | None, typer.Option(help="Last day, included.")] = None,
    step: Annotated[
        str,
        typer.Option(
            help="With --level or --as-known-on: a `week`, `day` or `month` between the readings."
        ),
    ] = "week",
    as_known_on: Annotated[
        str | None,
        typer.Option(
            help="Made now from what was known at the end of that day; `as_of`: each day from what was known on it."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Metrics of accounts over time: a line per account, or per day with --account; with --level of the whole or its parts."""
    ws = opened(workspace)
    with Bar("Reading") as bar:
        bar("history", 0.0)
        frame = ws.history(
            metric,
            account,
            level=level,
            start=start,
            end=end,
            step=step,  # type: ignore[arg-type]  # the workspace says which there are
            as_known_on=as_known_on,
            on_progress=bar,
        )
    if json:
        from tenure.metrics.answer import plain

        say_json([plain(row) for row in frame])
        return
    if "key" in frame.columns:
        _levels(frame, metric, ws)
    elif account:
        _day_by_day(frame, ws.names_of("accounts"))
    else:
        _lines(frame, metric, ws.catalogue, ws.names_of("accounts"))
    for note in frame.notes:
        say(f"\n  {note.level}: {note.says} {note.remedy}")


def _day_by_day(frame: Frame, names: Mapping[str, str]) -> None:
    """A block per account, a line per day, a column per number."""
    values = [c for c in frame.columns[2:] if not c.endswith("__why")]
    by_account: dict[str, list[Mapping[str, Any]]] = {}
    for row in frame:
        by_account.setdefault(row["account_id"], []).append(row)
    for account_id, rows in by_account.items():
        say(f"{names.get(account_id, account_id)} ({account_id})")
        lines = [
            ["", *values],
            *([str(row["as_of"]), *(_cell(row, n) for n in values)] for row in rows),
        ]
        widths = [max(len(line[i]) for line in lines) for i in range(len(values) + 1)]
        for line in lines:
            cells = (f"{cell:>{width}}" for cell, width in zip(line, widths, strict=True))
            say("  " + "  ".join(cells))
    if not by_account:
        say("No readings: no such account in these days.")


def _lines(
    frame: Frame, metrics: Sequence[str], catalogue: Catalogue, names: Mapping[str, str]
) -> None:
    """Each metric's own number: a bar per reading, the first and the last known one."""
    rows = list(frame)
    for name in metrics:
        declared = catalogue.find(name)[0]
        say(f"{declared.title}")
        by_account: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows:
            by_account.setdefault(row["account_id"], []).append(row)
        for account_id, own in sorted(by_account.items()):
            column = declared.id if declared.id in frame.columns else name
            numbers = [row[column] for row in own]
            known = [row for row in own if row[column] is not None]
            first, last = (_cell(known[i], column, declared.unit) if known else "" for i in (0, -1))
            drawn = sparkline([n if _is_number(n) else None for n in numbers])
            latest = _cell(own[-1], column, declared.unit)
            ends = f"{first} → {last}" if known else latest
            say(f"  {names.get(account_id, account_id)[:28]:<28} {drawn}  {ends}")
    if not rows:
        say("No readings in these days.")


def _levels(frame: Frame, metrics: Sequence[str], ws: Workspace) -> None:
    """Each metric's numbers, a line per part: a bar per reading, first and last known one, what the last rests on."""
    names = ws.names_of("team_members") if any(row["level"] == "csm" for row in frame) else {}
    for name in dict.fromkeys(metrics):
        declared = ws.catalogue.find(name)[0]
        say(declared.title if declared.id == name else f"{declared.title}: {name}")
        by_key: dict[str, list[Mapping[str, Any]]] = {}
        for row in frame:
            by_key.setdefault(row["key"], []).append(row)
        for key, own in sorted(by_key.items()):
            known = [row for row in own if row[name] is not None]
            first, last = (_cell(known[i], name, declared.unit) if known else "" for i in (0, -1))
            ends = f"{first} → {last}" if known else _cell(own[-1], name, declared.unit)
            drawn = sparkline([row[name] if _is_number(row[name]) else None for row in own])
            say(f"  {names.get(key, key)[:28]:<28} {drawn}  {ends}{_rests_on(own[-1], name)}")
    if not len(frame):
        say("No readings in these days.")


def _rests_on(row: Mapping[str, Any], name: str) -> str:
    """How many things the value rests on, and how many accounts are Unknown in it, where that is known."""
    n, lacking = row[f"{name}__n"], row[f"{name}__unknown"]
    said = [] if n is None else [f"n {n:,}"]
    said += [f"{lacking:,} unknown"] if lacking else []
    return f"  ({', '.join(said)})" if said else ""


def _is_number(value: Any) -> bool:
    return value is not None and not isinstance(value, bool | str) and hasattr(value, "__float__")


def _cell(row: Mapping[str, Any], name: str, unit: str = "") -> str:
    value, why = row[name], row[f"{name}__why"]
    if value is None:
        return unknown(why)
    return f"{shown(value, unit)} (source late)" if why == "source_late" else shown(value, unit)
