"""Now and then a connection is let go, so that no process keeps most of the readers."""

from __future__ import annotations

from typing import Any

from awaiting import finished

from tenure.web.evenly import evenly


async def page(scope: dict[str, Any], receive: Any, send: Any) -> None:
    del scope, receive
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"y")]})
    await send({"type": "http.response.body", "body": b"well"})


def test_every_so_manyth_answer_ends_its_connection_and_is_whole() -> None:
    told: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    async def ask() -> None:
        shared = evenly(page, every=3)
        for _ in range(7):
            await shared({"type": "http"}, None, send)

    finished(ask())
    heads = [m["headers"] for m in told if m["type"] == "http.response.start"]
    assert [(b"connection", b"close") in head for head in heads] == [False, False, True] * 2 + [
        False
    ]
    assert all((b"x", b"y") in head for head in heads)
    assert sum(m.get("body") == b"well" for m in told) == 7
