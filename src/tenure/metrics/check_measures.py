"""The checks of a plain metric: its measures, the values made of them, and the parts of its answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from tenure.facts.table import ColumnType, tables
from tenure.kernel.errors import DeclarationError
from tenure.kernel.unknown import REASONS
from tenure.metrics.check import TAKEN, Place, known
from tenure.metrics.check_gives import check_lines, check_parts
from tenure.metrics.declaration import Measure, Metric
from tenure.metrics.derived.tier import TIER, columns_of, needs_of
from tenure.metrics.expressions import OVER_MEASURES, parse
from tenure.metrics.kinds import NUMBERS, OF_COLUMN, Kind, Kinds, of_measure, of_parameter
from tenure.metrics.windows import read_when

DAYS: Mapping[str, Kind] = {"as_of": "day", "on_day": "day", "renewal_grace_days": "whole"}
PERIOD_DAYS: Mapping[str, Kind] = {"period_start": "day", "period_end": "day"}
LONGEST_WINDOW = 36_600
"""Days a window may reach back: a hundred years stay inside the calendar."""


def check_plain(metric: Metric, place: Place) -> None:
    """Raise what is wrong with the measures, values and parts of a plain metric.

    Raises:
        DeclarationError: the first thing that does not hold together.
    """
    if not metric.measures:
        raise DeclarationError(
            "The metric has a `value`, but no measures to make it of.",
            where=place("value"),
            remedy='Add [measures.NAME] with from = "..." and aggregate = "...".',
            code="measure.none",
        )
    names = _measured_names(metric, place)
    value = _check_values(metric, names, place)
    check_parts(metric, names, value, place)


def check_own_lines(metric: Metric, place: Place) -> None:
    """Raise what is wrong with lines that a preset put on a plain metric, which was checked before.

    Raises:
        DeclarationError: a line on a value that is no number, or a zone that cannot be told.
    """
    names = _measured_names(metric, place)
    check_lines(metric, _check_values(metric, names, place), place)


def _measured_names(metric: Metric, place: Place) -> dict[str, Kind]:
    """What a value may name, with its kind: parameters, days, and every measure, each checked."""
    names = dict(known_names(metric))
    for name in metric.measures:
        names |= {name: _Check(metric, name, place).kind()}
    return names | ({"account_start": "day"} if metric.per else {})


def known_names(metric: Metric) -> dict[str, Kind]:
    """Parameters and days that any expression of the metric may name, with their kinds."""
    own = {name: of_parameter(parameter) for name, parameter in metric.parameters.items()}
    return {**DAYS, **(PERIOD_DAYS if metric.period != "none" else {}), **own}


def words_of(fact: str) -> dict[str, tuple[str, ...]]:
    """The declared words of a fact's columns; a derived fact keeps the words of the tables under it."""
    under = [fact] if fact in tables() else [*TIER[fact].needs, *TIER[fact].reads]
    return {
        name: tuple(column.words)
        for own in reversed(under)
        for name, column in tables()[own].columns.items()
        if column.type == "word" and column.words and name in columns_of(fact)
    }


