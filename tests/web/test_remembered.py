"""What is kept between requests is kept per sight: nobody is shown what was made for somebody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tenure.desk.home import Home
from tenure.desk.models import Person
from tenure.web.remembered import MOST, remembered, renew
from tenure.workspace.present import Present


def test_an_answer_is_made_once_for_the_accounts_seen_and_anew_for_others(
    served: Home, people: dict[str, Person]
) -> None:
    present = served.present()
    maya, tom, rosa = (served.scope(people[key]).accounts for key in ("maya", "tom", "rosa"))
    made: list[str] = []

    def make(name: str) -> list[str]:
        made.append(name)
        return [name]

    first = remembered(present, maya, "book", make=lambda _: make("everyone's"))
    again = remembered(present, maya, "book", make=lambda _: make("again"))
    same = remembered(present, tom, "book", make=lambda _: make("tom's"))
    fewer = remembered(present, frozenset({"alder"}), "book", make=lambda _: make("own"))
    sold = remembered(present, rosa, "book", make=lambda _: make("rosa's"))
    newer = remembered(replace(present), maya, "book", make=lambda _: make("newer rows"))

    assert maya is tom is None  # both see every account
    assert rosa is not None
    assert first is again is same
    assert (fewer, sold, newer) == (["own"], ["rosa's"], ["newer rows"])
    assert made == ["everyone's", "own", "rosa's", "newer rows"]


def test_what_nobody_asks_for_any_more_is_forgotten(served: Home) -> None:
    present = served.present()
    for number in range(MOST + 1):
        remembered(present, None, "many", number, make=lambda _: 1)

    assert remembered(present, None, "many", 0, make=lambda _: 2) == 2
    assert remembered(present, None, "many", MOST, make=lambda _: 2) == 1


def test_what_everybody_was_shown_is_made_of_newer_rows_before_they_are_shown(
    served: Home,
) -> None:
    before = served.present()
    now = replace(before)
    made: list[tuple[str, Present]] = []

    def make(name: str) -> Callable[[Present], str]:
        return lambda rows: made.append((name, rows)) or name

    remembered(before, None, "everyone's", make=make("everyone's"))
    remembered(before, frozenset({"alder"}), "own", make=make("own"))
    renew(before, now)
    assert made == [("everyone's", before), ("own", before), ("everyone's", now)]
    remembered(now, None, "everyone's", make=make("again"))
    assert len(made) == 3
