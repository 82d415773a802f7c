"""Raising flags: every line in use held against the kept history, and what comes of it written beside the facts.

Two writes: rows of `risk_flags` as an import of our own, then an entry of the journal that says how far was judged. A
run that dies in between has written rows that nobody counts as settled; the next run comes to the same ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from tenure.kernel.errors import UserError
from tenure.kernel.points import point
from tenure.lake import imports, journal, ledger
from tenure.lake.freshness import OURS
from tenure.lake.journal import Entry
from tenure.metrics.declaration import Metric
from tenure.metrics.history.made import has_history
from tenure.signals.flagging import (
    Judged,
    Readings,
    Watched,
    flag_id,
    flags_of,
    opened_from,
    row_of,
)
from tenure.signals.flags import Flag, Hold
from tenure.signals.in_use import in_segment
from tenure.signals.question import QUESTIONS, Asked
from tenure.workspace.flag_rows import COLUMNS, FlagDoor, asked_of, kept_rows
from tenure.workspace.thresholds import Thresholds

JUDGED = "judged"
LIVE = "arr_in_force"
BACK = timedelta(weeks=8)
"""How far before the first new reading the history is read: as many known readings as patience needs, with gaps."""


@dataclass(frozen=True, slots=True)
class Raised:
    """What a run did: the ids of flags it opened and closed, how many of ours are open now, and to which reading."""

    opened: tuple[str, ...]
    closed: tuple[str, ...]
    still_open: int
    judged_to: date
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "opened": list(self.opened),
            "closed": list(self.closed),
            "still_open": self.still_open,
            "judged_to": self.judged_to.isoformat(),
            "notes": list(self.notes),
        }


def raise_flags(door: FlagDoor) -> Raised:
    """Flags opened and closed by every reading and decision since the last run; the same run again changes nothing.

    Raises:
        UserError: no history is kept, or an earlier snapshot is open.
    """
    if door.pinned is not None:
        raise UserError(
            f"The workspace is open at snapshot {door.pinned}, and flags are of the newest.",
            remedy="Open it without a snapshot.",
            code="flag.pinned",
        )
    with door.lake.locked(".flags"):
        imports.recover(door.lake)
        door._forget()
        return _Run(door).done()


class _Run:
    """Not frozen: it gathers rows of every metric."""

    def __init__(self, door: FlagDoor) -> None:
        self.door, self.lines = door, Thresholds(door)
        self.entries = self.lines.entries()
        told = [e.content for e in self.entries if e.kind == JUDGED]
        self.before: Mapping[str, Any] = told[-1] if told else {"to": {}, "turn": -1, "import": 0}
        self.turn = max((e.turn for e in self.entries if e.kind != JUDGED), default=0)
        numbers = {e.import_id: e.number for e in ledger.entries(door.lake).values()}
        self.own, self.taken = dict[str, dict[str, Any]](), set[str]()
        self.unsettled = set[str]()
        for row in kept_rows(door):
            if row["source"] != OURS:
                self.taken.add(row["flag_id"])  # theirs; never written over
                continue
            self.own[row["flag_id"]] = row
            if numbers.get(row["import_id"], 0) > self.before["import"]:
                self.unsettled.add(row["flag_id"])
            elif row["cleared_date"] is not None:
                self.taken.add(row["flag_id"])
        self.rows = dict[str, dict[str, Any]]()
        self.names = defaultdict[tuple[Any, ...], list[str]](list)
        for name, row in self.own.items():
            self.names[
                (row["metric_id"], asked_of(row), row["account_id"], row["raised_date"])
            ].append(name)

    def done(self) -> Raised:
        watched = self._watched()
        readings = _read(self.door, [w.metric for w in watched], self._from(watched))
        to = dict(self.before["to"])
        for one in watched:
            own = readings.get(one.metric)
            if own is None:
                continue
            self._walk(one, own)
            key = _key(one.metric, one.asked)
            to[key] = max([to.get(key, ""), *(d.isoformat() for d in own.days[-1:])])
        judged_to = date.fromisoformat(max(to.values())) if any(to.values()) else date.min
        self._left_over({(w.metric, w.asked) for w in watched}, judged_to)
        return self._written(to, judged_to)

    def _watched(self) -> list[Watched]:
        holds = _holds(self.entries)
        rows = [row for row in self.own.values() if row["cleared_date"] is None]
        open_of = {(row["metric_id"], asked_of(row)) for row in rows}
        found = []
        for metric in self.door.catalogue:
            for about in QUESTIONS.values() if has_history(metric) else ():
                own = self._lines(metric, about.asked, holds[metric.id, about.asked])
                any_line = any(s.line for s in own.all_stages)
                if any_line or (metric.id, about.asked) in open_of:
                    found.append(replace(own, standing=self._standing(own)))
        return found

    def _lines(self, metric: Metric, asked: Asked, holds: Mapping[str, Sequence[Hold]]) -> Watched:
        """The lines for all accounts, and those in use for the accounts of segments with lines of their own."""
        every = self.lines.lines_of(metric, self.entries, asked)
        general, *own = (self.lines.stages(metric, self.entries, of) for of in every)
        by_segment = {
            of.segment: in_segment(general, stages)
            for of, stages in zip(every[1:], own, strict=True)
        }
        segments = self._segments() if by_segment else {}
        return Watched(metric.id, metric.title, general, holds, {}, asked, by_segment, segments)

    def _segments(self) -> dict[str, str]:
        """The segment of every account, as it is known now."""
        accounts = self.door.computed().reading.accounts()
        return {a: str(row.get("segment") or "") for a, row in accounts.items()}

    def _judged(self, metric: str, asked: str) -> Judged:
        to = self.before["to"].get(_key(metric, asked))
        return Judged(date.fromisoformat(to) if to else date.min, self.before["turn"])

    def _standing(self, watched: Watched) -> dict[str, Flag]:
        """Open flags as the last whole run left them: what a run that died has closed is open here."""
        judged = self._judged(watched.metric, watched.asked)
        found = {}
        for name, row in self.own.items():
            if (row["metric_id"], asked_of(row)) != (watched.metric, watched.asked):
                continue
            stages = watched.stages_of(row["account_id"])
            day = max([judged.to, *(s.day for s in stages if s.turn <= judged.turn)])
            unsettled = name in self.unsettled
            if (unsettled and row["raised_date"] <= day) or (
                not unsettled and not row["cleared_date"]
            ):
                found[row["account_id"]] = opened_from(row)
        return found

    def _from(self, watched: Iterable[Watched]) -> date:
        days = [self._judged(w.metric, w.asked).to for w in watched]
        first = min(days, default=date.min)
        return first if first == date.min else first - BACK

    def _walk(self, watched: Watched, readings: Readings) -> None:
        judged = self._judged(watched.metric, watched.asked)
        for account, flags in flags_of(watched, readings, judged).items():
            standing = watched.standing.get(account)
            for flag in flags:
                is_standing = standing is not None and flag.opened_on == standing.opened_on
                name = self._name(watched, account, flag, is_standing=is_standing)
                row = row_of(watched, account, flag, name)
                if is_standing:  # its evidence is that of its opening
                    kept = self.own[name]
                    row |= {n: kept[n] for n in ("reason", "severity", "evidence")}
                self.rows[name] = row

    def _name(self, watched: Watched, account: str, flag: Flag, *, is_standing: bool) -> str:
        if is_standing:
            for name in self.names[(watched.metric, watched.asked, account, flag.opened_on)]:
                if name not in self.taken:
                    return name
        # Asked one by one: a union of all names for every flag would cost the square of their number.
        taken = _Either(self.taken, self.rows)
        return flag_id(watched.metric, account, flag.opened_on, taken, watched.asked)

    def _left_over(self, watched: set[tuple[str, str]], day: date) -> None:
        """Open rows that no walk comes to: of a run that died on other readings, or of a metric that is gone."""
        for name, row in self.own.items():
            if row["cleared_date"] is not None or name in self.rows:
                continue
            if name in self.unsettled or (row["metric_id"], asked_of(row)) not in watched:
                ended = "corrected" if name in self.unsettled else "line_moved"
                closed = {"cleared_date": max(day, row["raised_date"]), "ended": ended}
                self.rows[name] = {n: row[n] for n in COLUMNS} | closed

    def _written(self, to: dict[str, str], judged_to: date) -> Raised:
        changed = {
            name: row
            for name, row in self.rows.items()
            if name not in self.own or any(row[n] != self.own[name][n] for n in COLUMNS)
        }
        opened = [n for n in changed if n not in self.own]
        closed = [n for n, row in changed.items() if row["cleared_date"] is not None]
        number = self.before["import"]
        if changed:
            point("flags.before")
            said = self.door.load(
                {"risk_flags": [_plain(changed[n]) for n in sorted(changed)]}, source=OURS
            )
            point("flags.after")
            number = max(number, said.number)
        if self.unsettled:
            number = max([number, *(e.number for e in ledger.entries(self.door.lake).values())])
        told = {"to": to, "turn": self.turn, "import": number}
        if told != dict(self.before):
            journal.enter(self.door.lake, JUDGED, "", content=told)
        now = self.own | self.rows
        still = sum(row["cleared_date"] is None for row in now.values())
        return Raised(tuple(sorted(opened)), tuple(sorted(closed)), still, judged_to)


class _Either(Container[str]):
    """What is in one or the other."""

    def __init__(self, *parts: Container[str]) -> None:
        self.parts = parts

    def __contains__(self, name: object) -> bool:
        return any(name in part for part in self.parts)


def _plain(row: Mapping[str, Any]) -> dict[str, str | None]:
    return {name: None if value is None else str(value) for name, value in row.items()}


def _key(metric: str, asked: str) -> str:
    """How a metric's flags of a question are called where it is kept how far they were judged."""
    return metric if asked == "renew" else f"{asked}:{metric}"


