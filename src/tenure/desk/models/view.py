"""Who looked at whom: a log to which rows are only added, and a count of opened numbers that knows no person."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models


class Views(models.QuerySet["View"]):
    """Rows are read and added; there is no way to change or remove one here."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refused.

        Raises:
            ValueError: always.
        """
        del kwargs
        raise ValueError("A view is written once.")

    def delete(self) -> NoReturn:
        """Refused.

        Raises:
            ValueError: always.
        """
        raise ValueError("A view is written once, and stays.")


class View(models.Model):
    """One viewer, one subject, one page and state of its figures, a quarter of an hour.

    `place` counts a subject's rows from 1; `digest` is over the row and the digest before it, so that a changed or missing
    row shows. `as_of` is the last day of the person figures that could be read, empty where there were none.
    """

    subject = models.ForeignKey("desk.Person", on_delete=models.PROTECT, related_name="viewed")
    viewer = models.ForeignKey("desk.Person", on_delete=models.PROTECT, related_name="views")
    page = models.CharField(max_length=40)
    face = models.CharField(max_length=16)
    purpose = models.CharField(max_length=120)
    as_of = models.DateField(null=True)
    at = models.DateTimeField()
    slot = models.DateTimeField()
    place = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)

    objects = Views.as_manager()

    class Meta:
        """Newest first."""

        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["subject", "-at"])]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["subject", "place"], name="view_places_in_a_row"),
        ]

    def __str__(self) -> str:
        """For a list."""
        return f"{self.at:%Y-%m-%d %H:%M} {self.page}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only new rows.

        Raises:
            ValueError: the view stands already.
        """
        if self.pk is not None:
            raise ValueError("A view is written once.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused.

        Raises:
            ValueError: always.
        """
        del args, kwargs
        raise ValueError("A view is written once, and stays.")


class ViewChain(models.Model):
    """The end of a subject's chain: how many rows it has and the last one's digest, so that a cut end shows."""

    subject = models.OneToOneField(
        "desk.Person", on_delete=models.PROTECT, primary_key=True, related_name="view_chain"
    )
    length = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        """For a list."""
        return f"{self.subject_id}: {self.length}"


class MetricViews(models.Model):
    """How often a metric's number was opened on a day, by nobody in particular (rulings B20)."""

    metric = models.CharField(max_length=120)
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        """One row per metric and day."""

        ordering: ClassVar[list[str]] = ["metric", "-day"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["metric", "day"], name="metric_views_by_day")
        ]

    def __str__(self) -> str:
        """For a list."""
        return f"{self.metric} {self.day}: {self.count}"
