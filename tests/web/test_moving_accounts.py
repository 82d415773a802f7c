"""Accounts change books from a day on: seen before, counted within the minute, undone, and handed over on paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from tenure.desk.home import Home
from tenure.desk.models import AuditEntry, Move, Person
from tenure.desk.move_accounts import move_accounts, undo_move
from tenure.desk.visible import NoSuchAccount
from tenure.kernel.errors import UserError

TODAY = date(2026, 6, 15)
YESTERDAY = date(2026, 6, 14)
SignedIn = Callable[[str], Client]


def owner(home: Home, account: str, day: date | None = None) -> str:
    return str(home.present(day).by_id[account].owner)


def test_an_account_is_in_the_other_book_from_the_day_on_and_back_when_it_is_undone(
    writable: Home, people: dict[str, Person]
) -> None:
    jonas = writable.scope(people["jonas"])
    assert not writable.scope(people["tom"]).edits("alder")

    alone = move_accounts(jonas, ["fir"], "U2", TODAY)
    writable.until_current()
    undo_move(jonas, alone)
    writable.until_current()
    assert writable.present().by_id["fir"].owner_id == "unassigned"

    act = move_accounts(jonas, ["alder", "fir"], "U2", TODAY)
    writable.until_current()

    assert owner(writable, "alder") == owner(writable, "fir") == "Tom Ruiz"
    assert owner(writable, "alder", YESTERDAY) == "Maya Berg"
    assert writable.scope(people["tom"]).edits("alder")
    assert not writable.scope(people["maya"]).edits("alder")

    assert undo_move(jonas, act) == 2
    writable.until_current()

    assert owner(writable, "alder") == "Maya Berg"
    assert writable.present().by_id["fir"].owner_id == "unassigned"
    assert AuditEntry.objects.filter(verb="move account").count() == 3
    assert AuditEntry.objects.filter(verb="undo move").count() == 3


def test_moved_on_and_back_every_step_is_undone_in_its_turn(
    writable: Home, people: dict[str, Person]
) -> None:
    jonas = writable.scope(people["jonas"])
    first = move_accounts(jonas, ["alder"], "U2", date(2026, 6, 10))
    writable.until_current()
    second = move_accounts(jonas, ["alder"], "U3", TODAY)
    writable.until_current()
    assert owner(writable, "alder") == "Jonas Weiss"
    assert owner(writable, "alder", YESTERDAY) == "Tom Ruiz"
    assert owner(writable, "alder", date(2026, 6, 9)) == "Maya Berg"

    with pytest.raises(UserError):
        undo_move(jonas, first)
    undo_move(jonas, second)
    writable.until_current()
    assert owner(writable, "alder") == "Tom Ruiz"
    undo_move(jonas, first)
    writable.until_current()
    assert owner(writable, "alder", YESTERDAY) == owner(writable, "alder") == "Maya Berg"


def test_a_move_ahead_counts_when_its_day_has_come(
    writable: Home, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    move_accounts(writable.scope(people["olga"]), ["alder"], "U2", date(2026, 6, 17))
    writable.until_current()
    assert owner(writable, "alder") == "Maya Berg"

    monkeypatch.setenv("TENURE_NOW", "2026-06-17T09:00:00")
    assert owner(writable, "alder", date(2026, 6, 17)) == "Tom Ruiz"


def test_a_move_that_cannot_be_is_refused(served: Home, people: dict[str, Person]) -> None:
    jonas = served.scope(people["jonas"])
    for accounts, to, day in (
        ([], "U2", TODAY),
        (["alder"], "U99", TODAY),
        (["alder"], "", TODAY),
        (["alder"], "U1", TODAY),
        (["alder"], "U2", date(2026, 5, 1)),
        (["alder"], "U2", date(2027, 7, 1)),
    ):
        with pytest.raises(UserError) as refused:
            move_accounts(jonas, accounts, to, day)
        assert refused.value.code == "move.refused"

    assert not Move.objects.exists()


def test_only_a_lead_and_ops_move_accounts(served: Home, people: dict[str, Person]) -> None:
    people["eve"].refresh_from_db()
    for who in ("maya", "rosa", "paul", "gil", "eve"):
        with pytest.raises(NoSuchAccount):
            move_accounts(served.scope(people[who]), ["alder"], "U2", TODAY)


def test_a_lead_sees_both_books_before_and_after_moves_undoes_and_prints(
    writable: Home, signed_in: SignedIn
) -> None:
    jonas = signed_in("jonas")
    start = jonas.get("/team/reassign?from=U1").content.decode()
    assert "Alder Works" in start
    assert "Elm Logistics" not in start

    asked = "from=U1&to=U2&day=2026-06-15&account=alder&account=birch&preview=1"
    preview = jonas.get(f"/team/reassign?{asked}").content.decode()
    assert "Maya Berg" in preview
    assert "$177k" in preview
    assert "$375k" in preview

    typed = {"to": "U2", "day": "2026-06-15", "account": ["alder", "birch"], "from": "U1"}
    done = jonas.post("/team/reassign", typed)
    assert done.status_code == 302
    writable.until_current()
    assert owner(writable, "birch") == "Tom Ruiz"

    act = Move.objects.first().act  # type: ignore[union-attr]
    pack = jonas.get(f"/team/reassign/{act}/pack").content.decode()
    for words in ("Alder Works", "Dana of alder", "Birch &amp; Co", "From Maya Berg to Tom Ruiz"):
        assert words in pack
    assert jonas.post(f"/team/reassign/{act}/undo").status_code == 302
    writable.until_current()
    assert owner(writable, "birch") == "Maya Berg"
    assert jonas.get(f"/team/reassign/{act}/pack").status_code == 200


def test_what_is_refused_keeps_what_was_chosen_and_says_why(
    served: Home, signed_in: SignedIn
) -> None:
    jonas = signed_in("jonas")
    for typed in (
        {"from": "U1", "to": "", "day": "2026-06-15", "account": ["alder"]},
        {"from": "U1", "to": "U2", "day": "someday", "account": ["alder"]},
        {"from": "U1", "to": "U2", "day": "2026-06-15"},
    ):
        answer = jonas.post("/team/reassign", typed)
        assert answer.status_code == 422
        assert "Nothing was moved." in answer.content.decode()
    assert 'value="alder" checked' in jonas.post("/team/reassign", {"from": "U1", "to": "", "day": "", "account": ["alder"]}).content.decode()  # fmt: skip
    missing = {"from": "U1", "to": "U2", "day": "2026-06-15", "account": ["nowhere"]}
    assert jonas.post("/team/reassign", missing).status_code == 404
    assert not Move.objects.exists()


def test_figures_of_a_move_are_those_of_the_book(served: Home) -> None:
    from tenure.insights.moving import books_moved, load_of

    present = served.present()
    books = books_moved(present.rows, ["alder", "elm"], ("U2", "Tom Ruiz"))
    maya, tom = books

    assert [book.owner for book in books] == ["Maya Berg", "Tom Ruiz"]
    assert maya.before == load_of([row for row in present.rows if row.owner_id == "U1"])
    assert maya.before.accounts - maya.after.accounts == 1
    assert tom.after.arr - tom.before.arr == 120_000
    assert maya.after.arr + tom.after.arr == maya.before.arr + tom.before.arr


def test_moves_make_the_rows_they_say() -> None:
    from tenure.desk.moves_to_lake import assignments

    made = Move(account_id="a", from_member="U1", from_start=date(2026, 1, 1), to_member="U2", starts_on=TODAY)  # fmt: skip
    rows = assignments([made])

    assert [(row["user_id"], row["start_date"], row["end_date"]) for row in rows] == [
        ("U1", date(2026, 1, 1), TODAY),
        ("U2", TODAY, None),
    ]
