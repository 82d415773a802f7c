"""Who may open what: every address as every person, made from the URL configuration."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from cast import PEOPLE
from tenure.desk.home import Home

EVERYBODY = ("nobody", *(key for key, _, _ in PEOPLE))
READERS = ("maya", "tom", "jonas", "ines", "paul", "olga")
SIGN_IN = 302
OPEN = (
    "sign-in", "sign-in/closed", "sign-in/organisation", "sign-in/organisation/back", "sign-in/as/<uuid:number>", "join/<str:token>", "welcome/<str:token>",
)  # fmt: skip
GET = {
    # route: who gets which answer for an account of their own, or of anybody where they have none; the rest by default.
    "today": {"maya": 200, "tom": 200, "jonas": 200, "ines": 200, "olga": 200, "paul": 404, "rosa": 404, "gil": 404},
    "accounts/<id:account_id>/flags": dict.fromkeys((*READERS, "rosa", "gil"), 404),  # no flag of ours is open
    "holds/<int:hold_id>/undo": dict.fromkeys((*READERS, "rosa", "gil"), 405),
    "": dict.fromkeys((*READERS, "rosa", "gil"), 302),
    "book": dict.fromkeys((*READERS, "rosa"), 200) | {"gil": 404},
    "book.csv": dict.fromkeys((*READERS, "rosa"), 200) | {"gil": 404},
    "book.xlsx": dict.fromkeys((*READERS, "rosa"), 200) | {"gil": 404},
    "book/bubbles.json": dict.fromkeys((*READERS, "rosa"), 200) | {"gil": 404},
    "book/views": dict.fromkeys((*READERS, "rosa", "gil"), 405),
    "book/views/<int:view_id>/delete": dict.fromkeys((*READERS, "rosa", "gil"), 405),
    "accounts/<id:account_id>": dict.fromkeys((*READERS, "rosa"), 200) | {"gil": 404},
    "accounts/<id:account_id>/numbers/<str:metric>": dict.fromkeys((*READERS, "rosa"), 200) | {"gil": 404},
    "accounts/<id:account_id>/timeline": dict.fromkeys((*READERS, "rosa"), 200) | {"gil": 404},
    "accounts/<id:account_id>/health": dict.fromkeys((*READERS, "rosa"), 200) | {"gil": 404},
    "accounts/<id:account_id>/usage": dict.fromkeys((*READERS, "rosa"), 200) | {"gil": 404},
    "accounts/<id:account_id>/people": dict.fromkeys((*READERS, "rosa"), 200) | {"gil": 404},
    "accounts/<id:account_id>/contract": dict.fromkeys((*READERS, "rosa"), 200) | {"gil": 404},
    "accounts/<id:account_id>/glance": dict.fromkeys((*READERS, "rosa"), 302) | {"gil": 404},
    "accounts/<id:account_id>/voice": dict.fromkeys((*READERS, "rosa"), 200) | {"gil": 404},
    "accounts/<id:account_id>/touch": {
        "maya": 200, "tom": 404, "jonas": 200, "ines": 200, "olga": 200, "paul": 404, "rosa": 404, "gil": 404,
    },
    "accounts/<id:account_id>/call": {
        "maya": 200, "tom": 404, "jonas": 200, "ines": 200, "olga": 200, "paul": 404, "rosa": 404, "gil": 404,
    },
    "search": dict.fromkeys((*READERS, "rosa", "gil"), 200),
    "me": dict.fromkeys((*READERS, "rosa", "gil"), 200),
    "data": {"olga": 200, "gil": 200} | dict.fromkeys((*READERS[:-1], "rosa"), 404),
    "data/freshness": dict.fromkeys((*READERS, "rosa", "gil"), 200),
    "data/findings": {"olga": 200, "gil": 200} | dict.fromkeys((*READERS[:-1], "rosa"), 404),
    "data/matching": dict.fromkeys((*READERS[:-1], "rosa", "gil"), 404) | {"olga": 200},
    "data/matching/pair": dict.fromkeys((*READERS[:-1], "rosa", "gil"), 404) | {"olga": 422},  # no two are named
    "data/sources/<id:source>": {"olga": 200, "gil": 200} | dict.fromkeys((*READERS[:-1], "rosa"), 404),
    "data/import": {"olga": 200, "gil": 200} | dict.fromkeys((*READERS[:-1], "rosa"), 404),
    "data/uploads/<uuid:number>": dict.fromkeys((*READERS, "rosa", "gil"), 404),
    "data/imports/<int:number>": {"olga": 200, "gil": 200} | dict.fromkeys((*READERS[:-1], "rosa"), 404),
    "data/imports/<int:number>/correct": dict.fromkeys((*READERS, "rosa", "gil"), 405),
    "data/imports/<int:number>/refused": {"olga": 200, "gil": 200} | dict.fromkeys((*READERS[:-1], "rosa"), 404),
    "data/imports/<int:number>/refused.csv": dict.fromkeys((*READERS, "rosa", "gil"), 404),
    "accounts/<id:account_id>/plan": dict.fromkeys((*READERS, "rosa"), 200) | {"gil": 404},
    "accounts/<id:account_id>/plan/cadence": {
        "maya": 200, "tom": 404, "jonas": 200, "ines": 200, "olga": 200, "paul": 404, "rosa": 404, "gil": 404,
    },
    "accounts/<id:account_id>/plan/<slug:sheet>": {
        "maya": 200, "tom": 404, "jonas": 200, "ines": 200, "olga": 200, "paul": 404, "rosa": 404, "gil": 404,
    },
    "accounts/<id:account_id>/plan/cadence/end": dict.fromkeys((*READERS, "rosa", "gil"), 404),  # it names no plan
    "accounts/<id:account_id>/plan/back/<uuid:act>": dict.fromkeys((*READERS, "rosa", "gil"), 405),
    "book/plan": {
        "maya": 200, "tom": 200, "jonas": 200, "ines": 200, "olga": 200, "paul": 404, "rosa": 404, "gil": 404,
    },
    "book/plan/done/<uuid:act>": dict.fromkeys((*READERS, "rosa", "gil"), 404),  # nothing was planned under it
    "book/plan/back/<uuid:act>": dict.fromkeys((*READERS, "rosa", "gil"), 405),
    "team/people": dict.fromkeys(("maya", "tom", "jonas", "ines", "rosa"), 200) | {"paul": 404, "olga": 404, "gil": 404},
    # Maya's page: she and her lead; to everybody else it does not exist.
    "team/people/<uuid:person>": dict.fromkeys((*READERS, "rosa", "gil"), 404) | {"maya": 200, "jonas": 200},
    "team/people/<uuid:person>/away": dict.fromkeys((*READERS, "rosa", "gil"), 404) | {"maya": 200, "jonas": 200},
    "team/people/<uuid:person>/release": dict.fromkeys((*READERS, "rosa", "gil"), 405),
    "team/people/<uuid:person>/away/<int:absence>/remove": dict.fromkeys((*READERS, "rosa", "gil"), 405),
    "gallery": {"olga": 200, "gil": 200} | dict.fromkeys((*READERS[:-1], "rosa"), 404),
    "gallery/bubbles.json": {"olga": 200, "gil": 200} | dict.fromkeys((*READERS[:-1], "rosa"), 404),
    "trust": dict.fromkeys((*READERS, "rosa", "gil"), 200),
    "my/notice": dict.fromkeys((*READERS, "rosa", "gil"), 200),
    "standing": dict.fromkeys((*READERS, "rosa", "gil"), 204),
    "team/reassign": {"jonas": 200, "ines": 200, "olga": 200} | dict.fromkeys(("maya", "tom", "paul", "rosa", "gil"), 404),
    "team/reassign/<uuid:act>": dict.fromkeys((*READERS, "rosa", "gil"), 404),
    "team/reassign/<uuid:act>/undo": dict.fromkeys((*READERS, "rosa", "gil"), 405),
    "team/reassign/<uuid:act>/pack": dict.fromkeys((*READERS, "rosa", "gil"), 404),
    "admin": dict.fromkeys((*READERS, "rosa"), 404) | {"gil": 200},
    "admin/people/add": dict.fromkeys((*READERS, "rosa"), 404) | {"gil": 200},
    "admin/people/<uuid:number>": dict.fromkeys((*READERS, "rosa", "gil"), 404),
    "admin/people/<uuid:number>/link": dict.fromkeys((*READERS, "rosa", "gil"), 405),
    "admin/people/<uuid:number>/let-go": dict.fromkeys((*READERS, "rosa", "gil"), 405),
    "admin/people/<uuid:number>/let-in": dict.fromkeys((*READERS, "rosa", "gil"), 405),
    "admin/people/<uuid:number>/factor": dict.fromkeys((*READERS, "rosa", "gil"), 405),
    "admin/set-up": dict.fromkeys((*READERS, "rosa"), 404) | {"gil": 200},
    "admin/set-up/company": dict.fromkeys((*READERS, "rosa"), 404) | {"gil": 200},
    "admin/set-up/models": dict.fromkeys((*READERS, "rosa"), 404) | {"gil": 200},
    "admin/set-up/data": dict.fromkeys((*READERS, "rosa"), 404) | {"gil": 200},
    "admin/people/<uuid:number>/untie": dict.fromkeys((*READERS, "rosa", "gil"), 405),
    "sign-in/organisation": dict.fromkeys(EVERYBODY, 404),
    "sign-in/organisation/back": dict.fromkeys(EVERYBODY, 404),
    "admin/sign-in": dict.fromkeys((*READERS, "rosa"), 404) | {"gil": 200},
    "admin/settings": dict.fromkeys((*READERS, "rosa"), 404) | {"gil": 200},
    "admin/audit": dict.fromkeys((*READERS, "rosa"), 404) | {"gil": 200},
    "admin/audit.csv": dict.fromkeys((*READERS, "rosa"), 404) | {"gil": 200},
    "join/<str:token>": dict.fromkeys(EVERYBODY, 404),
    "welcome/<str:token>": dict.fromkeys(EVERYBODY, 404),
    "sign-in": {"nobody": 200, "eve": 200} | dict.fromkeys((*READERS, "rosa", "gil"), 302),
    "sign-in/as/<uuid:number>": dict.fromkeys(EVERYBODY, 405),
    "sign-in/closed": dict.fromkeys(EVERYBODY, 200),
    "sign-out": {"nobody": 302, "eve": 302} | dict.fromkeys((*READERS, "rosa", "gil"), 200),
    "me/password": dict.fromkeys((*READERS, "rosa", "gil"), 200),
    "me/password/set": dict.fromkeys((*READERS, "rosa", "gil"), 302),
    "me/confirm": dict.fromkeys((*READERS, "rosa", "gil"), 200),
}  # fmt: skip
"""An account of Maya's, sold by Rosa, with the page of each route. What is not said: off to the sign-in."""
SECOND_FACTOR = "me/second-factor/"
"""Of the library's own pages what counts is that nobody reaches them without having signed in, but those of signing in."""
OPEN_SECOND_FACTOR = {"me/second-factor/authenticate/", "me/second-factor/webauthn/login/"}


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, before + str(one.pattern))
        else:
            yield before + str(one.pattern)


