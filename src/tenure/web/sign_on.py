"""Sign-on through the organisation (OpenID Connect): who comes in is a person that an administrator added, and nobody else.

A person is known by issuer and subject. The first time, a verified e-mail address finds them; from then on the address
plays no part, so that whoever gets an old address of somebody does not get their account.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import build_absolute_uri
from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from tenure.desk.models import AuditEntry, OneTimeLink, Person
from tenure.web.gate import open_to_all
from tenure.web.served import provider_id_of

log = logging.getLogger("tenure.web")

LARGEST = 64 * 1024
CONNECT, READ = 5, 15
LEEWAY = 60
"""Seconds by which the clocks of two machines may differ."""
ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
"""Signatures with a key pair alone: none that a client's secret could forge, and never none at all."""


class Fetch(requests.Session):
    """Asks the organisation and nobody else: no redirects, no proxy of the environment, no endless answer."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """One answer, read to the limit."""
        _check_address(str(url))
        kwargs |= {"timeout": (CONNECT, READ), "allow_redirects": False, "stream": True}
        answer = super().request(method, url, *args, **kwargs)
        text = answer.raw.read(LARGEST + 1, decode_content=True)
        answer.close()
        if len(text) > LARGEST:
            raise requests.RequestException("The answer is too long.")
        answer._content = text
        return answer


class SignOnAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth ships no types
    """One exchange with the organisation; every token's signature is checked, whichever way it came."""

    nonce = ""

    def __init__(self, request: HttpRequest, provider_id: str = "") -> None:
        super().__init__(request, provider_id or provider_id_of(settings.TENURE_SIGN_ON.issuer))

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the issuer says of itself; one that calls itself otherwise is refused."""
        found: dict[str, Any] = super().openid_config
        if str(found.get("issuer", "")).rstrip("/") != settings.TENURE_SIGN_ON.issuer.rstrip("/"):
            raise OAuth2Error("The issuer calls itself by another name.")
        return found

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """The address that the organisation sends people back to."""
        del app
        return str(build_absolute_uri(request, reverse("sign_on_callback")))

    def complete_login(
        self, request: HttpRequest, app: Any, token: Any, **kwargs: Any
    ) -> SocialLogin:
        """Who came, from the signed token; the address alone may come from the user's page."""
        claims = self._claims(str(kwargs["response"].get("id_token", "")), app.client_id)
        if "email" not in claims and "userinfo_endpoint" in self.openid_config:
            told = self._fetch_user_info(token.token)
            if told.get("sub") == claims["sub"]:
                claims |= {name: told[name] for name in ("email", "email_verified") if name in told}
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})

    def _claims(self, token: str, client_id: str) -> dict[str, Any]:
        import jwt

        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise OAuth2Error("The token is signed in a way that is not accepted.")
            found: dict[str, Any] = jwt.decode(
                token, self._key(header.get("kid")), algorithms=[header["alg"]], audience=client_id,
                issuer=self.openid_config["issuer"], leeway=LEEWAY,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )  # fmt: skip
        except jwt.PyJWTError as error:
            raise OAuth2Error("The token does not hold.") from error
        if isinstance(found["aud"], list) and found.get("azp", client_id) != client_id:
            raise OAuth2Error("The token was made for another program.")
        if not self.nonce or not hmac.compare_digest(str(found.get("nonce", "")), self.nonce):
            raise OAuth2Error("The token answers another question.")
        return found

    def _key(self, kid: str | None) -> Any:
        import jwt

        with Fetch() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
            keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        fitting = [key for key in keys if kid is None or key.key_id == kid]
        if len(fitting) != 1:
            raise OAuth2Error("The token names no key of the issuer.")
        return fitting[0].key


class SignOnProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """The organisation, as allauth knows it."""

    oauth2_adapter_class = SignOnAdapter
    pkce_enabled_default = True

    def extract_extra_data(self, data: Any) -> dict[str, Any]:
        """Nothing of what the organisation tells is kept."""
        del data
        return {}


class People(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Who may come in through the organisation."""

    def get_provider(
        self, request: HttpRequest, provider: Any, client_id: Any = None
    ) -> SignOnProvider:
        """There is one."""
        return SignOnProvider(request, app=self.get_app(request, provider, client_id))

    def get_requests_session(self) -> Fetch:
        """For every question to the organisation."""
        return Fetch()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Never."""
        del request, sociallogin
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Known by issuer and subject, or found by a verified address for the first time; else refused."""
        if not sociallogin.is_existing:
            person = _first_time(sociallogin)
            if person is None:
                raise ImmediateHttpResponse(_refused(request, "stranger"))
            sociallogin.user = person
        if not sociallogin.user.is_active:
            raise ImmediateHttpResponse(_refused(request, "stranger"))

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:  # fmt: skip
        """One page for whatever went wrong; the log holds the reason, and no token."""
        del provider, extra_context
        log.warning("Sign-on failed: %s %s", error, type(exception).__name__ if exception else "")
        raise ImmediateHttpResponse(_refused(request, "failed"))


class Callback(OAuth2CallbackView):  # type: ignore[misc]
    """Where the organisation sends people back to."""

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, response = super()._get_state(request, provider)
        self.adapter.nonce = str((state or {}).get("nonce", ""))
        return state, response


@open_to_all
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Off to the organisation, with a state, a nonce and a challenge of this browser's own."""
    if not settings.TENURE_SIGN_ON.is_on:
        raise Http404
    nonce = secrets.token_urlsafe(24)
    wanted = request.GET.get("next", "")
    own = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    adapter = SignOnAdapter(request)
    try:
        response: HttpResponse = adapter.get_provider().redirect(
            request, process="login", next_url=wanted if own else None, auth_params={"nonce": nonce}, nonce=nonce,
        )  # fmt: skip
    except (OAuth2Error, requests.RequestException, KeyError) as error:
        log.warning("The organisation's sign-on cannot be reached: %s", type(error).__name__)
        return _refused(request, "away", 502)
    return response


@open_to_all
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Back from the organisation."""
    if not settings.TENURE_SIGN_ON.is_on:
        raise Http404
    try:
        response: HttpResponse = Callback.adapter_view(SignOnAdapter(request))(request)
    except (KeyError, ValueError) as error:  # an answer that is not what the protocol says
        log.warning("Sign-on failed: %s", type(error).__name__)
        return _refused(request, "failed")
    return response


def _first_time(login: SocialLogin) -> Person | None:
    """The person with the verified address, tied to issuer and subject from now on; each person once."""
    verified = [one.email.lower() for one in login.email_addresses if one.verified and one.email]
    with transaction.atomic():
        person = (
            Person.objects.select_for_update().filter(email__in=verified, is_active=True).first()
        )
        if person is None or SocialAccount.objects.filter(user=person).exists():
            return None
        login.account.user = person
        login.account.save()
        OneTimeLink.objects.filter(person=person).delete()
        person.set_unusable_password()
        person.save(update_fields=["password"])
        AuditEntry.objects.create(by=person, verb="tie to sign-on", about=str(person.number))
    return person


def _refused(request: HttpRequest, why: str, status: int = 403) -> HttpResponse:
    context = {"why": why, "sign_on": settings.TENURE_SIGN_ON, "page_title": "Not signed in"}
    return render(request, "sign_in/sign_on_refused.html", context, status=status)


def _check_address(url: str) -> None:
    """Over https, or on this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    ):
        return
    raise requests.RequestException("The address is not https.")
