"""Tenure's own scores as they were last kept: told once by `tenure health --keep`, read by pages at once.

Telling the scores reads every past quarter and takes minutes; a page about one account cannot wait for that. One file in
the workspace's folder, replaced as a whole. Does not promise to be of today: it says its day.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Unknown
from tenure.lake.durable import replace_json

if TYPE_CHECKING:
    from tenure.signals.health_score.standing import Standings

FILE = "kept_scores.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class KeptScore:
    """One account's score on its day. `parts` are points by metric, None where they cannot be shared out.

    `healthy` is the score of the median healthy account; it and the points add up to the score. `why` says why there is none.
    """

    day: date
    score: int | None
    why: str
    healthy: int
    parts: Sequence[tuple[str, int | None]]
    late: Sequence[str]

    @property
    def adds_up(self) -> bool:
        """Whether the points are known and lead from the healthy account to the score."""
        points = [number for _, number in self.parts if number is not None]
        whole = len(points) == len(self.parts) and self.score is not None
        return whole and self.healthy + sum(points) == self.score


@dataclass(frozen=True, slots=True)
class KeptScores:
    """All scores of one telling; `says` is what they rest on, `is_learned` tells weights learned from those people set."""

    says: str
    is_learned: bool
    is_published: bool
    accounts: Mapping[str, KeptScore]


def keep_scores(folder: Path, told: Standings) -> Path:
    """Keep what `Workspace.health` told in the folder, in place of what was kept before."""
    accounts = {}
    for one in told.accounts:
        scored = one.scored
        unknown = isinstance(scored.score, Unknown)
        accounts[scored.account] = {
            "day": scored.day, "score": None if unknown else int(scored.score),  # type: ignore[arg-type]
            "why": scored.score.says if isinstance(scored.score, Unknown) else "", "healthy": int(scored.healthy_score),
            "parts": [[p.metric, None if p.points is None else int(p.points)] for p in scored.parts],
            "late": list(scored.late),
        }  # fmt: skip
    target = folder / FILE
    content = {
        "format": FORMAT, "says": told.says, "is_learned": told.health.model.stage.is_learned,
        "is_published": told.published, "accounts": accounts,
    }  # fmt: skip
    replace_json(target, content)
    return target


def kept_scores(folder: Path) -> KeptScores | None:
    """What was kept last; None where nothing was.

    Raises:
        UserError: the file is not what `tenure health --keep` writes.
    """
    file = folder / FILE
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return _read(file, found.st_ino, found.st_mtime_ns)


@lru_cache(maxsize=2)
def _read(file: Path, inode: int, changed: int) -> KeptScores:
    del inode, changed  # they name the content
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        if held["format"] != FORMAT:
            raise ValueError(held["format"])
        accounts = {account: _one(row) for account, row in held["accounts"].items()}
        return KeptScores(held["says"], held["is_learned"], held["is_published"], accounts)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(
            f"`{file}` does not hold scores as `tenure health --keep` writes them.",
            remedy="Run `tenure health --keep` again; it replaces the file.",
            where=str(file),
            code="scores.kept",
        ) from None


def _one(row: Mapping[str, Any]) -> KeptScore:
    parts = [(str(metric), points) for metric, points in row["parts"]]
    return KeptScore(date.fromisoformat(row["day"]), row["score"], row["why"], row["healthy"], parts, row["late"])  # fmt: skip
