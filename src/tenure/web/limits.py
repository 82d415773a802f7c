"""How much a request may carry: refused by its own word before anything is read, and cut where it lied."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tenure.desk.home import home

ROOM = 1 << 20
"""What a form adds to its files: fields, names, the lines between parts."""
OTHERS = 24 << 20
"""The most that any other page takes: corrected rows that come back as a file."""
UPLOADS = "/data/import"

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Application = Callable[[Message, Receive, Any], Awaitable[None]]


def limit_of(path: str) -> int:
    """How many bytes the body of a request to `path` may have."""
    return (home().upload_mb << 20) + ROOM if path == UPLOADS else OTHERS


class Limited:
    """Answer 413 in words to a request that says it is too large."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The page, or what to do instead; the body stays unread."""
        said = request.META.get("CONTENT_LENGTH") or "0"
        limit = limit_of(request.path)
        if said.isdecimal() and int(said) > limit:
            context = {
                "page_title": "Too large",
                "limit": limit >> 20,
                "is_upload": request.path == UPLOADS,
            }
            response = render(request, "failing/large.html", context, status=413)
            response["Connection"] = "close"
            return response
        return self.get_response(request)


def cut_off(application: Application) -> Application:
    """The application behind a door that passes no more of a body than its page may have.

    What says beforehand that it is larger arrives without its body, so that the page can answer in words; what does
    not say so is cut off like a connection that broke.
    """

    async def limited(scope: Message, receive: Receive, send: Any) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        limit, passed = limit_of(scope["path"]), 0
        told = dict(scope["headers"]).get(b"content-length", b"0")
        is_large = told.isdigit() and int(told) > limit

        async def counted() -> Message:
            nonlocal passed
            if is_large:
                return {"type": "http.request", "body": b"", "more_body": False}
            message = await receive()
            passed += len(message.get("body", b""))
            return {"type": "http.disconnect"} if passed > limit else message

        await application(scope, counted, send)

    return limited