def address(route: str, account: str = "alder", person: str = "") -> str:
    route = route.replace("<uuid:person>", person).replace("<int:absence>", "1")
    filled = route.replace("<id:account_id>", account).replace("<str:metric>", "arr_in_force")
    filled = (
        filled.replace("<int:pk>", "1").replace("<int:hold_id>", "1").replace("<int:view_id>", "1")
    )
    filled = filled.replace("<str:token>", "made-up")
    filled = filled.replace("<uuid:act>", "00000000-0000-4000-8000-000000000000")
    filled = filled.replace("<int:number>", "1").replace("<id:source>", "cast")
    filled = filled.replace("<slug:sheet>", "goal")
    return "/" + re.sub("<uuid:[a-z]+>", "00000000-0000-4000-8000-000000000000", filled)


def test_every_route_has_its_row() -> None:
    found = set(routes(get_resolver().url_patterns))

    assert {route for route in found if not route.startswith(SECOND_FACTOR)} == set(GET)
    assert found > {"me/second-factor/"}


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_page_answers_every_person_as_the_matrix_says(
    who: str, served: Home, people: dict, signed_in: Callable[[str], Client]
) -> None:
    client = signed_in(who)
    wrong = {}
    for route, row in GET.items():
        answer = client.get(address(route, person=str(people["maya"].number)))
        expected = row.get(who, SIGN_IN)
        if answer.status_code != expected or (
            who in ("nobody", "eve")
            and route not in OPEN
            and "/sign-in" not in answer.get("Location", "")
        ):
            wrong[route] = answer.status_code

    assert not wrong


