"""How people sign in: nobody signs up by themselves, and a lockout says when to try again."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from tenure.desk.models import Person
from tenure.web.gate import open_to_all


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """People are added by an administrator or the command line."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        del request
        return False


def typed_address(request: HttpRequest, credentials: dict[str, str] | None) -> str:
    """The address that was typed, by which failures are counted."""
    typed = (credentials or {}).get("email") or request.POST.get("login", "")
    return typed.strip().lower()


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None, **_: Any
) -> HttpResponse:
    """After too many failures: when to try again, and nothing about whether the address is known."""
    del response, credentials
    minutes = int(settings.AXES_COOLOFF_TIME * 60)
    return render(request, "sign_in/locked.html", {"minutes": minutes}, status=429)


@open_to_all
@require_POST
def as_somebody(request: HttpRequest, number: str) -> HttpResponse:
    """In the demo: sign in as one of its people by a click; everywhere else there is no such page."""
    from django.contrib.auth import login

    if not settings.TENURE_DEMO:
        raise Http404
    person = Person.objects.filter(number=number, is_active=True).first()
    if person is None:
        raise Http404
    login(request, person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return redirect("landing")
