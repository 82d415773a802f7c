"""Files that somebody gave in the browser, on their way into the lake: what they are, how they are read, what came of it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from tenure.kernel import clock


class State(models.TextChoices):
    """Where an upload stands."""

    OPEN = "open", "not imported yet"
    COMMITTING = "committing", "being imported"
    DONE = "done", "imported"
    FAILED = "failed", "refused as a whole"


class Upload(models.Model):
    """Files given together, read in one way, imported once; a corrected reading of them is another upload.

    `files` lists each file's `name` as it was given, the `stored` name below `uploads/<id>/`, its `bytes` and what was
    `dropped` from it. `mapping_id` names a mapping; `mapping_text` is one that was arranged here and wins; both empty:
    the files are named after the canonical tables. `number` is the import it became, `corrects` the one it says anew.
    `gone_at` is when its files were removed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey("desk.Person", on_delete=models.PROTECT, related_name="uploads")
    at = models.DateTimeField(default=clock.now, editable=False)
    source = models.CharField(max_length=100)
    files = models.JSONField(default=list)
    mapping_id = models.CharField(max_length=200, blank=True, default="")
    mapping_text = models.TextField(blank=True, default="")
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    step = models.CharField(max_length=40, blank=True, default="")
    share = models.FloatField(default=0.0)
    said = models.TextField(blank=True, default="")
    number = models.IntegerField(null=True)
    corrects = models.IntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        """Newest first."""

        ordering: ClassVar[list[str]] = ["-at"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["source", "-at"], name="uploads_of_source"),
            models.Index(fields=["number"], name="uploads_by_import"),
        ]

    def __str__(self) -> str:
        """For a list."""
        return f"{self.source}: {', '.join(one['name'] for one in self.files)}"

    @property
    def has_files(self) -> bool:
        """Whether its files are still here, so that they can be read again."""
        return self.gone_at is None
