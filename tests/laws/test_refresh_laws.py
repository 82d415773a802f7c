"""A history refreshed bit by bit is the history made at once, whatever came in between and whatever was cut off."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from laws.worlds import CAREFUL, SEED, Rows, workspace
from oracles.life import scene
from oracles.product import world
from tenure import Workspace
from tenure.facts.table import tables
from tenure.kernel import points
from tenure.lake.changes import DATED
from tenure.metrics.history.refresh import Refreshed

LIVES = {"life": scene, "product": world}
Theme = Literal["days", "any", "one", "closing"]
CORRECTED = ("usage_daily", "activities", "health_scores", "contracts")
CLOSED = ("usage_daily", "activities", "tickets", "health_scores")
CUTS = (
    "values.before_commit", "values.after_commit", "sync.before", "lake.after_commit", "refresh.part_done",
)  # fmt: skip


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


def happened(table: str, row: dict[str, Any]) -> date:
    """The day that a row of a dated table is of."""
    day = row[tables()[table].happened]
    return day.date() if isinstance(day, datetime) else date.fromisoformat(str(day)[:10])


def deliveries(
    rows: Rows, number: int, chance: random.Random, theme: Theme, recent: date
) -> list[Rows]:
    """The rows in some deliveries, late ones among them, with corrections of what came before.

    `days`: only what happens day by day comes later; `any`: rows of every table do; `one`: everything comes at once,
    and afterwards there is news of one account only. `closing`: as `days`, of the last days only, and what came
    first is given once more as a complete export that lacks some of them.
    """
    parts: list[Rows] = [{} for _ in range(number)]
    whose = rows.get("usage_daily") or rows["accounts"]  # there are worlds without any use
    alone = chance.choice(sorted({str(row["account_id"]) for row in whose}))
    for table, own in rows.items():
        parts[0].setdefault(table, [])
        for row in own:
            comes_late = theme == "any" or (table in DATED and theme != "one")
            if theme == "closing" and comes_late:
                comes_late = happened(table, row) > recent
            if theme == "one" and row.get("account_id") == alone:
                comes_late = chance.random() < 0.3
            parts[chance.randrange(number) if comes_late else 0].setdefault(table, []).append(row)
    for before, part in zip(parts, parts[1:], strict=False):
        for table in CORRECTED if theme in ("any", "one") else [t for t in CORRECTED if t in DATED]:
            for row in before.get(table, []):
                is_meant = theme != "one" or row.get("account_id") == alone
                if theme == "closing":
                    is_meant = happened(table, row) > recent
                if is_meant and chance.random() < (0.1 if theme != "one" else 0.3):
                    part.setdefault(table, []).append(corrected(table, row, chance))
    return parts


def close_some(ws: Workspace, came: Rows, chance: random.Random, recent: date) -> None:
    """Give a table as a complete export without some of its recent rows: their keys are closed."""
    table = chance.choice([t for t in CLOSED if came.get(t)])
    left = [r for r in came[table] if happened(table, r) <= recent or chance.random() > 0.3]
    ws.load({table: left}, complete=True)


def check(kind: str, which: int, plan: list[Any], theme: Theme) -> list[Refreshed]:
    """What the refreshes did that came to their end; the last one of all is a full one."""
    this = LIVES[kind](which)
    day = max(happened(table, row) for table in DATED for row in this.rows.get(table, []))
    chance = random.Random(f"{kind} {which} {plan}")
    recent = day - timedelta(days=45)
    came = deliveries(this.rows, len(plan), chance, theme, recent)
    how: dict[str, Any] = {"step": "month", "since": day - timedelta(days=130)}
    done = []
    with workspace() as ws:
        for rows, step in zip(came, plan, strict=True):
            if rows:
                ws.load(rows)
            if theme == "closing" and rows is not came[0]:
                close_some(ws, came[0], chance, recent)
            if step == "refresh":
                done.append(ws.refresh(**how))
            elif step is not None:
                with cut_off(*step):  # one with less to do may be over before
                    done.append(ws.refresh(**how))
        done.append(ws.refresh(**how))
        bit_by_bit = held(ws)
        done.append(ws.refresh(**how, full=True))
        at_once = held(ws)
        assert bit_by_bit["by day"] == at_once["by day"]
        assert bit_by_bit == at_once
        assert len(bit_by_bit["by day"]) == len(bit_by_bit["by account"]) > 0
    return done


@pytest.mark.parametrize(
    ("kind", "which", "plan", "theme"),
    [
        ("product", 3, ["refresh", "refresh"], "days"),
        ("life", 91, ["refresh", ("values.after_commit", 1)], "closing"),
        ("product", 1, [("values.before_commit", 4), "refresh", None], "one"),
        ("life", 92, ["refresh", "refresh"], "any"),
    ],
)
def test_refreshed_bit_by_bit_is_refreshed_at_once(
    kind: str, which: int, plan: list[Any], theme: Theme
):
    *bit_by_bit, at_once = check(kind, which, plan, theme)
    assert at_once.looked_at == at_once.whole
    if theme != "any":  # else the law would hold of a refresh that makes everything anew each time
        assert any(0 < done.looked_at < done.whole for done in bit_by_bit[1:] or bit_by_bit)


CUT = st.tuples(st.sampled_from(CUTS), st.integers(1, 6))
FIRST = st.one_of(st.just("refresh"), st.just("refresh"), CUT)
STEPS = st.one_of(st.none(), st.just("refresh"), st.just("refresh"), CUT)


@pytest.mark.night
@pytest.mark.timeout(5400)
@seed(SEED + 1)
@settings(CAREFUL, max_examples=100)
@given(
    st.sampled_from(["life", "product"]),
    st.integers(1, 400),
    st.builds(lambda first, rest: [first, *rest], FIRST, st.lists(STEPS, min_size=1, max_size=4)),
    st.sampled_from(["days", "any", "one", "closing"]),
)
def test_refreshed_bit_by_bit_through_the_night(
    kind: str, which: int, plan: list[Any], theme: Theme
):
    check(kind, which, plan, theme)
