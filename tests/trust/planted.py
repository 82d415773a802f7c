"""Words that must not stay anywhere, deliveries full of them, and the search for what stayed."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
from openpyxl import Workbook

TITLE = "Severance talk zqtitle - Outlook"
ADDRESS = "https://payroll.zqhost.example/salary?of=petra"
NAME = "Petra zqname Sommer"
MAIL = "petra.zqmail@example.org"
PICTURE = "/shots/zqshot.png"
WORD = "zqword"
TOKENS = ("zqtitle", "zqhost", "zqname", "zqmail", "zqshot", "zqword")

OWN = ("user_id", "started_at", "ended_at", "category", "account_id")
BESIDE = ("window_title", "url", "attendee names", "screenshot_path", "Notes", "keystrokes")
INNOCENT = ("a", "reference", "column 7", "x1", "info", "misc")

GOOD = ("maya", "2026-03-02T09:00:00Z", "2026-03-02T10:30:00Z", "internal", "A-1")
GOOD_TOO = ("maya", "2026-03-03T09:00:00Z", "2026-03-03T09:30:00Z", "customer_facing", "")
CONTENT = (TITLE, ADDRESS, NAME, PICTURE, MAIL, WORD)

ROWS: tuple[tuple[str, ...], ...] = (
    (*GOOD, *CONTENT),
    (*GOOD_TOO, *CONTENT),
    # planted where harmless columns should be: in the kind of work, the account, the person, the times
    ("maya", "2026-03-04T09:00:00Z", "2026-03-04T09:20:00Z", TITLE, ADDRESS, *CONTENT),
    ("maya", "2026-03-04T10:00:00Z", "2026-03-04T10:20:00Z", WORD, MAIL, *CONTENT),
    ("maya", "2026-03-04T11:00:00Z", "2026-03-04T11:20:00Z", "internal", "zqhost.example", *CONTENT),
    (NAME, "2026-03-05T09:00:00Z", "2026-03-05T09:20:00Z", "internal", "", *CONTENT),
    ("maya", TITLE, "2026-03-05T09:20:00Z", "internal", "", *CONTENT),
    ("maya", "2026-03-05T09:00:00Z", f"` {ADDRESS} `", "internal", "", *CONTENT),
)  # fmt: skip
"""Intervals with content beside them, and inside them. Two and a bit hours of maya's are good."""

MINUTES = {("internal", "A-1"): 90, ("customer_facing", ""): 30, ("uncategorised", ""): 40}
MINUTES |= {("internal", ""): 20}
"""What `ROWS` come to: six rows are read, two of them without their account and kind of work."""


def dicts(headers: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> list[dict[str, str]]:
    return [dict(zip(headers, row, strict=True)) for row in rows]


def as_csv(headers: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> bytes:
    quoted = [",".join(f'"{cell}"' for cell in row) for row in (headers, *rows)]
    return ("\n".join(quoted) + "\n").encode()


def as_json_lines(headers: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in dicts(headers, rows)).encode()


def as_workbook(headers: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> bytes:
    book, packed = Workbook(), io.BytesIO()
    for row in (headers, *rows):
        book.active.append(row)
    book.save(packed)
    return packed.getvalue()


def as_parquet(headers: tuple[str, ...], rows: tuple[tuple[str, ...], ...], path: Path) -> None:
    with duckdb.connect() as connection:
        names = ", ".join(f'"{name}" varchar' for name in headers)
        connection.execute(f"create table t ({names})")
        marks = ", ".join("?" * len(headers))
        connection.executemany(f"insert into t values ({marks})", [list(row) for row in rows])
        connection.execute(f"copy t to '{path}' (format parquet)")


def as_export() -> bytes:
    """An ActivityWatch export of two hours: program names, titles and addresses are planted."""

    def event(minute: int, minutes: int, **data: Any) -> dict[str, Any]:
        stamp = f"2026-03-02T{9 + minute // 60:02d}:{minute % 60:02d}:00+00:00"
        return {"timestamp": stamp, "duration": minutes * 60, "data": data}

    window = [
        event(0, 60, app="Slack", title=TITLE),
        event(60, 30, app="Google Chrome", title=TITLE),
        event(90, 30, app=WORD, title=NAME),
        {"timestamp": TITLE, "duration": MAIL, "data": {"app": WORD}},
    ]
    web = [
        event(60, 20, url=ADDRESS, title=TITLE),
        event(80, 10, url="https://a.zendesk.com/" + WORD),
    ]
    buckets = {
        "w": {"id": "w", "type": "currentwindow", "hostname": WORD, "events": window},
        "b": {"id": "b", "type": "web.tab.current", "hostname": WORD, "events": web},
        "e": {"id": "e", "type": "app.editor.activity", "hostname": WORD, "events": [
            event(0, 60, file=PICTURE, project=NAME)]},
    }  # fmt: skip
    return json.dumps({"buckets": buckets}).encode()


def found_in(folder: Path) -> list[str]:
    """Every planted word that is anywhere below `folder`: in names, bytes, or Parquet's values."""
    return [
        f"{path.relative_to(folder)}: {token}"
        for path in sorted(folder.rglob("*"))
        for text in _texts(path)
        for token in TOKENS
        if token.encode() in text or token.encode("utf-16-le") in text
    ]


def _texts(path: Path) -> Iterator[bytes]:
    yield path.name.lower().encode()
    if not path.is_file():
        return
    yield path.read_bytes().lower()
    if path.suffix == ".parquet":
        with duckdb.connect() as connection:
            rows = connection.execute(f"select to_json(t) from read_parquet('{path}') t").fetchall()
        yield "\n".join(row[0] for row in rows).lower().encode()
