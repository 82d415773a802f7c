"""An import from files to the ledger: what it reports, what it passes over, what it leaves when it fails."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from cases import FIRST, SECOND, Files, written
from survival import check, ledger

from tenure.facts.given import Given, from_file
from tenure.facts.sources.rows import from_rows
from tenure.kernel.errors import LakeError, Question, SourceError
from tenure.lake import snapshots
from tenure.lake.engines.duckdb import Engine
from tenure.lake.imports import run_import
from tenure.lake.lake import Lake
from tenure.lake.summary import ImportSummary


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "w")


def given(folder: Path, files: Files) -> list[Given]:
    written(folder, files)
    return [
        from_file(folder / name, table=name.split("-")[0].split(".")[0]) for name in sorted(files)
    ]


def rows(lake: Lake, query: str) -> list[tuple[object, ...]]:
    with Engine(lake, snapshots.newest(lake)) as engine:
        return engine.rows(query)


def test_the_counts_of_an_import_add_up_to_the_rows_of_its_files(
    lake: Lake, tmp_path: Path
) -> None:
    run_import(lake, given(tmp_path / "1", FIRST))
    done = run_import(lake, given(tmp_path / "2", SECOND))
    # accounts 4 new, 2 renamed, 6 repeats; responses 1 new, 2 refused; usage 6 new, 10 repeats
    assert (done.rows, done.loaded, done.replaced, done.repeats, done.refused) == (31, 11, 2, 16, 2)
    assert [(f.name, f.counts.rows) for f in done.files] == [
        ("accounts.csv", 12),
        ("survey_responses.csv", 3),
        ("usage_daily.csv", 16),
    ]
    assert done.span == (date(2026, 1, 1), date(2026, 3, 15))
    assert (done.number, done.snapshot, done.already) == (2, 2, False)
    assert rows(
        lake,
        f"select distinct rule from findings where outcome = 'refused' and import_id = '{done.import_id}' order by 1",
    ) == [("id.reused",), ("number.form",)]
    assert rows(lake, "select count(*) from quarantine") == [(2,)]
    check(lake.folder)


def test_a_summary_survives_the_ledger(lake: Lake, tmp_path: Path) -> None:
    done = run_import(lake, given(tmp_path / "1", FIRST))
    assert ImportSummary.from_dict(done.to_dict()) == done
    assert ledger(lake.folder)[done.import_id]["summary"] == done.to_dict()


def test_the_same_files_again_are_told_as_the_import_that_brought_them(
    lake: Lake, tmp_path: Path
) -> None:
    first = run_import(lake, given(tmp_path / "1", FIRST))
    before = snapshots.newest(lake)
    again = run_import(
        lake,
        given(
            tmp_path / "renamed",
            {f"{name.removesuffix('.csv')}-new.csv": lines for name, lines in FIRST.items()},
        ),
    )
    assert (again.already, again.import_id, again.number) == (True, first.import_id, 1)
    assert [file.already for file in again.files] == [1, 1, 1]
    assert snapshots.newest(lake) == before


def test_again_reads_the_same_files_once_more_and_finds_repeats(lake: Lake, tmp_path: Path) -> None:
    run_import(lake, given(tmp_path / "1", FIRST))
    again = run_import(lake, given(tmp_path / "1", FIRST), again=True)
    assert (again.number, again.rows, again.repeats) == (2, 38, 38)
    third = run_import(lake, given(tmp_path / "1", FIRST), again=True)
    assert third.number == 3
    check(lake.folder)


def test_a_folder_that_grew_imports_only_its_new_file(lake: Lake, tmp_path: Path) -> None:
    run_import(lake, given(tmp_path / "1", FIRST))
    grown = given(tmp_path / "1", {**FIRST, "accounts-new.csv": ["account_id,name", "z,Zed"]})
    done = run_import(lake, grown)
    assert (done.rows, done.loaded) == (1, 1)
    assert sorted((file.name, file.already) for file in done.files) == [
        ("accounts-new.csv", 0),
        ("accounts.csv", 1),
        ("survey_responses.csv", 1),
        ("usage_daily.csv", 1),
    ]


def test_rows_from_python_are_kept_like_files(lake: Lake) -> None:
    done = run_import(
        lake,
        [
            from_rows(
                "accounts", [{"account_id": "a", "name": "A"}, {"account_id": "a", "name": "A"}]
            )
        ],
    )
    assert (done.rows, done.loaded, done.repeats) == (2, 1, 1)
    assert run_import(lake, [from_rows("accounts", [{"account_id": "a", "name": "A"}] * 2)]).already


def test_an_empty_list_makes_an_empty_table_which_is_not_a_missing_one(lake: Lake) -> None:
    run_import(lake, [from_rows("accounts", [])])
    assert rows(lake, "select count(*) from accounts") == [(0,)]
    with Engine(lake, snapshots.newest(lake)) as engine:
        assert engine.tables() == {"accounts"}


def test_a_complete_export_closes_what_it_lacks_and_a_refused_row_stops_that(
    lake: Lake, tmp_path: Path
) -> None:
    run_import(lake, given(tmp_path / "1", FIRST))
    bad = {
        "survey_responses.csv": [
            "response_id,account_id,survey_type,score,responded_at",
            "r0,a0,nps,nine,2026-01-01T10:00:00Z",
            "r1,a1,nps,1,2026-01-02T10:00:00Z",
        ]
    }
    held = run_import(lake, given(tmp_path / "2", bad), complete=True)
    assert (held.closed, held.findings["warning"]) == (0, 1)
    good = {"accounts.csv": ["account_id,name", "a0,Account 0"]}
    done = run_import(lake, given(tmp_path / "3", good), complete=True)
    assert (done.closed, done.repeats, done.findings["warning"]) == (11, 1, 11)
    assert rows(lake, "select account_id from accounts") == [("a0",)]
    check(lake.folder)


def test_a_file_passed_over_does_not_make_its_keys_look_absent(lake: Lake, tmp_path: Path) -> None:
    half = {"accounts-1.csv": ["account_id,name", "a,A"]}
    run_import(lake, given(tmp_path / "1", half), complete=True)
    done = run_import(
        lake,
        given(tmp_path / "1", {**half, "accounts-2.csv": ["account_id,name", "b,B"]}),
        complete=True,
    )
    assert (done.closed, rows(lake, "select count(*) from accounts")) == (0, [(2,)])


def test_a_question_leaves_nothing_behind(lake: Lake, tmp_path: Path) -> None:
    files = {"usage_daily.csv": ["account_id,usage_date,event_count", "a,03/04/2026,1"]}
    with pytest.raises(Question):
        run_import(lake, given(tmp_path / "1", files))
    assert list(lake.intake.iterdir()) == []
    assert snapshots.newest(lake).number == 0
    assert run_import(lake, given(tmp_path / "2", FIRST)).number == 1


def test_a_file_that_changes_while_it_is_read_is_refused_whole(lake: Lake, tmp_path: Path) -> None:
    things = given(tmp_path / "1", FIRST)
    (tmp_path / "1" / "accounts.csv").write_text("account_id,name\nother,Other\n")
    with pytest.raises(SourceError, match="changed"):
        run_import(lake, things)
    assert list(lake.intake.iterdir()) == []


def test_too_little_space_is_refused_before_anything_is_written(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="MB more are needed") as refused:
        run_import(lake, given(tmp_path / "1", FIRST), reserve_mb=1 << 40)
    assert str(lake.root) in refused.value.what
    assert refused.value.exit_code == 4
    assert snapshots.newest(lake).number == 0


def test_progress_runs_from_start_to_one(lake: Lake, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    run_import(
        lake,
        given(tmp_path / "1", FIRST),
        on_progress=lambda step, share: told.append((step, share)),
    )
    assert [step for step, _ in told] == ["keep", "read", "commit", "done"]
    assert told[-1][1] == 1.0
    assert told == sorted(told, key=lambda one: one[1])
