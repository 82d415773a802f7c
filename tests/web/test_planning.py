"""What exports lack is entered here: it counts within the minute, stands over later exports, and can be taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from entering import DAY, body, new, rows, sent

from cast import TODAY
from tenure.desk.enter_rows import enter_rows, take_back
from tenure.desk.enter_sheet import Said, enter_sheet
from tenure.desk.entered_rows import row_id
from tenure.desk.entered_to_lake import send_entered
from tenure.desk.home import Home
from tenure.desk.models import AuditEntry, Entered, Person
from tenure.desk.plan_cadence import Rhythm, plan_touches
from tenure.desk.visible import NoSuchAccount
from tenure.facts.table import table
from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Unknown
from tenure.workspace import Workspace

Signed = Callable[[str], Client]
START = date(2025, 8, 19)
"""The first day of every account of the cast."""


def contact(**changed: object) -> dict[str, object]:
    held = {"contact_id": "p-alder", "account_id": "alder", "name": "Dana of alder", "role": "sponsor",
            "is_executive_sponsor": True, "active_from": START}  # fmt: skip
    return held | changed


def test_a_plan_entered_on_the_page_counts_within_the_minute(
    writable: Home, signed_in: Signed
) -> None:
    maya = signed_in("maya")
    before = writable.present().by_id["alder"].numbers["days_past_cadence"]
    assert "No cadence planned" in body(maya.get("/accounts/alder/plan"))

    answer = maya.post(
        "/accounts/alder/plan/cadence",
        {"touch_type": "any", "interval_days": "14", "start": TODAY, "act": new()},
    )
    at_once = body(maya.get(answer["Location"]))
    writable.until_current(60)
    page = body(maya.get("/accounts/alder/plan"))

    assert isinstance(before, Unknown)
    assert "Any touch every 14 days" in at_once
    assert "Take back" in at_once
    assert writable.present().by_id["alder"].numbers["days_past_cadence"] == 56
    assert "56 days" in page
    assert "its first slot is not over yet" in page
    assert AuditEntry.objects.get(verb="plan touches").about == "alder"
    assert rows(writable, "cadence_plans", "account_id", "source") == [("alder", "tenure-desk")]


def test_taking_back_a_plan_takes_it_out_of_the_lake(quiet: Home, signed_in: Signed) -> None:
    maya = signed_in("maya")
    act = plan_touches(quiet.scope(_person("maya")), "alder", Rhythm("any", 14), DAY)
    sent(quiet)
    assert rows(quiet, "cadence_plans", "account_id") == [("alder",)]

    maya.post(f"/accounts/alder/plan/back/{act}")
    assert "No cadence planned" in body(maya.get("/accounts/alder/plan"))
    sent(quiet)

    assert rows(quiet, "cadence_plans", "account_id") == []
    assert [e.verb for e in AuditEntry.objects.filter(about="alder")] == [
        "take back",
        "plan touches",
    ]


def test_a_plan_changes_from_a_day_on_and_what_it_was_stays(
    quiet: Home, people: dict[str, Person]
) -> None:
    from tenure.desk.plan_cadence import change_plan, end_plan

    began = {"account_id": "alder", "touch_type": "any", "interval_days": 30, "start_date": START}
    Workspace.open(quiet.folder).load({"cadence_plans": [began]}, source="cast")
    scope, row = quiet.scope(people["maya"]), row_id(table("cadence_plans"), began)

    change_plan(scope, "alder", row, Rhythm("any", 7), DAY)
    sent(quiet)
    plans = rows(quiet, "cadence_plans", "start_date", "end_date", "interval_days")
    assert plans == [(START, DAY, 30), (DAY, None, 7)]

    newest = row_id(table("cadence_plans"), began | {"start_date": DAY})
    with pytest.raises(UserError, match="after its first day"):
        end_plan(scope, "alder", newest, DAY)
    end_plan(scope, "alder", newest, DAY + timedelta(days=7))
    sent(quiet)
    assert rows(quiet, "cadence_plans", "end_date") == [(DAY,), (DAY + timedelta(days=7),)]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"start": "2026-06-14"}, "a plan does not rewrite the past"),
        ({"start": "2036-06-14"}, "too far away"),
        ({"start": "soon"}, "Enter a valid date"),
        ({"interval_days": "0"}, "Every 0 days is no rhythm"),
        ({"interval_days": "400"}, "Every 400 days is no rhythm"),
        ({"interval_days": ""}, "a number of days or once each calendar month"),
        ({"calendar_month": "on"}, "a number of days or once each calendar month"),
        ({"touch_type": "note"}, "not one of the available choices"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_and_the_form_keeps_what_was_typed(
    changed: dict[str, str], said: str, served: Home, signed_in: Signed
) -> None:
    words = {"touch_type": "call", "interval_days": "14", "start": TODAY, "act": new()} | changed
    answer = signed_in("maya").post("/accounts/alder/plan/cadence", words)
    page = body(answer)

    assert answer.status_code == 422
    assert "Nothing was saved" in page
    assert said in page
    if "touch_type" not in changed:
        assert '<option value="call" selected>' in page
    assert not Entered.objects.exists()


@pytest.mark.parametrize(
    ("sheet", "words", "said"),
    [
        ("goal", {"name": "", "status": "open"}, "This field is required"),
        ("goal", {"name": "Faster", "status": "achieved"}, "has a day on which it was"),
        ("goal", {"name": "Faster", "status": "achieved", "achieved_date": "2026-07-01"}, "still to come"),
        ("goal", {"name": "Faster", "status": "achieved", "achieved_date": TODAY, "is_first_value": "on"}, "points at evidence"),
        ("milestone", {"milestone": "go_live"}, "Say when it is planned"),
        ("milestone", {"milestone": "go_live", "completed_date": "2026-07-01"}, "still to come"),
        ("review", {"activity_type": "qbr", "status": "completed", "occurred_at": "2026-06-16T10:00"}, "once its day has come"),
        ("review", {"activity_type": "qbr", "status": "cancelled", "occurred_at": "2026-06-10T10:00"}, "whose doing"),
        ("review", {"activity_type": "call", "status": "completed", "occurred_at": "2026-06-10T10:00"}, "not one of the available choices"),
        ("contact", {"name": "Jo", "active_from": "2026-06-10", "active_to": "2026-06-01"}, "ends on or before the day it starts"),
        ("advocacy", {"event_type": "review", "status": "published", "event_date": TODAY, "rating": "6"}, "less than or equal to 5"),
        ("use-case", {"name": "Reports", "status": "enabled"}, "since when"),
        ("handoff", {"expectations": "Much"}, "This field is required"),
    ],
)  # fmt: skip
def test_what_the_lake_or_sense_would_refuse_is_refused_at_its_field(
    sheet: str, words: dict[str, str], said: str, served: Home, signed_in: Signed
) -> None:
    answer = signed_in("maya").post(f"/accounts/alder/plan/{sheet}", words | {"act": new()})

    assert answer.status_code == 422
    assert said in body(answer)
    assert not Entered.objects.exists()


def test_things_of_every_kind_reach_their_tables(
    quiet: Home, signed_in: Signed, people: dict[str, Person]
) -> None:
    deal = {
        "opportunity_id": "d1",
        "account_id": "alder",
        "stage": "closed_won",
        "opportunity_type": "new_business",
    }
    Workspace.open(quiet.folder).load({"opportunities": [deal]}, source="cast")
    maya = signed_in("maya")
    words = {
        "goal": {"name": "Close the books in two days", "status": "achieved", "set_date": "2026-01-10",
                 "achieved_date": TODAY, "is_first_value": "on", "evidence": "Board minutes"},
        "milestone": {"milestone": "go_live", "planned_date": "2026-07-01"},
        "review": {"activity_type": "qbr", "status": "completed", "occurred_at": "2026-06-12T10:00",
                   "contacts": ["p-alder"], "user_id": "U1", "sentiment": "0.5"},
        "advocacy": {"event_type": "review", "status": "published", "event_date": TODAY, "site": "G2", "rating": "4.5",
                     "contact_id": "p-alder"},
        "contact": {"name": "Kim Abt", "role": "champion"},
        "handoff": {"opportunity_id": "d1", "handed_over_date": "2026-06-01", "expectations": "Live in May\r\nNo extras",
                    "received_date": "2026-06-03"},
        "use-case": {"name": "Reports", "status": "sold", "sold_date": "2026-06-01", "opportunity_id": "d1"},
    }  # fmt: skip
    for sheet, said in words.items():
        answer = maya.post(f"/accounts/alder/plan/{sheet}", said | {"act": new()})
        assert answer.status_code == 302, (sheet, re.findall("<li>.*?</li>", body(answer)))
    sent(quiet)
    page = body(maya.get("/accounts/alder/plan"))

    assert rows(quiet, "goals", "name", "evidence") == [
        ("Close the books in two days", "Board minutes")
    ]
    assert rows(quiet, "onboarding_milestones", "milestone", "planned_date") == [
        ("go_live", date(2026, 7, 1))
    ]
    assert ("Kim Abt", "champion") in rows(quiet, "contacts", "name", "role")
    assert rows(quiet, "handoff_records", "account_id", "opportunity_id") == [("alder", "d1")]
    assert rows(quiet, "use_cases", "name", "status") == [("Reports", "sold")]
    assert rows(quiet, "advocacy_events", "site") == [("G2",)]
    seats = [
        r
        for r in rows(quiet, "activity_contacts", "contact_id", "attended", "activity_id")
        if r[2].startswith("desk-")
    ]
    assert [r[:2] for r in seats] == [("p-alder", True)]
    assert "held with Dana of alder" in page
    numbers = Workspace.open(quiet.folder).present().by_id["alder"].numbers
    assert numbers["days_since_last_touch"] == 3
    assert numbers["sentiment"] == 0.5
    assert not Entered.objects.filter(in_lake_at__isnull=True).exists()
    assert not Entered.objects.exclude(refused_said="").exists()


def test_a_mark_carries_the_rest_of_its_row_and_stands_over_the_next_export(
    quiet: Home, people: dict[str, Person]
) -> None:
    """The CRM goes on saying what it said: our mark stands, and its other news comes through."""
    scope = quiet.scope(people["maya"])
    row = row_id(table("contacts"), {"contact_id": "p-alder"})
    said = {"is_executive_sponsor": False, "active_to": date(2026, 6, 1)}
    enter_sheet(scope, Said("alder", "contact", said, uuid4(), row))
    sent(quiet)
    columns = ("contact_id", "name", "title", "role", "is_executive_sponsor", "active_to")

    def dana() -> tuple:
        return next(r for r in rows(quiet, "contacts", *columns) if r[0] == "p-alder")

    left = date(2026, 6, 1)
    assert dana() == ("p-alder", "Dana of alder", None, "executive_sponsor", False, left)

    Workspace.open(quiet.folder).load({"contacts": [contact(title="CFO")]}, source="cast")
    assert dana()[4:] == (True, None)
    sent(quiet)
    assert dana() == ("p-alder", "Dana of alder", "CFO", "executive_sponsor", False, left)

    news = contact(title="CFO", active_to=date(2026, 6, 20))
    Workspace.open(quiet.folder).load({"contacts": [news]}, source="cast")
    sent(quiet)
    assert dana() == (
        "p-alder",
        "Dana of alder",
        "CFO",
        "executive_sponsor",
        False,
        date(2026, 6, 20),
    )
    assert Entered.objects.get().overtaken == {"active_to": "2026-06-20"}


def test_what_is_taken_back_on_a_row_of_another_source_is_what_that_source_said(
    quiet: Home, people: dict[str, Person]
) -> None:
    scope = quiet.scope(people["maya"])
    row = row_id(table("contracts"), {"contract_id": "c-alder"})
    columns = ("contract_id", "notice_date", "currency", "end_date")
    before = rows(quiet, "contracts", *columns)

    first = enter_sheet(scope, Said("alder", "notice", {"notice_date": DAY}, uuid4(), row))
    second = enter_sheet(
        scope, Said("alder", "notice", {"notice_date": DAY - timedelta(days=1)}, uuid4(), row)
    )
    sent(quiet)
    with pytest.raises(UserError, match="entered later"):
        take_back(scope, first)
    take_back(scope, second)
    sent(quiet)
    assert next(r for r in rows(quiet, "contracts", *columns) if r[0] == "c-alder")[1] == DAY

    take_back(scope, first)
    sent(quiet)
    assert rows(quiet, "contracts", *columns) == before


def test_a_second_entry_still_knows_what_the_source_says_under_the_first(
    quiet: Home, people: dict[str, Person]
) -> None:
    scope = quiet.scope(people["maya"])
    row = row_id(table("contacts"), {"contact_id": "p-alder"})
    for role in ("champion", "procurement"):
        enter_sheet(scope, Said("alder", "contact", {"role": role}, uuid4(), row))
    sent(quiet)

    Workspace.open(quiet.folder).load({"contacts": [contact(title="CFO")]}, source="cast")
    sent(quiet)

    assert ("p-alder", "procurement", "CFO") in rows(
        quiet, "contacts", "contact_id", "role", "title"
    )


def test_sending_what_was_entered_twice_is_sending_it_once(
    quiet: Home, people: dict[str, Person]
) -> None:
    """As after a kill between the lake's commit and ours."""
    plan_touches(quiet.scope(people["maya"]), "alder", Rhythm("any", 14), DAY)
    sent(quiet)
    snapshot = Workspace.open(quiet.folder).snapshot.number

    Entered.objects.update(in_lake_at=None)
    assert send_entered(Workspace.open(quiet.folder)) == 1

    assert Workspace.open(quiet.folder).snapshot.number == snapshot
    assert send_entered(Workspace.open(quiet.folder)) == 0


