"""A named address of a page: filters, columns, order. Private, or shared with everyone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tenure.kernel import clock


class SavedView(models.Model):
    """One view; `query` is what stands after the `?`, without the day and the page number."""

    page = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    query = models.TextField()
    by = models.ForeignKey("desk.Person", on_delete=models.CASCADE, related_name="saved_views")
    is_shared = models.BooleanField(default=False)
    at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        """By name; one name per person and page."""

        ordering: ClassVar[list[str]] = ["name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["by", "page", "name"], name="one_view_per_name"),
        ]

    def __str__(self) -> str:
        """For a list."""
        return self.name
