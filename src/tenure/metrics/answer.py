"""The envelope every face returns (metrics 8.2): value or reason, parts, as-of, method, route back to rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tenure.kernel.days import Period
from tenure.kernel.unknown import Reason
from tenure.metrics.asked import Cut, Note
from tenure.metrics.derived.contract_facts import SourceRow

ROWS_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """One metric's answer. Money is Decimal, ratios are floats, a missing part is None with its reason.

    Attributes:
        metric: the metric's id.
        value: the headline, or None.
        unknown: why there is no value: undefined, no_data, too_little_history, source_late, withheld.
        reasons: for each None inside `components`, its path and reason.
        components: the parts, by the names of the answer contract.
        cuts: one entry per part of the whole where `by` was asked.
        n: how many things the value rests on.
        findings: what the number should not be read without.
        as_of: the day asked about (end of day).
        period: half-open, or None.
        snapshot: the workspace snapshot that was read.
        method: every parameter with the value used.
        rows: the source rows behind the value: table, key, file, line; the first 1,000 of very many.
        rows_total: how many there are; None where `rows` holds all.
    """

    metric: str
    value: Any
    unknown: Reason | None
    reasons: Mapping[str, Reason]
    components: Mapping[str, Any]
    cuts: Sequence[Cut]
    n: int | None
    findings: Sequence[Note]
    as_of: date
    period: Period | None
    snapshot: int
    method: Mapping[str, Any]
    rows: Sequence[SourceRow]
    rows_total: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The envelope as JSON types: money as numbers, days as ISO text, at most 1,000 rows (`rows_total` counts all)."""
        return {
            "metric": self.metric,
            "value": plain(self.value),
            "unknown": self.unknown,
            "reasons": dict(self.reasons),
            "components": plain(self.components),
            "cuts": [
                {
                    "key": c.key,
                    "value": plain(c.value),
                    "unknown": c.reason,
                    "n": c.n,
                    "components": plain(c.components),
                }
                for c in self.cuts
            ],
            "n": self.n,
            "findings": [note.to_dict() for note in self.findings],
            "as_of": self.as_of.isoformat(),
            "period": None
            if self.period is None
            else {"start": self.period.start.isoformat(), "end": self.period.end.isoformat()},
            "snapshot": self.snapshot,
            "method": plain(self.method),
            "rows": [
                {"table": row.table, "key": row.key, "file": row.file, "line": row.line}
                for row in self.rows[:ROWS_SHOWN]
            ],
            "rows_total": len(self.rows) if self.rows_total is None else self.rows_total,
        }


def plain(value: Any) -> Any:
    """A value as JSON types: Decimal to int or float, days to ISO text, maps with text keys."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value
