"""A metric's answer in a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from tenure.cli.output import say
from tenure.metrics.answer import Answer
from tenure.metrics.declaration import Metric
from tenure.metrics.provenance import preset_words, whose
from tenure.metrics.wording import cut_lines, headline, note_lines, part_lines, when


def show_answer(metric: Metric, answer: Answer, names: Mapping[str, str]) -> None:
    """The value with its time, its parts, its cuts, and what to keep in mind."""
    say(f"{metric.title}: {headline(metric, answer)}")
    say(f"  {metric.says}")
    if metric.file:
        say(f"  Whose: {whose(metric)}")
    for said in preset_words(metric):
        say(f"  Own defaults: {said}")
    say(f"  {when(answer)}")
    for line in part_lines(metric, answer, names=names):
        say(f"    {line}")
    if answer.cuts and answer.method.get("by"):
        say(f"\n  by {answer.method['by']}")
        for line in cut_lines(metric, answer, names=names):
            say(f"    {line}")
    for line in note_lines(answer):
        say(f"\n  {line}")
