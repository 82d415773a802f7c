"""`tenure import` and what can be asked about imports: findings, refused rows, the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenure.cli.output import say, say_json
from tenure.cli.progress import Bar
from tenure.kernel.errors import UserError
from tenure.kernel.settings import FILE
from tenure.kernel.wording import counted

if TYPE_CHECKING:
    from tenure.facts.coverage import NotFed
    from tenure.lake.imports import ImportSummary
    from tenure.workspace import Workspace

SHOWN = 12
MOST_FILES = 40


def run_import(
    ws: Workspace,
    folder: Path,
    mapping: str | None,
    reading: Mapping[str, Sequence[str]],
    *,
    complete: bool,
    again: bool,
    corrects: Sequence[int],
    source: str,
    as_json: bool,
) -> int:
    """Import and show what came of it; 1 when rows were refused, else 0."""
    with Bar(f"importing {folder}") as bar:
        summary = ws.import_folder(
            folder,
            mapping,
            complete=complete,
            again=again,
            corrects=corrects,
            source=source,
            on_progress=bar,
            **by_file(reading),
        )
    lacking = _not_fed(ws, mapping, summary)
    if as_json:
        say_json(
            summary.to_dict() | ({"cannot_feed": lacking.to_dict()} if lacking is not None else {})
        )
    else:
        _show(ws, summary, lacking)
    return 1 if summary.refused and not summary.already else 0


def _not_fed(ws: Workspace, mapping: str | None, summary: ImportSummary) -> NotFed | None:
    """What the export cannot tell; only a mapping knows."""
    if mapping is None:
        return None
    from tenure.facts.coverage import not_fed
    from tenure.facts.mapping import find_mapping

    declared = find_mapping(mapping, own=ws.folder / "catalogue" / "mappings")
    return not_fed(declared, [file.name for file in summary.files])


def by_file(reading: Mapping[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    """`FILE=VALUE` or plain `VALUE` per way of reading, as patterns."""
    found: dict[str, dict[str, str]] = {}
    for name, said in reading.items():
        for text in said:
            pattern, sign, value = text.rpartition("=")
            found.setdefault(name, {})[pattern if sign and pattern else "*"] = value
    return found


def _show(ws: Workspace, summary: ImportSummary, lacking: NotFed | None) -> None:
    if summary.already:
        when = f"{summary.loaded_at:%d %B %Y at %H:%M} UTC"
        say(f"Already imported on {when} as import {summary.number}. Nothing was changed.")
        return
    _show_files(summary)
    c = summary.counts
    left_out = f", {c.left_out:,} left out by the mapping" if c.left_out else ""
    say(
        f"\nImport {summary.number}: {counted(c.rows, 'row')} = {c.loaded:,} loaded + {c.replaced:,} replaced "
        f"+ {counted(c.repeats, 'repeat')} + {c.refused:,} refused{left_out}"
    )
    if summary.span:
        say(
            f"Facts from {summary.span[0]} to {summary.span[1]}; snapshot {summary.snapshot}; {summary.seconds:.1f} s"
        )
    for line in lacking.says() if lacking is not None else ():
        say(line)
    _show_worst(ws, summary)


def _show_files(summary: ImportSummary) -> None:
    """One line per file; of many, those that had trouble come first and the rest are counted."""
    worst = sorted(summary.files, key=lambda f: (not f.stopped, -f.counts.refused))
    listed = summary.files if len(summary.files) <= MOST_FILES else worst[:MOST_FILES]
    for file in listed:
        if file.already:
            say(f"  {file.name:<40} already imported as import {file.already}")
        elif file.stopped:
            say(f"  {file.name:<40} refused as a whole ({file.stopped})")
        else:
            guessed = " (guessed)" if file.encoding_guessed else ""
            shown = "" if file.encoding in ("", "utf-8") else f"  {file.encoding}{guessed}"
            counts = file.counts
            rows = counted(counts.rows, "row")
            say(f"  {file.name:<40} {rows:>15} {counts.refused:>8,} refused{shown}")
    if len(listed) < len(summary.files):
        say(f"  … and {len(summary.files) - len(listed)} more files")


def _show_worst(ws: Workspace, summary: ImportSummary) -> None:
    levels = ", ".join(counted(count, level) for level, count in summary.findings.items() if count)
    if not levels:
        say("Nothing was found wrong.")
        return
    say(f"Findings: {levels}")
    for group in ws.findings_by_rule(summary.number)[:SHOWN]:
        more = f"  (and {group['count'] - 1:,} more like it)" if group["count"] > 1 else ""
        say(f"  {group['level']:<8}{_place(group)}  {_said(group)}{more}")
    if summary.refused:
        say(
            f"\nRefused rows to correct and import again: tenure refused {summary.number} --out fixes"
        )
    say(f"All findings: tenure findings {summary.number}")


def _place(finding: Mapping[str, Any]) -> str:
    parts = [
        str(p)
        for p in (finding["file"], finding["line"], finding["column_no"])
        if p not in (None, "")
    ]
    return ":".join(parts) or str(finding["table_name"] or "")


def _said(finding: Mapping[str, Any]) -> str:
    column, value, says = finding["column_name"] or "", finding["value"], finding["says"]
    remedy = f" → {finding['remedy']}" if finding["remedy"] else ""
    if value:
        return f"{column} `{value}` {says}{remedy}".strip()
    if not column or says.startswith(column):
        return f"{says}{remedy}"
    return f"{column}: {says}{remedy}"


def show_findings(
    ws: Workspace, number: int | None, level: str | None, limit: int, *, as_json: bool
) -> None:
    """What an import found, the gravest first."""
    if level not in (None, "error", "warning", "notice"):
        raise UserError(
            f"`{level}` is no level.", remedy="Use error, warning or notice.", code="level.unknown"
        )
    found = ws.findings(number, level=level, limit=limit)
    if as_json:
        say_json(found)
        return
    for finding in found:
        say(f"{finding['level']:<8}{_place(finding)}  {_said(finding)}   [{finding['rule']}]")
    say(f"{counted(len(found), 'finding')} shown." if found else "No findings.")


def show_imports(ws: Workspace, *, as_json: bool) -> None:
    """Every import that ended."""
    done = ws.imports()
    if as_json:
        say_json([summary.to_dict() for summary in done])
        return
    if not done:
        say("Nothing has been imported yet. Start with: tenure import FOLDER")
    for summary in done:
        c = summary.counts
        say(
            f"{summary.number:>4}  {summary.loaded_at:%Y-%m-%d %H:%M}  {c.rows:>10,} rows  {c.loaded:,} loaded, "
            f"{c.replaced:,} replaced, {c.repeats:,} repeats, {c.refused:,} refused  snapshot {summary.snapshot}"
        )


def show_sources(ws: Workspace, *, as_json: bool) -> None:
    """Every source: rows, days, last import, tables; what its dates count for, and how to say otherwise."""
    found = ws.sources()
    if as_json:
        say_json({"sources": [one.to_dict() for one in found]})
        return
    if not found:
        say("No source has brought anything yet. Start with: tenure import FOLDER")
        return
    for one in found:
        span = f"from {one.first} to {one.last}" if one.first else "without a day"
        loaded = f"{one.last_import:%Y-%m-%d %H:%M}" if one.last_import else "–"
        say(f"{one.name}: {counted(one.rows, 'row')} {span}, last import {loaded} UTC")
        say(f"  tables            {', '.join(one.tables)}")
        say(f"  backfill_trusted  {one.backfill_trusted}: {one.says}")
        if one.hidden:
            say(f"  not there before  {', '.join(one.hidden)}")
    hidden = [one for one in found if one.hidden]
    if hidden:
        say(
            "\nWhat looks back (thresholds, health, back-test) sees nothing of these tables before their import. If the"
        )
        say(f"dates in them can be trusted, write into {ws.folder / FILE}:\n")
        say("\n\n".join(one.lines for one in hidden))


def write_refused(ws: Workspace, number: int | None, file: str | None, out: Path | None) -> None:
    """The refused rows of an import, one table per source file, with three columns of explanation."""
    texts = ws.refused(number)
    names = sorted(texts) if file is None else [name for name in sorted(texts) if name == file]
    if not names:
        say("No refused rows.")
        return
    if out is None and len(names) > 1:
        raise UserError(
            f"Rows of {len(names)} files were refused: {', '.join(names)}.",
            remedy="Name one with --file, or give a folder with --out.",
            code="refused.several",
        )
    if out is not None and out.suffix:
        raise UserError(
            f"`{out}` looks like a file.",
            remedy="Give a folder: the rows of each file go into a file of the same name, which can then be imported.",
            code="refused.out",
        )
    for name in names:
        if out is None:
            say(texts[name].rstrip("\n"))
            continue
        # The same name below the folder, so that it is recognised when it comes back; always CSV.
        inner = Path(name)
        target = out / inner.with_name(_as_csv(inner.name))
        target.parent.mkdir(parents=True, exist_ok=True)
        # The mark at the front lets spreadsheets read UTF-8.
        target.write_text("\ufeff" + texts[name], encoding="utf-8", newline="")
        say(f"{target}: {name}")
    if out is not None:
        say(f"Correct them, then: tenure import {out}")


def _as_csv(name: str) -> str:
    """The name for corrected rows: a sheet keeps the name of its book, by which a mapping may know it."""
    return f"{name}.csv" if "!" in name else f"{name.split('.')[0]}.csv"
