"""A flag that somebody put down: until a day, or because it does not mean what it warns of."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tenure.kernel import clock


class Hold(models.Model):
    """One flag put down. The facts learn of it a minute later (`in_lake_at`), so that it can be taken back till then.

    `kind` is `snoozed` or `dismissed`; `until` the first day on which the flag may come back.
    """

    flag_id = models.TextField()
    account_id = models.TextField()
    kind = models.CharField(max_length=20)
    until = models.DateField()
    why_said = models.CharField(max_length=400)
    by = models.ForeignKey("desk.Person", on_delete=models.PROTECT, related_name="holds")
    at = models.DateTimeField(default=clock.now, editable=False)
    in_lake_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        """Newest first; what has still to be sent is found at once."""

        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account_id", "-at"]),
            models.Index(
                fields=["at"], condition=models.Q(in_lake_at__isnull=True), name="holds_to_send"
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["flag_id"],
                condition=models.Q(in_lake_at__isnull=True),
                name="one_hold_waits_per_flag",
            ),
        ]

    def __str__(self) -> str:
        """For a list."""
        return f"{self.flag_id}: {self.kind} until {self.until}"
