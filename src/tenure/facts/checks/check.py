"""A column's check: when text can be read, what may be wrong with it, and the value it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tenure.facts.finding import Level, Outcome


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that may be wrong with a value.

    `when` is SQL over the column's text, written `{t}`, and its value, `{v}`; empty: always.
    `{dotted}` in the remedy stands for the value with a decimal point. `per` says how findings are
    told: one per value, one per distinct word, or one for the whole column.
    """

    rule: str
    when: str
    says: str
    remedy: str
    level: Level = "error"
    outcome: Outcome = "refused"
    per: Literal["value", "word", "column"] = "value"


@dataclass(frozen=True, slots=True)
class Check:
    """How one column is read.

    `readable` is the SQL condition under which the text is a value at all and `value` the SQL of that
    value. The first problem that holds is the finding: of `unreadable` where it is not readable (the
    last is the catch-all), of `although` where it is.

    `sure` is a cheap condition over the raw cell, `{r}`: where it holds nothing is wrong with the cell and
    `sure_value` is its value. It may leave good cells out; they are then read in full. Empty: there is none.
    """

    readable: str
    value: str
    unreadable: tuple[Problem, ...] = ()
    although: tuple[Problem, ...] = ()
    missing: Problem | None = None
    sure: str = ""
    sure_value: str = ""

    def problems(self) -> list[Problem]:
        """All problems; a code counts from 1 in this order, 0 being none."""
        return [
            *([self.missing] if self.missing else []),
            *self.unreadable,
            *self.although,
        ]

    def code_sql(self, text: str) -> str:
        """SQL for the code of what is wrong with the column `text`."""
        numbers = {id(problem): i for i, problem in enumerate(self.problems(), start=1)}
        missing = numbers[id(self.missing)] if self.missing else 0
        bad = self._cases(self.unreadable, numbers, text)
        good = self._cases(self.although, numbers, text)
        if not self.unreadable:
            return f"case when {text} is null then {missing} else {good} end::utinyint"
        readable = self.readable.replace("{t}", text)
        return (
            f"case when {text} is null then {missing} when {readable} then {good} "
            f"else {bad} end::utinyint"
        )

    def _cases(self, problems: tuple[Problem, ...], numbers: dict[int, int], text: str) -> str:
        parts: list[str] = []
        for problem in problems:
            if not problem.when:
                return (
                    f"case {' '.join(parts)} else {numbers[id(problem)]} end"
                    if parts
                    else str(numbers[id(problem)])
                )
            when = problem.when.replace("{v}", f"({self.value})").replace("{t}", text)
            parts.append(f"when {when} then {numbers[id(problem)]}")
        return f"case {' '.join(parts)} else 0 end" if parts else "0"

    def sure_sql(self, raw: str) -> str:
        """SQL that holds for a cell with nothing wrong in it; an empty one, where it may be missing."""
        sure = self.sure.replace("{r}", raw)
        return sure if self.missing else f"({raw} is null or {raw} = '' or {sure})"

    def sure_value_sql(self, raw: str) -> str:
        """SQL for the value of such a cell."""
        return self.sure_value.replace("{r}", raw)

    def value_sql(self, text: str) -> str:
        """SQL for the value of the column `text`, null where it is missing."""
        return self.value.replace("{t}", text)


def missing(name: str) -> Problem:
    """The refusal of a row without a value that every row must have."""
    return Problem("value.missing", "", f"has no {name}, which every row must have", f"give {name}")
