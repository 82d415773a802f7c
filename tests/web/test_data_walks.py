"""In a real browser, as CS ops: a wrong reading corrected, and a refused row mended, without anybody's help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser import objections, sign_in
from playwright.sync_api import Page

from tenure.desk.home import Home
from tenure.desk.import_files import until_done
from tenure.desk.models import Person, Upload

KUNDEN = "Customer No,Company,Size,Since\n1001,Meridian Health,Gold,2025-02-03\n1002,Baltic Freight,Bronze,2025-03-17\n"
WIDTHS = (1440, 1024, 390)


def give(tab: Page, file: Path, source: str) -> None:
    tab.get_by_role("link", name="Data", exact=True).click()
    tab.get_by_role("link", name="Import", exact=True).first.click()
    tab.get_by_label("Files").set_input_files(str(file))
    tab.get_by_label("Source").fill(source)
    tab.get_by_role("button", name="Look at the files").click()
    tab.wait_for_url("**/data/uploads/*")


def imported(tab: Page) -> None:
    tab.get_by_role("button", name="Import", exact=True).click()
    tab.get_by_role("heading", name="Imported as import").wait_for(timeout=30_000)


def test_a_wrong_mapping_is_seen_in_the_book_and_corrected_afterwards(
    writable: Home, people: dict[str, Person], tab: Page, said: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "Kunden 2026-10.csv"
    file.write_text(KUNDEN)
    sign_in(tab, "olga")
    give(tab, file, "billing")
    assert "Company" in tab.get_by_label("Their column for name").input_value()
    tab.get_by_label("Their column for name").select_option("Size")
    tab.get_by_role("button", name="Keep and preview").click()
    assert "2 new" in tab.locator("main").inner_text()
    imported(tab)
    writable.until_current(60)
    tab.goto("/book?owner=everyone")
    assert "Gold" in tab.locator("main").inner_text()

    tab.goto("/data/sources/billing")
    tab.get_by_role("button", name="Correct how it was read").first.click()
    tab.get_by_label("Their column for name").select_option("Company")
    tab.get_by_role("button", name="Keep and preview").click()
    assert "2 replaced" in tab.locator("main").inner_text()
    imported(tab)
    writable.until_current(60)
    tab.goto("/book?owner=everyone")

    assert "Meridian Health" in tab.locator("main").inner_text()
    assert "Gold" not in [a.inner_text() for a in tab.locator("[data-open]").all()]
    assert not said


def test_a_refused_row_is_mended_in_the_browser_and_leaves_the_list_when_it_is_in(
    writable: Home, people: dict[str, Person], tab: Page, said: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text(
        "account_id,name,start_date\ngum,Gum Ltd,soon\nnut,Nut & Co,never\noak,Oak,2026-01-01\n"
    )
    sign_in(tab, "olga")
    give(tab, file, "crm")
    tab.get_by_role("link", name="Look at the preview").click()
    assert "2 rows would be refused" in tab.locator("main").inner_text()
    imported(tab)
    tab.get_by_role("link", name="See what became of the rows").click()
    tab.get_by_role("link", name="Mend refused rows").click()
    assert "2 rows of accounts.csv wait" in tab.locator("main").inner_text()

    tab.get_by_label("start_date of line 2").fill("2026-02-30")
    tab.get_by_role("button", name="Try again").first.click()
    assert "refused again" in tab.locator("main").inner_text()
    assert tab.get_by_label("start_date of line 2").input_value() == "2026-02-30"
    tab.get_by_label("start_date of line 2").fill("2026-02-03")
    tab.get_by_role("button", name="Try again").first.click()
    assert "1 row landed" in tab.locator("main").inner_text()
    assert "1 row of accounts.csv waits" in tab.locator("main").inner_text()
    tab.get_by_label("Choose line 3").check()
    tab.get_by_label("Why not wanted").fill("a test account")
    tab.get_by_role("button", name="Leave chosen rows out").click()
    assert "No row waits" in tab.locator("main").inner_text()

    writable.until_current(60)
    tab.goto("/book?owner=everyone")
    assert "Gum Ltd" in tab.locator("main").inner_text()
    assert not [line for line in said if "422" not in line]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_objects_to_nothing_on_the_data_pages_and_nothing_scrolls_sideways(
    theme: Any,
    writable: Home,
    people: dict[str, Person],
    tab: Page,
    said: list[str],
    tmp_path: Path,
) -> None:
    tab.emulate_media(color_scheme=theme)
    file = tmp_path / "Kunden 2026-10.csv"
    file.write_text(KUNDEN.replace("2025-03-17", "never") + "1003,Cobalt,Tin,never\n")
    sign_in(tab, "olga")
    give(tab, file, "billing")
    address = tab.url
    found = look(tab, address, address + "?step=preview")
    tab.goto(address + "?step=preview")
    tab.get_by_role("button", name="Import", exact=True).click()
    number = until_done(Upload.objects.get()).number
    found += look(
        tab, address, "/data", "/data/freshness", "/data/findings", "/data/import", "/data/sources/billing",
        f"/data/imports/{number}", f"/data/imports/{number}/refused",
    )  # fmt: skip

    assert not found
    assert not said


def look(tab: Page, *addresses: str) -> list[str]:
    found = []
    for address in addresses:
        tab.set_viewport_size({"width": WIDTHS[0], "height": 900})
        tab.goto(address)
        found += objections(tab, address)
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 900})
            wide = tab.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                found.append(f"{address} at {width}: {wide} wide")
    tab.set_viewport_size({"width": WIDTHS[0], "height": 900})
    return found
