"""How often each number is opened, by nobody in particular: a count per metric and day (rulings B20)."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import F, Sum

from tenure.desk.models import MetricViews


def count_metric_view(metric: str, day: date) -> None:
    """One more; who it was is known to nobody, and no act of a person is written down."""
    with transaction.atomic():
        row, _ = MetricViews.objects.get_or_create(metric=metric, day=day)
        MetricViews.objects.filter(pk=row.pk).update(count=F("count") + 1)


def metric_views(start: date, end: date) -> dict[str, int]:
    """How often each metric was opened on the days `[start, end)`; those never opened are not named."""
    found = MetricViews.objects.filter(day__gte=start, day__lt=end)
    return dict(found.values_list("metric").annotate(times=Sum("count")).order_by("metric"))
