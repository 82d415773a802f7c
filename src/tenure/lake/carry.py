"""Carrying out an order that is kept: prepare, commit, publish, enter as done, forget the input."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from time import monotonic
from typing import Any

from tenure.facts.connection import connect
from tenure.facts.finding import FINDING_COLUMNS, QUARANTINE_COLUMNS
from tenure.facts.prepare import Prepared, prepare
from tenure.facts.sql import ident, literal, words_in
from tenure.kernel.errors import SourceError
from tenure.kernel.points import point
from tenure.lake import intake, ledger, snapshots
from tenure.lake.classify import classes_of
from tenure.lake.commit import Committed, TableCounts, commit, commit_list
from tenure.lake.durable import disk_trouble_explained
from tenure.lake.intake import Order
from tenure.lake.known import KnownFacts
from tenure.lake.lake import Lake
from tenure.lake.shape import Shape
from tenure.lake.summary import FileOutcome, ImportSummary, RowCounts, outcome

FINDINGS = Shape("findings", FINDING_COLUMNS, rarely_twice=("line",))
QUARANTINE = Shape("quarantine", QUARANTINE_COLUMNS, rarely_twice=("line", "row"))

MEMORY_MB = 600
"""What checking one import may take; what does not fit goes to the spill folder."""


def carry_out(lake: Lake, order: Order, tell: Callable[[str, float], None]) -> ImportSummary:
    """The summary of the order, done now or before."""
    started = monotonic()
    entry = ledger.entries(lake).get(order.import_id)
    if entry is not None and entry.state == "done":
        intake.forget(lake, order.import_id)
        return ImportSummary.from_dict(entry.summary)
    with _connected(lake) as connection:
        tell("read", 0.1)
        prepared = prepared_for(lake, connection, order)
        point("import.parsed")
        tell("commit", 0.6)
        with lake.writing():
            for other in intake.half_done(lake):
                if other != order.import_id:
                    _finish_if_dead(lake, other)
            summary = commit_prepared(lake, connection, order, prepared, started)
    tell("done", 1.0)
    intake.forget(lake, order.import_id)
    return summary


def prepared_for(lake: Lake, connection: Any, order: Order) -> Prepared:
    """The order's files read and checked against what the newest snapshot holds."""
    with disk_trouble_explained(lake.spill):
        return prepare(
            connection,
            order.given,
            mapping=order.mapping,
            settings=order.settings,
            loaded_at=order.loaded_at,
            import_id=order.import_id,
            known=KnownFacts(lake, snapshots.newest(lake)),
            findings=order.remarks,
        )


def commit_prepared(
    lake: Lake, connection: Any, order: Order, prepared: Prepared, started: float
) -> ImportSummary:
    """Facts, findings, quarantine, snapshot, ledger: in this order, under the writer's lock."""
    intake.mark_committing(lake, order.import_id)
    refused = _tables_with_refusals(prepared)
    closing = [name for name in prepared.tables if order.complete and name not in refused]
    done = commit(
        lake,
        connection,
        prepared.tables | _no_more_fed(lake, connection, order, prepared),
        import_id=order.import_id,
        loaded_at=order.loaded_at,
        extra={"number": str(order.number)},
        closing=closing,
        unsure=refused,
        corrects=order.corrects,
        withdrawing=order.withdrawing,
    )
    _note_not_closed(
        connection,
        done,
        order,
        [
            name
            for name in sorted(refused & set(prepared.tables))
            if order.complete or order.corrects or lake.table(name).replaces
        ],
    )
    versions = dict(done.versions)
    for shape, parts in (
        (FINDINGS, (prepared.findings, done.findings)),
        (QUARANTINE, (prepared.refused, done.refused)),
    ):
        rows = " union all ".join(f"select {_listed(shape)} from {part}" for part in parts)
        versions[shape.name] = commit_list(lake, connection, shape, rows, import_id=order.import_id)
    snapshot = snapshots.publish(lake, versions, import_id=order.import_id)
    summary = _summary(lake, connection, order, prepared, done, snapshot.number)
    summary = replace(summary, seconds=round(monotonic() - started, 3))
    point("import.before_done")
    how = intake.how_of(order) | {"corrects": list(order.corrects)}
    entry = ledger.finish(lake, order.import_id, summary.to_dict(), how=how)
    point("import.after_done")
    return ImportSummary.from_dict(entry.summary)


def _no_more_fed(lake: Lake, connection: Any, order: Order, prepared: Prepared) -> dict[str, str]:
    """Tables that a corrected import fed and this one does not, each with an empty table of its rows."""
    if not order.corrects or any(file.stopped or file.refused for file in prepared.files):
        return {}  # what was refused might have fed them
    known, empty = ledger.entries(lake), {}
    for corrected in order.corrects:
        for name in known[corrected].summary.get("tables", {}):
            if name not in prepared.tables:
                body = ", ".join(
                    f"{ident(n)} {k}" for n, k in lake.table(name).sql_columns().items()
                )
                connection.execute(f"create or replace table no_more_{name} ({body})")
                empty[name] = f"no_more_{name}"
    return empty


def with_passed_over(
    summary: ImportSummary, passed: Sequence[tuple[str, str, int]]
) -> ImportSummary:
    """The summary with the files that were not read because an earlier import had brought them."""
    more = tuple(FileOutcome(name, digest, already=number) for name, digest, number in passed)
    return replace(summary, files=summary.files + more)


