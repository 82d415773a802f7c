"""The reference page of a metric, written from its declaration so that the two cannot part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tenure.metrics.declaration import Catalogue, Example, Metric, Parameter, Threshold
from tenure.metrics.measure_words import measure_words, value_words
from tenure.metrics.provenance import BUILT_IN, bounds_words, preset_words, whose

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


def metric_page(metric: Metric, *, linked: bool = True) -> str:
    """The page of `metric` as Markdown, ending in a newline; the same declaration gives the same page.

    `linked`: the pages of tables and decisions stand beside it, as in Tenure's own documentation.
    """
    parts = [
        f"# {metric.title} (`{metric.id}`)",
        metric.says,
        *_provenance(metric),
        "\n".join(_facts(metric, linked=linked)),
        "## Formula",
        _list(metric.formula),
        *_made_of(metric),
        "## Parameters",
        "\n".join(_parameters(metric)),
        "## Answer",
        "\n".join(_components(metric)),
        *_short_names(metric.short),
        *_thresholds(metric.thresholds),
        *_headed("Mind", metric.caveats),
        *_headed("Decisions", [_decision(d, linked=linked) for d in metric.decisions]),
        *_headed("References", [*metric.references, *_sources(metric.sources)]),
        *_example(metric),
    ]
    return "\n\n".join(parts) + "\n"


def metric_index(catalogue: Catalogue) -> str:
    """The list of all metrics by question, with a link to each page; a workspace's own are marked."""
    has_own = bool(catalogue.broken) or any(m.file or m.preset for m in catalogue)
    written = "declaration in `src/tenure/metrics/catalogue/`" + (
        " or in the workspace's `catalogue/`" if has_own else ""
    )
    parts = [
        "# Metrics",
        "What each number means, what it takes and what it answers. Every page is written from the metric's "
        f"{written}.",
    ]
    by_question: dict[str, list[Metric]] = {}
    for metric in catalogue:
        by_question.setdefault(metric.question, []).append(metric)
    for question, own in by_question.items():
        rows = ["| metric | says | timing |", "|---|---|---|"]
        rows += [f"| [`{m.id}`]({m.id}.md){_mark(m)} | {_cell(m.says)} | {m.timing} |" for m in own]
        parts += [f"## {QUESTION_WORDS[question].capitalize()}", "\n".join(rows)]
    rows = ["| short name | is |", "|---|---|"]
    names = sorted(
        ((name, metric) for metric in catalogue for name in metric.short), key=lambda pair: pair[0]
    )
    rows += [f"| `{n}` | [`{m.id}`]({m.id}.md){_preset(m.short[n])} |" for n, m in names]
    parts += ["## Short names", "\n".join(rows)]
    if catalogue.broken:
        told = [f"`{b.id}`: {b.where}: {b.what} {b.remedy}" for b in catalogue.broken.values()]
        parts += ["## Not read", _list(told)]
    return "\n\n".join(parts) + "\n"


def _mark(metric: Metric) -> str:
    marks = [metric.origin] if metric.file else []
    marks += ["own defaults"] if metric.preset is not None else []
    return f" ({'; '.join(marks)})" if marks else ""


def _provenance(metric: Metric) -> list[str]:
    """Whose the metric and its defaults are, where they are not ours as shipped."""
    lines = [f"**Whose**: {whose(metric)}"] if metric.file else []
    return lines + [f"**Own defaults**: {said}" for said in preset_words(metric)]


def _facts(metric: Metric, *, linked: bool) -> list[str]:
    lines = [
        f"- **Question**: {metric.question}, {QUESTION_WORDS[metric.question]}",
        f"- **Timing**: {TIMING_WORDS[metric.timing]}",
        f"- **About**: {ABOUT_WORDS[metric.about]}",
        f"- **Grain**: {', '.join(metric.grain)}",
        f"- **Unit**: {metric.unit}",
        f"- **Better**: {BETTER_WORDS[metric.better]}",
        f"- **Period**: {PERIOD_WORDS[metric.period]}",
        f"- **Cuts**: {_cuts(metric) or 'none'}",
    ]
    if metric.needs:
        needed = ", ".join(_tables(need, linked=linked) for need in metric.needs)
        lines.append(f"- **Needs**: {needed}; without it the answer is Unknown")
    if metric.reads:
        read = ", ".join(_tables(name, linked=linked) for name in metric.reads)
        lines.append(f"- **Also reads**: {read}")
    if metric.derived:
        lines.append(f"- **Rests on**: {_names(metric.derived)}")
    for title, said in (
        ("Business models", ", ".join(metric.models)),
        ("For", ", ".join(metric.audiences)),
        ("Owner", metric.owner),
        ("Play", metric.play),
        ("Review by", str(metric.review_by or "")),
        ("Collected", "by hand" if metric.collected == "hand" else ""),
    ):
        lines += [f"- **{title}**: {said}"] if said else []
    if (metric.origin or BUILT_IN) != BUILT_IN:
        lines.append(f"- **Origin**: {metric.origin}")
    return lines


