"""Tenure's own history of the same numbers, and the bare scan it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from peers.measured import timed
from peers.numbers import ACTIVATION, NUMBERS, metrics
from tenure.metrics.history.made import history
from tenure.workspace import Workspace

SCAN = "select bit_xor(hash(account_id, product_user_id, usage_date, feature_id, event_count, units)) from usage_daily"


def opened(folder: Path) -> tuple[Workspace, Any]:
    """The workspace and its facts, all tables open."""
    ws = Workspace.open(folder)
    facts = ws.facts()
    facts.engine.expect(facts.tables())
    facts.query("select count(*) from usage_daily")
    return ws, facts


def scan(folder: Path, days: Sequence[date], out: Path | None, spare: Path) -> dict[str, Any]:  # noqa: ARG001 - one shape for all methods
    """Hash every row's columns that the numbers need, once."""
    _, facts = opened(folder)
    return timed(lambda: facts.query(SCAN))


def tenure(folder: Path, days: Sequence[date], out: Path | None, spare: Path) -> dict[str, Any]:  # noqa: ARG001 - as above
    """Every number of every account on every day, as `tenure history` makes them."""
    ws, facts = opened(folder)
    asked = [ws.catalogue.metrics[name] for name in metrics()]
    asked = [_with_rule(one) if one.id == "time_to_activation" else one for one in asked]
    listed = ", ".join(["as_of", "account_id", *NUMBERS])

    def work() -> Any:
        made = history(asked, days, ws.computed(), ws.defaults)
        return made, facts.query(
            f"select count(*), bit_xor(hash(made)) from ({made.query}) as made"
        )

    told = timed(work)
    made, told["result"] = told["result"]
    if out:
        found = facts.query(f"select {listed} from ({made.query})")
        _write(out, found, {name: made.columns[name] for name in NUMBERS})
    return told


def _with_rule(metric: Any) -> Any:
    """The metric with an activation rule of the company's own, as a preset would set it."""
    known = metric.parameters["activation_feature"]
    return replace(
        metric,
        parameters={**metric.parameters, "activation_feature": replace(known, default=ACTIVATION)},
    )


def _write(out: Path, rows: Sequence[Sequence[Any]], types: dict[str, str]) -> None:
    """The rows as parquet, through one list per column."""
    kinds = {"as_of": "DATE", "account_id": "VARCHAR", **types}
    columns = {
        name: list(values) for name, values in zip(kinds, zip(*rows, strict=True), strict=True)
    }
    listed = ", ".join(f"unnest(${name}::{kind}[]) as {name}" for name, kind in kinds.items())
    with duckdb.connect() as connection:
        connection.execute(f"create table found as select {listed}", columns)
        connection.execute(f"copy found to '{out}' (format parquet)")