def _finish_if_dead(lake: Lake, import_id: str) -> None:
    """Finish an import whose tables may be half written, so that our snapshot does not show the half.

    Holding the writer's lock we know that nobody is committing it; without that lock its own lock tells.
    The input stays: a process that was started to do the same import may be reading it.
    """
    with lake.locked_if_free(intake.lock_of(import_id)) as free:
        if (not free and not lake.locking) or import_id not in intake.half_done(lake):
            return
        try:
            order = intake.read(lake, import_id)
            entry = ledger.entries(lake).get(import_id)
            if entry is not None and entry.state == "done":
                return
            with _connected(lake) as connection:
                prepared = prepared_for(lake, connection, order)
                commit_prepared(lake, connection, order, prepared, monotonic())
        except (FileNotFoundError, SourceError):
            # Its own process ended it meanwhile and dropped the input: then nothing is half any more.
            if import_id in intake.half_done(lake):
                raise


@contextmanager
def _connected(lake: Lake) -> Iterator[Any]:
    """A DuckDB connection for one import (typed Any: duckdb ships no complete types)."""
    lake.spill.mkdir(exist_ok=True)
    with connect() as connection:
        connection.execute(f"set temp_directory = {literal(str(lake.spill))}")
        connection.execute(f"set memory_limit = '{MEMORY_MB}MB'")
        # A checkpoint rewrites tables that rows were deleted from: seconds of work on what is soon thrown away.
        connection.execute("set checkpoint_threshold = '1TB'")
        yield connection


def _summary(
    lake: Lake, connection: Any, order: Order, prepared: Prepared, done: Committed, snapshot: int
) -> ImportSummary:
    lines = _lines(connection, prepared, done)
    files = [
        outcome(file, lines.get(file.name, {}), done.by_file.get(file.name, {}))
        for file in prepared.files
    ]
    levels = connection.execute(
        f"select level, count(*) from (select level from {prepared.findings} union all "
        f"select level from {done.findings}) group by level"
    ).fetchall()
    return ImportSummary(
        import_id=order.import_id,
        number=order.number,
        state="done",
        already=False,
        loaded_at=order.loaded_at,
        seconds=0.0,
        snapshot=snapshot,
        counts=sum((file.counts for file in files), RowCounts()),
        files=tuple(files),
        tables=done.counts,
        findings={"error": 0, "warning": 0, "notice": 0} | dict(levels),
        span=_span(lake, connection, prepared),
        closed=sum(counts.closed for counts in done.counts.values()),
    )


def _lines(connection: Any, prepared: Prepared, done: Committed) -> dict[str, dict[str, int]]:
    """File -> class -> source rows, each row in the first class that holds for any of its tables."""
    found: dict[str, dict[str, int]] = {}
    several = []
    for file in prepared.files:
        shares = list(file.tables.values())
        if len(shares) == 1 and shares[0].accepted == file.accepted:  # a line is a row
            (counts,) = done.by_file.get(file.name, {"": TableCounts()}).values()
            found[file.name] = {
                "new": counts.new,
                "replaced": counts.replaced,
                "repeat": counts.repeats,
                "id.reused": counts.refused,
            }
        elif shares:
            several.append(file.name)
    if not several:
        return found
    classes = " union all ".join(
        classes_of(name, relation) for name, relation in prepared.tables.items()
    )
    rows = connection.execute(
        f"""
        select file, case least_rank when 1 then 'id.reused' when 2 then 'new' when 3 then 'replaced'
          else 'repeat' end as class, count(*)
        from (
          select file, line, min(case class when 'id.reused' then 1 when 'new' then 2 when 'replaced' then 3
            else 4 end) as least_rank
          from ({classes}) where file in {words_in(several)} group by file, line
        )
        group by all
        """
    ).fetchall()
    for file, word, count in rows:
        found.setdefault(file, {})[word] = count
    return found


def _span(lake: Lake, connection: Any, prepared: Prepared) -> tuple[date, date] | None:
    """First and last day of the dated facts given."""
    days: list[date] = []
    for name, relation in prepared.tables.items():
        happened = lake.table(name).happened
        if happened:
            column = f"{ident(happened)}::date"
            ((first, last),) = connection.execute(
                f"select min({column}), max({column}) from {relation}"
            ).fetchall()
            days += [day for day in (first, last) if day is not None]
    return (min(days), max(days)) if days else None


def _tables_with_refusals(prepared: Prepared) -> set[str]:
    """Tables fed by a file of which something was refused: which keys the export holds is then not known."""
    found: set[str] = set()
    for file in prepared.files:
        if file.stopped:
            return set(prepared.tables)
        if file.refused:
            found |= set(file.tables)
    return found


def _note_not_closed(connection: Any, done: Committed, order: Order, names: Sequence[str]) -> None:
    for name in names:
        values: Mapping[str, str] = {
            "import_id": literal(order.import_id),
            "level": "'warning'",
            "rule": "'snapshot.not_closed'",
            "table_name": literal(name),
            "outcome": "'warning'",
            "found_at": "$at",
            "says": literal(
                "Rows of this delivery were refused, so no key was closed for being absent."
            ),
            "remedy": literal("Mend the refused rows and import the whole again."),
        }
        connection.execute(
            f"insert into {done.findings} ({', '.join(values)}) select {', '.join(values.values())}",
            {"at": order.loaded_at.replace(tzinfo=None)},
        )


def _listed(shape: Shape) -> str:
    return ", ".join(ident(name) for name in shape.columns)
