"""An administrator adds people and changes settings; everything stands in the trail, and nothing of a customer shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from test_signing_in import code_now, second_factor

from cast import PASSWORD
from tenure.desk.add_person import add_person
from tenure.desk.change_settings import change_settings, standing
from tenure.desk.home import Home
from tenure.desk.let_in import make_link
from tenure.desk.models import AuditEntry, OneTimeLink, Person
from tenure.desk.visible import NoSuchAccount
from tenure.kernel.errors import UserError
from tenure.kernel.settings import load_settings

SignedIn = Callable[[str], Client]
NEW = {"email": "nina@cast.example", "name": "Nina Roth", "role": "csm", "member_id": ""}


def text(answer: Any) -> str:
    return answer.content.decode()


def address_in(answer: Any) -> str:
    found = re.search(r'value="http://testserver(/join/[^"]+)"', text(answer))
    assert found is not None
    return found[1]


def test_a_person_is_added_and_comes_in_once_by_the_link_that_is_handed_over(
    served: Home, signed_in: SignedIn
) -> None:
    handed = address_in(signed_in("gil").post("/admin/people/add", NEW))
    nina = Client()
    assert "Welcome, Nina Roth" in text(nina.get(handed))

    weak = nina.post(handed, {"password": "short"})
    assert weak.status_code == 422
    assert "too short" in text(weak)
    assert nina.post(handed, {"password": PASSWORD})["Location"] == "/"

    assert nina.get("/book").status_code == 200
    assert Client().get(handed).status_code == 404
    assert Client().post(handed, {"password": PASSWORD}).status_code == 404
    again = Client().post("/sign-in", {"login": "nina@cast.example", "password": PASSWORD})
    assert again.status_code == 302


def test_what_is_kept_of_a_link_does_not_let_anybody_in(served: Home, people: Any) -> None:
    token = make_link(people["maya"])
    kept = OneTimeLink.objects.get()

    assert token not in kept.digest
    assert Client().get(f"/join/{kept.digest}").status_code == 404


def test_a_new_link_ends_the_one_before_and_a_week_ends_any(
    served: Home, people: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_link(people["maya"]), make_link(people["maya"])
    assert Client().get(f"/join/{first}").status_code == 404
    assert Client().get(f"/join/{second}").status_code == 200

    monkeypatch.setenv("TENURE_NOW", "2026-06-22T09:00:01")
    assert Client().get(f"/join/{second}").status_code == 404


def test_a_link_of_somebody_let_go_works_no_more(
    served: Home, people: Any, signed_in: SignedIn
) -> None:
    token = make_link(people["maya"])
    signed_in("gil").post(f"/admin/people/{people['maya'].number}/let-go")

    assert Client().get(f"/join/{token}").status_code == 404


def test_a_link_asks_for_the_second_factor_that_is_there(served: Home, people: Any) -> None:
    token = make_link(people["gil"])
    came = Client()

    assert came.post(f"/join/{token}", {"password": PASSWORD + "!"})["Location"] == "/sign-in"
    assert came.get("/admin").status_code == 302


def test_a_person_that_cannot_be_is_refused_at_the_field_and_what_was_typed_stays(
    served: Home, signed_in: SignedIn
) -> None:
    gil = signed_in("gil")
    for typed, field in (
        ({"email": "info@cast.example"}, "id_email"),
        ({"email": "no address"}, "id_email"),
        ({"email": "MAYA@cast.example"}, "id_email"),
        ({"name": " "}, "id_name"),
        ({"member_id": "U1"}, "id_member_id"),
        ({"member_id": "U99"}, "id_member_id"),
        ({"role": "boss"}, "id_role"),
    ):
        answer = gil.post("/admin/people/add", NEW | typed)
        assert answer.status_code == 422, typed
        assert f'href="#{field}"' in text(answer), typed
        assert "Nina Roth" in text(answer) or "name" in typed

    assert not Person.objects.filter(name="Nina Roth").exists()


def test_a_person_gets_another_name_role_and_member_in_one_step(
    served: Home, people: Any, signed_in: SignedIn
) -> None:
    tom = signed_in("tom")
    assert tom.get("/book").status_code == 200
    gil = signed_in("gil")
    saved = gil.post(f"/admin/people/{people['tom'].number}", {"name": "Tomás Ruiz", "role": "lead", "member_id": ""})  # fmt: skip
    found = Person.objects.get(pk=people["tom"].pk)

    assert saved.status_code == 302
    assert (found.name, found.role, found.member_id) == ("Tomás Ruiz", "lead", "")
    assert tom.get("/book").status_code == 302
    assert "Tomás Ruiz" in text(gil.get("/admin"))


def test_the_last_administrator_keeps_name_and_role_when_the_role_is_refused(
    served: Home, people: Any, signed_in: SignedIn
) -> None:
    answer = signed_in("gil").post(f"/admin/people/{people['gil'].number}", {"name": "Gil F.", "role": "csm", "member_id": ""})  # fmt: skip

    assert answer.status_code == 422
    assert "last administrator" in text(answer)
    assert Person.objects.get(pk=people["gil"].pk).name == "Gil Fournier"


def test_a_person_is_let_go_and_let_in_again(
    served: Home, people: Any, signed_in: SignedIn
) -> None:
    gil = signed_in("gil")
    gil.post(f"/admin/people/{people['tom'].number}/let-go")
    assert not Person.objects.get(pk=people["tom"].pk).is_active
    assert "cannot sign in" in text(gil.get(f"/admin/people/{people['tom'].number}"))

    gil.post(f"/admin/people/{people['tom'].number}/let-in")
    assert Person.objects.get(pk=people["tom"].pk).is_active


def test_a_lost_second_factor_is_taken_off_by_another_and_never_ones_own(
    served: Home, people: Any, signed_in: SignedIn
) -> None:
    second_factor(people["maya"])
    gil = signed_in("gil")
    gil.post(f"/admin/people/{people['maya'].number}/factor")
    gil.post(f"/admin/people/{people['gil'].number}/factor")

    assert not Authenticator.objects.filter(user=people["maya"]).exists()
    assert Authenticator.objects.filter(user=people["gil"]).exists()


def test_an_administrator_without_a_second_factor_sets_one_up_before_anything_else(
    served: Home, people: Any
) -> None:
    add_person(email="ada@cast.example", name="Ada", role="admin", password=PASSWORD)
    ada = Client()
    ada.post("/sign-in", {"login": "ada@cast.example", "password": PASSWORD})

    for page in ("/", "/admin", "/admin/audit.csv", "/admin/settings"):
        assert ada.get(page)["Location"] == "/me/second-factor/"
    assert ada.get("/me/second-factor/").status_code == 200
    asked = ada.get("/me/second-factor/totp/activate/")["Location"]
    assert ada.post(asked, {"password": PASSWORD})["Location"] == "/me/second-factor/totp/activate/"
    secret = ada.get("/me/second-factor/totp/activate/").context["form"].secret
    ada.post("/me/second-factor/totp/activate/", {"code": code_now(secret)})
    assert ada.get("/admin").status_code == 200
    assert ada.post("/sign-out").status_code == 302


@pytest.fixture
def form(writable: Home) -> dict[str, Any]:
    settings, mark = standing()
    return {
        "title": settings.title, "time_zone": settings.time_zone, "gross_margin": "",
        "reporting_currency": settings.reporting_currency, "mark": mark,
    }  # fmt: skip


def test_a_setting_shows_what_it_does_before_it_is_changed_and_pages_take_it_up(
    writable: Home, signed_in: SignedIn, form: dict[str, Any]
) -> None:
    gil, maya = signed_in("gil"), signed_in("maya")
    typed = form | {"title": "Renamed & Co", "own_book_only": "on"}
    assert maya.get("/accounts/elm").status_code == 200

    preview = text(gil.post("/admin/settings", typed))
    assert "Cast &amp; Co" in preview
    assert "Renamed &amp; Co" in preview
    assert "2 CSMs: from their next click" in preview
    assert load_settings(writable.folder).title == "Cast & Co"

    assert gil.post("/admin/settings", typed | {"confirmed": "1"}).status_code == 302
    assert load_settings(writable.folder).title == "Renamed & Co"
    assert "Renamed &amp; Co" in text(maya.get("/book"))
    assert maya.get("/accounts/elm").status_code == 404
    entry = AuditEntry.objects.get(verb="change settings")
    assert entry.content["title"] == {"before": "Cast & Co", "after": "Renamed & Co"}


def test_another_currency_shows_on_the_book_without_a_restart(
    writable: Home, signed_in: SignedIn, form: dict[str, Any]
) -> None:
    maya = signed_in("maya")
    assert "$120k" in text(maya.get("/book"))

    signed_in("gil").post("/admin/settings", form | {"reporting_currency": "EUR", "confirmed": "1"})
    writable.until_current()

    assert "$120k" not in text(maya.get("/book"))
    assert writable.present().currency == "EUR"


def test_a_setting_that_cannot_be_is_refused_and_the_file_stays(
    writable: Home, signed_in: SignedIn, form: dict[str, Any]
) -> None:
    before = (writable.folder / "tenure.toml").read_bytes()
    gil = signed_in("gil")
    for key, value in (
        ("time_zone", "Mars/Olympus"),
        ("reporting_currency", "usd"),
        ("gross_margin", "80"),
        ("title", ""),
        ("business_model", "barter"),
    ):
        answer = gil.post("/admin/settings", form | {key: value, "confirmed": "1"})
        assert answer.status_code == 422, key

    assert (writable.folder / "tenure.toml").read_bytes() == before


def test_a_file_changed_meanwhile_is_not_overwritten(
    writable: Home, signed_in: SignedIn, form: dict[str, Any]
) -> None:
    file = writable.folder / "tenure.toml"
    file.write_text(file.read_text() + "# by hand\n")

    answer = signed_in("gil").post("/admin/settings", form | {"title": "Mine", "confirmed": "1"})

    assert answer.status_code == 422
    assert "somebody else" in text(answer)
    assert load_settings(writable.folder).title == "Cast & Co"


def test_a_file_broken_by_hand_changes_nothing_until_it_is_mended(
    writable: Home, signed_in: SignedIn
) -> None:
    file = writable.folder / "tenure.toml"
    whole = file.read_text()
    file.write_text("title = ")
    writable._looked = 0.0

    assert "Cast &amp; Co" in text(signed_in("maya").get("/book"))

    file.write_text(whole.replace("Cast & Co", "Mended"))
    writable._looked = 0.0
    assert "Mended" in text(signed_in("maya").get("/book"))


def test_only_an_administrator_changes_settings_and_only_those_that_can(
    writable: Home, people: Any
) -> None:
    _, mark = standing()
    with pytest.raises(NoSuchAccount):
        change_settings(people["olga"], {"title": "Mine"}, mark)
    with pytest.raises(UserError) as refused:
        change_settings(people["gil"], {"web.hosts": ("evil.example",)}, mark)

    assert refused.value.code == "settings.machine"


def test_the_trail_tells_who_did_what_and_of_customers_nothing(
    served: Home, people: Any, signed_in: SignedIn
) -> None:
    AuditEntry.objects.create(
        by=people["maya"], verb="log touch", about="alder", content={"kind": "qbr-secret"}
    )
    gil = signed_in("gil")
    gil.post(f"/admin/people/{people['tom'].number}", {"name": "Tom Ruiz", "role": "lead", "member_id": "U2"})  # fmt: skip
    page = text(gil.get("/admin/audit"))
    table = page[page.index("<tbody>") :]

    assert "log touch" in table
    assert "an account&#x27;s records" in table
    for hidden in ("alder", "qbr-secret"):
        assert hidden not in page
    assert table.index("change role") < table.index("log touch")
    assert "CSM → CS leader" in table


def test_the_trail_is_narrowed_by_person_verb_and_day(
    served: Home, people: Any, signed_in: SignedIn
) -> None:
    gil = signed_in("gil")
    AuditEntry.objects.create(by=people["maya"], verb="log touch", about="alder")
    number = people["maya"].number

    assert text(gil.get(f"/admin/audit?by={number}")).count("<tr><td") == 1
    assert "hide every act" in text(gil.get("/admin/audit?verb=log%20touch&by=machine"))
    assert "hide every act" in text(gil.get("/admin/audit?until=2026-06-14"))
    assert gil.get("/admin/audit?since=yesterday&by=nobody&page=x").status_code == 200


def test_the_trail_as_a_file_guards_formulas_and_writes_itself_down(
    served: Home, people: Any, signed_in: SignedIn
) -> None:
    gil = signed_in("gil")
    gil.post("/admin/people/add", NEW | {"name": "=cmd|'/c calc'!A1"})
    file = gil.get("/admin/audit.csv")

    assert file["Content-Disposition"].startswith("attachment; ")
    assert "'=cmd" in text(file)
    assert ",=cmd" not in text(file)
    assert AuditEntry.objects.filter(verb="export", about="audit trail").count() == 1


def test_a_session_ends_two_weeks_after_the_last_click_and_not_after_the_first(
    served: Home, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    maya = signed_in("maya")
    first = maya.get("/book")
    assert "sessionid" in first.cookies
    assert "sessionid" not in maya.get("/book").cookies

    monkeypatch.setenv("TENURE_NOW", "2026-06-16T10:00:00")
    assert maya.get("/book").cookies["sessionid"]["max-age"] == 14 * 24 * 3600


def test_every_page_of_the_administrator_says_which_it_is(
    served: Home, signed_in: SignedIn
) -> None:
    gil = signed_in("gil")
    for name in ("admin", "admin_sign_in", "admin_settings", "admin_audit"):
        page = text(gil.get(reverse(name)))
        tabs = page.partition('aria-label="Administration"')[2].partition("</nav>")[0]
        assert tabs.count('aria-current="page"') == 1, name
