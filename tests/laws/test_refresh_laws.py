"""A history refreshed bit by bit is the history made at once, whatever came in between and whatever was cut off."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, note, seed, settings
from hypothesis import strategies as st

from laws.worlds import CAREFUL, SEED, Rows, workspace
from oracles.life import scene
from oracles.product import world
from tenure import Workspace
from tenure.kernel import points

LIVES = {"life": scene, "product": world}
CUTS = ("values.before_commit", "values.after_commit", "sync.before", "lake.after_commit")


class Cut(Exception):
    """A process ends here."""


@contextmanager
def cut_off(name: str, occurrence: int) -> Iterator[None]:
    """End what runs inside at a point: nothing cleans up after it, as after a kill."""
    seen = 0

    def probe(point: str) -> None:
        nonlocal seen
        seen += point == name
        if point == name and seen == occurrence:
            raise Cut

    points.arm(probe)
    try:
        yield
    except Cut:
        pass
    finally:
        points.arm(None)


def held(ws: Workspace) -> dict[str, Any]:
    """All that is kept, by day and by account, in comparable form."""
    rows = list(ws.history(_metrics(ws)))
    accounts = sorted({row["account_id"] for row in rows})
    by_account = list(ws.history(_metrics(ws), accounts)) if accounts else []
    return {"by day": rows, "by account": by_account}


def _metrics(ws: Workspace) -> list[str]:
    return [m for part in ws.kept.parts.values() for m in part.metrics]


def corrected(table: str, row: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The row with another value in a column that is not its key."""
    changed = dict(row)
    if table == "usage_daily":
        changed["event_count"] = chance.randrange(40)
    elif table == "activities":
        changed["status"] = chance.choice(["completed", "cancelled", "no_show"])
    elif table == "health_scores":
        changed["score"] = Decimal(chance.randrange(100))
    elif table == "contracts" and row.get("end_date"):
        changed["end_date"] = row["end_date"] + timedelta(days=chance.choice([-20, 20]))
    return changed


def deliveries(rows: Rows, number: int, chance: random.Random) -> list[Rows]:
    """The rows in some deliveries, late ones among them, with corrections of what came before."""
    parts: list[Rows] = [{} for _ in range(number)]
    for table, own in rows.items():
        parts[0].setdefault(table, [])
        for row in own:
            parts[chance.randrange(number)].setdefault(table, []).append(row)
    for before, part in zip(parts, parts[1:], strict=False):
        for table in ("usage_daily", "activities", "health_scores", "contracts"):
            for row in before.get(table, []):
                if chance.random() < 0.1:
                    part.setdefault(table, []).append(corrected(table, row, chance))
    return parts


def check(kind: str, which: int, plan: list[Any]) -> None:
    this = LIVES[kind](which)
    day = this.pivot if kind == "life" else this.today
    chance = random.Random(f"{kind} {which} {plan}")
    note(f"{kind} {which}, seen from {day}")
    how: dict[str, Any] = {"step": "month", "since": day - timedelta(days=100)}
    with workspace() as ws:
        for rows, step in zip(deliveries(this.rows, len(plan), chance), plan, strict=True):
            ws.load(rows)
            if step is None:
                continue
            if step == "refresh":
                ws.refresh(**how)
            else:
                with cut_off(*step):
                    ws.refresh(**how)
        done = ws.refresh(**how)
        note(f"made anew at last: {dict(done.made)}")
        bit_by_bit = held(ws)
        ws.refresh(**how, full=True)
        assert bit_by_bit == held(ws)
        assert len(bit_by_bit["by day"]) == len(bit_by_bit["by account"]) > 0


STEPS = st.one_of(
    st.none(),
    st.just("refresh"),
    st.just("refresh"),
    st.tuples(st.sampled_from(CUTS), st.integers(1, 6)),
)


@seed(SEED)
@settings(CAREFUL, max_examples=6)
@given(
    st.sampled_from(["life", "product"]),
    st.integers(1, 60),
    st.lists(STEPS, min_size=2, max_size=3),
)
def test_refreshed_bit_by_bit_is_refreshed_at_once(kind: str, which: int, plan: list[Any]):
    check(kind, which, plan)


@pytest.mark.night
@pytest.mark.timeout(5400)
@seed(SEED + 1)
@settings(CAREFUL, max_examples=150)
@given(
    st.sampled_from(["life", "product"]),
    st.integers(1, 400),
    st.lists(STEPS, min_size=2, max_size=5),
)
def test_refreshed_bit_by_bit_through_the_night(kind: str, which: int, plan: list[Any]):
    check(kind, which, plan)
