"""A delivery of a table that replaces groups is all of each group it touches, for its source (rulings A9)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from deliveries import DAY_ONE, NOTES, Delivery, _table, write
from hypothesis import given as for_all
from hypothesis import settings

from tenure.facts.table import tables
from tenure.lake import snapshots
from tenure.lake.commit import Committed
from tenure.lake.engines.duckdb import Engine
from tenure.lake.lake import Lake

HOURS = _table(
    "hours",
    "state",
    ["user_id", "week", "kind"],
    {"user_id": "id", "week": "date", "kind": "id", "minutes": "number"},
    happened="week",
    replaces=("user_id", "week"),
)
FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 9)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "w", declared={"hours": HOURS})


def row(user: str, week: date, kind: str, minutes: int, source: str = "tracker") -> dict[str, Any]:
    return {
        "user_id": user,
        "week": week,
        "kind": kind,
        "minutes": Decimal(minutes),
        "source": source,
    }


def deliver(lake: Lake, number: int, *rows: dict[str, Any]) -> Committed:
    return write(lake, Delivery(f"i{number}", {"hours": list(rows)}, DAY_ONE + timedelta(number)))


def held(lake: Lake) -> dict[tuple[str, date, str, str], int]:
    with Engine(lake, snapshots.newest(lake)) as engine:
        found = engine.rows("select user_id, week, kind, source, minutes from hours")
        return {row[:4]: int(row[4]) for row in found}  # type: ignore[misc]


def test_the_time_totals_replace_whole_person_weeks() -> None:
    assert tables()["time_totals"].replaces == ("user_id", "week_start")
    assert [t.id for t in tables().values() if t.replaces] == ["time_totals"]


def test_a_kind_of_work_that_a_later_delivery_lacks_is_closed(lake: Lake) -> None:
    deliver(lake, 1, row("maya", FIRST, "calls", 60), row("maya", FIRST, "chat", 30))
    done = deliver(lake, 2, row("maya", FIRST, "calls", 75))
    assert held(lake) == {("maya", FIRST, "calls", "tracker"): 75}
    assert done.counts["hours"].closed == 1
    (told,) = NOTES["i2"]["lake_findings"]
    assert "delivery.replaced" in told
    assert "notice" in told


def test_other_weeks_people_and_sources_stay(lake: Lake) -> None:
    before = [
        row("maya", SECOND, "chat", 30),
        row("jon", FIRST, "chat", 30),
        row("maya", FIRST, "mail", 10, source="by hand"),
    ]
    deliver(lake, 1, *before, row("maya", FIRST, "chat", 30))
    deliver(lake, 2, row("maya", FIRST, "calls", 75))
    assert held(lake) == {
        ("maya", SECOND, "chat", "tracker"): 30,
        ("jon", FIRST, "chat", "tracker"): 30,
        ("maya", FIRST, "mail", "by hand"): 10,
        ("maya", FIRST, "calls", "tracker"): 75,
    }


def test_the_same_delivery_again_writes_nothing_and_a_closed_kind_may_come_back(lake: Lake) -> None:
    first = [row("maya", FIRST, "calls", 60), row("maya", FIRST, "chat", 30)]
    deliver(lake, 1, *first)
    assert deliver(lake, 2, *first).counts["hours"].repeats == 2
    deliver(lake, 3, first[0])
    deliver(lake, 4, *first)
    assert len(held(lake)) == 2


def test_a_delivery_replayed_counts_as_it_did(lake: Lake) -> None:
    deliver(lake, 1, row("maya", FIRST, "calls", 60), row("maya", FIRST, "chat", 30))
    once = deliver(lake, 2, row("maya", FIRST, "calls", 75))
    assert deliver(lake, 2, row("maya", FIRST, "calls", 75)).counts == once.counts


WEEKS = st.dictionaries(
    st.tuples(st.sampled_from(["maya", "jon"]), st.sampled_from([FIRST, SECOND])),
    st.dictionaries(st.sampled_from(["calls", "chat"]), st.integers(0, 2), min_size=1),
    min_size=1,
)


@settings(max_examples=8)
@for_all(deliveries=st.lists(WEEKS, min_size=1, max_size=4))
def test_the_lake_holds_the_last_delivery_of_each_person_week(
    tmp_path_factory: pytest.TempPathFactory, deliveries: list[Any]
) -> None:
    lake = Lake.create(tmp_path_factory.mktemp("w") / "w", declared={"hours": HOURS})
    expected: dict[tuple[str, date], dict[str, int]] = {}
    for number, weeks in enumerate(deliveries, start=1):
        told = [(*group, kind, n) for group, kinds in weeks.items() for kind, n in kinds.items()]
        deliver(lake, number, *(row(*one) for one in told))
        expected |= weeks
    found: dict[tuple[str, date], dict[str, int]] = {}
    for (user, week, kind, _), minutes in held(lake).items():
        found.setdefault((user, week), {})[kind] = minutes
    assert found == expected
