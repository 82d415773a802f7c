"""Findings that only the lake can make: an event's id used twice, a key that a complete export dropped."""

from __future__ import annotations

from typing import Any

from tenure.facts.finding import FINDING_COLUMNS, QUARANTINE_COLUMNS, create, shown_sql
from tenure.facts.sql import ident, literal
from tenure.lake.classify import Batch, met

FINDINGS = "lake_findings"
REFUSED = "lake_refused"


def start_notes(connection: Any) -> None:
    """Empty `lake_findings` and `lake_refused` in the DuckDB connection."""
    create(connection, FINDINGS, FINDING_COLUMNS)
    create(connection, REFUSED, QUARANTINE_COLUMNS)


def note_reused(batch: Batch) -> None:
    """One finding and one quarantine row per event whose id came before with other content."""
    key, says = _key_shown(batch, "given"), _reused_sentence(batch)
    value = (
        "case class.differs "
        + " ".join(f"when {literal(c)} then given.{ident(c)}::varchar" for c in batch.content)
        + " end"
        if batch.content
        else "null"
    )
    remedy = "Events are not corrected: give a changed event an id of its own, or mend the source."
    source = f"""
        from {batch.prepared} given join {met(batch.table.id)} class on class.row_no = given.rowid
        where class.class = 'id.reused'
        """
    common = {
        "import_id": "$import_id",
        "table_name": literal(batch.table.id),
        "file": "given.source_file",
        "line": "given.source_line",
        "rule": "'id.reused'",
        "column_name": "class.differs",
        "value": shown_sql(value),
        "says": f"{says} || {key} || {literal('`, has come before with other content; the first stays.')}",
        "remedy": literal(remedy),
    }
    _insert(
        batch,
        FINDINGS,
        common | {"level": "'error'", "outcome": "'refused'", "found_at": "$at"},
        source,
    )
    row = ", ".join(f"{ident(c)} := given.{ident(c)}::varchar" for c in batch.table.columns)
    _insert(
        batch,
        REFUSED,
        common | {"row": f"to_json(struct_pack({row}))::varchar", "refused_at": "$at"},
        source,
    )


def note_closed(batch: Batch) -> None:
    """One finding per key that is closed because a newer delivery, complete or of its group, lacks it, or takes it back."""
    key = _key_shown(batch, "held")
    group = () if batch.closing else batch.table.replaces
    whole = f"newer delivery of the same {' and '.join(group)}" if group else "complete export"
    if batch.corrects:
        group, whole = (), "corrected reading"
    why = "was taken back" if batch.withdrawing else f"is not in the {whole} and is closed"
    says = f"{literal(f'`{batch.table.title}` `')} || {key} || {literal(f'` {why}: it drops out of every number, past ones included.')}"
    is_meant = bool(group) or batch.withdrawing
    file = f"(select min(source_file) from {batch.prepared})"
    values = {
        "import_id": "$import_id",
        "level": "'notice'" if is_meant else "'warning'",
        "rule": "'row.withdrawn'"
        if batch.withdrawing
        else "'delivery.replaced'"
        if group
        else "'snapshot.closed'",
        "table_name": literal(batch.table.id),
        "file": file,
        "column_name": literal(batch.table.key[0]),
        "value": shown_sql(key),
        "says": says,
        "outcome": "'notice'" if is_meant else "'warning'",
        "found_at": "$at",
        "remedy": literal("If it should stay, export it again; it opens when it comes back."),
    }
    _insert(batch, FINDINGS, values, "from lake_closing held")


def _insert(batch: Batch, target: str, values: dict[str, str], source: str) -> None:
    names = ", ".join(ident(name) for name in values)
    chosen = ", ".join(values.values())
    batch.connection.execute(
        f"insert into {target} ({names}) select {chosen} {source}",
        {"import_id": batch.import_id, "at": batch.loaded},
    )


def _reused_sentence(batch: Batch) -> str:
    return literal(f"The id of {batch.table.title.lower()}, `")


def _key_shown(batch: Batch, alias: str) -> str:
    """The key as a person writes it; a missing part is empty."""
    parts = ", ".join(f"coalesce({alias}.{ident(c)}::varchar, '')" for c in batch.table.key)
    return f"concat_ws(' / ', {parts})"
