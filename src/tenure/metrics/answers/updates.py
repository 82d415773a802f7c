"""What happened, in words: key_account_updates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from tenure.metrics.asked import Asked, Result
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.derived.fact import civil_day
from tenure.metrics.reading import Reading

KINDS = {
    "win": "win",
    "escalation": "escalation",
    "shift": "strategic_shift",
    "strategic_shift": "strategic_shift",
}


def kinds_of(tags: str | None) -> list[str]:
    """The kinds of update that the words of a row name, in their order; other words say nothing here."""
    found = [KINDS.get(word.strip().lower()) for word in (tags or "").split(",")]
    return [kind for kind in dict.fromkeys(found) if kind]


def key_account_updates(reading: Reading, asked: Asked) -> Result:
    """Wins, escalations and strategic shifts of the period, oldest first; never a score."""
    meant = reading.population(asked.where, asked.as_of) if asked.where else None
    found = sorted(
        (day, account_id, kind, text or "", source)
        for account_id, day, kind, text, source in _tagged(reading, asked)
        if meant is None or account_id in meant
    )
    updates: list[dict[str, Any]] = [
        {"account_id": account_id, "date": day, "kind": kind, "text": text}
        for day, account_id, kind, text, _ in found
    ]
    return Result(
        value=len(updates),
        components={"count": len(updates), "updates": updates},
        n=len(updates),
        rows=[SourceRow(*source) for *_, source in found],
    )


def _tagged(
    reading: Reading, asked: Asked
) -> Iterator[tuple[str, date, str, str | None, tuple[str, str, str, int]]]:
    between = {"first": asked.period.start, "last": asked.day}
    sources = []
    if reading.has("activities"):
        acts = reading.relation("activity_days", asked.known)
        sources.append(
            (
                "activities",
                f"select account_id, day, tags, summary, source_key, source_file, source_line from {acts}",
            )
        )  # noqa: S608 - our own name
    if reading.has("feedback"):
        day = civil_day("submitted_at", reading.time_zone)
        sources.append(
            (
                "feedback",
                f"select account_id, {day} as day, tags, summary, feedback_id, source_file, source_line from feedback",
            )  # noqa: S608 - our own words
        )
    for table, text in sources:
        for account_id, day, tags, summary, *source in reading.query(
            f"select * from ({text}) where tags is not null and account_id is not null "  # noqa: S608 - as above
            "and day between $first and $last",
            **between,
        ):
            for kind in kinds_of(tags):
                yield account_id, day, kind, summary, (table, *source)
