"""`tenure metrics`: the list, one declaration, the business models, the ten principles, the written pages."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from tenure.cli.output import say, say_json
from tenure.kernel import clock
from tenure.kernel.settings import FILE, Settings, load_settings
from tenure.kernel.wording import counted
from tenure.metrics.answer import plain
from tenure.metrics.declaration import Broken, Catalogue, Metric, Parameter
from tenure.metrics.measure_words import measure_words, value_words
from tenure.metrics.models.model import BusinessModel, chosen
from tenure.metrics.own import catalogue_of
from tenure.metrics.pages import metric_index, metric_page
from tenure.metrics.principles import Remark, remarks
from tenure.metrics.provenance import (
    described_line,
    line_words,
    own_defaults,
    preset_words,
    whose,
)

BROKEN_STATUS = 2
"""Exit status where a declaration does not load; the others are shown all the same."""


def run_metrics(folder: Path, metric_id: str | None, models: list[str], *, as_json: bool) -> int:
    """List every metric, those that come first for the business models at the top; or show one."""
    catalogue, settings = catalogue_of(folder), load_settings(folder)
    if metric_id is not None:
        metric, _ = catalogue.find(metric_id)
        if as_json:
            say_json(described(metric))
        else:
            _show_one(metric)
        return 0
    run = chosen(models or settings.business_models)
    if as_json:
        listed = [*(described(m, run) for m in catalogue), *map(_told, catalogue.broken.values())]
        say_json({"models": [m.to_dict() for m in run], "metrics": listed} if models else listed)
    else:
        _show_list(catalogue, run)
    return BROKEN_STATUS if catalogue.broken else 0


def run_check(folder: Path, metric_id: str | None, models: list[str], *, as_json: bool) -> int:
    """What the ten principles say, in S2's order, each remark with its fix."""
    catalogue, settings = catalogue_of(folder), load_settings(folder)
    found = remarks_on(catalogue, settings, models=models, delivered=_delivered(folder))
    if metric_id is not None:
        wanted, _ = catalogue.find(metric_id)
        found = [remark for remark in found if remark.metric == wanted.id]
    if as_json:
        say_json([remark.to_dict() for remark in found])
    else:
        _show_remarks(found)
        _show_broken(catalogue.broken.values())
    return BROKEN_STATUS if catalogue.broken else 0


def run_pages(folder: Path, out: Path, *, as_json: bool) -> int:
    """Write the reference of the whole catalogue, the workspace's own metrics marked in it."""
    catalogue = catalogue_of(folder)
    out.mkdir(parents=True, exist_ok=True)
    pages = {"index.md": metric_index(catalogue)}
    pages |= {f"{metric.id}.md": metric_page(metric, linked=False) for metric in catalogue}
    for name, text in pages.items():
        (out / name).write_text(text, encoding="utf-8", newline="\n")
    if as_json:
        say_json({"folder": str(out), "pages": sorted(pages)})
    else:
        say(f"{counted(len(pages), 'page')} written. Begin with {out / 'index.md'}")
        _show_broken(catalogue.broken.values())
    return BROKEN_STATUS if catalogue.broken else 0


def remarks_on(
    catalogue: Catalogue,
    settings: Settings,
    *,
    models: Iterable[str] = (),
    delivered: Collection[str] | None = None,
) -> list[Remark]:
    """The remarks on a workspace's catalogue as of today."""
    run = [model.id for model in chosen(models or settings.business_models)]
    today = clock.today(settings.time_zone)
    return remarks(catalogue, today=today, models=run, delivered=delivered)


def _delivered(folder: Path) -> Collection[str] | None:
    """The tables that came in so far; None where there is no workspace, or nothing came in yet."""
    if not (folder / FILE).exists():
        return None
    from tenure.workspace import Workspace  # loads the engines, which the list does without

    return Workspace.open(folder).facts().tables() or None


def _show_list(catalogue: Catalogue, models: list[BusinessModel]) -> None:
    first: set[str] = set()
    for model in models:
        say(f"\n{model.title.upper()}: {model.says}")
        for line in model.context:
            say(f"  {line}")
        say("  These come first:")
        for priority in model.priority:
            metric = catalogue.metrics.get(priority.metric)
            if metric is not None:
                first.add(metric.id)
                say(_row(metric))
                say(f"  {'':<30} {priority.why}")
        _show_other_defaults(catalogue, model)
    question = ""
    for metric in catalogue:
        if metric.id in first:
            continue
        if metric.question != question:
            question = metric.question
            say(f"\n{question.upper()}")
        say(_row(metric))
    _show_broken(catalogue.broken.values())
    say("\nOpen one: tenure metrics ID. Compute it: tenure metric ID. As data: --json.")


def _show_other_defaults(catalogue: Catalogue, model: BusinessModel) -> None:
    for other in model.defaults:
        metric = catalogue.metrics.get(other.metric)
        if metric is None or other.parameter not in metric.parameters:
            continue
        now = metric.parameters[other.parameter].default
        if now == other.value:
            continue
        say(
            f"  Consider {other.parameter} = {other.value} instead of {now} in {other.metric}: {other.why}"
        )
        say(f"    Accept it in catalogue/presets/{other.metric}.toml.")


