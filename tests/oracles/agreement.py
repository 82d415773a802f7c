"""Comparing an answer with the oracle, path by path: money exactly, ratios to 1e-12, reasons word for word."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracles.reading import Anything, Either, Missing

ABSENT = object()
ROW = ("account_id", "movement_date", "movement_type", "arr_delta", "arr_before", "arr_after")


def disagreements(answer: Any, expected: dict[str, Any]) -> list[str]:
    """One sentence per difference; names the oracle does not know are not looked at."""
    found = []
    for name, want in expected.items():
        got = answer.value if name == "value" else answer.components.get(name, ABSENT)
        if name == "value" and isinstance(want, Missing):
            if got is not None or answer.unknown != want.reason:
                found.append(f"value: {got!r} ({answer.unknown}) is not Unknown ({want.reason})")
            continue
        found += differences(name, in_order(name, got), want, dict(answer.reasons))
    return found


def in_order(name: str, got: Any) -> Any:
    """Lists whose order means nothing, sorted; currency rows are compared in the roll-forward."""
    if name == "movements" and isinstance(got, list | tuple):
        moves = [{key: row[key] for key in ROW} for row in got if row["movement_type"] != "fx"]
        return sorted(moves, key=lambda row: (row["account_id"], str(row["movement_date"])))
    return sorted(got) if name == "stale" and isinstance(got, list | tuple) else got


def differences(path: str, got: Any, want: Any, reasons: dict[str, str]) -> list[str]:
    """Differences at and below one path."""
    if isinstance(want, Anything) or (isinstance(want, Either) and got in want):
        return []
    if got is ABSENT:
        return [] if want in (0, {}, []) else [f"{path}: absent, the oracle says {told(want)}"]
    if isinstance(want, Missing):
        if got is not None:
            return [f"{path}: {got!r}, the oracle says Unknown ({want.reason})"]
        said = reasons.get(path)
        return (
            []
            if said == want.reason
            else [f"{path}: Unknown ({said}), the oracle says {want.reason}"]
        )
    if isinstance(want, dict) and isinstance(got, dict):
        return _maps(path, got, want, reasons)
    if isinstance(want, list) and isinstance(got, list | tuple):
        return _lists(path, list(got), want, reasons)
    if isinstance(want, int | Fraction) and not isinstance(want, bool):
        return (
            []
            if same_number(got, Fraction(want))
            else [f"{path}: {got!r}, the oracle says {told(want)}"]
        )
    same = got == want or (isinstance(want, date) and str(got) == want.isoformat())
    return [] if same else [f"{path}: {got!r}, the oracle says {want!r}"]


def same_number(got: Any, want: Fraction) -> bool:
    """Exact where the number can be written down; a third of a cent is compared to 4 decimals."""
    if got is None or isinstance(got, bool | str):
        return False
    if isinstance(got, float):
        return abs(Fraction(got) - want) <= Fraction(1, 10**12) * max(1, abs(want))
    if (10**12 * want).denominator == 1:
        return abs(Fraction(got) - want) <= abs(want) / 10**20  # a quotient keeps 28 digits
    return abs(Fraction(got) - want) <= Fraction(1, 10000)


def told(want: Any) -> str:
    """A number as a person reads it."""
    return (
        str(Decimal(want.numerator) / want.denominator)
        if isinstance(want, Fraction)
        else repr(want)
    )


def _maps(
    path: str, got: dict[Any, Any], want: dict[Any, Any], reasons: dict[str, str]
) -> list[str]:
    got = {str(key): value for key, value in got.items()}
    want = {str(key): value for key, value in want.items()}
    found = []
    for key in sorted(got.keys() | want.keys()):
        if key in want:
            found += differences(f"{path}.{key}", got.get(key, ABSENT), want[key], reasons)
        elif got[key] not in (0, None, {}, []):
            found.append(f"{path}.{key}: {got[key]!r}, the oracle has no such row")
    return found


def _lists(path: str, got: list[Any], want: list[Any], reasons: dict[str, str]) -> list[str]:
    if len(got) != len(want):
        return [f"{path}: {len(got)} entries, the oracle has {len(want)}: {got!r} against {want!r}"]
    found = []
    for position, (one, other) in enumerate(zip(got, want, strict=True)):
        found += differences(f"{path}.{position}", one, other, reasons)
    return found
