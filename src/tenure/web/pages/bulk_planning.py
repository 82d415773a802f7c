"""Plan touches for many accounts of the Book at once: what it would do is shown first, then done by one button."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from tenure.desk.enter_rows import accounts_of, take_back
from tenure.desk.home import home
from tenure.desk.plan_cadence import PlanLine, Rhythm, company_today, plan_many, preview_plans
from tenure.insights.book import BookRow
from tenure.insights.choosing import chosen, ordered
from tenure.kernel.errors import UserError
from tenure.web.book_table import book_asked
from tenure.web.pages.asking import Asked, asked
from tenure.web.pages.logging import add_error
from tenure.web.sheet_form import CadenceForm

OWN = ("which", "touch_type", "interval_days", "calendar_month", "start", "changing", "act", "csrfmiddlewaretoken")  # fmt: skip
"""What this page asks; everything else in its address says which accounts."""


class BulkForm(CadenceForm):
    """A rhythm for many accounts: each segment's own, or one for all."""

    which = forms.ChoiceField(label="Which rhythm")
    changing = forms.BooleanField(label="Also change accounts that have a plan", required=False)
    field_order = ("which", "touch_type", "interval_days", "calendar_month", "start", "changing")

    def __init__(self, data: Any, *, defaults: Mapping[str, int]) -> None:
        super().__init__(data)
        said = ", ".join(f"{name.replace('_', ' ')} {days}" for name, days in defaults.items())
        self.fields["which"].choices = [  # type: ignore[attr-defined]  # a choice field
            ("default", "Each segment's default"),
            ("one", "One rhythm for all, as said here"),
        ]
        self.fields["which"].help_text = f"Defaults, in days: {said or 'none set'}."
        self.fields["act"].required = False
        self.fields["touch_type"].required = False

    def rhythm_for_all(self) -> Rhythm | None:
        """The rhythm that was typed; None for each segment's default."""
        return self.rhythm() if self.cleaned_data["which"] == "one" else None


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """What planning would do to the accounts chosen; posted, it is done."""
    who = asked(request, "book")
    if who.is_past or not who.scope.edits_any:
        raise Http404
    said = request.POST if request.method == "POST" else request.GET
    rows = _rows(who, said)
    form = BulkForm(_data(said), defaults=home().cadence_defaults)
    lines: Sequence[PlanLine] = ()
    if form.is_valid() and rows:
        try:
            lines = preview_plans(
                who.scope, rows, form.rhythm_for_all(), form.cleaned_data["start"],
                changing=form.cleaned_data["changing"],
            )  # fmt: skip
            if request.method == "POST":
                return _planned(request, who, lines, form.cleaned_data["start"])
        except UserError as error:
            add_error(form, error)
    doing = [line for line in lines if line.does != "leave"]
    context = who.around | {
        "form": form,
        "lines": [*doing, *(line for line in lines if line.does == "leave")],
        "adding": sum(line.does == "add" for line in lines),
        "changing": sum(line.does == "change" for line in lines),
        "leaving": len(lines) - len(doing),
        "chosen": len(rows),
        "kept": [(n, v) for n in said if n not in OWN for v in said.getlist(n)],
        "again": [(n, v) for n in form.data if n in OWN and n not in ("act", "csrfmiddlewaretoken") for v in [form.data[n]]],
        "act": uuid.uuid4(),
        "page_title": "Plan touches",
    }  # fmt: skip
    return render(request, "plan/bulk.html", context, status=422 if form.errors else 200)


def done(request: HttpRequest, act: uuid.UUID) -> HttpResponse:
    """The accounts that were planned in one go, with the way back."""
    who = asked(request, "book")
    planned = accounts_of(act)
    rows = [who.present.by_id[a] for a in planned if who.scope.edits(a) and a in who.present.by_id]
    if not rows:
        raise Http404
    context = who.around | {"rows": rows, "act": act, "is_back": not any(planned.values())}
    return render(request, "plan/done.html", context | {"page_title": "Touches planned"})


@require_POST
def back(request: HttpRequest, act: uuid.UUID) -> HttpResponse:
    """Take back what was planned for many accounts at once."""
    who = asked(request, "book")
    try:
        entries = take_back(who.scope, act)
    except UserError as error:
        messages.error(request, f"{error.what} {error.remedy}")
    else:
        accounts = len({one.account_id for one in entries})
        messages.success(
            request, f"Taken back: {accounts} account{'' if accounts == 1 else 's'} as before."
        )
    return redirect("book")


def _planned(
    request: HttpRequest, who: Asked, lines: Sequence[PlanLine], start: date
) -> HttpResponse:
    try:
        act = uuid.UUID(request.POST.get("act", ""))
    except ValueError:
        act = uuid.uuid4()
    count = plan_many(who.scope, lines, start, act)
    if count:
        said = f"Touches planned for {count} account{'' if count == 1 else 's'}. They count in a moment."
        messages.success(request, said)
    elif not accounts_of(act):  # else it was pressed twice
        messages.success(
            request, "There was nothing to plan any more: every account was left alone."
        )
        return redirect("book")
    return redirect("plan_done", act)


def _rows(who: Asked, said: QueryDict) -> list[BookRow]:
    """The accounts that were ticked, or, with `all`, every account of the Book that was looked at."""
    visible = [row for row in who.present.rows if who.scope.sees(row.account_id)]
    if said.get("all") == "1":
        wanted = book_asked(said, who.present, who.scope)
        rows = chosen(visible, wanted.choice)
        return ordered(rows, wanted.sort, falling=wanted.falling) if wanted.sort else rows
    ticked = set(said.getlist("account"))
    return [row for row in visible if row.account_id in ticked]


def _data(said: QueryDict) -> dict[str, Any]:
    """What was asked; where nothing was, each segment's default from today on."""
    if "which" not in said:
        return {"which": "default", "touch_type": "any", "start": company_today().isoformat()}
    return {name: said[name] for name in said if name in OWN}