class _Check:
    """One measure under examination."""

    def __init__(self, metric: Metric, name: str, place: Place) -> None:
        self.metric, self.name, self.place = metric, name, place
        self.measure: Measure = metric.measures[name]

    def at(self, *keys: str) -> str:
        return self.place("measures", self.name, *keys)

    def kind(self) -> Kind:
        """The kind of the measure, after every check of it."""
        measure = self.measure
        _check_name("measure", self.name, known_names(self.metric), self.at())
        known("table or derived fact", measure.from_, [*tables(), *TIER], self.at("from"))
        types = columns_of(measure.from_)
        if "account_id" not in types:
            raise DeclarationError(
                f"`{measure.from_}` says nothing about accounts, so nothing can be measured on it.",
                where=self.at("from"),
                remedy="Use a table or derived fact with the column account_id.",
                code="measure.no_account",
            )
        self._reads()
        kinds = {column: OF_COLUMN[kind] for column, kind in types.items()}
        self._window(types)
        return self._expressions({**known_names(self.metric), **kinds})

    def _reads(self) -> None:
        """A measure over a table that `needs` and `reads` do not name would be 0 where it is missing."""
        metric, fact = self.metric, self.measure.from_
        said = {word for need in (*metric.needs, *metric.reads) for word in need.split(" or ")}
        for needed in needs_of(fact):
            if not said & set(needed.split(" or ")):
                rests = "" if needed == fact else f", which rests on `{needed}`"
                raise DeclarationError(
                    f"`{self.name}` is measured on `{fact}`{rests}, but neither `needs` nor `reads` "
                    f"names `{needed}`.",
                    where=self.at("from"),
                    remedy=f'Add "{needed}" to needs: without it the number is then Unknown and not 0.',
                    code="measure.needs",
                )
        for parameter in TIER[fact].parameters if fact in TIER else ():
            if parameter not in known_names(metric):
                needs_period = parameter in PERIOD_DAYS
                raise DeclarationError(
                    f"`{fact}` is made for a `{parameter}`, which the metric does not have.",
                    where=self.at("from"),
                    remedy='Add period = "quarter" to the metric.'
                    if needs_period
                    else f"Add [parameters.{parameter}] with a default.",
                    code="measure.parameter",
                )
            self._has_default(parameter, self.at("from"))

    def _has_default(self, parameter: str, where: str) -> None:
        declared = self.metric.parameters.get(parameter)
        if declared is not None and (declared.default is None or declared.may_be_none):
            raise DeclarationError(
                f"`{parameter}` may be left unset, and the measure `{self.name}` cannot do without it.",
                where=where,
                remedy=f"Give [parameters.{parameter}] a default.",
                code="measure.parameter",
            )

    def _window(self, types: Mapping[str, ColumnType]) -> None:
        metric, text = self.metric, self.measure.when
        if not text:
            return
        numbers = [name for name, p in metric.parameters.items() if p.type == "int"]
        always = metric.period in ("quarter", "trailing_12_months")
        when = read_when(
            text, types, dict.fromkeys(numbers), has_period=always, where=self.at("when")
        )
        if not when.length:
            return
        if when.length.isdecimal():
            longest: float | None = int(when.length)
        else:
            self._has_default(when.length, self.at("when"))
            longest = metric.parameters[when.length].maximum
        if longest is None or longest > LONGEST_WINDOW:
            raise DeclarationError(
                f"`{when.length}` says how far back `{text}` looks, and that may be too far.",
                where=self.at("when"),
                remedy=f"At most {LONGEST_WINDOW} days."
                if when.length.isdecimal()
                else f"Add maximum = 3660, or another up to {LONGEST_WINDOW}, to [parameters.{when.length}].",
                code="when.length",
            )

    def _expressions(self, names: Mapping[str, Kind]) -> Kind:
        measure = self.measure
        for parameter in self.metric.parameters:
            if parameter in columns_of(measure.from_):
                raise DeclarationError(
                    f"The parameter `{parameter}` has the name of a column of `{measure.from_}`.",
                    where=self.place("parameters", parameter),
                    remedy="Rename the parameter, so that each name means one thing.",
                    code="declaration.parameter",
                )
        if measure.where:
            tree = parse(measure.where, names, where=self.at("where"))
            of = Kinds(names, where=self.at("where"), words=words_of(measure.from_))
            of.need(tree, ("truth",), "a condition")
        column: Kind = "whole"
        if measure.column:
            tree = parse(measure.column, names, where=self.at("column"))
            column = Kinds(names, where=self.at("column")).of(tree)
        self._aggregate(column)
        return of_measure(measure, column)

    def _aggregate(self, column: Kind) -> None:
        measure, types = self.measure, columns_of(self.measure.from_)
        if measure.aggregate != "count" and not measure.column:
            raise DeclarationError(
                f"`{measure.aggregate}` needs a `column`.",
                where=self.at("aggregate"),
                remedy=f"Columns of {measure.from_}: {_listed(types)}.",
                code="measure.column",
            )
        if measure.aggregate in ("sum", "mean") and column not in NUMBERS:
            numbers = [name for name, kind in types.items() if OF_COLUMN[kind] in NUMBERS]
            raise DeclarationError(
                f"`{measure.column}` is no number; `{measure.aggregate}` cannot add it up.",
                where=self.at("column"),
                remedy=f"Numbers are in: {_listed(numbers) or 'no column'}.",
                code="measure.not_a_number",
            )
        if measure.aggregate == "any" and column != "truth":
            raise DeclarationError(
                f"`any` asks whether something is true, and `{measure.column}` is not of that kind.",
                where=self.at("column"),
                remedy='Write a condition, such as column = "is_proactive".',
                code="measure.not_a_condition",
            )
        self._latest(types)
        self._money(column, types)
        none = measure.none
        if isinstance(none, str) and none:
            known("reason for `none`", none, REASONS, self.at("none"))

    def _latest(self, types: Mapping[str, ColumnType]) -> None:
        measure = self.measure
        if measure.aggregate != "latest":
            return
        known(
            "column to order by",
            measure.order,
            types,
            self.at("order" if measure.order else "aggregate"),
        )
        if not self.metric.per:
            raise DeclarationError(
                f"The latest `{measure.column}` is asked of each account, and the metric adds accounts up.",
                where=self.at("aggregate"),
                remedy='Add per = "account".',
                code="measure.latest",
            )
        if "currency" in types:
            raise DeclarationError(
                f"`latest` reads `{measure.from_}` currency by currency, so an account may have several.",
                where=self.at("aggregate"),
                remedy="Use max or min over a day, or a table without a currency.",
                code="measure.latest",
            )

    def _money(self, column: Kind, types: Mapping[str, ColumnType]) -> None:
        measure = self.measure
        if not measure.convert:
            return
        if "currency" not in types:
            raise DeclarationError(
                f"`{measure.from_}` has no currency to convert from.",
                where=self.at("convert"),
                remedy="Leave `convert` out.",
                code="measure.currency",
            )
        if measure.aggregate not in ("sum", "mean", "min", "max") or column not in NUMBERS:
            raise DeclarationError(
                f"`convert` turns money, and `{measure.aggregate}` of `{measure.column or 'rows'}` is none.",
                where=self.at("convert"),
                remedy="Leave `convert` out, or sum an amount.",
                code="measure.currency",
            )
        if measure.convert == "opening_day" and self.metric.period in ("none", "optional"):
            raise DeclarationError(
                "`opening_day` is the day before the period, and the metric need not have one.",
                where=self.at("convert"),
                remedy='Write convert = "as_of", or add period = "quarter".',
                code="when.period",
            )


