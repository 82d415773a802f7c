"""Measures of many metrics over many days: one query per fact, a row per as_of and account.

Five ways, by what a measure looks at. Rows of a fact of a day stand on their as_of. A window with two ends
takes sums by civil day, or else rows, to the as-ofs that see them. A window without a beginning is a running
total, or where a metric asks only whether there is a row yet, a matter of the first one. Anything else meets every
as_of; only small facts do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from sqlglot import exp

from tenure.facts.sql import ident
from tenure.metrics.compiler import Scope, condition_of, outputs, when_of
from tenure.metrics.declaration import Measure, Metric
from tenure.metrics.derived.tier import TIER, columns_of
from tenure.metrics.expressions import names_in
from tenure.metrics.history.days import Days
from tenure.metrics.history.facts import VARYING, FactsOver, Knowns, is_of_a_day
from tenure.metrics.history.reach import asks_only_whether
from tenure.metrics.windows import When, civil_day

Way = Literal["of_a_day", "sums", "rows", "running", "whether", "every_day"]
AGAIN = {"count": "sum", "sum": "sum", "mean": "sum", "min": "min", "max": "max", "any": "bool_or"}
"""How pieces of an aggregate are put together again; `latest` needs its order beside it."""
DAYS = "history_days"
ROWS = "usage_rows"


@dataclass(frozen=True, slots=True)
class DayScope(Scope):
    """A scope over many days: what differs from day to day is a column of `days`."""

    days: Days = field(default_factory=lambda: Days(()))
    knowns: Knowns = ()
    bits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def bounds(self, when: When) -> tuple[exp.Expr | None, exp.Expr]:
        """The window's first and last day as columns."""
        found = [when.bounds(known) for known in self.knowns]
        firsts = [first for first, _ in found]
        first = None if None in firsts else self.days.column(firsts)
        return first, self.days.column([last for _, last in found])


