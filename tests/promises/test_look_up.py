"""The look-up pages are what the code and its declarations say, and every code is explained."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from repository import ROOT

DOCS = ROOT / "docs"
LOOK_UP = DOCS / "look-up"


@pytest.fixture(scope="module")
def generate() -> Any:
    """The generator as a module, as `python docs/generate.py` sees itself."""
    sys.path.insert(0, str(DOCS))
    try:
        import generate

        return generate
    finally:
        sys.path.remove(str(DOCS))


def test_every_page_is_what_the_generator_writes(generate: Any) -> None:
    wanted = generate.pages()
    there = {
        path.relative_to(LOOK_UP).as_posix(): path.read_text(encoding="utf-8")
        for path in LOOK_UP.rglob("*.md")
    }

    differing = [
        name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name)
    ]
    assert sorted(differing) == [], "run `make docs`"


def test_every_code_the_source_can_raise_is_explained(generate: Any) -> None:
    lacking = generate.unexplained(generate.raised(), generate.explained())

    assert {kind: codes for kind, codes in lacking.items() if codes} == {}


def test_no_page_explains_a_code_that_is_gone(generate: Any) -> None:
    gone = generate.never_raised(generate.raised(), generate.explained())

    assert {kind: codes for kind, codes in gone.items() if codes} == {}


def test_a_new_code_without_an_explanation_is_noticed(generate: Any, tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text(
        'def f():\n    raise UserError("x", code="planted.error")\n'
        'NOTE = Note("notice", "planted.note", "says")\n'
        'P = Problem("planted.problem", "", "says", "remedy")\n'
        'F = Finding(rule="planted.finding", says="x")\n'
        'SQL = {"rule": "\'planted.sql\'"}\n'
    )

    lacking = generate.unexplained(generate.raised(tmp_path), generate.explained())

    assert lacking["errors"] == {"planted.error"}
    assert lacking["findings"] == {
        "planted.note",
        "planted.problem",
        "planted.finding",
        "planted.sql",
    }


def test_every_finding_of_the_counting_company_is_explained(
    generate: Any, counting_company: Any
) -> None:
    from tenure.facts.table import tables

    known = set(generate.explained().findings) | {
        rule.name for table in tables().values() for rule in table.rules
    }

    assert {finding["rule"] for finding in counting_company.findings()} <= known


def test_the_generator_runs_from_anywhere(tmp_path: Path) -> None:
    code = f"import runpy; runpy.run_path({str(DOCS / 'generate.py')!r}, run_name='generate')"

    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(DOCS)!r}); {code}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
