"""What was decided, by whom, when: a trail to which rows are only added."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from tenure.kernel import clock


class AuditEntry(models.Model):
    """One act of a verb. `by` is empty for the command line, where the machine's owner acts."""

    at = models.DateTimeField(default=clock.now, editable=False)
    by = models.ForeignKey(
        "desk.Person", null=True, on_delete=models.PROTECT, related_name="acted", editable=False
    )
    verb = models.CharField(max_length=60, editable=False)
    about = models.TextField(editable=False)
    content = models.JSONField(default=dict, editable=False)

    class Meta:
        """Newest first."""

        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["about", "-at"])]

    def __str__(self) -> str:
        """For a list."""
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.about}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only new rows: what was done stays as it was written.

        Raises:
            ValueError: the entry stands already.
        """
        if self.pk is not None:
            raise ValueError("An audit entry is written once.")
        super().save(*args, **kwargs)
