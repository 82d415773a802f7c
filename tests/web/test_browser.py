"""In a real browser: a morning, keys, no script that was not allowed, and nothing that axe objects to."""

from __future__ import annotations

from typing import Any

import pytest
from browser import come_in, objections, sign_in, sign_out
from playwright.sync_api import Page
from trusting import figures_on

from cast import PASSWORD
from nightly import examples
from tenure.desk.add_person import add_person
from tenure.desk.home import Home
from tenure.desk.keeping import Keeper
from tenure.desk.let_in import first_run_link, make_link
from tenure.desk.models import Person

PERSON = "/team/people/{maya}"
MAYA = "/admin/people/{maya}"
PAGES = {
    "maya": (
        "/today", "/today?tab=coming", "/today?tab=done", "/book", "/book?mode=bubble", "/book?mode=calendar",
        "/book?cols=renewal,days_past_cadence", "/book/plan?account=alder&account=elm", "/book/plan", "/accounts/alder",
        "/accounts/alder/touch", "/accounts/alder/call", "/accounts/alder/plan", "/accounts/alder/plan/review",
        "/accounts/alder/plan/cadence", "/accounts/alder/timeline", "/accounts/alder/health", "/accounts/alder/usage",
        "/accounts/alder/people", "/accounts/alder/contract", "/accounts/alder/voice", "/accounts/cedar", "/accounts/alder/numbers/arr_in_force",
        "/me/second-factor/", "/me", "/me/password", "/search?text=al", "/search?then=touch", "/team/people", PERSON,
        f"{PERSON}/away", "/trust", "/my/notice", "/data/freshness", "/nowhere", "/sign-out", "/today?as_of=2026-05-01",
    ),
    "jonas": (
        "/book", "/team/people", PERSON, "/team/reassign", "/team/reassign?from=U1",
        "/team/reassign?from=U1&account=alder&to=U2&day=2026-06-15&preview=1",
    ),
    "olga": ("/data", "/data/findings", "/data/import", "/data/sources/cast", "/data/imports/1", "/data/imports/1/refused", "/data/matching"),
    "gil": (
        "/admin", "/admin/people/add", MAYA, "/admin/set-up", "/admin/set-up/company", "/admin/set-up/models",
        "/admin/set-up/data", "/admin/sign-in", "/admin/settings", "/admin/audit", "/admin/audit?verb=nothing", "/data",
    ),
}  # fmt: skip
WIDTHS = (1440, 1024, 390)
KNOWN = ("404", "[DOM] Password forms")
"""What the browser may say: the page that is missing, and advice to its own keeper of passwords."""
COMBINED = tuple((theme, width) for width in (1440, 390, 1024) for theme in ("light", "dark"))
"""In which axe looks: at the gallery in each of them, at a page in one by day, another for the next page, and in all by night."""


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
    assert "contract lines l-alder" in tab.locator(".tn-drawer").inner_text()
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
    tab.keyboard.press("Space")
    tab.locator(".tn-glance").wait_for()
    assert "Sponsor" in tab.locator(".tn-glance").inner_text()
    tab.keyboard.press("Space")
    assert tab.locator(".tn-glance").count() == 0
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
    tab.goto("/accounts/birch/timeline")  # the same part of the account before it
    tab.keyboard.press("[")
    tab.wait_for_url("**/accounts/alder/timeline")
    tab.goto("/accounts/alder")
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


def test_axe_objects_to_nothing_in_the_gallery_in_any_theme_and_width(
    served: Home, people: dict[str, Person], tab: Page, said: list[str]
) -> None:
    come_in(tab, people["olga"])
    found = []
    for theme, width in COMBINED:
        found += _looked_at(tab, "/gallery", theme, width)
    tab.locator("[data-drawn]").wait_for(state="attached")

    assert not found
    assert not said


@pytest.mark.parametrize("who", PAGES)
def test_axe_objects_to_nothing_on_any_page_and_nothing_scrolls_sideways(
    who: str, served: Home, people: dict[str, Person], tab: Page, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    figures_on(served, monkeypatch, people)
    come_in(tab, people[who])
    found = []
    for index, page in enumerate(PAGES[who]):
        address = page.format(maya=people["maya"].number)
        for turn in range(examples(1, night=len(COMBINED))):
            found += _looked_at(tab, address, *COMBINED[(index + turn) % len(COMBINED)])
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 900})
            wide = tab.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                found.append(f"{address} at {width}: {wide} wide")

    assert not found
    assert [line for line in said if not any(known in line for known in KNOWN)] == []