def day_scope(days: Days, knowns: Knowns, over: FactsOver) -> DayScope:
    """The scope of a metric whose questions, one a day, know `knowns`."""
    values = {
        name: days.column([known[name] for known in knowns]) if name in VARYING else value
        for name, value in knowns[0].items()
    }
    zone = over.reading.time_zone
    return DayScope(
        values,
        zone,
        lambda fact: over.relation(fact, knowns),
        days=days,
        knowns=knowns,
        bits=over.bits,
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """One measure of one metric: the fact's relation, the way it is taken, and its conditions as SQL.

    `column` is the name its value has in the plan's result; "<column> rows" and "<column> gaps" stand beside
    it. `where` names no day unless the way takes row by row; `held` is `where` with the window. `sums`, where the
    relation holds sums in place of the fact's rows, is their column; `usage_rows` counts the rows. `bits`, where
    the relation has the different values as bits, is their column.
    """

    metric: Metric
    name: str
    scope: DayScope
    column: str
    relation: str
    way: Way
    day: str
    window: tuple[tuple[date | None, date], ...]
    bounds: tuple[exp.Expr | None, exp.Expr] | None
    where: exp.Expr
    held: exp.Expr
    sums: str = ""
    bits: str = ""

    @property
    def key(self) -> tuple[str, Way, str]:
        """Pieces with one key share a query."""
        is_by_day = self.way in ("sums", "rows", "running", "whether")
        return self.relation, self.way, self.day if is_by_day else ""

    @property
    def aggregate(self) -> str:
        """The measure's."""
        return self.metric.measures[self.name].aggregate

    def selected(self, condition: exp.Expr) -> list[str]:
        """Value, rows and gaps over rows that meet `condition`, as SQL with their names."""
        if self.sums:
            return self._summed(condition)
        found = outputs(self.metric, self.name, condition, self.scope)
        names = (self.column, f"{self.column} rows", f"{self.column} gaps")
        texts = [one.this.sql("duckdb") for one in found]
        if self.bits:
            texts[0] = _different(self.bits, condition)
        if (
            self.aggregate == "count"
        ):  # the rows are what is counted, and none of them lacks anything
            texts = [texts[0], texts[0], "0"]
        made = [f"{text} as {ident(name)}" for name, text in zip(names, texts, strict=True)]
        if self.aggregate == "latest" and self.way == "running":
            order = self.metric.measures[self.name].order
            value = next(found[0].find_all(exp.ArgMax)).this
            lacks = exp.Is(this=exp.paren(value.copy()), expression=exp.Null())
            known = exp.and_(condition.copy(), exp.not_(lacks)).sql("duckdb")
            made.append(
                f"max({ident(order)}) filter (where {known}) as {ident(names[0] + ' order')}"
            )
        return made

    def _summed(self, condition: exp.Expr) -> list[str]:
        """The same from sums of rows. None of the rows added up lacks anything."""
        is_every = isinstance(condition, exp.Boolean) and condition.this
        held = "" if is_every else f" filter (where {condition.sql('duckdb')})"
        value, rows = (f"sum({ident(column)}){held}" for column in (self.sums, ROWS))
        return [
            f"{value} as {ident(self.column)}",
            f"{rows} as {ident(self.column + ' rows')}",
            f"0 as {ident(self.column + ' gaps')}",
        ]


def _different(bits: str, condition: exp.Expr) -> str:
    """SQL for how many different values there are among rows, from a bit for each value."""
    is_every = isinstance(condition, exp.Boolean) and condition.this
    held = "" if is_every else f" filter (where {condition.sql('duckdb')})"
    return f"cast(coalesce(bit_count(bit_or({ident(bits)}){held}), 0) as bigint)"


def piece(metric: Metric, name: str, scope: DayScope, column: str) -> Piece:
    """A measure with the way it is best taken over many days."""
    measure = metric.measures[name]
    bare = replace(metric, measures={name: replace(measure, when="")})
    when = when_of(metric, name, scope)
    day, bounds = "", None
    window: tuple[tuple[date | None, date], ...] = ()
    if when is not None:
        day = civil_day(when.column, columns_of(measure.from_)[when.column], scope.time_zone).sql(
            "duckdb"
        )
        bounds = scope.bounds(when)
        window = tuple(when.bounds(known) for known in scope.knowns)
    rolled, sums = _rolled(measure, when)
    relation = scope.relation(rolled)
    beside = scope.bits.get(rolled, {}) if measure.aggregate == "distinct" else {}
    return Piece(
        metric,
        name,
        scope,
        column,
        relation,
        _way(metric, name, when),
        day,
        window,
        bounds,
        condition_of(bare, name, scope),
        condition_of(metric, name, scope),
        sums,
        beside.get(measure.column, ""),
    )


def _rolled(measure: Measure, when: When | None) -> tuple[str, str]:
    """The fact to read the measure from and, where that holds sums of its rows, their column."""
    is_of_days = when is not None and when.kind != "in_force"
    if not is_of_days or measure.where or measure.aggregate not in ("count", "sum"):
        return measure.from_, ""
    for fact in TIER.values():
        if fact.rolled == measure.from_ and measure.column in fact.sums:
            return fact.id, fact.sums[measure.column]
    return measure.from_, ""


def _way(metric: Metric, name: str, when: When | None) -> Way:
    measure = metric.measures[name]
    if is_of_a_day(measure.from_):
        return "of_a_day"
    named = names_in(measure.where or "true") | names_in(measure.column or "true")
    asks_day = bool(named & set(VARYING))
    if when is None or when.kind == "in_force":
        return "every_day"
    if when.kind == "until":
        if not asks_day and asks_only_whether(metric, name, measure):
            return "whether"
        can_run = not asks_day and measure.aggregate in (*AGAIN, "latest")
        return "running" if can_run else "every_day"
    return "sums" if not asks_day and measure.aggregate in AGAIN else "rows"


def query(pieces: Sequence[Piece], seen: str) -> str:
    """The one query of pieces with one key: as_of, account_id, and three columns per piece.

    `seen` begins the names of the relations that say which civil days go together (`stretches`) and which
    stretch or day is seen by which as_of (`spread`).
    """
    way = pieces[0].way
    if way == "sums":
        return _sums(pieces, seen)
    if way == "running":
        return _running(pieces, seen)
    if way == "whether":
        return _whether(pieces)
    relation = pieces[0].relation
    selected = ", ".join(one for p in pieces for one in p.selected(p.held))
    held = _any([p.held for p in pieces])
    if way == "of_a_day" and '"@' not in selected + held:
        # A fact of a day has rows of the as-ofs and no others.
        return f"select as_of, account_id, {selected} from {relation} as made where {held} group by 1, 2"
    if way == "of_a_day":
        source = f'{relation} as made join {DAYS} on made.as_of = {DAYS}."@0"'
    elif way == "rows":
        source = (
            f'{relation} as made join {seen} as seen on seen."@day" = {pieces[0].day} '
            f'join {DAYS} on {DAYS}."@0" = seen."@as_of"'
        )
    else:
        source = f"{relation} as made, {DAYS}"
    return (
        f'select {DAYS}."@0" as as_of, made.account_id, {selected} from {source} '
        f"where {held} group by 1, 2"
    )


def _by_stretch(pieces: Sequence[Piece], seen: str, stretch: str, *, outer: str = "") -> str:
    """Sums by account and stretch of days that are always seen together: all that windows are made of."""
    selected = ", ".join(one for p in pieces for one in p.selected(p.where))
    return (
        f'select account_id, {stretch} as "@stretch", {selected} from {pieces[0].relation} as made '
        f'{outer}join {seen}_days as part on part."@day" = {pieces[0].day} '
        f"where {_any([p.where for p in pieces])} group by 1, 2"
    )


def _sums(pieces: Sequence[Piece], seen: str) -> str:
    selected = []
    for p in pieces:
        first, last = (bound.sql("duckdb") for bound in p.bounds or () if bound is not None)
        inside = f'filter (where "@stretch" between {first} and {last})'
        for name, again, held in _again(p):
            put = f"{again}({ident(held)}) {inside}" if held else "0"
            if p.sums and held not in ("", p.column):
                # A sum of sums is there where there are rows; how many, nobody asks.
                put = f"case when {again}({ident(p.column)}) {inside} is null then 0 else 1 end"
            selected.append(f"{put} as {ident(name)}")
    parts = _by_stretch(pieces, seen, 'part."@first"')
    return (
        f'select seen."@as_of" as as_of, account_id, {", ".join(selected)} from ({parts}) as parts '
        f'join {seen} as seen on seen."@day" = "@stretch" join {DAYS} on {DAYS}."@0" = seen."@as_of" group by 1, 2'
    )


def _whether(pieces: Sequence[Piece]) -> str:
    """1 from the day of an account's first row on: of these counts nobody asks more than whether they are 0."""
    firsts, told, anything = [], [], []
    for number, p in enumerate(pieces):
        first, (_, last) = f"first_{number}", p.bounds or (None, None)
        assert last is not None  # noqa: S101 - a count of what lies before a day has that day
        firsts.append(f"min({p.day}) filter (where {p.where.sql('duckdb')}) as {first}")
        anything.append(f"{first} <= {last.sql('duckdb')}")
        value = f"case when {anything[-1]} then 1 else 0 end"
        told += [f"{value} as {ident(p.column)}", f"{value} as {ident(p.column + ' rows')}"]
        told.append(f"0 as {ident(p.column + ' gaps')}")
    return f"""
        select {DAYS}."@0" as as_of, account_id, {", ".join(told)} from (
          select account_id, {", ".join(firsts)} from {pieces[0].relation} as made group by account_id
        ) as made, {DAYS} where {" or ".join(anything)}
        """


def _running(pieces: Sequence[Piece], seen: str) -> str:
    """Totals up to each as_of, over what falls between one as_of and the next."""
    first, last = (f'(select {end}("@0") from {DAYS})' for end in ("min", "max"))
    running: dict[str, str] = {}
    selected = []
    for p in pieces:
        for name, again, held in _again(p):
            by = f", {ident(f'{held} order')}" if again == "arg_max" else ""
            put = f"{again}({ident(held)}{by}) over so_far"
            # The engine would run the same total twice.
            column = running.setdefault(put, f"t{len(running)}") if held else "0"
            selected.append(f"{column} as {ident(name)}")
    totals = ", ".join(f"{put} as {column}" for put, column in running.items())
    parts = _by_stretch(pieces, seen, f'coalesce(part."@as_of", {first})', outer="left ")
    parts = parts.replace(" where ", f" where {pieces[0].day} <= {last} and ", 1)
    return f"""
        with parts as materialized ({parts})
        select as_of, account_id, {", ".join(selected)} from (
          select every_day.as_of, every_day.account_id, {totals}
          from (
            select account_id, "@0" as as_of from (select distinct account_id from parts), {DAYS}
          ) as every_day
          left join parts on parts.account_id = every_day.account_id and parts."@stretch" = every_day.as_of
          window so_far as (partition by every_day.account_id order by every_day.as_of)
        )
        """


def _again(p: Piece) -> list[tuple[str, str, str]]:
    """A piece's columns, how each is put together again, and from which column of the parts; empty: always 0."""
    value = "arg_max" if p.aggregate == "latest" else AGAIN[p.aggregate]
    rows = p.column if p.aggregate == "count" else f"{p.column} rows"
    gaps = "" if p.sums or p.aggregate == "count" else f"{p.column} gaps"
    return [
        (p.column, value, p.column),
        (f"{p.column} rows", "sum", rows),
        (f"{p.column} gaps", "sum", gaps),
    ]


def _any(conditions: Iterable[exp.Expr]) -> str:
    """One of the conditions, with what all of them ask said once, where the engine can use it early."""
    parts = [[c.sql("duckdb") for c in _conjuncts(one)] for one in conditions]
    common = [part for part in parts[0] if all(part in other for other in parts[1:])]
    rest = [[part for part in own if part not in common] for own in parts]
    said = list(dict.fromkeys(common))
    if all(rest):
        said.append("(" + " or ".join(" and ".join(f"({p})" for p in own) for own in rest) + ")")
    return " and ".join(f"({part})" for part in said) or "true"


def _conjuncts(tree: exp.Expr) -> list[exp.Expr]:
    tree = tree.unnest()
    if isinstance(tree, exp.And):
        return [*_conjuncts(tree.left), *_conjuncts(tree.right)]
    return [] if isinstance(tree, exp.Boolean) and tree.this else [tree]
