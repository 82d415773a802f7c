"""What the first people of a morning would wait for, made before the door opens: their Today and their Book.

Lines, sums and orders are kept (`remembered`, `book_lines`), so whoever comes first pays for everybody; after a start at
half past eight that is fifty people at once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve

from tenure.desk.models import Person
from tenure.web.pages import book, today

log = logging.getLogger("tenure.web")

SECONDS = 8.0
"""No start waits longer for it."""
PAGES: Iterable[tuple[str, str, Callable[[HttpRequest], HttpResponse]]] = (
    ("/today", "", today.show),
    ("/book", "", book.show),
    ("/book", "owner=everyone", book.show),
)


def wake(seconds: float = SECONDS) -> int:
    """How many pages were made; those who signed in last come first. What cannot be made is left to whoever asks."""
    end, made = time.monotonic() + seconds, 0
    for person in Person.objects.filter(is_active=True).order_by("-last_login", "name"):
        for path, query, show in PAGES:
            if time.monotonic() > end:
                return made
            try:
                show(_asked(person, path, query))
                made += 1
            except Http404:  # not a page of theirs
                continue
            except Exception:
                log.exception("`%s` could not be made ahead; it is made when somebody asks.", path)
    return made


def _asked(person: Person, path: str, query: str) -> HttpRequest:
    """A request such as a browser of theirs would send; it passes no gate and changes nothing."""
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", path, path
    request.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "QUERY_STRING": query}
    request.GET = type(request.GET)(query)
    request.resolver_match = resolve(path)
    request.user = person
    return request
