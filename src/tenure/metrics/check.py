"""What a metric's declaration must hold together, checked when it is loaded, ours and a customer's alike.

An error names the file and line, the key, the offending word, and the nearest that would do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tenure.facts.table import ColumnType, table, tables
from tenure.kernel.errors import DeclarationError, UnknownName, UserError
from tenure.metrics.declaration import Measure, Metric
from tenure.metrics.derived.tier import TIER, columns_of, needs_of
from tenure.metrics.expressions import OVER_MEASURES, parse
from tenure.metrics.gives import read_part
from tenure.metrics.principles import refuse_rankings
from tenure.metrics.windows import read_when

NUMBERS: tuple[ColumnType, ...] = ("money", "number", "rate", "int")
DAYS = ("as_of", "on_day", "renewal_grace_days")
PERIOD_DAYS = ("period_start", "period_end")
CUTS = ("account", "csm", "cohort", "month", "quarter", "task", "wave")
Place = Callable[..., str]


def check(metric: Metric, place: Place) -> None:
    """Raise what is wrong with the declaration; `place(*keys)` says `file:line` of a key.

    Raises:
        DeclarationError: the first thing that does not hold together.
    """
    for need in (*metric.needs, *metric.reads):
        for name in need.split(" or "):
            _known("table", name, tables(), place("needs" if need in metric.needs else "reads"))
    _check_cuts(metric, place)
    _check_defaults(metric, place)
    if metric.answer:
        return
    for name in metric.measures:
        _check_measure(metric, name, place)
    _check_expressions(metric, place)
    refuse_rankings(metric, place("measures"))


def _known(kind: str, name: str, valid: Any, where: str) -> None:
    if name not in valid:
        known = UnknownName(kind, name, valid)
        raise DeclarationError(
            known.what, where=where, remedy=known.remedy, code="declaration.name"
        )


def _refuse(what: str, where: str, remedy: str, code: str) -> None:
    raise DeclarationError(what, where=where, remedy=remedy, code=code)


def known_names(metric: Metric) -> set[str]:
    """Parameters and days that any expression of the metric may name."""
    days = (*DAYS, *(PERIOD_DAYS if metric.period != "none" else ()))
    return {*metric.parameters, *days}


def _check_cuts(metric: Metric, place: Place) -> None:
    allowed = [*CUTS, *table("accounts").columns]
    for cut in metric.cuts:
        _known("cut", cut, allowed, place("cuts"))
    for cut, column in metric.cut_columns.items():
        _known("cut", cut, metric.cuts, place("cut_columns", cut))
        facts = [m.from_ for m in metric.measures.values()]
        columns = {
            c for fact in facts if fact in TIER or fact in tables() for c in columns_of(fact)
        }
        _known("column of its facts", column, columns, place("cut_columns", cut))


def _check_defaults(metric: Metric, place: Place) -> None:
    from tenure.metrics.questions import parameter_value  # questions reads declarations

    for name, parameter in metric.parameters.items():
        if parameter.type == "word" and not parameter.choices:
            _refuse(
                f"The parameter `{name}` is a word, but no words are allowed.",
                place("parameters", name),
                'Add choices = ["...", "..."].',
                "declaration.parameter",
            )
        if parameter.default is not None:
            try:
                parameter_value(name, parameter, parameter.default)
            except UserError as error:
                raise DeclarationError(
                    f"The default of `{name}` does not fit it: {error.what}",
                    where=place("parameters", name, "default"),
                    remedy=error.remedy,
                    code="declaration.parameter",
                ) from error


def _check_measure(metric: Metric, name: str, place: Place) -> None:
    measure = metric.measures[name]

    def at(*keys: str) -> str:
        return place("measures", name, *keys)

    _known("table or derived fact", measure.from_, [*tables(), *TIER], at("from"))
    types = columns_of(measure.from_)
    if "account_id" not in types:
        _refuse(
            f"`{measure.from_}` says nothing about accounts, so nothing can be measured on it.",
            at("from"),
            "Use a table or derived fact with the column account_id.",
            "measure.no_account",
        )
    _check_reads(metric, measure, at("from"))
    names = {*types, *known_names(metric)}
    if name in known_names(metric):
        _refuse(
            f"A measure cannot be called `{name}`: that is a parameter or a day.",
            at(),
            "Give the measure another name.",
            "measure.name",
        )
    for key in ("column", "where"):
        if getattr(measure, key):
            parse(getattr(measure, key), names, where=at(key))
    _check_aggregate(measure, types, at)
    if measure.when:
        numbers = [p for p, d in metric.parameters.items() if d.type == "int"]
        has_period = metric.period != "none"
        read_when(
            measure.when, types, dict.fromkeys(numbers), has_period=has_period, where=at("when")
        )


def _check_reads(metric: Metric, measure: Measure, where: str) -> None:
    """A measure over a table that `needs` and `reads` do not name would be 0 where it is missing."""
    said = {word for need in (*metric.needs, *metric.reads) for word in need.split(" or ")}
    for needed in needs_of(measure.from_):
        if needed not in said:
            _refuse(
                f"`{measure.from_}` rests on `{needed}`, which neither `needs` nor `reads` names.",
                where,
                f'Add "{needed}" to needs, so that the metric is Unknown without it, or to reads.',
                "measure.needs",
            )
    for parameter in TIER[measure.from_].parameters if measure.from_ in TIER else ():
        if parameter not in known_names(metric):
            _refuse(
                f"`{measure.from_}` is made for a `{parameter}`, which the metric does not have.",
                where,
                f"Add [parameters.{parameter}], or `period` for a period's days.",
                "measure.parameter",
            )


def _check_aggregate(measure: Measure, types: Mapping[str, ColumnType], at: Place) -> None:
    if measure.aggregate != "count" and not measure.column:
        _refuse(
            f"`{measure.aggregate}` needs a `column`.",
            at("aggregate"),
            "Columns: " + ", ".join(f"`{c}`" for c in types) + ".",
            "measure.column",
        )
    plain = types.get(measure.column)
    if measure.aggregate in ("sum", "mean") and plain is not None and plain not in NUMBERS:
        numbers = [c for c, kind in types.items() if kind in NUMBERS]
        _refuse(
            f"`{measure.column}` holds {plain}; it cannot be added up.",
            at("column"),
            "Numbers are in: " + (", ".join(f"`{c}`" for c in numbers) or "no column") + ".",
            "measure.not_a_number",
        )
    if measure.aggregate == "latest":
        _known(
            "column to order by",
            measure.order,
            types,
            at("order" if measure.order else "aggregate"),
        )
    if measure.convert and "currency" not in types:
        _refuse(
            f"`{measure.from_}` has no currency to convert from.",
            at("convert"),
            "Leave `convert` out.",
            "measure.currency",
        )


def _check_expressions(metric: Metric, place: Place) -> None:
    names = {*metric.measures, *known_names(metric)}
    if metric.per:
        names.add("account_start")
    for name, expression in metric.values.items():
        parse(expression, names, where=place("values", name), allowed=OVER_MEASURES)
        names.add(name)
    parse(metric.value, names, where=place("value"), allowed=OVER_MEASURES)
    for reason, condition in metric.unknown_when.items():
        parse(condition, names, where=place("unknown_when", reason), allowed=OVER_MEASURES)
    names.add("value")
    if metric.whole and not metric.per:
        _refuse(
            "`whole` is the headline of a metric per account, and this is none.",
            place("whole"),
            'Add per = "account", or leave `whole` out.',
            "declaration.whole",
        )
    given = {**metric.gives, **({"whole": metric.whole} if metric.whole else {})}
    for name, text in given.items():
        where = place("whole") if name == "whole" else place("gives", name)
        part = read_part(text, where=where)
        if part.kind == "per_column":
            _known("measure", part.expression, metric.measures, where)
            _known("column", part.column, columns_of(metric.measures[part.expression].from_), where)
        elif part.names:
            for one in part.names:
                _known("measure or value", one, names, where)
        else:
            parse(part.expression, names, where=where, allowed=OVER_MEASURES)
    _check_components(metric, place)


def _check_components(metric: Metric, place: Place) -> None:
    """Every part of the answer is said to be something, and everything said is given."""
    given = set(metric.gives) or set(metric.measures)
    for name in metric.components:
        if name not in given:
            known = UnknownName("part in `gives`", name, given)
            raise DeclarationError(
                f"The part `{name}` is described, but nothing gives it.",
                where=place("components", name),
                remedy=f'{known.remedy} Or add [gives] {name} = "...".',
                code="declaration.components",
            )
    for name in metric.gives:
        if name not in metric.components:
            _refuse(
                f"The part `{name}` is given, but not described.",
                place("gives", name),
                f'Add {name} = "what it is" to [components].',
                "declaration.components",
            )


def place_in(text: str, name: str) -> Place:
    """`file:line` of a key's path in a declaration's text; the deepest part that is found."""
    lines = text.splitlines()

    def place(*path: str) -> str:
        found, start = 0, 0
        for depth, part in enumerate(path):
            header = re.compile(rf"^\s*\[+\s*{re.escape('.'.join(path[: depth + 1]))}\s*\]+")
            key = re.compile(rf"(?:^|[\s{{,.])\"?{re.escape(part)}\"?\s*=")
            for number in range(start, len(lines)):
                if header.search(lines[number]) or key.search(lines[number]):
                    found = start = number
                    break
        return f"{name}:{found + 1}"

    return place