def _cuts(metric: Metric) -> str:
    """The cuts, with the column of the rows where one does not go by the account's."""
    return ", ".join(
        f"`{cut}`"
        + (f" (by `{metric.cut_columns[cut]}` of its rows)" if cut in metric.cut_columns else "")
        for cut in metric.cuts
    )


def _made_of(metric: Metric) -> list[str]:
    """What a plain metric is made of: its measures in words, and the value over them."""
    if metric.answer:
        return []
    rows = ["| measure | is |", "|---|---|"]
    rows += [f"| `{name}` | {_cell(measure_words(m))} |" for name, m in metric.measures.items()]
    return ["## Made of", "\n".join(rows), _list(value_words(metric))]


def _decision(name: str, *, linked: bool) -> str:
    return f"[{name}](../../decisions.md#{name})" if linked else name


def _tables(need: str, *, linked: bool) -> str:
    """`a or b`, as links to the tables' pages where those are beside it."""
    return " or ".join(
        f"[{name}](../tables/{name}.md)" if linked else f"`{name}`" for name in need.split(" or ")
    )


def _parameters(metric: Metric) -> list[str]:
    taken = f"Every question also takes {_names(SHARED)}"
    taken += ", `start` and `end` or `period`" if metric.period != "none" else ""
    taken += ", `by`" if metric.cuts else ""
    if not metric.parameters:
        return [f"None of its own. {taken}."]
    rows = [f"{taken}.", "", "| parameter | takes | default | meaning |", "|---|---|---|---|"]
    for name, parameter in metric.parameters.items():
        default = _value(parameter.default)
        if name in metric.ours:
            default += f", own; ours {_value(metric.ours[name])}"
        rows.append(f"| `{name}` | {_takes(parameter)} | {default} | {_cell(parameter.says)} |")
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
    rows = _parts(metric.components, metric.gives)
    if metric.whole:
        rows = [f"The value is `{metric.whole}`.", "", *rows]
    for view, parts in metric.view_components.items():
        rows += ["", f"With `view = {view}`:", "", *_parts(parts)]
    return rows


def _parts(parts: Mapping[str, str], gives: Mapping[str, str] | None = None) -> list[str]:
    if not gives:
        rows = ["| part | is |", "|---|---|"]
        return rows + [f"| `{name}` | {_cell(says)} |" for name, says in parts.items()]
    rows = ["| part | is | from |", "|---|---|---|"]
    return rows + [
        f"| `{name}` | {_cell(says)} | `{_cell(gives[name])}` |" for name, says in parts.items()
    ]


def _short_names(short: Mapping[str, Mapping[str, Any]]) -> list[str]:
    if not short:
        return []
    return ["## Short names", _list(f"`{name}`{_preset(preset)}" for name, preset in short.items())]


def _preset(preset: Mapping[str, Any]) -> str:
    """What a short name sets, in words; nothing where it is another name only."""
    if not preset:
        return ""
    return " with " + ", ".join(f"`{name} = {value}`" for name, value in preset.items())


def _thresholds(lines: Sequence[Threshold]) -> list[str]:
    if not lines:
        return []
    rows = ["| zone | line | on | segment | whose | origin |", "|---|---|---|---|---|---|"]
    for line in lines:
        whose_line = f"{line.kind} since {line.since}" if line.since else line.kind
        rows.append(
            f"| {_cell(line.zone)} | `{bounds_words(line)}` | {_cell(line.on) or 'the value'} "
            f"| {_cell(line.segment) or 'all'} | {whose_line} | {_cell(line.origin)} |"
        )
    return ["## Thresholds", "\n".join(rows)]


def _sources(sources: Sequence[str]) -> list[str]:
    return [f"Asked for by {', '.join(sources)}."] if sources else []


def _example(metric: Metric) -> list[str]:
    example = metric.example
    if example is None:
        return []
    on = "" if metric.file else "On the counting company (`tests/counting_company`): "
    said = [
        f"    tenure metric {metric.id}{_asked(example)}",
        f"{on}{_answered(example)}. {example.note}",
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
