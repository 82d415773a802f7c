"""Every call that commits, renames, links, syncs or removes stands in a function between two crash points."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tenure" / "lake"

LASTING = {
    "write_deltalake",
    "fsync",
    "fdatasync",
    "rename",
    "replace",
    "link",
    "hardlink_to",
    "symlink_to",
    "unlink",
    "rmtree",
    "create_checkpoint",
    "compact",
    "vacuum",
    "add_columns",
}
"""Names of calls after which the disk is another. `str.replace` is told apart by its two arguments."""

HARMLESS = {
    "sweep": "removes what a removal left; a kill leaves it to the next sweep",
    "spark_sql": "replaces parts of a statement's tree; touches no file",
}


def lasting_calls(function: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        name = (
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        )
        is_text = name == "replace" and (len(node.args) != 1 or bool(node.keywords))
        is_table_made = (
            name == "create"
            and isinstance(node.func, ast.Attribute)
            and getattr(node.func.value, "id", "") == "DeltaTable"
        )
        if (name in LASTING and not is_text) or is_table_made:
            yield node.lineno, name


def point_lines(function: ast.AST) -> list[int]:
    return [
        n.lineno
        for n in ast.walk(function)
        if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "point"
    ]


def unguarded(text: str) -> list[str]:
    found = []
    for function in ast.walk(ast.parse(text)):
        if not isinstance(function, ast.FunctionDef) or function.name in HARMLESS:
            continue
        points = point_lines(function)
        for line, name in lasting_calls(function):
            if not (any(p < line for p in points) and any(p > line for p in points)):
                found.append(f"{function.name}:{line} {name}")
    return found


@pytest.mark.parametrize("file", sorted(SOURCE.rglob("*.py")), ids=lambda path: path.name)
def test_every_lasting_call_stands_between_two_points(file: Path) -> None:
    assert unguarded(file.read_text(encoding="utf-8")) == []


def test_a_rename_without_points_would_be_found() -> None:
    text = "def f(a, b):\n    point('x.before')\n    a.replace(b)\n"
    assert unguarded(text) == ["f:3 replace"]
    assert unguarded(text + "    point('x.after')\n") == []
    assert unguarded("def f(a):\n    return a.replace('x', 'y')\n") == []


def test_the_lake_has_lasting_calls_to_guard() -> None:
    found = {
        name
        for file in SOURCE.rglob("*.py")
        for _, name in lasting_calls(ast.parse(file.read_text()))
    }
    assert {
        "write_deltalake",
        "fsync",
        "replace",
        "create",
        "compact",
        "unlink",
        "add_columns",
        "create_checkpoint",
    } <= found
