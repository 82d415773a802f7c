"""A list of accounts that leaves as a file: who took it, how many rows, in which form; of the accounts nothing."""

from __future__ import annotations

from datetime import date

from tenure.desk.models import AuditEntry
from tenure.desk.visible import Scope


def record_export(scope: Scope, *, rows: int, form: str, as_of: date) -> None:
    """Write into the trail that the Book left as a file, before it does."""
    AuditEntry.objects.create(
        by=scope.person,
        verb="export",
        about="the Book",
        content={"rows": rows, "form": form, "as of": as_of.isoformat()},
    )