def _check_name(what: str, name: str, taken: Mapping[str, Kind], where: str) -> None:
    """A name must be one word that an expression can use, and mean one thing."""
    try:
        is_word = name.isidentifier() and isinstance(parse(name, [name], where=where), exp.Column)
    except DeclarationError:
        is_word = False
    if is_word and name not in taken and name not in TAKEN:
        return
    raise DeclarationError(
        f"A {what} cannot be called `{name}`: "
        + ("the name is taken." if is_word else "expressions mean something else by it."),
        where=where,
        remedy="Give it another name: one word, such as `open_tickets`.",
        code="measure.name",
    )


def _check_values(metric: Metric, names: dict[str, Kind], place: Place) -> Kind:
    """The value's kind, after the named values before it; adds their kinds to `names`."""
    for name, expression in metric.values.items():
        where = place("values", name)
        _check_name("value", name, names, where)
        names[name] = _measured(expression, names, where)
    kind = _measured(metric.value, names, place("value"))
    if kind in ("list", "json", "nothing"):
        raise DeclarationError(
            f"`{metric.value}` is no number, day, word or condition.",
            where=place("value"),
            remedy="Use count or distinct instead of list, or give the list as a part in [gives].",
            code="declaration.value_kind",
        )
    for reason, condition in metric.unknown_when.items():
        where = place("unknown_when", reason)
        tree = parse(condition, names, where=where, allowed=OVER_MEASURES)
        Kinds(names, where=where).need(tree, ("truth",), "a condition")
    if metric.per:
        names["value"] = kind
    return kind


def _measured(expression: str, names: Mapping[str, Kind], where: str) -> Kind:
    tree = parse(expression, names, where=where, allowed=OVER_MEASURES)
    return Kinds(names, where=where).of(tree)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
