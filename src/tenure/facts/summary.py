"""What became of each file: rows accepted, repeated, refused, left out; and they add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tenure.facts.files import GivenFile
from tenure.facts.sources.stage import Staged
from tenure.facts.sql import literal
from tenure.facts.supply import Plan
from tenure.facts.work import Work
from tenure.kernel.errors import Bug


@dataclass(frozen=True, slots=True)
class TableShare:
    """What one file gave to one canonical table, in rows."""

    accepted: int
    repeats: int
    refused: int


@dataclass(frozen=True, slots=True)
class FileSummary:
    """What became of one file.

    rows = accepted + repeats + refused + left_out. A row that feeds several tables counts once:
    refused if any target refused it (then none gets it), accepted if any target kept it, else a
    repeat; left out where the mapping's own `only` chose no target for it. `stopped` is the rule that
    refused the whole file, empty if none did.
    """

    name: str
    digest: str
    encoding: str = ""
    encoding_guessed: bool = False
    delimiter: str = ""
    rows: int = 0
    accepted: int = 0
    repeats: int = 0
    refused: int = 0
    left_out: int = 0
    stopped: str = ""
    tables: Mapping[str, TableShare] = field(default_factory=dict)


def summary_of(work: Work, file: GivenFile, prepared: Mapping[str, str]) -> FileSummary:
    """The counts of one file, each counted by itself, so that a lost row would show."""
    given, staged = file.given, file.staged
    if staged is None or file.stopped is not None:
        code = file.stopped.code if file.stopped else ""
        return FileSummary(given.name, given.digest, stopped=code)
    name = literal(staged.name)
    kept = (
        " union ".join(
            f"select source_line as line from {prepared[p.table.id]} where source_file = {name}"
            for p in file.plans
        )
        or "select null::bigint as line where false"
    )
    refused = f"select line from {work.refused} where file = {name}"
    lines = "line" if _line_is_row(file) else "distinct line"
    accepted = work.count(f"select count({lines}) from ({kept})")
    repeats = 0
    if work.count(f"select count(*) from {work.repeated} where file = {name}"):
        repeats = work.count(
            f"select count(distinct line) from {work.repeated} where file = {name} "
            f"and line not in ({kept}) and line not in ({refused})"
        )
    out = 0
    if all(plan.only != "true" for plan in file.plans):
        out = work.count(
            f"select count(*) from {staged.table} where line not in "
            f"(select line from {work.taken} where file = {name})"
        )
    summary = FileSummary(
        given.name, given.digest, staged.encoding, staged.encoding_guessed, staged.delimiter,
        staged.rows, accepted, repeats, work.count(f"select count(*) from ({refused})"), out,
        tables={p.table.id: _share(work, staged, p, prepared[p.table.id]) for p in file.plans},
    )  # fmt: skip
    if summary.rows != accepted + repeats + summary.refused + out:
        raise Bug(f"The rows of `{staged.name}` do not add up: {summary}.")
    return summary


def _line_is_row(file: GivenFile) -> bool:
    """Whether each line can have given at most one row: one table, the stage as it stands."""
    plain = [p for p in file.plans if p.only == "true" and p.source == f"{p.staged.table} s"]
    return len(file.plans) == len(plain) == 1


def _share(work: Work, staged: Staged, plan: Plan, prepared: str) -> TableShare:
    """Counts of one table; a thing merely named again is no repeat of it."""
    name = literal(staged.name)
    named = " and false" if plan.distinct else ""
    return TableShare(
        work.count(f"select count(*) from {prepared} where source_file = {name}"),
        work.count(
            f"select count(*) from {work.repeated} where file = {name} "
            f"and table_name = {literal(plan.table.id)}{named}"
        ),
        work.count(
            f"select count(*) from {work.refused} where file = {name} "
            f"and table_name = {literal(plan.table.id)}"
        ),
    )