def test_a_double_click_enters_once_and_saying_the_same_again_is_no_change(
    served: Home, signed_in: Signed, people: dict[str, Person]
) -> None:
    maya, act = signed_in("maya"), new()
    words = {"name": "Faster", "status": "open", "act": act}

    for _ in range(2):
        assert maya.post("/accounts/alder/plan/goal", words).status_code == 302
    assert Entered.objects.count() == 1
    assert AuditEntry.objects.filter(verb="add goal").count() == 1

    row = row_id(table("contacts"), {"contact_id": "p-alder"})
    maya.post(f"/accounts/alder/plan/contact?row={row}", {"role": "executive_sponsor", "is_executive_sponsor": "on",
              "active_from": START.isoformat(), "act": new()})  # fmt: skip
    assert Entered.objects.count() == 1


def test_a_row_of_another_account_cannot_be_changed_through_ones_own(
    served: Home, signed_in: Signed, people: dict[str, Person]
) -> None:
    maya = signed_in("maya")
    theirs = row_id(table("contacts"), {"contact_id": "p-elm"})

    assert maya.get(f"/accounts/alder/plan/contact?row={theirs}").status_code == 404
    assert (
        maya.post(
            f"/accounts/alder/plan/contact?row={theirs}", {"role": "champion", "act": new()}
        ).status_code
        == 404
    )
    assert maya.get("/accounts/alder/plan/notice").status_code == 404
    assert maya.get("/accounts/alder/plan/feelings").status_code == 404
    assert maya.get("/accounts/alder/plan/goal?row=nonsense").status_code == 404
    with pytest.raises(NoSuchAccount):
        plan_touches(served.scope(people["tom"]), "alder", Rhythm("any", 14), DAY)
    with pytest.raises(NoSuchAccount):
        enter_rows(served.scope(people["maya"]), "add goal", [_goal("elm")])
    assert not Entered.objects.exists()