@pytest.mark.parametrize("who", ["nobody", "eve"])
def test_pages_of_a_second_factor_are_for_people_who_have_signed_in(
    who: str, served: Home, signed_in: Callable[[str], Client]
) -> None:
    client = signed_in(who)
    for route in routes(get_resolver().url_patterns):
        if route.startswith(SECOND_FACTOR) and route not in OPEN_SECOND_FACTOR:
            answer = client.get(address(route))
            assert answer.status_code == SIGN_IN, route
            assert "/sign-in" in answer["Location"], route


@pytest.mark.parametrize("tail",
    [
        "", "/touch", "/call", "/flags", "/numbers/arr_in_force", "/plan", "/plan/cadence", "/plan/goal",
        "/timeline", "/health", "/usage", "/people", "/contract", "/voice", "/glance",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_foreign_account_and_a_missing_one_look_alike(
    tail: str, method: str, served: Home, signed_in: Callable[[str], Client]
) -> None:
    """Rosa sold alder and birch; elm is somebody else's, and nowhere is nobody's."""
    rosa = signed_in("rosa")
    foreign = getattr(rosa, method)(f"/accounts/elm{tail}")
    missing = getattr(rosa, method)(f"/accounts/nowhere{tail}")

    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content
    assert dict(foreign.headers.items()) == dict(missing.headers.items())


def test_a_book_shows_each_person_what_is_theirs_to_see(
    served: Home, signed_in: Callable[[str], Client]
) -> None:
    maya = signed_in("maya").get("/book").content.decode()
    rosa = signed_in("rosa").get("/book?owner=everyone").content.decode()
    jonas = signed_in("jonas").get("/book").content.decode()

    assert "Alder Works" in maya
    assert "Elm Logistics" not in maya
    assert "Elm Logistics" in signed_in("maya").get("/book?owner=everyone").content.decode()
    assert "Alder Works" in rosa
    assert "Elm Logistics" not in rosa
    assert "Elm Logistics" in jonas


def test_own_book_only_keeps_a_csm_to_their_own(
    served: Home, signed_in: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    settings = served._asked.settings
    monkeypatch.setattr(
        served._asked, "settings", replace(settings, web=replace(settings.web, own_book_only=True))
    )
    maya = signed_in("maya")

    assert "Elm Logistics" not in maya.get("/book?owner=everyone").content.decode()
    assert maya.get("/accounts/elm").status_code == 404
    assert maya.get("/accounts/alder").status_code == 200
    assert signed_in("jonas").get("/accounts/elm").status_code == 200


def test_a_person_let_go_reads_nothing_from_the_next_click_on(
    served: Home, people: dict, signed_in: Callable[[str], Client]
) -> None:
    from tenure.desk.add_person import deactivate_person

    tom = signed_in("tom")
    assert tom.get("/book").status_code == 200

    deactivate_person(people["tom"])

    assert tom.get("/book").status_code == SIGN_IN


def test_a_person_with_another_role_signs_in_anew_and_reads_with_it(
    served: Home, people: dict, signed_in: Callable[[str], Client]
) -> None:
    from tenure.desk.add_person import change_role

    paul = signed_in("paul")
    assert paul.get("/accounts/elm").status_code == 200

    change_role(people["paul"], "sales")

    assert paul.get("/accounts/elm").status_code == SIGN_IN
    assert signed_in("paul").get("/accounts/elm").status_code == 404


@pytest.mark.parametrize(
    "metric", ["time_allocation_shares", "engagement_activity", "arr_per_csm", "nrr"]
)
def test_figures_of_people_and_of_the_company_do_not_open_through_an_account(
    metric: str, served: Home, signed_in: Callable[[str], Client]
) -> None:
    for who in ("maya", "jonas", "rosa", "paul"):
        assert signed_in(who).get(f"/accounts/alder/numbers/{metric}").status_code == 404


@pytest.mark.parametrize("account", ["a/b", "a%2Fb", "..", "~2f", "é ü", "x" * 400, "a?b#c", "<b>"])
def test_every_id_has_an_address_of_its_own(account: str) -> None:
    from urllib.parse import unquote, urlsplit

    from django.urls import resolve, reverse

    address = reverse("account", args=[account])

    assert "/.." not in address
    assert resolve(unquote(urlsplit(address).path)).kwargs == {"account_id": account}
