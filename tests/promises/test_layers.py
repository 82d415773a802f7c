"""The street is walked one way: the layers hold, and a step back is noticed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from repository import ROOT


def linted(root: Path) -> subprocess.CompletedProcess[str]:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def copied(target: Path) -> Path:
    shutil.copytree(
        ROOT / "src", target / "src", ignore=shutil.ignore_patterns("__pycache__", "*.toml")
    )
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def test_no_layer_imports_to_its_right() -> None:
    done = linted(ROOT)

    assert done.returncode == 0, done.stdout


def test_an_upward_import_is_caught(tmp_path: Path) -> None:
    root = copied(tmp_path)
    with (root / "src/tenure/kernel/money.py").open("a") as file:
        file.write("\nfrom tenure.metrics.answer import Answer as Answer\n")

    done = linted(root)

    assert done.returncode != 0
    assert "tenure.kernel.money" in done.stdout


def test_an_engine_outside_the_lake_is_caught(tmp_path: Path) -> None:
    root = copied(tmp_path)
    with (root / "src/tenure/metrics/answer.py").open("a") as file:
        file.write("\nimport duckdb\n")

    done = linted(root)

    assert done.returncode != 0
    assert "duckdb" in done.stdout
