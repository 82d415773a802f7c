"""What the house rules promise about every file of the repository."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from repository import ROOT, SOURCE, committed, python_files, shown, syntax

PYTHON_LINES, FUNCTION_LINES, PARAMETERS, TOML_LINES = 450, 60, 7, 60
METRIC_LINES = 105
"""Two screens: measures, parts, caveats, references and the worked example of one metric."""
LONGER_FILES: dict[str, str] = {}
"""Python files over the ceiling, each with its reason."""

LONGER_DECLARATIONS = {
    "facts/mappings/": "a foreign export has as many columns as it has",
    "facts/tables/": "one entry per column; splitting a table would hide half of it",
    "facts/shapes/": "one entry per column, as in a table",
    "metrics/catalogue/": "prose for its reader stands in the file; two screens at most, see below",
}
VAGUE = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "base",
    "misc",
    "manager",
    "service",
    "core",
}
MONEY = re.compile(r"(^|_)(arr|mrr|amount|price|revenue|acv|tcv|arpa|money|invoice)(_|$)")
SHARE = re.compile(r"_(spread|share|rate|ratio|growth)$")
MONEY_MAY_BE_FLOAT = {"cli/output.py": "turns amounts into text, read back from JSON"}
# Written in two halves each, so that this file itself holds no such word.
HALVES = (
    (r"pypi\.org/", "simple"),
    ("index", "-url"),
    ("extra", "-index"),
    ("PIP", "_INDEX"),
    ("--find", "-links"),
)
INDEX_ADDRESS = re.compile("|".join(map("".join, HALVES)))
MACHINE_PATH = re.compile(r"(?<![\w.\"'`/-])/(work|home|Users|root|opt|mnt)/[a-z]")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def size_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end without the docstring, which is meant to say all it must."""
    whole = (node.end_lineno or node.lineno) - node.lineno + 1
    if ast.get_docstring(node) is None:
        return whole
    said = node.body[0]
    return whole - ((said.end_lineno or said.lineno) - said.lineno + 1)


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_python_file_is_longer_than_its_ceiling() -> None:
    long = {shown(path): lines(path) for path in python_files(ROOT) if lines(path) > PYTHON_LINES}

    assert {name: size for name, size in long.items() if name not in LONGER_FILES} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{shown(path)}:{node.lineno} {node.name} has {size} lines"
        for path in python_files()
        for node in functions(path)
        if (size := size_of(node)) > FUNCTION_LINES
    ]

    assert long == []


def test_a_function_takes_at_most_seven_things_and_the_command_line_as_many_as_it_has_options() -> (
    None
):
    many = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in python_files()
        for node in functions(path)
        if len(node.args.args)
        - (node.args.args[:1] != [] and node.args.args[0].arg in ("self", "cls"))
        > PARAMETERS
        and not any("app.command" in ast.unparse(d) for d in node.decorator_list)
    ]

    assert many == []


def test_no_declaration_is_longer_than_its_ceiling_without_a_reason() -> None:
    long = [
        shown(path)
        for path in committed()
        if path.suffix == ".toml" and SOURCE in path.parents and lines(path) > TOML_LINES
    ]

    assert [name for name in long if not any(part in name for part in LONGER_DECLARATIONS)] == []


def test_no_metric_fills_more_than_two_screens() -> None:
    catalogue = SOURCE / "metrics" / "catalogue"
    long = {
        shown(path): lines(path)
        for path in committed()
        if path.suffix == ".toml" and catalogue in path.parents and lines(path) > METRIC_LINES
    }

    assert long == {}


def test_every_reason_for_length_is_still_needed() -> None:
    long = [
        shown(path)
        for path in committed()
        if path.suffix == ".toml" and SOURCE in path.parents and lines(path) > TOML_LINES
    ]

    assert [part for part in LONGER_DECLARATIONS if not any(part in name for name in long)] == []


def test_nothing_is_printed_past_the_faces() -> None:
    printing = [
        f"{shown(path)}:{node.lineno}"
        for path in python_files()
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
    ]

    assert printing == []


def test_only_the_clock_reads_the_time() -> None:
    readers = [
        f"{shown(path)}:{node.lineno} {ast.unparse(node.func)}"
        for path in python_files()
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("now", "today", "utcnow", "time", "time_ns")
        and ast.unparse(node.func.value) in ("datetime", "date", "time", "datetime.datetime")
        and not (node.func.attr == "time" and node.args)
    ]

    assert [place for place in readers if "kernel/clock.py" not in place] == []
    assert len(readers) == 1


def test_money_is_never_declared_as_a_float() -> None:
    floats = [
        f"{shown(path)}:{node.lineno} {name}"
        for path in python_files()
        if path.relative_to(SOURCE).as_posix() not in MONEY_MAY_BE_FLOAT
        for node, name, hint in annotated(path)
        if MONEY.search(name) and not SHARE.search(name) and re.search(r"\bfloat\b", hint)
    ]

    assert floats == []


def annotated(path: Path) -> Iterator[tuple[ast.AST, str, str]]:
    """Every annotated name of a file: attributes, variables, arguments, and functions by what they return."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.AnnAssign):
            yield node, ast.unparse(node.target), ast.unparse(node.annotation)
        elif isinstance(node, ast.arg) and node.annotation is not None:
            yield node, node.arg, ast.unparse(node.annotation)
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            yield node, node.name, ast.unparse(node.returns)


def test_no_address_of_a_package_index_is_committed() -> None:
    assert mentions(INDEX_ADDRESS) == []


def test_no_absolute_path_of_a_machine_is_committed() -> None:
    assert mentions(MACHINE_PATH) == []


def mentions(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in committed():
        if path == Path(__file__):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{shown(path)}:{number} {line.strip()[:80]}"
            for number, line in enumerate(text.splitlines(), start=1)
            if pattern.search(line)
        ]
    return found


def test_the_checks_for_addresses_and_paths_notice_one() -> None:
    assert INDEX_ADDRESS.search("--index" + "-url https://example.org")
    assert MACHINE_PATH.search("see /home/someone/tenure")
    assert not MACHINE_PATH.search("docs/home/page")


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = {
        shown(path)
        for path in python_files(ROOT)
        if path.stem in VAGUE or path.parent.name in VAGUE
    }

    assert named == set()


def test_every_package_says_what_it_is_for() -> None:
    silent = [
        shown(p)
        for p in python_files()
        if p.name == "__init__.py" and not ast.get_docstring(syntax(p))
    ]

    assert silent == []


def test_every_layer_says_what_it_may_import_and_does_not_promise() -> None:
    layers = sorted(SOURCE.glob("*/__init__.py"))
    lacking = [
        shown(path)
        for path in layers
        if not (text := ast.get_docstring(syntax(path)) or "")
        or not re.search(r"[Ii]mports? ", text)
        or not re.search(r"[Dd]oes not promise", text)
    ]

    assert len(layers) >= 6
    assert lacking == []


def test_every_module_says_what_it_is_for() -> None:
    assert [shown(path) for path in python_files() if not ast.get_docstring(syntax(path))] == []
