"""The reference page of a metric, written from its declaration so that the two cannot part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tenure.metrics.declaration import Catalogue, Example, Metric, Parameter

QUESTION_WORDS = {
    "renew": "will they renew?",
    "grow": "will they grow?",
    "advocate": "will they advocate?",
    "ops": "does the team work well?",
    "none": "none of the three questions",
}
TIMING_WORDS = {
    "leading": "leading: it speaks of what comes",
    "lagging": "lagging: it tells what has happened",
    "context": "context: a clock, a norm or a load, no indicator",
}
ABOUT_WORDS = {
    "account": "an account",
    "book": "the accounts of a book, or of the company",
    "person": "a colleague",
}
BETTER_WORDS = {"up": "up", "down": "down", "zero": "close to zero", "none": "neither way"}
PERIOD_WORDS = {
    "none": "none; it is read on one day, `as_of`",
    "quarter": "the last complete quarter",
    "trailing_12_months": "the 12 months up to the last complete month end",
    "optional": "none; without one, everything up to `as_of`",
}
TYPE_WORDS = {
    "word": "word",
    "text": "text",
    "int": "whole number",
    "number": "number",
    "bool": "true or false",
    "dates": "list of days",
    "bounds": "map of segment to lowest and highest",
    "numbers": "list of numbers",
    "json": "rows as JSON",
}
SHARED = ("as_of", "as_known_on", "where", "reporting_currency")


def metric_page(metric: Metric) -> str:
    """The page of `metric` as Markdown, ending in a newline; the same declaration gives the same page."""
    parts = [
        f"# {metric.title} (`{metric.id}`)",
        metric.says,
        "\n".join(_facts(metric)),
        "## Formula",
        _list(metric.formula),
        "## Parameters",
        "\n".join(_parameters(metric)),
        "## Answer",
        "\n".join(_components(metric)),
        *_short_names(metric.short),
        *_thresholds(metric),
        *_headed("Mind", metric.caveats),
        *_headed("Decisions", [f"[{d}](../../decisions.md#{d})" for d in metric.decisions]),
        *_headed("References", [*metric.references, *_sources(metric.sources)]),
        *_example(metric),
    ]
    return "\n\n".join(parts) + "\n"


def metric_index(catalogue: Catalogue) -> str:
    """The list of all metrics by question, with a link to each page."""
    parts = [
        "# Metrics",
        "What each number means, what it takes and what it answers. Every page is written from the metric's "
        "declaration in `src/tenure/metrics/catalogue/`.",
    ]
    by_question: dict[str, list[Metric]] = {}
    for metric in catalogue:
        by_question.setdefault(metric.question, []).append(metric)
    for question, own in by_question.items():
        rows = ["| metric | says | timing |", "|---|---|---|"]
        rows += [f"| [`{m.id}`]({m.id}.md) | {_cell(m.says)} | {m.timing} |" for m in own]
        parts += [f"## {QUESTION_WORDS[question].capitalize()}", "\n".join(rows)]
    rows = ["| short name | is |", "|---|---|"]
    names = sorted(
        ((name, metric) for metric in catalogue for name in metric.short), key=lambda pair: pair[0]
    )
    rows += [f"| `{n}` | [`{m.id}`]({m.id}.md){_preset(m.short[n])} |" for n, m in names]
    return "\n\n".join([*parts, "## Short names", "\n".join(rows)]) + "\n"


def _facts(metric: Metric) -> list[str]:
    lines = [
        f"- **Question**: {metric.question}, {QUESTION_WORDS[metric.question]}",
        f"- **Timing**: {TIMING_WORDS[metric.timing]}",
        f"- **About**: {ABOUT_WORDS[metric.about]}",
        f"- **Grain**: {', '.join(metric.grain)}",
        f"- **Unit**: {metric.unit}",
        f"- **Better**: {BETTER_WORDS[metric.better]}",
        f"- **Period**: {PERIOD_WORDS[metric.period]}",
        f"- **Cuts**: {_names(metric.cuts) or 'none'}",
        f"- **Needs**: {', '.join(_tables(need) for need in metric.needs)}; without it the answer is Unknown",
    ]
    if metric.reads:
        lines.append(f"- **Also reads**: {', '.join(_tables(name) for name in metric.reads)}")
    if metric.derived:
        lines.append(f"- **Rests on**: {_names(metric.derived)}")
    return lines


def _tables(need: str) -> str:
    """`a or b` as links to the tables' pages."""
    return " or ".join(f"[{name}](../tables/{name}.md)" for name in need.split(" or "))


