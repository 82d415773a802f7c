"""The same few people in every test of the desk and the pages, and the accounts they share between them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tenure.workspace import Workspace

TODAY = "2026-06-15"
NOW = f"{TODAY}T09:00:00"
PASSWORD = "a long walk in the rain"  # noqa: S105 - people of a test
MEMBERS = {"maya": "U1", "tom": "U2", "jonas": "U3", "ines": "U4", "rosa": "U5"}
LEADS = {"maya": "jonas", "tom": "ines"}
PEOPLE = (
    ("maya", "Maya Berg", "csm"),
    ("tom", "Tom Ruiz", "csm"),
    ("jonas", "Jonas Weiss", "lead"),
    ("ines", "Ines Costa", "lead"),
    ("rosa", "Rosa Klein", "sales"),
    ("paul", "Paul Adeyemi", "executive"),
    ("olga", "Olga Lind", "ops"),
    ("gil", "Gil Fournier", "admin"),
    ("eve", "Eve Moreau", "csm"),
)
"""Eve was let go yesterday. Ines leads another team."""

SCRIPT = '<img src=x onerror=alert(1)> & "Sons"'
FORMULA = "=cmd|'/c calc'!A1"
ACCOUNTS = (
    # id, name, segment, csm, ae, ARR, health now, health ninety days ago, days since the last call
    ("alder", "Alder Works", "enterprise", "U1", "U5", 120_000, 41, 63, 70),
    ("birch", "Birch & Co", "mid_market", "U1", "U5", 48_000, 66, 60, 12),
    ("cedar", SCRIPT, "smb", "U1", "", 9_000, 88, 86, 3),
    ("dogwood", FORMULA, "smb", "U2", "", 7_000, 55, 54, 20),
    ("elm", "Elm Logistics", "enterprise", "U2", "", 200_000, 74, 80, 33),
    ("fir", "Fir Group", "mid_market", "", "", 30_000, None, None, 45),
)


def company(workspace: Workspace) -> Workspace:
    """The workspace with the cast's accounts in it."""
    today = datetime.fromisoformat(NOW).replace(tzinfo=UTC)
    workspace.load({table: list(rows) for table, rows in _rows(today).items()}, source="cast")
    return workspace


def _rows(today: datetime) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {
        "team_members": [
            {
                "user_id": member,
                "name": name,
                "role": role,
                "manager_id": MEMBERS.get(LEADS.get(key, "")),
            }
            for (key, name, role) in PEOPLE
            if (member := MEMBERS.get(key))
        ]
    }
    for table in (
        "accounts", "contracts", "contract_lines", "account_assignments", "contacts", "activities",
        "activity_contacts", "health_scores",
    ):  # fmt: skip
        rows[table] = []
    start = (today - timedelta(days=300)).date()
    for id_, name, segment, csm, ae, arr, now, before, silent in ACCOUNTS:
        rows["accounts"].append(
            {"account_id": id_, "name": name, "segment": segment, "start_date": start}
        )
        rows["contracts"].append(
            {"contract_id": f"c-{id_}", "account_id": id_, "start_date": start,
             "end_date": start + timedelta(days=365), "currency": "USD", "status": "active"}
        )  # fmt: skip
        rows["contract_lines"].append(
            {"line_id": f"l-{id_}", "contract_id": f"c-{id_}", "account_id": id_, "arr": arr,
             "kind": "recurring", "currency": "USD", "start_date": start,
             "end_date": start + timedelta(days=365)}
        )  # fmt: skip
        for member, role in ((csm, "csm"), (ae, "ae")):
            if member:
                rows["account_assignments"].append(
                    {"account_id": id_, "user_id": member, "role": role, "start_date": start}
                )
        rows["contacts"].append(
            {"contact_id": f"p-{id_}", "account_id": id_, "name": f"Dana of {id_}", "role": "sponsor",
             "is_executive_sponsor": True, "active_from": start}
        )  # fmt: skip
        touched = today - timedelta(days=silent)
        rows["activities"].append(
            {"activity_id": f"a-{id_}", "account_id": id_, "user_id": csm or None, "activity_type": "call",
             "occurred_at": touched, "direction": "two_way", "status": "completed", "is_proactive": True,
             "summary": SCRIPT if id_ == "cedar" else "Checked in"}
        )  # fmt: skip
        rows["activity_contacts"].append(
            {"activity_id": f"a-{id_}", "contact_id": f"p-{id_}", "attended": True}
        )
        for score, days in ((before, 90), (now, 0)):
            if score is not None:
                rows["health_scores"].append(
                    {"account_id": id_, "score": score, "score_date": (today - timedelta(days=days)).date()}
                )  # fmt: skip
    return rows
