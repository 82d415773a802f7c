"""The first two minutes of the demo, on the company that `make demo` simulates: what needs me, and can it be checked."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from conftest import serve
from tenure.desk.demo_people import add_demo_people
from tenure.desk.home import Home
from tenure.desk.keeping import Keeper
from tenure.desk.models import Person
from tenure.simulate.run import simulate
from tenure.workspace import Workspace

pytestmark = [pytest.mark.night, pytest.mark.django_db(transaction=True)]
NOW = "2026-10-05T08:30:00"


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """What the recipe of the demo makes, by the same doors."""
    monkeypatch.setenv("TENURE_NOW", NOW)
    simulate(tmp_path / "exports", accounts=240, months=30, seed=7, end=date(2026, 10, 5))
    made = Workspace.create(tmp_path / "company", title="Demo company", gross_margin=0.8)
    made.import_folder(tmp_path / "exports")
    home = Home(tmp_path / "company")
    serve(home, monkeypatch)
    assert Keeper(home).round()
    home.until_current(120)
    add_demo_people()
    return home


def test_minute_nought_shows_what_needs_me_first_and_why(demo: Home) -> None:
    for person in Person.objects.filter(role="csm"):
        page = _page(person, "/today")
        rows = re.findall(r"<tr data-row.*?</tr>", page, re.DOTALL)

        assert 1 <= len(rows) <= 25, person.name
        assert re.search(r"tn-why\">[^<]{10,}\.", rows[0])
        assert re.search(r"\$[\d.]+[kM]", rows[0])
        assert "At risk" in rows[0] or "in " in rows[0]


def test_minute_one_opens_the_number_at_stake_to_its_rows(demo: Home) -> None:
    person = Person.objects.filter(role="csm").first()
    assert person is not None
    address = re.search(r'href="(/accounts/[^"]+/numbers/arr_in_force)"', _page(person, "/today"))
    assert address is not None
    drawer = _page(person, address[1], headers={"HX-Request": "true"})

    assert "Formula" in drawer
    assert "contract_lines.csv" in drawer
    assert "as of" in drawer.lower()
    account = _page(person, address[1].split("/numbers")[0])
    assert re.search(r"– <span class=\"tn-none\">[a-z ]+", account) or "tn-none" in account


def _page(person: Person, address: str, headers: dict[str, str] | None = None) -> str:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.get(address, headers=headers or {}).content.decode()
