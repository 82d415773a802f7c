"""The first run, step by step; each can be left and taken up again."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from tenure.desk.change_settings import change_settings, standing
from tenure.desk.home import home
from tenure.kernel.errors import UserError
from tenure.metrics.models.model import business_models
from tenure.web.admin_forms import SettingsForm, refuse
from tenure.web.pages.admin.asking import administrator, shown
from tenure.web.setting_up import COMPANY, MODELS, after, import_page, steps

HERE = "admin_set_up"


def set_up(request: HttpRequest) -> HttpResponse:
    """What is done and what is left."""
    administrator(request)
    found = steps()
    left = [step for step in found if not step.is_done]
    return shown(request, "set_up", "Set-up", HERE, steps=found, left=len(left), next=left[0] if left else None)  # fmt: skip


@require_http_methods(["GET", "POST"])
def company(request: HttpRequest) -> HttpResponse:
    """The name, the zone and the currency."""
    return _form(request, "set_up_company", "Name, zone and currency", COMPANY)


@require_http_methods(["GET", "POST"])
def models(request: HttpRequest) -> HttpResponse:
    """How the company sells; each model says what it changes and why."""
    return _form(request, "set_up_models", "How you sell", MODELS)


def data(request: HttpRequest) -> HttpResponse:
    """Where data comes from: files in the browser, or a folder on the machine."""
    administrator(request)
    return shown(
        request, "set_up_data", "Bring data", HERE,
        imports_at=import_page(), folder=home().folder, loaded=len(home().present().rows), next=after("set_up_data"),
    )  # fmt: skip


def _form(request: HttpRequest, step: str, title: str, keys: Sequence[str]) -> HttpResponse:
    by = administrator(request)
    settings, mark = standing()
    form = SettingsForm.of(settings, mark, request.POST or None, only=keys)
    if request.method == "POST" and form.is_valid():
        try:
            change_settings(by, form.values(), form.cleaned_data["mark"])
        except UserError as error:
            refuse(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect(after(step))
    chosen = form.data.getlist("business_model") if form.is_bound else settings.business_models  # type: ignore[attr-defined]  # of a request
    return shown(
        request, step, title, HERE, status=422 if form.is_bound else 200,
        form=form, models=list(business_models().values()), chosen=chosen, next=after(step),
    )  # fmt: skip
