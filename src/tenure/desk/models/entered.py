"""What a person entered into a table of the facts: one row as it is to stand, with what it was before."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tenure.kernel import clock


class Entered(models.Model):
    """Columns of one row, set by one person at one moment; `act` binds what was entered in one go.

    `row` is the row's key as a JSON list in the order of the table's key. `content` are the columns as they are to be,
    `before` the same columns as they were, empty where the row is made here. `source_said` is what the last source
    other than the desk says of them: as long as it says the same, what was entered stands over it; a column of which
    it says something else goes to `overtaken`. `in_lake_at` is empty while it has still to be sent, taken back or not.
    """

    act = models.UUIDField(db_index=True)
    account_id = models.TextField()
    table = models.CharField(max_length=40)
    row = models.TextField()
    content = models.JSONField()
    before = models.JSONField(null=True)
    source_said = models.JSONField(null=True)
    overtaken = models.JSONField(default=dict)
    refused_said = models.TextField(blank=True, default="")
    by = models.ForeignKey("desk.Person", on_delete=models.PROTECT, related_name="entered")
    at = models.DateTimeField(default=clock.now, editable=False)
    taken_back_at = models.DateTimeField(null=True, editable=False)
    taken_back_by = models.ForeignKey(
        "desk.Person", null=True, on_delete=models.PROTECT, related_name="took_back"
    )
    in_lake_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        """In the order in which it was entered, which is the order in which it holds."""

        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["table", "row"], name="entered_row"),
            models.Index(fields=["account_id", "-id"], name="entered_on_account"),
            models.Index(
                fields=["id"], condition=models.Q(in_lake_at__isnull=True), name="entered_to_send"
            ),
        ]

    def __str__(self) -> str:
        """For a list."""
        return f"{self.table} {self.row}"

    @property
    def is_new_row(self) -> bool:
        """Whether the row was made here."""
        return self.before is None
