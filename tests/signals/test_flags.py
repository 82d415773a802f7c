"""Flags by pencil: when they open and close, on what evidence, and how people hold them down."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.kernel.errors import UserError
from tenure.signals.flags import Hold, Outcome, Reading, Rule, outcomes
from tenure.signals.lines import Line
from tenure.signals.watching import flags

START = date(2026, 1, 5)
RULE = Rule("active_user_pct", Line(20, "<"), Line(25, ">="), threshold="v3")
SILENT = Rule("days_since_touch", Line(30, ">="), Line(30, "<"), patience="at once")


def week(number: int) -> date:
    return START + timedelta(weeks=number)


def weekly(*values: float | None, late: tuple[int, ...] = ()) -> list[Reading]:
    return [
        Reading(week(i), math.nan if v is None else v, late=i in late) for i, v in enumerate(values)
    ]


def spans(readings: list[Reading], rule: Rule = RULE, holds: tuple[Hold, ...] = ()) -> list[tuple[int, int | None]]:  # fmt: skip
    """Weeks of opening and closing."""
    return [
        ((f.opened_on - START).days // 7, (f.closed_on - START).days // 7 if f.closed_on else None)
        for f in flags(readings, rule, holds)
    ]


def test_two_of_three_readings_open_and_one_does_not() -> None:
    assert spans(weekly(40, 19, 40, 40, 19, 40, 40)) == []
    assert spans(weekly(40, 19, 40, 19)) == [(3, None)]
    assert spans(weekly(40, 20, 20, 20)) == []  # the line itself is not below the line


def test_between_the_lines_nothing_opens_and_nothing_closes() -> None:
    #                     0   1   2   3   4   5   6   7   8   9
    assert spans(weekly(40, 18, 17, 22, 24, 22, 26, 24, 25, 22)) == [(2, 8)]
    assert spans(weekly(22, 24, 22, 24)) == []
    assert spans(weekly(10, 10, 30, 22, 22, 30, 22, 22, 30)) == [(1, None)]


def test_a_closed_flag_opens_again_as_another() -> None:
    assert spans(weekly(10, 10, 30, 30, 10, 10, 30, 30)) == [(1, 3), (5, 7)]


def test_what_is_judged_at_once_opens_and_closes_with_one_reading() -> None:
    days = [Reading(START + timedelta(days=i), v) for i, v in enumerate([28, 29, 30, 31, 0, 1])]
    (flag,) = flags(days, SILENT)
    assert (flag.opened_on, flag.closed_on) == (days[2].day, days[4].day)
    assert (flag.value, flag.value_at_close) == (30, 0)


def test_the_evidence_says_value_line_zones_and_since() -> None:
    (flag,) = flags(weekly(40, 22, 18, 22, 17), RULE)
    assert flag.to_dict() == {
        "metric": "active_user_pct",
        "opened_on": "2026-02-02",
        "since": "2026-01-19",
        "value": 17,
        "line": "below 20",
        "zone_left": "in between",
        "zone_entered": "at risk",
        "threshold": "v3",
        "closed_on": None,
        "value_at_close": None,
        "ended": None,
        "reason_said": "",
    }
    assert flags(weekly(10, 10), RULE)[0].zone_left == "unknown"


def test_a_late_source_and_an_unknown_value_leave_flags_as_they_are() -> None:
    assert spans(weekly(40, 10, 10, 40, 40, late=(1, 2))) == []
    assert spans(weekly(10, 10, 40, 40, 40, late=(2, 3))) == [(1, None)]
    assert spans(weekly(10, 10, 40, 40, 40, late=(2,))) == [(1, 4)]
    assert spans(weekly(10, None, None, 10)) == [(3, None)]


def test_a_snooze_holds_the_flag_down_until_its_day_and_then_it_opens_again() -> None:
    snooze = Hold("snoozed", week(2), week(5), "waiting for the rollout")
    found = flags(weekly(10, 10, 10, 10, 10, 10, 10), RULE, (snooze,))
    assert [(f.opened_on, f.closed_on, f.ended) for f in found] == [
        (week(1), week(2), "snoozed"),
        (week(5), None, None),
    ]
    assert found[0].reason_said == "waiting for the rollout"
    assert spans(weekly(10, 10, 10, 30, 30, 30, 30), holds=(snooze,)) == [(1, 2)]


def test_a_flag_dismissed_on_the_day_it_opened_stays_in_the_history() -> None:
    dismissal = Hold("dismissed", week(1), week(30), "seasonal business")
    (flag,) = flags(weekly(10, 10, 10), RULE, (dismissal,))
    assert (flag.opened_on, flag.closed_on, flag.ended) == (week(1), week(1), "dismissed")
    (last,) = flags(weekly(10, 10), RULE, (dismissal,))
    assert last == flag


def test_outcomes_tell_the_calibration_what_became_of_each_flag() -> None:
    dismissal = Hold("dismissed", week(6), week(40), "wrong number")
    found = flags(weekly(10, 10, 30, 30, 10, 10, 10, 10), RULE, (dismissal,))
    told = outcomes(found, decided_on=week(14), known_to=week(20))
    assert told == [
        Outcome("active_user_pct", week(1), 10, "recovered", "", "stayed"),
        Outcome("active_user_pct", week(5), 10, "dismissed", "wrong number", "churned"),
    ]
    assert told[1].to_dict()["opened_on"] == week(5).isoformat()
    assert [o.verdict for o in outcomes(found, decided_on=None, known_to=week(15))] == [
        "stayed", "not yet known",
    ]  # fmt: skip


@given(st.lists(st.sampled_from([10.0, 22.0, 30.0, math.nan]), max_size=40))
def test_flags_never_overlap_and_mirror_with_the_metric(values: list[float]) -> None:
    found = flags(weekly(*values), RULE)
    assert all(f.closed_on is not None for f in found[:-1])
    assert all(a.closed_on < b.opened_on for a, b in zip(found, found[1:], strict=False))  # type: ignore[operator]
    mirrored = Rule("m", Line(-20, ">"), Line(-25, "<="))
    assert spans(weekly(*[-v for v in values]), mirrored) == spans(weekly(*values))


def test_lines_that_overlap_and_holds_without_a_reason_are_refused() -> None:
    for at_risk, exit_ in [(Line(20, "<"), Line(15, ">")), (Line(20, "<="), Line(20, ">=")), (Line(20, "<"), Line(25, "<"))]:  # fmt: skip
        with pytest.raises(UserError, match="at once") as error:
            Rule("m", at_risk, exit_)
        assert error.value.code == "flag.exit"
    with pytest.raises(UserError) as error:
        Hold("snoozed", week(1), week(2), " ")
    assert error.value.code == "flag.hold"
    with pytest.raises(UserError) as error:
        Line(1, "=")  # type: ignore[arg-type]
    assert error.value.code == "line.sign"
