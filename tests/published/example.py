"""One published example: its citation, its canonical rows, what is asked of them and what must come back.

The files in `examples/` are data. In a row, `copies = 3` stands for three rows and `{n}` in its texts for 1, 2, 3.
A number is exact, a text like "73750/83333" is a fraction, and `printed` holds figures as the source prints them,
compared at the precision it prints.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "examples"
# Ratios come back as binary floats and thirds of a dollar as long decimals: far below anything a source prints.
NEAR_ENOUGH = Fraction(1, 10**9)


@dataclass(frozen=True, slots=True)
class Ask:
    """One call and what the publication (or our reading of it) says must come back."""

    metric: str
    parameters: Mapping[str, Any]
    expected: Mapping[str, Any]
    unknown: str | None
    printed: Mapping[str, str]
    not_ours: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Example:
    """A published case. `agrees` is False where the source errs or uses a convention that Tenure does not offer."""

    name: str
    title: str
    agrees: bool
    is_listed: bool
    cite: Mapping[str, Any]
    differs: Mapping[str, str]
    workspace: Mapping[str, Any]
    rows: Mapping[str, list[dict[str, Any]]]
    asks: tuple[Ask, ...]


def read(path: Path) -> Example:
    """The example in a file, with its copies written out."""
    with path.open("rb") as file:
        page = tomllib.load(file, parse_float=Decimal)
    return Example(
        name=path.stem,
        title=page["title"],
        agrees={"agrees": True, "differs": False}[page["stands"]],
        is_listed=not page.get("beyond_the_list", False),
        cite=page["cite"],
        differs=page.get("differs", {}),
        workspace=page["workspace"],
        rows={
            table: [one for row in rows for one in _copies(row)]
            for table, rows in page["rows"].items()
        },
        asks=tuple(_ask(said) for said in page["asks"]),
    )


def examples() -> list[Example]:
    """Every example of the folder, by name."""
    return [read(path) for path in sorted(FOLDER.glob("*.toml"))]


def _copies(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    plain = {column: cell for column, cell in row.items() if column != "copies"}
    for number in range(1, row.get("copies", 1) + 1):
        yield {
            column: cell.replace("{n}", str(number)) if isinstance(cell, str) else cell
            for column, cell in plain.items()
        }


def _ask(said: Mapping[str, Any]) -> Ask:
    known = {"metric", "parameters", "value", "unknown", "components", "printed", "not_ours"}
    if stray := said.keys() - known:
        raise ValueError(f"an ask says {sorted(stray)}, which nothing reads")
    expected = dict(said.get("components", {}))
    if "value" in said:
        expected["value"] = said["value"]
    return Ask(
        metric=said["metric"],
        parameters=said["parameters"],
        expected=expected,
        unknown=said.get("unknown"),
        printed=said.get("printed", {}),
        not_ours=said.get("not_ours", {}),
    )


def disagreements(ask: Ask, answer: Any) -> list[str]:
    """What an answer (value, unknown, components) has otherwise than the example, as sentences."""
    found = {**answer.components, "value": answer.value}
    said = list(_unequal(ask.metric, ask.expected, found))
    if answer.unknown != ask.unknown:
        said.append(f"{ask.metric}: unknown is {answer.unknown!r}, expected {ask.unknown!r}")
    if ask.unknown is not None and answer.value is not None:
        said.append(f"{ask.metric}: an unknown answer has the value {answer.value!r}")
    for name, text in ask.printed.items():
        ours = as_printed(found.get(name), text)
        if ours != _figure(text):
            said.append(
                f"{ask.metric}.{name}: the source prints {text}, ours at that precision is {ours}"
            )
    for name, text in ask.not_ours.items():
        if as_printed(found.get(name), text) == _figure(text):
            said.append(
                f"{ask.metric}.{name}: ours has become {text}, which this example calls wrong"
            )
    return said


def _unequal(path: str, expected: Any, found: Any) -> Iterator[str]:
    if isinstance(expected, Mapping):
        for name, part in expected.items():
            if not isinstance(found, Mapping) or name not in found:
                yield f"{path}.{name} is missing"
            else:
                yield from _unequal(f"{path}.{name}", part, found[name])
    elif isinstance(expected, list):
        if not isinstance(found, list | tuple) or len(found) != len(expected):
            yield f"{path}: {len(expected)} entries expected, found {found!r}"
        else:
            for place, (part, own) in enumerate(zip(expected, found, strict=True)):
                yield from _unequal(f"{path}.{place}", part, own)
    elif not _is_same(expected, found):
        yield f"{path}: expected {expected}, found {found!r}"


def _is_same(expected: Any, found: Any) -> bool:
    if isinstance(expected, bool) or found is None or isinstance(found, bool):
        return bool(expected is found)
    if isinstance(expected, date) or (isinstance(expected, str) and not _is_fraction(expected)):
        return str(expected) == str(found)
    try:
        return abs(Fraction(found) - Fraction(expected)) <= NEAR_ENOUGH
    except (TypeError, ValueError):
        return False


def _is_fraction(text: str) -> bool:
    return text.replace("/", "", 1).isdigit()


def as_printed(found: Any, text: str) -> Decimal | None:
    """`found` rounded half up to the precision `text` is printed with; a percentage is a hundredfold."""
    if found is None:
        return None
    hundredfold = Decimal(str(found)) * (100 if text.endswith("%") else 1)
    return hundredfold.quantize(_figure(text), rounding=ROUND_HALF_UP)


def _figure(text: str) -> Decimal:
    return Decimal(text.removesuffix("%"))
