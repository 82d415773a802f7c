"""A history: the account values of metrics on many days, compiled where that is sure, asked where it is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tenure.facts.sql import ident, literal
from tenure.lake.values import WHY
from tenure.metrics.asked import Asked
from tenure.metrics.compute import Computed, missing_tables
from tenure.metrics.declaration import Metric
from tenure.metrics.derived.tier import needs_of
from tenure.metrics.history.arithmetic import Unwritten
from tenure.metrics.history.asking import asked_values
from tenure.metrics.history.days import Days, Window, reached, spread, stretches
from tenure.metrics.history.facts import FactsOver
from tenure.metrics.history.measured import DAYS, DayScope, Piece, day_scope, piece, query
from tenure.metrics.history.over_days import NUMBERED, THERE, told_of
from tenure.metrics.history.values import Value, values_of
from tenure.metrics.lateness import LATE, late_days
from tenure.metrics.questions import Defaults, Span, ask
from tenure.metrics.reading import Reading

ACCOUNTS = "history_accounts"
NOT_THERE = literal("undefined")
"""Why an account that a metric's map has no row for has no number."""


@dataclass(frozen=True, slots=True)
class Made:
    """A history as one query of the reading's engine: as_of, account_id, and two columns per value.

    `columns` gives each value's type, `by_metric` the columns of each metric; a value's reason stands in the
    column of the same name with `__why` behind it, `source_late` also beside a value. `late` are the days of that.
    """

    query: str
    columns: Mapping[str, str]
    by_metric: Mapping[str, tuple[str, ...]]
    late: Mapping[str, frozenset[date]]

    @property
    def whys(self) -> list[str]:
        """The columns of reasons."""
        return [column + WHY for column in self.columns]


def has_history(metric: Metric) -> bool:
    """Whether the metric has one number per account on a day."""
    if metric.answer:
        return bool(metric.history)
    return bool(metric.per) or "account" in metric.grain


def history(
    metrics: Iterable[Metric],
    days: Sequence[date],
    computed: Computed,
    defaults: Defaults,
    *,
    accounts: frozenset[str] | None = None,
    asked_of: Computed | None = None,
    paced_by: Reading | None = None,
) -> Made:
    """The account values of the metrics on the days, in order; one row per day and account that has begun by then.

    Args:
        metrics: those to read; such as have no number per account are left out.
        days: the as-ofs, in order, none twice.
        computed: the facts.
        defaults: what a question leaves out.
        accounts: only these; None: all. Right where an account's number rests on no other account's rows.
        asked_of: the same facts for what is asked day by day, where `computed` is slow to answer small questions.
        paced_by: whose facts say which sources were late, where `computed` reads some accounts only.
    """
    chosen = [m for m in metrics if has_history(m)]
    made = _History(computed, tuple(days), defaults, accounts)
    made.over = FactsOver.of(made.reading, made.days.as_ofs, chosen)
    made.asked_of = asked_of or computed
    made.paced_by = paced_by or made.asked_of.reading
    return made.of(chosen)


