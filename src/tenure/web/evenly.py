"""Browsers keep their connections, and whichever process was there first would keep most browsers: now and then let one go.

Who comes back is taken by the process that has time for it.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from tenure.web.limits import Application, Message, Receive

EVERY = 20
"""Answers after which a connection is let go; making another costs less than a millisecond."""


def evenly(application: Application, *, every: int = EVERY) -> Application:
    """The application, whose every so manyth answer ends its connection."""
    answers = count(1)

    async def shared(scope: Message, receive: Receive, send: Any) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and next(answers) % every == 0:
                message = message | {"headers": [*message["headers"], (b"connection", b"close")]}
            await send(message)

        await application(scope, receive, sent)

    return shared
