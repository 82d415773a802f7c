"""One question in, one Answer out: the same door for every face."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tenure.kernel.errors import Bug
from tenure.kernel.unknown import Reason
from tenure.metrics.answer import Answer
from tenure.metrics.answers.opening import missing_rate_note
from tenure.metrics.asked import Asked, Note, Result
from tenure.metrics.declaration import Metric
from tenure.metrics.derived.rates import MissingRate
from tenure.metrics.lateness import late_note
from tenure.metrics.provenance import own_notes, provenance
from tenure.metrics.reading import Reading
from tenure.metrics.sanity import sanity_notes
from tenure.metrics.source import Facts


class Source(Facts, Protocol):
    """Facts of one snapshot."""

    snapshot: int


@dataclass(frozen=True, slots=True)
class Computed:
    """A reading kept with its source, so that many questions share what was fetched and derived."""

    source: Source
    reading: Reading


def compute(metric: Metric, asked: Asked, where_from: Computed, *, component: str = "") -> Answer:
    """The answer to one question.

    Args:
        metric: its declaration.
        asked: the question, defaults filled in.
        where_from: the facts to read.
        component: a component to headline instead of the value, for short names.
    """
    reading = where_from.reading
    missing = missing_tables(metric, reading)
    if missing:
        result = _unknown(metric, asked, "no_data", [_missing_note(missing)])
    elif asked.maybe_period is not None and asked.maybe_period.start > asked.as_of:
        result = _unknown(
            metric,
            asked,
            "too_little_history",
            [
                Note(
                    "notice",
                    "period.future",
                    f"The period begins on {asked.period.start}, after {asked.as_of}.",
                    "Ask a period that has begun.",
                )
            ],
        )
    else:
        try:
            result = _result(metric, asked, where_from)
        except MissingRate as rate:
            result = _unknown(
                metric, asked, "no_data", [missing_rate_note(rate, "the number is withheld")]
            )
    notes = [*own_notes(metric), *result.notes]
    if not asked.bare:
        notes += sanity_notes(metric, asked, result, reading)
        notes += late_note(metric, asked, reading)
    value, unknown = result.value, result.unknown
    if component:
        value = result.components.get(component)
        unknown = result.reasons.get(component) if value is None else None
    return Answer(
        metric=metric.id,
        value=value,
        unknown=unknown,
        reasons=result.reasons,
        components=result.components,
        cuts=result.cuts,
        n=result.n,
        findings=notes,
        as_of=asked.as_of,
        period=asked.maybe_period,
        snapshot=where_from.source.snapshot,
        method={**_method(asked), **provenance(metric)},
        rows=list(dict.fromkeys(result.rows)),
        rows_total=result.rows_total,
    )


def missing_tables(metric: Metric, reading: Reading) -> list[str]:
    """The needs of the metric that no delivered table meets (`a or b` is met by either)."""
    return [
        need for need in metric.needs if not any(reading.has(name) for name in need.split(" or "))
    ]


def _missing_note(missing: list[str]) -> Note:
    names = " and ".join(f"`{need.replace(' or ', '` or `')}`" for need in missing)
    return Note(
        "warning",
        "table.missing",
        f"Nothing of {names} has been delivered.",
        "Import it; an empty file says that there is none.",
    )


def _unknown(metric: Metric, asked: Asked, reason: Reason, notes: list[Note]) -> Result:
    return Result(
        value=None,
        components=dict.fromkeys(metric.parts(asked.parameters.get("view"))),
        unknown=reason,
        reasons=dict.fromkeys(metric.parts(asked.parameters.get("view")), reason),
        notes=notes,
    )


def _result(metric: Metric, asked: Asked, where_from: Computed) -> Result:
    if metric.answer:
        return function_of(metric)(where_from.reading, asked)
    from tenure.metrics.plain import answer_plain  # the SQL parser is loaded only when it is needed

    return answer_plain(metric, where_from.source, where_from.reading, asked)


def function_of(metric: Metric) -> Callable[[Reading, Asked], Result]:
    """The function behind `answer = "python:module.name"`, a module of `metrics/answers/`."""
    scheme, _, path = metric.answer.partition(":")
    module, _, name = path.partition(".")
    if scheme != "python" or not name:
        raise Bug(f"The metric `{metric.id}` names `{metric.answer}`, which is no function.")
    found: Callable[[Reading, Asked], Result] = getattr(
        importlib.import_module(f"tenure.metrics.answers.{module}"), name
    )
    return found


def _method(asked: Asked) -> Mapping[str, Any]:
    """Everything that shaped the number, defaults included."""
    said: dict[str, Any] = dict(asked.parameters)
    said["reporting_currency"] = asked.reporting_currency
    if asked.as_known_on is not None:
        said["as_known_on"] = asked.as_known_on
    if asked.by is not None:
        said["by"] = asked.by
    if asked.where:
        said["where"] = {column: list(values) for column, values in asked.where.items()}
    return said
