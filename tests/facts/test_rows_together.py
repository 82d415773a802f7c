"""Rows together: repeats, conflicts, versions, references; what one import makes of the same key twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

HEADER = "account_id,name\n"


class Stored:
    """A lake that holds these rows, as DuckDB tables beside the stage."""

    def __init__(self, connection: Any, **tables: str) -> None:
        for name, rows in tables.items():
            connection.execute(f"create table lake_{name} as {rows}")
        self._tables = tables

    def relation(self, connection: Any, table: str, columns: Sequence[str]) -> str | None:
        return f"lake_{table}" if table in self._tables else None


def test_the_same_row_again_is_a_repeat_and_counted(imported: Any) -> None:
    result = imported({"accounts.csv": HEADER + "A-1,x\nA-1, x \nA-2,y\nA-1,x\n"})
    file = result.file("accounts.csv")
    assert (file.rows, file.accepted, file.repeats, file.refused) == (4, 2, 2, 0)
    assert result.column("accounts", "source_line") == [2, 4]


def test_repeats_are_found_across_files(imported: Any) -> None:
    result = imported(
        {"accounts-1.csv": HEADER + "A-1,x\n", "accounts-2.csv": HEADER + "A-1,x\nA-2,y\n"}
    )
    assert result.file("accounts-1.csv").accepted == 1
    assert result.file("accounts-2.csv").repeats == 1


def test_one_key_with_two_contents_refuses_all_of_them_side_by_side(imported: Any) -> None:
    text = HEADER + "A-1,x\nA-2,y\nA-1,z\nA-1,x\n"
    result = imported({"accounts.csv": text})
    found = result.findings("key.conflict")
    assert [f["line"] for f in found] == [2, 4, 5]
    assert all("accounts.csv:2, accounts.csv:4, accounts.csv:5" in f["says"] for f in found)
    assert all("(name)" in f["says"] for f in found)
    assert found[0]["value"] == "A-1"
    assert result.column("accounts", "account_id") == ["A-2"]
    assert result.file("accounts.csv").refused == 3


def test_a_value_against_a_missing_value_is_other_content(imported: Any) -> None:
    result = imported({"accounts.csv": HEADER + "A-1,x\nA-1,\n"})
    assert len(result.findings("key.conflict")) == 2


def test_a_conflict_between_files_names_both(imported: Any) -> None:
    result = imported({"accounts-1.csv": HEADER + "A-1,x\n", "accounts-2.csv": HEADER + "A-1,z\n"})
    assert [f["file"] for f in result.findings("key.conflict")] == [
        "accounts-1.csv",
        "accounts-2.csv",
    ]
    assert result.rows("accounts") == []


def test_a_row_refused_for_itself_conflicts_with_nobody(imported: Any) -> None:
    text = "account_id,name,start_date\nA-1,x,2024-01-01\nA-1,z,2024-02-30\n"
    result = imported({"accounts.csv": text})
    assert result.column("accounts", "name") == ["x"]
    assert "key.conflict" not in result.rules()


def test_a_missing_part_of_a_key_is_a_value_like_any_other(imported: Any) -> None:
    header = "account_id,usage_date,feature_id,event_count\n"
    result = imported(
        {"usage_daily.csv": header + "A,2026-01-01,,1\nA,2026-01-01,,1\nA,2026-01-01,f,2\n"}
    )
    assert result.file("usage_daily.csv").repeats == 1
    result = imported({"usage_daily.csv": header + "A,2026-01-01,,1\nA,2026-01-01,,2\n"})
    assert len(result.findings("key.conflict")) == 2


def test_a_declared_updated_at_orders_versions_and_the_newest_is_kept(imported: Any) -> None:
    text = (
        "account_id,name,updated_at\nA-1,old,2026-01-01 10:00\nA-1,new,2026-02-01 10:00\n"
        "A-1,older,2025-01-01 10:00\n"
    )
    result = imported({"accounts.csv": text})
    (row,) = result.rows("accounts")
    assert row["name"] == "new"
    assert row["version_at"] == datetime(2026, 2, 1, 10, tzinfo=UTC).replace(tzinfo=None)
    assert result.file("accounts.csv").repeats == 2
    (notice,) = result.findings("key.older_version")
    assert notice["says"].startswith("2 rows")


def test_two_contents_at_one_moment_are_a_conflict_even_with_updated_at(imported: Any) -> None:
    text = "account_id,name,updated_at\nA-1,x,2026-01-01\nA-1,y,2026-01-01\nA-1,z,2025-01-01\n"
    result = imported({"accounts.csv": text})
    assert [f["line"] for f in result.findings("key.conflict")] == [2, 3]


def test_a_file_may_say_when_its_facts_became_known(imported: Any) -> None:
    text = "account_id,recorded_at\nA-1,2026-01-05T08:00:00Z\nA-2,\n"
    result = imported({"accounts.csv": text})
    kept = [moment.isoformat() for moment in result.column("accounts", "recorded_at")]
    assert kept == ["2026-01-05T08:00:00", "2026-06-01T12:00:00"]


def test_every_row_carries_its_way_back(imported: Any) -> None:
    (row,) = imported({"accounts.csv": HEADER + "A-1,x\n"}).rows("accounts")
    assert (row["source_file"], row["source_line"]) == ("accounts.csv", 2)
    assert (row["import_id"], row["commit_no"], row["is_closed"]) == ("import-1", None, False)
    assert row["recorded_at"] == row["version_at"]


def test_a_partitioned_table_carries_its_month(imported: Any) -> None:
    text = "account_id,usage_date,event_count\nA,2026-01-31,1\nA,2026-02-01,1\n"
    result = imported({"usage_daily.csv": text})
    assert result.column("usage_daily", "usage_date_month") == ["2026-01", "2026-02"]


def test_rows_that_refer_to_unknown_accounts_are_loaded_and_counted(imported: Any) -> None:
    files = {
        "accounts.csv": HEADER + "A-1,x\n",
        "contracts.csv": "contract_id,account_id\nC-1,A-1\nC-2,A-9\nC-3,A-9\nC-4,A-8\n",
    }
    result = imported(files)
    assert len(result.rows("contracts")) == 4
    (finding,) = (
        f for f in result.findings("reference.parked") if f["column_name"] == "account_id"
    )
    assert (finding["file"], finding["line"], finding["level"]) == ("contracts.csv", 3, "notice")
    assert finding["says"] == (
        "3 rows refer to 2 account_id not known yet in accounts, for example A-8, A-9"
    )


def test_what_the_lake_holds_already_is_not_parked(imported: Any, connection: Any) -> None:
    known = Stored(connection, accounts="select 'A-9' as account_id")
    result = imported({"contracts.csv": "contract_id,account_id\nC-1,A-9\n"}, known=known)
    assert result.findings("reference.parked") == []


@pytest.mark.parametrize("order", [0, 1])
def test_the_order_of_files_changes_nothing(imported: Any, order: int) -> None:
    names = ["accounts-a.csv", "accounts-b.csv"]
    texts = [HEADER + "A-1,x\nA-2,y\n", HEADER + "A-3,z\nA-1,x\n"]
    files = dict(zip(names, texts[::-1] if order else texts, strict=True))
    result = imported(files)
    assert sorted(result.column("accounts", "name")) == ["x", "y", "z"]
    assert sum(file.repeats for file in result.prepared.files) == 1


def test_one_row_refers_and_several_refer(imported: Any) -> None:
    files = {
        "accounts.csv": "account_id,name\nA-1,Acme\n",
        "contracts.csv": "contract_id,account_id,start_date\nC-1,A-9,2026-01-01\n",
    }

    found = [f["says"] for f in imported(files).findings("reference.parked")]

    assert "1 row refers to 1 account_id not known yet in accounts, for example A-9" in found
