"""An address that lets one person in once, to set their first password; its secret is never kept, only a digest of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tenure.kernel import clock


class OneTimeLink(models.Model):
    """One link. Without a `person` it is that of the first run, and makes the first administrator."""

    digest = models.CharField(max_length=64, unique=True, editable=False)
    person = models.ForeignKey(
        "desk.Person", null=True, on_delete=models.CASCADE, related_name="links", editable=False
    )
    made_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField(editable=False)
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        """Newest first."""

        ordering: ClassVar[list[str]] = ["-made_at", "-id"]

    def __str__(self) -> str:
        """For a list."""
        return f"link until {self.expires_at:%Y-%m-%d %H:%M}"
