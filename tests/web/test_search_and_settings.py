"""Search by a few letters, and how a person wants the pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from cast import SCRIPT
from tenure.desk.home import Home
from tenure.desk.models import Person

Signed = Callable[[str], Client]


def found(client: Client, text: str) -> str:
    return client.get("/search", {"text": text}, headers={"HX-Request": "true"}).content.decode()


def test_letters_find_accounts_pages_and_kept_views(served: Home, signed_in: Signed) -> None:
    jonas = signed_in("jonas")
    jonas.post("/book/views", {"name": "Alder and friends", "query": "zone=at_risk"})
    page = found(jonas, "alder")

    assert "Alder Works" in page
    assert "Alder and friends" in page
    assert "zone=at_risk" in page
    assert "<html" not in page
    assert "Today" in found(jonas, "tod")
    assert "<html" in jonas.get("/search?text=alder").content.decode()


def test_search_shows_nobody_what_is_not_theirs(served: Home, signed_in: Signed) -> None:
    assert "Elm" not in found(signed_in("rosa"), "elm").replace("“elm”", "")
    assert "Elm Logistics" in found(signed_in("maya"), "elm")
    assert "Alder" not in found(signed_in("gil"), "alder").replace("“alder”", "")
    assert "Today" not in found(signed_in("gil"), "today").replace("“today”", "")


@pytest.mark.parametrize("text", [SCRIPT, "<script>", "%", "'", "x" * 5000, "\x00"])
def test_odd_letters_find_nothing_and_break_nothing(
    text: str, served: Home, signed_in: Signed
) -> None:
    answer = signed_in("jonas").get("/search", {"text": text})

    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode().replace("<script src", "")
    assert "<img src=x" not in answer.content.decode()


def test_settings_of_the_pages_are_kept_and_shown(
    served: Home, signed_in: Signed, people: dict[str, Person]
) -> None:
    maya = signed_in("maya")
    answer = maya.post("/me", {"theme": "dark", "density": "comfortable"})
    page = maya.get("/book").content.decode()

    assert answer.status_code == 302
    assert '<html lang="en" data-theme="dark" data-density="comfortable" data-keys="off">' in page
    assert '<html lang="en">' in signed_in("jonas").get("/book").content.decode()


@pytest.mark.parametrize("changed", [{"theme": "pink"}, {"density": ""}])
def test_a_setting_that_does_not_exist_is_refused(
    changed: dict[str, str], served: Home, signed_in: Signed, people: dict[str, Person]
) -> None:
    answer = signed_in("maya").post("/me", {"theme": "dark", "density": "dense", **changed})

    assert answer.status_code == 422
    people["maya"].refresh_from_db()
    assert people["maya"].theme == "system"
