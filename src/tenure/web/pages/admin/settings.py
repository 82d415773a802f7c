"""Settings: what stands, what a change does and to whom, and what only the machine's owner changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from tenure.desk.change_settings import change_settings, standing, value_of
from tenure.kernel.errors import UserError
from tenure.kernel.settings import Settings
from tenure.web.admin_forms import SettingsForm, refuse
from tenure.web.pages.admin.asking import administrator, shown
from tenure.web.settings_shown import changes, left_to_the_machine

HERE = "admin_settings"


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """The form; sent, first what would change; confirmed, the change."""
    by = administrator(request)
    now, mark = standing()
    form = SettingsForm.of(now, mark, request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.values()
        pairs = _pairs(now, values)
        if not pairs:
            messages.info(request, "Everything stands as you typed it; nothing was changed.")
            return redirect(HERE)
        if "confirmed" not in request.POST and "again" not in request.POST:
            return shown(request, "settings_preview", "Settings", HERE, form=form, changes=changes(pairs))  # fmt: skip
        if "confirmed" in request.POST:
            try:
                change_settings(by, values, form.cleaned_data["mark"])
            except UserError as error:
                refuse(form, error)
                # What stands now is what the next try begins from.
                form.data = _with_mark(request.POST, mark)
            else:
                messages.success(request, "Changed. Pages take it up within seconds.")
                return redirect(HERE)
    status = 422 if form.is_bound and form.errors else 200
    return shown(request, "settings", "Settings", HERE, status=status, form=form, machine=left_to_the_machine(now))  # fmt: skip


def _with_mark(typed: QueryDict, mark: str) -> QueryDict:
    again = typed.copy()
    again["mark"] = mark
    return again


def _pairs(now: Settings, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        key: {"before": value_of(now, key), "after": value}
        for key, value in values.items()
        if value_of(now, key) != value
    }
