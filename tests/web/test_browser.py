"""In a real browser: a morning, keys, no script that was not allowed, and nothing that axe objects to."""

from __future__ import annotations

from typing import Any

import pytest
from browser import objections, sign_in, sign_out
from playwright.sync_api import Page
from trusting import figures_on

from tenure.desk.home import Home
from tenure.desk.keeping import Keeper
from tenure.desk.models import Person

PAGES = (
    "/today", "/today?tab=coming", "/today?tab=done", "/book", "/book?mode=bubble", "/book?mode=calendar",
    "/book?cols=renewal,days_past_cadence", "/book/plan?account=alder&account=elm", "/accounts/alder",
    "/accounts/alder/touch", "/accounts/alder/plan", "/accounts/alder/plan/review", "/accounts/alder/timeline", "/accounts/alder/health",
    "/accounts/alder/usage", "/accounts/alder/people", "/accounts/alder/contract", "/accounts/alder/voice", "/accounts/cedar",
    "/accounts/alder/numbers/arr_in_force", "/me/second-factor/", "/me", "/search?text=al",
    "/team/people", "/trust", "/my/notice", "/data/freshness", "/nowhere",
)  # fmt: skip
WIDTHS = (1440, 1024, 390)


def test_a_csm_finds_what_needs_them_understands_why_logs_a_touch_and_sees_it_counted(
    writable: Home, people: dict[str, Person], tab: Page, said: list[str]
) -> None:
    Keeper(writable).round()
    writable.until_current(60)
    sign_in(tab, "maya")
    first = tab.locator("[data-row]").first
    assert "Alder Works" in first.inner_text()
    assert "Sponsor has not answered for 70 days" in first.inner_text()

    first.get_by_role("link", name="Alder Works").click()
    tab.locator(".tn-facts").get_by_role("link", name="$120k").click()
    tab.locator(".tn-drawer").wait_for()
    assert "contract_lines l-alder" in tab.locator(".tn-drawer").inner_text()
    tab.keyboard.press("Escape")
    assert tab.locator(".tn-drawer").count() == 0

    tab.get_by_role("link", name="Log touch").click()
    tab.get_by_label("What").select_option("call")
    tab.get_by_label("When").fill("2026-06-15T08:30")
    tab.get_by_label("Dana of alder").check()
    tab.get_by_label("In one line").fill("Talked about the renewal")
    tab.get_by_role("button", name="Log a touch").click()
    writable.until_current(60)
    tab.goto("/accounts/alder")

    assert "Talked about the renewal" in tab.locator("main").inner_text()
    assert "0 days" in tab.locator(".tn-numbers").first.inner_text()
    assert not said


def test_a_book_is_walked_with_keys_alone(
    served: Home, people: dict[str, Person], tab: Page, said: list[str]
) -> None:
    sign_in(tab, "jonas")
    tab.keyboard.press("g")
    tab.keyboard.press("b")
    tab.wait_for_url("**/book")
    tab.keyboard.press("j")
    tab.keyboard.press("j")
    tab.keyboard.press("k")
    assert tab.evaluate("document.activeElement.textContent") == "Alder Works"
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/accounts/alder")
    tab.keyboard.press("l")
    tab.wait_for_url("**/accounts/alder/touch")
    tab.locator("h1").click()
    tab.keyboard.press("g")
    tab.keyboard.press("b")
    tab.wait_for_url("**/book")
    tab.keyboard.press("/")
    assert tab.evaluate("document.activeElement.id") == "search"
    tab.keyboard.type("birch")
    tab.locator("#found a").first.wait_for()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/accounts/birch")
    tab.goto("/book")
    tab.keyboard.press("j")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/accounts/alder")
    tab.keyboard.press("]")
    tab.wait_for_url("**/accounts/birch")  # the next by zone and ARR
    tab.keyboard.press("[")
    tab.wait_for_url("**/accounts/alder")
    tab.keyboard.press("e")
    tab.locator(".tn-drawer").wait_for()
    tab.keyboard.press("Escape")
    tab.keyboard.press("?")
    tab.wait_for_url("**/me#keys")
    assert not said


def test_a_bubble_is_drawn_chosen_by_dragging_and_opens_its_account(
    served: Home, people: dict[str, Person], tab: Page, said: list[str]
) -> None:
    sign_in(tab, "jonas")
    tab.goto("/book?mode=bubble")
    tab.locator("[data-drawn='']").wait_for()
    box = tab.locator("[data-chart-place] svg .background").first.bounding_box()
    assert box is not None
    tab.mouse.move(box["x"] + 2, box["y"] + box["height"] * 0.4)
    tab.mouse.down()
    tab.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] - 2, steps=5)
    tab.mouse.up()

    assert "2 chosen" in tab.locator("[data-chart-said]").inner_text()
    assert tab.locator("tr.tn-chosen").count() == 2  # dogwood with 55 and alder with 41
    tab.goto("/book?mode=bubble")
    tab.locator("[data-drawn='']").wait_for()
    bubble = tab.locator(".mark-symbol path[aria-label*='Alder Works']")
    bubble.hover(force=True)
    assert "Alder Works: at risk, 41" in tab.locator("[data-chart-under]").inner_text()
    bubble.click(force=True)
    tab.wait_for_url("**/accounts/alder")
    assert not said


def test_a_lead_reads_what_a_csm_has_opened_and_the_csm_reads_who_looked(
    served: Home, people: dict[str, Person], tab: Page, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    figures_on(served, monkeypatch, people)
    sign_in(tab, "maya")
    tab.get_by_role("link", name="Trust", exact=True).click()
    assert "Nobody has opened your page this month." in tab.locator("main").inner_text()
    tab.get_by_role("link", name="Open my page").click()
    assert "Engagement activity" in tab.locator("main").inner_text()
    sign_out(tab)

    sign_in(tab, "jonas")
    tab.get_by_role("link", name="Team", exact=True).click()
    tab.get_by_role("link", name="Maya Berg").click()
    read = tab.locator("main").inner_text()
    assert "Your view is logged; Maya Berg can see it." in read
    assert "Engagement activity" in read
    sign_out(tab)

    sign_in(tab, "maya")
    tab.get_by_role("link", name="Trust", exact=True).click()
    assert "Jonas Weiss" in tab.locator("#views").inner_text()
    assert "own figures up to 14 Jun 2026" in tab.locator("#views").inner_text()
    assert not said


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_objects_to_nothing_on_any_page_and_nothing_scrolls_sideways(
    theme: Any, served: Home, people: dict[str, Person], tab: Page, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    figures_on(served, monkeypatch, people)
    person = f"/team/people/{people['maya'].number}"
    tab.emulate_media(color_scheme=theme)
    tab.goto("/sign-in")
    found = objections(tab, "/sign-in")
    sign_in(tab, "maya")
    for address in (*PAGES, person, f"{person}/away"):
        tab.set_viewport_size({"width": WIDTHS[0], "height": 900})
        tab.goto(address)
        found += objections(tab, address)
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 900})
            wide = tab.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                found.append(f"{address} at {width}: {wide} wide")

    assert not found
    assert [line for line in said if "404" not in line] == []
