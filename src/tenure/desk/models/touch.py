"""A touch that somebody logged here, and what a CSM thinks of an account: words of people, kept as they said them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from tenure.kernel import clock


class Touch(models.Model):
    """One touch; `in_lake_at` is when the lake last took it in, empty while it has still to be sent.

    `contacts` are the ids of those who took part at the customer. The words of `kind`, `direction` and `purpose` are those
    of the table `activities`; `tags` are what the key updates tell of: `win`, `escalation`, `shift`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account_id = models.TextField()
    by = models.ForeignKey("desk.Person", on_delete=models.PROTECT, related_name="touches")
    kind = models.CharField(max_length=40)
    direction = models.CharField(max_length=20)
    happened_at = models.DateTimeField()
    contacts = models.JSONField(default=list)
    purpose = models.CharField(max_length=40, blank=True, default="")
    was_proactive = models.BooleanField(default=True)
    with_ai = models.BooleanField(default=False)
    tags = models.JSONField(default=list)
    summary_said = models.CharField(max_length=400, blank=True, default="")
    logged_at = models.DateTimeField(default=clock.now, editable=False)
    in_lake_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        """Newest first; what has still to be sent is found at once."""

        ordering: ClassVar[list[str]] = ["-happened_at", "-logged_at"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account_id", "-happened_at"]),
            models.Index(
                fields=["logged_at"],
                condition=models.Q(in_lake_at__isnull=True),
                name="touches_to_send",
            ),
        ]

    def __str__(self) -> str:
        """For a list."""
        return f"{self.kind} with {self.account_id}"


class Opinion(models.Model):
    """A CSM's own call on an account's health: it stands beside the score and is never mixed into it."""

    account_id = models.TextField()
    by = models.ForeignKey("desk.Person", on_delete=models.PROTECT, related_name="opinions")
    zone = models.CharField(max_length=20)
    why_said = models.CharField(max_length=400)
    score_then = models.FloatField(null=True)
    at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        """Newest first; earlier ones stay, so that each side keeps its track record."""

        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account_id", "-at"])]

    def __str__(self) -> str:
        """For a list."""
        return f"{self.account_id}: {self.zone}"
