"""Committing prepared rows: what is new, a correction, a repeat, an id used twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from deliveries import DAY_ONE, NOTES, Delivery, write

from tenure.lake import snapshots
from tenure.lake.commit import TableCounts
from tenure.lake.engines.duckdb import Engine
from tenure.lake.lake import Lake

LATER = DAY_ONE + timedelta(days=1)


def utc(*parts: int) -> datetime:
    """An instant as tables hold it: UTC, no zone attached."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[arg-type, misc]


def account(name: str, arr: str = "100", **more: object) -> dict[str, object]:
    return {"account_id": name, "name": name.title(), "arr": Decimal(arr), **more}


def current(lake: Lake, query: str) -> list[tuple[object, ...]]:
    with Engine(lake, snapshots.newest(lake)) as engine:
        return engine.rows(query)


def test_a_first_delivery_is_all_new(lake: Lake) -> None:
    done = write(lake, Delivery("i1", {"accounts": [account("a"), account("b")]}))
    assert done.counts["accounts"] == TableCounts(new=2)
    assert current(lake, "select account_id, arr from accounts order by 1") == [
        ("a", Decimal(100)),
        ("b", Decimal(100)),
    ]


def test_the_same_rows_in_another_import_are_repeats_and_write_nothing(lake: Lake) -> None:
    first = write(lake, Delivery("i1", {"accounts": [account("a")]}))
    again = write(lake, Delivery("i2", {"accounts": [account("a")]}, LATER))
    assert again.counts["accounts"] == TableCounts(repeats=1)
    assert again.versions == first.versions


def test_a_replayed_import_reports_what_the_first_run_did(lake: Lake) -> None:
    write(lake, Delivery("i0", {"accounts": [account("b", "5")]}))
    first = write(lake, Delivery("i1", {"accounts": [account("a"), account("b")]}, LATER))
    again = write(lake, Delivery("i1", {"accounts": [account("a"), account("b")]}, LATER))
    assert again == first
    assert first.counts["accounts"] == TableCounts(new=1, replaced=1)
    assert current(lake, "select count(*) from accounts") == [(2,)]


def test_a_changed_row_replaces_the_one_before_and_history_is_kept(lake: Lake) -> None:
    write(lake, Delivery("i1", {"accounts": [account("a", "100")]}))
    before = snapshots.newest(lake)
    done = write(lake, Delivery("i2", {"accounts": [account("a", "120")]}, LATER))
    assert done.counts["accounts"] == TableCounts(replaced=1)
    assert current(lake, "select arr from accounts") == [(Decimal(120),)]
    with Engine(lake, before) as engine:
        assert engine.rows("select arr from accounts") == [(Decimal(100),)]
    assert snapshots.newest(lake).tables["accounts"].rows == 2


def test_arrival_decides_even_when_the_clock_was_put_back(lake: Lake) -> None:
    write(lake, Delivery("i1", {"accounts": [account("a", "100")]}, LATER))
    write(lake, Delivery("i2", {"accounts": [account("a", "120")]}, LATER - timedelta(hours=1)))
    assert current(lake, "select arr from accounts") == [(Decimal(120),)]


def test_a_declared_older_version_that_comes_late_is_history(lake: Lake) -> None:
    newer, older = utc(2026, 2, 2), utc(2026, 2, 1)
    write(lake, Delivery("i1", {"accounts": [account("a", "120", version_at=newer)]}))
    done = write(lake, Delivery("i2", {"accounts": [account("a", "100", version_at=older)]}, LATER))
    assert done.counts["accounts"] == TableCounts(replaced=1)
    assert current(lake, "select arr from accounts") == [(Decimal(120),)]


def test_a_declared_version_seen_before_is_a_repeat_wherever_it_stands(lake: Lake) -> None:
    newer, older = utc(2026, 2, 2), utc(2026, 2, 1)
    write(lake, Delivery("i1", {"accounts": [account("a", "100", version_at=older)]}))
    write(lake, Delivery("i2", {"accounts": [account("a", "120", version_at=newer)]}, LATER))
    done = write(lake, Delivery("i3", {"accounts": [account("a", "100", version_at=older)]}, LATER))
    assert done.counts["accounts"] == TableCounts(repeats=1)


def test_an_event_keeps_its_first_content_and_the_second_is_refused(lake: Lake) -> None:
    write(
        lake,
        Delivery(
            "i1", {"answers": [{"answer_id": "r1", "score": 9, "answered_on": date(2026, 2, 1)}]}
        ),
    )
    rows = [{"answer_id": "r1", "score": 3, "answered_on": date(2026, 2, 1)}]
    done = write(lake, Delivery("i2", {"answers": rows}, LATER))
    assert done.counts["answers"] == TableCounts(refused=1)
    assert current(lake, "select score from answers") == [(9,)]
    (finding,), (refused,) = NOTES["i2"].values()
    assert finding[:9] == (
        "i2",
        "error",
        "id.reused",
        "answers",
        "answers.csv",
        2,
        None,
        "score",
        "3",
    )
    assert '"score":"3"' in refused[4]


def test_a_missing_key_part_equals_a_missing_key_part(lake: Lake) -> None:
    row = {"account_id": "a", "user_id": None, "day": date(2026, 1, 5), "events": 3}
    write(lake, Delivery("i1", {"usage": [row]}))
    done = write(lake, Delivery("i2", {"usage": [row, row | {"day": date(2026, 2, 5)}]}, LATER))
    assert done.counts["usage"] == TableCounts(new=1, repeats=1)
    assert current(lake, "select day_month, sum(events) from usage group by 1 order by 1") == [
        ("2026-01", 3),
        ("2026-02", 3),
    ]


def test_a_complete_export_closes_the_keys_it_lacks_of_its_own_source(lake: Lake) -> None:
    write(
        lake, Delivery("i1", {"accounts": [account("a"), account("b"), account("c", source="erp")]})
    )
    done = write(lake, Delivery("i2", {"accounts": [account("a")]}, LATER, closing=("accounts",)))
    assert done.counts["accounts"] == TableCounts(repeats=1, closed=1)
    assert current(lake, "select account_id from accounts order by 1") == [("a",), ("c",)]
    assert [note[2] for note in NOTES["i2"]["lake_findings"]] == ["snapshot.closed"]


def test_a_closed_key_that_comes_back_is_open_again(lake: Lake) -> None:
    old = utc(2026, 1, 1)
    write(lake, Delivery("i1", {"accounts": [account("a"), account("b", version_at=old)]}))
    write(lake, Delivery("i2", {"accounts": [account("a")]}, LATER, closing=("accounts",)))
    done = write(lake, Delivery("i3", {"accounts": [account("b", version_at=old)]}, LATER))
    assert done.counts["accounts"] == TableCounts(replaced=1)
    assert current(lake, "select account_id from accounts order by 1") == [("a",), ("b",)]


def test_a_table_given_without_rows_is_there_and_empty(lake: Lake) -> None:
    write(lake, Delivery("i1", {"lines": []}))
    with Engine(lake, snapshots.newest(lake)) as engine:
        assert engine.tables() == {"lines"}
        assert engine.rows("select * from lines") == []
        assert engine.describe("lines")["amount"] == "DECIMAL(18,4)"
