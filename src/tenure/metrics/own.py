"""A workspace's own metrics and presets: read from its `catalogue/`, checked, and laid over ours.

    catalogue/metrics/<id>.toml    a metric; of the same name as one of ours, it stands in its place
    catalogue/presets/<id>.toml    other defaults and lines for a metric, with the reason and the day

A file that does not load takes down its own metric and no other. The catalogue is read again only when a file
came, went or changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from tenure.kernel.declare import read, text_of
from tenure.kernel.errors import DeclarationError
from tenure.kernel.places import Places, places_in
from tenure.metrics.declaration import Broken, Catalogue, Metric, Preset, Threshold, built_in

METRICS, PRESETS = "metrics", "presets"
Stamp = tuple[tuple[str, str, int, int, int], ...]
"""Kind, name, size, time of change and inode of every file: what they hold has not changed while this has not."""


def catalogue_of(folder: Path) -> Catalogue:
    """Our metrics with those of the workspace in `folder`; ours alone where it has none."""
    found = _stamp(folder / "catalogue")
    return _read(folder / "catalogue", found) if found else built_in()


def _stamp(catalogue: Path) -> Stamp:
    found = []
    for kind in (METRICS, PRESETS):
        for file in sorted((catalogue / kind).glob("*.toml")):
            with suppress(FileNotFoundError):  # taken away while we look
                about = file.stat()
                found.append((kind, file.name, about.st_size, about.st_mtime_ns, about.st_ino))
    return tuple(found)


@lru_cache(maxsize=16)
def _read(catalogue: Path, stamp: Stamp) -> Catalogue:
    shipped = built_in()
    metrics, broken = dict(shipped.metrics), dict[str, Broken]()
    for kind, name, *_ in stamp:
        file = catalogue / kind / name
        metric_id = file.stem
        if metric_id in broken:
            continue
        try:
            if kind == METRICS:
                metrics[metric_id] = _metric(file, shipped)
                _check_names(metrics[metric_id], metrics, file)
            else:
                metrics[metric_id] = _with_preset(file, metrics)
        except DeclarationError as error:
            metrics.pop(metric_id, None)
            broken[metric_id] = _broken(metric_id, f"catalogue/{kind}/{name}", error, shipped)
        except RecursionError:  # brackets within brackets within brackets, more than can be read
            metrics.pop(metric_id, None)
            where = f"catalogue/{kind}/{name}"
            deep = DeclarationError(
                "The file is nested too deeply to be read.",
                where=where,
                remedy="Take brackets away.",
                code="declaration.toml",
            )
            broken[metric_id] = _broken(metric_id, where, deep, shipped)
    return Catalogue(metrics, broken)


def _broken(metric_id: str, file: str, error: DeclarationError, shipped: Catalogue) -> Broken:
    ours = shipped.metrics.get(metric_id)
    names = (metric_id, *(ours.short if ours is not None else ()))
    return Broken(metric_id, names, file, error.what, error.where, error.remedy, error.code)


def _metric(file: Path, shipped: Catalogue) -> Metric:
    from tenure.metrics.check import check  # only workspaces with metrics of their own pay for it

    name = f"catalogue/{METRICS}/{file.name}"
    text = text_of(file, name=name)
    metric = read(Metric, text, name=name, id=file.stem)
    check(metric, places_in(text, name).of, shipped=shipped.metrics.values())
    ours = {*shipped.metrics, *(short for m in shipped.metrics.values() for short in m.short)}
    origin = "own, in place of ours" if metric.id in ours else "own"
    return replace(metric, origin=origin, file=name)


def _check_names(metric: Metric, metrics: Mapping[str, Metric], file: Path) -> None:
    """A short name leads to one metric; nobody could tell which of two was meant."""
    others = {m.id for m in metrics.values()} | {
        short for m in metrics.values() if m.id != metric.id for short in m.short
    }
    for short in metric.short:
        if short in others:
            name = f"catalogue/{METRICS}/{file.name}"
            raise DeclarationError(
                f"The short name `{short}` is taken by another metric.",
                where=places_in(text_of(file, name=name), name).of("short", short),
                remedy="Choose another short name.",
                code="declaration.short",
            )


def _with_preset(file: Path, metrics: Mapping[str, Metric]) -> Metric:
    from tenure.metrics.check import known
    from tenure.metrics.check_measures import check_own_lines
    from tenure.metrics.rankings import refuse_rankings

    name = f"catalogue/{PRESETS}/{file.name}"
    text = text_of(file, name=name)
    preset = read(Preset, text, name=name, id=file.stem)
    places = places_in(text, name)
    known("metric", preset.id, metrics, places.of())
    metric = metrics[preset.id]
    made = replace(
        metric,
        parameters=metric.parameters | _defaults(metric, preset, places),
        thresholds=preset.lines or metric.thresholds,
        preset=preset,
        ours={name: metric.parameters[name].default for name in preset.parameters},
    )
    _refuse_half(metric, preset, places)
    if not made.answer:
        check_own_lines(made, places.of)
    refuse_rankings(made, places.of)
    return made


def _defaults(metric: Metric, preset: Preset, places: Places) -> dict[str, Any]:
    from tenure.metrics.check import fitting, known

    found = {}
    for name, value in preset.parameters.items():
        where = places.of("parameters", name)
        known(f"parameter of `{metric.id}`", name, metric.parameters, where)
        declared = metric.parameters[name]
        is_none = declared.may_be_none and str(value).lower() == "none"
        default = None if is_none else fitting(name, declared, value, where=where)
        found[name] = replace(declared, default=default)
    return found


def _refuse_half(metric: Metric, preset: Preset, places: Places) -> None:
    """A parameter and a line that were one number must stay one: the list would speak of 45 days, the line of 60."""
    for line in metric.thresholds:
        name = _twin(metric, line)
        if not name:
            continue
        default = metric.parameters[name].default
        if name in preset.parameters and not preset.thresholds:
            raise _half(
                f"`{name}` was {default:g}, as the line `{line.zone}` is; only one of them is changed.",
                places.of("parameters", name),
                f'Add [[thresholds]] with zone = "{line.zone}", op = "{line.op}" and your value.',
            )
        keeps = any(_is_same(default, own) for own in preset.lines)
        if preset.thresholds and name not in preset.parameters and not keeps:
            raise _half(
                f"The line `{line.zone}` was {default:g}, as `{name}` is; only one of them is changed.",
                places.of("thresholds"),
                f"Add {name} to [parameters] with the same value.",
            )


def _twin(metric: Metric, line: Threshold) -> str:
    """The parameter that says the line's number; of several, the one named after the zone; empty: none."""
    same = [name for name, p in metric.parameters.items() if _is_same(p.default, line)]
    if len(same) > 1:
        same = [name for name in same if set(name.split("_")) & set(line.zone.split("_"))]
    return same[0] if len(same) == 1 else ""


def _is_same(default: Any, line: Threshold) -> bool:
    is_number = isinstance(default, int | float) and not isinstance(default, bool)
    return is_number and not isinstance(line.value, tuple) and float(default) == line.value


def _half(what: str, where: str, remedy: str) -> DeclarationError:
    return DeclarationError(what, where=where, remedy=remedy, code="preset.half")