def test_nobody_takes_back_what_is_on_an_account_they_may_not_edit(
    served: Home, signed_in: Signed, people: dict[str, Person]
) -> None:
    act = plan_touches(served.scope(people["maya"]), "alder", Rhythm("any", 14), DAY)

    assert signed_in("tom").post(f"/accounts/dogwood/plan/back/{act}").status_code == 404
    assert signed_in("tom").post(f"/book/plan/back/{act}").status_code == 404
    assert not Entered.objects.exclude(taken_back_at=None).exists()
    assert signed_in("jonas").post(f"/book/plan/back/{act}").status_code == 302
    assert Entered.objects.exclude(taken_back_at=None).count() == 1


def test_the_plan_of_a_past_day_is_read_and_not_written(served: Home, signed_in: Signed) -> None:
    page = body(signed_in("maya").get("/accounts/alder/plan?as_of=2026-03-01"))

    assert "As of 1 Mar 2026" in page
    assert "/plan/cadence" not in page
    assert signed_in("maya").get("/accounts/alder/plan/goal?as_of=2026-03-01").status_code == 404


def _goal(account_id: str) -> object:
    from tenure.desk.enter_rows import Wanted

    return Wanted(account_id, "goals", {"goal_id": "g"}, {"name": "Faster"})


def _person(key: str) -> Person:
    return Person.objects.get(email=f"{key}@cast.example")
