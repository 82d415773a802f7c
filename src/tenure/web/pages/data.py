"""Data: what came in, what was refused, how fresh it is; by source, by import, by finding."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tenure.desk.home import home
from tenure.desk.import_files import carry_on_all
from tenure.desk.mend_rows import may_mend
from tenure.desk.models import Person, State, Upload
from tenure.desk.uploads import own_folder, sees_values, slug
from tenure.facts.mapping import find_mapping
from tenure.kernel.errors import UnknownName, UserError
from tenure.lake.summary import ImportSummary
from tenure.web.feed_words import FeedShown, mapping_lines, shown
from tenure.workspace.feeds import Feed

VIEWS = (("Everything", ""), ("Late", "late"), ("Refused", "refused"))
LEVELS = (("All", ""), ("Errors", "error"), ("Warnings", "warning"), ("Notices", "notice"))
MOST_FINDINGS = 500


def person_for(request: HttpRequest, page: str = "data") -> Person:
    """Who asks, if the page is for them.

    Raises:
        Http404: it is not.
    """
    person = request.user
    if not isinstance(person, Person) or not home().scope(person).opens(page):
        raise Http404
    return person


def sources(request: HttpRequest) -> HttpResponse:
    """Every source, latest trouble first."""
    person = person_for(request)
    carry_on_all()
    feeds = _feeds()
    view = request.GET.get("view", "")
    chosen = [one for one in feeds if _is_in(one.feed, view)]
    coming = list(Upload.objects.exclude(state=State.DONE).filter(gone_at=None))
    context = {
        "feeds": chosen,
        "all_feeds": len(feeds),
        "late": sum(one.feed.is_late for one in feeds),
        "waiting": sum(one.feed.refused for one in feeds),
        "view": view,
        "views": VIEWS,
        "coming": [one for one in coming if sees_values(person, one)],
        "to_match": _to_match(person),
        "page_title": "Data",
    }
    return render(request, "data/sources.html", context)


def freshness(request: HttpRequest) -> HttpResponse:
    """How old the facts are, for everybody who reads numbers made of them."""
    person = request.user
    if not isinstance(person, Person):
        raise Http404
    scope = home().scope(person)
    if not scope.opens("freshness") and not scope.opens("data"):
        raise Http404
    feeds = _feeds()
    context = {
        "feeds": feeds,
        "late": [one for one in feeds if one.feed.is_late or one.feed.silent],
        "page_title": "How fresh the data is",
    }
    return render(request, "data/freshness.html", context)


def source(request: HttpRequest, source: str) -> HttpResponse:
    """One source: its mapping, its imports, what waits, and what depends on it."""
    person = person_for(request)
    found = next((one for one in _feeds() if one.feed.name == source), None)
    uploads = list(Upload.objects.filter(source=source, gone_at=None).select_related("by"))
    mine = [one for one in uploads if sees_values(person, one)]
    if found is None and not mine:
        raise Http404
    context = {
        "source": source,
        "found": found,
        "uploads": [one for one in mine if one.state != State.DONE],
        "again": {one.number for one in mine if one.state == State.DONE},
        "mapping": _mapping(source),
        "page_title": source,
    }
    return render(request, "data/source.html", context)


def one_import(request: HttpRequest, number: int) -> HttpResponse:
    """One import: its files, what became of their rows, and what was found."""
    person = person_for(request)
    level = request.GET.get("level", "")
    with home().workspace() as workspace:
        summary = _summary(workspace.imports(), number)
        groups = workspace.findings_by_rule(number)
        waiting = workspace.waiting().get(number, {})
        name = workspace.source_of_import(number)
    upload = Upload.objects.filter(number=number).select_related("by").first()
    context = {
        "summary": summary,
        "source": name,
        "upload": upload,
        "may_read": may_mend(person, number),
        "may_correct": upload is not None and upload.has_files and sees_values(person, upload),
        "groups": [one for one in groups if level in ("", one["level"])],
        "level": level,
        "levels": LEVELS,
        "waiting": waiting,
        "waiting_rows": sum(waiting.values()),
        "page_title": f"Import {number}",
    }
    return render(request, "data/import.html", context)


def findings(request: HttpRequest) -> HttpResponse:
    """What the newest import of every source found, gravest first."""
    person = person_for(request)
    level = request.GET.get("level", "")
    told: list[dict[str, Any]] = []
    with home().workspace() as workspace:
        for feed in workspace.feeds():
            if not feed.imports:
                continue
            number = feed.imports[0].number
            own = workspace.findings_by_rule(number)
            told += [
                {**one, "source": feed.name, "number": number}
                for one in own
                if level in ("", one["level"])
            ]
    readable = {number: may_mend(person, number) for number in {one["number"] for one in told}}
    order = ("error", "warning", "notice")
    told.sort(key=lambda one: (order.index(one["level"]), -one["count"], one["source"]))
    context = {
        "groups": [{**one, "may_read": readable[one["number"]]} for one in told[:MOST_FINDINGS]],
        "total": len(told),
        "level": level,
        "levels": LEVELS,
        "page_title": "Findings",
    }
    return render(request, "data/findings.html", context)


def _to_match(person: Person) -> int | None:
    """How many pairs wait for a look; None for who sees no customers."""
    if not home().scope(person).opens("matching"):
        return None
    with home().workspace() as workspace:
        return len(workspace.to_match())


def _feeds() -> list[FeedShown]:
    with home().workspace() as workspace:
        today = workspace.defaults.today
        titles = {metric.id: metric.title for metric in workspace.metrics()}
        return [shown(feed, titles, today) for feed in workspace.feeds()]


def _is_in(feed: Feed, view: str) -> bool:
    if view == "late":
        return feed.is_late or bool(feed.silent)
    return view != "refused" or feed.refused > 0


def _summary(done: list[ImportSummary], number: int) -> ImportSummary:
    for summary in done:
        if summary.number == number:
            return summary
    raise Http404


def _mapping(source: str) -> dict[str, Any] | None:
    """The mapping kept for a source, line by line; what is wrong with it where it does not load."""
    name = slug(source)
    if not (own_folder() / f"{name}.toml").is_file():
        return None
    try:
        mapping = find_mapping(name, own=own_folder())
    except (UserError, UnknownName) as error:
        return {"name": name, "wrong": str(error), "files": []}
    return {"name": name, "wrong": "", "files": mapping_lines(mapping)}
