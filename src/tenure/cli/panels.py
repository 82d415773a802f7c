"""A panel from a file: what an analyst has in a folder, without a workspace."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from tenure.kernel.errors import UserError

NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")

PanelOrNone = Annotated[
    Path | None,
    typer.Option(
        "--panel", help="A CSV file with a header line; by default the workspace's own facts."
    ),
]
Panel = Annotated[
    Path, typer.Option("--panel", help="A CSV file with a header line; commas, semicolons or tabs.")
]


def read_panel(file: Path) -> dict[str, list[str | None]]:
    """The file's columns as text, empty cells as missing.

    Raises:
        UserError: no such file, no UTF-8, no header, or a line with another number of cells.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(
            f"There is no file `{file}`.", remedy="Name one that is there.", code="panel.absent"
        ) from None
    except UnicodeDecodeError as error:
        raise UserError(
            f"`{file.name}` is no UTF-8 text (byte {error.start}).",
            remedy="Save it as CSV UTF-8.",
            code="panel.text",
        ) from error
    lines = text.splitlines()
    header = lines[0] if lines else ""
    rows = list(csv.reader(lines, delimiter=max(",;\t", key=header.count)))
    if len(rows) < 2:
        raise UserError(
            f"`{file.name}` holds no row below its header.",
            remedy="Give one row per account and date.",
            code="panel.empty",
        )
    names = [name.strip() for name in rows[0]]
    for number, row in enumerate(rows[1:], start=2):
        if row and len(row) != len(names):
            raise UserError(
                f"Line {number} of `{file.name}` has {len(row)} cells, the header has {len(names)}.",
                remedy="Correct the line; a value with a comma in it stands in quotes.",
                code="panel.width",
            )
    return {
        name: [row[place].strip() or None for row in rows[1:] if row]
        for place, name in enumerate(names)
    }


def numbers_left(
    frame: Mapping[str, Sequence[str | None]], taken: Collection[str | None], *, needed: bool = True
) -> list[str]:
    """The columns left over in which every value is a number.

    Raises:
        UserError: there is none, and one is needed.
    """
    found = [
        name
        for name, values in frame.items()
        if name not in taken
        and any(values)
        and all(v is None or NUMBER.fullmatch(v) for v in values)
    ]
    if not found and needed:
        raise UserError(
            f"No column of numbers is left beside {', '.join(sorted(filter(None, taken)))}.",
            remedy="Name the metrics with `--metrics`.",
            code="panel.numbers",
        )
    return found
