"""The workspace that this process serves, and its accounts as they stand: one per process, safe between threads.

Screens read rows that are ready. When facts have come in, the rows are made anew beside the old ones, which are shown
until then; only the first reader of a process, and the first of a past day, waits.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import cast

from django.conf import settings
from django.db import connections

from tenure.desk.beside import Beside, opened
from tenure.desk.entered_to_lake import send_entered
from tenure.desk.kept_rows import rows_of_all
from tenure.desk.models import Person
from tenure.desk.moves_to_lake import send_moves
from tenure.desk.publish_weeks import publish_weeks
from tenure.desk.release import sight_of
from tenure.desk.to_lake import send_waiting
from tenure.desk.visible import Scope, visible_to
from tenure.kernel.errors import UserError
from tenure.kernel.settings import FILE, Settings, load_settings
from tenure.lake import snapshots
from tenure.metrics.declaration import Catalogue
from tenure.workspace import Workspace
from tenure.workspace.present import Present, shown_day

log = logging.getLogger("tenure.desk")

LOOK_EVERY = 1.0
"""Seconds between two looks for newer facts."""
PAST_DAYS_KEPT = 4
PAUSE = 30.0
"""Seconds until what failed is tried again."""
REST = 3.0
"""Making newer rows takes at most a quarter of the time, so that pages have the rest..."""
LONGEST_REST = 15.0
"""...but what was logged counts within the minute: seconds."""


@dataclass
class Home:
    """A workspace being served. Two doors to it: questions of people never wait behind the making of rows."""

    folder: Path
    makes_apart: bool = False
    _asked: Workspace = field(init=False, repr=False)
    _asking: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _making: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _reading: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _catalogue: tuple[Workspace, Catalogue] | None = field(default=None, repr=False)
    _looking: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _shown: Present | None = field(default=None, repr=False)
    _past: OrderedDict[tuple[date, int, tuple[int, ...]], Present] = field(
        default_factory=OrderedDict, repr=False
    )
    _newest: snapshots.Snapshot | None = field(default=None, repr=False)
    _not_before: float = field(default=0.0, repr=False)
    _asked_at: int = field(default=-1, repr=False)
    _looking_back: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _looked: float = field(default=0.0, repr=False)
    _logged: int = field(default=1, repr=False)
    _sent: int = field(default=0, repr=False)
    _maker: threading.Thread | None = field(default=None, repr=False)
    _settings_seen: tuple[int, ...] = field(default=(), repr=False)
    _shown_by: tuple[int, ...] = field(default=(), repr=False)
    _beside: Beside | None = field(default=None, repr=False)
    before_shown: list[Callable[[Present, Present], None]] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        """Open the folder; a folder that is no workspace stops the program here."""
        self._settings_seen = self._settings_mark()
        self._asked = Workspace.open(self.folder)

    @contextmanager
    def workspace(self) -> Iterator[Workspace]:
        """The workspace for one question; the next waits, since an engine serves one thread at a time."""
        with self._asking:
            if self._asked.snapshot.number != self._asked_at:
                self._asked._forget()  # noqa: SLF001 - nobody asks about facts of before any more
                self._asked_at = self._asked.snapshot.number
            yield self._asked

    @contextmanager
    def beside(self) -> Iterator[Workspace]:
        """The facts that the rows shown were made of, for one question about an account; the next waits."""
        held = self._beside or self._first_beside()
        with held.asked() as workspace:
            yield workspace

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._asked.settings

    @property
    def catalogue(self) -> Catalogue:
        """The metrics; read without waiting for anybody's question."""
        asked = self._asked
        with self._reading:  # read once: fifty people at once would read it fifty times
            if self._catalogue is None or self._catalogue[0] is not asked:
                self._catalogue = (asked, asked.catalogue)
            return self._catalogue[1]

    @property
    def title(self) -> str:
        """The company's name, from its settings."""
        return self._asked.settings.title

    @property
    def time_zone(self) -> str:
        """The zone in which the company reads its clocks."""
        return self._asked.settings.time_zone

    @property
    def upload_mb(self) -> int:
        """How large files given in the browser may be, together."""
        return self._asked.settings.web.upload_mb

    @property
    def cadence_defaults(self) -> Mapping[str, int]:
        """Days between touches by segment, offered where touches are planned in bulk."""
        return self._asked.settings.cadence

    @property
    def today(self) -> date:
        """The civil day of the company."""
        return self._asked.defaults.today

    def present(self, as_of: date | None = None) -> Present:
        """All accounts as they stand, or stood at the end of a past day with what is known today."""
        if as_of is not None and (self._shown is None or as_of != self._shown.day):
            return self._on(as_of)
        shown = self._shown
        if shown is None:
            return self._made()
        if self.is_behind(shown) or self._day_is_over(shown):
            self._make_beside()
        return shown

    def get_ready(self) -> None:
        """Read what the first page would wait for."""
        self.present()
        with self.beside():
            self.catalogue  # noqa: B018 - read for what it keeps

    def is_behind(self, shown: Present) -> bool:
        """Whether there is something newer than these rows were made of, on its way included."""
        if self._sent != self._logged or self._snapshot() != shown.snapshot:
            return True
        return shown is self._shown and self._shown_by != self._settings_seen

    def look_at_settings(self) -> None:
        """Take up settings that were changed, here or in the file; a file that does not load changes nothing."""
        mark = self._settings_mark()
        if mark == self._settings_seen:
            return
        try:
            self._asked.settings = load_settings(self.folder)
        except UserError:
            log.exception("The settings cannot be read; those from before stay in force.")
        self._asked_at = -1
        self._settings_seen = mark

    def send(self) -> None:
        """Send what people logged to the lake, beside whatever is being shown."""
        self._logged += 1
        self._make_beside()

    def until_current(self, seconds: float = 30.0) -> None:
        """Wait until the rows are made of the newest facts; for tests and for verbs that promise the same minute."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._looked = 0.0
            shown = self.present()
            if not self.is_behind(shown):
                return
            time.sleep(0.05)

    def scope(self, person: Person) -> Scope:
        """What the person may see now."""
        shown = self.present()
        return visible_to(
            person,
            owned=shown.owned,
            sold=shown.sold,
            own_book_only=self.settings.web.own_book_only,
            sight=sight_of(person, shown.led, self.settings),
        )

    def _day_is_over(self, shown: Present) -> bool:
        """A new civil day has begun, or the facts have grown old."""
        return shown_day(shown.facts_until, self._asked.defaults.today) != shown.day

    def _snapshot(self) -> int:
        with self._looking:
            if self._newest is None or time.monotonic() - self._looked > LOOK_EVERY:
                self._newest = snapshots.newest(self._asked.lake, self._newest)
                self.look_at_settings()
                self._looked = time.monotonic()
            return self._newest.number

    def _settings_mark(self) -> tuple[int, ...]:
        """Another for every version of the file: it is replaced whole, so that its place on disk changes."""
        try:
            found = (self.folder / FILE).stat()
        except FileNotFoundError:  # an editor may take it away for a moment
            return self._settings_seen
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _on(self, day: date) -> Present:
        key = (day, self._snapshot(), self._settings_seen)
        found = self._past.get(key)
        if found is None:
            with (
                self._looking_back
            ):  # of its own: whoever leafs through the past keeps nobody's news
                found = self._past.get(key) or self._rows_on(day)
                self._past[key] = found
                while len(self._past) > PAST_DAYS_KEPT:
                    self._past.popitem(last=False)
        return found

    def _rows_on(self, day: date | None) -> Present:
        workspace = Workspace.open(self.folder)
        try:
            return workspace.present(day)
        finally:
            workspace._forget()  # noqa: SLF001 - its engines are done with

    def _made(self) -> Present:
        with self._making:
            if self._shown is None:
                self._renewed()
                self._publish()
            return cast(Present, self._shown)

    def _first_beside(self) -> Beside:
        shown = self.present()
        with self._making:
            if self._beside is None:
                self._beside = opened(
                    self.folder, shown.snapshot, before=None, is_busy=self.makes_apart
                )
            return self._beside

    def _renewed(self) -> None:
        """Rows and the facts beside them; what was read before is shown until both are there."""
        by, before = self._settings_seen, self._beside
        made = self._newest_rows()
        facts = opened(self.folder, made.snapshot, before=before, is_busy=self.makes_apart)
        if self._shown is not None:
            for prepare in self.before_shown:
                prepare(self._shown, made)
        self._shown_by, self._shown, self._beside = by, made, facts
        if before is not None:
            before.close()

    def _newest_rows(self) -> Present:
        """The rows of the newest facts, with what people entered."""
        if self.makes_apart:
            return rows_of_all(self.folder, self._shown, self._send_now)
        self._send_now()
        return self._rows_on(None)

    def _send_now(self) -> None:
        """What is waiting goes to the lake first; what is logged meanwhile asks for another round.

        What cannot be sent now holds up no news: it waits, and is tried again after a while.
        """
        logged = self._logged
        try:
            sending = Workspace.open(self.folder)
            send_waiting(sending)
            send_moves(sending)
            send_entered(sending)
            sending._forget()  # noqa: SLF001 - its engines are done with
            self._sent = logged
        except Exception:
            log.exception("What was logged could not be sent to the lake; it is tried again.")
            self._not_before = time.monotonic() + PAUSE

    def _publish(self) -> None:
        """The weeks that have closed since, told to the people they are about; what fails is tried with the next rows."""
        try:
            publish_weeks(Workspace.open(self.folder))
        except Exception:
            log.exception("The figures of the closed week could not be published.")

    def _make_beside(self) -> None:
        with self._looking:
            busy = self._maker is not None and self._maker.is_alive()
            if busy or time.monotonic() < self._not_before:
                return
            self._maker = threading.Thread(target=self._renew, name="present", daemon=True)
            self._maker.start()

    def _renew(self) -> None:
        began = time.monotonic()
        try:
            with self._making:
                self._renewed()
            if self.makes_apart:  # people log all day: one making after the other would never end
                ended = time.monotonic()
                rest = ended + min(LONGEST_REST, REST * (ended - began))
                self._not_before = max(
                    self._not_before, rest
                )  # what could not be sent waits longer
            self._publish()  # new rows do not wait for it
        except (
            Exception
        ):  # at the edge of a thread: what is shown stays, and it is tried again after a while
            log.exception(
                "The rows of the newest facts could not be made; the ones before are shown."
            )
            self._not_before = time.monotonic() + PAUSE
        finally:
            connections.close_all()


_opening = threading.Lock()
_served: Home | None = None


def home() -> Home:
    """The workspace of this process, as the settings name it."""
    global _served  # noqa: PLW0603 - one per process is what it is for
    with _opening:
        if _served is None:
            apart = os.environ.get("TENURE_KEEP") == "1"
            _served = Home(Path(settings.TENURE_WORKSPACE), makes_apart=apart)
        return _served
