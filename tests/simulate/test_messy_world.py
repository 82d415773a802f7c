"""The messy world is imported as it stands: every planted fault is found by its rule, and nothing good is lost."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from worlds_by_hand import day, rows

from tenure.kernel.errors import Question
from tenure.simulate import Volume, simulate
from tenure.simulate import scale as scales
from tenure.workspace import Workspace

SIZE: dict[str, Any] = {
    "accounts": 60, "months": 24, "seed": 5, "users_per_account": 2, "active_days": 3,
}  # fmt: skip


@dataclass(frozen=True)
class Messy:
    """The messy company's files, its truth, and the workspace they were imported into."""

    folder: Path
    volume: Volume
    truth: dict[str, Any]
    workspace: Workspace

    @property
    def faults(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.truth["faults"]
        return found

    def findings(self) -> list[dict[str, Any]]:
        return self.workspace.findings(limit=100_000)


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory) -> Messy:
    folder = tmp_path_factory.mktemp("messy")
    volume = simulate(folder / "exports", world="messy", **SIZE)
    truth = json.loads((folder / "exports" / "truth.json").read_text("utf-8"))
    workspace = Workspace.create(folder / "workspace")
    workspace.import_folder(folder / "exports", **truth["import_with"])
    return Messy(folder / "exports", volume, truth, workspace)


def test_without_what_must_be_declared_the_import_asks(messy: Messy, tmp_path: Path) -> None:
    with pytest.raises(Question, match="opportunities"):
        Workspace.create(tmp_path).import_folder(messy.folder)


def test_the_options_told_are_what_the_command_line_takes(
    messy: Messy, tmp_path: Path, tenure: Any
) -> None:
    told = tenure("simulate", tmp_path / "exports", "--world", "messy", "--accounts", 4, "--months", 6)  # fmt: skip
    words = told.out.rsplit("Next: tenure import ", 1)[1].split()
    tenure("init", tmp_path / "workspace")

    done = tenure("import", *words, "--workspace", tmp_path / "workspace")

    assert words[1:] == list(messy.volume.import_options)
    assert done.code == 1
    assert "Import 1:" in done.out


def test_every_planted_fault_is_found_where_it_stands_by_its_rule(messy: Messy) -> None:
    found = messy.findings()
    lost = []
    for fault in messy.faults:
        if not fault["rule"] or "asked" in fault:
            continue
        there = [
            finding
            for finding in found
            if finding["rule"] == fault["rule"]
            and finding["level"] == fault["level"]
            and (finding["file"] or fault["file"]) == fault["file"]
            and (fault["line"] is None or finding["line"] == fault["line"])
            and fault.get("value", "") in (finding["value"] or "")
        ]
        if len(there) != 1:
            lost.append((fault, there))
    assert lost == []


def test_the_faults_are_of_many_kinds_in_most_tables(messy: Messy) -> None:
    assert len({fault["rule"] for fault in messy.faults}) > 35
    assert len({fault["file"] for fault in messy.faults}) > 25
    assert {"", "key.conflict", "encoding.guessed", "word.unknown", "column.missing"} <= {
        fault["rule"] for fault in messy.faults
    }


def test_nothing_is_refused_but_what_was_planted(messy: Messy) -> None:
    planted = {
        (fault["rule"], fault["file"], fault["line"]) for fault in messy.faults if fault["refused"]
    }
    refused = {(f["rule"], f["file"], f["line"]) for f in messy.findings() if f["level"] == "error"}
    counts = messy.workspace.imports()[0].counts
    assert refused == planted
    assert counts.refused == sum(line is not None and "-old" not in file for _r, file, line in planted)  # fmt: skip
    assert counts.rows == counts.loaded + counts.repeats + counts.refused


def test_a_second_delivery_changes_nothing(messy: Messy) -> None:
    (again,) = [fault for fault in messy.faults if fault["kind"] == "delivered twice"]
    assert messy.workspace.imports()[0].counts.repeats == again["rows"] == 200


def test_the_good_facts_are_those_of_effect(messy: Messy, tmp_path: Path) -> None:
    simulate(tmp_path, world="effect", **SIZE)
    facts = messy.workspace.facts()
    for name, columns in {
        "contracts": ["contract_id", "start_date", "end_date", "status"],
        "contract_lines": ["line_id", "quantity", "product_id"],
        "cadence_plans": ["account_id", "touch_type", "start_date"],
    }.items():
        clean = Counter(tuple(row[column] for column in columns) for row in rows(tmp_path, name))
        held = Counter(
            tuple("" if cell is None else _text(cell) for cell in row)
            for row in facts.rows(name, columns)
        )
        assert held == clean, name
    clean_truth = json.loads((tmp_path / "truth.json").read_text("utf-8"))
    assert messy.truth["accounts"] == clean_truth["accounts"]


def _text(cell: object) -> str:
    text = str(cell)
    return text.rstrip("0").rstrip(".") if "." in text else text


def test_late_and_stopped_sources_end_when_the_truth_says(messy: Messy) -> None:
    last = day(messy.truth["last_day"])
    facts = messy.workspace.facts()
    newest = {
        name: max(row[0] for row in facts.rows(name, [column]))
        for name, column in (("usage_daily", "usage_date"), ("health_scores", "score_date"))
    }
    assert last - timedelta(days=16) <= newest["usage_daily"] <= last - timedelta(days=12)
    assert last - timedelta(days=108) <= newest["health_scores"] <= last - timedelta(days=100)
    for table, kind in (("usage_daily", "late source"), ("health_scores", "source that stops")):
        (fault,) = [fault for fault in messy.faults if fault["kind"] == kind]
        assert fault["file"] == messy.volume.files[table]


def test_accounts_nobody_owns_are_found_when_asked(messy: Messy) -> None:
    (fault,) = [fault for fault in messy.faults if fault["kind"] == "accounts without owner"]
    facts = messy.workspace.facts()
    without = {a for a, csm in facts.rows("accounts", ["account_id", "csm_id"]) if csm is None}
    held = {a for a, role in facts.rows("account_assignments", ["account_id", "role"]) if role == "csm"}  # fmt: skip
    answer = messy.workspace.metric(fault["asked"], as_of=messy.truth["last_day"])
    assert len(without) == fault["rows"] > 2
    assert without & held == set()
    assert fault["rule"] in {note.code for note in answer.findings}


def test_the_truth_is_never_read_by_an_import(messy: Messy) -> None:
    read = {file.name for file in messy.workspace.imports()[0].files}
    assert {"truth.json", "TRUTH.md"} <= {file.name for file in messy.folder.iterdir()}
    assert read.isdisjoint({"truth.json", "TRUTH.md"})
    assert {f["file"] for f in messy.findings()}.isdisjoint({"truth.json", "TRUTH.md"})


def test_the_rows_told_are_the_rows_of_the_sick_files(messy: Messy) -> None:
    read = {file.name: file.counts.rows for file in messy.workspace.imports()[0].files}
    told = {messy.volume.files[name]: count for name, count in messy.volume.rows.items()}
    assert {file: read[file] for file in told} == told
    assert messy.truth["rows"] == messy.volume.rows


def test_a_packed_file_is_spoiled_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scales, "ROWS_WORTH_PACKING", 100)
    volume = simulate(tmp_path, world="messy", accounts=8, months=6, seed=1)

    text = gzip.decompress((tmp_path / volume.files["usage_daily"]).read_bytes()).decode()

    assert volume.files["usage_daily"] == "usage_daily.csv.gz"
    assert text.count(",again,,") == 3
