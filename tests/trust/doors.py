"""Every door a delivery of people's time can come in by, each with the planted rows under given headers."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from arro3.core import Array, DataType
from arro3.core import Table as ArrowTable
from planted import OWN, ROWS, as_csv, as_json_lines, as_parquet, as_workbook, dicts

from tenure.workspace import Workspace


def by_file(name: str, content: Callable[..., bytes]) -> Callable[..., Any]:
    def door(workspace: Workspace, exports: Path, headers: tuple[str, ...]) -> Any:
        (exports / name).write_bytes(content(headers, ROWS))
        return workspace.import_folder(exports)

    return door


def by_parquet(workspace: Workspace, exports: Path, headers: tuple[str, ...]) -> Any:
    as_parquet(headers, ROWS, exports / "time_entries.parquet")
    return workspace.import_folder(exports)


def by_frame(workspace: Workspace, exports: Path, headers: tuple[str, ...]) -> Any:
    return workspace.load({"time_entries": pd.DataFrame(dicts(headers, ROWS))})


def by_arrow(workspace: Workspace, exports: Path, headers: tuple[str, ...]) -> Any:
    columns = {name: [row[i] for row in ROWS] for i, name in enumerate(headers)}
    return workspace.load({"time_entries": arrow(columns)})


def arrow(columns: dict[str, list[str]]) -> ArrowTable:
    return ArrowTable.from_pydict(
        {name: Array(values, type=DataType.string()) for name, values in columns.items()}
    )


def by_mapping(workspace: Workspace, exports: Path, headers: tuple[str, ...]) -> Any:
    theirs = ("User", "Start", "Stop", "Project", "Client", *headers[len(OWN) :])
    (exports / "tracker.csv").write_bytes(as_csv(theirs, ROWS))
    mapping = exports.parent / "tracker.toml"
    mapping.write_text(
        'title = "t"\nsays = "t"\n[files.x]\nmatch = ["tracker*"]\n[files.x.into.time_entries.columns]\n'
        'user_id = "User"\nstarted_at = "Start"\nended_at = "Stop"\ncategory = "Project"\naccount_id = "Client"\n'
    )
    return workspace.import_folder(exports, mapping)


DOORS = {
    "csv": by_file("time_entries.csv", as_csv),
    "csv.gz": by_file("time_entries.csv.gz", lambda h, r: gzip.compress(as_csv(h, r))),
    "csv utf-16": by_file("time_entries.csv", lambda h, r: as_csv(h, r).decode().encode("utf-16")),
    "jsonl": by_file("time_entries.jsonl", as_json_lines),
    "xlsx": by_file("time_entries.xlsx", as_workbook),
    "parquet": by_parquet,
    "rows": lambda workspace, _, h: workspace.load({"time_entries": dicts(h, ROWS)}),
    "frame": by_frame,
    "arrow": by_arrow,
    "mapping": by_mapping,
}
