"""The gallery shows every shared part, to those it is for, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

import tenure.web
from tenure.desk.home import Home

SHARED = {path.name for path in (Path(tenure.web.__file__).parent / "templates").glob("_*.html")}


def test_every_shared_part_is_on_the_gallery(
    served: Home, signed_in: Callable[[str], Client]
) -> None:
    shown = {one.name for one in signed_in("olga").get("/gallery").templates}

    assert shown >= SHARED
    assert shown >= {"book/_table.html", "today/_queue.html", "book/_filters.html"}


def test_what_is_sent_from_the_gallery_changes_nothing_and_says_so(
    served: Home, signed_in: Callable[[str], Client]
) -> None:
    answer = signed_in("olga").post("/gallery", follow=True)

    assert "Nothing was changed: this is the gallery." in answer.content.decode()


def test_in_the_demo_everybody_may_look_and_finds_it_from_their_settings(
    served: Home, signed_in: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    maya = signed_in("maya")
    assert maya.get("/gallery").status_code == 404
    assert "/gallery" not in maya.get("/me").content.decode()

    monkeypatch.setattr(settings, "TENURE_DEMO", True)

    assert maya.get("/gallery").status_code == 200
    assert 'href="/gallery"' in maya.get("/me").content.decode()


def test_add_asks_for_an_account_that_one_may_enter_on_and_goes_straight_to_its_form(
    served: Home, signed_in: Callable[[str], Client]
) -> None:
    maya = signed_in("maya").get("/search?then=touch").content.decode()

    assert 'href="/accounts/alder/touch"' in maya
    assert "Elm Logistics" not in maya
    assert "?then=touch" in maya  # in the bar below
    assert "/touch" not in signed_in("paul").get("/search?then=touch&text=al").content.decode()
    assert "then=touch" not in signed_in("paul").get("/book").content.decode()
