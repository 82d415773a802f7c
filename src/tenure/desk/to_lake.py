"""What people logged here, sent to the lake as the source `tenure-desk`.

Sending twice is sending once: a touch has one id, and the lake passes over rows it holds already. So a process that dies
between the lake's commit and ours sends again, and nothing is counted twice.
"""

from __future__ import annotations

from typing import Any

from tenure.desk.models import Touch
from tenure.kernel import clock
from tenure.kernel.errors import Bug
from tenure.kernel.wording import counted
from tenure.workspace import Workspace

SOURCE = "tenure-desk"


def send_touches(workspace: Workspace) -> int:
    """How many touches the lake took in now; those it has already are not sent again.

    Raises:
        Bug: the lake refused a row; those touches keep waiting, and an import's findings say why.
    """
    waiting = list(Touch.objects.filter(in_lake_at__isnull=True).select_related("by")[:5000])
    if not waiting:
        return 0
    seats = [
        {"activity_id": _id(touch), "contact_id": contact, "attended": True}
        for touch in waiting
        for contact in touch.contacts
    ]
    rows: dict[str, list[dict[str, Any]]] = {"activities": [_activity(t) for t in waiting]}
    if seats:
        rows["activity_contacts"] = seats
    summary = workspace.load(rows, source=SOURCE)
    if summary.refused:
        raise Bug(f"The lake refused {counted(summary.refused, 'row')} of what was logged here.")
    Touch.objects.filter(pk__in=[touch.pk for touch in waiting]).update(in_lake_at=clock.now())
    return len(waiting)


def _id(touch: Touch) -> str:
    return f"desk-{touch.pk}"


def _activity(touch: Touch) -> dict[str, Any]:
    return {
        "activity_id": _id(touch),
        "account_id": touch.account_id,
        "user_id": touch.by.member_id or None,
        "activity_type": touch.kind,
        "occurred_at": touch.happened_at,
        "direction": touch.direction,
        "status": "completed",
        "is_proactive": touch.was_proactive,
        "is_automated": False,
        "is_ai_assisted": touch.with_ai,
        "purpose": touch.purpose or None,
        "documented": bool(touch.summary_said),
        "summary": touch.summary_said or None,
    }
