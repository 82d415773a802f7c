"""The mornings of those who have no queue of their own: where each lands, what it answers, and what it leaves to others.

A CSM's is in test_browser, that of CS ops in test_data_walks, the first one of an administrator in test_first_run.
"""

from __future__ import annotations

import re

from browser import come_in
from django.conf import settings
from playwright.sync_api import Page

from tenure.desk.home import Home
from tenure.desk.models import Person

OPENED = re.compile(r"/accounts/alder$")


def test_a_lead_finds_the_account_that_needs_attention_reads_why_and_looks_before_moving_it(
    served: Home, people: dict[str, Person], tab: Page, said: list[str]
) -> None:
    come_in(tab, people["jonas"])
    tab.goto("/")
    tab.locator("[data-go=b]").click()
    tab.get_by_role("link", name=re.compile("At risk")).first.click()
    first = tab.locator("[data-row]").first
    assert "Alder Works" in first.inner_text()
    assert "Maya Berg" in first.inner_text()
    first.locator("a[data-open]").click()
    tab.wait_for_url(OPENED)
    assert "Sponsor has not answered for 70 days" in tab.locator(".tn-verdict").inner_text()

    tab.get_by_role("link", name="Reassign", exact=True).click()
    tab.locator("select[name=from]").select_option(label="Maya Berg")
    tab.get_by_role("button", name="Show accounts").click()
    tab.get_by_label("Alder Works").check()
    tab.get_by_label("Who takes them over").select_option(label="Tom Ruiz")
    tab.get_by_role("button", name="Preview the move").click()
    shown = tab.locator("main").inner_text()
    assert "Nothing has moved yet: this is what would." in shown
    assert "Move 1 account to Tom Ruiz" in shown
    assert "$177k" in shown  # Maya's book as it is
    assert re.search(r"\$57(\.0)?k", shown)  # and without it
    assert not said


def test_an_executive_reads_the_book_opens_a_number_to_its_rows_and_is_offered_nothing_to_enter(
    served: Home, people: dict[str, Person], tab: Page, said: list[str]
) -> None:
    come_in(tab, people["paul"])
    tab.goto("/")
    tab.wait_for_url("**/book*")
    assert "at risk with $120k" in tab.locator(".tn-head-answer").inner_text()
    tab.locator("[data-row]", has_text="Alder Works").locator("a[data-open]").click()
    tab.wait_for_url(OPENED)
    tab.locator(".tn-facts").get_by_role("link", name="$120k").click()
    drawer = tab.locator(".tn-drawer")
    drawer.wait_for()
    assert "contract_lines.csv" in drawer.inner_text() or "l-alder" in drawer.inner_text()
    page = tab.locator("main").inner_text()
    assert "Log touch" not in page
    assert "put down" not in page
    assert "Today" not in tab.locator(".tn-rail").inner_text()
    assert not said


def test_sales_reads_the_accounts_it_sold_with_what_was_handed_over_and_no_other(
    served: Home, people: dict[str, Person], tab: Page, said: list[str]
) -> None:
    come_in(tab, people["rosa"])
    tab.goto("/")
    tab.wait_for_url("**/book*")
    names = tab.locator("[data-row] a[data-open]").all_inner_texts()
    assert sorted(names) == ["Alder Works", "Birch & Co"]
    tab.get_by_role("link", name="Alder Works").click()
    tab.get_by_role("link", name="Plan", exact=True).click()
    assert "Handoff" in tab.locator("main").inner_text()
    assert tab.get_by_role("link", name=re.compile("^Add ")).count() == 0
    tab.goto("/accounts/elm")
    assert "Nothing here" in tab.locator("h1").inner_text()
    assert [line for line in said if "404" not in line] == []


def test_an_administrator_adds_a_person_hands_over_their_link_and_finds_it_in_the_trail(
    served: Home, people: dict[str, Person], tab: Page, said: list[str]
) -> None:
    come_in(tab, people["gil"])
    tab.goto("/admin")
    tab.get_by_role("link", name="Add a person").click()
    tab.get_by_label("E-mail").fill("nina@cast.example")
    tab.get_by_label("Name").fill("Nina Roth")
    tab.get_by_role("button", name="Add person").click()
    handed = tab.locator("input[value*='/join/']").input_value()
    tab.goto("/admin/audit")
    assert "Nina Roth" in tab.locator("tbody tr").first.inner_text()
    assert "Alder" not in tab.locator("main").inner_text()

    tab.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    tab.goto(handed[handed.index("/join/") :])
    assert "Welcome, Nina Roth" in tab.locator("main, body").first.inner_text()
    assert not said
