"""A person has their own figures first; their lead after release; nobody else at any time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from django.test import Client
from django.urls import get_resolver
from test_access import address, routes
from trusting import PLANTED, SAID, clock, figures_on, plant, publish, scope, switch

from tenure.desk.add_person import change_role
from tenure.desk.home import Home
from tenure.desk.models import Absence, AuditEntry, Notice, Person, PublishedWeek
from tenure.desk.notice import read_notice
from tenure.desk.open_person import NoSuchPerson, open_person
from tenure.desk.release import record_absence

People = dict[str, Person]
SignedIn = Callable[[str], Client]


def page(person: Person) -> str:
    return f"/team/people/{person.number}"


def test_a_person_opens_their_week_and_then_their_lead_sees_the_same(
    served: Home, people: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures_on(served, monkeypatch, people)
    plant(people["maya"])
    jonas = signed_in("jonas")

    before = jonas.get(page(people["maya"])).content.decode(errors="replace")
    own = signed_in("maya").get(page(people["maya"])).content.decode(errors="replace")
    after = jonas.get(page(people["maya"])).content.decode(errors="replace")

    assert SAID not in before
    assert "with Maya Berg until 18 Jun 2026" in before
    assert "$177k ARR" in before  # the book is of accounts: both see it at once
    assert SAID in own
    assert SAID in after
    assert "Maya Berg has seen this since Monday, 15 Jun 2026" in after


@pytest.mark.parametrize(
    ("instant", "sees"), [("2026-06-18T08:59:00", False), ("2026-06-18T09:00:00", True)]
)
def test_the_head_start_ends_by_itself_on_the_third_working_day(
    instant: str, sees: bool, served: Home, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures_on(served, monkeypatch, people)
    clock(monkeypatch, instant)

    found = open_person(scope(served, people["jonas"]), people["maya"].number, served.settings)

    assert (found.week is not None) is sees


def test_days_away_pause_the_head_start(
    served: Home, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures_on(served, monkeypatch, people)
    record_absence(people["jonas"], people["maya"], date(2026, 6, 16), date(2026, 6, 18))
    clock(monkeypatch, "2026-06-18T09:00:00")
    early = open_person(scope(served, people["jonas"]), people["maya"].number, served.settings)
    clock(monkeypatch, "2026-06-22T09:00:00")
    late = open_person(scope(served, people["jonas"]), people["maya"].number, served.settings)

    assert early.week is None
    assert early.newer_from is not None
    assert early.newer_from.isoformat() == "2026-06-22T09:00:00+00:00"
    assert late.week is not None


def test_the_lead_keeps_the_week_before_while_the_newer_one_is_with_the_person(
    served: Home, people: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures_on(served, monkeypatch, people)
    signed_in("maya").get(page(people["maya"]))
    clock(monkeypatch, "2026-06-22T09:00:00")
    assert publish(served) == 5
    plant(people["maya"])

    shown = signed_in("jonas").get(page(people["maya"])).content.decode(errors="replace")

    assert "As of 14 Jun 2026; the newer one is with Maya Berg until 25 Jun 2026" in shown
    assert SAID not in shown


def test_a_person_releases_without_opening(
    served: Home, people: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures_on(served, monkeypatch, people)
    refused = signed_in("jonas").post(page(people["maya"]) + "/release")
    unseen = open_person(scope(served, people["jonas"]), people["maya"].number, served.settings)
    done = signed_in("maya").post(page(people["maya"]) + "/release")

    assert refused.status_code == 404
    assert unseen.week is None
    assert done.status_code == 302
    seen = open_person(scope(served, people["jonas"]), people["maya"].number, served.settings)
    assert seen.week is not None
    assert AuditEntry.objects.filter(verb="release weeks", by=people["maya"]).count() == 1


@pytest.mark.parametrize("who", ["tom", "ines", "rosa", "paul", "olga", "gil"])
def test_a_page_that_is_not_for_somebody_and_one_that_is_not_there_look_alike(
    who: str, served: Home, people: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch(served, monkeypatch, figures="on")
    client = signed_in(who)
    for tail in ("", "/away", "/release", "/away/1/remove"):
        for method in ("get", "post"):
            foreign = getattr(client, method)(page(people["maya"]) + tail)
            missing = getattr(client, method)(page_of_nobody() + tail)

            only_post = tail not in ("", "/away") and method == "get"
            assert foreign.status_code == missing.status_code == (405 if only_post else 404)
            assert foreign.content == missing.content


def page_of_nobody() -> str:
    return "/team/people/00000000-0000-4000-8000-000000000000"


def test_no_page_of_any_kind_gives_a_figure_to_anybody_before_its_time(
    served: Home, people: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures_on(served, monkeypatch, people)
    plant(people["maya"])
    number = str(people["maya"].number)
    open_routes = [r for r in routes(get_resolver().url_patterns) if not r.startswith("me/second")]
    found = set()
    for who in ("tom", "jonas", "rosa", "gil"):
        client = signed_in(who)
        for route in open_routes:
            text = client.get(address(route, person=number)).content.decode(errors="replace")
            found |= {(who, route)} if SAID in text or str(PLANTED) in text else set()

    assert not found


def test_after_release_it_is_the_leads_and_nobody_elses(
    served: Home, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures_on(served, monkeypatch, people)
    open_person(scope(served, people["maya"]), people["maya"].number, served.settings)

    for who in ("tom", "ines", "rosa", "paul", "olga", "gil", "eve"):
        with pytest.raises(NoSuchPerson):
            open_person(scope(served, people[who]), people["maya"].number, served.settings)
        assert not scope(served, people[who]).sight.holds("U1", date(2026, 6, 14))


def test_a_manager_on_file_without_the_role_of_a_lead_leads_nobody(
    served: Home, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures_on(served, monkeypatch, people)
    change_role(people["jonas"], "executive")

    with pytest.raises(NoSuchPerson):
        open_person(scope(served, people["jonas"]), people["maya"].number, served.settings)


def test_a_lead_who_leads_somebody_no_more_sees_nothing_from_then_on_and_the_new_one_what_is_released(
    served: Home, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures_on(served, monkeypatch, people)
    open_person(scope(served, people["maya"]), people["maya"].number, served.settings)
    shown = served.present()
    monkeypatch.setattr(served, "_shown", replace(shown, led={"U4": frozenset({"U1", "U2"})}))

    with pytest.raises(NoSuchPerson):
        open_person(scope(served, people["jonas"]), people["maya"].number, served.settings)
    found = open_person(scope(served, people["ines"]), people["maya"].number, served.settings)
    assert found.week is not None


def test_figures_begin_when_the_notice_was_read_or_five_working_days_after_it_was_given(
    served: Home, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch(served, monkeypatch, figures="on")
    assert publish(served) == 0
    assert Notice.objects.count() == 5

    read_notice(people["maya"], served.settings)
    assert publish(served) == 1
    assert PublishedWeek.objects.get().subject == people["maya"]

    clock(monkeypatch, "2026-06-22T08:00:00")
    assert publish(served) == 1  # Maya's next week; of the others five days are not over
    clock(monkeypatch, "2026-06-22T09:00:00")
    assert publish(served) == 4
    assert publish(served) == 0


def test_a_week_that_was_for_the_person_alone_stays_so_when_leads_are_let_in(
    served: Home, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures_on(served, monkeypatch, people, figures="own")
    open_person(scope(served, people["maya"]), people["maya"].number, served.settings)
    switch(served, monkeypatch, figures="on")
    clock(monkeypatch, "2026-06-22T09:00:00")
    assert publish(served) == 0  # the wider audience is a notice of its own, not read yet
    read_notice(people["maya"], served.settings)
    assert publish(served) == 1
    open_person(scope(served, people["maya"]), people["maya"].number, served.settings)

    sight = scope(served, people["jonas"]).sight
    assert sight.holds("U1", date(2026, 6, 21), "on")
    assert not sight.holds("U1", date(2026, 6, 14), "own")


def test_switched_off_nothing_is_published_and_nothing_shown_and_the_book_stands(
    served: Home, people: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures_on(served, monkeypatch, people)
    plant(people["maya"])
    switch(served, monkeypatch, figures="off")
    clock(monkeypatch, "2026-06-22T09:00:00")

    assert publish(served) == 0
    own = signed_in("maya").get(page(people["maya"])).content.decode(errors="replace")
    assert SAID not in own
    assert "Figures about people are switched off here" in own
    assert "$177k ARR" in own
    week = PublishedWeek.objects.get(subject=people["maya"])
    assert week.first_seen_at is None  # what was not shown was not seen


def test_the_notice_is_read_on_its_page_and_is_no_consent(
    served: Home, people: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch(served, monkeypatch, figures="on")
    maya = signed_in("maya")
    assert "There is something to read" in maya.get("/book").content.decode(errors="replace")
    shown = maya.get("/my/notice").content.decode(errors="replace")
    assert "Jonas Weiss sees it when you open or release it" in shown
    assert "Reading this is no consent" in shown

    assert maya.post("/my/notice").status_code == 302

    assert "There is something to read" not in maya.get("/book").content.decode(errors="replace")
    assert Notice.objects.get(person=people["maya"]).read_at is not None


def test_days_away_are_entered_and_taken_out_and_a_wrong_form_keeps_what_was_typed(
    served: Home, people: People, signed_in: SignedIn
) -> None:
    jonas, maya = signed_in("jonas"), signed_in("maya")
    form = page(people["maya"]) + "/away"
    wrong = jonas.post(form, {"first_day": "2026-07-10", "last_day": "2026-07-01"})
    assert wrong.status_code == 422
    assert "The absence ends before it begins." in wrong.content.decode(errors="replace")
    assert 'value="2026-07-10"' in wrong.content.decode(errors="replace")

    assert maya.post(form, {"first_day": "2026-07-01", "last_day": "2026-07-10"}).status_code == 302
    absence = Absence.objects.get()
    assert (absence.starts, absence.ends) == (date(2026, 7, 1), date(2026, 7, 11))
    assert jonas.post(f"{form}/{absence.pk}/remove").status_code == 404  # it is Maya's own
    assert maya.post(f"{form}/{absence.pk}/remove").status_code == 302
    assert not Absence.objects.exists()


def test_people_stand_by_name_with_their_books_and_without_a_word_of_rank(
    served: Home, people: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures_on(served, monkeypatch, people)
    plant(people["maya"])
    listing = signed_in("jonas").get("/team/people").content.decode(errors="replace")
    own = signed_in("maya").get("/team/people").content.decode(errors="replace")
    sheet = signed_in("maya").get(page(people["maya"])).content.decode(errors="replace")

    assert listing.index("Jonas Weiss</a>") < listing.index("Maya Berg</a>")
    assert "Tom Ruiz" not in listing
    assert SAID not in listing
    assert "Jonas Weiss</a>" not in own
    assert "Tom Ruiz" not in sheet
    for word in ("rank", "percentile", "top performer", "best", "worst", "leaderboard"):
        assert word not in sheet.lower().replace("no rank, no percentile", "")


def test_a_persons_book_ties_to_the_book_page(
    served: Home, people: People, signed_in: SignedIn
) -> None:
    maya = signed_in("maya")
    sheet = maya.get(page(people["maya"])).content.decode(errors="replace")
    book = maya.get("/book?owner=U1&untouched=60").content.decode(errors="replace")

    assert "3 accounts, $177k ARR; 0 past cadence by 30 days or more, 1 untouched for 60." in sheet
    assert "1 account, $120k ARR" in book


def test_pages_that_run_publish_the_closed_week_by_themselves_and_only_once(
    writable: Home, people: People
) -> None:
    with (writable.folder / "tenure.toml").open("a") as file:
        file.write('\n[people]\nfigures = "on"\n')
    own = Home(writable.folder)
    read_notice(people["maya"], own.settings)

    own.present()
    own._publish()

    assert [week.subject for week in PublishedWeek.objects.all()] == [people["maya"]]
    assert AuditEntry.objects.filter(verb="publish week").count() == 1


def test_what_cannot_be_published_holds_up_no_page(
    writable: Home, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (writable.folder / "tenure.toml").open("a") as file:
        file.write('\n[people]\nfigures = "on"\n')
    own = Home(writable.folder)
    read_notice(people["maya"], own.settings)
    monkeypatch.setattr(type(own._asked), "person_figures", lambda *_, **__: 1 / 0)

    assert len(own.present().rows) == 6
    assert not PublishedWeek.objects.exists()


def test_a_page_of_a_past_day_shows_the_week_of_then_and_leaves_the_newer_one_unseen(
    served: Home, people: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures_on(served, monkeypatch, people)
    plant(people["maya"], 555_444)
    clock(monkeypatch, "2026-06-22T09:00:00")
    assert publish(served) == 5
    plant(people["maya"])

    monkeypatch.setattr(served, "_shown", None)  # else the rows are those of a week ago
    shown = (
        signed_in("maya")
        .get(page(people["maya"]) + "?as_of=2026-06-16")
        .content.decode(errors="replace")
    )

    assert "555,444" in shown
    assert SAID not in shown
    seen = {
        w.through: w.first_seen_at for w in PublishedWeek.objects.filter(subject=people["maya"])
    }
    assert seen[date(2026, 6, 14)] is not None
    assert seen[date(2026, 6, 21)] is None
