"""Exit status, errors and the chain to the source line, as a person at a terminal meets them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tenure.kernel.errors import Bug, LakeError

FACTS = Path(__file__).resolve().parents[1] / "counting_company" / "facts"
AS_OF = ("--as-of", "2026-03-31")


def export(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return folder


@pytest.fixture
def workspace(tmp_path: Path, tenure: Any) -> Path:
    """An empty workspace."""
    assert tenure("init", tmp_path / "w").code == 0
    return tmp_path / "w"


def test_a_clean_import_exits_with_0(workspace: Path, tmp_path: Path, tenure: Any) -> None:
    exports = export(tmp_path / "x", "accounts.csv", "account_id,name\na,Alder\n")

    done = tenure("import", exports, "-w", workspace)

    assert (done.code, done.err) == (0, "")
    assert "1 row = 1 loaded" in done.out


def test_an_import_with_refused_rows_exits_with_1(
    workspace: Path, tmp_path: Path, tenure: Any
) -> None:
    exports = export(tmp_path / "x", "accounts.csv", "account_id,name\na,Alder\n,Nobody\n")

    done = tenure("import", exports, "-w", workspace)

    assert done.code == 1
    assert "accounts.csv:3" in done.out


@pytest.mark.parametrize(
    "words",
    [
        ["metric", "nnr"],
        ["metric", "nrr", "--by", "segmnt"],
        ["metric", "nrr", "--start", "2026-01-01"],
        ["metric", "nrr", "--set", "method"],
        ["metric", "nrr", "--set", "method=grss"],
        ["metric", "nrr", "--as-of", "31.03.2026"],
        ["metric", "nrr", "--snapshot", "99"],
        ["metric", "arr_rollforward"],
        ["metric", "arr_in_force", "--period", "2026-Q1"],
        ["findings", "--level", "grave"],
        ["findings", "7"],
        ["import", "exports", "--mapping", "ravenstak"],
        ["metric", "nrr", "--nonsense"],
        ["nonsense"],
    ],
)
def test_wrong_use_exits_with_2_and_says_what_to_do(
    words: list[str], counting_company: Any, tenure: Any
) -> None:
    done = tenure(*words, *(["-w", counting_company.folder] if words != ["nonsense"] else []))

    assert done.code == 2
    assert done.out == ""
    assert done.err
    assert "Traceback" not in done.err


def test_a_question_exits_with_3_and_names_the_option_that_answers_it(
    workspace: Path, tmp_path: Path, tenure: Any
) -> None:
    rows = "account_id,start_date\na,03/04/2026\nb,05/06/2026\n"
    exports = export(tmp_path / "x", "accounts.csv", rows)

    asked = tenure("import", exports, "-w", workspace)
    answered = tenure("import", exports, "--date-order", "day_month", "-w", workspace)

    assert asked.code == 3
    assert "--date-order" in asked.err
    assert "03/04/2026" in asked.err
    assert answered.code == 0


def test_a_source_with_nothing_in_it_exits_with_3(
    workspace: Path, tmp_path: Path, tenure: Any
) -> None:
    (tmp_path / "nothing").mkdir()

    assert tenure("import", tmp_path / "nothing", "-w", workspace).code == 3
    assert tenure("import", tmp_path / "absent", "-w", workspace).code == 3


@pytest.mark.parametrize(("error", "code"), [(LakeError("No space."), 4), (Bug("Broke."), 70)])
def test_the_store_exits_with_4_and_a_bug_with_70(
    monkeypatch: pytest.MonkeyPatch, tenure: Any, error: Exception, code: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("tenure.workspace.Workspace.open", fail)

    done = tenure("imports", "-w", "x")

    assert (done.code, done.out) == (code, "")
    assert str(error) in done.err


def test_an_error_as_json_has_one_shape_on_standard_output(tenure: Any, workspace: Path) -> None:
    done = tenure("metric", "nnr", "--json", "-w", workspace)

    assert done.code == 2
    assert done.data["error"].keys() == {"code", "what", "where", "remedy"}
    assert done.data["error"]["code"] == "name.unknown"
    assert "`nrr`" in done.data["error"]["remedy"]
    assert done.err == ""


def test_a_folder_without_a_workspace_says_how_to_make_one(tenure: Any, tmp_path: Path) -> None:
    done = tenure("overview", "-w", tmp_path)

    assert done.code == 2
    assert "tenure init" in done.err


def test_a_workspace_is_not_made_over_another(workspace: Path, tenure: Any) -> None:
    assert tenure("init", workspace).code == 2


def test_a_title_may_hold_any_letter(tmp_path: Path, tenure: Any) -> None:
    assert tenure("init", tmp_path / "w", "--title", 'Acme 🚀 "Ü" \\').code == 0

    assert 'Acme 🚀 "Ü" \\' in tenure("overview", "-w", tmp_path / "w").out


def test_the_workspace_is_found_from_a_folder_inside_it_or_by_its_variable(
    counting_company: Any, tenure: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(counting_company.folder / "catalogue")
    assert tenure("imports").code == 0

    monkeypatch.chdir(tmp_path)
    assert tenure("imports").code == 2
    monkeypatch.setenv("TENURE_WORKSPACE", str(counting_company.folder))
    assert tenure("imports").code == 0


def test_explain_ends_in_files_and_lines(counting_company: Any, tenure: Any) -> None:
    done = tenure(
        "explain", "arr_in_force", *AS_OF, "--account", "alder", "-w", counting_company.folder
    )

    rows = done.out.rpartition("Rows (")[2].splitlines()[1:]
    assert rows
    assert all(re.match(r"  contract_lines\.csv:\d+ ", row) for row in rows)


def test_explain_with_a_limit_counts_the_rest(counting_company: Any, tenure: Any) -> None:
    done = tenure("explain", "nrr", *AS_OF, "--limit", "2", "-w", counting_company.folder)

    assert re.search(r"… and \d+ more\n$", done.out)


@pytest.mark.parametrize("words", [[], ["--help"], ["metric", "--help"]])
def test_help_is_no_failure(words: list[str], tenure: Any) -> None:
    done = tenure(*words)

    assert "Usage" in done.out + done.err
    assert done.code == (0 if words else 2)


def test_the_version_is_told(tenure: Any) -> None:
    from tenure import __version__

    assert tenure("--version").out == f"tenure {__version__}\n"


def test_metrics_lists_the_workspaces_own_declarations(workspace: Path, tenure: Any) -> None:
    shipped = Path(__file__).resolve().parents[2] / "src/tenure/metrics/catalogue/grow"
    text = (shipped / "expansion_pipeline.toml").read_text()
    own = workspace / "catalogue" / "metrics"
    own.mkdir(parents=True, exist_ok=True)
    (own / "my_pipeline.toml").write_text(text.replace("Expansion pipeline", "My pipeline"))

    assert "My pipeline" in tenure("metrics", "-w", workspace).out
    tenure("import", FACTS, "-w", workspace)
    assert (
        tenure("metric", "my_pipeline", *AS_OF, "-w", workspace, "--json").data["value"]
        == 5_100_000
    )


def test_a_declaration_that_does_not_load_names_its_line(workspace: Path, tenure: Any) -> None:
    own = workspace / "catalogue" / "metrics"
    own.mkdir(parents=True, exist_ok=True)
    (own / "mine.toml").write_text('title = "Mine"\nsaiz = "x"\n')

    done = tenure("metrics", "-w", workspace)

    assert done.code == 2
    assert "mine.toml:2" in done.out
    assert "`says`" in done.out
    assert "mine.toml:2" in tenure("metric", "mine", "-w", workspace).err


def test_a_reader_that_stops_early_is_no_failure(counting_company: Any) -> None:
    command = [sys.executable, "-m", "tenure", "metrics", "--json"]
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)

    assert (done.returncode, done.stderr) == (0, "")


def test_every_command_that_reads_gives_one_json_document(
    counting_company: Any, tenure: Any
) -> None:
    for words in (
        ["metrics"],
        ["metric", "nrr", *AS_OF],
        ["explain", "nrr", *AS_OF],
        ["overview", *AS_OF],
        ["imports"],
        ["findings"],
    ):
        done = tenure(*words, "-w", counting_company.folder, "--json")
        assert done.code == 0
        assert json.loads(done.out) is not None


def test_parts_that_make_a_map_without_a_cut_asked_for_are_not_told_twice(
    counting_company: Any, tenure: Any
) -> None:
    words = (
        "metric",
        "churn_rate_by_cohort",
        "--start=2025-01-01",
        "--end=2026-04-01",
        "--as-of=2026-03-31",
        "-w",
        counting_company.folder,
    )

    plain, asked = tenure(*words), tenure(*words, "--by", "quarter")

    assert "by None" not in plain.out
    cuts = asked.out.partition("\n  by quarter\n")[2]
    assert "2025-Q1" in cuts
    assert "Unknown" not in cuts


def test_a_report_without_rows_says_how_to_give_them(counting_company: Any, tenure: Any) -> None:
    done = tenure("metric", "trend_label", "--as-of", "2026-03-31", "-w", counting_company.folder)

    assert "No row was given to judge. Give `rows`, for example [[" in done.out
