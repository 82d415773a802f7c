"""What every page of an administrator asks of a request, and what stands around it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tenure.desk.models import Person
from tenure.desk.visible import OPENS

PAGES = (
    ("admin", "People and roles"),
    ("admin_sign_in", "Sign-in"),
    ("admin_settings", "Settings"),
    ("admin_audit", "Audit trail"),
    ("admin_set_up", "Set-up"),
)


def administrator(request: HttpRequest) -> Person:
    """Who asks.

    Raises:
        Http404: nobody who may; the page looks as if it were not there.
    """
    person = request.user
    if not isinstance(person, Person) or person.role not in OPENS["admin"]:
        raise Http404
    return person


def shown(
    request: HttpRequest, template: str, title: str, here: str, /, status: int = 200, **context: Any
) -> HttpResponse:
    """A page of the administrator with its list of pages, `here` among them."""
    around = {"admin_pages": PAGES, "admin_here": here, "page_title": title}
    return render(request, f"admin/{template}.html", around | context, status=status)