class _History:
    """Not frozen: it gathers plans and relations."""

    def __init__(
        self,
        computed: Computed,
        days: tuple[date, ...],
        defaults: Defaults,
        accounts: frozenset[str] | None,
    ) -> None:
        self.accounts = accounts
        self.computed, self.reading, self.defaults = computed, computed.reading, defaults
        self.asked_of, self.paced_by = computed, computed.reading
        self.late: dict[str, frozenset[date]] = {}
        self.days = Days(days)
        self.over = FactsOver.of(self.reading, days)
        self.pieces: list[Piece] = []
        self.asked: list[tuple[Metric, list[Asked]]] = []
        self.told: list[tuple[Metric, list[Asked]]] = []
        self.values: list[Value] = []
        self.named = 0

    def of(self, metrics: Sequence[Metric]) -> Made:
        looked_to: dict[str, list[tuple[date, date]]] = {}
        for metric in metrics:
            questions = [self._question(metric, day) for day in self.days.as_ofs]
            looked_to[metric.id] = [(question.as_of, question.day) for question in questions]
            if metric.answer_over:
                self.told.append((metric, questions))
            elif metric.answer or not self._compiled(metric, questions):
                self.asked.append((metric, questions))
        self._accounts()
        self._there()
        joins = [*self._plans(), *self._over(), *self._answers()]
        for name, text in joins:
            if text:
                self.reading.facts.keep(name, text)
        for metric in metrics:
            self.late[metric.id] = late_days(metric, self.paced_by, looked_to[metric.id])
        selected = ", ".join(
            f"{value.sql} as {ident(value.name)}, {self._why(value)} as {ident(value.name + WHY)}"
            for value in self.values
        )
        joined = " ".join(f"left join {name} using (as_of, account_id)" for name, _ in joins)
        text = (
            f"select as_of, account_id{', ' if selected else ''}{selected} "
            f"from {THERE} as there {joined}"
        )
        columns = {value.name: value.type for value in self.values}
        by_metric = {
            metric.id: tuple(c for c in columns if c == metric.id or c.startswith(f"{metric.id}__"))
            for metric in metrics
        }
        late = {name: late_on for name, late_on in self.late.items() if late_on}
        return Made(text, columns, by_metric, late)

    def _why(self, value: Value) -> str:
        """Why a value is Unknown; of a known one, that its source was late that day."""
        name = value.name
        own = (d for m, d in self.late.items() if name == m or name.startswith(f"{m}__"))
        days = frozenset[date]().union(*own)
        if not days:
            return value.why
        listed = ", ".join(f"date '{day}'" for day in sorted(days))
        tainted = f"({value.sql}) is not null and as_of in ({listed})"
        return f"case when {tainted} then {literal(LATE)} else {value.why} end"

    def _question(self, metric: Metric, day: date) -> Asked:
        where = None if self.accounts is None else {"account": sorted(self.accounts)}
        return ask(metric, Span(as_of=day), by=None, where=where, given={}, defaults=self.defaults)

    def _compiled(self, metric: Metric, questions: Sequence[Asked]) -> bool:
        """Whether the metric's plans and values are gathered; not, where it must be asked."""
        scope = day_scope(self.days, [question.known for question in questions], self.over)
        scope = replace(scope, accounts=self.accounts)
        # Counted over all measures: a piece is not made of each, and a number given twice is ambiguous.
        columns = {name: f"m{self.named + n}" for n, name in enumerate(metric.measures)}
        self.named += len(columns)
        here = {
            m.from_
            for m in metric.measures.values()
            if all(map(self.reading.has, needs_of(m.from_)))
        }
        try:
            values = values_of(metric, columns, scope.values, here)
        except (Unwritten, KeyError):
            return False
        if missing_tables(metric, self.reading):
            self.values += [
                Value(v.name, f"cast(null as {v.type})", v.type, literal("no_data")) for v in values
            ]
            return True
        self.pieces += [
            piece(metric, name, scope, columns[name])
            for name, measure in metric.measures.items()
            if measure.from_ in here and measure.aggregate != "list"
        ]
        if not metric.per:  # its cut by account names whoever has rows
            self.values += values
            return True
        day = scope.values["as_of"].sql("duckdb")
        self.values += [
            Value(
                v.name,
                f"case when begins > {day} then null else {v.sql} end",
                v.type,
                f"case when begins > {day} then {NOT_THERE} else {v.why} end",
            )
            for v in values
        ]
        return True

    def _plans(self) -> list[tuple[str, str]]:
        """Each plan's name and query; pieces that read the same rows in the same way share one."""
        by_key: dict[Any, list[Piece]] = {}
        for one in self.pieces:
            by_key.setdefault(one.key, []).append(one)
        plans = []
        for number, own in enumerate(by_key.values()):
            seen = f"history_seen_{number}"
            self._seen(seen, own)
            plans.append((f"history_plan_{number}", query(own, seen)))
        return plans

    def _seen(self, name: str, pieces: Sequence[Piece]) -> None:
        """Register which days go together and who sees them, as `query` reads them."""
        as_ofs, way = self.days.as_ofs, pieces[0].way
        if way == "running":
            self._register(f"{name}_days", reached(as_ofs))
        if way not in ("sums", "rows"):
            return
        on_days = list(zip(*(_closed(one) for one in pieces), strict=True))
        hulls = [(min(f for f, _ in own), max(last for _, last in own)) for own in on_days]
        held = spread(as_ofs, hulls)
        if way == "sums":
            parts = stretches(window for own in on_days for window in own)
            self._register(f"{name}_days", parts)
            firsts = set(parts["@first"])
            kept = [p for p in zip(held["@day"], held["@as_of"], strict=True) if p[0] in firsts]
            held = {"@day": [day for day, _ in kept], "@as_of": [as_of for _, as_of in kept]}
        self._register(name, held)

    def _register(self, name: str, columns: Mapping[str, Sequence[date]]) -> None:
        self.reading.facts.register(name, columns, types=dict.fromkeys(columns, "DATE"))

    def _over(self) -> list[tuple[str, str]]:
        """Metrics that are functions of many days, each made a relation."""
        if not self.told:
            return []
        joins: list[tuple[str, str]] = []
        shared: dict[Any, Any] = {}
        for number, (metric, questions) in enumerate(self.told):
            name = f"history_told_{number}"
            try:
                is_there, values = told_of(metric, questions, self.over, name, shared)
            except Unwritten:
                self.asked.append((metric, questions))
                continue
            self.values += values
            joins += [(name, "")] if is_there else []
        return joins

    def _there(self) -> None:
        """Who there is on which day, with the days' columns: kept, so that all cores share in what is read from it."""
        facts, days = self.reading.facts, self.days.as_ofs
        facts.register(DAYS, self.days.given(), types=dict.fromkeys(self.days.given(), "DATE"))
        facts.register(
            NUMBERED,
            {"number": range(len(days)), "as_of": days},
            types={"number": "BIGINT", "as_of": "DATE"},
        )
        facts.keep(
            THERE,
            f'select number, "@0" as as_of, account_id, begins is null or begins <= "@0" as is_begun, begins, '
            f"account_start, {DAYS}.* from {self.who}, {DAYS}, {NUMBERED} as numbered "
            'where numbered.as_of = "@0" and (seen_from is null or seen_from <= "@0")',
        )

    def _answers(self) -> list[tuple[str, str]]:
        """Metrics that are asked day by day, registered as one relation."""
        if not self.asked:
            return []
        types, columns = asked_values(self.asked, self.asked_of, WHY)
        name = "history_asked"
        self.reading.facts.register(
            name, columns, types={"as_of": "DATE", "account_id": "VARCHAR", **types}
        )
        for column, kind in types.items():
            if not column.endswith(WHY):
                why = ident(column + WHY)
                held, reason = f"{name}.{ident(column)}", f"{name}.{why}"
                reason = f"case when {held} is null then coalesce({reason}, {NOT_THERE}) end"
                self.values.append(Value(column, held, kind, reason))
        return [(name, "")]

    def _accounts(self) -> None:
        """Who there is: accounts from their start on file or their first line on, whichever is earlier.

        Who has a line and has not begun yet by the file has ARR, and no number that is about its life with us.
        """
        if self.accounts is None:
            self.reading.once(self.who, self._register_accounts)
        else:
            self._register_accounts()

    @property
    def who(self) -> str:
        """The name of the relation with everybody, or with those that were named."""
        return ACCOUNTS if self.accounts is None else f"{ACCOUNTS}_named"

    def _register_accounts(self) -> None:
        reading: Reading = self.reading
        first_line: dict[str, date] = {}
        for line in reading.lines().lines:
            known = first_line.get(line.account_id)
            first_line[line.account_id] = min(known, line.start) if known else line.start
        rows = reading.accounts()
        names = sorted(
            a for a in {*rows, *first_line} if self.accounts is None or a in self.accounts
        )
        reading.facts.register(
            self.who,
            {
                "account_id": names,
                "seen_from": [_seen_from(rows.get(a), first_line.get(a)) for a in names],
                "begins": [rows[a]["start_date"] if a in rows else None for a in names],
                "account_start": [reading.began(a) for a in names],
            },
            types={
                "account_id": "VARCHAR",
                "seen_from": "DATE",
                "begins": "DATE",
                "account_start": "DATE",
            },
        )


def _closed(one: Piece) -> list[Window]:
    """A piece's window on each day, both ends known."""
    return [(first, last) for first, last in one.window if first is not None]


def _seen_from(row: Mapping[str, Any] | None, first_line: date | None) -> date | None:
    if row is None:
        return first_line
    start: date | None = row["start_date"]
    return start if start is None or first_line is None else min(start, first_line)


__all__ = ["WHY", "DayScope", "Made", "has_history", "history"]
