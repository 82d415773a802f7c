"""What a table tells that it did not tell in an earlier version: on which days, and of which accounts.

Only files that were added since are read for it; where rows were corrected or closed, the older versions of
their keys are looked up too, so that a row that moved counts where it was and where it is. Files that were only
joined (compaction) hold no row of a later commit, and tell nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tenure.facts.sql import ident
from tenure.facts.table import Table
from tenure.lake.commit import turn_of
from tenure.lake.engines.duckdb import Engine
from tenure.lake.engines.same import columns_of
from tenure.lake.identities import NOTHING, SHAPE, Same, same_at
from tenure.lake.shape import files_of

DATED = (
    "activities",
    "advocacy_events",
    "feedback",
    "health_scores",
    "survey_responses",
    "tickets",
    "usage_daily",
)
"""Tables whose rows change nothing about days before the one they happened on. A contract, an owner, a plan or
what a user is called may reach back to any day."""

DATED_BY = {"activity_contacts": ("activities", "activity_id")}
"""Tables without a day of their own: a row counts on the days of the row it belongs to. Who attended is told of
an activity; a contract line changes what is known of its contract on any day, so it is not here."""

ONE_DAY = timedelta(days=1)
CHANGED, ADDED = "history_changed", "history_changed_now"

FIRSTS: Mapping[str, Mapping[str, str]] = {
    "usage_daily": {
        "any": "true",
        "named": "product_user_id is not null",
        "used": "(event_count > 0 or units > 0)",
    }
}
"""Kinds of rows of which some facts ask no more than whether an account has had one yet."""
ANY_ROW = {"any": "true"}

ALSO_OF: Mapping[str, tuple[str, ...]] = {
    "activities": (
        "select account_id from {contacts} where contact_id in (select contact_id from "
        "{activity_contacts} where activity_id in (select activity_id from {changed}))",
    ),
    "activity_contacts": (
        "select account_id from {activities} where activity_id in (select activity_id from {changed})",
        "select account_id from {contacts} where contact_id in (select contact_id from {changed})",
    ),
    "contacts": (
        "select account_id from {activities} where activity_id in (select activity_id from "
        "{activity_contacts} where contact_id in (select contact_id from {changed}))",
    ),
    "contract_lines": (
        "select account_id from {contracts} where contract_id in (select contract_id from {changed})",
        "select account_id from {contract_lines} where contract_id in (select contract_id from {contracts} "
        "where account_id in (select account_id from {contracts} where contract_id in "
        "(select contract_id from {changed})))",
    ),
    "contracts": (
        "select account_id from {contract_lines} where contract_id in (select contract_id from {contracts} "
        "where account_id in (select account_id from {changed}))",
    ),
    "product_users": (
        "select account_id from {usage_daily} where product_user_id in (select product_user_id from {changed})",
    ),
}
"""Accounts that a row speaks of beside the one it names, over all versions of rows; the changed rows are `changed`."""

Window = tuple[date, date | None]
"""A first day, and the first day after; None: there is no end."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What is new in a table.

    `days`: rows came, changed or were closed on them; None: any day may differ. `accounts`: of whom they
    speak; None: of anybody, or of so many that asking for all is as quick. `firsts`: by kind of row, the days
    on which some account now has its first one behind it and had not before, or the other way round.
    """

    days: frozenset[date] | None
    accounts: frozenset[str] | None
    firsts: Mapping[str, tuple[Window, ...]]

    @property
    def is_nothing(self) -> bool:
        """Whether the table tells what it told: other files, the same facts."""
        return self.days is not None and not self.days


ANYTHING = Changed(None, None, {})


def changed(
    engine: Engine, name: str, version: int, *, most_accounts: int, until: date = date.max - ONE_DAY
) -> Changed:
    """What the table tells new since `version`; of more than `most_accounts` accounts it counts as of all.

    A row counts on every day it names, and a corrected one also on those it was on before. A moment near midnight
    may lie on the day before or after in the workspace's time zone. `until`: the last as_of anybody asks about.
    """
    before = engine.lake.handle(name, version=version)
    if before is None or name not in engine.lake.declared:
        return ANYTHING
    turn = turn_of(before, name)
    table = engine.lake.table(name)
    added = sorted(set(engine.files(name)) - set(files_of(before)))
    fresh = f"select * from ({engine.scan(name, added)}) where commit_no > {turn}"
    columns = list(dict.fromkeys((*table.key, *_days(table), *_named(table))))
    listed = ", ".join(ident(column) for column in columns)
    kinds = FIRSTS.get(name, ANY_ROW)
    told = ", ".join(f"coalesce({test}, false) as {ident('is ' + k)}" for k, test in kinds.items())
    listed = f"{listed}, {told}, commit_no"
    engine.keep(ADDED, f"select {listed} from ({fresh})")
    try:
        if not engine.rows(f"select 1 from {ADDED} limit 1"):
            return Changed(frozenset(), frozenset(), {})
        has_older = engine.snapshot.tables[name].has_versions
        engine.keep(
            CHANGED, _with_older(engine, table, listed) if has_older else f"select * from {ADDED}"
        )
        days = _on_days(engine, table)
        accounts = _of_accounts(engine, table, most_accounts)
        firsts = {} if days is None else _firsts(engine, table, kinds, turn, until)
        return Changed(days, accounts, firsts)
    finally:
        for made in (CHANGED, ADDED):
            engine.drop(made)


def _days(table: Table) -> list[str]:
    return [n for n, column in table.columns.items() if column.type in ("date", "timestamp")]


def _named(table: Table) -> list[str]:
    """The columns that lead to accounts."""
    wanted = ("account_id", "activity_id", "contact_id", "contract_id", "product_user_id")
    return [name for name in wanted if name in table.columns]


def _with_older(engine: Engine, table: Table, listed: str) -> str:
    """SQL for the changed rows with all older versions of their keys; of a table cut by months, in their months."""
    files = engine.files(table.id)
    if table.partition in table.key:
        cut = table.partition_column
        months = engine.rows(
            f"select distinct strftime({ident(table.partition)}, '%Y-%m') from {ADDED}"
        )
        folders = [f"/{cut}={month or '__HIVE_DEFAULT_PARTITION__'}/" for (month,) in months]
        files = [file for file in files if any(folder in file for folder in folders)]
    same = " and ".join(
        f"held.{ident(key)} is not distinct from given.{ident(key)}" for key in table.key
    )
    keys = ", ".join(ident(key) for key in table.key)
    return (
        f"select {listed} from ({engine.scan(table.id, files)}) as held "
        f"semi join (select distinct {keys} from {ADDED}) as given on {same}"
    )


def _on_days(engine: Engine, table: Table) -> frozenset[date] | None:
    if table.id in DATED_BY:
        parent, key = DATED_BY[table.id]
        if parent not in engine.tables():
            return frozenset()
        whose = engine.lake.table(parent)
        source = (
            f"(select * from ({engine.stored(parent)}) "
            f"where {ident(key)} in (select {ident(key)} from {CHANGED}))"
        )
    elif table.id in DATED:
        whose, source = table, CHANGED
    else:
        return None
    found: set[date] = set()
    for column in _days(whose):
        rows = engine.rows(f"select distinct cast({ident(column)} as date) from {source}")
        near = (
            (-ONE_DAY, timedelta(), ONE_DAY)
            if whose.columns[column].type == "timestamp"
            else (timedelta(),)
        )
        found |= {day + step for (day,) in rows if day is not None for step in near}
    return frozenset(found)


def _of_accounts(engine: Engine, table: Table, most: int) -> frozenset[str] | None:
    if "account_id" not in table.columns and table.id not in ALSO_OF:
        return None
    asked = [f"select account_id from {CHANGED}"] if "account_id" in table.columns else []
    for text in ALSO_OF.get(table.id, ()):
        words = [word for word in engine.lake.declared if f"{{{word}}}" in text]
        if all(word in engine.tables() for word in words):
            stored = {word: f"({engine.stored(word)})" for word in words}
            asked.append(text.format(changed=CHANGED, **stored))
    union = " union ".join(asked)
    found = engine.rows(
        f"select distinct account_id from ({union}) where account_id is not null limit {most + 1}"
    )
    return None if len(found) > most else frozenset(account for (account,) in found)


def _firsts(
    engine: Engine, table: Table, kinds: Mapping[str, str], turn: int, until: date
) -> dict[str, tuple[Window, ...]]:
    """Per kind of row, from an account's first changed row to its first one that stands as it stood.

    Between them the account has, or has lost, what it had not before; after them it has it either way. What begins
    after `until` is left out: looking for it costs a scan.
    """
    if "account_id" not in table.columns:
        return {}
    days = _days(table)
    earliest, latest = ("least", "greatest") if len(days) > 1 else ("", "")
    listed = ", ".join(f"cast({ident(day)} as date)" for day in days)
    early = f"{earliest}({listed}) <= date '{until + ONE_DAY}'"
    if not engine.rows(f"select 1 from {CHANGED} where {early} limit 1"):
        return dict.fromkeys(kinds, ())
    new, old = (
        ", ".join(
            f"min({day}) filter (where {how.format(k, test)}) as {ident(k)}"
            for k, test in kinds.items()
        )
        for day, how in (
            (f"{earliest}({listed})", 'coalesce("is {0}", false)'),
            (f"{latest}({listed})", "{1}"),
        )
    )
    rows = engine.rows(
        f"""
        select distinct {", ".join(f"now.{ident(k)}, stands.{ident(k)}" for k in kinds)} from (
          select account_id, {new} from {CHANGED} where {early} group by account_id
        ) as now left join (
          select account_id, {old} from {ident(table.id)}
          where commit_no <= {turn} and account_id in (select account_id from {CHANGED} where {early})
          group by account_id
        ) as stands using (account_id)
        """
    )
    found: dict[str, tuple[Window, ...]] = {}
    for place, kind in enumerate(kinds):
        windows = {row[2 * place : 2 * place + 2] for row in rows}
        found[kind] = tuple(
            (first - ONE_DAY, None if after is None else after + ONE_DAY)
            for first, after in sorted(windows, key=str)
            if first is not None and (after is None or after >= first)
        )
    return found


def changes(
    engine: Engine,
    known: Mapping[str, int],
    tables: Iterable[str],
    *,
    most_accounts: int,
    until: date,
) -> dict[str, Changed]:
    """What is new, by table, of those whose version is another one than the `known`; nothing new is left out.

    Where other ids are one than were then, anything may be new in a table that holds such ids.
    """
    now = engine.snapshot.versions
    found = {}
    moved = _others_are_one(engine, known)
    for name in sorted(set(tables)):
        if moved and name in engine.tables() and columns_of(engine.lake.table(name), moved):
            found[name] = ANYTHING
            continue
        if known.get(name) == now.get(name):
            continue
        version = known.get(name)
        told = (
            ANYTHING
            if version is None or name not in now
            else changed(engine, name, version, most_accounts=most_accounts, until=until)
        )
        if not told.is_nothing:
            found[name] = told
    return found


def _others_are_one(engine: Engine, known: Mapping[str, int]) -> Same:
    """The ids that are one now and were not, or were and are no longer, by the table that they are of."""
    version = known.get(SHAPE.name)
    if version == engine.snapshot.versions.get(SHAPE.name):
        return NOTHING
    before = NOTHING if version is None else same_at(engine.lake, version)
    either = {**before, **engine.same}
    return {
        table: own for table, own in either.items() if before.get(table) != engine.same.get(table)
    }
