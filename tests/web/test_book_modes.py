"""The Book as table with chosen columns, as bubbles, as calendar, as a sheet, and under a name."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from cast import FORMULA
from tenure.desk.home import Home
from tenure.desk.models import Person, SavedView
from tenure.desk.save_view import MOST, save_view
from tenure.kernel.errors import UserError

Signed = Callable[[str], Client]


def body(answer: Any) -> str:
    return answer.content.decode()


def test_any_metric_can_be_a_column_and_every_cell_opens(served: Home, signed_in: Signed) -> None:
    page = body(signed_in("jonas").get("/book?col=days_past_cadence&col=renewal&col=nonsense"))

    assert "Days past planned cadence" in page
    assert "no cadence planned" in page or "nothing was due" in page or "no data" in page
    assert "Why</th>" not in page
    assert body(signed_in("jonas").get("/book?cols=exec_sponsor_unresponsive_days")).count(
        "/numbers/exec_sponsor_unresponsive_days"
    )


def test_a_metric_of_people_is_no_column_of_accounts(served: Home, signed_in: Signed) -> None:
    page = body(signed_in("jonas").get("/book?cols=arr_per_csm,time_allocation_shares"))

    assert "Why</th>" in page  # the usual columns


def test_a_chosen_metric_orders_the_book_and_unknown_ones_come_last(
    served: Home, signed_in: Signed
) -> None:
    page = body(
        signed_in("jonas").get("/book?cols=health_score_delta_90d&sort=health_score_delta_90d")
    )

    assert page.index("Alder Works") < page.index("Birch") < page.index("Fir Group")
    assert "unknown" in page


def test_a_file_has_the_chosen_columns_and_runs_nothing(served: Home, signed_in: Signed) -> None:
    answer = signed_in("jonas").get("/book.xlsx?cols=arr,days_past_cadence")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows())
    cells = {str(cell.value): cell for row in rows for cell in row}

    assert [c.value for c in rows[0]] == ["Account", "ARR", "Days past planned cadence"]
    assert rows[1][1].value == 120_000
    assert answer["Content-Disposition"].endswith('.xlsx"')
    assert cells["'" + FORMULA].data_type == "s"
    assert all(cell.data_type != "f" for row in rows for cell in row)


def test_a_calendar_lists_every_renewal_of_the_year_under_its_month(
    served: Home, signed_in: Signed
) -> None:
    page = body(signed_in("jonas").get("/book?mode=calendar"))

    assert "June 2026" in page
    assert "August 2026" in page
    assert page.count("20 Aug") + page.count("19 Aug") >= 6  # all were signed on one day
    assert "No renewals" in page


def test_bubbles_are_drawn_of_what_is_known_and_the_rest_is_said(
    served: Home, signed_in: Signed
) -> None:
    jonas = signed_in("jonas")
    spec = jonas.get("/book/bubbles.json").json()
    drawn = {row["id"]: row for row in spec["layer"][0]["data"]["values"]}

    assert set(drawn) == {"alder", "birch", "cedar", "dogwood", "elm"}  # nobody scored fir
    assert drawn["alder"]["address"] == "/accounts/alder"
    assert drawn["alder"]["zone"] == "at_risk"
    assert "1 account without score" in body(jonas.get("/book?mode=bubble"))
    assert jonas.get("/book/bubbles.json?theme=dark").json()["background"] == "#1b1e1c"


def test_bubbles_obey_filters_and_sight(served: Home, signed_in: Signed) -> None:
    def ids(who: str, query: str) -> set[str]:
        spec = signed_in(who).get(f"/book/bubbles.json{query}").json()
        return {row["id"] for row in spec["layer"][0]["data"]["values"]}

    assert ids("maya", "") == {"alder", "birch", "cedar"}
    assert ids("rosa", "?owner=everyone") == {"alder", "birch"}
    assert ids("jonas", "?zone=at_risk") == {"alder"}


def test_a_view_is_kept_shown_replaced_and_deleted(served: Home, signed_in: Signed) -> None:
    maya = signed_in("maya")
    query = "zone=at_risk&as_of=2026-05-01&page=3&col=arr&col=health"
    answer = maya.post("/book/views", {"name": "My worries", "query": query})

    assert answer["Location"] == "/book?zone=at_risk&col=arr&col=health"
    assert "My worries" in body(maya.get("/book"))
    assert "My worries" not in body(signed_in("jonas").get("/book"))

    maya.post("/book/views", {"name": "My worries", "query": "zone=watch", "shared": "on"})
    assert SavedView.objects.get().query == "zone=watch"
    assert "My worries" in body(signed_in("jonas").get("/book"))

    number = SavedView.objects.get().pk
    assert signed_in("jonas").post(f"/book/views/{number}/delete").status_code == 404
    assert maya.post(f"/book/views/{number}/delete").status_code == 302
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_view_without_a_fitting_name_is_refused_in_words(
    name: str, served: Home, signed_in: Signed
) -> None:
    page = body(
        signed_in("maya").post("/book/views", {"name": name, "query": "zone=watch"}, follow=True)
    )

    assert "Give it a name" in page
    assert not SavedView.objects.exists()


def test_a_person_keeps_a_limited_number_of_views(people: dict[str, Person]) -> None:
    SavedView.objects.bulk_create(
        SavedView(page="book", name=str(n), query="", by=people["maya"]) for n in range(MOST)
    )
    save_view(people["maya"], "book", "3", "zone=watch")  # one that is there already

    with pytest.raises(UserError, match="cannot be kept"):
        save_view(people["maya"], "book", "another", "")


def test_a_view_cannot_lead_elsewhere(served: Home, signed_in: Signed) -> None:
    answer = signed_in("maya").post(
        "/book/views", {"name": "x", "query": "?next=//evil.example&<script>"}
    )

    assert answer["Location"].startswith("/book?")
    assert "<script>" not in body(signed_in("maya").get("/book"))
