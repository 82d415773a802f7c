"""Signing in: a session of one's own, a lockout that says when, and nothing that tells who is known."""

from __future__ import annotations

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.test import Client

from cast import PASSWORD
from tenure.desk.home import Home
from tenure.desk.models import Person

WRONG = "not the password at all"


def second_factor(person: Person) -> str:
    """The secret of an authenticator app that the person has set up."""
    secret: str = totp.generate_totp_secret()
    totp.TOTP.activate(person, secret)
    return secret


def code_now(secret: str) -> str:
    """What the app shows now."""
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


def sign_in(client: Client, email: str, password: str, **headers: str) -> object:
    return client.post("/sign-in", {"login": email, "password": password}, headers=headers)


def test_a_person_signs_in_with_their_password_and_arrives_where_they_wanted(
    served: Home, people: dict[str, Person]
) -> None:
    client = Client()
    asked = client.get("/accounts/alder")
    assert asked["Location"] == "/sign-in?next=/accounts/alder"

    arrived = client.post(
        "/sign-in",
        {"login": "Maya@Cast.example", "password": PASSWORD, "next": "/accounts/alder"},
    )

    assert (arrived.status_code, arrived["Location"]) == (302, "/accounts/alder")
    assert client.get("/accounts/alder").status_code == 200


def test_the_session_is_a_new_one_after_signing_in_and_dead_after_signing_out(
    served: Home, people: dict[str, Person]
) -> None:
    client = Client()
    client.get("/sign-in")
    session = client.session
    session["kept"] = "from before"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    sign_in(client, "maya@cast.example", PASSWORD)
    inside = client.cookies[settings.SESSION_COOKIE_NAME].value

    assert inside != session.session_key

    client.post("/sign-out")
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = inside

    assert thief.get("/book").status_code == 302


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(
    served: Home, people: dict[str, Person]
) -> None:
    known = sign_in(Client(), "maya@cast.example", WRONG).content.decode()
    unknown = sign_in(Client(), "nobody@cast.example", WRONG).content.decode()

    assert known.replace("maya@", "X@") == unknown.replace("nobody@", "X@") or _without_tokens(
        known
    ).replace("maya@", "X@") == _without_tokens(unknown).replace("nobody@", "X@")


def _without_tokens(page: str) -> str:
    import re

    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)


def test_five_failures_lock_the_address_and_say_when_to_try_again(
    served: Home, people: dict[str, Person]
) -> None:
    for _ in range(5):
        last = sign_in(Client(), "maya@cast.example", WRONG)

    locked = sign_in(Client(), "maya@cast.example", PASSWORD)

    assert last.status_code == locked.status_code == 429
    assert "Try again in 15 minutes" in locked.content.decode()
    assert sign_in(Client(), "tom@cast.example", PASSWORD).status_code == 302


def test_a_person_let_go_cannot_sign_in(served: Home, people: dict[str, Person]) -> None:
    answer = sign_in(Client(), "eve@cast.example", PASSWORD)

    assert "_auth_user_id" not in answer.client.session


def test_nobody_signs_up_by_themselves(served: Home) -> None:
    for address in ("/sign-up", "/signup", "/me/second-factor/signup/"):
        assert Client().get(address).status_code == 404


def test_a_redirect_after_signing_in_never_leaves_the_house(
    served: Home, people: dict[str, Person]
) -> None:
    arrived = Client().post(
        "/sign-in",
        {"login": "maya@cast.example", "password": PASSWORD, "next": "https://evil.example/"},
    )

    assert arrived["Location"] == "/"


def test_signing_in_by_a_click_exists_in_the_demo_alone(
    served: Home, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/sign-in/as/{people['maya'].number}"
    assert Client().post(address).status_code == 404

    monkeypatch.setattr(settings, "TENURE_DEMO", True)
    clicked = Client()

    assert clicked.post(address).status_code == 302
    assert clicked.get("/book").status_code == 200
    assert Client().post(f"/sign-in/as/{people['eve'].number}").status_code == 404
    assert "Maya Berg" in Client().get("/sign-in").content.decode()


def test_secrets_that_are_typed_reach_no_log(
    served: Home, people: dict[str, Person], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)

    sign_in(Client(), "maya@cast.example", "canary-3f9d2c-password")
    sign_in(Client(), "canary-3f9d2c@cast.example", WRONG)

    from axes.models import AccessAttempt

    assert "canary-3f9d2c-password" not in caplog.text
    assert not [
        a
        for a in AccessAttempt.objects.all()
        if "canary-3f9d2c-password" in f"{a.get_data}{a.post_data}"
    ]


def test_a_second_factor_is_asked_for_once_it_is_set_up(
    served: Home, people: dict[str, Person]
) -> None:
    secret = second_factor(people["maya"])
    client = Client()

    asked = sign_in(client, "maya@cast.example", PASSWORD)
    assert asked["Location"].startswith("/me/second-factor/authenticate")
    assert client.get("/book").status_code == 302

    code = code_now(secret)
    assert client.post("/me/second-factor/authenticate/", {"code": "000000"}).status_code == 200
    client.post("/me/second-factor/authenticate/", {"code": code})

    assert client.get("/book").status_code == 200


def test_codes_of_a_second_factor_cannot_be_tried_without_end(
    served: Home, people: dict[str, Person]
) -> None:
    secret = second_factor(people["maya"])
    client = Client()
    sign_in(client, "maya@cast.example", PASSWORD)
    for _ in range(8):
        client.post("/me/second-factor/authenticate/", {"code": "000000"})

    right = code_now(secret)
    client.post("/me/second-factor/authenticate/", {"code": right})

    assert client.get("/book").status_code == 302


def test_an_unknown_host_is_refused_in_our_words(served: Home) -> None:
    answer = Client(HTTP_HOST="evil.example").get("/book")

    assert answer.status_code == 400
    assert "could not be read" in answer.content.decode()


def test_a_form_that_lay_too_long_says_so(served: Home, people: dict[str, Person]) -> None:
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post("/sign-in", {"login": "maya@cast.example", "password": PASSWORD})

    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()


def test_a_part_of_a_page_sends_the_whole_page_to_the_sign_in(served: Home) -> None:
    answer = Client().get("/accounts/alder/numbers/arr_in_force", headers={"HX-Request": "true"})

    assert answer.status_code == 204
    assert answer["HX-Redirect"].startswith("/sign-in?next=")
