"""What the deliveries of one import say of people's time, gathered in memory and given on as totals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tenure.facts.connection import connect
from tenure.facts.finding import Finding
from tenure.facts.given import Given
from tenure.facts.known import Known
from tenure.facts.mapping import Mapping
from tenure.facts.prepare import Prepared, prepare
from tenure.facts.reading import Settings
from tenure.facts.sources.reduced import Reduced, digest_of, from_texts
from tenure.facts.table import table
from tenure.facts.time_entries.activitywatch import watched
from tenure.facts.time_entries.categories import Classifier
from tenure.facts.time_entries.remarks import Remarks, said_again
from tenure.facts.time_entries.sieve import Sieve
from tenure.facts.time_entries.totals import Interval, summarised, week_of
from tenure.kernel import clock
from tenure.kernel.errors import Question, SourceError, UserError
from tenure.kernel.wording import counted

ENTRIES, TOTALS = "time_entries", "time_totals"
COLUMNS = ("user_id", "week_start", "week_end", "category", "account_id", "minutes")
BATCH = 50_000

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What deliveries of time are read with: as for any import, and the words for programs."""

    mapping: Mapping | None
    settings: Settings
    known: Known
    words: Callable[[], Classifier]


@contextmanager
def in_memory() -> Iterator[Any]:
    """A DuckDB connection that never spills to a disk (typed Any: duckdb ships no complete types)."""
    with connect() as connection:
        connection.execute("set temp_directory = ''")
        yield connection


def person_named(name: str) -> str:
    """Whose time an export holds, by its file's name: `time_entries-maya.json` is maya's.

    Raises:
        UserError: the name says nothing, or not an id.
    """
    last = name.rsplit("/", 1)[-1]
    person = re.sub(rf"(?i)^{ENTRIES}[-.]?|\.json$", "", last)
    require_person(person, where=last)
    return person


def require_person(person: str, *, where: str) -> None:
    """Refuse what cannot be somebody's id.

    Raises:
        UserError: `time.whose`.
    """
    if not Sieve(set(), set()).is_person(person):
        raise UserError(
            f"`{person}` is nobody's user_id." if person else "Whose time it holds is not said.",
            where=where, code="time.whose",
            remedy="Give the user_id of team_members, which has no blanks; an export that is imported whole "
            f"is named {ENTRIES}-PERSON.json.",
        )  # fmt: skip


