"""The engine over one snapshot: what it shows, as known when, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from deliveries import ACCOUNTS, DAY_ONE, DECLARED, Delivery, write
from deltalake import DeltaTable

from tenure.facts.table import Column
from tenure.kernel.errors import Bug, LakeError, UnknownName, UserError
from tenure.lake import snapshots
from tenure.lake.engines.duckdb import Engine, Limits
from tenure.lake.engines.views import Reading
from tenure.lake.lake import Lake

LATER = DAY_ONE + timedelta(days=10)


def utc(*parts: int) -> datetime:
    """An instant as tables hold it: UTC, no zone attached."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[arg-type, misc]


def account(name: str, arr: str = "100", **more: object) -> dict[str, object]:
    return {"account_id": name, "name": name.title(), "arr": Decimal(arr), **more}


def answer(name: str, **more: object) -> dict[str, object]:
    return {"answer_id": name, "score": 9, "answered_on": date(2026, 1, 5), **more}


def known(
    lake: Lake, moment: datetime | None, query: str, **trusted: bool
) -> list[tuple[Any, ...]]:
    with Engine(lake, snapshots.newest(lake), reading=Reading(moment, trusted)) as engine:
        return engine.rows(query)


def test_as_known_on_a_day_a_later_correction_is_not_known_yet(lake: Lake) -> None:
    write(lake, Delivery("i1", {"accounts": [account("a", "100")]}))
    write(lake, Delivery("i2", {"accounts": [account("a", "120"), account("b")]}, LATER))
    query = "select account_id, arr from accounts order by 1"
    assert known(lake, DAY_ONE + timedelta(days=5), query) == [("a", Decimal(100))]
    assert known(lake, LATER + timedelta(seconds=1), query) == [
        ("a", Decimal(120)),
        ("b", Decimal(100)),
    ]
    assert known(lake, DAY_ONE, query) == []


def test_a_trusted_backfill_counts_as_known_from_the_day_it_happened(lake: Lake) -> None:
    write(lake, Delivery("i1", {"answers": [answer("r1"), answer("r2", source="legacy")]}))
    early = datetime(2026, 1, 6, tzinfo=UTC)
    assert known(lake, early, "select count(*) from answers") == [(2,)]
    assert known(lake, early, "select answer_id from answers", legacy=False) == [("r1",)]
    assert known(lake, early - timedelta(days=2), "select count(*) from answers") == [(0,)]


def test_an_untrusted_table_is_known_from_its_load_unless_its_source_is_trusted(lake: Lake) -> None:
    line = {"account_id": "a", "line_no": "1", "amount": Decimal(5), "start_date": date(2026, 1, 1)}
    write(lake, Delivery("i1", {"lines": [line]}))
    early = datetime(2026, 1, 6, tzinfo=UTC)
    assert known(lake, early, "select count(*) from lines") == [(0,)]
    assert known(lake, early, "select count(*) from lines", crm=True) == [(1,)]


def test_a_closing_is_known_when_it_was_recorded_however_old_the_fact(lake: Lake) -> None:
    write(lake, Delivery("i1", {"answers": [answer("r1"), answer("r2")]}))
    write(lake, Delivery("i2", {"answers": [answer("r1")]}, LATER, closing=("answers",)))
    assert known(lake, LATER, "select count(*) from answers") == [(2,)]
    assert known(lake, None, "select count(*) from answers") == [(1,)]


def test_a_commit_ahead_of_the_snapshot_is_invisible(lake: Lake) -> None:
    write(lake, Delivery("i1", {"accounts": [account("a")]}))
    write(lake, Delivery("i2", {"accounts": [account("b")], "lines": []}), snapshot=False)
    assert known(lake, None, "select account_id from accounts") == [("a",)]
    with pytest.raises(UnknownName, match="lines"):
        known(lake, None, "select * from lines")


