"""Nobody reads a page without having signed in, and nothing shown of customers stays in a browser's cache."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tenure.desk.models import Person, Role
from tenure.desk.record_view import NotRecorded
from tenure.desk.uploads import NoSuchUpload
from tenure.desk.visible import NoSuchAccount
from tenure.kernel import clock
from tenure.web.pages.failing import missing, unrecorded

OPEN = "open_to_all"
PASSWORD_NAMES = frozenset({"account_change_password", "account_set_password"})
BY_PASSWORD = PASSWORD_NAMES | {"mfa_login_webauthn", "join"}
A_DAY = 24 * 3600
FACTOR_NAMES = frozenset(
    {
        "account_logout",
        "account_reauthenticate",
        "account_change_password",
        "account_set_password",
        "mfa_index",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_activate_totp",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
    }
)
"""What an administrator may open who has not set up a second factor yet."""


def open_to_all(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view that may be seen before signing in."""
    setattr(view, OPEN, True)
    return view


class SignedIn:
    """Ask for a sign-in before every view that is not marked as open; views of sign-in itself are."""

    OPEN_MODULES = ("allauth.account", "allauth.mfa")
    OPEN_NAMES = frozenset(
        {"account_login", "mfa_authenticate", "mfa_login_webauthn", "account_inactive"}
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, never kept by a cache between us and the reader."""
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """What a verb does not find for this person is a missing page, as everywhere."""
        if isinstance(error, NotRecorded):
            return unrecorded(request, error)
        return missing(request) if isinstance(error, (NoSuchAccount, NoSuchUpload)) else None

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> HttpResponse | None:
        """A redirect to the sign-in where one is needed."""
        del args, kwargs
        match = request.resolver_match
        name = (match.url_name if match else "") or ""
        if _is_closed(request, name):
            return missing(request)
        is_open = getattr(view, OPEN, False) or name in self.OPEN_NAMES
        if request.user.is_authenticated:
            _move_end_along(request)
            return None if is_open or name in FACTOR_NAMES else _wants_second_factor(request)
        if is_open:
            return None
        if request.headers.get(
            "HX-Request"
        ):  # the whole page goes to the sign-in, not a part of it
            sent = HttpResponse(status=204)
            sent["HX-Redirect"] = redirect_to_login(request.get_full_path()).url
            return sent
        return redirect_to_login(request.get_full_path())


def _wants_second_factor(request: HttpRequest) -> HttpResponse | None:
    """An administrator sets up a second factor before anything else, where passwords let people in."""
    person = request.user
    if not isinstance(person, Person) or person.role != Role.ADMIN:
        return None
    if settings.TENURE_DEMO or settings.TENURE_SIGN_ON.only:
        return None
    from allauth.account.internal.flows.login import get_authentication_records
    from allauth.mfa.models import Authenticator
    from allauth.mfa.utils import is_mfa_enabled

    records = get_authentication_records(request, person)
    if any(record.get("method") == "socialaccount" for record in records):
        return None  # the organisation asks for it
    if is_mfa_enabled(person, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]):
        return None
    messages.info(request, "An administrator signs in with a second factor. Set one up to go on.")
    return redirect("mfa_index")


def _is_closed(request: HttpRequest, name: str) -> bool:
    """Passwords, where the organisation alone says who comes in, or says it of this person."""
    if settings.TENURE_SIGN_ON.only:
        return name in BY_PASSWORD or (name == "account_login" and request.method == "POST")
    if name not in PASSWORD_NAMES or not isinstance(request.user, Person):
        return False
    from allauth.socialaccount.models import SocialAccount

    return bool(SocialAccount.objects.filter(user=request.user).exists())


def _move_end_along(request: HttpRequest) -> None:
    """A session ends fourteen days after the last click, written down once a day at most."""
    now = int(clock.now().timestamp())
    if now - request.session.get("seen", 0) > A_DAY:
        request.session["seen"] = now
