"""Options that several commands share, and what they mean."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenure.kernel.errors import UserError
from tenure.kernel.settings import FILE

if TYPE_CHECKING:
    from tenure.workspace import Workspace

Folder = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        help="The workspace's folder; by default the current one or one above it.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="The day asked about, end of day (YYYY-MM-DD); today by default."),
]
Start = Annotated[str | None, typer.Option(help="First day of the period.")]
End = Annotated[str | None, typer.Option(help="First day AFTER the period.")]
PeriodWord = Annotated[
    str | None, typer.Option("--period", help="Instead of both: 2026, 2026-Q1 or 2026-03.")
]
KnownOn = Annotated[
    str | None,
    typer.Option("--as-known-on", help="Read only what was known at the end of that day."),
]
By = Annotated[str | None, typer.Option(help="A cut, such as csm, segment, cohort or month.")]
Where = Annotated[
    list[str] | None,
    typer.Option(help="Keep accounts with column=value; repeat to allow or narrow."),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="A parameter of the metric, key=value; repeatable."),
]
Snapshot = Annotated[int | None, typer.Option(help="Read an earlier workspace snapshot.")]
DateOrder = Annotated[
    list[str] | None,
    typer.Option(help="[FILE=]day_month or month_day, for dates that can be read two ways."),
]
Encoding = Annotated[
    list[str] | None, typer.Option(help="[FILE=]utf-8, cp1252, utf-16, ... instead of the guess.")
]
Delimiter = Annotated[list[str] | None, typer.Option(help="[FILE=] the sign between cells.")]
Locale = Annotated[
    list[str] | None, typer.Option(help="[FILE=]de_DE, ... for decimal commas and grouping.")
]
TimeZone = Annotated[
    list[str] | None,
    typer.Option(help="[FILE=]Europe/Berlin, ... where times carry no offset."),
]
Complete = Annotated[
    bool,
    typer.Option("--snapshot", help="The export is complete: keys absent from it are closed."),
]
Source = Annotated[
    str, typer.Option(help="What to call where the files come from; the folder's name by default.")
]
Suggest = Annotated[
    Path | None,
    typer.Option(help="Preview, and write a draft mapping for unknown files here (TOML)."),
]


def folder_of(folder: Path | None) -> Path:
    """The workspace's folder: the one named, or the one the current folder lies in."""
    if folder is not None:
        return folder
    named = os.environ.get("TENURE_WORKSPACE")
    if named:
        return Path(named)
    here = Path.cwd()
    return next((place for place in (here, *here.parents) if (place / FILE).exists()), here)


def opened(folder: Path | None, snapshot: int | None = None) -> Workspace:
    """The workspace named, or the one the current folder lies in."""
    from tenure.workspace import Workspace

    return Workspace.open(folder_of(folder), snapshot)


def question(
    as_of: str | None, start: str | None, end: str | None, period: str | None
) -> dict[str, Any]:
    """The time parts of a question as keywords."""
    return {"as_of": as_of, "start": start, "end": end, "period": period}


def parameters(pairs: list[str] | None) -> dict[str, str]:
    """`--set key=value` pairs as keywords."""
    found = {}
    for pair in pairs or []:
        key, sign, value = pair.partition("=")
        if not sign:
            raise UserError(
                f"`{pair}` is not a parameter.",
                remedy="Write --set key=value.",
                code="parameter.unreadable",
            )
        found[key.strip()] = value.strip()
    return found
