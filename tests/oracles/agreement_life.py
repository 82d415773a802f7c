"""Comparing an answer with the oracle's: counts, days and words exactly, ratios and slopes to 1e-9, reasons word for word.

Stricter than the agreement of the revenue metrics: an account may not be absent from a map.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracles.reading import Missing

ABSENT = object()
LOOSE = ("time_share", "arr_share", "gap", "n", "by_csm", "overdue_by_account")
"""Maps in which no key, 0 and an empty list say the same: their keys are not the accounts on file."""


def disagreements(answer: Any, expected: dict[str, Any]) -> list[str]:
    """One sentence per difference between an Answer and the oracle's components; names it lacks are not looked at."""
    found: list[str] = []
    reasons = dict(answer.reasons)
    for name, want in expected.items():
        if name == "cuts":
            found += _cuts(answer.cuts, want)
        elif name == "value":
            found += differences("value", answer.value, want, {"value": answer.unknown})
        else:
            found += differences(name, answer.components.get(name, ABSENT), want, reasons)
    return found


def differences(path: str, got: Any, want: Any, reasons: dict[str, Any]) -> list[str]:
    """Differences at and below one path."""
    if got is ABSENT:
        return [f"{path}: absent, the oracle says {told(want)}"]
    if isinstance(want, Missing):
        said = reasons.get(path)
        if got is None and said == want.reason:
            return []
        return [f"{path}: {got!r} ({said}), the oracle says Unknown ({want.reason})"]
    if isinstance(want, dict):
        if isinstance(got, dict):
            return _maps(path, got, want, reasons)
        return [f"{path}: {got!r} ({reasons.get(path)}), the oracle has a map: {told(want)}"]
    if isinstance(want, list):
        same = isinstance(got, list | tuple) and list(got) == want
    elif isinstance(want, bool | str):
        same = type(got) is type(want) and got == want
    elif isinstance(want, date):
        same = str(got) == want.isoformat()
    else:
        same = same_number(got, want)
    return [] if same else [f"{path}: {got!r} ({reasons.get(path)}), the oracle says {told(want)}"]


def same_number(got: Any, want: int | Fraction) -> bool:
    """Whole numbers are equal or not; what was divided may differ in the tenth digit."""
    if not isinstance(got, int | float | Decimal | Fraction) or isinstance(got, bool):
        return False
    if isinstance(want, int):
        return got == want
    return abs(Fraction(got) - want) <= max(Fraction(1, 10**12), abs(want) / 10**9)


def told(want: Any) -> str:
    """The oracle's word, numbers as a person reads them."""
    if isinstance(want, Fraction):
        return str(Decimal(want.numerator) / want.denominator)
    if isinstance(want, dict):
        return "{" + ", ".join(f"{key}: {told(one)}" for key, one in want.items()) + "}"
    return repr(want)


def _maps(path: str, got: dict[Any, Any], want: dict[str, Any], reasons: Any) -> list[str]:
    found = []
    loose, record = path in LOOSE, "." in path  # a record may say more than was asked
    for key in sorted(got.keys() | want.keys()):
        if key not in want:
            if not record and not (loose and got[key] in (0, None, [])):
                found.append(f"{path}.{key}: {got[key]!r}, the oracle has no such row")
        elif not (loose and key not in got and want[key] == 0):
            found += differences(f"{path}.{key}", got.get(key, ABSENT), want[key], reasons)
    return found


def _cuts(cuts: Any, want: dict[str, Any]) -> list[str]:
    """The rows per cut; a reason of a part is looked for on the cut itself."""
    got = {cut.key: cut for cut in cuts}
    found = [f"cuts.{key}: absent" for key in sorted(want.keys() - got.keys())]
    for key in sorted(want.keys() & got.keys()):
        reasons = dict.fromkeys((f"cuts.{key}.{name}" for name in want[key]), got[key].reason)
        for name, one in want[key].items():
            part = got[key].components.get(name, ABSENT)
            found += differences(f"cuts.{key}.{name}", part, one, reasons)
    return found
