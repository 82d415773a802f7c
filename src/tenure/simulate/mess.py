"""Turns the clean files of a company into exports as sick as real ones, and writes down every fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from tenure.facts.table import table, tables
from tenure.simulate.dialects import DECLARED, DIALECTS, Dialect, Page, read_rows
from tenure.simulate.faults import Fault, Mess
from tenure.simulate.scale import Scale
from tenure.simulate.spoils import OLD_FILES, SPOILS, UNCLAIMED, Spoil
from tenure.simulate.write import Sheets

STOPS = timedelta(days=100)
LATE = timedelta(days=12)
AGAIN = 200
"""So many tickets are delivered a second time."""

_ENDINGS = (".csv", ".csv.gz", ".tsv", ".jsonl", "-again.tsv")

Row = dict[str, str]


@dataclass(slots=True)
class _Turn:
    """A spoil waiting for its rows: due at these places of the file, in order."""

    spoil: Spoil
    places: list[int]
    done: int = 0

    def takes(self, place: int, row: Row) -> bool:
        """Whether the row at `place` is to be spoiled now."""
        if self.done == len(self.places) or place < self.places[self.done]:
            return False
        column, word = self.spoil.only
        return not column or (bool(row[column]) if word == "*" else row[column] == word)


@dataclass(slots=True)
class _Spoiling:
    """One table on its way from a clean file to a sick one."""

    name: str
    file: str
    page: Page
    turns: list[_Turn]
    faults: list[Fault] = field(default_factory=list)
    summed: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    again: list[Row] = field(default_factory=list)
    without_owner: int = 0

    def row(self, place: int, row: Row) -> None:
        """Write a row, spoiled or followed by a spoiled one where a turn has come."""
        turn = next((turn for turn in self.turns if turn.takes(place, row)), None)
        changed = turn is not None and turn.spoil.how == "changed"
        if not changed:
            self.page.row(row)
            if self.name == "tickets" and len(self.again) < AGAIN:
                self.again.append(row)
        if turn is not None:
            turn.done += 1
            self._spoil(turn, row)

    def _spoil(self, turn: _Turn, row: Row) -> None:
        spoil, key = turn.spoil, table(self.name).key[0]
        own_id = spoil.how == "added" and not table(self.name).columns[key].refers_to
        base = row | {key: f"{row[key]}-{spoil.rule}"} if own_id else row
        new = base | {name: text.format(**base) for name, text in spoil.cells.items()}
        if spoil.how == "twins":
            self._note(turn, self.page.row(row | {key: new[key]}), new[key])
            self._note(turn, self.page.row(new), new[spoil.column])
        elif spoil.how in ("added", "changed"):
            self._note(turn, self.page.row(new), new.get(spoil.column, ""))
        elif spoil.how == "json":
            self._note(turn, self.page.text('{"feedback_id": "cut off'), "")
        elif spoil.how == "quote":
            self._note(turn, self.page.text(f'"{row[key]}"-copy,A000001,said "so"'), "")
        else:
            self._note(
                turn, self.page.odd_row(row, more=1 if spoil.how == "many_cells" else -2), ""
            )

    def _note(self, turn: _Turn, line: int, value: str) -> None:
        spoil = turn.spoil
        if spoil.per != "row":
            self.summed.setdefault((spoil.rule, spoil.kind), []).append(line)
            return
        self.faults.append(
            Fault(
                spoil.kind, self.file, line, spoil.rule, spoil.level, spoil.column, value,
                refused=spoil.refused,
            )
        )  # fmt: skip

    def told(self) -> list[Fault]:
        """Every fault of the table, those an import sums up as one."""
        found = list(self.faults)
        for turn in self.turns:
            spoil = turn.spoil
            lines = self.summed.get((spoil.rule, spoil.kind), [])
            if lines:
                whole = spoil.rule.startswith("doubt.")
                found.append(
                    Fault(
                        spoil.kind, self.file, None if whole else lines[0], spoil.rule, spoil.level,
                        spoil.column, spoil.cells[spoil.column] if spoil.per == "word" else "",
                        refused=spoil.refused, rows=len(lines),
                    )
                )  # fmt: skip
        return found


def unowned(account_id: str) -> bool:
    """Whether nobody looks after the account in a messy world."""
    return int(account_id[1:]) % 17 == 3


def clear_former(folder: Path) -> None:
    """Take away what a former run left in `folder`, so that an import cannot mix two companies.

    Only files that a simulation writes, and only where its `truth.json` stands.
    """
    if not (folder / "truth.json").is_file():
        return
    named = {f"{name}{ending}" for name in tables() for ending in _ENDINGS}
    for name in named | set(OLD_FILES) | {UNCLAIMED[0], "truth.json", "TRUTH.md"}:
        (folder / name).unlink(missing_ok=True)


def make_mess(scale: Scale, sheets: Sheets) -> Mess:
    """Rewrite the files of `sheets`, which are closed, add leftovers, and return every fault planted.

    The counts and names of files in `sheets` follow what is there afterwards. Memory does not grow with
    the files.
    """
    mess = Mess(reading={way: dict(files) for way, files in DECLARED.items()})
    for name in list(sheets.files):
        turns = [spoil for spoil in SPOILS if spoil.table == name]
        if turns or name in DIALECTS or name in _FILTERS:
            mess.faults += _spoiled(scale, sheets, name, turns)
    for file, (text, kind, rule, line) in OLD_FILES.items():
        (sheets.folder / file).write_text(text, encoding="utf-8", newline="")
        mess.faults.append(Fault(kind, file, line, rule, "error", refused=True))
    (sheets.folder / UNCLAIMED[0]).write_text(UNCLAIMED[1], encoding="utf-8", newline="")
    mess.faults.append(Fault("file of no table", UNCLAIMED[0], None, "file.unclaimed", "warning"))
    return mess


def _spoiled(scale: Scale, sheets: Sheets, name: str, spoils: list[Spoil]) -> list[Fault]:
    """Rewrite one table's file in its dialect, with its faults."""
    dialect, old = DIALECTS.get(name, Dialect()), sheets.folder / sheets.files[name]
    clean = old.rename(old.with_name(f".clean-{old.name}"))
    file = f"{name}{dialect.ending}{'.gz' if old.suffix == '.gz' else ''}"
    count, columns = sheets.counts[name], list(sheets.columns[name])
    extra = ["region_old"] if name == "accounts" else []
    with Page(sheets.folder / file, dialect, columns + extra) as page:
        work = _Spoiling(name, file, page, _turns(spoils, count))
        keep = _FILTERS.get(name, _every)
        for place, row in enumerate(read_rows(clean)):
            if name == "accounts":
                nobody = unowned(row["account_id"])
                work.without_owner += nobody
                row |= {"region_old": "", "csm_id": "" if nobody else row["csm_id"]}
            if keep(scale, row):
                work.row(place, row)
        sheets.files[name], sheets.counts[name] = file, page.rows
    clean.unlink()
    return [*work.told(), *_of_the_file(scale, sheets, work)]


