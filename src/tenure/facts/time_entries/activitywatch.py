"""ActivityWatch exports to intervals: time at the keyboard by kind of work; titles and addresses end here.

Buckets used are `currentwindow` (the program), `afkstatus` (who is away) and `web.tab.current` (only the
host name, only while a browser is in front). A timestamp is where an event begins, its duration is in
seconds; where more than 3 minutes pass without input, the person was away from the last input until the next
(ActivityWatch documentation, FAQ; metrics 6.6).
"""

from __future__ import annotations

import csv
import io
import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from tenure.facts.time_entries.categories import Classifier
from tenure.facts.time_entries.totals import UNCATEGORISED, Interval
from tenure.kernel.errors import SourceError

Span = tuple[datetime, datetime]

_READ = {"currentwindow": "app", "afkstatus": "status", "web.tab.current": "url"}
"""The kinds of bucket that are opened, and the only key of their events that is looked at."""

_UNKNOWN = ("", "unknown")  # what Wayland says instead of a program's name


@dataclass(slots=True)
class Watched:
    """What an export says about one person.

    `unknown`: programs in no list with the time spent in them. It is for that person's eyes: it is
    never stored, logged or told to anybody else. `without_away`: computers that did not watch who was
    away, so that their time counts in full. `unread`: events that could not be read.
    """

    intervals: list[Interval] = field(default_factory=list)
    unknown: dict[str, timedelta] = field(default_factory=dict)
    without_away: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True)
class _Event:
    start: datetime
    end: datetime
    word: str


class _Events:
    """Events by kind of bucket and computer."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, list[_Event]]] = {kind: defaultdict(list) for kind in _READ}
        self.unread = 0

    def add(self, kind: str, host: str, when: object, duration: object, word: object) -> None:
        try:
            start = _moment(str(when))
            event = _Event(start, start + timedelta(seconds=_seconds(duration)), str(word or ""))
        except (ValueError, OverflowError):
            self.unread += 1
            return
        self.found[kind][host].append(event)


def watched(files: Iterable[bytes], *, person: str, classifier: Classifier) -> Watched:
    """What the exports (JSON of all buckets or of one, CSV of one) say together about `person`.

    Raises:
        SourceError: a file is no such export; nothing of its content is repeated.
    """
    events = _Events()
    for content in files:
        if is_export(content):
            _read_json(content, events)
        else:
            _read_csv(content, events)
    found = Watched(unread=events.unread)
    unknown: dict[str, timedelta] = defaultdict(timedelta)
    sites = _sites(events, classifier)
    for host, windows in events.found["currentwindow"].items():
        present = _present(events, host)
        found.without_away += present is None
        for event in windows:
            for start, end in _parts((event.start, event.end), present):
                if _is_unknown(event.word, classifier):
                    unknown[event.word] += end - start
                found.intervals += _intervals((start, end), event.word, person, classifier, sites)
    found.unknown = dict(sorted(unknown.items(), key=lambda item: (-item[1], item[0])))
    return found


def is_export(content: bytes) -> bool:
    """Whether the bytes begin as the JSON export does."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


def is_bucket_csv(header: Iterable[str]) -> bool:
    """Whether a header row is that of a bucket's CSV."""
    names = {name.strip().lower() for name in header}
    return {"timestamp", "duration"} <= names and bool(names & set(_READ.values()))


def _read_json(content: bytes, events: _Events) -> None:
    try:
        data = json.loads(content.decode("utf-8-sig"))
        buckets = data.get("buckets", [data] if "events" in data else None)
        for bucket in buckets.values() if isinstance(buckets, Mapping) else buckets:
            kind = str(bucket.get("type", ""))
            if kind not in _READ:
                continue
            host = str(bucket.get("hostname") or str(bucket.get("id", "")).rpartition("_")[2])
            for event in bucket.get("events", ()):
                word = (event.get("data") or {}).get(_READ[kind])
                events.add(kind, host, event.get("timestamp"), event.get("duration"), word)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise _no_export() from None  # the cause would carry a piece of the content


def _read_csv(content: bytes, events: _Events) -> None:
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        header = {name.strip().lower(): name for name in rows.fieldnames or ()}
        kind = next(k for k, word in _READ.items() if word in header and is_bucket_csv(header))
        when, lasted, word = (header[n] for n in ("timestamp", "duration", _READ[kind]))
        for row in rows:
            events.add(kind, "", row[when], row[lasted], row[word])
    except (ValueError, StopIteration, csv.Error):
        raise _no_export() from None


def _no_export() -> SourceError:
    return SourceError(
        "The file is no ActivityWatch export: neither its JSON nor the CSV of a bucket.",
        remedy="In ActivityWatch open Raw Data and export all buckets as JSON.",
        code="time.no_export",
    )


def _moment(text: str) -> datetime:
    """An ISO 8601 instant; without a zone it is UTC."""
    moment = datetime.fromisoformat(text.strip())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _seconds(value: object) -> float:
    seconds = float(str(value))
    if not 0 <= seconds < 1e9:
        raise ValueError
    return seconds


def _is_unknown(app: str, classifier: Classifier) -> bool:
    known = classifier.knows_app(app) or classifier.is_browser(app)
    return app.strip().lower() not in _UNKNOWN and not known


def _present(events: _Events, host: str) -> list[Span] | None:
    """When somebody was at the keyboard; None where nobody watched that."""
    away = events.found["afkstatus"]
    if host not in away:
        return None
    return merged((e.start, e.end) for e in away[host] if e.word == "not-afk")


def _sites(events: _Events, classifier: Classifier) -> dict[str, list[Span]]:
    """When which kind of web site was shown, by kind of work; the addresses are not kept."""
    found: dict[str, list[Span]] = defaultdict(list)
    for shown in events.found["web.tab.current"].values():
        for event in shown:
            kind = classifier.of_host(_host(event.word))
            if kind != UNCATEGORISED:
                found[kind].append((event.start, event.end))
    return {kind: merged(spans) for kind, spans in found.items()}


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _intervals(
    span: Span, app: str, person: str, classifier: Classifier, sites: Mapping[str, list[Span]]
) -> Iterator[Interval]:
    """The program's time; a browser's, while it shows a known site, belongs to the site's kind of work.

    Where it shows sites of two kinds at once (two windows), the general rule of overlaps decides.
    """
    shown = sites if classifier.is_browser(app) else {}
    for kind, spans in shown.items():
        for part in _parts(span, spans):
            yield Interval(person, *part, category=kind)
    for part in _gaps(span, merged(one for spans in shown.values() for one in _parts(span, spans))):
        yield Interval(person, *part, category=classifier.of_app(app))


def merged(spans: Iterable[Span]) -> list[Span]:
    """The union of `spans` as disjoint spans in order."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif end > start:
            found.append((start, end))
    return found


def _parts(span: Span, inside: list[Span] | None) -> Iterator[Span]:
    """The parts of `span` that lie in the disjoint, ordered spans `inside`; all of it where that is None."""
    if inside is None:
        yield span
        return
    place = max(0, bisect_right(inside, span[0], key=lambda one: one[0]) - 1)
    for start, end in inside[place:]:
        if start >= span[1]:
            return
        if end > span[0]:
            yield max(start, span[0]), min(end, span[1])


def _gaps(span: Span, inside: Iterable[Span]) -> Iterator[Span]:
    """The parts of `span` outside the disjoint, ordered spans `inside`, which lie within it."""
    begin = span[0]
    for start, end in inside:
        if start > begin:
            yield begin, start
        begin = end
    if begin < span[1]:
        yield begin, span[1]