def test_snapshots_are_found_by_number_and_by_time(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert snapshots.newest(lake).number == 0
    for day in (1, 2, 3):
        monkeypatch.setenv("TENURE_NOW", f"2026-03-0{day}T09:00:00Z")
        write(lake, Delivery(f"i{day}", {"accounts": [account(f"a{day}")]}))
    assert [one.number for one in snapshots.every(lake)] == [1, 2, 3]
    assert snapshots.at(lake, 2).import_id == "i2"
    assert snapshots.at_time(lake, datetime(2026, 3, 2, 12, tzinfo=UTC)).number == 2
    assert snapshots.at_time(lake, datetime(2026, 2, 1, tzinfo=UTC)).number == 0
    with pytest.raises(UserError, match="no snapshot 9"):
        snapshots.at(lake, 9)


@pytest.mark.parametrize(
    "statement",
    [
        "copy (select 1) to '/tmp/out.csv'",
        "select 1; select 2",
        "",
        "create table x as select 1",
        "attach '/tmp/x.db'",
        "install httpfs",
        "set threads = 1",
        "insert into accounts select * from accounts",
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from glob('/etc/*')",
        "select content from read_text('/etc/passwd')",
        "select getenv('HOME')",
    ],
)
def test_anything_but_one_select_over_the_snapshot_is_refused(lake: Lake, statement: str) -> None:
    write(lake, Delivery("i1", {"accounts": [account("a")]}))
    with Engine(lake, snapshots.newest(lake)) as engine:
        engine.rows("select * from accounts")
        with pytest.raises((LakeError, Bug)):
            engine.rows(statement)


def test_the_fence_holds_on_the_connection_itself(lake: Lake) -> None:
    write(lake, Delivery("i1", {"accounts": [account("a")]}))
    with Engine(lake, snapshots.newest(lake)) as engine:
        engine.rows("select * from accounts")
        inside = engine._connection
        assert inside is not None
        own = next((lake.path("accounts")).glob("*.parquet"))
        for statement in (
            f"copy (select 1) to '{own}'",
            "select * from read_text('/etc/passwd')",
            "set enable_external_access = true",
            "set memory_limit = '90GB'",
        ):
            with pytest.raises(Exception, match="(?i)permission|configuration|locked|disabled"):
                inside.cursor().execute(statement)


def test_registered_lists_are_known_before_and_after_the_fence_closes(lake: Lake) -> None:
    write(lake, Delivery("i1", {"accounts": [account("a")], "lines": []}))
    with Engine(lake, snapshots.newest(lake)) as engine:
        engine.register(
            "days", {"day": [date(2026, 1, 1), None], "n": [1, 2], "share": [Decimal("0.5"), None]}
        )
        assert engine.rows("select day, n, share from days order by n")[0] == (
            date(2026, 1, 1),
            1,
            Decimal("0.5"),
        )
        engine.rows("select * from accounts")
        engine.register(
            "flags",
            {
                "on": [True],
                "rate": [0.1],
                "met_at": [datetime(2026, 1, 1, 5, tzinfo=UTC)],
                "no": [None],
            },
            types={"no": "DATE"},
        )
        assert engine.describe("flags") == {
            "on": "BOOLEAN",
            "rate": "DOUBLE",
            "met_at": "TIMESTAMP",
            "no": "DATE",
        }
        assert engine.rows("select * from flags, days, lines") == []
        assert engine.rows("select rate, met_at from flags") == [(0.1, utc(2026, 1, 1, 5))]
        with pytest.raises(Bug, match="accounts"):
            engine.register("accounts", {"x": [1]})


def test_parameters_are_bound_by_name(lake: Lake) -> None:
    write(lake, Delivery("i1", {"accounts": [account("a"), account("b'; drop")]}))
    with Engine(lake, snapshots.newest(lake)) as engine:
        assert engine.rows(
            "select name from accounts where account_id = $id", {"id": "b'; drop"}
        ) == [("B'; Drop",)]


def test_a_newly_declared_column_is_added_and_old_rows_have_it_empty(lake: Lake) -> None:
    write(lake, Delivery("i1", {"accounts": [account("a")]}))
    columns = {"country": Column(type="word", says="country"), **ACCOUNTS.columns}
    wider = Lake.open(
        lake.folder, declared=DECLARED | {"accounts": replace(ACCOUNTS, columns=columns)}
    )
    query = "select account_id, country, arr from accounts order by 1"
    assert known(wider, None, query) == [("a", None, Decimal(100))]
    write(wider, Delivery("i2", {"accounts": [account("b", country="PL")]}, LATER))
    assert known(wider, None, query) == [("a", None, Decimal(100)), ("b", "PL", Decimal(100))]


def test_a_second_reader_sees_the_same_rows_and_the_same_exact_sums(lake: Lake) -> None:
    rows = [
        {
            "account_id": f"a{i % 3}",
            "user_id": None if i % 2 else f"u{i}",
            "day": date(2026, 1 + i % 4, 1 + i % 28),
            "events": i,
        }
        for i in range(100)
    ]
    write(
        lake,
        Delivery(
            "i1",
            {"usage": rows, "accounts": [account("a", "0.1"), account("b", "99999999999999.9999")]},
        ),
    )
    snapshot = snapshots.newest(lake)
    with Engine(lake, snapshot) as engine:
        ours = engine.rows("select count(*), sum(events) from usage")
        money = engine.rows("select sum(arr) from accounts")
        cut = engine.rows("select day_month, count(*) from usage group by 1 order by 1")
    table = (
        DeltaTable(str(lake.path("usage")), version=snapshot.versions["usage"]).scan().read_all()
    )
    months = table["day_month"].to_pylist()
    assert ours == [(table.num_rows, sum(table["events"].to_pylist()))]
    assert cut == [(month, months.count(month)) for month in sorted(set(months))]
    theirs = DeltaTable(str(lake.path("accounts"))).scan().read_all()["arr"].to_pylist()
    assert money == [(sum(theirs, Decimal(0)),)]
    assert {field.type.type for field in DeltaTable(str(lake.path("usage"))).schema().fields} <= {
        "string",
        "long",
        "date",
        "timestamp",
        "boolean",
    }


def test_two_readers_that_skip_files_by_statistics_do_not_lose_large_amounts(lake: Lake) -> None:
    write(lake, Delivery("i1", {"accounts": [account("b", "99999999999999.9999")]}))
    found = (
        DeltaTable(str(lake.path("accounts")))
        .scan(predicate="arr > 99999999999999.9998")
        .read_all()
    )
    assert found.num_rows == 1


def test_a_small_engine_spills_instead_of_failing(lake: Lake) -> None:
    write(lake, Delivery("i1", {"accounts": [account("a")]}))
    with Engine(lake, snapshots.newest(lake), limits=Limits(memory_mb=200, threads=1)) as engine:
        ((rows, ordered),) = engine.rows(
            "select count(*), bool_and(v >= before) from (select v, lag(v, 1, -1) over (order by v) as before"
            " from (select hash(i)::uhugeint::hugeint as v from range(1500000) r(i)))"
        )
    assert (rows, ordered) == (1_500_000, True)


def test_a_folder_whose_name_the_libraries_cannot_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="100%"):
        Lake.create(tmp_path / "100% [sure]", declared=DECLARED)


def test_a_newer_workspace_is_refused_untouched(lake: Lake) -> None:
    (lake.root / "format.json").write_text('{"format": 99}')
    with pytest.raises(LakeError, match="newer"):
        Lake.open(lake.folder)


def test_a_folder_without_a_lake_is_said_to_have_none(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="no workspace"):
        Lake.open(tmp_path)


def test_every_question_reads_instants_in_utc_and_footers_once(lake: Lake) -> None:
    """A question is a cursor, and a cursor takes over no setting that was made for one connection only."""
    write(lake, Delivery("i1", {"accounts": [account("a")]}))
    with Engine(lake, snapshots.newest(lake)) as engine:
        asked = "select current_setting('TimeZone'), current_setting('parquet_metadata_cache')"
        assert engine.rows(asked) == [("UTC", True)]
        ((moment,),) = engine.rows("select recorded_at from accounts")
    assert moment == DAY_ONE.astimezone(UTC).replace(tzinfo=None)
