"""The wheel alone, without anything for developers, computes a metric. Slow: only with --run-smoke."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from repository import ROOT

FACTS = ROOT / "tests" / "counting_company" / "facts"
QUIET = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


@pytest.fixture(scope="module")
def bare(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of a fresh environment that holds the wheel and what it depends on."""
    if not request.config.getoption("--run-smoke") and not os.environ.get("TENURE_RUN_SMOKE"):
        pytest.skip("slow: run `make smoke`, or set TENURE_RUN_SMOKE")
    folder = tmp_path_factory.mktemp("bare")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    run([*build, str(ROOT)])
    venv.create(folder / "env", with_pip=True)
    wheel = next(folder.glob("*.whl"))
    constraints = ROOT / "constraints.txt"
    limits = ["--constraint", str(constraints)] if constraints.exists() else []
    run([str(folder / "env/bin/python"), "-m", "pip", "install", "--quiet", *limits, str(wheel)])
    return folder / "env" / "bin"


def run(command: list[str], cwd: Path | None = None) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | QUIET, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_a_bare_install_imports_files_and_computes_a_metric(bare: Path, tmp_path: Path) -> None:
    tenure = str(bare / "tenure")
    run([tenure, "init", "company"], cwd=tmp_path)
    run([tenure, "import", str(FACTS), "--workspace", "company"], cwd=tmp_path)

    said = run(
        [tenure, "metric", "nrr", "--as-of", "2026-03-31", "--workspace", "company", "--json"],
        cwd=tmp_path,
    )

    assert json.loads(said)["value"] == pytest.approx(708 / 740)


def test_a_bare_install_holds_nothing_for_developers(bare: Path) -> None:
    listed = json.loads(run([str(bare / "python"), "-m", "pip", "list", "--format", "json"]))

    assert {entry["name"].lower() for entry in listed} & {
        "pandas",
        "pytest",
        "mypy",
        "ruff",
    } == set()


def test_a_bare_install_simulates_and_shows_an_overview(bare: Path, tmp_path: Path) -> None:
    tenure = str(bare / "tenure")
    run([tenure, "simulate", "exports", "--accounts", "20", "--months", "14"], cwd=tmp_path)
    run([tenure, "init", "company"], cwd=tmp_path)
    run([tenure, "import", "exports", "--workspace", "company"], cwd=tmp_path)

    assert "ARR in force" in run([tenure, "overview", "--workspace", "company"], cwd=tmp_path)
