"""Whose a metric, its defaults and its lines are, in the same words wherever the metric is shown.

Sourced, preset or own is a word on screen, never a guess (C122).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenure.metrics.answer import plain
from tenure.metrics.asked import Note
from tenure.metrics.declaration import Metric, Threshold

BUILT_IN = "built in"


def whose(metric: Metric) -> str:
    """`built in`, `own (catalogue/metrics/x.toml)`, `own, in place of ours (...)`."""
    return f"{metric.origin} ({metric.file})" if metric.file else metric.origin or BUILT_IN


def bounds_words(line: Threshold) -> str:
    """`>= 60`, or `between 500,000 and 2,000,000`."""
    if isinstance(line.value, tuple):
        return f"between {_number(line.value[0])} and {_number(line.value[1])}"
    return f"{line.op} {_number(line.value)}"


def _number(value: float) -> str:
    """With thousands apart and as many decimals as it has, up to six."""
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def line_words(line: Threshold) -> str:
    """`>= 60; sourced, S0` or `between 8 and 15 for enterprise; own since 2026-11-24, our review`."""
    said = bounds_words(line)
    said += f" on {line.on}" if line.on else ""
    said += f" for {line.segment}" if line.segment else ""
    since = f" since {line.since}" if line.since else ""
    return f"{said}; {line.kind}{since}, {line.origin}"


def own_defaults(metric: Metric) -> dict[str, dict[str, Any]]:
    """The defaults that the workspace's preset set, with ours beside them."""
    return {
        name: {"default": plain(metric.parameters[name].default), "ours": plain(ours)}
        for name, ours in metric.ours.items()
    }


def preset_words(metric: Metric) -> list[str]:
    """What the workspace set in place of our defaults, why and since when; nothing where it set nothing."""
    if metric.preset is None:
        return []
    changed = [
        f"`{name}` is {_shown(own['default'])} here, {_shown(own['ours'])} in our declaration"
        for name, own in own_defaults(metric).items()
    ]
    if metric.preset.thresholds:
        changed.append("the lines are the workspace's own")
    since = f"own since {metric.preset.since}"
    return [f"{'; '.join(changed) or 'nothing is changed'} ({since}: {metric.preset.says})"]


def _shown(value: Any) -> str:
    return "not set" if value is None else str(value)


def described_line(line: Threshold) -> dict[str, Any]:
    """A line as JSON."""
    return {
        "zone": line.zone,
        "op": line.op,
        "value": plain(line.value),
        "on": line.on,
        "segment": line.segment,
        "kind": line.kind,
        "origin": line.origin,
        "since": plain(line.since),
    }


def provenance(metric: Metric) -> Mapping[str, Any]:
    """What `method` says of an own metric or own defaults; nothing for ours as shipped."""
    said: dict[str, Any] = {}
    if metric.file:
        said["metric"] = whose(metric)
    if metric.preset is not None:
        said["own_defaults"] = own_defaults(metric)
        said["own_since"] = metric.preset.since
        said["own_reason"] = metric.preset.says
    return said


def own_notes(metric: Metric) -> list[Note]:
    """Said of every answer that does not mean what our documentation says."""
    if metric.origin != "own, in place of ours":
        return []
    return [
        Note(
            "notice",
            "metric.own",
            f"`{metric.id}` is the workspace's own definition in {metric.file}, in place of ours.",
            "Compare it with figures from elsewhere only after reading it.",
        )
    ]
