"""What is planned with an account, as it stands with what was entered a moment ago; and who entered what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tenure.desk.enter_sheet import deal_said
from tenure.desk.entered_rows import standing_rows
from tenure.desk.home import home
from tenure.desk.models import AuditEntry, Entered, Person
from tenure.insights.plan import AccountPlan, account_plan
from tenure.metrics.one_account import touch_days_of
from tenure.workspace.present import Present

TABLES = (
    "cadence_plans", "activities", "activity_contacts", "onboarding_milestones", "goals", "handoff_records",
    "use_cases", "advocacy_events", "contacts", "contracts", "opportunities",
)  # fmt: skip
ACTS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Act:
    """What one person entered in one go: the verb, the columns by row, and whether it can be taken back.

    `overtaken` are columns of which a source has said something else since; `refused` is why the lake did not take it.
    """

    act: UUID
    verb: str
    by: Person
    at: Any
    changes: Sequence[tuple[str, Mapping[str, Any]]]
    is_taken_back: bool
    is_newest: bool
    overtaken: Sequence[str]
    refused: str


def plan_of(account_id: str, present: Present) -> AccountPlan:
    """Everything planned with the account, on the day of `present`."""
    with home().workspace() as workspace:
        rows = {name: standing_rows(workspace, name, [account_id]) for name in TABLES}
        days = touch_days_of(workspace.computed().reading, account_id)
    touched = {kind: [day for day in own if day <= present.day] for kind, own in days.items()}
    names = dict(present.members)
    names |= {r["contact_id"]: r["name"] or r["contact_id"] for r in rows["contacts"].values()}
    names |= {r["opportunity_id"]: deal_said(r) for r in rows["opportunities"].values()}
    return account_plan(
        rows, touched, names, present.day, home().time_zone, _first_planned(account_id)
    )


def _first_planned(account_id: str) -> dict[str, date]:
    """By milestone, the day it was planned for before somebody moved it here."""
    found: dict[str, date] = {}
    for one in Entered.objects.filter(
        account_id=account_id, table="onboarding_milestones", taken_back_at__isnull=True
    ):
        before = (one.before or {}).get("planned_date")
        if before is not None:
            found.setdefault(one.row, date.fromisoformat(before))
    return found


def acts_on(account_id: str) -> list[Act]:
    """The last things entered on an account, newest first."""
    entries = list(
        Entered.objects.filter(account_id=account_id).select_related("by").order_by("-id")[:200]
    )
    said = {
        str(e.content.get("act")): e.verb
        for e in AuditEntry.objects.filter(about=account_id)
        if "rows" in e.content
    }
    found: dict[UUID, list[Entered]] = {}
    for one in entries:
        found.setdefault(one.act, []).append(one)
    newest: dict[tuple[str, str], UUID] = {}
    for one in entries:
        if one.taken_back_at is None:
            newest.setdefault((one.table, one.row), one.act)
    return [_act(act, own[::-1], said, newest) for act, own in list(found.items())[:ACTS_SHOWN]]


def _told(one: Entered) -> dict[str, Any]:
    """The columns that were set; of a new row, those that say something."""
    return {
        column: value
        for column, value in one.content.items()
        if column != "account_id" and not (one.is_new_row and value in (None, False))
    }


def _act(
    act: UUID,
    own: Sequence[Entered],
    said: Mapping[str, str],
    newest: Mapping[tuple[str, str], UUID],
) -> Act:
    return Act(
        act=act,
        verb=said.get(str(act), "enter"),
        by=own[0].by,
        at=own[0].at,
        changes=[(one.table.replace("_", " "), _told(one)) for one in own],
        is_taken_back=all(one.taken_back_at is not None for one in own),
        is_newest=all(newest.get((one.table, one.row)) == act for one in own),
        overtaken=sorted({column for one in own for column in one.overtaken}),
        refused=next((one.refused_said for one in own if one.refused_said), ""),
    )
