"""Metrics and their answers in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tenure.cli.output import say, say_json
from tenure.metrics.answer import Answer, plain
from tenure.metrics.declaration import Metric
from tenure.metrics.wording import cut_lines, headline, note_lines, part_lines, when


def show_answer(metric: Metric, answer: Answer, names: Mapping[str, str]) -> None:
    """The value with its time, its parts, its cuts, and what to keep in mind."""
    say(f"{metric.title}: {headline(metric, answer)}")
    say(f"  {metric.says}")
    say(f"  {when(answer)}")
    for line in part_lines(metric, answer, names=names):
        say(f"    {line}")
    if answer.cuts:
        say(f"\n  by {answer.method.get('by')}")
    for line in cut_lines(metric, answer, names=names):
        say(f"    {line}")
    for line in note_lines(answer):
        say(f"\n  {line}")


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
