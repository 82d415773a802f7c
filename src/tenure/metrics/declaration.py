"""The declaration of a metric, and the catalogue of all of them: one TOML file each, its name the id."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any, Literal

from tenure.kernel.declare import NOT_DECLARED, read
from tenure.kernel.errors import DeclarationError, UnknownName
from tenure.kernel.unknown import Reason

QUESTIONS = ("renew", "grow", "advocate", "ops")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing a caller may set; without a default it may be left unset.

    `choices` are the words allowed, `minimum` and `maximum` the numbers, both included. `may_be_none` lets
    a caller say `none` to mean that there is none, where the default is a number.
    """

    type: Literal["word", "text", "int", "number", "bool", "dates", "bounds", "numbers", "json"]
    says: str
    default: Any = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    may_be_none: bool = False


@dataclass(frozen=True, slots=True)
class Threshold:
    """A line with its strictness and where it comes from; a starting point, to be recalibrated.

    `between` holds two values, both included. `on` names the component it is drawn on, if not the value;
    `segment` for whom it holds. `kind` is a word for the screen: taken from a source that `origin` names, a
    preset of ours, or the workspace's own; `since` is the day it was set. A line with an `exit` raises flags: one
    opens beyond the line and closes beyond the exit, which lies at the line or on its safe side.
    """

    zone: str
    op: Literal[">=", ">", "<=", "<", "between"]
    value: float | tuple[float, ...]
    origin: str
    segment: str = ""
    on: str = ""
    kind: Literal["sourced", "preset", "own"] = "preset"
    since: date | None = None
    exit: float | None = None

    def __post_init__(self) -> None:
        """Two values between which to lie, the lower first, or one to compare with."""
        several = self.value if isinstance(self.value, tuple) else (self.value,)
        is_pair = isinstance(self.value, tuple)
        if (
            is_pair != (self.op == "between")
            or len(several) != 1 + is_pair
            or list(several) != sorted(several)
            or not all(math.isfinite(value) for value in several)
        ):
            shown = ", ".join(f"{value:g}" for value in several)
            raise DeclarationError(
                f"A line with `{self.op}` cannot have the value `{shown}`.",
                where="value",
                remedy="Give `between` a list of two numbers, the lower first, any other sign one number.",
                code="threshold.value",
            )
        self._check_exit()

    def _check_exit(self) -> None:
        if self.exit is None:
            return
        line = None if isinstance(self.value, tuple) else self.value
        below = self.op in ("<", "<=")
        if line is None or (self.exit < line if below else self.exit > line):
            raise DeclarationError(
                f"A flag that opens {'below' if below else 'above'} the line cannot close at {self.exit:g}.",
                where="exit",
                remedy="Put `exit` at the value of the line or on its safe side; `between` has none.",
                code="threshold.exit",
            )

    def is_met(self, value: Any) -> bool:
        """Whether an exact value lies in the zone; strictness as declared (G13)."""
        if isinstance(self.value, tuple):
            low, high = (Fraction(str(bound)) for bound in self.value)
            return bool(low <= value <= high)
        return bool(_MEETS[self.op](value, Fraction(str(self.value))))


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A line of a workspace's own, in a preset; `origin` and `since` are the preset's, where it does not say."""

    zone: str
    op: Literal[">=", ">", "<=", "<", "between"]
    value: float | tuple[float, ...]
    origin: str = ""
    segment: str = ""
    on: str = ""
    kind: Literal["own"] = "own"
    since: date | None = None
    exit: float | None = None

    def __post_init__(self) -> None:
        """As any line."""
        Threshold(self.zone, self.op, self.value, self.origin, exit=self.exit)


@dataclass(frozen=True, slots=True)
class Preset:
    """A workspace's own defaults and lines for one metric, why, and since when.

    A file `catalogue/presets/<metric>.toml`. `thresholds`, where there are any, stand in place of all of ours.
    """

    id: str
    says: str
    since: date
    parameters: dict[str, Any] = field(default_factory=dict)
    thresholds: tuple[OwnLine, ...] = ()

    @property
    def lines(self) -> tuple[Threshold, ...]:
        """Its lines with where they come from filled in."""
        return tuple(
            Threshold(
                line.zone,
                line.op,
                line.value,
                origin=line.origin or self.says,
                segment=line.segment,
                on=line.on,
                kind="own",
                since=line.since or self.since,
                exit=line.exit,
            )
            for line in self.thresholds
        )


_MEETS = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt}


HistoryKind = Literal["ratio", "number", "money", "int", "date", "bool", "word", "listed"]
"""What a part of an answer is that a history keeps per account; `listed`: whether it stands in a list."""

Aggregate = Literal["count", "sum", "mean", "distinct", "min", "max", "any", "latest", "list"]
COUNTING = ("count", "sum", "distinct")
"""Aggregates of which no row at all means 0, unless `none` says otherwise."""


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregate over the rows of one fact or derived fact that meet a condition, account by account.

    `column` and `where` are expressions over the fact's columns and the metric's parameters; `when` says
    which days count (see `windows`). `latest` takes the `column` of the row with the greatest `order`.
    `convert` turns the rows' currency into the reporting currency on that day. A row that meets the
    condition but lacks the value makes a sum or list Unknown, unless `missing` says to skip it (and say so).
    `none` is what no row at all means: a number, or the reason of an Unknown.
    """

    from_: str
    aggregate: Aggregate
    column: str = ""
    where: str = ""
    when: str = ""
    order: str = ""
    convert: Literal["", "as_of", "opening_day"] = ""
    missing: Literal["unknown", "skip"] = "unknown"
    none: int | float | str = ""

    @property
    def without_rows(self) -> int | float | str:
        """What no row means: 0 for what counts, `no_data` for the rest, unless said."""
        if self.none != "":
            return self.none
        return 0 if self.aggregate in COUNTING else "no_data"


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
    an expression over `measures`, for each account where `per` says so, else for all rows together. `gives`
    says the other parts (see `gives`), `whole` the headline of a metric per account. `values` are named
    expressions that later ones may use. `empty` is the reason of a value without denominator,
    `unknown_when` gives reasons with the condition under which they hold. `cut_columns` name the column of
    the rows that a cut goes by, where that is not the account's (who acted, instead of who owns). `view_components` are the parts of another `view`. `needs` are tables
    without which it is Unknown; `reads` sharpen it. `history` names, for an answer that is a function, the parts
    by account that a history keeps, the headline first; `answer_over` names the function that gives them for many
    days at once, and without one each day is asked by itself. `patience`: how many readings open a flag. `owner`, `play`, `models` (of business), `audiences`,
    `collected` and `review_by` are for the ten principles (see `principles`).

    Not declared: `origin` says whose the metric is, `built in`, `own`, or `own, in place of ours`; `file` where
    an own one stands; `preset` what the workspace set in place of our defaults, and `ours` what those were.
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
    answer_over: str = ""
    per: Literal["", "account"] = ""
    value: str = ""
    whole: str = ""
    empty: Reason = "undefined"
    unknown_when: dict[Reason, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    gives: dict[str, str] = field(default_factory=dict)
    measures: dict[str, Measure] = field(default_factory=dict)
    history: dict[str, HistoryKind] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    cuts: tuple[str, ...] = ()
    cut_columns: dict[str, str] = field(default_factory=dict)
    short: dict[str, dict[str, Any]] = field(default_factory=dict)
    thresholds: tuple[Threshold, ...] = ()
    patience: Literal["2 of 3", "at once"] = "2 of 3"
    caveats: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    example: Example | None = None
    owner: str = ""
    play: str = ""
    models: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    collected: Literal["machine", "hand"] = "machine"
    review_by: date | None = None
    origin: str = field(default="", metadata=NOT_DECLARED)
    file: str = field(default="", metadata=NOT_DECLARED)
    preset: Preset | None = field(default=None, metadata=NOT_DECLARED)
    ours: dict[str, Any] = field(default_factory=dict, metadata=NOT_DECLARED)

    def parts(self, view: Any = None) -> dict[str, str]:
        """The components of a view, with what each is; of the metric's usual answer without one."""
        return self.view_components.get(str(view), self.components)

    def __post_init__(self) -> None:
        """A metric is answered in exactly one way."""
        if bool(self.answer) == bool(self.value):
            sections = ("gives", "components", "values", "cut_columns", "unknown_when")
            inside = next((name for name in sections if "value" in getattr(self, name)), "")
            raise DeclarationError(
                "The metric has both `answer` and `value`."
                if self.answer
                else "The metric has neither `answer` nor `value`.",
                where="value" if self.value else "",
                remedy=f"`value` stands inside [{inside}]; move it above the first [section]."
                if inside
                else 'Write value = "..." over measures, above the first [section].',
                code="declaration.answer",
            )


@dataclass(frozen=True, slots=True)
class Broken:
    """A workspace's declaration that does not load: the metric it is for, its file, and what is wrong.

    `names` are the id and, where it stands in place of ours, our short names: all of them wait for the file.
    """

    id: str
    names: tuple[str, ...]
    file: str
    what: str
    where: str
    remedy: str
    code: str

    def error(self) -> DeclarationError:
        """The error, to be raised where the metric is asked for."""
        return DeclarationError(self.what, where=self.where, remedy=self.remedy, code=self.code)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All metrics by id; short names lead to a metric with some parameters set.

    `broken` are the workspace's declarations that do not load, by the metric they are for. Such a metric is
    in neither list: it has no answer until its file is mended, and the others have theirs.
    """

    metrics: dict[str, Metric]
    broken: dict[str, Broken] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Metric]:
        """In order of question, then id."""
        order = {question: place for place, question in enumerate((*QUESTIONS, "none"))}
        return iter(sorted(self.metrics.values(), key=lambda m: (order[m.question], m.id)))

    def find(self, name: str) -> tuple[Metric, dict[str, Any]]:
        """The metric called `name`, and what its short name sets.

        Raises:
            UnknownName: neither an id nor a short name.
            DeclarationError: the workspace's file for it does not load.
        """
        for broken in self.broken.values():
            if name in broken.names:
                raise broken.error()
        if name in self.metrics:
            return self.metrics[name], {}
        for metric in self.metrics.values():
            if name in metric.short:
                return metric, dict(metric.short[name])
        raise UnknownName(
            "metric",
            name,
            [*self.metrics, *self.broken, *(s for m in self.metrics.values() for s in m.short)],
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
                found[metric.id] = replace(metric, origin="built in")
    return Catalogue(found)


@cache
def question_of(metric_id: str) -> str | None:
    """The question a metric of ours asks; None for one we do not declare."""
    found = built_in().metrics.get(metric_id)
    return None if found is None else found.question
