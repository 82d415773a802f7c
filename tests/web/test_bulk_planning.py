"""Touches are planned for many accounts at once: shown first, then done as shown, and taken back as one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.test import Client
from entering import DAY, body, new, rows, sent

from cast import TODAY
from tenure.desk.home import Home
from tenure.desk.models import AuditEntry, Entered, Person
from tenure.desk.plan_cadence import Rhythm, plan_touches
from tenure.workspace import Workspace

Signed = Callable[[str], Client]
START = date(2025, 8, 19)


def test_planning_for_many_shows_first_what_it_would_do_and_then_does_that(
    writable: Home, signed_in: Signed, people: dict[str, Person]
) -> None:
    plan_touches(
        writable.scope(people["maya"]), "birch", Rhythm("call", 30), DAY + timedelta(days=1)
    )
    writable.until_current(60)
    Entered.objects.update(in_lake_at="2026-06-15T09:00:00Z")
    jonas, chosen = (
        signed_in("jonas"),
        "account=alder&account=birch&account=elm&account=fir&account=nowhere",
    )
    book = body(jonas.get("/book"))
    assert 'name="account" value="alder"' in book

    page = body(jonas.get(f"/book/plan?{chosen}"))
    assert "Of 4 accounts: 3 get a plan, 0 another one, 1 is left alone" in page
    assert "another plan begins on that day or later" in page
    assert "any touch every 14 days" in page
    assert not Entered.objects.filter(account_id="alder").exists()

    act = new()
    words = {
        "account": ["alder", "birch", "elm", "fir"],
        "which": "default",
        "touch_type": "any",
        "start": TODAY,
        "act": act,
    }
    answer = jonas.post("/book/plan", words)
    assert answer.status_code == 302
    assert "Touches planned for 3 accounts" in body(jonas.get(answer["Location"]))
    assert jonas.post("/book/plan", words)["Location"] == answer["Location"]
    writable.until_current(60)
    found = rows(writable, "cadence_plans", "account_id", "touch_type", "interval_days")
    assert found == [
        ("alder", "any", 14),
        ("birch", "call", 30),
        ("elm", "any", 14),
        ("fir", "any", 30),
    ]
    assert writable.present().by_id["fir"].numbers["days_past_cadence"] == 15
    assert AuditEntry.objects.filter(verb="plan touches", content__act=act).count() == 3

    jonas.post(f"/book/plan/back/{act}")
    writable.until_current(60)
    assert rows(writable, "cadence_plans", "account_id") == [("birch",)]


def test_accounts_with_a_plan_change_only_when_told_and_foreign_ones_never(
    quiet: Home, signed_in: Signed, people: dict[str, Person]
) -> None:
    plans = [
        {"account_id": a, "touch_type": "any", "interval_days": 30, "start_date": START}
        for a in ("alder", "birch", "elm")
    ]
    reviews = [
        {"account_id": "cedar", "touch_type": "qbr", "interval_days": 91, "start_date": START}
    ]
    Workspace.open(quiet.folder).load({"cadence_plans": plans + reviews}, source="cast")
    sent(quiet)
    maya = signed_in("maya")
    accounts = "account=alder&account=birch&account=cedar&account=elm"

    page = body(maya.get(f"/book/plan?{accounts}"))
    assert "1 gets a plan, 0 another one, 3 are left alone" in page
    assert "not yours to plan" in page
    assert "has this plan already" in page

    page = body(
        maya.get(f"/book/plan?{accounts}&which=default&touch_type=any&start={TODAY}&changing=on")
    )
    assert "1 gets a plan, 1 another one, 2 are left alone" in page
    words = {"account": ["alder", "birch", "cedar", "elm"], "which": "default", "touch_type": "any", "start": TODAY,
             "changing": "on", "act": new()}  # fmt: skip
    maya.post("/book/plan", words)
    sent(quiet)
    found = rows(quiet, "cadence_plans", "account_id", "touch_type", "interval_days", "end_date")
    assert [r for r in found if r[0] == "alder"] == [
        ("alder", "any", 14, None),
        ("alder", "any", 30, DAY),
    ]
    assert [r[1:] for r in found if r[0] == "birch"] == [("any", 30, None)]
    assert [r[1:3] for r in found if r[0] == "cedar"] == [("any", 90), ("qbr", 91)]


def test_a_bulk_plan_for_the_whole_book_follows_its_filters_and_refuses_wrong_days(
    served: Home, signed_in: Signed
) -> None:
    jonas = signed_in("jonas")

    assert "Of 2 accounts" in body(jonas.get("/book/plan?all=1&segment=enterprise"))
    assert "No account is chosen" in body(jonas.get("/book/plan"))
    answer = jonas.post(
        "/book/plan",
        {"account": "alder", "which": "default", "touch_type": "any", "start": "2026-06-01"},
    )
    assert answer.status_code == 422
    assert "a plan does not rewrite the past" in body(answer)
    answer = jonas.post(
        "/book/plan", {"account": "alder", "which": "one", "touch_type": "any", "start": TODAY}
    )
    assert answer.status_code == 422
    assert jonas.get("/book/plan?as_of=2026-03-01&account=alder").status_code == 404
    assert "Plan touches" not in body(signed_in("paul").get("/book"))
    assert not Entered.objects.exists()


def test_the_page_of_what_was_planned_is_for_those_who_may_edit_it(
    served: Home, signed_in: Signed, people: dict[str, Person]
) -> None:
    act = plan_touches(served.scope(people["maya"]), "alder", Rhythm("any", 14), DAY)

    assert "1 account." in body(signed_in("jonas").get(f"/book/plan/done/{act}"))
    assert signed_in("tom").get(f"/book/plan/done/{act}").status_code == 404
    signed_in("maya").post(f"/book/plan/back/{act}")
    assert "taken back since" in body(signed_in("maya").get(f"/book/plan/done/{act}"))
