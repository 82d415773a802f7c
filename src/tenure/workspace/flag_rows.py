"""The rows of `risk_flags` as the workspace reads them, and what reading and raising flags needs of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from tenure.lake.imports import ImportSummary
from tenure.lake.refreshes import History
from tenure.metrics.history.frame import Frame
from tenure.metrics.questions import Day
from tenure.workspace.history import Door

COLUMNS = (
    "flag_id", "account_id", "metric_id", "question", "reason", "severity", "raised_date", "cleared_date",
    "ended", "reason_said", "evidence",
)  # fmt: skip


class FlagDoor(Door, Protocol):
    """What flags need of a workspace."""

    pinned: int | None

    @property
    def kept(self) -> History:
        """The newest history."""
        ...

    def history(
        self,
        metrics: list[str],
        accounts: list[str] | None = None,
        *,
        start: Day = None,
        end: Day = None,
    ) -> Frame:
        """Readings over time."""
        ...

    def load(self, rows: dict[str, Any], *, source: str) -> ImportSummary:
        """Import rows."""
        ...

    def names_of(self, table_name: str) -> dict[str, str]:
        """Names by id."""
        ...

    def _forget(self) -> None: ...


def kept_rows(door: Door) -> list[dict[str, Any]]:
    """Every flag there is, ours and those of other systems, with its source and import."""
    facts = door.facts()
    if "risk_flags" not in facts.tables():
        return []
    names = (*COLUMNS, "source", "import_id")
    return [dict(zip(names, row, strict=True)) for row in facts.rows("risk_flags", names)]


def asked_of(row: Mapping[str, Any]) -> str:
    """What a flag of ours speaks of: a risk where it does not say."""
    return row["question"] or "renew"


def is_open(row: dict[str, Any], day: date) -> bool:
    """Raised by the end of the day and not cleared by then."""
    cleared = row["cleared_date"]
    return row["raised_date"] <= day and (cleared is None or cleared > day)