def _parameters(metric: Metric) -> list[str]:
    taken = f"Every question also takes {_names(SHARED)}"
    taken += ", `start` and `end` or `period`" if metric.period != "none" else ""
    taken += ", `by`" if metric.cuts else ""
    if not metric.parameters:
        return [f"None of its own. {taken}."]
    rows = [f"{taken}.", "", "| parameter | takes | default | meaning |", "|---|---|---|---|"]
    for name, parameter in metric.parameters.items():
        rows.append(
            f"| `{name}` | {_takes(parameter)} | {_value(parameter.default)} | {_cell(parameter.says)} |"
        )
    return rows


def _takes(parameter: Parameter) -> str:
    return _names(parameter.choices) if parameter.choices else TYPE_WORDS[parameter.type]


def _value(value: Any) -> str:
    """A default as a person writes it; a dash where there is none."""
    if value is None:
        return "–"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {low:,} to {high:,}" for key, (low, high) in value.items())
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _components(metric: Metric) -> list[str]:
    rows = _parts(metric.components)
    for view, parts in metric.view_components.items():
        rows += ["", f"With `view = {view}`:", "", *_parts(parts)]
    return rows


def _parts(parts: Mapping[str, str]) -> list[str]:
    rows = ["| part | is |", "|---|---|"]
    return rows + [f"| `{name}` | {_cell(says)} |" for name, says in parts.items()]


def _short_names(short: Mapping[str, Mapping[str, Any]]) -> list[str]:
    if not short:
        return []
    return ["## Short names", _list(f"`{name}`{_preset(preset)}" for name, preset in short.items())]


def _preset(preset: Mapping[str, Any]) -> str:
    """What a short name sets, in words; nothing where it is another name only."""
    if not preset:
        return ""
    return " with " + ", ".join(f"`{name} = {value}`" for name, value in preset.items())


def _thresholds(metric: Metric) -> list[str]:
    if not metric.thresholds:
        return []
    rows = ["| zone | line | segment | origin |", "|---|---|---|---|"]
    rows += [
        f"| {t.zone} | `{t.op} {t.value}` | {t.segment or 'all'} | {_cell(t.origin)} |"
        for t in metric.thresholds
    ]
    return ["## Thresholds", "\n".join(rows)]


def _sources(sources: Sequence[str]) -> list[str]:
    return [f"Asked for by {', '.join(sources)}."] if sources else []


def _example(metric: Metric) -> list[str]:
    example = metric.example
    if example is None:
        return []
    said = [
        f"    tenure metric {metric.id}{_asked(example)}",
        f"On the counting company (`tests/counting_company`): {_answered(example)}. {example.note}",
    ]
    return ["## Worked example", *said]


def _asked(example: Example) -> str:
    words = [
        f" --{name.replace('_', '-')} {getattr(example, name)}"
        for name in ("start", "end", "as_of")
        if getattr(example, name)
    ]
    for name, value in example.parameters.items():
        words.append(f" --by {value}" if name == "by" else f" --set {name}={value}")
    return "".join(words)


def _answered(example: Example) -> str:
    found = [f"`{name}` is {_number(value)}" for name, value in example.components.items()]
    if example.unknown:
        return "; ".join([f"the value is Unknown ({example.unknown})", *found])
    if example.value is not None:
        found.insert(0, f"the value is {_number(example.value)}")
    return "; ".join(found)


def _number(value: float) -> str:
    """A whole number with thousands apart, else up to six decimals."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.6f}".rstrip("0")


def _headed(title: str, items: Iterable[str]) -> list[str]:
    listed = list(items)
    return [f"## {title}", _list(listed)] if listed else []


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
