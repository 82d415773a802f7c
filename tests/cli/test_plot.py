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
