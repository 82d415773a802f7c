"""ActivityWatch exports, read as its documentation describes them, and nothing of them kept but kinds of work.

The documentation says (FAQ, "How does ActivityWatch know when I am AFK?", "How do I understand the data that is
stored?"): every event has a `timestamp` in ISO 8601, a `duration` in seconds, and `data`; where less than 3 minutes
pass between inputs the person is present, where more than 3 minutes pass without any, they were away from the
last input until the next. Under Wayland the active window is "unknown".
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tenure.facts.time_entries.activitywatch import is_bucket_csv, watched
from tenure.facts.time_entries.categories import classifier
from tenure.facts.time_entries.totals import summarised
from tenure.kernel.errors import DeclarationError, SourceError

MORNING = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


def event(minute: float, minutes: float, **data: Any) -> dict[str, Any]:
    moment = (MORNING + timedelta(minutes=minute)).isoformat()
    return {"id": 1, "timestamp": moment, "duration": minutes * 60, "data": data}


def bucket(kind: str, *events: dict[str, Any], host: str = "laptop") -> dict[str, Any]:
    return {
        "id": f"aw-watcher-{kind}_{host}",
        "type": kind,
        "client": "aw-watcher",
        "hostname": host,
        "created": "2026-01-01T00:00:00",
        "events": list(events),
    }


def export(*buckets: dict[str, Any]) -> bytes:
    return json.dumps({"buckets": {f"{b['id']}-{i}": b for i, b in enumerate(buckets)}}).encode()


def window(*events: dict[str, Any], host: str = "laptop") -> dict[str, Any]:
    return bucket("currentwindow", *events, host=host)


def present(*events: dict[str, Any], host: str = "laptop") -> dict[str, Any]:
    return bucket("afkstatus", *events, host=host)


def minutes(*files: bytes) -> dict[str, int]:
    found = watched(files, person="maya", classifier=classifier())
    return {t.category: t.minutes for t in summarised(found.intervals, "UTC")}


def test_time_in_a_window_counts_while_somebody_is_at_the_keyboard() -> None:
    # The FAQ's rule on an hour in front of one window: inputs until 9:20, one pause of 2 minutes among
    # them, then none until 9:40. The pause is presence; the 20 minutes are absence from the last input on.
    content = export(
        window(event(0, 60, app="Slack", title="secret")),
        present(
            event(0, 20, status="not-afk"),
            event(20, 20, status="afk"),
            event(40, 20, status="not-afk"),
        ),
    )
    assert minutes(content) == {"internal": 40}


def test_without_an_away_bucket_of_the_computer_all_time_counts_and_that_is_said() -> None:
    content = export(
        window(event(0, 60, app="Slack", title="x")),
        present(event(0, 5, status="not-afk"), host="desktop"),
    )
    found = watched([content], person="maya", classifier=classifier())
    assert found.without_away == 1
    assert minutes(content) == {"internal": 60}


def test_a_browser_counts_as_the_site_it_shows_while_it_is_in_front() -> None:
    content = export(
        window(event(0, 30, app="Google Chrome", title="x"), event(30, 30, app="Zoom", title="y")),
        bucket(
            "web.tab.current",
            event(0, 10, url="https://acme.zendesk.com/agent/tickets/1", title="t"),
            event(10, 10, url="https://news.example/salaries", title="t"),
            event(20, 25, url="https://www.zendesk.com/x", title="t"),
        ),
    )
    assert minutes(content) == {"support_tickets": 20, "uncategorised": 10, "internal": 30}


def test_overlapping_and_repeated_events_count_once() -> None:
    content = export(
        window(
            event(0, 10, app="zoom.us", title="a"),
            event(5, 10, app="ZOOM.EXE", title="b"),
            event(5, 0, app="zoom", title="c"),
        )
    )
    assert minutes(content) == {"internal": 15}
    assert minutes(content, content) == {"internal": 15}


def test_buckets_may_be_a_list_or_one_alone_and_other_kinds_are_not_opened() -> None:
    one = window(event(0, 10, app="zoom", title="a"))
    other = bucket("app.editor.activity", {"timestamp": "no time", "duration": None, "data": None})
    assert minutes(json.dumps({"buckets": [one, other]}).encode()) == {"internal": 10}
    assert minutes(json.dumps(one).encode()) == {"internal": 10}
    assert watched([export(one, other)], person="m", classifier=classifier()).unread == 0


def test_the_csv_of_buckets_is_read_together() -> None:
    windows = (
        "id,timestamp,duration,app,title\n"
        '1,2026-03-03T09:00:00+00:00,1800,Slack,"a, title"\n'
        "2,2026-03-03T09:30:00,1800.5,unknown,t\n"
    )
    away = "timestamp,duration,status\n2026-03-03T09:15:00Z,3600,not-afk\n"
    assert minutes(windows.encode(), away.encode()) == {"internal": 15, "uncategorised": 30}
    assert is_bucket_csv(["timestamp", "duration", "app", "title"])
    assert not is_bucket_csv(["user_id", "timestamp", "duration"])


def test_programs_in_no_list_are_uncategorised_and_named_to_the_person_only() -> None:
    content = export(
        window(
            event(0, 5, app="Acme Ledger", title="t"),
            event(5, 20, app="Cad", title="t"),
            event(25, 9, app="unknown", title="Wayland does not say"),
            event(40, 9, app="firefox", title="t"),
        )
    )
    found = watched([content], person="maya", classifier=classifier())
    assert found.unknown == {"Cad": timedelta(minutes=20), "Acme Ledger": timedelta(minutes=5)}
    assert {i.category for i in found.intervals} == {"uncategorised"}


def test_own_words_come_before_the_shipped_ones(tmp_path: Path) -> None:
    own = tmp_path / "time_categories.toml"
    own.write_text('[customer_facing]\napps = ["Zoom"]\ndomains = ["zendesk.com"]\n')
    words = classifier(own)
    assert words.of_app("zoom.exe") == "customer_facing"
    assert words.of_host("acme.zendesk.com") == "customer_facing"
    assert words.of_app("Slack") == "internal"
    assert classifier().of_app("zoom") == "internal"
    assert classifier().of_host("notzendesk.com") == "uncategorised"


@pytest.mark.parametrize(
    "text", ['[internal]\napps = ["x"]\n[qbr_prep]\napps = ["X"]\n', '[lunch]\napps = ["x"]\n']
)
def test_words_that_contradict_or_name_no_kind_are_refused(tmp_path: Path, text: str) -> None:
    own = tmp_path / "time_categories.toml"
    own.write_text(text)
    with pytest.raises(DeclarationError):
        classifier(own)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"buckets": 3}', b'{"buckets": {"a": 4}}', b"a,b\n1,2\n", b"\xff\xfe{"],
)
def test_what_is_no_export_is_refused_without_repeating_it(content: bytes) -> None:
    with pytest.raises(SourceError) as refused:
        watched([content], person="maya", classifier=classifier())
    assert refused.value.code == "time.no_export"
    assert refused.value.__cause__ is None


def test_events_that_cannot_be_read_are_counted() -> None:
    bad = [
        {"timestamp": "yesterday", "duration": 5, "data": {"app": "x"}},
        {"timestamp": "2026-03-03T09:00:00Z", "duration": -5, "data": {"app": "x"}},
        {"timestamp": "2026-03-03T09:00:00Z", "duration": "NaN", "data": {"app": "x"}},
        {"timestamp": None, "duration": 5},
    ]
    found = watched([export(window(*bad))], person="maya", classifier=classifier())
    assert (found.unread, found.intervals) == (4, [])


def test_two_computers_of_one_person_count_once() -> None:
    content = export(
        window(event(0, 30, app="slack", title="a"), host="laptop"),
        window(event(20, 30, app="zendesk", title="b"), host="desktop"),
    )
    assert minutes(content) == {"internal": 20, "support_tickets": 30}


def test_four_programs_over_the_spring_change_have_two_hours_each() -> None:
    # 96 events of five minutes from 22:00 UTC on 28 March: Berlin goes from 2:00 to 3:00 in between
    start = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
    programs = ["slack", "zendesk", "keynote", "aircall"]
    events = [
        {
            "timestamp": (start + timedelta(minutes=5 * i)).isoformat(),
            "duration": 300.0,
            "data": {"app": programs[i % 4], "title": "t"},
        }
        for i in range(96)
    ]
    found = watched([export(window(*events))], person="maya", classifier=classifier())
    totals = summarised(found.intervals, "Europe/Berlin")
    assert {t.category: t.minutes for t in totals} == dict.fromkeys(
        ["internal", "support_tickets", "qbr_prep", "customer_facing"], 120
    )
    assert {(t.week_start.isoformat(), t.week_end.isoformat()) for t in totals} == {
        ("2026-03-23", "2026-03-30")
    }
