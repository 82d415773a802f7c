"""No figure of fewer people than the minimum, and none by subtraction: an attacker with linear algebra tries."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.insights.minimum import Breakdown, Group, team_time_shown, with_minimum

LEAST = 3
"""The lowest setting, at which small cases can be searched in full."""


def shown_rows(found: Breakdown, sizes: list[int], known: list[int]) -> tuple[np.ndarray, set[int]]:
    """What a reader holds as sums over people: a row per value shown, and each person they know already."""
    starts = np.cumsum([0, *sizes])
    people = int(starts[-1])
    rows, alone = [np.zeros(people)], set()
    for place, group in enumerate(found.groups):
        row = np.zeros(people)
        row[starts[place] : starts[place + 1]] = 1
        if not group.is_hidden:
            rows.append(row)
        for one in range(starts[place], starts[place] + known[place]):
            alone.add(one)
            rows.append(np.eye(people)[one])
    if found.total == "total":
        rows.append(np.ones(people))
    return np.array(rows), alone


def can_tell(rows: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether the sum over some people follows from the rows."""
    rank = np.linalg.matrix_rank(rows)
    return bool(np.linalg.matrix_rank(np.vstack([rows, wanted])) == rank)


@st.composite
def teams(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    sizes = draw(st.lists(st.integers(0, 5), min_size=1, max_size=4))
    return sizes, [draw(st.integers(0, size)) for size in sizes]


def broken_down(sizes: list[int], known: list[int], least: int = LEAST) -> Breakdown:
    groups = [
        Group(f"g{i}", "shown", n, k) for i, (n, k) in enumerate(zip(sizes, known, strict=True))
    ]
    return with_minimum(groups, "total", least=least)


@given(teams())
def test_nothing_about_fewer_people_than_the_minimum_can_be_worked_out(
    team: tuple[list[int], list[int]],
) -> None:
    sizes, known = team
    rows, alone = shown_rows(broken_down(sizes, known), sizes, known)
    strangers = [one for one in range(sum(sizes)) if one not in alone]

    for size in range(1, LEAST):
        for some in combinations(strangers, size):
            wanted = np.zeros(sum(sizes))
            wanted[list(some)] = 1
            assert not can_tell(rows, wanted), some


def test_the_attacker_finds_the_person_where_only_the_small_group_is_hidden() -> None:
    """The test can fail: the naive rule, which hides small groups and shows the total, gives the one person away."""
    naive = Breakdown(broken_down([1, 4], [0, 0]).groups[:1] + [Group("g1", "shown", 4)], "total")  # type: ignore[operator]
    rows, _ = shown_rows(naive, [1, 4], [0, 0])

    assert can_tell(rows, np.array([1, 0, 0, 0, 0]))


@pytest.mark.parametrize(
    ("sizes", "hidden", "total"),
    [
        ([5, 7], set(), True),
        ([4, 7], {0, 1}, True),
        ([4, 7, 6], {0, 2}, True),
        ([2, 3, 9], {0, 1}, True),
        ([1, 1, 9], {0, 1, 2}, True),
        ([4], {0}, False),
        ([2, 2], {0, 1}, False),
        ([0, 6], set(), True),
    ],
)
def test_what_is_hidden_by_hand(sizes: list[int], hidden: set[int], total: bool) -> None:
    found = broken_down(sizes, [0] * len(sizes), least=5)

    assert {i for i, group in enumerate(found.groups) if group.is_hidden} == hidden
    assert (found.total == "total") is total
    if not total:
        assert found.total.says == "hidden: fewer than 5 people"


def test_one_leaver_hides_a_group_of_five() -> None:
    assert not broken_down([5], [0], least=5).groups[0].is_hidden
    assert broken_down([4], [0], least=5).groups[0].is_hidden


def test_a_group_of_which_all_but_one_are_known_tells_the_last_one_and_is_hidden() -> None:
    assert broken_down([6], [5], least=5).groups[0].is_hidden
    assert not broken_down([6], [6], least=5).groups[0].is_hidden


def test_small_teams_show_their_time_only_when_all_have_agreed() -> None:
    assert team_time_shown(5, 0)
    assert team_time_shown(3, 3)
    assert not team_time_shown(3, 2)
    assert not team_time_shown(1, 1)
