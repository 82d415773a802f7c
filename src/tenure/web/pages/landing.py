"""Where a person arrives; pages that are not built yet are nobody's landing page (rulings C30)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tenure.desk.models import Person
from tenure.desk.visible import OPENS


def landing(request: HttpRequest) -> HttpResponse:
    """The Book for those who have one; a word for those whose pages come later."""
    person = request.user
    if isinstance(person, Person) and person.role in OPENS["book"]:
        return redirect("book")
    return render(request, "landing.html", {"page_title": "Welcome"})
