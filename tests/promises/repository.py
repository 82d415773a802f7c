"""The files the repository consists of, and their syntax, for the promises about it."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "tenure"


@cache
def committed() -> tuple[Path, ...]:
    """Every file that git keeps or would keep; in an unpacked archive, every file of the source."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        return tuple(sorted(path for path in SOURCE.rglob("*") if path.is_file()))
    return tuple(sorted(p for line in listed.stdout.splitlines() if (p := ROOT / line).is_file()))


def python_files(folder: Path = SOURCE) -> list[Path]:
    """The Python files under `folder` that are committed."""
    return [path for path in committed() if path.suffix == ".py" and folder in path.parents]


@cache
def syntax(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def shown(path: Path) -> str:
    """The path as people name it."""
    return path.relative_to(ROOT).as_posix()
