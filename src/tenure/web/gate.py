"""Nobody reads a page without having signed in, and nothing shown of customers stays in a browser's cache."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

from tenure.desk.record_view import NotRecorded
from tenure.desk.visible import NoSuchAccount
from tenure.web.pages.failing import missing, unrecorded

OPEN = "open_to_all"


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
        return missing(request) if isinstance(error, NoSuchAccount) else None

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
        is_open = getattr(view, OPEN, False) or (match and match.url_name in self.OPEN_NAMES)
        if is_open or request.user.is_authenticated:
            return None
        if request.headers.get(
            "HX-Request"
        ):  # the whole page goes to the sign-in, not a part of it
            sent = HttpResponse(status=204)
            sent["HX-Redirect"] = redirect_to_login(request.get_full_path()).url
            return sent
        return redirect_to_login(request.get_full_path())
