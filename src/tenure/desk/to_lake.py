"""What people logged here, sent to the lake as the source `tenure-desk`.

Sending twice is sending once: a touch has one id, and the lake passes over rows it holds already. So a process that dies
between the lake's commit and ours sends again, and nothing is counted twice.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from tenure.desk.models import Hold, Touch
from tenure.kernel import clock
from tenure.kernel.errors import Bug, UserError
from tenure.kernel.wording import counted
from tenure.workspace import Workspace

log = logging.getLogger("tenure.desk")

SOURCE = "tenure-desk"
GRACE = timedelta(seconds=60)
"""How long a hold on a flag can be taken back before the facts learn of it."""


def send_waiting(workspace: Workspace) -> None:
    """Everything that people entered and the lake does not have yet."""
    send_touches(workspace)
    send_holds(workspace)


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


def send_holds(workspace: Workspace) -> int:
    """Tell the facts of every hold whose minute is over; how many it were.

    A flag that has closed by itself meanwhile needs no hold any more.
    """
    ripe = Hold.objects.filter(in_lake_at__isnull=True, at__lt=clock.now() - GRACE)
    sent = 0
    for hold in ripe.select_related("by")[:500]:
        try:
            _tell(workspace, hold)
        except UserError as error:  # closed by itself, or told before we died
            log.info("A flag needs no hold any more: %s", error)
        Hold.objects.filter(pk=hold.pk).update(in_lake_at=clock.now())
        sent += 1
    return sent


def _tell(workspace: Workspace, hold: Hold) -> None:
    why, by, until = hold.why_said, hold.by.name, hold.until.isoformat()
    if hold.kind == "snoozed":
        workspace.snooze_flag(hold.flag_id, why=why, by=by, until=until)
    else:
        workspace.dismiss_flag(hold.flag_id, why=why, by=by, until=until)


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
        "tags": ",".join(touch.tags) or None,
        "summary": touch.summary_said or None,
    }
