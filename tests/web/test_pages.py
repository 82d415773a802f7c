"""What the pages show and refuse to do: names that are scripts, files that are formulas, days that are past."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from html import escape

import pytest
from django.test import Client

from cast import FORMULA, SCRIPT
from tenure.desk.home import Home
from tenure.desk.models import AuditEntry, Person

Signed = Callable[[str], Client]


def body(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "address",
    ["/book?owner=everyone", "/accounts/cedar", "/accounts/cedar/numbers/days_since_last_touch"],
)
def test_what_a_customer_typed_is_text_and_never_markup(
    address: str, served: Home, signed_in: Signed
) -> None:
    page = body(signed_in("jonas").get(address))

    assert SCRIPT not in page
    assert "<img src=x" not in page
    assert escape(SCRIPT, quote=True).replace("&quot;", "&quot;") in page


def test_what_is_searched_for_is_shown_as_text(served: Home, signed_in: Signed) -> None:
    page = body(signed_in("jonas").get('/book?text="><script>alert(1)</script>'))

    assert "<script>alert" not in page
    assert "The filters hide every account" in page


def test_a_book_as_a_file_has_no_formula_of_a_customer_and_numbers_stay_numbers(
    served: Home, signed_in: Signed
) -> None:
    answer = signed_in("jonas").get("/book.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    by_name = {row["Account"]: row for row in rows}

    assert f"'{FORMULA}" in by_name
    assert by_name["Elm Logistics"]["ARR"].startswith("200000")
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"


def test_a_file_holds_the_rows_and_the_order_of_the_page(served: Home, signed_in: Signed) -> None:
    answer = signed_in("jonas").get("/book.csv?zone=at_risk")

    assert [
        row["Account"] for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    ] == ["Alder Works"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_book_that_left_as_a_file_stands_in_the_trail_without_a_word_of_its_accounts(
    form: str, served: Home, people: dict[str, Person], signed_in: Signed
) -> None:
    signed_in("jonas").get(f"/book.{form}?zone=at_risk")

    entry = AuditEntry.objects.get(verb="export")
    assert (entry.by, entry.about) == (people["jonas"], "the Book")
    assert entry.content == {"rows": 1, "form": form, "as of": served.present().day.isoformat()}
    trail = body(signed_in("gil").get("/admin/audit"))
    assert "rows: 1; form: " in trail
    assert "Alder" not in trail


def test_where_accounts_are_moved_a_past_day_becomes_today(served: Home, signed_in: Signed) -> None:
    answer = signed_in("jonas").get("/team/reassign?as_of=2026-01-01", follow=True)

    assert answer.redirect_chain == [("/team/reassign", 302)]
    assert "Accounts are moved as they stand today, not on a day that is past." in body(answer)


def test_the_book_says_its_answer_first_and_names_its_order(
    served: Home, signed_in: Signed
) -> None:
    page = body(signed_in("maya").get("/book"))

    assert "3 accounts, $177k ARR; 1 at risk with $120k." in page
    assert "By zone, then ARR, then the nearest renewal" in page
    assert page.index("Alder Works") < page.index("Birch &amp; Co")


def test_an_account_that_nobody_scored_is_unknown_with_its_reason_and_sorts_last(
    served: Home, signed_in: Signed
) -> None:
    page = body(signed_in("jonas").get("/book?sort=health"))

    assert page.index("Alder Works") < page.index("Elm Logistics") < page.index("Fir Group")
    assert "unknown last" in page
    assert "1 unknown" in page


def test_an_account_answers_why_it_wants_attention(served: Home, signed_in: Signed) -> None:
    page = body(signed_in("maya").get("/accounts/alder"))

    assert "Sponsor has not answered for 70 days. Health fell by 22 points in 90 days." in page
    assert "was 63 ninety days ago" in page
    assert "Dana of alder" in page


def test_a_number_opens_to_its_formula_and_the_rows_it_rests_on(
    served: Home, signed_in: Signed
) -> None:
    maya = signed_in("maya")
    whole = body(maya.get("/accounts/alder/numbers/arr_in_force"))
    panel = body(maya.get("/accounts/alder/numbers/arr_in_force", headers={"HX-Request": "true"}))

    for page in (whole, panel):
        assert "120,000" in page
        assert "contract lines l-alder" in page
        assert "Formula" in page
    assert "<html" in whole
    assert "<html" not in panel


def test_a_metric_nobody_declared_is_a_missing_page(served: Home, signed_in: Signed) -> None:
    assert signed_in("maya").get("/accounts/alder/numbers/no_such").status_code == 404


def test_any_screen_shows_a_past_day_says_so_and_lets_nobody_act(
    served: Home, signed_in: Signed
) -> None:
    maya = signed_in("maya")
    page = body(maya.get("/accounts/alder?as_of=2026-03-20"))

    assert "As of 20 Mar 2026, with what we know today" in page
    assert ">63 Watch" in page
    assert "Log touch" not in page
    assert maya.get("/accounts/alder/touch?as_of=2026-03-20").status_code == 404
    assert maya.get("/book?as_of=2026-99-99").status_code == 404
    assert "As of" in body(maya.get("/book?as_of=2031-01-01"))


def test_every_page_carries_the_policy_and_no_script_of_its_own(
    served: Home, signed_in: Signed
) -> None:
    for address in ("/book", "/accounts/alder", "/accounts/alder/touch", "/nowhere"):
        answer = signed_in("maya").get(address)
        page = body(answer)
        policy = answer["Content-Security-Policy"]

        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy + ";"
        assert "style-src 'self';" in policy + ";"
        assert "<script>" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert "https://" not in page.replace("http://www.w3.org", "")


def test_filters_that_mean_nothing_are_passed_over(served: Home, signed_in: Signed) -> None:
    answer = signed_in("jonas").get(
        "/book?zone=purple&renews_in=soon&past=-4&page=900&sort=__class__&left=maybe"
    )

    assert answer.status_code == 200
    assert "6 accounts" in body(answer)


def test_a_page_asks_the_database_a_handful_of_questions(
    served: Home, signed_in: Signed, django_assert_max_num_queries: object
) -> None:
    maya = signed_in("maya")
    maya.get("/book")
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        maya.get("/book")
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        maya.get("/accounts/alder")


def test_an_amount_is_written_in_its_currency_with_a_true_minus_and_never_as_zero() -> None:
    from decimal import Decimal

    from tenure.kernel.unknown import Unknown
    from tenure.web.templatetags.shown import money

    assert money(Decimal("1200000"), "USD") == "$1.2M"
    assert money(Decimal("-48000"), "EUR") == "−€48.0k"
    assert money(950, "SEK") == "SEK 950"
    assert money(Unknown("no_data"), "USD") == "–"
