"""The facts behind the rows that are shown, for pages about one account: of the same snapshot, ready before they ask.

While newer facts come in, pages go on reading these; rows and facts are renewed together.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tenure.lake.identities import SHAPE as IDENTITIES
from tenure.metrics.asked import GRACE_DAYS
from tenure.metrics.near import lay_near
from tenure.metrics.taken_over import take_over
from tenure.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Beside:
    """A workspace that stays at one snapshot. One question at a time: an engine serves one thread."""

    workspace: Workspace
    _asking: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def asked(self) -> Iterator[Workspace]:
        """The workspace for one question; the next waits."""
        with self._asking:
            yield self.workspace

    def close(self) -> None:
        """Give its files back, once nobody asks."""
        with self._asking:
            self.workspace._forget()  # noqa: SLF001 - nobody asks about facts of before any more


def opened(folder: Path, snapshot: int, *, before: Beside | None, is_busy: bool) -> Beside:
    """The facts of a snapshot.

    Args:
        folder: the workspace's.
        snapshot: which.
        before: those of before, whose contracts are read again only where they have changed.
        is_busy: many will ask: rows are laid by account, and what the first would wait for is made now.
    """
    found = Beside(Workspace.open(folder, snapshot=snapshot))
    if is_busy:
        now = found.workspace
        reading = now.computed().reading
        if before is not None:
            take_over(reading, before.workspace.computed().reading, _same(before.workspace, now))
        now.facts().engine.expect(reading.facts.tables())
        lay_near(reading)
        if reading.knows_contracts:
            reading.known_accounts(now.defaults.today)
            reading.changes(now.defaults.today, GRACE_DAYS)
    return found


def _same(before: Workspace, now: Workspace) -> frozenset[str]:
    """Tables that say what they said."""
    old, new = before.snapshot.versions, now.snapshot.versions
    if old.get(IDENTITIES.name) != new.get(IDENTITIES.name):
        return frozenset()  # rows of every table may be read under other ids
    return frozenset(name for name, version in new.items() if old.get(name) == version)
