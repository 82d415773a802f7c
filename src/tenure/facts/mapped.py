"""How a mapped file feeds the canonical tables: named values beside its columns, then each table's plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tenure.facts.mapping import MappedFile, Take, Target
from tenure.facts.supply import VERSION_COLUMNS, Plan, Supply, absent
from tenure.facts.table import Table, table
from tenure.facts.takes import Ground, Takes

_INLINE = ("", "first", "text")
"""Calculations whose SQL is short enough to stand where it is used; others become columns first."""


def mapped_plans(connection: Any, ground: Ground, given: set[str]) -> list[Plan]:
    """The plans of the file on `ground`, its values computed; the stage has them as columns after.

    Args:
        connection: the import's.
        ground: what is known of the file.
        given: the files of the mapping that are in the import.

    Raises:
        Stopped: `column.missing`, when the mapping names a column that the file lacks.
    """
    targets = {
        key: target
        for key, target in ground.file.into.items()
        if not given & set(target.stands_in_for)
    }
    if targets:
        _compute(connection, ground, targets)
    plans = [
        _plan(ground, table(target.table or key), key, target) for key, target in targets.items()
    ]
    for number, plan in enumerate(plans):
        plan.number = number
    return plans


def _plan(ground: Ground, canonical: Table, key: str, target: Target) -> Plan:
    staged, reading = ground.staged, ground.reading
    plan = Plan(staged, canonical, reading, {}, distinct=target.distinct)
    takes = Takes(ground)
    for name, take in target.takes().items():
        why = f"which the mapping reads into {canonical.id}.{name}"
        at = _computed_as(key, name)
        supply = ground.values[at] if at in ground.values else takes.supply(take, why)
        if supply is not None:
            plan.supplies[name] = supply
        elif canonical.columns[name].required:
            raise absent(staged, take.column or next(take.names(), name), why)
    plan.only = takes.condition(target.only, target.unless)
    for name in VERSION_COLUMNS:
        header = getattr(reading, name)
        supply = (
            takes.supply(Take(column=header), f"which is declared as {name}") if header else None
        )
        if supply is not None:
            plan.supplies[name] = supply
    plan.source = takes.source
    return plan


def _compute(connection: Any, ground: Ground, targets: dict[str, Target]) -> None:
    """Named values, and columns of long formulas, as columns of the stage.

    Each step is a table of its own: written into one query, formulas over formulas would grow without
    end, since the engine puts each where it is used.
    """
    wanted = ground.file.named()
    steps = _steps(ground.file, wanted)
    heavy = {
        _computed_as(key, name): take
        for key, target in targets.items()
        for name, take in target.takes().items()
        if any(part.calc not in _INLINE for part in take.nested())
    }
    for step in [*steps, heavy]:
        if step:
            _compute_step(connection, ground, step)


def _computed_as(key: str, column: str) -> str:
    return f"into.{key}.{column}"


def _steps(file: MappedFile, wanted: dict[str, Take]) -> list[dict[str, Take]]:
    """The values in steps, each resting on earlier ones only."""
    depth: dict[str, int] = {}
    for name, take in wanted.items():
        depth[name] = 1 + max((depth[used] for used in take.names() if used in depth), default=0)
    deepest = max(depth.values(), default=0)
    return [
        {name: wanted[name] for name in file.values if depth[name] == level}
        for level in range(1, deepest + 1)
    ]


def _compute_step(connection: Any, ground: Ground, step: dict[str, Take]) -> None:
    takes, columns = Takes(ground), []
    made: dict[str, Supply | None] = {}
    for name, take in step.items():
        supply = takes.supply(take, f"which the mapping reads into `{name.rsplit('.', 1)[-1]}`")
        column = f"v{len(ground.values) + len(made)}"
        made[name] = supply
        if supply is None:
            continue
        columns.append(f"{supply.text} as {column}")
        if supply.lookup is not None:
            columns += [f"{supply.key_text} as {column}_key", f"{supply.lost} as {column}_lost"]
        made[name] = replace(
            supply, text=f"s.{column}", key_text=f"s.{column}_key",
            lost=f"s.{column}_lost" if supply.lookup else "false",
        )  # fmt: skip
    ground.values.update(made)
    if not columns:
        return
    before, after = ground.staged.table, f"{ground.staged.table}v"
    connection.execute(
        f"create or replace table {after} as select s.*, {', '.join(columns)} from {takes.source} "
        "order by s.line"
    )
    connection.execute(f"drop table {before}")
    ground.staged.table = after
