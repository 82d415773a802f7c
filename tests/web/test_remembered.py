"""What is kept between requests is kept per sight: nobody is shown what was made for somebody else."""

from __future__ import annotations

from dataclasses import replace

from tenure.desk.home import Home
from tenure.desk.models import Person
from tenure.web.remembered import MOST, remembered


def test_an_answer_is_made_once_for_a_sight_and_anew_for_another(
    served: Home, people: dict[str, Person]
) -> None:
    present = served.present()
    maya, tom, rosa = (served.scope(people[key]) for key in ("maya", "tom", "rosa"))
    made: list[str] = []

    def make(name: str) -> list[str]:
        made.append(name)
        return [name]

    first = remembered(present, maya, "book", make=lambda: make("maya"))
    again = remembered(present, maya, "book", make=lambda: make("maya again"))
    other = remembered(present, tom, "book", make=lambda: make("tom"))
    fewer = remembered(
        present, replace(maya, accounts=frozenset({"alder"})), "book", make=lambda: make("own")
    )
    sold = remembered(present, rosa, "book", make=lambda: make("rosa"))
    newer = remembered(replace(present), maya, "book", make=lambda: make("newer rows"))

    assert first is again
    assert (other, fewer, sold, newer) == (["tom"], ["own"], ["rosa"], ["newer rows"])
    assert made == ["maya", "tom", "own", "rosa", "newer rows"]


def test_what_nobody_asks_for_any_more_is_forgotten(
    served: Home, people: dict[str, Person]
) -> None:
    present, scope = served.present(), served.scope(people["maya"])
    for number in range(MOST + 1):
        remembered(present, scope, "many", number, make=lambda: 1)

    assert remembered(present, scope, "many", 0, make=lambda: 2) == 2
    assert remembered(present, scope, "many", MOST, make=lambda: 2) == 1
