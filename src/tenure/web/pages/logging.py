"""What a person enters on an account: a touch, and their own call."""

from __future__ import annotations

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tenure.desk.home import home
from tenure.desk.record_opinion import record_opinion
from tenure.desk.record_touch import record_touch
from tenure.insights.account import AccountPage
from tenure.kernel import clock
from tenure.kernel.errors import UserError
from tenure.web.forms import OpinionForm, TouchForm
from tenure.web.pages.asking import Asked, asked


@require_http_methods(["GET", "POST"])
def touch(request: HttpRequest, account_id: str) -> HttpResponse:
    """Log a touch; a form that is refused keeps what was typed."""
    who, account = _editable(request, account_id)
    people = [(one.contact_id, one.name) for one in account.people if one.left_on is None]
    zone = home().time_zone
    local = clock.now().astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    starting = {"happened_at": local, "was_proactive": True, "key": uuid.uuid4()}
    form = TouchForm(request.POST or None, people=people, zone=zone, initial=starting)
    if request.method == "POST" and form.is_valid():
        try:
            record_touch(who.scope, form.logged(account_id))
        except UserError as error:
            add_error(form, error)
        else:
            messages.success(request, "Touch logged. It counts in a moment.")
            return redirect("account", account_id)
    return _shown(request, who, account, form, "Log a touch")


@require_http_methods(["GET", "POST"])
def opinion(request: HttpRequest, account_id: str) -> HttpResponse:
    """Say how one sees the account."""
    who, account = _editable(request, account_id)
    form = OpinionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            record_opinion(who.scope, account_id, **form.cleaned_data)
        except UserError as error:
            add_error(form, error)
        else:
            messages.success(request, "Your call stands beside the score.")
            return redirect("account", account_id)
    return _shown(request, who, account, form, "My call on health")


def _editable(request: HttpRequest, account_id: str) -> tuple[Asked, AccountPage]:
    who = asked(request, "book")
    if who.is_past or not who.scope.edits(account_id) or account_id not in who.present.by_id:
        raise Http404
    with home().beside() as workspace:
        return who, workspace.account(account_id, who.present)


def add_error(form: forms.Form, error: UserError) -> None:
    """What a verb refused, beside the field it is about."""
    field = error.where if error.where in form.fields else None
    form.add_error(field, f"{error.what} {error.remedy}")


def _shown(
    request: HttpRequest, who: Asked, account: AccountPage, form: forms.Form, title: str
) -> HttpResponse:
    context: dict[str, Any] = who.around | {"account": account, "row": account.row, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "account/form.html", context | {"page_title": title}, status=status)
