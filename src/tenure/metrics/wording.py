"""An answer as lines of text: the same words on the command line, in `explain` and wherever text is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from tenure.kernel.wording import counted, number, shown, unknown
from tenure.metrics.answer import Answer, plain
from tenure.metrics.declaration import Metric

MOST_ENTRIES = 8
ROWS_OF = {"arr_movements": "movement"}
"""Metrics whose value counts the rows of their answer, with the word for one."""


def headline(metric: Metric, answer: Answer) -> str:
    """The value in its unit, or Unknown with its reason."""
    if answer.value is None:
        return unknown(answer.unknown) if answer.unknown else "see the parts"
    if isinstance(answer.value, int) and metric.id in ROWS_OF and "movements" in answer.components:
        return counted(answer.value, ROWS_OF[metric.id])
    return shown(answer.value, metric.unit)


def when(answer: Answer, *, day: Callable[[date], str] = str) -> str:
    """The time it speaks of, how much it rests on, and which snapshot was read; `day` writes a day."""
    seen = day(answer.as_of)
    period = f"{answer.period}, seen from {seen}" if answer.period else f"on {seen}"
    n = "" if answer.n is None else f" · n = {answer.n:,}"
    return f"{period}{n} · snapshot {answer.snapshot}"


def part_lines(
    metric: Metric, answer: Answer, *, names: Mapping[str, str] | None = None, account: str = ""
) -> list[str]:
    """The components, one or a few lines each, in the order of the contract.

    `names` turns the ids of people into their names. Maps by the cut that was asked stand in `cut_lines`. Where one
    `account` was asked about, a map that holds nothing else is one value, and the value itself is not said again.
    """
    by = answer.method.get("by")
    said = metric.parts(answer.method.get("view"))
    lines = []
    for name, value in answer.components.items():
        if answer.cuts and by is not None and name.endswith(f"_by_{by}"):
            continue
        if account and isinstance(value, Mapping) and set(value) == {account}:
            lines += (
                [] if name == "by_account" else [_alone(name, value, answer, said.get(name, ""))]
            )
            continue
        lines += _part(name, value, answer, said.get(name, ""), names or {})
    return lines


def cut_lines(
    metric: Metric, answer: Answer, *, names: Mapping[str, str] | None = None
) -> list[str]:
    """One line per cut: its name, value and n."""
    lines = []
    for cut in answer.cuts:
        known = "see the parts" if cut.reason is None else unknown(cut.reason)
        value = known if cut.value is None else shown(cut.value, metric.unit)
        lines.append(f"{named(cut.key, names or {}):<28} {value:>16}   n = {cut.n:,}")
    return lines


def note_lines(answer: Answer) -> list[str]:
    """What to keep in mind, one line per finding."""
    return [
        f"{note.level}: {note.says}" + (f" {note.remedy}" if note.remedy else "")
        for note in answer.findings
    ]


def named(key: str, names: Mapping[str, str]) -> str:
    """A person's name with the id, or the key as it is."""
    return f"{names[key]} ({key})" if names.get(key) else key


def _part(
    name: str, value: Any, answer: Answer, meaning: str, names: Mapping[str, str]
) -> list[str]:
    if value is None:
        return [f"{name:<30} {unknown(answer.reasons.get(name))}"]
    if isinstance(value, Mapping):
        if len(value) == 0:
            return [f"{name:<30} none"]
        lines = [f"{name:<30} {counted(len(value), 'entry', 'entries')}"]
        for key, item in list(value.items())[:MOST_ENTRIES]:
            said = _of(key, meaning) or meaning
            text = unknown(answer.reasons.get(f"{name}.{key}")) if item is None else one(item, said)
            lines.append(f"  {named(str(key), names):<28} {text}")
        if len(value) > MOST_ENTRIES:
            lines.append(f"  … {len(value) - MOST_ENTRIES:,} more; --json shows all")
        return lines
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) > MOST_ENTRIES:
        return [f"{name:<30} {counted(len(value), 'entry', 'entries')}"]
    return [f"{name:<30} {one(value, meaning)}"]


def _alone(name: str, value: Mapping[str, Any], answer: Answer, meaning: str) -> str:
    """A map with one entry, as that entry."""
    ((key, item),) = value.items()
    why = answer.reasons.get(f"{name}.{key}")
    return f"{name:<30} {unknown(why) if item is None else one(item, _of(key, meaning) or meaning)}"


def one(value: Any, meaning: str = "") -> str:
    """One value without Python's marks; a float is a ratio where its meaning says so."""
    if value is None:
        return "Unknown"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {one(item, _of(key, meaning))}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(one(item, meaning) for item in value) or "none"
    if isinstance(value, bool):
        return shown(value, "")
    if isinstance(value, float):
        return shown(value, "ratio") if _is_ratio(meaning) else number(value)
    if isinstance(value, Decimal | int):
        return shown(value, "money")
    return str(plain(value))


def _is_ratio(meaning: str) -> bool:
    """Whether the words say that the part, or each entry of the map, is a ratio."""
    return re.match(r"(map of .* to |list of )?ratio", meaning) is not None


def _of(key: Any, meaning: str) -> str:
    """The unit that stands behind a name of a record: `previous (ratio), change_pp (points)`."""
    found = re.search(rf"\b{re.escape(str(key))} \((\w+)", meaning)
    return found[1] if found else ""
