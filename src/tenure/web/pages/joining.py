"""Coming in for the first time by a one-time link. A link that is spent, too old or made up is a page that is not there."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tenure.desk.let_in import add_first_administrator, link_of, use_link
from tenure.desk.models import OneTimeLink, Person
from tenure.kernel.errors import UserError
from tenure.web.admin_forms import FirstAdministratorForm, PasswordForm, refuse
from tenure.web.gate import open_to_all

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@open_to_all
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a first password, or a new one."""
    link = _link(token)
    if link.person is None:
        raise Http404
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = use_link(token, form.cleaned_data["password"])
        except UserError as error:
            refuse(form, error)
        else:
            return _came_in(request, person)
    status = 422 if form.is_bound else 200
    context = {"form": form, "one": link.person, "page_title": "Choose a password"}
    return render(request, "joining/join.html", context, status=status)


@open_to_all
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Sign up as the first administrator; once there has been one, this page is not there."""
    if _link(token).person is not None:
        raise Http404
    form = FirstAdministratorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = add_first_administrator(token, **form.cleaned_data)
        except UserError as error:
            refuse(form, error)
        else:
            return _came_in(request, person)
    status = 422 if form.is_bound else 200
    context = {"form": form, "page_title": "Welcome"}
    return render(request, "joining/welcome.html", context, status=status)


def _link(token: str) -> OneTimeLink:
    found = link_of(token)
    if found is None:
        raise Http404
    return found


def _came_in(request: HttpRequest, person: Person) -> HttpResponse:
    """Signed in with the password just chosen; whoever has a second factor gives it first, as always."""
    from allauth.mfa.utils import is_mfa_enabled

    if is_mfa_enabled(person):
        return redirect("account_login")
    login(request, person, backend=BACKEND)
    # The password was typed a moment ago: it is not asked for once more before a second factor is set up.
    record_authentication(request, person, method="password", reauthenticated=True)
    return redirect("landing")
