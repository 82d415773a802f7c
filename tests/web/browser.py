"""The distribution's Chromium: found, or installed where that is possible; nothing is ever downloaded by a library."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from django.conf import settings
from django.test import Client

from cast import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tenure.desk.models import Person

NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Where it is; empty where there is none and none can be installed."""
    found = _found()
    if not found and shutil.which("apt-get") and os.geteuid() == 0:
        for words in (
            ["update", "-q"],
            ["install", "-q", "-y", "--no-install-recommends", "chromium"],
        ):
            subprocess.run(["apt-get", *words], capture_output=True, check=False, timeout=280)
        found = _found()
    return found


def _found() -> str:
    return next((path for name in NAMES if (path := shutil.which(name))), "")


def sign_in(tab: Page, key: str) -> None:
    """As one of the cast, by password."""
    tab.goto("/sign-in")
    tab.get_by_label("E-mail").fill(f"{key}@cast.example")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    tab.wait_for_url("**/today")


def come_in(tab: Page, person: Person) -> None:
    """Signed in, without the form: that has tests of its own."""
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    tab.goto("/sign-in")
    tab.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": tab.url}])


def sign_out(tab: Page) -> None:
    """By the menu under one's name."""
    tab.locator(".tn-bar-who summary").click()
    tab.get_by_role("button", name="Sign out").click()


def objections(tab: Page, address: str) -> list[str]:
    """What axe calls serious or critical on the page that is open."""
    from axe_playwright_python.sync_playwright import Axe

    grave = ("serious", "critical")
    results = Axe().run(tab).response["violations"]
    return [
        f"{address}: {v['id']} {[n['target'] for n in v['nodes']][:3]}"
        for v in results
        if v["impact"] in grave
    ]
