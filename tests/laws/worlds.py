"""Workspaces made from generated companies, and what they answer, in a form that can be compared."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from metrics.memory import InMemory
from oracles.company import company
from tenure import Workspace

Rows = dict[str, list[dict[str, Any]]]

SEED = 20260101
# A workspace per example costs about a second: a failure is shown as found; TENURE_SHRINK=1 makes it small.
PHASES = [phase for phase in Phase if phase is not Phase.explain]
QUICK = [phase for phase in PHASES if phase is not Phase.shrink]
CAREFUL = settings(
    phases=PHASES if os.environ.get("TENURE_SHRINK") else QUICK,
    deadline=None,
    print_blob=True,
    database=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
)
START, END, AS_OF = date(2024, 7, 1), date(2025, 7, 1), date(2025, 6, 30)


@st.composite
def companies(draw: Any, *, calm: bool = False, currencies: tuple[str, ...] = ("USD",)) -> Rows:
    """A generated company; fails shrink toward one account with one plain contract."""
    return company(lambda options: draw(st.sampled_from(options)), calm=calm, currencies=currencies)


@contextmanager
def workspace(*loads: Rows, **settings: str) -> Iterator[Workspace]:
    """A workspace that holds these loads, one after another, in a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        ws = Workspace.create(Path(folder) / "ws", **settings)
        for rows in loads:
            ws.load(rows)
        yield ws


@contextmanager
def in_memory(rows: Rows, **settings: str) -> Iterator[InMemory]:
    """The same company without a lake; the laws of loading hold a lake against it."""
    yield InMemory(rows, **settings)


Held = Callable[..., AbstractContextManager[Workspace | InMemory]]
IN_MEMORY_AND_BY_NIGHT_IN_A_LAKE = pytest.mark.parametrize(
    "held",
    [in_memory, pytest.param(workspace, marks=pytest.mark.night)],
    ids=["in memory", "in a lake"],
)
"""For laws about numbers. Laws about loading stay with `workspace`."""


def panel(
    start: date = START, end: date = END, as_of: date = AS_OF
) -> list[tuple[str, dict[str, Any]]]:
    """One question per revenue metric and cut."""
    day: dict[str, Any] = {"as_of": as_of}
    period = day | {"start": start, "end": end}
    return [
        ("arr_in_force", day),
        ("arr_movements", day),
        ("arr_movements", period | {"view": "rollforward"}),
        ("arr_movements", period | {"by": "month"}),
        ("gross_renewal_rate", period),
        ("nrr", period),
        ("nrr", period | {"method": "gross_flows"}),
        ("nrr", period | {"by": "csm"}),
        ("nrr", period | {"by": "segment"}),
        ("nrr", period | {"by": "cohort"}),
        ("logo_retention", period | {"formula": "stripe"}),
        ("churn_rate_by_cohort", period | {"by": "month"}),
        ("quarterly_expansion_revenue", period),
        ("expansion_revenue_by_account", period),
        ("acv_growth", period),
        ("clv", day | {"gross_margin": Decimal("0.8")}),
        ("days_to_renewal", day),
        ("arr_per_csm", day),
        ("retention_risk", day),
        ("expansion_pipeline", day),
    ]


def told(
    ws: Workspace | InMemory, asked: list[tuple[str, dict[str, Any]]] | None = None, **more: Any
) -> dict[str, Any]:
    """What the workspace answers to the panel: values, reasons and components, nothing about how."""
    found = {}
    for metric, parameters in asked or panel():
        answer = ws.metric(metric, **parameters, **more)
        extra = [
            f"{name}={value}"
            for name, value in parameters.items()
            if name in ("by", "view", "method")
        ]
        found[" ".join([metric, *extra])] = plain(
            {
                "value": answer.value,
                "unknown": answer.unknown,
                "reasons": dict(answer.reasons),
                "components": answer.components,
            }
        )
    return found


def plain(thing: Any) -> Any:
    """Maps without empty rows, lists of rows in one order: what may not differ, and nothing else."""
    if isinstance(thing, dict):
        kept = {str(key): plain(value) for key, value in thing.items()}
        return {key: value for key, value in sorted(kept.items()) if value is not None}
    if isinstance(thing, list | tuple):
        rows = [plain(one) for one in thing]
        return sorted(rows, key=_but_money) if rows and isinstance(rows[0], dict) else rows
    return thing


def _but_money(row: dict[str, Any]) -> str:
    return repr([value for value in row.values() if not isinstance(value, Decimal)])


def changed(rows: Rows, change: Callable[[str, dict[str, Any]], dict[str, Any] | None]) -> Rows:
    """A copy of a company with each row changed, or left out where `change` gives None."""
    found: Rows = {}
    for table, kept in rows.items():
        made = [change(table, dict(row)) for row in kept]
        found[table] = [row for row in made if row is not None]
    return found


def unlike(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two answers differ, one sentence per place."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted(one.keys() | other.keys())
        return [
            said
            for name in names
            for said in unlike(one.get(name), other.get(name), f"{path}/{name}")
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [
            said
            for place, (left, right) in pairs
            for said in unlike(left, right, f"{path}/{place}")
        ]
    return [] if one == other else [f"{path}: {one!r} became {other!r}"]
