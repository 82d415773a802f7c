"""Three small deliveries that overlap: what is in each, and folders with their files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

Files = Mapping[str, Iterable[str]]

FIRST: Files = {
    "accounts.csv": ["account_id,name", *(f"a{i},Account {i}" for i in range(12))],
    "survey_responses.csv": [
        "response_id,account_id,survey_type,score,responded_at",
        *(f"r{i},a{i},nps,{i},2026-01-0{i + 1}T10:00:00Z" for i in range(6)),
    ],
    "usage_daily.csv": [
        "account_id,usage_date,event_count",
        *(f"a{i % 6},2026-0{1 + i // 10}-{10 + i % 10},{i}" for i in range(20)),
    ],
}
"""12 accounts, 6 responses, 20 days of usage in two months."""

SECOND: Files = {
    "accounts.csv": [
        "account_id,name",
        *(f"a{i},Account {i}" for i in range(6)),
        "a6,Renamed",
        "a7,Renamed",
        *(f"a{i},Account {i}" for i in range(12, 16)),
    ],
    "survey_responses.csv": [
        "response_id,account_id,survey_type,score,responded_at",
        "r0,a0,nps,10,2026-01-01T10:00:00Z",
        "r9,a1,nps,9,2026-02-01T10:00:00Z",
        "r10,a1,nps,nine,2026-02-01T10:00:00Z",
    ],
    "usage_daily.csv": [
        "account_id,usage_date,event_count",
        *(f"a{i % 6},2026-0{1 + i // 10}-{10 + i % 10},{i}" for i in range(10, 26)),
    ],
}
"""Over the first: 6 accounts repeated, 2 renamed, 4 new; an id used twice, a new response, one not a number;
10 days repeated and 6 new, in a third month."""

THIRD: Files = {
    "accounts.csv": ["account_id,name", "a6,Renamed again", "a20,Account 20"],
    "survey_responses.csv": [
        "response_id,account_id,survey_type,score,responded_at",
        "r20,a1,nps,1,2026-03-01T10:00:00Z",
    ],
}
"""Touches two tables of the second, with other content for one key."""


def written(folder: Path, files: Files) -> Path:
    """A folder with these files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
