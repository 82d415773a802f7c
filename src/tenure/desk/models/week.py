"""Weeks of person figures as they were published, the notice before them, and the days somebody is away."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tenure.kernel import clock


class Notice(models.Model):
    """What a person was told about figures of them. `version` is what it says; `read_at` is no consent."""

    person = models.ForeignKey("desk.Person", on_delete=models.PROTECT, related_name="notices")
    version = models.CharField(max_length=40)
    given_at = models.DateTimeField(default=clock.now, editable=False)
    read_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        """Each version once."""

        ordering: ClassVar[list[str]] = ["-given_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "version"], name="notice_given_once")
        ]

    def __str__(self) -> str:
        """For a list."""
        return f"{self.person_id}: {self.version}"


class PublishedWeek(models.Model):
    """A person's figures of the 13 weeks that end on `through`.

    `audience` is whom the person was told it is for, `first_seen_at` when they opened it, `released_at` when they let their
    lead have it. `figures` are those of `insights.person.Figure`.
    """

    subject = models.ForeignKey("desk.Person", on_delete=models.PROTECT, related_name="weeks")
    through = models.DateField()
    audience = models.CharField(max_length=8)
    snapshot = models.IntegerField()
    figures = models.JSONField(default=list)
    told_at = models.DateTimeField(default=clock.now, editable=False)
    first_seen_at = models.DateTimeField(null=True, editable=False)
    released_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        """A week is published once; newest first."""

        ordering: ClassVar[list[str]] = ["-through"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["subject", "through"], name="week_published_once")
        ]

    def __str__(self) -> str:
        """For a list."""
        return f"{self.subject_id} through {self.through}"


class Absence(models.Model):
    """Days on which somebody is away: from `starts` up to, not including, `ends`. Why is nobody's business here."""

    person = models.ForeignKey("desk.Person", on_delete=models.PROTECT, related_name="absences")
    starts = models.DateField()
    ends = models.DateField()
    entered_by = models.ForeignKey("desk.Person", on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        """Newest first; a period holds a day."""

        ordering: ClassVar[list[str]] = ["-starts"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(ends__gt=models.F("starts")), name="absence_holds_a_day"
            )
        ]

    def __str__(self) -> str:
        """For a list."""
        return f"{self.person_id} away from {self.starts}"
