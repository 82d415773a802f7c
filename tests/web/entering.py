"""What tests of plans share: the day, the lake's rows, and sending what was entered."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from cast import TODAY
from tenure.desk.entered_to_lake import send_entered
from tenure.desk.home import Home
from tenure.workspace import Workspace

DAY = date.fromisoformat(TODAY)


def sent(home: Home) -> int:
    return send_entered(Workspace.open(home.folder))


def body(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def new() -> str:
    return str(uuid4())


def rows(home: Home, name: str, *columns: str) -> list[tuple]:
    facts = Workspace.open(home.folder).facts()
    return sorted(facts.rows(name, columns)) if name in facts.tables() else []
