"""Where a person arrives; pages that are not built yet are nobody's landing page (rulings C30)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tenure.desk.home import home
from tenure.desk.models import Person
from tenure.desk.visible import OPENS


def standing(request: HttpRequest) -> HttpResponse:
    """Asked by a page that shows older rows: nothing yet, or that the newer ones are there to be loaded."""
    del request
    shown = home().present()
    response = HttpResponse(status=204)
    if not home().is_behind(shown):
        response["HX-Refresh"] = "true"
    return response


def landing(request: HttpRequest) -> HttpResponse:
    """Today for those who look after customers, the Book for those who read; a word for those whose pages come later."""
    person = request.user
    if isinstance(person, Person) and person.role in OPENS["today"]:
        return redirect("today")
    if isinstance(person, Person) and person.role in OPENS["book"]:
        return redirect("book")
    return render(request, "landing.html", {"page_title": "Welcome"})
