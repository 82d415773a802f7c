"""How much of a run is done, and about how long the rest will take, where there is ground to say so."""

from __future__ import annotations

from collections.abc import Mapping

ENOUGH = 0.5
"""The share that must be done before parts nobody has timed yet are taken to go like the others."""


class Pace:
    """Numbers done of those to do, part by part. Not frozen: it counts along."""

    def __init__(self, cells: Mapping[str, int], known: Mapping[str, float]) -> None:
        """`cells`: numbers to make by part; `known`: seconds a number took in an earlier run (0: unknown)."""
        self._cells, self._known = dict(cells), {n: pace for n, pace in known.items() if pace > 0}
        self._seconds: dict[str, float] = {}

    @property
    def share(self) -> float:
        """Numbers done of all."""
        whole = sum(self._cells.values())
        return self._done / whole if whole else 1.0

    @property
    def _done(self) -> int:
        return sum(self._cells[name] for name in self._seconds)

    def done(self, part: str, seconds: float) -> None:
        """A part is done, and took so long."""
        self._seconds[part] = seconds

    def of(self, part: str) -> float:
        """Seconds a number of the part took in this run; 0 if it made none."""
        cells = self._cells.get(part, 0)
        return self._seconds[part] / cells if cells and part in self._seconds else 0.0

    def left(self) -> float | None:
        """Seconds for the rest: each part at its own pace of the run before.

        This run tells how much faster or slower the machine is today. A part that was never timed goes like
        those of this run, once half of all is done; before that nobody can say, and None is the answer.
        """
        rest = {n: c for n, c in self._cells.items() if c and n not in self._seconds}
        timed = [n for n in self._seconds if n in self._known]
        expected = sum(self._known[n] * self._cells[n] for n in timed)
        today = sum(self._seconds[n] for n in timed) / expected if expected else 1.0
        known = sum(self._known[n] * cells for n, cells in rest.items() if n in self._known) * today
        untimed = sum(cells for n, cells in rest.items() if n not in self._known)
        if not untimed:
            return known
        if self.share < ENOUGH:
            return None
        return known + untimed * sum(self._seconds.values()) / max(self._done, 1)
