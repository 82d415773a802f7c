"""What every result rests on, and the words a metric and an outcome can earn together."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from tenure.kernel.unknown import Reason

Status = Literal[
    "accepted", "provisional", "weak_signal", "proxy", "confounded", "no_separation",
    "insufficient_events", "insufficient_coverage", "constant", "direction_conflict", "preset",
]  # fmt: skip
Review = Literal[
    "holds", "recalibrate", "decayed", "inconclusive", "not_enough_events", "not_validated"
]

REFUSED: dict[Status, Reason] = {
    "insufficient_events": "too_little_history",
    "insufficient_coverage": "no_data",
    "constant": "undefined",
}
"""A refusal in the vocabulary of answers."""

MAY_FLAG: frozenset[Status] = frozenset({"accepted", "provisional", "preset"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """Rows and events a result was made of, of which days, known when, by which method, with which draws.

    `first` and `last` are ISO days of the data window, `snapshot` the lake's (0: a plain table), `method` a name
    with its version, `stream` the number of the random draws (None: nothing was drawn).
    """

    n: int
    events: int
    method: str
    first: str = ""
    last: str = ""
    as_of: str = ""
    snapshot: int = 0
    stream: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)
