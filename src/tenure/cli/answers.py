"""Metrics and their answers in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tenure.cli.output import money, say, say_json, shown
from tenure.metrics.answer import Answer, plain
from tenure.metrics.declaration import Metric

MOST_ENTRIES = 8


def show_answer(metric: Metric, answer: Answer) -> None:
    """The value with its time, its parts, its cuts, and what to keep in mind."""
    when = f"{answer.period}, seen from {answer.as_of}" if answer.period else f"on {answer.as_of}"
    say(f"{metric.title}: {shown(answer.value, metric.unit, unknown=answer.unknown)}")
    say(f"  {metric.says}")
    say(f"  {when} · n = {answer.n} · snapshot {answer.snapshot}")
    for name, value in answer.components.items():
        _show_part(name, value, answer)
    if answer.cuts:
        say(f"\n  by {answer.method.get('by')}")
        for cut in answer.cuts:
            say(
                f"    {cut.key:<24} {shown(cut.value, metric.unit, unknown=cut.reason):>16}   n = {cut.n}"
            )
    for note in answer.findings:
        say(f"\n  {note.level}: {note.says}" + (f" {note.remedy}" if note.remedy else ""))


def _show_part(name: str, value: Any, answer: Answer) -> None:
    if isinstance(value, Mapping):
        entries = list(value.items())
        say(
            f"    {name:<30} {len(entries)} entries"
            if len(entries) > MOST_ENTRIES
            else f"    {name:<30}"
        )
        for key, item in entries[:MOST_ENTRIES]:
            say(f"      {key:<28} {_one(item)}")
        if len(entries) > MOST_ENTRIES:
            say(f"      … {len(entries) - MOST_ENTRIES} more; --json shows all")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        say(
            f"    {name:<30} {len(value)} entries"
            if len(value) > MOST_ENTRIES
            else f"    {name:<30} {_one(value)}"
        )
    elif value is None:
        say(f"    {name:<30} Unknown ({answer.reasons.get(name, 'no_data')})")
    else:
        say(f"    {name:<30} {_one(value)}")


def _one(value: Any) -> str:
    if value is None:
        return "Unknown"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_one(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_one(item) for item in value) or "none"
    if isinstance(value, float):
        return f"{value:.4f}"
    shown_value = plain(value)
    return (
        money(shown_value)
        if isinstance(shown_value, int | float) and not isinstance(shown_value, bool)
        else str(shown_value)
    )


def show_metrics(listed: Iterable[Metric], *, as_json: bool) -> None:
    """The catalogue: one line each, or everything as JSON."""
    if as_json:
        say_json([described(metric) for metric in listed])
        return
    question = ""
    for metric in listed:
        if metric.question != question:
            question = metric.question
            say(f"\n{question.upper()}")
        cuts = f"  by {', '.join(metric.cuts)}" if metric.cuts else ""
        say(f"  {metric.id:<30} {metric.timing:<8} {metric.title} ({metric.unit}){cuts}")
    say("\nOpen one: tenure explain ID. As data: tenure metrics --json.")


def described(metric: Metric) -> dict[str, Any]:
    """A declaration as JSON."""
    return {
        "id": metric.id,
        "title": metric.title,
        "says": metric.says,
        "question": metric.question,
        "timing": metric.timing,
        "about": metric.about,
        "grain": list(metric.grain),
        "unit": metric.unit,
        "better": metric.better,
        "formula": list(metric.formula),
        "needs": list(metric.needs),
        "period": metric.period,
        "cuts": list(metric.cuts),
        "short": {name: dict(preset) for name, preset in metric.short.items()},
        "parameters": {
            name: {
                "type": p.type,
                "default": plain(p.default),
                "choices": list(p.choices),
                "says": p.says,
            }
            for name, p in metric.parameters.items()
        },
        "components": dict(metric.components),
        "thresholds": [
            {"zone": t.zone, "op": t.op, "value": t.value, "origin": t.origin}
            for t in metric.thresholds
        ],
        "caveats": list(metric.caveats),
        "references": list(metric.references),
        "sources": list(metric.sources),
    }
