"""`--plot`: files beside the answer, a wrong name told before any work, refusals in words."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    file = tmp_path / "rows.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["account_id", "as_of", "churned", "logins", "still"])
        for n in range(400):
            writer.writerow([f"A{n}", "2026-01-01", int(n % 20 < 3), n % 20, 1])
    return file


def test_a_wrong_kind_of_file_is_told_before_the_table_is_read(tmp_path: Path, tenure: Any) -> None:
    done = tenure("thresholds", "learn", "--panel", str(tmp_path / "no.csv"), "--plot", "a.pdf")

    assert done.code == 2
    assert ".svg, .png or .html" in done.err


def test_metrics_are_drawn_in_files_of_their_names(panel: Path, tenure: Any) -> None:
    pytest.importorskip("vl_convert")
    out = panel.parent / "out.svg"

    done = tenure("thresholds", "learn", "--panel", str(panel), "--plot", str(out), "--json")

    assert done.code == 0, done.err
    assert [one["metric"] for one in json.loads(done.out)["results"]] == ["logins", "still"]
    assert sorted(file.name for file in panel.parent.glob("*.svg")) == [
        "out-logins-bins.svg",
        "out-logins.svg",
    ]
    assert "No chart was drawn." in done.err


def test_several_accounts_want_the_one_to_draw(panel: Path, tenure: Any) -> None:
    out = panel.parent / "one.svg"

    done = tenure("trajectory", "--panel", str(panel), "--value", "logins", "--plot", str(out))

    assert done.code == 2
    assert "--of" in done.err


def test_a_record_and_a_forecast_are_drawn_beside_their_answers(
    tmp_path: Path, tenure: Any
) -> None:
    pytest.importorskip("vl_convert")
    book, renewals = tmp_path / "book.csv", tmp_path / "renewals.csv"
    with book.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["account_id", "as_of", "churned", "logins"])
        for quarter in range(10):
            day = f"{2024 + quarter // 4}-{3 * (quarter % 4) + 1:02}-01"
            for n in range(60):
                left = int((7 * n + quarter) % 11 == 0)
                writer.writerow([f"A{n}", day, left, 5 + (n % 7) - 4 * left])
    with renewals.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["account_id", "due", "churned", "arr", "logins"])
        for n in range(90):
            due = f"{2024 + n // 40}-{n % 12 + 1:02}-15"
            lost = "" if n >= 80 else int(n % 9 == 0)
            writer.writerow([f"A{n}", due, lost, 1000, 3 if n % 9 == 0 else 8 + n % 5])

    told = tenure(
        "backtest",
        "--panel",
        book,
        "--plot",
        tmp_path / "b.svg",
        "--json",
    )
    assert told.code == 0, told.err
    assert told.data["verdict"]["word"]
    ahead = tenure("forecast", "--panel", renewals, "--plot", tmp_path / "f.svg", "--json")
    assert ahead.code == 0, ahead.err

    assert sorted(file.name for file in tmp_path.glob("*.svg")) == [
        "b-contenders.svg", "b.svg", "f.svg",
    ]  # fmt: skip
    refused = tenure("forecast", "--panel", book, "--due", "as_of", "--plot", tmp_path / "no.svg")
    assert not (tmp_path / "no.svg").exists()
    assert refused.code == 2 or "No chart was drawn." in refused.err


@pytest.mark.parametrize("command", ["backtest", "forecast"])
def test_a_score_too_is_told_of_a_wrong_kind_before_the_table_is_read(
    command: str, tmp_path: Path, tenure: Any
) -> None:
    done = tenure(command, "--panel", str(tmp_path / "no.csv"), "--plot", "a.pdf")

    assert done.code == 2
    assert ".svg, .png or .html" in done.err
