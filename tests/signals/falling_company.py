"""A company of 45 accounts whose health falls ten weeks before they leave, as rows and as a workspace to work on."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tenure import Workspace

START, WEEKS = date(2025, 1, 5), 60
NOW = f"{START + timedelta(weeks=WEEKS)}T08:30:00"


def company() -> dict[str, list[dict[str, Any]]]:
    """45 accounts; the health of every third falls to 20 ten weeks before it leaves, one falls and stays."""
    found: dict[str, list[dict[str, Any]]] = {
        "accounts": [],
        "contract_lines": [],
        "health_scores": [],
        "risk_flags": [],
    }
    for n in range(45):
        account, left = f"A{n:02}", START + timedelta(weeks=20 + n) if n % 3 == 0 else None
        found["accounts"].append({"account_id": account, "start_date": str(START)})
        line = {"line_id": f"L{n}", "account_id": account, "arr": "1200", "start_date": str(START)}
        found["contract_lines"].append(line | ({"end_date": str(left)} if left else {}))
        for week in range(WEEKS):
            day = START + timedelta(weeks=week)
            if left and day >= left:
                break
            low = (left and (left - day).days <= 70) or (n == 1 and week >= WEEKS - 6)
            score = 20 if low else 70 + (n * 7 + week) % 9
            found["health_scores"].append(
                {"account_id": account, "score_date": str(day), "score": str(score)}
            )
    found["risk_flags"].append(
        {
            "flag_id": "theirs-1",
            "account_id": "A02",
            "reason": "Sponsor left",
            "raised_date": "2025-06-01",
        }
    )
    return found


def made(folder: Path, *, history: bool) -> Path:
    """The company as a workspace, with its kept history or without; `TENURE_NOW` must be `NOW`."""
    ws = Workspace.create(folder)
    ws.load(company(), source="crm")
    settings = folder / "tenure.toml"
    settings.write_text(settings.read_text() + "\n[sources.crm]\nbackfill_trusted = true\n")
    if history:
        Workspace.open(folder).refresh(since=START)
    return folder


def own_copy(base: Path, folder: Path) -> Workspace:
    """A copy that a test may change."""
    shutil.copytree(base, folder)
    return Workspace.open(folder)
