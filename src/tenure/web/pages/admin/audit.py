"""Audit trail: who did what and when, newest first, and the same as a file."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from tenure.desk.models import AuditEntry
from tenure.kernel import clock
from tenure.reports.tables import csv_text
from tenure.web.pages.admin.asking import administrator, shown
from tenure.web.trail import asked_of, choices, entries, lines

HERE = "admin_audit"
PAGE = 50
HEADER = ("At (UTC)", "By", "Did", "About", "What")


def audit(request: HttpRequest) -> HttpResponse:
    """The trail with its filters in the address."""
    administrator(request)
    asked = asked_of(request.GET)
    page = Paginator(entries(asked), PAGE).get_page(request.GET.get("page"))
    return shown(
        request, "audit", "Audit trail", HERE, asked=asked, page=page, found=list(lines(page)), options=choices()
    )  # fmt: skip


def as_csv(request: HttpRequest) -> HttpResponse:
    """The entries asked for, all of them; that they were taken out is written into the trail."""
    by = administrator(request)
    asked = asked_of(request.GET)
    found = list(lines(entries(asked)))
    text = csv_text(HEADER, ((line.at, line.by, line.verb, line.about, line.content) for line in found))  # fmt: skip
    with transaction.atomic():
        AuditEntry.objects.create(
            by=by, verb="export", about="audit trail", content={"rows": len(found)}
        )
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = (
        f'attachment; filename="audit-trail-{clock.now():%Y-%m-%d}.csv"'
    )
    return response
