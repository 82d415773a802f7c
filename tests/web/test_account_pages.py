"""An account's pages on a day: what they say, what they leave out of a past day, and what nonsense in the address does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from cast import NOW, SCRIPT
from tenure.desk import home as place
from tenure.desk.home import Home
from tenure.desk.models import Person
from tenure.desk.record_opinion import record_opinion
from tenure.workspace import Workspace
from tenure.workspace.kept_scores import FILE

Signed = Callable[[str], Client]
TODAY_AT = datetime.fromisoformat(NOW).replace(tzinfo=UTC)
THEN = f"as_of={(TODAY_AT - timedelta(days=80)).date()}"
"""One past day for all tests: the rows of a day are made once."""


def ago(days: int) -> datetime:
    return TODAY_AT - timedelta(days=days)


def rows() -> dict[str, list[dict[str, object]]]:
    day = {n: ago(n).date() for n in (0, 1, 5, 10, 20, 30, 60, 100, 200)}
    return {
        "tickets": [
            {"ticket_id": "t1", "account_id": "alder", "created_at": ago(100), "solved_at": ago(10), "category": SCRIPT, "status": "solved", "csat": 5},
            {"ticket_id": "t2", "account_id": "alder", "created_at": ago(5), "status": "open", "priority": "urgent"},
            {"ticket_id": "t9", "account_id": "elm", "created_at": ago(5), "status": "open", "category": "of elm"},
        ],
        "survey_responses": [
            {"response_id": "s1", "account_id": "alder", "contact_id": "p-alder", "survey_type": "nps", "score": 4, "scale_min": 0, "scale_max": 10, "responded_at": ago(20)},
        ],
        "feedback": [{"feedback_id": "f1", "account_id": "alder", "submitted_at": ago(20), "kind": "request", "status": "open", "summary": SCRIPT}],
        "goals": [
            {"goal_id": "g1", "account_id": "alder", "name": SCRIPT, "set_date": day[200], "achieved_date": day[100], "status": "achieved", "is_first_value": True, "evidence": "minutes"},
            {"goal_id": "g2", "account_id": "alder", "name": "Close in two days", "set_date": day[60], "target_date": day[0], "status": "open"},
        ],
        "advocacy_events": [{"event_id": "e1", "account_id": "alder", "event_type": "case_study", "status": "published", "event_date": day[60]}],
        "contacts": [
            {"contact_id": "p2", "account_id": "alder", "name": SCRIPT, "department": SCRIPT, "role": "champion", "active_from": day[200]},
            {"contact_id": "p3", "account_id": "alder", "name": "Lee Gone", "is_executive_sponsor": True, "active_from": day[200], "active_to": day[30]},
        ],
        "product_users": [
            {"product_user_id": "x", "account_id": "alder", "department": "Finance", "assigned_date": day[200]},
        ],
        "features": [{"feature_id": "f", "name": SCRIPT}],
        "usage_daily": [
            {"account_id": "alder", "product_user_id": "x", "usage_date": ago(n).date(), "feature_id": "f", "event_count": 7}
            for n in (10, 20, 30, 40, 100)
        ],
        "contract_lines": [
            {"line_id": "seats", "contract_id": "c-alder", "account_id": "alder", "arr": 30_000, "kind": "recurring", "currency": "USD",
             "quantity": 5, "unit": "seat", "product_id": SCRIPT, "start_date": day[60], "end_date": ago(-65).date(), "reason": "seats"},
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def _told(_company: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The cast with an account of which everything is told, and its history kept."""
    folder = tmp_path_factory.mktemp("told") / "company"
    shutil.copytree(_company, folder)
    with pytest.MonkeyPatch.context() as held:
        held.setenv("TENURE_NOW", NOW)
        workspace = Workspace.open(folder)
        workspace.load(rows(), source="told")
        workspace.refresh(since=ago(140).date())
        return Home(folder)


@pytest.fixture
def told(_told: Home, monkeypatch: pytest.MonkeyPatch, db: None) -> Home:
    _told._sent = _told._logged
    monkeypatch.setattr(settings, "TENURE_WORKSPACE", _told.folder)
    monkeypatch.setattr(place, "_served", _told)
    return _told


