"""A person's own settings of the pages, and the keys."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tenure.desk.models import Person
from tenure.desk.models.person import Density, Theme
from tenure.desk.set_preferences import set_preferences
from tenure.web.pages.gallery import may_open

KEYS = (
    ("/", "search"),
    ("g t", "go to Today"),
    ("g b", "go to the Book"),
    ("j  k", "next and previous row"),
    ("Enter", "open the row"),
    ("e", "open the number under the focus, or the first of the row"),
    ("Space", "unfold the row: why, what is open, the last touches"),
    ("x", "tick the row"),
    ("l", "log a touch on this account"),
    ("[  ]", "the account before and after in the list you came from"),
    ("Esc", "close what is open"),
    ("?", "this list"),
)


class PreferencesForm(forms.Form):
    """Theme, rows, keys."""

    theme = forms.ChoiceField(choices=Theme.choices, widget=forms.RadioSelect, label="Colours")
    density = forms.ChoiceField(choices=Density.choices, widget=forms.RadioSelect, label="Rows")
    uses_keys = forms.BooleanField(label="Single letters act as keys", required=False)


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """How the pages look and listen to this person."""
    person = request.user
    if not isinstance(person, Person):
        raise Http404
    starting = {name: getattr(person, name) for name in ("theme", "density", "uses_keys")}
    form = PreferencesForm(request.POST or None, initial=starting)
    if request.method == "POST" and form.is_valid():
        set_preferences(person, **form.cleaned_data)
        messages.success(request, "Kept.")
        return redirect("me")
    context: dict[str, object] = {"form": form, "keys": KEYS, "page_title": "Your settings"}
    context["opens_gallery"] = may_open(person)
    return render(request, "me.html", context, status=422 if form.is_bound else 200)
