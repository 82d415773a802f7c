"""A served workspace with the cast in it: made once per process, put back after each test that writes."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

FOLDER = Path(tempfile.mkdtemp(prefix="tenure-web-"))
DATABASE = os.environ.get("TENURE_TEST_DATABASE", "")
(FOLDER / "tenure.toml").write_text(f"[web]\ndatabase = {json.dumps(DATABASE)}\n")

import django

with pytest.MonkeyPatch.context() as waking:
    # For the waking alone: other tests of this process must not find a workspace in their environment.
    waking.setenv("TENURE_WORKSPACE", str(FOLDER))
    waking.setenv("DJANGO_SETTINGS_MODULE", "tenure.web.settings")
    django.setup()

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret  # noqa: E402
from browser import chromium  # noqa: E402
from cast import NOW, PASSWORD, PEOPLE, MEMBERS, company  # noqa: E402
from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402

from tenure.desk.add_person import add_person, deactivate_person  # noqa: E402
from tenure.desk import home as place  # noqa: E402
from tenure.desk.home import Home  # noqa: E402
from tenure.desk.models import Person  # noqa: E402
from tenure.workspace import Workspace  # noqa: E402

# Nine people per test: the real hasher takes half a second for each, on purpose.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A file, not memory: the pages' own threads write to it too.
assert settings.DATABASES["default"]["ENGINE"].endswith("postgresql" if DATABASE else "sqlite3")
if not DATABASE:
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(FOLDER / "test.sqlite3")


if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(autouse=True)
def _held_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENURE_NOW", NOW)


@pytest.fixture(scope="session")
def _company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cast") / "company"
    with pytest.MonkeyPatch.context() as held:
        held.setenv("TENURE_NOW", NOW)
        company(Workspace.create(folder, title="Cast & Co"))
    return folder


@pytest.fixture(scope="session")
def _read_only(_company: Path) -> Home:
    with pytest.MonkeyPatch.context() as held:
        held.setenv("TENURE_NOW", NOW)
        return Home(_company)


@pytest.fixture
def served(_read_only: Home, monkeypatch: pytest.MonkeyPatch, db: None) -> Home:
    """The home that pages read. Nothing in it is written to; `writable` gives one of one's own."""
    _read_only._sent = _read_only._logged  # nothing of another test is on its way
    serve(_read_only, monkeypatch)
    return _read_only


@pytest.fixture
def writable(
    _company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> Iterator[Home]:
    """A home of this test alone, with touches really on their way to its lake."""
    shutil.copytree(_company, tmp_path / "company")
    own = Home(tmp_path / "company")
    serve(own, monkeypatch)
    own.present()
    yield own
    if own._maker is not None:
        own._maker.join(60)


@pytest.fixture
def quiet(_company: Path, served: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home of this test alone whose rows are not made anew: it sends when told to, and the lake's rows are looked at."""
    shutil.copytree(_company, tmp_path / "company")
    own = Home(tmp_path / "company")
    own._shown, own._not_before = served.present(), math.inf
    serve(own, monkeypatch)
    return own


def serve(own: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "TENURE_WORKSPACE", own.folder)
    monkeypatch.setattr(place, "_served", own)


@pytest.fixture
def people(request: pytest.FixtureRequest) -> dict[str, Person]:
    """The cast as people who can sign in; Eve was let go."""
    request.getfixturevalue("transactional_db" if "writable" in request.fixturenames else "db")
    found = {
        key: add_person(
            email=f"{key}@cast.example", name=name, role=role, member_id=MEMBERS.get(key, ""),
            password=PASSWORD,
        )
        for key, name, role in PEOPLE
    }  # fmt: skip
    deactivate_person(found["eve"])
    # An administrator without a second factor is sent to set one up (tests/web/test_admin.py).
    TOTP.activate(found["gil"], generate_totp_secret())
    return found


@pytest.fixture
def signed_in(people: dict[str, Person]) -> Callable[[str], Client]:
    """A browser's worth of a person: `signed_in("maya").get("/book")`."""

    def of(key: str) -> Client:
        client = Client()
        if key != "nobody":
            client.force_login(
                people[key], backend="allauth.account.auth_backends.AuthenticationBackend"
            )
        return client

    return of


@pytest.fixture(scope="session")
def engine() -> Iterator[Browser]:
    """One browser for the whole run."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    if not path:
        pytest.skip("No Chromium here, and none can be installed: `apt install chromium`.")
    with pytest.MonkeyPatch.context() as held, sync_playwright() as playwright:
        # The driver keeps a loop in this thread, which Django would take for an asynchronous caller.
        held.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def said() -> list[str]:
    """What a tab's browser objects to."""
    return []


@pytest.fixture
def tab(
    engine: Browser, said: list[str], monkeypatch: pytest.MonkeyPatch, live_server: Any
) -> Iterator[Page]:
    """A tab that writes down whatever the browser objects to, and every address outside."""
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["*"])
    context = engine.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith(live_server.url) else said.append(asked.url),
    )
    yield page
    context.close()