def body(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def test_a_timeline_tells_every_kind_newest_first_and_filters_stand_in_the_address(
    told: Home, signed_in: Signed
) -> None:
    maya = signed_in("maya")
    page = body(maya.get("/accounts/alder/timeline"))
    order = ["Ticket opened", "Ticket solved", "NPS answered: 4 (0 to 10)", "Sponsor left: Lee Gone", "ARR rose by 30.0k, to 150k USD: seats", "Call: Checked in", "First value reached", "Maya Berg looks after it as CSM"]  # fmt: skip
    places = [page.index(word) for word in order]

    assert places == sorted(places)
    assert "of elm" not in page
    assert "how it felt" in page
    only = body(maya.get("/accounts/alder/timeline?kind=ticket"))
    assert "3 in all" not in only
    assert "Ticket solved" in only
    assert "Case study" not in only
    hers = body(maya.get("/accounts/alder/timeline?person=c:p-alder"))
    assert "NPS answered" in hers
    assert "Ticket" not in hers.split("tn-order")[1]
    assert "The filters hide all" in body(
        maya.get("/accounts/alder/timeline?kind=survey&direction=two_way")
    )


def test_a_timeline_of_a_past_day_knows_nothing_later_and_lets_nobody_act(
    told: Home, signed_in: Signed
) -> None:
    page = body(signed_in("maya").get(f"/accounts/alder/timeline?{THEN}"))

    assert "Ticket opened" in page
    for later in ("Ticket solved", "NPS answered", "how it felt", "Log touch"):
        assert later not in page
    assert f"?{THEN}&amp;person=u%3AU1" in page


def test_words_that_mean_nothing_in_the_address_are_passed_over(
    told: Home, signed_in: Signed
) -> None:
    maya = signed_in("maya")
    answer = maya.get("/accounts/alder/timeline?kind=purple&person=u:nobody&direction=up&made=gold&page=999")  # fmt: skip

    assert answer.status_code == 200
    assert "Case study: published" in body(answer)
    for since in ("soon", "2099-01-01", "2026-99-99", '"><script>'):
        answer = maya.get("/accounts/alder/health", {"since": since})
        assert answer.status_code == 200
        assert "is no day before 15 Jun 2026" in body(answer)
        assert "<script>" not in body(answer)


def test_health_says_what_moved_between_two_kept_days_and_each_number_opens(
    told: Home, signed_in: Signed
) -> None:
    maya = signed_in("maya")
    page = body(maya.get("/accounts/alder/health"))
    moved = page.split('id="moved"')[1]

    assert "What moved since" in moved
    assert "/accounts/alder/numbers/days_since_last_touch" in moved
    assert "worse" in moved
    assert "engagement_activity" not in moved
    assert "gives the score without its parts" in page
    assert "Nobody has made a call" in page
    earlier = body(maya.get(f"/accounts/alder/health?since={ago(120).date()}"))
    assert earlier.split("What moved since")[1][:40] != moved.split("What moved since")[1][:40]


def test_a_call_stands_beside_the_score_with_its_day_and_not_before_it_was_made(
    told: Home, signed_in: Signed, people: dict[str, Person]
) -> None:
    record_opinion(told.scope(people["maya"]), "alder", "healthy", SCRIPT)
    maya = signed_in("maya")
    page = body(maya.get("/accounts/alder/health"))

    assert "differs from the score" in page
    assert "the score said 41, at risk" in page
    assert escape(SCRIPT) in page
    assert "Maya Berg calls it healthy" in body(maya.get("/accounts/alder/timeline"))
    assert "Nobody has made a call" in body(maya.get(f"/accounts/alder/health?{THEN}"))


def test_usage_and_seats_stand_as_bars_and_as_a_table_and_what_is_not_known_says_so(
    told: Home, signed_in: Signed
) -> None:
    maya = signed_in("maya")
    page = body(maya.get("/accounts/alder/usage"))

    assert "7 events by 1 person" in page
    assert "1 of 5 seats given out" in page
    assert "28 events by 1 person in 90 days, 7 in the 90 before" in page
    assert "<td>8 Jun 2026</td>" in page
    nothing = body(maya.get("/accounts/elm/usage"))
    assert "No usage has come in for this account" in nothing
    assert '<svg class="tn-weeks"' not in nothing


def test_people_contract_and_voice_of_today_and_of_a_day_before(
    told: Home, signed_in: Signed
) -> None:
    rosa = signed_in("rosa")
    then = f"?{THEN}"
    people, before = (body(rosa.get(f"/accounts/alder/people{q}")) for q in ("", then))
    assert "was sponsor" in people
    assert "was sponsor" not in before
    assert "nobody known · 1 seat" in people
    assert "Rosa Klein" in people

    contract, before = (body(rosa.get(f"/accounts/alder/contract{q}")) for q in ("", then))
    assert "$150k" in contract
    assert "5 seat" in contract
    assert "+$30.0k" in contract
    assert "+$30.0k" not in before
    assert "to come" in contract
    assert "Notice was given" not in contract

    voice, before = (body(rosa.get(f"/accounts/alder/voice{q}")) for q in ("", then))
    assert "5 days" in voice
    assert "detractor" in voice
    assert "waiting for an answer" in voice
    assert "20 days" in before
    assert "No solved ticket has come in" in before
    assert "Nobody here has answered a survey." in before


def test_an_overview_says_what_they_got_out_of_it_and_where_the_score_came_from(
    told: Home, signed_in: Signed
) -> None:
    maya = signed_in("maya")
    page = body(maya.get("/accounts/alder"))

    assert "was 63 ninety days ago, falling" in page
    assert "<dd>1 of 2</dd>" in page
    assert "Next goal: Close in two days" in page
    assert "Case study" in page
    assert "<h2>Value</h2>" not in body(maya.get("/accounts/elm"))


@pytest.mark.parametrize("tab", ["timeline", "health", "usage", "people", "contract", "voice"])
def test_what_others_typed_is_text_on_every_page_and_each_asks_the_desk_little(
    tab: str, told: Home, signed_in: Signed, django_assert_max_num_queries: object
) -> None:
    maya = signed_in("maya")
    cedar = body(maya.get(f"/accounts/cedar/{tab}"))
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        alder = body(maya.get(f"/accounts/alder/{tab}"))
    pages = cedar + alder

    assert SCRIPT not in pages
    assert "<img src=x" not in pages
    assert " style=" not in pages
    assert (
        f'aria-current="page">{"Surveys and tickets" if tab == "voice" else tab.capitalize()}'
        in pages
    )


@pytest.mark.parametrize("tab", ["timeline", "health", "usage", "people", "contract", "voice"])
def test_a_company_of_which_little_is_known_has_every_page(
    tab: str, served: Home, signed_in: Signed
) -> None:
    page = body(signed_in("jonas").get(f"/accounts/fir/{tab}"))

    assert "Fir Group" in page
    expected = {
        "timeline": "Call", "health": "Nobody has scored this account", "usage": "No usage has come in",
        "people": "Nobody looks after this account", "contract": "$30.0k", "voice": "No wish and no complaint",
    }  # fmt: skip
    assert expected[tab] in page


def test_parts_of_a_kept_score_add_up_and_a_broken_file_says_what_to_do(
    told: Home, signed_in: Signed
) -> None:
    file = told.folder / FILE
    one = {"day": "2026-06-14", "score": 61, "why": "", "healthy": 80, "late": [],
           "parts": [["days_since_last_touch", -24], ["csat", 5], ["nps", 0]]}  # fmt: skip
    kept = {"format": 1, "says": "Learned.", "is_learned": True, "is_published": True}
    maya = signed_in("maya")
    try:
        file.write_text(json.dumps(kept | {"accounts": {"alder": one}}))
        page = body(maya.get("/accounts/alder/health"))
        before = body(maya.get(f"/accounts/alder/health?{THEN}"))
        waits = kept | {"is_published": False, "accounts": {"alder": one}}
        file.write_text(json.dumps(waits, indent=1))
        waiting = body(maya.get("/accounts/alder/health"))
        file.write_text(json.dumps(kept | {"format": 9, "accounts": {}}))
        broken = maya.get("/accounts/alder/health")
    finally:
        file.unlink()

    assert "80 and the points add up to 61." in page
    assert page.index("−24 points") < page.index("+5 points")
    assert 'x="0.0" width="50.0"' in page
    assert "None is kept of this account by" in before
    assert "The learned score is not shown. Learned." in waiting
    assert "add up to 61" not in waiting
    assert broken.status_code == 200
    assert "does not hold scores" in body(broken)
