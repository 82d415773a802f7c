"""The pages of codes: what the source can raise, found in its syntax, joined with what `codes.toml` says."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tenure.facts.table import shapes, tables
from tenure.kernel import errors
from tenure.kernel.declare import load
from tenure.kernel.errors import TenureError

DOCS = Path(__file__).resolve().parents[1]
SOURCE = DOCS.parent / "src" / "tenure"
CODE = re.compile(r"'?([a-z_]+\.[a-z_]+)'?")
NAMED_FIRST = {"Problem": 0, "note": 0, "Complaint": 0, "Note": 1}
"""Calls that take a code by position, and where."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means and what to do."""

    says: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Codes:
    """Every code that is explained, by kind."""

    errors: dict[str, Meaning]
    findings: dict[str, Meaning]
    complaints: dict[str, Meaning]


@dataclass(frozen=True, slots=True)
class Raised:
    """One place that raises a code: by which call (or class), in which file of the source."""

    code: str
    by: str
    file: str


def explained() -> Codes:
    """The codes of `docs/codes.toml`."""
    return load(Codes, DOCS / "codes.toml")


def raised(source: Path = SOURCE) -> list[Raised]:
    """Every code in the source: `code=` and `rule=`, classes' own codes, and codes given by position."""
    found = []
    for file in sorted(source.rglob("*.py")):
        name = file.relative_to(source).as_posix()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            found += [Raised(code, by, name) for code, by in _codes_of(node)]
    return found


def _codes_of(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.ClassDef):
        for line in node.body:
            if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code":
                yield from ((code, node.name) for code in _texts(line.value))
    if isinstance(node, ast.Dict):  # a finding written as SQL: {"rule": "'id.reused'", ...}
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "rule":
                yield from ((code, "Finding") for code in _dotted(value))
    if not isinstance(node, ast.Call):
        return
    by = ast.unparse(node.func).rpartition(".")[2]
    for keyword in node.keywords:
        if keyword.arg == "code":
            yield from ((code, by) for code in _texts(keyword.value))
        if keyword.arg == "rule":
            yield from ((code, "Finding") for code in _dotted(keyword.value))
    if by in NAMED_FIRST and len(node.args) > NAMED_FIRST[by]:
        yield from ((code, by) for code in _dotted(node.args[NAMED_FIRST[by]]))
    if by == "_refuse":
        yield from ((code, "Finding") for argument in node.args for code in _dotted(argument))


def _texts(node: ast.expr) -> list[str]:
    constants = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
    return [value for value in constants if isinstance(value, str) and value]


def _dotted(node: ast.expr) -> list[str]:
    return [match[1] for text in _texts(node) if (match := CODE.fullmatch(text))]


def kinds(places: list[Raised]) -> dict[str, set[str]]:
    """The codes raised as errors, findings and complaints; a stopped file is an error and a finding."""
    found: dict[str, set[str]] = {"errors": set(), "findings": set(), "complaints": set()}
    for place in places:
        if place.by == "Complaint":
            found["complaints"].add(place.code)
        elif place.by in ("Problem", "note", "Note", "Finding"):
            found["findings"].add(place.code)
        else:
            found["errors"].add(place.code)
            if place.by == "Stopped":
                found["findings"].add(place.code)
    return found


def unexplained(places: list[Raised], codes: Codes) -> dict[str, set[str]]:
    """What the source raises and `codes.toml` does not explain, by kind."""
    return {kind: own - set(getattr(codes, kind)) for kind, own in kinds(places).items()}


def never_raised(places: list[Raised], codes: Codes) -> dict[str, set[str]]:
    """What `codes.toml` explains and the source never raises, by kind."""
    return {kind: set(getattr(codes, kind)) - own for kind, own in kinds(places).items()}


def exit_codes(places: list[Raised]) -> dict[str, int]:
    """The exit status of each error code."""
    own = {name: kind for name, kind in vars(errors).items() if _is_error(kind)}
    inherited = {"Stopped": errors.SourceError, "SyncFailed": errors.LakeError}
    known = own | inherited
    return {place.code: known[place.by].exit_code for place in places if place.by in known}


def _is_error(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, TenureError)


def errors_page() -> str:
    """Every error: its code, exit status, meaning and remedy."""
    places = raised()
    status = exit_codes(places)
    rows = ["| code | exit | what happened | what to do |", "|---|---|---|---|"]
    rows += [
        f"| `{code}` | {status.get(code, '')} | {_cell(meaning.says)} | {_cell(meaning.remedy)} |"
        for code, meaning in sorted(explained().errors.items())
    ]
    return (
        "\n\n".join(
            [
                "# Errors",
                "An error stops the work. Its message says what happened, where, and what to do; with `--json` it is",
                '    {"error": {"code": "period.half", "what": "...", "where": "...", "remedy": "..."}}',
                "The exit status is 0 when all went well, 1 when rows were refused, 2 for wrong use or settings, 3 when a "
                "source was refused or asks a question, 4 for the store, 70 for a bug of ours.",
                "\n".join(rows),
            ]
        )
        + "\n"
    )


def findings_page() -> str:
    """Every finding on rows and numbers, the tables' own rules, and what `tenure doctor` can say."""
    codes = explained()
    return (
        "\n\n".join(
            [
                "# Findings",
                "A finding is something noticed, never an error that stops: *error* means the row is refused and kept aside "
                "(`tenure refused`), *warning* that it is kept and marked or cleaned, *notice* that it is worth knowing. "
                "Findings of an import are listed by `tenure findings`; those of a number stand in its answer.",
                "## On rows and numbers",
                _table(codes.findings, _files(raised())),
                "## Rules of the tables",
                "\n".join(_rules()),
                "## What `tenure doctor` says",
                _table(codes.complaints, {}),
            ]
        )
        + "\n"
    )


def _files(places: list[Raised]) -> dict[str, set[str]]:
    """By code, whether imports or answers show it."""
    found: dict[str, set[str]] = defaultdict(set)
    for place in places:
        found[place.code].add("answer" if place.file.startswith("metrics/") else "import")
    return found


def _table(meanings: Mapping[str, Meaning], where: Mapping[str, set[str]]) -> str:
    rows = ["| code | on | means | what to do |", "|---|---|---|---|"]
    for code, meaning in sorted(meanings.items()):
        shown = ", ".join(sorted(where.get(code, {"store"}) if where else {"store"}))
        rows.append(f"| `{code}` | {shown} | {_cell(meaning.says)} | {_cell(meaning.remedy)} |")
    return "\n".join(rows)


def _rules() -> list[str]:
    rows = ["| rule | table | a row that | level | what to do |", "|---|---|---|---|---|"]
    for name, table in sorted((tables() | shapes()).items()):
        for rule in table.rules:
            rows.append(
                f"| `{rule.name}` | [{name}](tables/{name}.md) | {_cell(rule.says)} | {rule.level} "
                f"| {_cell(rule.remedy)} |"
            )
    return rows


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
