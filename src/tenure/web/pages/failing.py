"""What is shown when something is not there or does not work: what happened, what was not changed, what to do."""

from __future__ import annotations

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from tenure.desk.record_view import NotRecorded

log = logging.getLogger("tenure.web")


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same for what is not there and for what is not for this person."""
    del exception
    return render(request, "failing/missing.html", {"page_title": "Not found"}, status=404)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A request that cannot be read."""
    del exception
    return render(request, "failing/refused.html", {"page_title": "Not understood"}, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A form that has lain too long."""
    del exception
    return render(request, "failing/forbidden.html", {"page_title": "Not sent"}, status=403)


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose page was open for too long."""
    del reason
    return forbidden(request)


def unrecorded(request: HttpRequest, error: NotRecorded) -> HttpResponse:
    """Who looks at a person could not be written down, so nothing is shown (trust T3)."""
    context = {"page_title": "Not shown", "error": error}
    return render(request, "failing/unrecorded.html", context, status=503)


def broken(request: HttpRequest) -> HttpResponse:
    """Our own mistake, with a number that stands in the log too."""
    number = secrets.token_hex(4)
    log.error("Page failed, reference %s: %s", number, request.path)
    # Without what stands around a page: that may be what failed.
    return HttpResponse(render_to_string("failing/broken.html", {"number": number}), status=500)
