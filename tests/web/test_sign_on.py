"""Through the organisation: added people come in, and no token that does not hold, no stranger and no second subject does."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.test import Client
from organisation import CLIENT, SECRET, Organisation

from cast import PASSWORD
from tenure.desk.change_person import untie
from tenure.desk.home import Home
from tenure.desk.let_in import make_link
from tenure.desk.models import AuditEntry, Person
from tenure.kernel.errors import UserError
from tenure.kernel.settings import SignOnSettings
from tenure.web.served import organisation as as_allauth_takes_it
from tenure.web.served import served as read

MAYA = {"sub": "m-1", "email": "Maya@cast.example", "email_verified": True}


class Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


@pytest.fixture
def organisation(monkeypatch: pytest.MonkeyPatch) -> Iterator[Organisation]:
    made = Organisation(MAYA)
    turn_on(made, monkeypatch)
    yield made
    made.close()


def turn_on(made: Organisation, monkeypatch: pytest.MonkeyPatch, **more: Any) -> None:
    asked = SignOnSettings(issuer=made.issuer, client_id=CLIENT, name="Cast ID", **more)
    monkeypatch.setattr(settings, "TENURE_SIGN_ON", asked)
    monkeypatch.setattr(settings, "SOCIALACCOUNT_PROVIDERS", as_allauth_takes_it(asked, SECRET))


def there(client: Client, wanted: str = "") -> str:
    """To the organisation and back: the address it sends the browser to."""
    out = client.get("/sign-in/organisation" + (f"?next={wanted}" if wanted else ""))
    assert out.status_code == 302
    try:
        urllib.request.build_opener(Stays).open(out["Location"])  # noqa: S310 - loopback
    except HTTPError as answer:
        back = urlsplit(answer.headers["Location"])
        answer.close()
    return f"{back.path}?{back.query}"


def come(client: Client, wanted: str = "") -> Any:
    return client.get(there(client, wanted))


def is_in(client: Client) -> bool:
    return bool(client.get("/book").status_code == 200)


def test_a_person_who_was_added_comes_in_and_arrives_where_they_wanted(
    served: Home, people: dict[str, Person], organisation: Organisation
) -> None:
    maya = Client()
    assert "Sign in with Cast ID" in maya.get("/sign-in?next=/accounts/alder").content.decode()

    assert come(maya, "/accounts/alder")["Location"] == "/accounts/alder"

    assert is_in(maya)
    tie = SocialAccount.objects.get()
    assert (tie.user, tie.uid, tie.extra_data) == (people["maya"], "m-1", {})
    assert AuditEntry.objects.filter(verb="tie to sign-on").count() == 1


def test_from_then_on_the_subject_counts_and_the_address_plays_no_part(
    served: Home, people: dict[str, Person], organisation: Organisation
) -> None:
    come(Client())

    organisation.claims = {"sub": "m-1", "email": "married@cast.example", "email_verified": True}
    renamed = Client()
    come(renamed)
    assert is_in(renamed)

    organisation.claims = MAYA | {"sub": "m-2"}
    heir = Client()
    assert come(heir).status_code == 403
    assert not is_in(heir)


def test_nobody_else_comes_in(
    served: Home, people: dict[str, Person], organisation: Organisation
) -> None:
    for claims in (
        {"sub": "x", "email": "stranger@cast.example", "email_verified": True},
        {"sub": "x", "email": "maya@cast.example", "email_verified": False},
        {"sub": "x", "email": "eve@cast.example", "email_verified": True},
        {"sub": "x", "email": "", "email_verified": True},
    ):
        organisation.claims = claims
        client = Client()
        answer = come(client)
        assert answer.status_code == 403, claims
        assert "nobody has added you here" in answer.content.decode()
        assert not is_in(client)

    assert Person.objects.count() == len(people)
    assert not SocialAccount.objects.exists()


def test_an_address_that_the_token_does_not_hold_is_asked_for_and_must_be_of_the_same_subject(
    served: Home, people: dict[str, Person], organisation: Organisation
) -> None:
    organisation.claims = {"sub": "m-1"}
    client = Client()
    come(client)

    assert is_in(client)
    assert "/userinfo" in organisation.asked


def test_a_token_that_does_not_hold_lets_nobody_in(
    served: Home, people: dict[str, Person], organisation: Organisation
) -> None:
    bends = "nonce", "audience", "expired", "token_issuer", "signature", "unsigned", "by_secret"
    for organisation.bend in bends:
        client = Client()
        answer = come(client)
        assert answer.status_code == 403, organisation.bend
        assert "could not be used" in answer.content.decode()
        assert not is_in(client)

    assert organisation.asked.count("/token") == len(bends)


@pytest.mark.parametrize("bend", ["issuer", "redirect"])
def test_an_issuer_that_is_another_or_sends_us_on_is_not_gone_to(
    bend: str, served: Home, organisation: Organisation
) -> None:
    organisation.bend = bend
    answer = Client().get("/sign-in/organisation")

    assert answer.status_code == 502
    assert "/elsewhere" not in organisation.asked


def test_an_answer_to_another_browser_or_a_second_time_is_refused(
    served: Home, people: dict[str, Person], organisation: Organisation
) -> None:
    mine = Client()
    back = there(mine)
    thief = Client()
    assert thief.get(back).status_code == 403
    assert not is_in(thief)

    mine.get(back)
    assert is_in(mine)
    again = Client()
    again.cookies = mine.cookies
    assert again.get(back).status_code == 403
    assert Client().get("/sign-in/organisation/back?code=x").status_code == 403


def test_a_redirect_after_it_never_leaves_the_house(
    served: Home, people: dict[str, Person], organisation: Organisation
) -> None:
    assert come(Client(), "https://evil.example/")["Location"] == "/"


def test_whoever_comes_so_has_no_password_here_and_gets_none(
    served: Home, people: dict[str, Person], organisation: Organisation
) -> None:
    token = make_link(people["maya"])
    maya = Client()
    come(maya)

    by_password = Client().post("/sign-in", {"login": "maya@cast.example", "password": PASSWORD})
    assert by_password.status_code != 302
    assert Client().get(f"/join/{token}").status_code == 404
    for page in ("/me/password", "/me/password/set"):
        assert maya.get(page).status_code == 404
    with pytest.raises(UserError) as refused:
        make_link(people["maya"])
    assert refused.value.code == "person.tied"
    assert Client().post("/sign-in", {"login": "tom@cast.example", "password": PASSWORD}).status_code == 302  # fmt: skip


def test_untied_a_person_is_found_by_their_address_once_more(
    served: Home, people: dict[str, Person], organisation: Organisation
) -> None:
    first = Client()
    come(first)
    untie(people["maya"], by=people["gil"])
    assert not is_in(first)

    organisation.claims = MAYA | {"sub": "m-2"}
    anew = Client()
    come(anew)
    assert is_in(anew)


def test_another_issuer_reaches_nobody_of_the_first(
    served: Home,
    people: dict[str, Person],
    organisation: Organisation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    come(Client())
    other = Organisation(MAYA)
    turn_on(other, monkeypatch)
    try:
        client = Client()
        assert come(client).status_code == 403
        assert not is_in(client)
    finally:
        other.close()


def test_closed_to_passwords_only_the_organisation_lets_in(
    served: Home,
    people: dict[str, Person],
    organisation: Organisation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "TENURE_SIGN_ON", replace(settings.TENURE_SIGN_ON, only=True))
    page = Client().get("/sign-in").content.decode()
    assert "Sign in with Cast ID" in page
    assert "Password" not in page

    typed = {"login": "tom@cast.example", "password": PASSWORD}
    assert Client().post("/sign-in", typed).status_code == 404
    assert Client().get("/me/second-factor/webauthn/login/").status_code == 404
    client = Client()
    come(client)
    assert is_in(client)


def test_an_administrator_who_comes_so_is_not_asked_for_a_factor_of_ours(
    served: Home, people: dict[str, Person], organisation: Organisation
) -> None:
    from allauth.mfa.models import Authenticator

    Authenticator.objects.filter(user=people["gil"]).delete()
    organisation.claims = {"sub": "g-1", "email": "gil@cast.example", "email_verified": True}
    gil = Client()
    come(gil)

    assert gil.get("/admin").status_code == 200


def test_neither_secret_nor_token_reaches_a_log_or_the_database(
    served: Home,
    people: dict[str, Person],
    organisation: Organisation,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(0)
    come(Client())
    organisation.bend = "nonce"
    come(Client())
    from allauth.socialaccount.models import SocialToken

    assert SECRET not in caplog.text
    assert "canary-access-token" not in caplog.text
    assert not SocialToken.objects.exists()


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ('issuer = "http://login.example.com"\nclient_id = "a"', "no address"),
        ('issuer = "https://login.example.com"', "client_id"),
        ('issuer = "https://login.example.com"\nclient_id = "a"', "no file"),
        ("only = true", "Passwords are closed"),
    ],
)
def test_a_sign_on_that_is_not_safe_stops_the_start(said: str, word: str, tmp_path: Path) -> None:
    (tmp_path / "tenure.toml").write_text(f"[web.sign_on]\n{said}\n")

    with pytest.raises(UserError) as refused:
        read({"TENURE_WORKSPACE": str(tmp_path)})

    assert refused.value.code == "web.sign_on"
    assert word in refused.value.what


def test_the_secret_comes_from_a_file_of_its_owner_or_the_environment(tmp_path: Path) -> None:
    (tmp_path / "tenure.toml").write_text(
        '[web.sign_on]\nissuer = "https://login.example.com"\nclient_id = "a"\n'
    )
    file = tmp_path / "sign-on.secret"
    file.write_text("from the file\n")
    file.chmod(0o644)
    where = {"TENURE_WORKSPACE": str(tmp_path)}
    with pytest.raises(UserError) as refused:
        read(where)
    assert "Others can read" in refused.value.what

    file.chmod(0o600)
    assert read(where).sign_on_secret == "from the file"  # noqa: S105
    assert "from the file" not in repr(read(where))
    assert read(where | {"TENURE_SIGN_ON_SECRET": "from outside"}).sign_on_secret == "from outside"  # noqa: S105
