"""Each given thing on its way through an import: staged, planned for its tables, or stopped."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tenure.facts.finding import Finding, Stopped, store_refused
from tenure.facts.fix import EXPLANATIONS
from tenure.facts.given import Given
from tenure.facts.lookups import Lookups
from tenure.facts.mapped import mapped_plans
from tenure.facts.mapping import Mapping
from tenure.facts.sources.read import stage
from tenure.facts.sources.stage import Staged
from tenure.facts.sql import literal
from tenure.facts.supply import Plan, canonical_plan
from tenure.facts.table import table
from tenure.facts.takes import Ground
from tenure.facts.work import Work
from tenure.kernel.errors import Bug, SourceError


@dataclass(slots=True)
class GivenFile:
    """A given thing: its stage, or what stopped it, and the plans by which it feeds tables."""

    given: Given
    staged: Staged | None = None
    stopped: Stopped | None = None
    plans: list[Plan] = field(default_factory=list)


def renamed(given: Sequence[Given]) -> list[Given]:
    """The given things under names that differ, since a row is known by its file's name and line."""
    names: dict[str, int] = {}
    found = []
    for item in given:
        count = names[item.name] = names.get(item.name, 0) + 1
        name = item.name if count == 1 else f"{item.name} #{count}"
        found.append(replace(item, name=name))
    return found


def staged(work: Work, given: Given, mapping: Mapping | None, number: int) -> GivenFile:
    """The given thing on the stage, or stopped with a finding."""
    claimed = mapping.file_for(given.name) if mapping and given.table is None else None
    reading = work.settings.for_file(given.name, claimed[1].reading() if claimed else None)
    file = GivenFile(given)
    try:
        file.staged = stage(work.connection, given, reading, table=f"stage_{number}")
    except Stopped as stopped:
        file.stopped = stopped
        work.note([stopped.finding()])
        return file
    table_name = given.table or ""
    work.note(file.staged.findings, about=table_name)
    store_refused(
        work.connection,
        work.refused,
        file.staged.refused,
        import_id=work.import_id,
        found_at=work.loaded_at,
        about=table_name,
    )
    if not file.staged.rows:
        work.note([_no_rows(given)])
    return file


def _no_rows(given: Given) -> Finding:
    return Finding(
        rule="file.no_rows",
        level="notice",
        outcome="notice",
        file=given.name,
        table_name=given.table or "",
        says="holds 0 rows",
        remedy="nothing, if that is so; else export it again",
    )


def plan_all(work: Work, files: list[GivenFile], mapping: Mapping | None) -> None:
    """How each staged file feeds its tables; a file that cannot is stopped."""
    stages = [file.staged for file in files if file.staged is not None]
    lookups = None
    if mapping is not None:
        lookups = Lookups(
            work.connection, stages, mapping=mapping, settings=work.settings, known=work.known
        )
    for file in files:
        if file.staged is None:
            continue
        try:
            file.plans = _plans_of(work, file, mapping, lookups)
        except Stopped as stopped:
            file.stopped, file.plans = stopped, []
            work.note([stopped.finding()])
        for plan in file.plans:
            work.note(plan.findings)
    problems = [file.stopped for file in files if file.stopped is not None]
    if problems and len(problems) == len(files):
        raise _all_stopped(problems)


def _all_stopped(problems: list[Stopped]) -> SourceError:
    first = problems[0]
    if len(problems) == 1:
        return first
    others = "; ".join(f"{p.where}: {p.what}" for p in problems[1:])
    return SourceError(
        f"{first.what} Every other file was refused too: {others}",
        where=first.where,
        remedy=first.remedy,
        code=first.code,
    )


def _plans_of(
    work: Work, file: GivenFile, mapping: Mapping | None, lookups: Lookups | None
) -> list[Plan]:
    staged = file.staged
    if staged is None:
        return []
    if file.given.table is not None:
        reading = work.settings.for_file(file.given.name)
        plan = canonical_plan(staged, table(file.given.table), reading)
        plan.source = f"{staged.table} s"
        return [plan]
    claimed = mapping.file_for(file.given.name) if mapping else None
    if mapping is None or lookups is None or claimed is None:
        raise Bug(f"Nobody claims `{file.given.name}`, yet it is imported.")
    declared = claimed[1]
    reading = work.settings.for_file(file.given.name, declared.reading())
    ground = Ground(staged, declared, reading, work.settings.time_zone, lookups.found)
    plans = mapped_plans(work.connection, ground, lookups.given)
    work.note(_unmapped(staged, mapping, claimed[0]))
    return plans


def _unmapped(staged: Staged, mapping: Mapping, key: str) -> list[Finding]:
    """A warning per source column that the mapping neither reads nor ignores."""
    unmentioned = set(mapping.unmentioned(key, staged.headers)) - set(EXPLANATIONS)
    return [
        Finding(
            rule="column.unmapped",
            level="warning",
            outcome="warning",
            file=staged.name,
            line=1,
            column_no=position,
            column_name=header,
            says=f"is not mentioned by the mapping {mapping.id}; the rows are imported without it",
            remedy="map it, or list it under `ignore` with the reason",
        )
        for position, header in enumerate(staged.headers, start=1)
        if header in unmentioned
    ]


def usage_contracts(files: list[GivenFile], prepared: MappingOf[str, str]) -> str:
    """Usage rows with their contract, where a mapping finds the account through it; else empty."""
    parts = []
    for plan in (plan for file in files for plan in file.plans if plan.table.id == "usage_daily"):
        supply = plan.supplies.get("account_id")
        if supply is None or supply.lookup is None or "contracts" not in prepared:
            return ""
        parts.append(
            f"select {supply.key_text} as contract_id, u.usage_date from {plan.source} join "
            f"{prepared['usage_daily']} u on u.source_line = s.line and u.source_file = {literal(plan.staged.name)}"
        )
    return f"({' union all '.join(parts)})" if parts else ""
