"""One metric's account values as SQL over the measures of its plans: the number, and why one is Unknown.

Follows `added.measured` and `plain` word by word, for all accounts and days at once; where an expression has
no SQL that is sure to give the same number, the metric is asked day by day instead (`Unwritten`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from tenure.facts.sql import ident, literal
from tenure.facts.table import ColumnType
from tenure.kernel.unknown import REASONS
from tenure.metrics.declaration import COUNTING, Measure, Metric
from tenure.metrics.derived.tier import columns_of, needs_of
from tenure.metrics.expressions import names_in, parse
from tenure.metrics.gives import read_part
from tenure.metrics.history.arithmetic import SQL_TYPE, Kind, Term, Unwritten, number, written
from tenure.metrics.kinds import OF_COLUMN as KIND_OF_COLUMN
from tenure.metrics.kinds import Kinds

OF_COLUMN: Mapping[ColumnType, Kind] = {
    "int": "whole", "number": "number", "money": "number", "date": "day", "bool": "truth",
    "id": "text", "text": "text", "word": "text",
}  # fmt: skip
PLACES: Mapping[ColumnType, int] = {"number": 6, "money": 4}


@dataclass(frozen=True, slots=True)
class Value:
    """One column of a history: its name, its SQL, its type, and SQL for the reason where it is Unknown."""

    name: str
    sql: str
    type: str
    why: str


def values_of(
    metric: Metric, columns: Mapping[str, str], known: Mapping[str, Any], here: Collection[str]
) -> list[Value]:
    """The metric's own value and the other numbers it gives per account.

    Args:
        metric: declared by measures.
        columns: measure -> the column of its value; " rows" and " gaps" stand beside it.
        known: what a question knows; as_of and other days are columns, as trees.
        here: facts whose tables were delivered.

    Raises:
        Unwritten: the metric must be asked day by day.
    """
    return _Values(metric, columns, known, here).all()


class _Values:
    def __init__(
        self,
        metric: Metric,
        columns: Mapping[str, str],
        known: Mapping[str, Any],
        here: Collection[str],
    ) -> None:
        self.metric, self.columns, self.here = metric, columns, here
        self.terms: dict[str, Term] = {}
        self.why: dict[str, str] = {}
        for name, value in known.items():
            term = _parameter(value)
            if term is not None:
                self.terms[name] = term
        self.terms["account_start"] = Term("account_start", "day")
        for name, measure in metric.measures.items():
            self._measure(name, measure)

    def all(self) -> list[Value]:
        where = f"{self.metric.id}.toml"
        for name, expression in {**self.metric.values, "value": self.metric.value}.items():
            term = self._read(expression)
            why = f"case when {term.sql} is null then {self._reason(expression)} end"
            self.terms[name], self.why[name] = term, why
        blank = ""
        for reason, condition in self.metric.unknown_when.items():
            met = self._read(condition).sql
            blank = f"when {met} then {literal(reason)} {blank}"
        found = [self._value(self.metric.id, self.terms["value"], self.why["value"], blank)]
        for part_name, text in self.metric.gives.items():
            part = read_part(text, where=where)
            if part.kind != "per_account":
                continue
            for name in part.names or (part.expression,):
                if name in ("value", self.metric.value) or name in self._lists():
                    continue
                shown = f"{self.metric.id}__{name if part.names else part_name}"
                term = self._read(name)
                why = self.why.get(name) or (
                    f"case when {term.sql} is null then {self._reason(name)} end"
                )
                found.append(self._value(shown, term, why, blank))
        return found

    def _lists(self) -> set[str]:
        return {n for n, measure in self.metric.measures.items() if measure.aggregate == "list"}

    def _value(self, name: str, term: Term, why: str, blank: str) -> Value:
        if term.kind == "nothing":
            raise Unwritten
        value, reason = term.sql, why
        if blank:
            condition = " or ".join(
                f"coalesce({self._read(c).sql}, false)" for c in self.metric.unknown_when.values()
            )
            value = f"case when {condition} then null else {term.sql} end"
            reason = f"case {blank} else {why} end"
        return Value(name, f"cast({value} as {SQL_TYPE[term.kind]})", SQL_TYPE[term.kind], reason)

    def _read(self, expression: str) -> Term:
        if names_in(expression) & (self.metric.measures.keys() - self.terms.keys()):
            raise Unwritten  # of a list, or of money in several currencies
        return written(expression, self.terms, where=f"{self.metric.id}.toml")

    def _reason(self, expression: str) -> str:
        """The reason of the first part named that is Unknown, else what an empty denominator means."""
        named = names_in(expression)
        parts = [why for name, why in self.why.items() if name in named]
        return f"coalesce({', '.join([*parts, literal(self.metric.empty)])})"

    def _measure(self, name: str, measure: Measure) -> None:
        if measure.aggregate == "list" or measure.convert:
            return  # no single number; an expression that names it is Unwritten by its absence
        if measure.from_ not in self.here and not self._has_stand_in(measure):
            self.terms[name] = Term(f"cast(null as {SQL_TYPE[_kind(measure)]})", _kind(measure))
            self.why[name] = literal("no_data")
            return
        column, nothing = ident(self.columns[name]), measure.without_rows
        rows, gaps = (f"coalesce({ident(self.columns[name] + k)}, 0)" for k in (" rows", " gaps"))
        if measure.from_ not in self.here:  # another table stands for it, so it has no rows
            column, rows, gaps = f"cast(null as {SQL_TYPE[_kind(measure)]})", "0", "0"
        is_reason = nothing in REASONS
        empty = "null" if is_reason else str(nothing)
        if measure.aggregate == "mean":
            held = Term(
                f"(case when {rows} > 0 then {column} end)",
                _kind_of_column(measure),
                _places(measure),
            )
            made = written(
                "held / n", {"held": held, "n": Term(f"nullif({rows}, 0)", "whole")}, where=name
            )
            value, kind = made.sql, made.kind
        elif measure.aggregate in COUNTING:
            value, kind = f"case when {rows} > 0 then {column} else 0 end", _kind(measure)
        else:
            value, kind = f"case when {rows} > 0 then {column} end", _kind(measure)
        if measure.aggregate in ("sum", "distinct") and measure.missing == "unknown":
            value = f"case when {gaps} > 0 then null else {value} end"
        sql = f"(case when {rows} = 0 and {gaps} = 0 then {empty} else {value} end)"
        self.terms[name] = Term(sql, kind, _places(measure) if kind == "number" else 0)
        none = literal(str(nothing)) if is_reason else literal("no_data")
        self.why[name] = (
            f"case when {sql} is null then case when {rows} = 0 and {gaps} = 0 then {none} "
            f"else 'no_data' end end"
        )

    def _has_stand_in(self, measure: Measure) -> bool:
        alternatives = {
            w for need in self.metric.needs if " or " in need for w in need.split(" or ")
        }
        return set(needs_of(measure.from_)) <= alternatives


def _parameter(value: Any) -> Term | None:
    if isinstance(value, exp.Expr):
        return Term(value.sql("duckdb"), "day")
    if isinstance(value, bool):
        return Term(str(value).lower(), "truth")
    if isinstance(value, int | float):
        return number(value)
    return Term(literal(value), "text") if isinstance(value, str) else None


def _kind_of_column(measure: Measure) -> Kind:
    types = columns_of(measure.from_)
    if measure.column in types:
        return OF_COLUMN.get(types[measure.column], "nothing")
    if measure.column == "":
        return "whole"
    names = {name: KIND_OF_COLUMN[kind] for name, kind in types.items()}
    if not names_in(measure.column) <= names.keys():
        raise Unwritten  # with a parameter in it
    if Kinds(names, where="").of(parse(measure.column, names, where="")) == "whole":
        return "whole"
    raise Unwritten  # a calculated amount: its places would have to be worked out


def _kind(measure: Measure) -> Kind:
    if measure.aggregate in ("count", "distinct"):
        return "whole"
    if measure.aggregate == "any":
        return "truth"
    return _kind_of_column(measure)


def _places(measure: Measure) -> int:
    return PLACES.get(columns_of(measure.from_).get(measure.column, "text"), 0)