def _holds(entries: Iterable[Entry]) -> defaultdict[tuple[str, str], dict[str, list[Hold]]]:
    """By metric and question, then by account, in the order in which they were said."""
    found: defaultdict[tuple[str, str], dict[str, list[Hold]]] = defaultdict(dict)
    for entry in entries:
        if entry.kind in ("dismissed", "snoozed"):
            said = entry.content
            hold = Hold(
                "dismissed" if entry.kind == "dismissed" else "snoozed",
                date.fromisoformat(said["on"]),
                date.fromisoformat(said["until"]),
                entry.why_said,
                entry.turn,
            )
            about = (said["metric"], said.get("asked") or "renew")
            found[about].setdefault(said["account"], []).append(hold)
    return found


def _read(door: FlagDoor, metrics: list[str], start: date) -> dict[str, Readings]:
    """The kept readings of each metric that the history holds.

    Raises:
        UserError: no history is kept.
    """
    held = {name for part in door.kept.parts.values() for name in part.metrics}
    wanted = [name for name in metrics if name in held]
    if door.kept.run and not wanted:
        return {}
    with_arr = [*wanted, *([LIVE] if LIVE in held and LIVE not in wanted else [])]
    frame = door.history(with_arr, start=None if start == date.min else start)
    as_ofs, accounts = frame.held["as_of"].to_pylist(), frame.held["account_id"].to_pylist()
    days, names = sorted(set(as_ofs)), sorted(set(accounts))
    place = {day: i for i, day in enumerate(days)}, {name: i for i, name in enumerate(names)}
    rows = np.array([place[1][a] for a in accounts], dtype=int)
    columns = np.array([place[0][d] for d in as_ofs], dtype=int)

    def table(name: str) -> Any:
        values = np.full((len(names), len(days)), np.nan)
        told = frame.held[name].to_pylist()
        values[rows, columns] = [np.nan if v is None else float(v) for v in told]
        return values

    gone = table(LIVE) == 0 if LIVE in held else np.zeros((len(names), len(days)), dtype=bool)
    found = {}
    for name in wanted:
        at = (
            _weekly(days) if door.catalogue.find(name)[0].patience == "2 of 3" else range(len(days))
        )
        kept = list(at)
        found[name] = Readings(
            tuple(days[i] for i in kept), tuple(names), table(name)[:, kept], gone[:, kept]
        )
    return found


def _weekly(days: list[date]) -> list[int]:
    """Of a history by day the Sundays; of one by week or month every reading."""
    gaps = [(b - a).days for a, b in zip(days, days[1:], strict=False)]
    if gaps and min(gaps) < 7:
        return [i for i, day in enumerate(days) if day.weekday() == 6]
    return list(range(len(days)))
