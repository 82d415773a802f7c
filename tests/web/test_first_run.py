"""From nobody to a first administrator, once and never again, and the steps after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from test_signing_in import code_now

from cast import PASSWORD
from tenure.desk.home import Home
from tenure.desk.let_in import add_first_administrator, first_run_link
from tenure.desk.models import Person
from tenure.kernel.errors import UserError
from tenure.kernel.settings import load_settings

ADA = {"name": "Ada Lind", "email": "ada@cast.example", "password": PASSWORD}


def text(answer: Any) -> str:
    return answer.content.decode()


def test_the_first_administrator_signs_up_sets_a_second_factor_and_walks_through_the_steps(
    writable: Home,
) -> None:
    ada = Client()
    address = f"/welcome/{first_run_link()}"
    assert ada.get(address).status_code == 200
    assert "too short" in text(ada.post(address, ADA | {"password": "short"}))
    assert ada.post(address, ADA)["Location"] == "/"

    assert ada.get("/")["Location"] == "/me/second-factor/"
    secret = ada.get("/me/second-factor/totp/activate/").context["form"].secret
    ada.post("/me/second-factor/totp/activate/", {"code": code_now(secret)})
    assert ada.get("/")["Location"] == "/admin/set-up"

    company = ada.get("/admin/set-up/company")
    typed = {"title": "Acme", "time_zone": "Europe/Berlin", "reporting_currency": "EUR", "mark": company.context["form"].initial["mark"]}  # fmt: skip
    assert ada.post("/admin/set-up/company", typed)["Location"] == "/admin/set-up/models"
    models = ada.get("/admin/set-up/models")
    assert "Usage is revenue: a fall is a loss before any renewal." in text(models)
    chosen = {
        "business_model": ["plg", "consumption"],
        "mark": models.context["form"].initial["mark"],
    }
    assert ada.post("/admin/set-up/models", chosen)["Location"] == "/admin/set-up/data"

    found = load_settings(writable.folder)
    assert (found.title, found.time_zone, found.reporting_currency) == ("Acme", "Europe/Berlin", "EUR")  # fmt: skip
    assert found.business_models == ("plg", "consumption")
    assert "6 accounts loaded" in text(ada.get("/admin/set-up"))
    assert "1 of 4 steps left" in text(ada.get("/admin/set-up"))


def test_the_way_in_is_closed_for_ever_once_there_is_an_administrator(served: Home) -> None:
    first = first_run_link()
    second = first_run_link()
    assert Client().get(f"/welcome/{first}").status_code == 404
    assert Client().post(f"/welcome/{second}", ADA).status_code == 302

    late = ADA | {"email": "eve@cast.example"}
    for token in (first, second, "anything"):
        assert Client().get(f"/welcome/{token}").status_code == 404
        assert Client().post(f"/welcome/{token}", late).status_code == 404
    assert first_run_link() == ""
    assert Person.objects.count() == 1


def test_an_administrator_made_on_the_command_line_closes_the_way_in_too(
    served: Home, people: Any
) -> None:
    from tenure.desk.models import OneTimeLink

    OneTimeLink.objects.all().delete()

    assert first_run_link() == ""


def test_a_link_of_the_first_run_is_open_for_an_hour(
    served: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = first_run_link()
    monkeypatch.setenv("TENURE_NOW", "2026-06-15T10:00:01")

    assert Client().get(f"/welcome/{token}").status_code == 404


def test_of_two_who_come_by_one_link_one_is_let_in(served: Home) -> None:
    token = first_run_link()
    add_first_administrator(token, **ADA)

    with pytest.raises(UserError) as refused:
        add_first_administrator(token, **(ADA | {"email": "eve@cast.example"}))

    assert refused.value.code == "link.spent"


def test_a_link_of_a_person_makes_no_administrator(
    served: Home, people: Any, signed_in: Callable[[str], Client]
) -> None:
    from tenure.desk.let_in import make_link

    token = make_link(people["maya"])

    assert Client().get(f"/welcome/{token}").status_code == 404
    with pytest.raises(UserError):
        add_first_administrator(token, **ADA)


def test_the_terminal_says_the_way_in_while_there_is_no_administrator_and_never_in_the_demo(
    served: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    from tenure.cli.serving import _say_first_run

    _say_first_run("http://localhost:8000", demo=True)
    assert capsys.readouterr().out == ""

    _say_first_run("http://localhost:8000", demo=False)
    address = capsys.readouterr().out.split("http://localhost:8000")[1].strip()
    assert Client().post(address, ADA).status_code == 302

    _say_first_run("http://localhost:8000", demo=False)
    assert capsys.readouterr().out == ""
