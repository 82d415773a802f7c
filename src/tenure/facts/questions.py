"""Dates that can be read in two ways: the import asks, with the evidence, and never guesses."""

from __future__ import annotations

from dataclasses import dataclass

from tenure.facts.checks.times import ISO_DAY, undeclared_form
from tenure.facts.sql import literal, trimmed
from tenure.facts.supply import VERSION_COLUMNS, Plan
from tenure.facts.work import Work
from tenure.kernel.errors import Question

_SHORT = "'^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-][0-9]{4}'"


@dataclass(frozen=True, slots=True)
class _Evidence:
    """How the dates of one column look, in values."""

    file: str
    line: int
    header: str
    example: str
    count: int
    day_first: int
    month_first: int
    year_first: int

    def says(self) -> str:
        """One sentence with the numbers."""
        either = self.count - self.day_first - self.month_first - self.year_first
        parts = [
            (self.day_first, "can only be day/month"),
            (self.month_first, "can only be month/day"),
            (self.year_first, "begin with the year"),
            (either, "can be read both ways"),
        ]
        told = ", ".join(f"{count:,} {what}" for count, what in parts if count)
        return (
            f"The column `{self.header}` of `{self.file}` holds {self.count:,} dates such as "
            f"`{self.example}` (line {self.line}), and their order is not declared: {told}."
        )

    def answer(self) -> str:
        """The order that the evidence favors, or both."""
        if self.year_first == self.count:
            return "year_month"
        if self.day_first and not self.month_first:
            return "day_month"
        return "month_day" if self.month_first and not self.day_first else "day_month"


def ask_for_date_orders(work: Work, plans: list[Plan]) -> None:
    """Nothing, if every date can be read in one way.

    Raises:
        Question: with the evidence of every file, and the option that answers it.
    """
    found = [e for plan in plans if not plan.reading.order for e in _evidence(work, plan)]
    if not found:
        return
    files = list(dict.fromkeys(evidence.file for evidence in found))
    options = " ".join(
        f"--date-order {name}={next(e.answer() for e in found if e.file == name)}" for name in files
    )
    raise Question(
        " ".join(evidence.says() for evidence in found) + " Nothing was imported.",
        where=f"{found[0].file}:{found[0].line}",
        remedy=f"Check with whoever made the export, then say day_month, month_day or year_month: "
        f'{options}, or date_order = "{found[0].answer()}" for the file in the mapping.',
        code="date.order",
    )


def _evidence(work: Work, plan: Plan) -> list[_Evidence]:
    found = []
    for name, supply in plan.supplies.items():
        column = plan.table.columns.get(name)
        if name not in VERSION_COLUMNS and (
            column is None or column.type not in ("date", "timestamp")
        ):
            continue
        # Most dates are ISO: they are passed over before anything dearer is asked of them.
        other = f"{supply.raw} is not null and not regexp_matches({supply.raw}, '^{ISO_DAY}')"
        if supply.text != trimmed(supply.raw):
            other = "true"
        first, second = (f"regexp_extract(t, {_SHORT}, {i})::int" for i in (1, 2))
        short = f"regexp_matches(t, {_SHORT})"
        row = work.connection.execute(
            f"select count(*), min(line), arg_min(t, line), "
            f"count(*) filter ({short} and case when {short} then {first} > 12 and {second} <= 12 end), "
            f"count(*) filter ({short} and case when {short} then {second} > 12 and {first} <= 12 end), "
            f"count(*) filter (not {short}) from (select s.line as line, {supply.text} as t "
            f"from {plan.source} where ({plan.only}) and {other}) where regexp_full_match(t, {literal(undeclared_form())}) "
            f"and not regexp_matches(t, '^{ISO_DAY}')"
        ).fetchone()
        if row[0]:
            found.append(
                _Evidence(plan.staged.name, row[1], supply.header, row[2], row[0], *row[3:])
            )
    return found
