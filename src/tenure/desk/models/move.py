"""An account that was given from one book to another from a day on; undone, it stays and says so."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from tenure.kernel import clock


class Move(models.Model):
    """One account of one act. `from_member` is empty where nobody looked after it.

    `from_start` and `from_end` are the days of the assignment that the move cuts short, as they stood before.
    """

    act = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    account_id = models.TextField(editable=False)
    from_member = models.TextField(blank=True, default="", editable=False)
    from_start = models.DateField(null=True, editable=False)
    from_end = models.DateField(null=True, editable=False)
    to_member = models.TextField(editable=False)
    starts_on = models.DateField(editable=False)
    by = models.ForeignKey(
        "desk.Person", on_delete=models.PROTECT, related_name="moves", editable=False
    )
    at = models.DateTimeField(default=clock.now, editable=False)
    undone_at = models.DateTimeField(null=True, editable=False)
    in_lake_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        """As they were made."""

        ordering: ClassVar[list[str]] = ["at", "id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account_id", "at"])]

    def __str__(self) -> str:
        """For a list."""
        return f"{self.account_id} to {self.to_member} from {self.starts_on}"
