"""Commands load an engine only when they read: the help of a program must not wait for a database."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ENGINES = ("duckdb", "deltalake", "pandas", "django", "sqlglot")
PROBE = """
import sys
from tenure.main import run
sys.argv = ["tenure", *sys.argv[1:]]
try:
    run()
except SystemExit as done:
    assert not done.code, done.code
sys.stderr.write("LOADED " + " ".join(sorted(n for n in {engines!r} if n in sys.modules)))
"""


def loaded_by(*words: str, folder: Path) -> set[str]:
    """The engines in memory after the command has run."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(engines=ENGINES), *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.rpartition("LOADED ")[2].split())


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["metric", "--help"], ["metrics"], ["metrics", "--json"]]
)
def test_a_command_that_reads_no_facts_loads_no_engine(words: list[str], tmp_path: Path) -> None:
    assert loaded_by(*words, folder=tmp_path) == set()


def test_a_metric_never_loads_a_frame_library_or_a_web_framework(counting_company: Any) -> None:
    words = ["metric", "nrr", "--as-of", "2026-03-31"]

    loaded = loaded_by(*words, folder=counting_company.folder)

    assert loaded & {"pandas", "django"} == set()
    assert "duckdb" in loaded