def _row(metric: Metric) -> str:
    cuts = f"  by {', '.join(metric.cuts)}" if metric.cuts else ""
    marks = [metric.origin] if metric.file else []
    marks += ["own defaults"] if metric.preset is not None else []
    mark = f"  [{'; '.join(marks)}]" if marks else ""
    return f"  {metric.id:<30} {metric.timing:<8} {metric.title} ({metric.unit}){cuts}{mark}"


def _show_broken(broken: Iterable[Broken]) -> None:
    listed = list(broken)
    if listed:
        say("\nNOT READ")
    for one in listed:
        say(f"  {one.id:<30} {one.where}: {one.what}")
        say(f"  {'':<30} → {one.remedy}")


def _show_one(metric: Metric) -> None:
    say(f"{metric.title} ({metric.id})")
    say(metric.says)
    say(f"\n  {'whose':<12} {whose(metric)}")
    for changed in preset_words(metric):
        say(f"  {'defaults':<12} {changed}")
    for name, text in (
        ("question", f"{metric.question}, {metric.timing}, about {metric.about}"),
        ("unit", f"{metric.unit}, better {metric.better}"),
        ("period", metric.period),
        ("cuts", ", ".join(metric.cuts) or "none"),
        ("needs", ", ".join(metric.needs)),
        ("reads", ", ".join(metric.reads)),
        ("models", ", ".join(metric.models)),
        ("owner", metric.owner),
        ("play", metric.play),
    ):
        if text:
            say(f"  {name:<12} {text}")
    _section("Formula", metric.formula)
    if metric.measures:
        said = [f"{name:<28} {measure_words(m)}" for name, m in metric.measures.items()]
        _section("Made of", [*said, *value_words(metric)])
    _section("Parameters", [_parameter(metric, n, p) for n, p in metric.parameters.items()])
    _section("Parts", [f"{name:<28} {says}" for name, says in metric.components.items()])
    _section("Lines", [f"{line.zone:<28} {line_words(line)}" for line in metric.thresholds])
    _section("Mind", metric.caveats)
    say(f"\nCompute it: tenure metric {metric.id}. Open a number: tenure explain {metric.id}.")


def _section(title: str, lines: Iterable[str]) -> None:
    listed = list(lines)
    if listed:
        say(f"\n{title}")
    for line in listed:
        say(f"  {line}")


def _parameter(metric: Metric, name: str, parameter: Parameter) -> str:
    default = "not set" if parameter.default is None else plain(parameter.default)
    own = f" (own; ours {plain(metric.ours[name])})" if name in metric.ours else ""
    return f"{name:<28} {default}{own}: {parameter.says}"


def _show_remarks(found: list[Remark]) -> None:
    """One heading per principle; metrics of which the same is said share its line."""
    said: dict[tuple[int, str, str, str], list[str]] = {}
    for remark in found:
        key = (remark.principle, remark.name, remark.says, remark.fix)
        said.setdefault(key, []).append(remark.metric)
    principle = 0
    for (number, name, says, fix), metrics in said.items():
        if number != principle:
            principle = number
            say(f"\n{number}. {name}")
        say(f"  {says}")
        say(f"  → {fix}")
        say(textwrap.fill(", ".join(metrics), 100, initial_indent="    ", subsequent_indent="    "))
    about = len({remark.metric for remark in found})
    say(
        f"\n{counted(len(found), 'remark')} on {counted(about, 'metric')}."
        if found
        else "The ten principles have nothing to remark."
    )


def _told(broken: Broken) -> dict[str, Any]:
    """A declaration that does not load, as an entry of the list."""
    return {"id": broken.id, "origin": "not read", "file": broken.file} | broken.error().to_dict()


def described(metric: Metric, models: Iterable[BusinessModel] = ()) -> dict[str, Any]:
    """A declaration as JSON."""
    return {
        "id": metric.id,
        "title": metric.title,
        "says": metric.says,
        "origin": metric.origin,
        "file": metric.file,
        "question": metric.question,
        "timing": metric.timing,
        "about": metric.about,
        "layer": metric.layer,
        "category": metric.category,
        "grain": list(metric.grain),
        "unit": metric.unit,
        "better": metric.better,
        "formula": list(metric.formula),
        "needs": list(metric.needs),
        "reads": list(metric.reads),
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
        "own_defaults": own_defaults(metric),
        "own_since": None if metric.preset is None else metric.preset.since.isoformat(),
        "own_reason": None if metric.preset is None else metric.preset.says,
        "components": dict(metric.components),
        "thresholds": [described_line(line) for line in metric.thresholds],
        "caveats": list(metric.caveats),
        "references": list(metric.references),
        "sources": list(metric.sources),
        "models": list(metric.models),
        "owner": metric.owner,
        "play": metric.play,
        "priority": [
            {"model": model.id, "why": p.why}
            for model in models
            for p in model.priority
            if p.metric == metric.id
        ],
    }
