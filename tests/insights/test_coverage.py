"""Coverage against renewal: pencil, laws, referees, and every refusal with its counts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from tenure.insights import CoverageDelta, coverage_delta
from tenure.insights.coverage_result import Worth
from tenure.kernel.errors import UnknownName, UserError
from tenure.signals.rates import Interval, mantel_haenszel_difference, newcombe

Frame = dict[str, list[Any]]


def table(*strata: tuple[str, int, int, int, int]) -> Frame:
    """Segment, covered renewed, covered lost, under-covered renewed, under-covered lost."""
    rows: list[tuple[str, bool, bool]] = []
    for name, a, b, c, d in strata:
        rows += [(name, True, True)] * a + [(name, True, False)] * b
        rows += [(name, False, True)] * c + [(name, False, False)] * d
    columns = zip(*rows, strict=True)
    return dict(zip(("segment", "covered", "renewed"), map(list, columns), strict=True))


def delta(frame: Frame, **more: str) -> CoverageDelta:
    return coverage_delta(frame, renewed="renewed", covered="covered", segment="segment", **more)


def world(size: int, seed: int = 1) -> Frame:
    r = np.random.default_rng(seed)
    segment = r.choice(4, size, p=[0.4, 0.3, 0.2, 0.1])
    planned = r.integers(4, 13, size)
    completed = r.binomial(planned, np.array([0.65, 0.75, 0.85, 0.9])[segment])
    covered = completed >= 0.8 * planned
    chance = np.array([0.66, 0.79, 0.88, 0.95])[segment] + np.where(covered, 0.04, -0.04)
    return {
        "renewed": (r.random(size) < chance).tolist(),
        "planned": planned.tolist(),
        "completed": completed.tolist(),
        "covered": covered.tolist(),
        "segment": [f"s{s}" for s in segment],
        "arr": [Decimal(int(v)) for v in r.integers(1_000, 90_000, size)],
        "health": r.uniform(0, 100, size).tolist(),
    }


WHOLE = {"renewed": "renewed", "planned": "planned", "completed": "completed", "segment": "segment",
         "arr": "arr", "health": "health"}  # fmt: skip


def test_two_strata_by_pencil() -> None:
    """small: 8 of 10 against 12 of 20, weight 10*20/30; large: 9 of 10 against 8 of 10, weight 10*10/20.

    Sato's variance: (.157 * (-1.111 - .25) + 1.467 + .65) / 11.667^2 = .0140, so 15.7 points and 23.2 either way.
    """
    found = delta(table(("small", 8, 2, 12, 8), ("large", 9, 1, 8, 2)))
    assert found.raw == newcombe(17, 20, 20, 30)
    by_pencil = (20 / 3 * (0.8 - 0.6) + 5 * (0.9 - 0.8)) / (20 / 3 + 5)
    assert found.adjusted.estimate == pytest.approx(by_pencil)
    assert found.evidence.events == 13
    assert found.compared == 1
    assert found.says == (
        "Accounts touched as planned renewed 18 points more often (-7 to 39). Among accounts of the same segment the "
        "gap is 16 (-7 to 39). This is an association: CSMs may simply reach healthier customers. What closing it "
        "would be worth is unknown: no ARR of renewals to come was given. To know, run the built-in randomised order."
    )


def test_a_whole_table_says_what_is_alike_and_what_it_would_be_worth() -> None:
    frame = world(500)
    for name, own in frame.items():
        own.append(None if name == "renewed" else own[0])
    frame["planned"][-1], frame["completed"][-1], frame["arr"][-1] = 10, 7, Decimal("1000000.10")
    found = coverage_delta(frame, **WHOLE)
    assert found.worth is not None
    assert found.worth.arr == Decimal("1000000.10")
    assert found.worth.estimate == pytest.approx(
        Decimal(str(found.adjusted.estimate)) * 1_000_000, rel=Decimal("0.001")
    )
    assert found.worth.low == max(Decimal(0), found.worth.low)
    assert "of the same segment, size and earlier health the gap is" in found.says
    assert " a year. To know" in found.says
    assert "cause" not in str(found.to_dict())


def test_a_gap_below_zero_is_worth_a_shown_zero() -> None:
    worth = Worth.of(Decimal(1_000), Interval(-0.02, -0.10, 0.05))
    assert (worth.estimate, worth.low, worth.high) == (
        Decimal("0.00"),
        Decimal("0.00"),
        Decimal("50.00"),
    )


def test_four_of_five_touches_are_covered_and_no_planned_touch_is_left_out_and_counted() -> None:
    frame = table(("a", 8, 4, 6, 6), ("b", 8, 4, 6, 6))
    frame["planned"] = [5] * 48
    frame["completed"] = [4 if own else 3 for own in frame["covered"]]
    frame["planned"][0] = 0
    found = coverage_delta(
        frame, renewed="renewed", planned="planned", completed="completed", segment="segment"
    )
    assert found.arms.covered == 23
    assert found.left_out == {"no touch was planned, or none known": 1}
    assert [line.threshold for line in found.sensitivity] == [0.6, 0.7, 0.8, 0.9, 1.0]
    assert [line.arms.covered for line in found.sensitivity] == [47, 23, 23, 0, 0]
    assert found.sensitivity[1].adjusted == found.adjusted
    assert found.to_dict()["sensitivity"][3]["adjusted"] == [None, None, None]


def test_swapping_the_arms_mirrors_the_comparison() -> None:
    frame = table(("a", 20, 9, 31, 22), ("b", 40, 8, 17, 6), ("c", 11, 3, 5, 9))
    other = {**frame, "covered": [not own for own in frame["covered"]]}
    there, back = delta(frame), delta(other)
    for a, b in ((there.raw, back.raw), (there.adjusted, back.adjusted)):
        assert (a.estimate, a.low, a.high) == pytest.approx((-b.estimate, -b.high, -b.low))
    assert there.e_value == pytest.approx(back.e_value)
    assert " more often" in there.says
    assert " less often" in back.says


def test_the_same_strata_twice_keep_the_estimate_and_narrow_the_interval() -> None:
    strata = [("a", 20, 9, 31, 22), ("b", 40, 8, 17, 6)]
    once = delta(table(*strata))
    twice = delta(table(*strata, *((name + "again", *own) for name, *own in strata)))
    assert twice.adjusted.estimate == pytest.approx(once.adjusted.estimate)
    wide, narrow = (i.high - i.low for i in (once.adjusted, twice.adjusted))
    assert narrow == pytest.approx(wide / 2**0.5)


def test_rows_in_another_order_give_the_same_result_to_the_last_bit() -> None:
    frame = world(700)
    order = np.random.default_rng(2).permutation(700)
    shuffled = {name: [own[i] for i in order] for name, own in frame.items()}
    there, back = coverage_delta(frame, **WHOLE), coverage_delta(shuffled, **WHOLE)
    assert there == back
    assert there.second_opinion is not None
    assert there.evidence.stream == 1


def test_strata_agree_with_a_referee_that_counts_by_hand() -> None:
    frame = world(600, seed=3)
    found = coverage_delta(frame, **WHOLE)
    arr = np.array([float(v) for v in frame["arr"]])
    cuts = np.quantile(arr, [1 / 3, 2 / 3])
    counts: dict[tuple[Any, ...], list[int]] = {}
    for row in range(600):
        health = frame["health"][row]
        zone = "red" if health < 50 else "yellow" if health < 70 else "green"
        key = (frame["segment"][row], int((arr[row] > cuts).sum()), zone)
        place = 2 * (not frame["covered"][row]) + (not frame["renewed"][row])
        counts.setdefault(key, [0, 0, 0, 0])[place] += 1
    referee, error, share = mantel_haenszel_difference([tuple(c) for c in counts.values()])  # type: ignore[misc]  # four each
    assert found.adjusted.estimate == pytest.approx(referee)
    assert (found.adjusted.high - found.adjusted.low) == pytest.approx(
        2 * 1.959964 * error, rel=1e-6
    )
    assert found.compared == pytest.approx(share)
    assert len(found.overlap) == len(counts)


def test_weights_undo_what_segments_do_to_the_plain_difference() -> None:
    frame = world(4_000, seed=5)
    found = coverage_delta(frame, **WHOLE)
    assert found.second_opinion is not None
    assert found.raw.estimate > 0.11
    assert found.second_opinion.low < 0.08 < found.second_opinion.high
    assert found.second_opinion.estimate == pytest.approx(found.adjusted.estimate, abs=0.02)


def test_one_segment_weighted_by_a_constant_is_the_plain_difference() -> None:
    frame = table(("a", 300, 80, 250, 130))
    frame["health"] = ["x", "y"] * 380
    found = delta(frame, health="health")
    assert found.second_opinion is not None
    assert found.second_opinion.estimate == pytest.approx(found.raw.estimate, abs=0.01)


def test_fewer_than_ten_lost_renewals_are_refused_with_what_is_missing() -> None:
    found = delta(table(("a", 30, 3, 20, 3), ("b", 10, 1, 10, 2)))
    assert found.refused is not None
    assert found.refused.reason == "too_little_history"
    assert found.says == (
        "You have 9 renewals lost among 79 with coverage recorded. 1 more lost and coverage can be compared."
    )
    assert found.to_dict()["raw"] == [None, None, None]
    assert delta(table(("a", 30, 4, 20, 3), ("b", 10, 1, 10, 2))).refused is None


def test_fewer_than_two_strata_with_both_arms_are_refused() -> None:
    found = delta(table(("a", 30, 8, 20, 8), ("b", 10, 3, 0, 0)))
    assert found.refused is not None
    assert found.refused.reason == "no_data"
    assert found.says == (
        "1 group of accounts of the same segment holds both covered and under-covered renewals; 2 are needed, 1 more "
        "than there are."
    )
    alone = coverage_delta(table(("a", 30, 8, 20, 8)), renewed="renewed", covered="covered")
    assert alone.refused is not None
    assert "no column says who is alike" in alone.says


def test_a_stratum_of_one_arm_drops_out_and_is_told() -> None:
    found = delta(table(("a", 30, 8, 20, 8), ("b", 10, 3, 9, 2), ("c", 10, 0, 0, 0)))
    assert found.compared == pytest.approx(90 / 100)
    assert (
        found.notes[0]
        == "10 renewals of 100 (10 %) have no alike account in the other arm and drop out."
    )
    assert found.notes[1].endswith("79 more are needed.")
    assert found.second_opinion is None


def test_the_e_value_of_an_interval_that_holds_none_is_one() -> None:
    unsure = delta(table(("a", 30, 8, 20, 8), ("b", 10, 3, 9, 2)))
    assert unsure.e_value_limit == 1
    sure = delta(table(("a", 90, 5, 60, 40), ("b", 50, 3, 40, 20)))
    assert 1 < sure.e_value_limit < sure.e_value


def test_health_is_a_stratum_of_its_own_where_nobody_scored() -> None:
    frame = table(("a", 30, 8, 20, 8))
    frame["health"] = ([None] * 20 + [80] * 5 + [60] * 5) + [20] * 16 + [None] * 20
    found = delta(frame, health="health")
    assert {s.stratum["health"] for s in found.overlap} == {"unknown", "green", "yellow", "red"}


def test_columns_that_are_missing_or_wrong_say_so() -> None:
    frame = table(("a", 30, 8, 20, 8))
    with pytest.raises(UserError, match="coverage") as missing:
        coverage_delta(frame, renewed="renewed", segment="segment")
    assert missing.value.code == "coverage.columns"
    with pytest.raises(UnknownName, match="segment"):
        coverage_delta(frame, renewed="renewed", covered="covered", segmnt="segment")
    frame["covered"][3] = 0.7
    with pytest.raises(UserError, match="row 4") as wrong:
        delta(frame)
    assert wrong.value.code == "table.yes_no"