@dataclass(slots=True)
class Gathered:
    """Intervals of all deliveries, and rows of totals by file with their lines."""

    around: Surroundings
    intervals: list[Interval] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    totals: dict[str, list[tuple[int, Row]]] = field(default_factory=dict)
    remarks: Remarks = field(default_factory=Remarks)

    def read_export(self, given: Given) -> None:
        """An ActivityWatch export of the person that its name says."""
        person = person_named(given.name)
        self.files.append(given.name)
        try:
            content = given.file.read_bytes()
            found = watched([content], person=person, classifier=self.around.words())
        except SourceError as error:
            self.remarks.stopped(given.name, error)
            return
        self.intervals += found.intervals
        self.remarks.of_export(given.name, found)

    def read_tables(self, time: Sequence[Given], looked_up: Sequence[Given]) -> None:
        """Rows of intervals or totals; a mapping may look values up in the other files."""
        for one in time:
            if self._feeds(one) == TOTALS:
                self.totals[one.name] = []
            else:
                self.files.append(one.name)
        own = {one.name for one in time}
        with in_memory() as connection:
            try:
                prepared = self._prepared(connection, [*time, *looked_up])
            except Question:
                raise
            except SourceError as error:
                for one in time:
                    self.remarks.stopped(one.name, error, self._columns(time))
                return
            self.remarks.take(said_again(connection, prepared, own, self._columns(time)), prepared)
            sieve = Sieve.of(connection, self.around.known)
            if ENTRIES in prepared.tables:
                self._take_entries(connection, prepared.tables[ENTRIES], sieve)
            if TOTALS in prepared.tables:
                self._take_totals(connection, prepared.tables[TOTALS], sieve)
            self.remarks.of_sieve(sieve)

    def _prepared(self, connection: Any, given: Sequence[Given]) -> Prepared:
        around = self.around
        return prepare(
            connection, given, mapping=around.mapping, settings=around.settings,
            loaded_at=clock.now(), import_id="", known=around.known,
        )  # fmt: skip

    def _feeds(self, given: Given) -> str:
        if given.table is not None:
            return given.table
        claimed = self.around.mapping.file_for(given.name) if self.around.mapping else None
        return claimed[1].targets()[0][0].id if claimed else ENTRIES

    def _columns(self, time: Sequence[Given]) -> set[str]:
        """Names that a remark may repeat: those of our columns, and those a mapping declares."""
        names = {"(constant)"}
        for canonical in (table(ENTRIES), table(TOTALS)):
            for name, column in canonical.columns.items():
                names |= {canonical.id, name, *column.aliases, *column.words}
        for one in time:
            claimed = self.around.mapping.file_for(one.name) if self.around.mapping else None
            if claimed and one.table is None:
                names |= claimed[1].columns_read()
        return names

    def _take_entries(self, connection: Any, relation: str, sieve: Sieve) -> None:
        rows = connection.execute(
            f"select source_file, source_line, user_id, started_at, coalesce(ended_at, started_at + "
            f"to_microseconds((duration * 1000000)::bigint)), category, account_id, is_afk "
            f"from {relation} order by source_file, source_line"
        )
        while batch := rows.fetchmany(BATCH):
            for file, line, person, start, end, category, account, away in batch:
                if not sieve.is_person(person):
                    self.remarks.no_person(file, line)
                    continue
                kind, named = sieve.category(category, file), sieve.account(account, file)
                span = start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)
                self.intervals.append(Interval(person, *span, kind, named, bool(away)))

    def _take_totals(self, connection: Any, relation: str, sieve: Sieve) -> None:
        """The rows of totals as they came; rows that are of one key once words are gone are added up."""
        rows = connection.execute(
            f"select source_file, source_line, {', '.join(COLUMNS)} from {relation} "
            f"order by source_file, source_line"
        ).fetchall()
        added: dict[tuple[str, Row], tuple[int, Decimal]] = {}
        for file, line, person, start, end, category, account, minutes in rows:
            if not sieve.is_person(person):
                self.remarks.no_person(file, line)
                continue
            kind, named = sieve.category(category, file), sieve.account(account, file)
            key = (file, (person, start.isoformat(), end.isoformat(), kind, named or None))
            first, before = added.get(key, (line, Decimal(0)))
            added[key] = (first, before + minutes)
        for (file, key_row), (line, minutes) in added.items():
            self.totals[file].append((line, (*key_row, self._number(minutes, file))))

    def _number(self, minutes: Decimal, file: str) -> str:
        """The minutes with the decimal sign that the file is read with."""
        sign, _ = self.around.settings.for_file(file).signs()
        return format(minutes.normalize(), "f").replace(".", sign)

    def entries_given(self) -> list[Given]:
        """The totals of all intervals, as one thing to import."""
        if not self.files:
            return []
        totals = summarised(self.intervals, self.around.settings.time_zone)
        rows: list[Row] = [
            (t.user_id, t.week_start.isoformat(), t.week_end.isoformat(), t.category,
             t.account_id or None, str(t.minutes))
            for t in totals
        ]  # fmt: skip
        more = f" and {counted(len(self.files) - 1, 'more file')}" if len(self.files) > 1 else ""
        name = f"{self.files[0]}{more} (summarised)"
        # Totals have no line of their own: they are counted, and the refused rows counted on after them.
        refused = [
            replace(one, line=len(rows) + i)
            for i, one in enumerate(self.remarks.refused_of(self.files), start=1)
        ]
        findings = [*self.remarks.findings_of(self.files), *self._summary(name, len(rows))]
        stopped = None if rows or refused else self.remarks.stop_of(self.files)
        kept = replace(
            from_texts(COLUMNS, rows),
            findings=tuple(findings),
            refused=tuple(refused),
            stopped=stopped,
        )
        return [_given(name, kept, rows)]

    def totals_given(self) -> list[Given]:
        """The totals that came as such, file by file, on their own lines."""
        found = []
        for name, numbered in self.totals.items():
            rows = [row for _, row in numbered]
            refused = tuple(self.remarks.refused_of([name]))
            kept = replace(
                from_texts(COLUMNS, rows, lines=[line for line, _ in numbered]),
                findings=tuple(self.remarks.findings_of([name])),
                refused=refused,
                stopped=None if rows or refused else self.remarks.stop_of([name]),
            )
            found.append(_given(name, kept, rows))
        return found

    def _summary(self, name: str, totals: int) -> Iterator[Finding]:
        """What became of the intervals, and which person-weeks may be replaced by a part of themselves."""
        if not self.intervals:
            return
        yield Finding(
            rule="time.summarised", level="notice", outcome="notice", file=name, table_name=TOTALS,
            says=f"{counted(len(self.intervals), 'interval')} came to {counted(totals, 'weekly total')}; "
            "the intervals are not kept",
            remedy="nothing",
        )  # fmt: skip
        first = first_days(self.intervals, self.around.settings.time_zone)
        for person, day in sorted(first.items()):
            week = week_of(day)[0]
            if week != day:
                yield Finding(
                    rule="time.partial_week", level="notice", outcome="notice", file=name,
                    table_name=TOTALS, column_name="week_start", value=week.isoformat(),
                    says=f"is the first week of {person} here, and its first interval is on {day}; it replaces "
                    "whatever this source said of that week before",
                    remedy="export whole weeks, if an earlier delivery held more of it",
                )  # fmt: skip


def first_days(intervals: Sequence[Interval], zone: str) -> dict[str, date]:
    """The civil day in `zone` of each person's first interval at work."""
    first: dict[str, datetime] = {}
    for one in intervals:
        if not one.is_afk:
            first[one.user_id] = min(first.get(one.user_id, one.start), one.start)
    return {person: moment.astimezone(ZoneInfo(zone)).date() for person, moment in first.items()}


def _given(name: str, kept: Reduced, rows: Sequence[Row]) -> Given:
    return Given(name, None, kept, TOTALS, digest_of(COLUMNS, rows))
