"""The declaration of a metric, and the catalogue of all of them: one TOML file each, its name the id."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from tenure.kernel.declare import load, read
from tenure.kernel.errors import DeclarationError, UnknownName

QUESTIONS = ("renew", "grow", "advocate", "ops")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing a caller may set; without a default it may be left unset.

    `choices` are the words allowed, `minimum` and `maximum` the numbers, both included.
    """

    type: Literal["word", "text", "int", "number", "bool", "dates", "bounds"]
    says: str
    default: Any = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Threshold:
    """A line with its strictness and where it comes from; a starting point, to be recalibrated."""

    zone: str
    op: Literal[">=", ">", "<=", "<"]
    value: float
    origin: str
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregate over the rows of one table that meet a condition, account by account.

    `column` and `where` are expressions over the table's columns and the metric's parameters; `convert`
    turns the rows' currency into the reporting currency on that day. A row that meets the condition but
    lacks the value makes the measure Unknown, unless `missing` says to skip it (and say so).
    """

    from_: str
    aggregate: Literal["count", "sum", "list"]
    column: str = ""
    where: str = ""
    convert: Literal["", "as_of", "opening_day"] = ""
    missing: Literal["unknown", "skip"] = "unknown"


@dataclass(frozen=True, slots=True)
class Example:
    """A value worked by hand on the counting company; its arithmetic stands in WORKED.md.

    `components` holds further parts by dotted path, for answers without a single value above all.
    """

    note: str
    value: float | None = None
    unknown: str = ""
    start: str = ""
    end: str = ""
    as_of: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    components: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: header, what it reads, how it is answered, and what a reader must know.

    `answer` names a function (`python:retention.nrr`) for what is not an aggregate; otherwise `value` is
    an expression over `measures`. `view_components` are the parts of another `view`. `needs` are tables without which it is Unknown; `reads` sharpen it.
    """

    id: str
    title: str
    says: str
    question: Literal["renew", "grow", "advocate", "ops", "none"]
    timing: Literal["leading", "lagging", "context"]
    about: Literal["account", "book", "person"]
    layer: Literal["coverage", "health", "outcome", "none"]
    category: Literal["team", "usage", "financial", "health", "none"]
    grain: tuple[str, ...]
    unit: str
    better: Literal["up", "down", "zero", "none"]
    formula: tuple[str, ...]
    components: dict[str, str]
    view_components: dict[str, dict[str, str]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    period: Literal["none", "quarter", "trailing_12_months", "optional"] = "none"
    answer: str = ""
    value: str = ""
    measures: dict[str, Measure] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    cuts: tuple[str, ...] = ()
    short: dict[str, dict[str, Any]] = field(default_factory=dict)
    thresholds: tuple[Threshold, ...] = ()
    caveats: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    example: Example | None = None

    def parts(self, view: Any = None) -> dict[str, str]:
        """The components of a view, with what each is; of the metric's usual answer without one."""
        return self.view_components.get(str(view), self.components)

    def __post_init__(self) -> None:
        """A metric is answered in exactly one way."""
        if bool(self.answer) == bool(self.value):
            raise DeclarationError(
                f"The metric `{self.id}` has "
                + ("both" if self.answer else "neither")
                + " `answer` and `value`.",
                remedy="Give `value` over measures, or `answer`, not both.",
                where=f"{self.id}.toml",
                code="declaration.answer",
            )


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All metrics by id; short names lead to a metric with some parameters set."""

    metrics: dict[str, Metric]

    def __iter__(self) -> Iterator[Metric]:
        """In order of question, then id."""
        order = {question: place for place, question in enumerate((*QUESTIONS, "none"))}
        return iter(sorted(self.metrics.values(), key=lambda m: (order[m.question], m.id)))

    def find(self, name: str) -> tuple[Metric, dict[str, Any]]:
        """The metric called `name`, and what its short name sets.

        Raises:
            UnknownName: neither an id nor a short name.
        """
        if name in self.metrics:
            return self.metrics[name], {}
        for metric in self.metrics.values():
            if name in metric.short:
                return metric, dict(metric.short[name])
        raise UnknownName(
            "metric", name, [*self.metrics, *(s for m in self.metrics.values() for s in m.short)]
        )


@cache
def built_in() -> Catalogue:
    """The catalogue shipped with Tenure."""
    folder = resources.files("tenure.metrics") / "catalogue"
    found = {}
    for question in folder.iterdir():
        if not question.is_dir():
            continue
        for entry in question.iterdir():
            if entry.name.endswith(".toml"):
                name = f"metrics/catalogue/{question.name}/{entry.name}"
                metric = read(
                    Metric, entry.read_text(encoding="utf-8"), name=name, id=entry.name[:-5]
                )
                found[metric.id] = metric
    return Catalogue(found)


@cache
def question_of(metric_id: str) -> str | None:
    """The question a metric asks; for one not declared here, what `questions.toml` says; None if nobody knows."""
    if metric_id in built_in().metrics:
        return built_in().metrics[metric_id].question
    listed = resources.files("tenure.metrics") / "catalogue" / "questions.toml"
    found: dict[str, list[str]] = tomllib.loads(listed.read_text(encoding="utf-8"))
    return next((question for question, ids in found.items() if metric_id in ids), None)


def with_own(shipped: Catalogue, files: Iterable[Path]) -> Catalogue:
    """The catalogue with a workspace's own metrics; one of the same name replaces ours."""
    own = {metric.id: metric for metric in (load(Metric, file) for file in sorted(files))}
    return Catalogue(shipped.metrics | own)