def _turns(spoils: list[Spoil], count: int) -> list[_Turn]:
    """Places for every spoil, evenly over the file and apart from each other's."""
    found = []
    for number, spoil in enumerate(spoils):
        step = max(1, count // (spoil.times + 1))
        shift = step * number // (len(spoils) + 1)
        found.append(_Turn(spoil, [step * k + shift for k in range(spoil.times)]))
    return found


def _every(scale: Scale, row: Row) -> bool:  # noqa: ARG001 - the shape of all filters
    return True


def _owned(scale: Scale, row: Row) -> bool:  # noqa: ARG001 - the shape of all filters
    return row["role"] != "csm" or not unowned(row["account_id"])


def _before_it_stopped(scale: Scale, row: Row) -> bool:
    return date.fromisoformat(row["score_date"]) <= scale.last - STOPS


def _in_time(scale: Scale, row: Row) -> bool:
    return row["usage_date"] <= str(scale.last - LATE)


_FILTERS: dict[str, Callable[[Scale, Row], bool]] = {
    "accounts": _every,
    "account_assignments": _owned,
    "health_scores": _before_it_stopped,
    "usage_daily": _in_time,
}


def _of_the_file(scale: Scale, sheets: Sheets, work: _Spoiling) -> Iterator[Fault]:
    """Faults that no single row shows."""
    file = work.file
    if work.name == "accounts":
        yield Fault("column of nobody", file, 1, "column.unknown", "warning", "region_old")
        yield Fault(
            "accounts without owner", file, None, "arr.unassigned", "notice",
            rows=work.without_owner, asked="arr_per_csm",
        )  # fmt: skip
    if work.name == "contacts":
        yield Fault("other encoding", file, None, "encoding.guessed", "notice")
    if work.name == "health_scores":
        says = f"no score after {scale.last - STOPS}: the source stopped"
        yield Fault("source that stops", file, None, "", says=says)
    if work.name == "usage_daily":
        says = f"no use after {scale.last - LATE}: the source is late"
        yield Fault("late source", file, None, "", says=says)
    if work.again:
        name = f"{work.name}-again{work.page.dialect.ending}"
        with Page(sheets.folder / name, work.page.dialect, work.page.columns) as page:
            for row in work.again:
                page.row(row)
        says = "delivered before, in the same words: repeats"
        yield Fault("delivered twice", name, None, "", rows=page.rows, says=says)