def test_axe_objects_to_nothing_where_peoplecome_in(
    served: Home, tab: Page, said: list[str]
) -> None:
    welcome = f"/welcome/{first_run_link()}"
    person = add_person(email="new@cast.example", name="New Comer", role="csm", password=PASSWORD)
    found = []
    for index, address in enumerate(("/sign-in", welcome, f"/join/{make_link(person)}", "/join/no-such-link", "/sign-in/closed")):  # fmt: skip
        found += _looked_at(tab, address, *COMBINED[index])

    assert not found
    assert [line for line in said if not any(known in line for known in KNOWN)] == []


def test_an_opened_number_gives_the_focus_back_and_every_stop_of_the_keyboard_is_seen(
    served: Home, people: dict[str, Person], tab: Page, said: list[str]
) -> None:
    come_in(tab, people["maya"])
    tab.goto("/accounts/alder")
    number = tab.locator(".tn-facts").get_by_role("link", name="$120k")
    number.focus()
    tab.keyboard.press("Enter")
    tab.locator(".tn-drawer").wait_for()
    tab.locator("[data-close]").click()
    assert number.evaluate("one => one === document.activeElement")

    for address in ("/today", "/book", "/accounts/alder/touch", "/me"):
        tab.goto(address)
        unseen = []
        for _ in range(60):
            tab.keyboard.press("Tab")
            told = tab.evaluate(
                """() => {
                  const one = document.activeElement;
                  if (one === document.body) return null;
                  /* Chromium draws the parts of a date itself. */
                  if (String(one.type).startsWith('date')) return [true];
                  const style = getComputedStyle(one), box = one.getBoundingClientRect();
                  return [style.outlineStyle !== 'none' && box.width > 0 && box.height > 0, one.outerHTML.slice(0, 90)];
                }"""
            )
            if told is None:
                break
            if not told[0]:
                unseen.append(told[1])
        assert unseen == [], address


def test_a_phone_has_five_places_below_and_the_others_under_more(
    served: Home, people: dict[str, Person], tab: Page, said: list[str]
) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    come_in(tab, people["jonas"])
    tab.goto("/book")
    below = tab.get_by_role("navigation", name="Pages, below")
    assert below.inner_text().split() == ["Today", "Book", "Search", "Add", "More"]

    below.get_by_text("More").click()
    below.get_by_role("link", name="Reassign").click()
    tab.wait_for_url("**/team/reassign")
    below.get_by_role("link", name="Search").click()
    tab.get_by_role("searchbox").fill("birch")
    tab.locator("#found a").first.click()
    tab.wait_for_url("**/accounts/birch")
    assert not said


def test_a_book_prints_its_rows_whole_and_nothing_that_one_clicks(
    served: Home, people: dict[str, Person], tab: Page
) -> None:
    come_in(tab, people["jonas"])
    tab.goto("/book")
    tab.emulate_media(media="print", color_scheme="dark")
    shown = tab.evaluate(
        """() => [...document.querySelectorAll('button, input, select, nav, header, summary')]
          .filter(one => one.checkVisibility()).map(one => one.outerHTML.slice(0, 80))"""
    )
    ground = tab.evaluate(
        "getComputedStyle(document.querySelector('.tn-table th')).backgroundColor"
    )

    assert shown == []
    assert ground == "rgb(255, 255, 255)"
    assert "Sponsor has not answered for 70 days" in tab.locator("main").inner_text()
    assert "Data as of 15 Jun 2026" in tab.locator("main").inner_text()


def _looked_at(tab: Page, address: str, theme: Any, width: int) -> list[str]:
    tab.emulate_media(color_scheme=theme)
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(address)
    wide = tab.evaluate("document.documentElement.scrollWidth")
    found = [f"{address} at {width}: {wide} wide"] if wide > width else []
    return found + objections(tab, f"{address}, {theme} at {width}")
