"""An import looked at before it happens: how files are read, which column goes where, what would be refused."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from tenure.facts.collected import without_refused
from tenure.facts.connection import connect
from tenure.facts.discover import Discovered, surveyed
from tenure.facts.files import GivenFile
from tenure.facts.finding import Finding, shown
from tenure.facts.given import Given
from tenure.facts.prepare import Prepared, prepare
from tenure.facts.sources.reduced import Reduced
from tenure.facts.sql import ident, literal, words_in
from tenure.facts.suggest import Suggestion, suggested
from tenure.facts.supply import Plan
from tenure.facts.table import table
from tenure.facts.time_entries.delivered import as_totals
from tenure.facts.time_entries.gathered import Surroundings
from tenure.facts.work import Work
from tenure.kernel import clock
from tenure.kernel.errors import Question, SourceError

SAMPLE = 3
"""How many rows are shown before and after."""

FINDINGS = 5
"""How many findings of a file are shown, each standing for all of its rule and column."""

_LOOKED_AT = 20  # rows that are looked at, so that a few good ones are among them

Effect = Callable[[Any, Prepared], Mapping[str, Mapping[str, int]]]
"""Given the connection and what was prepared in it: by table, rows `new`, `replaced`, `repeats`, `refused`, `closed`."""


@dataclass(frozen=True, slots=True)
class Closely:
    """How much a preview shows: rows and findings of each file, and the effect on what is stored, if asked for."""

    sample: int = SAMPLE
    findings: int = FINDINGS
    effect: Effect | None = None


_SAID_OTHERWISE = ("column.refused", "column.unmapped", "column.unknown", "encoding.guessed")


@dataclass(frozen=True, slots=True)
class ColumnPreview:
    """One canonical column: the source column it comes from, with its first values before and after.

    `source` is "(constant)" where the mapping gives a constant; `after` is empty while a question stands.
    """

    column: str
    source: str
    before: tuple[str | None, ...]
    after: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class TablePreview:
    """What a file would give to one table: its columns, and the rows accepted."""

    table: str
    columns: tuple[ColumnPreview, ...]
    accepted: int | None


@dataclass(frozen=True, slots=True)
class FilePreview:
    """How one file would be read, and what would come of it.

    `unmapped`: source columns that go nowhere. `dropped`: the sentence on columns that Tenure does not
    store, or empty. `date_order` is said with its reason. `refused` is None while a question stands.
    """

    name: str
    rows: int = 0
    encoding: str = ""
    encoding_guessed: bool = False
    encoding_sample: str = ""
    delimiter: str = ""
    date_order: str = ""
    tables: tuple[TablePreview, ...] = ()
    unmapped: tuple[str, ...] = ()
    dropped: str = ""
    refused: int | None = None
    repeats: int | None = None
    findings: tuple[Finding, ...] = ()
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import of a folder would do; nothing was written.

    `question` is what would stop it, `stopped` why nothing at all could be read; `remarks` are about
    files that nobody claims. `effects` is by table what would become of the stored rows, where it was asked for.
    """

    files: tuple[FilePreview, ...]
    remarks: tuple[Finding, ...] = ()
    question: str = ""
    stopped: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    effects: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether the import would go through, with or without refused rows."""
        return bool(self.files) and not self.question and not self.stopped

    def to_dict(self) -> dict[str, Any]:
        """As JSON knows it."""
        said = asdict(self)
        if not self.effects:
            del said["effects"]
        said["suggestions"] = [one.to_dict() for one in self.suggestions]
        return {"written": False, "ready": self.ready, **said}


def preview_of(folder: Path, around: Surroundings, *, own: Path | None = None) -> Preview:
    """The preview of importing `folder`, with a suggestion for every file that nobody claims.

    Args:
        folder: a folder, or one file.
        around: mapping, settings, what the lake knows, the words for programs.
        own: the folder of the workspace's mappings.

    Raises:
        SourceError: no such folder. UserError: as the import would, for what is not about the data.
    """
    return preview_of_files(surveyed(folder, around.mapping), around, own=own)


def preview_of_files(
    found: Discovered,
    around: Surroundings,
    *,
    own: Path | None = None,
    closely: Closely | None = None,
) -> Preview:
    """As `preview_of`, of what was found before."""
    guesses = suggested(found.unclaimed, settings=around.settings, known=around.known, own=own)
    return replace(_previewed(found, around, closely or Closely()), suggestions=guesses)


def _previewed(found: Discovered, around: Surroundings, closely: Closely) -> Preview:
    """The preview of importing what was discovered.

    People's time is summed up before it is shown, as it would be before it is stored. What does not
    fit in memory goes to a temporary folder, which is gone at the end.
    """
    mapping, settings = around.mapping, around.settings
    look = _Look(around, closely)
    try:
        given = as_totals(found.given, around)
    except Question as asked:
        return Preview((), found.findings, question=str(asked))
    given = without_refused(given, mapping=mapping, settings=settings)
    if not given:
        return Preview((), found.findings)
    with tempfile.TemporaryDirectory(prefix="tenure-preview-") as spill, connect() as made:
        made.execute(f"set temp_directory = {literal(spill)}")
        question, stopped, prepared = "", "", None
        effects: Mapping[str, Mapping[str, int]] = {}
        try:
            prepared = prepare(
                made, given, mapping=mapping, settings=settings, loaded_at=clock.now(),
                import_id="", known=around.known, look=look,
            )  # fmt: skip
        except Question as asked:
            question = str(asked)
        except SourceError as error:
            stopped = str(error)
        files = tuple(look.file(made, file, prepared) for file in look.files)
        if stopped:
            files = tuple(
                FilePreview(one.name, findings=look.shown(_said(made, [one.name])), stopped=stopped)
                for one in given
            )
        if prepared is not None and closely.effect is not None:
            effects = closely.effect(made, prepared)
    return Preview(files, found.findings, question, stopped, effects=effects)


@dataclass(slots=True)
class _Look:
    """What is seen of the files while they are staged, and told when they are checked."""

    around: Surroundings
    closely: Closely
    files: list[GivenFile] = field(default_factory=list)
    before: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)

    def __call__(self, work: Work, files: Sequence[GivenFile]) -> None:
        self.files = list(files)
        for file in files:
            for plan in file.plans:
                self.before[(file.given.name, plan.table.id)] = _first_rows(
                    work, plan, max(_LOOKED_AT, 2 * self.closely.sample)
                )

    def file(self, connection: Any, file: GivenFile, prepared: Prepared | None) -> FilePreview:
        name = file.given.name
        said = _said(connection, [name, *_files_behind(file.given)])
        staged = file.staged
        if staged is None or file.stopped is not None:
            why = str(file.stopped) if file.stopped else ""
            return FilePreview(name, findings=self.shown(said), stopped=why)
        summary = next((f for f in prepared.files if f.name == name), None) if prepared else None
        return FilePreview(
            name,
            staged.rows,
            staged.encoding,
            staged.encoding_guessed,
            next((f.value or "" for f in said if f.rule == "encoding.guessed"), ""),
            staged.delimiter,
            _date_order(self.around, file),
            tuple(self._table(connection, file, plan, prepared) for plan in file.plans),
            tuple(f.column_name for f in said if f.rule in ("column.unmapped", "column.unknown")),
            " ".join(f.says for f in said if f.rule == "column.refused"),
            summary.refused if summary else None,
            summary.repeats if summary else None,
            self.shown(said),
        )

    def shown(self, said: Sequence[Finding]) -> tuple[Finding, ...]:
        """The findings that no other part of the preview tells, as many as fit."""
        return tuple(f for f in said if f.rule not in _SAID_OTHERWISE)[: self.closely.findings]

    def _table(
        self, connection: Any, file: GivenFile, plan: Plan, prepared: Prepared | None
    ) -> TablePreview:
        """The columns of one table, shown by the first rows that would go in, else by the first rows."""
        rows = self.before[(file.given.name, plan.table.id)]
        after: dict[int, dict[str, str | None]] = {}
        accepted = None
        if prepared is not None:
            relation = prepared.tables[plan.table.id]
            after = _accepted(connection, relation, file.given.name, [r["line"] for r in rows])
            ((accepted,),) = connection.execute(
                f"select count(*) from {relation} where source_file = {literal(file.given.name)}"
            ).fetchall()
        good = [row for row in rows if row["line"] in after][: self.closely.sample]
        chosen = good or rows[: self.closely.sample]
        columns = tuple(
            ColumnPreview(
                name,
                supply.header,
                tuple(shown(row[f"b{i}"]) for row in chosen),
                tuple(shown(after[row["line"]].get(name)) for row in good),
            )
            for i, (name, supply) in enumerate(plan.supplies.items())
        )
        return TablePreview(plan.table.id, columns, accepted)


def _first_rows(work: Work, plan: Plan, most: int) -> list[dict[str, Any]]:
    """The first rows that would feed the table, each source cell as it stands, under `b0`, `b1`, ..."""
    cells = "".join(f", {supply.raw} as b{i}" for i, supply in enumerate(plan.supplies.values()))
    cursor = work.connection.execute(
        f"select s.line as line{cells} from {plan.source} where {plan.only} "
        f"order by s.line limit {most}"
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _accepted(
    connection: Any, relation: str, name: str, lines: Sequence[int]
) -> dict[int, dict[str, str | None]]:
    """The rows as they would be stored, by line, as text."""
    if not lines:
        return {}
    listed = ", ".join(map(str, lines))
    described = connection.execute(f"describe {relation}").fetchall()
    texts = ", ".join(f"{ident(column)}::varchar as {ident(column)}" for column, *_ in described)
    found = connection.execute(
        f"select {texts} from {relation} where source_file = {literal(name)} and source_line in ({listed})"
    )
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return {int(row["source_line"] or 0): row for row in rows}


def _files_behind(given: Given) -> list[str]:
    """The files that a thing was summed up from, by what was said of them."""
    if not isinstance(given.rows, Reduced):
        return []
    return sorted({finding.file for finding in given.rows.findings} - {given.name})


def _said(connection: Any, names: Sequence[str]) -> list[Finding]:
    """The first finding of each rule and column of these files, errors first, with how many there are."""
    columns = [c for c in Finding.__dataclass_fields__ if c != "says"]
    listed = ", ".join(f"arg_min({c}, rowid) as {c}" for c in columns)
    rows = connection.execute(
        f"select {listed}, arg_min(says, rowid) as says, count(*) as many, min(rowid) as first "
        f"from {Work.__dataclass_fields__['findings'].default} where file in {words_in(names)} "
        f"group by file, rule, column_name, level "
        f"order by case level when 'error' then 0 when 'warning' then 1 else 2 end, first"
    ).fetchall()
    found = []
    for *values, says, many, _ in rows:
        more = f" (and {many - 1:,} more like it)" if many > 1 else ""
        found.append(Finding(**dict(zip(columns, values, strict=True)), says=says + more))
    return found


def _date_order(around: Surroundings, file: GivenFile) -> str:
    """How dates that are not ISO are read, and who said so."""
    kinds = {
        canonical.columns[name].type
        for plan in file.plans
        for name in plan.supplies
        if name in (canonical := table(plan.table.id)).columns
    }
    if not kinds & {"date", "timestamp"}:
        return ""
    name = file.given.name
    claimed = None
    if around.mapping and file.given.table is None:
        claimed = around.mapping.file_for(name)
    declared = claimed[1].reading() if claimed else None
    order = around.settings.for_file(name, declared).date_order
    if not order:
        return "ISO dates only: no other order is declared"
    if order == around.settings.for_file(name, None).date_order:
        return f"{order}, as you said"
    return f"{order}, as the mapping {around.mapping.id if around.mapping else ''} says"
