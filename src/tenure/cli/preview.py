"""`tenure import --preview`: what would happen, file by file, before anything does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tenure.cli.output import say, say_json
from tenure.kernel.errors import UserError
from tenure.kernel.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tenure.facts.finding import Finding
    from tenure.facts.preview import FilePreview, Preview, TablePreview
    from tenure.facts.suggest import Suggestion
    from tenure.workspace import Workspace

WIDTH = 28
SHOWN = 12


def run_preview(
    ws: Workspace,
    folder: Path,
    mapping: str | None,
    reading: Mapping[str, Mapping[str, str]],
    *,
    suggest: Path | None,
    source: str,
    as_json: bool,
) -> int:
    """Show what an import would do; 3 when a question or a refusal would stop it, else 0."""
    found = ws.preview(folder, mapping, source=source, **reading)
    if as_json:
        say_json(found.to_dict())
    else:
        show_preview(found)
    if suggest is not None:
        _write_draft(found.suggestions, suggest, folder, quiet=as_json)
    return 3 if found.question or found.stopped else 0


def show_preview(found: Preview) -> None:
    """The preview as text."""
    for file in found.files:
        _show_file(file)
    named = {one.file for one in found.suggestions}
    for remark in found.remarks:
        if remark.file not in named:
            say(f"{remark.file}: {remark.says} → {remark.remedy}")
    for one in found.suggestions:
        _show_suggestion(one)
    if found.question:
        say(f"\nThis would stop the import: {found.question}")
    elif found.stopped:
        say(f"\nNothing could be imported: {found.stopped}")
    elif found.ready:
        say(f"\n{_outlook(found)} Nothing was written. Import it without --preview.")
    else:
        say("\nNo file would be imported. Nothing was written.")


def _outlook(found: Preview) -> str:
    """What an import would do, in a sentence."""
    rows = sum(file.refused or 0 for file in found.files)
    files = sum(1 for file in found.files if file.stopped)
    if files:
        more = f", and {counted(rows, 'row')} of the others" if rows else ""
        return f"{counted(files, 'file')} would be refused as a whole{more}."
    tail = f"; {counted(rows, 'row')} would be refused" if rows else ""
    return f"Nothing stands in the way{tail}."


def _show_file(file: FilePreview) -> None:
    if file.stopped:
        say(f"{file.name}: refused as a whole. {file.stopped.removeprefix(f'{file.name}: ')}")
        return
    say(f"{file.name}: {counted(file.rows, 'row')}{_how(file)}")
    if file.date_order:
        say(f"  dates: {file.date_order}")
    for one in file.tables:
        _show_table(one)
    if file.dropped:
        say(f"  {file.dropped}")
    if file.unmapped:
        say(f"  goes nowhere: {', '.join(file.unmapped)}")
    if file.refused is not None:
        say(f"  {counted(file.refused, 'row')} would be refused")
    for finding in file.findings:
        say(f"  {finding.level:<8}{_said(finding)}")


def _how(file: FilePreview) -> str:
    """How the bytes are read, where there is a choice."""
    delimiter = {"\t": "tabs", "": ""}.get(file.delimiter, f"`{file.delimiter}`")
    parts = [file.encoding, f"{delimiter} between cells" if delimiter else ""]
    if file.encoding_guessed:
        parts.append(f"the encoding is a guess, look: {file.encoding_sample}")
    told = ", ".join(part for part in parts if part)
    return f" ({told})" if told else ""


def _show_table(one: TablePreview) -> None:
    accepted = "" if one.accepted is None else f": {counted(one.accepted, 'row')}"
    say(f"  → {one.table}{accepted}")
    for column in one.columns:
        before = " | ".join(_cell(value) for value in column.before)
        after = " | ".join(_cell(value) for value in column.after)
        turned = f" → {after}" if column.after and after != before else ""
        say(f"    {column.column:<20} {column.source:<20} {before}{turned}")


def _cell(value: str | None) -> str:
    if value is None or value == "":
        return "–"
    return value if len(value) <= WIDTH else value[: WIDTH - 1] + "…"


def _said(finding: Finding) -> str:
    place = ":".join(str(part) for part in (finding.line, finding.column_no) if part is not None)
    value = f" `{finding.value}`" if finding.value else ""
    remedy = f" → {finding.remedy}" if finding.remedy else ""
    return f"{place} {finding.column_name}{value} {finding.says}{remedy}".strip()


def _show_suggestion(one: Suggestion) -> None:
    if one.stopped:
        say(f"{one.file}: {one.stopped.removeprefix(f'{one.file}: ')}")
        return
    say(f"{one.file}: {counted(one.rows, 'row')}, claimed by nobody")
    for seen in one.recognised[:1]:
        say(f"  looks like {seen.title}: {seen.why} → --mapping {seen.mapping}")
    if not one.table:
        say("  looks like no table known here" if not one.recognised else "  no table by itself")
        return
    others = f"; or {', '.join(one.others)}" if one.others else ""
    say(f"  may be {one.table} ({one.sure}{others})")
    for column in one.columns[:SHOWN]:
        say(f"    {column.column:<20} {column.source:<20} {column.sure}: {'; '.join(column.why)}")
    if len(one.columns) > SHOWN:
        say(f"    … and {counted(len(one.columns) - SHOWN, 'more column')}")
    if one.missing:
        say(f"    nothing looks like {', '.join(one.missing)}, which every row must have")
    if one.unplaced:
        more = f" and {len(one.unplaced) - SHOWN} more" if len(one.unplaced) > SHOWN else ""
        say(f"    not placed: {', '.join(one.unplaced[:SHOWN])}{more}")
    if one.order:
        say(f"    dates are not ISO: {one.order}")


def _write_draft(
    suggestions: Sequence[Suggestion], target: Path, folder: Path, *, quiet: bool
) -> None:
    """Write the suggestions as a mapping to be read and corrected; never over a file that is there."""
    from tenure.facts.draft import drafted

    if target.exists():
        raise UserError(
            f"`{target}` is there already.", code="suggest.exists",
            remedy="Name another file, or take it away first: it may hold your corrections.",
        )  # fmt: skip
    text = drafted(suggestions)
    target.write_text(text, encoding="utf-8")
    if not quiet:
        say(f"Draft written to {target}. Read and correct it, then:")
        say(f"  tenure import {folder} --mapping {target} --preview")
