"""One staged file against one canonical table: every value read or refused, then the row's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC

from tenure.facts.checks.check import Check, Problem, missing
from tenure.facts.checks.numbers import SCALES, number_check
from tenure.facts.checks.times import date_check, timestamp_check
from tenure.facts.checks.words import (
    bool_check,
    currency_check,
    id_check,
    json_check,
    text_check,
    word_check,
)
from tenure.facts.finding import Finding, shown_sql, stamp
from tenure.facts.sql import ident, literal, trimmed
from tenure.facts.supply import VERSION_COLUMNS, Plan
from tenure.facts.table import SQL_TYPES, Column, Rule
from tenure.facts.work import SHOWN_EACH, Work

FEW = 0.25
"""The share of rows with something to tell up to which they are copied out, to be looked at often."""

_VERSIONS = {
    "recorded_at": Column(type="timestamp", says="When it became known; empty: at the import."),
    "updated_at": Column(type="timestamp", says="Orders versions of a key.", required=True),
}


class TableCheck:
    """The checks of one plan; `run` refuses rows, `fill` moves the good ones on."""

    def __init__(self, work: Work, plan: Plan) -> None:
        """Choose the check of every column that is supplied."""
        self.work, self.plan = work, plan
        self._codes = f"codes_{plan.staged.table}_{plan.table.id}_{plan.number}"
        self._shown = plan.staged.table
        self._checks = {name: self._check(name) for name in plan.supplies}
        self._sure = {
            name
            for name, supply in plan.supplies.items()
            if self._checks[name].sure and supply.text == trimmed(supply.raw)
        }

    def _selected(self, columns: dict[str, str], *, where: str = "true") -> str:
        """The rows that feed the table, with their line and these columns."""
        body = "".join(f", {sql} as {ident(name)}" for name, sql in columns.items())
        return f"select s.line{body} from {self.plan.source} where ({self.plan.only}) and {where}"

    def _texts(self) -> dict[str, str]:
        return {name: supply.text for name, supply in self.plan.supplies.items()}

    def _check(self, name: str) -> Check:
        column = self.plan.table.columns.get(name) or _VERSIONS[name]
        check = self._by_type(name, column)
        problem = missing(name) if column.required else check.missing
        return replace(check, missing=problem)

    def _by_type(self, name: str, column: Column) -> Check:
        reading = self.plan.reading
        past = name in self.plan.table.not_in_future or name in VERSION_COLUMNS
        latest = self.work.loaded_at.astimezone(UTC) if past else None
        if column.type in SCALES or column.type == "int":
            return number_check(column, reading.signs())
        if column.type == "date":
            return date_check(reading.order, latest=latest)
        if column.type == "timestamp":
            return timestamp_check(reading.order, reading.time_zone or "UTC", latest=latest)
        if column.type == "json":
            values = f"(select t from ({self._selected({'t': self.plan.supplies[name].text})}))"
            return json_check(self.work.connection, values)
        if column.type == "bool":
            return bool_check()
        if name == "currency" or name.endswith("_currency"):
            return currency_check()
        if column.type == "id":
            return id_check()
        return word_check(column) if column.type == "word" else text_check()

    def run(self) -> None:
        """Note what is wrong with each value, and which rows are refused for it."""
        work, plan = self.work, self.plan
        doubtful = self._look_at_doubtful()
        if plan.only != "true":
            work.connection.execute(
                f"insert into {work.taken} (line, file) {self._selected({'file': literal(plan.staged.name)})}"
            )
        for name, check in self._checks.items() if doubtful else ():
            self._note_column(name, check)
            if plan.supplies[name].lookup is not None and check.missing is None:
                self._note_summed(name, self._lost(name), ident(f"lost {name}"))
        if self._shown != plan.staged.table:
            work.connection.execute(f"drop table {self._shown}")

    def _look_at_doubtful(self) -> bool:
        """Make the codes of what is wrong in the rows that are not beyond doubt at first sight, if there are any."""
        lost = {
            f"lost {n}": supply.lost for n, supply in self.plan.supplies.items() if supply.lookup
        }
        codes = "".join(f", {self._code(name)} as {ident(name)}" for name in self._checks)
        sure = {
            f"sure {n}": self._checks[n].sure_sql(self.plan.supplies[n].raw) for n in self._sure
        }
        kept = "".join(f", {ident(name)}" for name in lost)
        self.work.connection.execute(
            f"create or replace table {self._codes} as {self._doubtful(lost)}"
        )
        if not self.work.count(f"select count(*) from {self._codes}"):
            return False
        texts = self._selected(
            self._texts() | lost | sure, where=f"s.line in (select line from {self._codes})"
        )
        self.work.connection.execute(
            f"create or replace table {self._codes} as select line{codes}{kept} from ({texts})"
        )
        wrong = " or ".join([*(f"{ident(n)} > 0" for n in self._checks), *map(ident, lost)])
        lines = f"select line from {self._codes} where {wrong or 'false'}"
        count = self.work.count(f"select count(*) from ({lines})")
        if 0 < count <= self.plan.staged.rows * FEW:
            self._shown = f"shown_{self.plan.staged.table}"
            self.work.connection.execute(
                f"create or replace table {self._shown} as "
                f"select * from {self.plan.staged.table} where line in ({lines})"
            )
        return True

    def _code(self, name: str) -> str:
        """SQL for the code of what is wrong with a value, which is nothing where it is sure."""
        code = self._checks[name].code_sql(ident(name))
        if name not in self._sure:
            return code
        return f"case when {ident(f'sure {name}')} then 0::utinyint else {code} end"

    def _doubtful(self, lost: dict[str, str]) -> str:
        """The lines with a cell that needs a second look: in an unusual form, if not wrong."""
        supplies = self.plan.supplies
        cells = self._texts() | {name: supplies[name].raw for name in self._sure}
        beyond_doubt = [
            check.sure_sql(ident(name))
            if name in self._sure
            else f"{check.code_sql(ident(name))} = 0"
            for name, check in self._checks.items()
        ] + [f"{ident(name)} is not true" for name in lost]
        return (
            f"select line from ({self._selected(cells | lost)}) "
            f"where ({' and '.join(beyond_doubt) or 'true'}) is not true"
        )

    def _lost(self, name: str) -> Problem:
        """A value that a lookup did not find."""
        supply = self.plan.supplies[name]
        lookup = supply.lookup
        where = (lookup.file or lookup.table, lookup.column, lookup.key) if lookup else ("",) * 3
        return Problem(
            "lookup.missing", "",
            f"has no {name}: `{supply.header}` was not found in {where[0]}, or stands there with two answers",
            f"import the file that tells {where[1]} by {where[2]} together with this one",
            "notice", "notice", per="column",
        )  # fmt: skip

    def _note_column(self, name: str, check: Check) -> None:
        found = self.work.connection.execute(
            f"select {ident(name)}, count(*) from {self._codes} where {ident(name)} > 0 "
            "group by 1 order by 1"
        ).fetchall()
        problems = check.problems()
        supply = self.plan.supplies[name]
        for code, count in found:
            problem = problems[code - 1]
            where = f"{ident(name)} = {code}"
            if problem is check.missing and supply.lookup is not None:
                self._note_lost(name, where)
                where += f" and not {ident(f'lost {name}')}"
            if problem.level == "error":
                self._note_each(name, problem, where)
                self._refuse(f"{ident(name)} = {code}")
            elif problem.per == "value":
                self._note_each(name, problem, where, limit=SHOWN_EACH)
                self._note_rest(name, problem, count)
            else:
                self._note_summed(name, problem, where)

    def _note_lost(self, name: str, where: str) -> None:
        problem = replace(self._lost(name), level="error", outcome="refused")
        self._note_each(name, problem, f"{where} and {ident(f'lost {name}')}")

    def _like(self, name: str, problem: Problem) -> Finding:
        supply = self.plan.supplies[name]
        return Finding(
            rule=problem.rule,
            says=problem.says,
            remedy=problem.remedy,
            level=problem.level,
            outcome=problem.outcome,
            table_name=self.plan.table.id,
            file=self.plan.staged.name,
            column_no=supply.position,
            column_name=supply.header if supply.position else name,
        )

    def _note_each(self, name: str, problem: Problem, where: str, *, limit: int = 0) -> None:
        raw = shown_sql(self.plan.supplies[name].raw)
        remedy = literal(problem.remedy)
        if "{dotted}" in problem.remedy:
            remedy = f"replace({remedy}, '{{dotted}}', replace({raw}, ',', '.'))"
        ending = f" limit {limit}" if limit else ""
        self.work.note_rows(
            self._like(name, problem),
            f"select s.line as line, {raw} as value, {remedy} as remedy from {self._shown} s "
            f"where s.line in (select line from {self._codes} where {where}) order by s.line{ending}",
        )

    def _note_rest(self, name: str, problem: Problem, count: int) -> None:
        if count > SHOWN_EACH:
            like = self._like(name, problem)
            says = f"and {count - SHOWN_EACH:,} more values of this column like these: each {problem.says}"
            self.work.note_rows(like, f"select {literal(says)} as says")

    def _note_summed(self, name: str, problem: Problem, where: str) -> None:
        """One finding per distinct word, or one for the whole column, with the number of rows."""
        raw = shown_sql(self.plan.supplies[name].raw)
        group = "group by value" if problem.per == "word" else ""
        value = "value" if problem.per == "word" else "first(value order by line)"
        self.work.note_rows(
            self._like(name, problem),
            f"select min(line) as line, {value} as value, {literal(problem.says)} || case when count(*) > 1 "
            f"then ' (' || count(*) || ' rows)' else '' end as says from (select s.line as line, "
            f"{raw} as value from {self._shown} s where s.line in "
            f"(select line from {self._codes} where {where})) {group} having count(*) > 0 order by 1 limit {SHOWN_EACH}",
        )

    def _refuse(self, where: str) -> None:
        name = literal(self.plan.staged.name)
        self.work.connection.execute(
            f"insert into {self.work.bad} select {name}, line from {self._codes} where {where}"
        )

    def fill(self) -> None:
        """Move the rows nobody refused to the prepared table, then hold its rules against them."""
        work, table = self.work, self.plan.table
        work.ensure(table)
        doubtful = work.count(f"select count(*) from {self._codes}")
        bad = f"select line from {work.bad} where file = {literal(self.plan.staged.name)}"
        passed = f"s.line not in ({bad})" if work.count(f"select count(*) from ({bad})") else "true"
        if doubtful < self.plan.staged.rows:
            rest = f" and s.line not in (select line from {self._codes})" if doubtful else ""
            self._move(passed + rest, sure=self._sure)
        if doubtful:
            self._move(f"{passed} and s.line in (select line from {self._codes})", sure=set())
        work.connection.execute(f"drop table {self._codes}")
        for rule in table.rules:
            self._hold(rule)

    def _move(self, where: str, *, sure: set[str]) -> None:
        """Move rows to the prepared table, cells of the columns in `sure` by the short way."""
        work, table, supplies = self.work, self.plan.table, self.plan.supplies
        cells = self._texts() | {name: supplies[name].raw for name in sure}
        read = {
            name: check.sure_value_sql(ident(name))
            if name in sure
            else check.value_sql(ident(name))
            for name, check in self._checks.items()
        }
        values = {
            n: f"({read.get(n, 'null')})::{SQL_TYPES[c.type]}" for n, c in table.columns.items()
        }
        provenance = self._provenance(read)
        selected = ", ".join(f"{v} as {ident(n)}" for n, v in (values | provenance).items())
        month = ""
        if table.partition:
            month = (
                f", strftime({ident(table.partition)}, '%Y-%m') as {ident(table.partition_column)}"
            )
        columns = ", ".join(ident(column) for column in table.sql_columns())
        work.connection.execute(
            f"insert into {work.prepared(table.id)} ({columns}) select {columns} from (select *{month} from "
            f"(select {selected} from ({self._selected(cells, where=where)})))"
        )

    def _provenance(self, read: Mapping[str, str]) -> dict[str, str]:
        now = f"timestamp {literal(stamp(self.work.loaded_at))}"
        moments = {
            ours: f"coalesce({read[theirs]}, {now})" if theirs in read else now
            for ours, theirs in (("recorded_at", "recorded_at"), ("version_at", "updated_at"))
        }
        return moments | {
            "source": literal(self.work.source),
            "source_file": literal(self.plan.staged.name),
            "source_line": "line",
            "import_id": literal(self.work.import_id),
            "commit_no": "null::bigint",
            "is_closed": "false",
        }

    def _hold(self, rule: Rule) -> None:
        """Refuse or mark the rows for which a declared rule does not hold."""
        work, table = self.work, self.plan.table
        supply = self.plan.supplies.get(rule.column)
        name = literal(self.plan.staged.name)
        failing = f"from {work.prepared(table.id)} where source_file = {name} and ({rule.holds}) is not true"
        count = work.count(f"select count(*) {failing}")
        if not count:
            return
        like = Finding(
            rule=rule.name,
            says=rule.says,
            remedy=rule.remedy,
            level=rule.level,
            outcome="refused" if rule.level == "error" else rule.level,
            table_name=table.id,
            file=self.plan.staged.name,
            column_no=supply.position if supply else None,
            column_name=supply.header if supply and supply.position else rule.column,
        )
        limit = "" if rule.level == "error" else f" limit {SHOWN_EACH}"
        shown = shown_sql(f"{ident(rule.column)}::varchar")
        work.note_rows(
            like, f"select source_line as line, {shown} as value {failing} order by 1{limit}"
        )
        if rule.level == "error":
            work.connection.execute(
                f"insert into {work.bad} select source_file, source_line {failing}"
            )
        elif count > SHOWN_EACH:
            says = f"and {count - SHOWN_EACH:,} more rows like these: each {rule.says}"
            work.note_rows(like, f"select {literal(says)} as says")
