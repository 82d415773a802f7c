"""Who looked is written before anything is shown, is read by the person, and cannot be changed unnoticed."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from trusting import SAID, clock, figures_on, plant, scope

from tenure.cli.trusting import views_complained_of
from tenure.desk.home import Home
from tenure.desk.metric_views import metric_views
from tenure.desk.models import AuditEntry, MetricViews, Person, View, ViewChain
from tenure.desk.open_person import open_person
from tenure.desk.record_view import Looking, NotRecorded, record_view, verify_views

People = dict[str, Person]
SignedIn = Callable[[str], Client]


def page(person: Person) -> str:
    return f"/team/people/{person.number}"


def read_only() -> None:
    """The log refuses rows, as a database does whose disk is full or whose owner took the right away."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "create trigger no_views before insert on desk_view begin select raise(abort, 'read only'); end"
            )
        else:
            cursor.execute(
                "create function no_views() returns trigger as $$ begin raise exception 'read only'; end $$ language plpgsql"
            )
            cursor.execute(
                "create trigger no_views before insert on desk_view for each row execute function no_views()"
            )


def three_views(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    for hour in ("09", "10", "11"):
        clock(monkeypatch, f"2026-06-15T{hour}:00:00")
        record_view(people["jonas"], people["maya"], Looking("person page", "to prepare a one-to-one", date(2026, 6, 14)))  # fmt: skip


def by_hand(words: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(words, values)


def test_a_lead_opens_a_page_and_the_person_reads_who_it_was(
    served: Home, people: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures_on(served, monkeypatch, people)
    maya, jonas = signed_in("maya"), signed_in("jonas")
    assert "Nobody has opened your page this month." in maya.get("/trust").content.decode()

    shown = jonas.get(page(people["maya"])).content.decode()
    read = maya.get("/trust").content.decode()

    assert "Your view is logged; Maya Berg can see it." in shown
    assert "Jonas Weiss" in read
    assert (
        "15 Jun 2026 09:00 · person page, to prepare a one-to-one · the book, no own figures"
        in read
    )
    assert "Nobody has opened your page this month." not in read
    row = View.objects.get()
    assert (row.viewer, row.subject, row.as_of) == (people["jonas"], people["maya"], None)
    assert "15 Jun 2026 09:00" not in signed_in("tom").get("/trust").content.decode()


def test_ones_own_page_is_nobodys_view_and_a_quarter_of_an_hour_is_one(
    served: Home, people: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures_on(served, monkeypatch, people)
    jonas = signed_in("jonas")
    for _ in range(3):
        jonas.get(page(people["maya"]))
    assert View.objects.count() == 1

    signed_in("maya").get(page(people["maya"]))
    assert View.objects.count() == 1
    jonas.get(page(people["maya"]))  # now with figures, which is another view
    assert [view.as_of for view in View.objects.all()] == [date(2026, 6, 14), None]

    clock(monkeypatch, "2026-06-15T09:15:00")
    jonas.get(page(people["maya"]))
    assert View.objects.count() == 3
    assert not verify_views()


def test_without_a_row_in_the_log_nothing_is_shown(
    served: Home, people: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures_on(served, monkeypatch, people)
    plant(people["maya"])
    maya, jonas = signed_in("maya"), signed_in("jonas")
    maya.get(page(people["maya"]))
    read_only()

    refused = jonas.get(page(people["maya"]))

    assert refused.status_code == 503
    text = refused.content.decode()
    assert "Could not record who is looking, so nothing was shown." in text
    assert SAID not in text
    assert "177" not in text
    with pytest.raises(NotRecorded):
        open_person(scope(served, people["jonas"]), people["maya"].number, served.settings)
    assert not View.objects.exists()
    assert maya.get(page(people["maya"])).status_code == 200  # one's own is never logged


def test_a_log_that_holds_is_said_to_hold(
    people: People, served: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_views(people, monkeypatch)

    assert View.objects.count() == 3
    assert not verify_views()
    assert not verify_views([people["maya"]])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("update desk_view set purpose = 'nothing' where place = 2", "row 2 of 2026-06-15 10:00 UTC was changed"),
        ("update desk_view set at = '2026-06-15 08:00:00+00:00' where place = 1", "row 1 of 2026-06-15 08:00 UTC was changed"),
        ("update desk_view set as_of = null where place = 3", "row 3 of 2026-06-15 11:00 UTC was changed"),
        ("delete from desk_view where place = 1", "row 1 is missing"),
        ("delete from desk_view where place = 2", "row 2 is missing"),
        ("delete from desk_view where place = 3", "row 3 is missing at the end; there were 3"),
        ("delete from desk_view", "row 1 is missing at the end; there were 3"),
        ("update desk_viewchain set length = 2", "does not belong to the end that was kept"),
    ],
)  # fmt: skip
def test_a_row_that_was_changed_by_hand_is_named(
    words: str, says: str, people: People, served: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_views(people, monkeypatch)
    by_hand(words)

    flaws = verify_views()

    assert [flaw.subject for flaw in flaws] == [people["maya"]]
    assert says in flaws[0].says


def test_the_doctor_names_a_changed_row(
    people: People, writable: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TENURE_WORKSPACE", "TENURE_DEMO", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.setenv(name, os.environ.get(name, ""))  # put back afterwards, whatever is set
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tenure.web.settings")
    three_views(people, monkeypatch)
    assert not views_complained_of(writable._asked)  # no pages were ever served from here
    (writable.folder / "desk.sqlite3").touch()
    assert not views_complained_of(writable._asked)
    by_hand("update desk_view set page = 'another' where place = 2")

    found = views_complained_of(writable._asked)

    assert [one.code for one in found] == ["views.changed"]
    assert "maya@cast.example does not hold: row 2" in found[0].says


def test_another_viewer_written_in_by_hand_is_named(
    people: People, served: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_views(people, monkeypatch)
    by_hand("update desk_view set viewer_id = %s where place = 2", people["gil"].pk)

    assert "row 2" in verify_views()[0].says


def test_a_viewers_name_may_go_and_the_chain_holds(
    people: People, served: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_views(people, monkeypatch)
    Person.objects.filter(pk=people["jonas"].pk).update(
        name="a colleague", email="gone@cast.example"
    )

    assert not verify_views()


def test_there_is_no_way_to_change_a_row_here(
    people: People, served: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_views(people, monkeypatch)
    row = View.objects.first()
    assert row is not None
    for act in (row.save, row.delete, View.objects.all().delete, View.objects.all().update):
        with pytest.raises(ValueError, match="written once"):
            act()
    assert ViewChain.objects.get(subject=people["maya"]).length == 3


def test_views_of_another_month_are_found_by_address_and_a_wrong_month_is_this_one(
    served: Home, people: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_views(people, monkeypatch)
    clock(monkeypatch, "2026-07-02T09:00:00")
    maya = signed_in("maya")

    assert "Nobody has opened your page this month." in maya.get("/trust").content.decode()
    assert "Jonas Weiss" in maya.get("/trust?month=2026-06").content.decode()
    assert "July 2026, newest first" in maya.get("/trust?month=' or 1=1").content.decode()
    assert "July 2026, newest first" in maya.get("/trust?month=2999-01").content.decode()


def test_an_opened_number_is_counted_and_by_whom_is_known_to_nobody(
    served: Home, people: People, signed_in: SignedIn
) -> None:
    acts = AuditEntry.objects.count()
    for who in ("maya", "jonas"):
        signed_in(who).get("/accounts/alder/numbers/arr_in_force")
    signed_in("maya").get("/accounts/alder/numbers/health_score")
    signed_in("gil").get("/accounts/alder/numbers/health_score")  # refused, so not opened

    assert metric_views(date(2026, 6, 15), date(2026, 6, 16)) == {
        "arr_in_force": 2,
        "health_score": 1,
    }
    assert not metric_views(date(2026, 6, 16), date(2026, 6, 17))
    assert AuditEntry.objects.count() == acts
    assert {field.name for field in MetricViews._meta.fields} == {"id", "metric", "day", "count"}
