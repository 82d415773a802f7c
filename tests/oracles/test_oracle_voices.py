"""The oracles of surveys, advocacy and programme against cases small enough for a pencil. Nothing of Tenure runs here."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from oracles import advocacy, programme, surveys
from oracles.calibration import AS_OF, leavers_and_stayers
from oracles.plain import account, contract, rows_of
from oracles.product import world
from oracles.product_questions import ELSEWHERE, METRICS, questions
from oracles.product_reading import Facts
from oracles.programme import Outcomes, Registered
from oracles.told import Told

TODAY = date(2025, 6, 30)
QUARTER = (date(2025, 4, 1), date(2025, 7, 1))
Row = dict[str, Any]


def back(days: int) -> date:
    return TODAY - timedelta(days=days)


def answer(score: int, days: int = 1, kind: str = "nps", **more: Any) -> Row:
    row: Row = {"account_id": "A", "contact_id": None, "user_id": None, "survey_type": kind}
    row |= {"response_id": f"r{score}-{days}-{len(more)}", "score": score, "effort_coded": None}
    row |= {"scale_min": None, "scale_max": None}
    row["responded_at"] = datetime(2025, 6, 30, 12, tzinfo=UTC) - timedelta(days=days)
    return row | more


def asked(oracle: Any, *rows: Row, **parameters: Any) -> Told:
    told: Told = oracle(Facts({"survey_responses": list(rows)}), TODAY, *QUARTER, **parameters)
    return told


def many(counts: dict[int, int], kind: str = "nps", **more: Any) -> list[Row]:
    return [
        answer(score, kind=kind, response_id=f"{score}-{number}", **more)
        for score, count in counts.items()
        for number in range(count)
    ]


def test_nps_bands_are_those_of_bain():
    told = asked(surveys.nps, *[answer(score, response_id=str(score)) for score in range(11)])
    parts = told.components
    assert (parts["promoters"], parts["passives"], parts["detractors"]) == (2, 2, 7)
    assert told.value == Fraction(-500, 11)


def test_nps_of_sixty_ninety_and_a_hundred_is_sixteen():
    told = asked(surveys.nps, *many({3: 60, 8: 90, 10: 100}))
    assert (told.value, told.components["n"]) == (16, 250)


def test_nps_margin_is_the_spread_cross_validated_derives():
    # Half promoters, a third passives, a sixth detractors: NPS 1/3, variance 5/9; 324 answers.
    told = asked(surveys.nps, *many({9: 162, 7: 108, 0: 54}), view="margin_of_error")
    assert told.value == Fraction(100, 3)
    error = 100 * (5 / 9) ** 0.5 / 18
    assert told.components["standard_error_points"] == pytest.approx(error, rel=1e-12)
    assert told.components["margin_95_points"] == pytest.approx(1.96 * error, rel=1e-12)
    p, d = Fraction(1, 2), Fraction(1, 6)
    assert error == pytest.approx(100 * float((p + d - (p - d) ** 2) / 324) ** 0.5)


def test_nps_rejects_before_it_takes_the_latest_answer_of_a_person():
    rows = [
        answer(9, 20, contact_id="p"),
        answer(2, 10, contact_id="p"),
        answer(11, 5, contact_id="p"),
        answer(0, 4, contact_id="p", scale_min=1, scale_max=10),
        answer(10, 3),
        answer(10, 3, response_id="other"),
        answer(10, -1),
    ]
    told = asked(surveys.nps, *rows)
    assert (told.components["n"], told.components["rejected"]) == (3, 2)
    assert told.components["detractors"] == 1
    assert asked(surveys.nps, *rows, dedupe="none").components["n"] == 4
    assert asked(surveys.nps).unknown == "undefined"


def test_nps_of_a_scale_from_one_is_marked_only_when_it_counts():
    assert asked(surveys.nps, answer(10, scale_min=1, scale_max=10)).components["scale_mismatch"]
    told = asked(surveys.nps, answer(0, scale_min=1, scale_max=10), answer(9))
    assert (told.components["scale_mismatch"], told.components["rejected"]) == (False, 1)


def test_nps_by_csm_takes_the_person_where_the_last_answer_was_given():
    rows = [
        answer(0, 9, contact_id="p", user_id="tom"),
        answer(10, 2, contact_id="p", user_id="maya"),
        answer(6, 2),
    ]
    told = asked(surveys.nps, *rows, by="csm")
    assert told.components == {"by_csm": {"maya": 100, "unassigned": -100}, "company": 0}


SEVEN = {"kind": "ces", "scale_min": 1, "scale_max": 7}


def test_ces_average_is_that_of_cys():
    counts = {1: 80, 2: 210, 3: 140, 4: 110, 5: 160, 6: 180, 7: 120}
    told = asked(surveys.ces, *many(counts, **SEVEN))
    assert (told.value, told.components["pct_easy_5_7"]) == (Fraction(408, 100), Fraction(46, 100))


def test_ces_index_is_that_of_cys():
    counts = {6: 300, 7: 270, 4: 100, 5: 90, 1: 100, 2: 100, 3: 40}
    told = asked(surveys.ces, *many(counts, **SEVEN), variant="index")
    assert (told.value, "pct_easy_5_7" in told.components) == (Fraction(33, 100), False)


def test_ces_counts_five_to_seven_as_zonka_does():
    told = asked(surveys.ces, *many(dict.fromkeys(range(1, 8), 1), **SEVEN))
    assert told.components["pct_easy_5_7"] == Fraction(3, 7)


def test_ces_turns_effort_over_and_carries_mixed_scales_to_seven():
    effort = answer(2, kind="ces", scale_min=1, scale_max=5, effort_coded=True)
    assert asked(surveys.ces, effort).value == 4
    told = asked(surveys.ces, effort, answer(7, **SEVEN))
    assert (told.value, told.components["n"]) == (Fraction(11, 2) / 2 + Fraction(7, 2), 2)
    outside = answer(8, **SEVEN)
    unscaled = answer(3, kind="ces")
    assert asked(surveys.ces, outside, unscaled).unknown == "undefined"


def test_csat_is_satisfied_from_four_of_five_and_seven_of_ten():
    rows = [answer(n, kind="csat", scale_min=1, scale_max=5) for n in (3, 4, 5)]
    rows += [answer(n, kind="csat", scale_min=1, scale_max=10) for n in (6, 7)]
    told = asked(surveys.csat, *rows)
    assert (told.components, told.value) == ({"n": 5, "satisfied": 3}, Fraction(3, 5))


def test_csat_of_a_ticket_belongs_to_the_day_it_was_solved():
    opened = datetime(2025, 6, 29, tzinfo=UTC)
    rows = [
        {"csat": Decimal(4), "created_at": opened, "solved_at": None},
        {"csat": 1, "created_at": opened - timedelta(days=200), "solved_at": opened},
        {"csat": 1, "created_at": opened, "solved_at": opened + timedelta(days=3)},
        {"csat": None, "created_at": opened, "solved_at": opened},
    ]
    told = surveys.csat(Facts({"tickets": rows}), TODAY, *QUARTER)
    assert (told.components["n"], told.value) == (2, Fraction(1, 2))


def act(kind: str, status: str, days: int = 1, **more: Any) -> Row:
    row: Row = {"account_id": "A", "contact_id": None, "user_id": None, "site": None}
    row |= {"event_id": f"e{kind}{status}{days}{len(more)}", "event_type": kind, "status": status}
    return row | {"event_date": back(days), "referred_company": None} | more


def helped(*rows: Row) -> Facts:
    held = contract("c", date(2024, 1, 1), None, 100)
    left = contract("d", date(2024, 1, 1), back(100), 100, account_id="B", status="ended")
    return Facts(rows_of(held, left) | {"advocacy_events": list(rows)})


def test_an_agreement_is_pipeline_and_the_same_act_of_one_person_counts_once():
    rows = [
        act("review", "published", 9, contact_id="p", site="G2", user_id="maya"),
        act("review", "published", 8, contact_id="p", site="G2", user_id="tom"),
        act("review", "published", 8, contact_id="p", site="Capterra"),
        act("review", "published", 8),
        act("review", "published", 8, event_id="another"),
        act("reference_call", "completed"),
        act("reference_call", "completed", -1),
        act("case_study", "in_progress"),
        act("reference_agreement", "agreed"),
    ]
    told = advocacy.advocacy_activity(helped(*rows), TODAY, *QUARTER)
    assert told.value == 5
    assert told.components["by_csm"] == {"maya": 1, "unassigned": 4}
    assert told.components["by_type"] == {"review": 4, "reference_call": 1}
    assert told.components["participation"] == {
        "references_completed": 1,
        "case_studies_in_progress": 1,
    }
    reviews = advocacy.review_submission(helped(*rows[:3]), TODAY, *QUARTER)
    assert (reviews.value, reviews.components["by_site"]) == (2, {"G2": 1, "Capterra": 1})


@pytest.mark.parametrize(
    ("rows", "willing"),
    [
        ([("agreed", date(2024, 7, 1))], True),
        ([("agreed", date(2024, 6, 30))], False),
        ([("agreed", back(5)), ("withdrawn", back(4))], False),
        ([("withdrawn", back(5)), ("agreed", back(4))], True),
        ([("agreed", back(4)), ("withdrawn", back(4))], False),
        ([("agreed", back(4)), ("withdrawn", back(-1))], True),
        ([], False),
    ],
)
def test_a_reference_is_willing_while_its_latest_word_within_a_year_is_yes(
    rows: list[tuple[str, date]], willing: bool
):
    events = [act("reference_agreement", status, event_date=day) for status, day in rows]
    told = advocacy.reference_willingness(helped(*events), TODAY)
    assert told.components == {"willing": ["A"] if willing else [], "rate": int(willing)}


def test_a_customer_that_left_is_no_reference_and_in_no_rate():
    told = advocacy.reference_willingness(
        helped(act("reference_agreement", "agreed", account_id="B")), TODAY
    )
    assert told.components == {"willing": [], "rate": 0}


def test_without_contracts_every_account_is_active():
    rows = {"accounts": [account("A"), account("B", start_date=back(-1))]}
    rows["advocacy_events"] = [act("case_study", "agreed")]
    told = advocacy.case_study_participation(Facts(rows), TODAY)
    assert told.components == {"participating": ["A"], "rate": 1}


def test_declining_a_case_study_resets_it():
    rows = [act("case_study", "published", 50), act("case_study", "declined", 5)]
    told = advocacy.case_study_participation(helped(*rows), TODAY)
    assert told.components["participating"] == []


def test_a_board_nobody_was_invited_to_says_nothing():
    rows = [act("cab_meeting", "attended", 3), act("cab_meeting", "invited", 2)]
    rows += [act("cab_meeting", "attended", event_date=date(2024, 6, 30))]
    told = advocacy.cab_engagement(helped(*rows), TODAY)
    assert told.components["by_account"] == {"A": Fraction(1, 2), "B": None}
    assert told.reasons == {"by_account.B": "undefined"}


def test_one_company_referred_twice_or_oneself_is_no_further_referral():
    names = ["Acme", " ACME", "Other", None, " a ", "A"]
    rows = [act("referral", "agreed", 2, referred_company=name) for name in names]
    told = advocacy.referral_behavior(helped(*rows), TODAY, *QUARTER)
    assert told.components["by_account"] == {"A": 2, "B": 0}


@pytest.mark.parametrize(
    ("days", "answered", "met", "stage"),
    [
        (6, None, None, "open"),
        (7, None, None, "escalation_1"),
        (14, None, None, "escalation_2"),
        (14, 3, None, "responded"),
        (30, None, None, "escalation_2"),
        (31, None, None, "failed"),
        (31, 3, None, "failed"),
        (60, 3, 30, "succeeded"),
        (60, 3, 31, "failed"),
        (10, None, 11, "escalation_1"),
    ],
)
def test_a_run_stands_where_its_days_put_it(
    days: int, answered: int | None, met: int | None, stage: str
):
    begun = back(days)
    run: Row = {"run_id": "r", "account_id": "A", "playbook_id": "p", "triggered_date": begun}
    run["responded_date"] = None if answered is None else begun + timedelta(days=answered)
    run["success_date"] = None if met is None else begun + timedelta(days=met)
    told = programme.playbook_outcomes(Facts({"playbook_runs": [run]}), TODAY)
    assert told.components["stage"] == {"r": stage}
    ended = {"succeeded": 1, "failed": 0}.get(stage)
    assert told.components["success_rate_resolved"] == ended


def test_a_second_start_while_the_first_is_open_is_no_run():
    first: Row = {"account_id": "A", "playbook_id": "p", "responded_date": None}
    first |= {"success_date": None, "run_id": "first", "triggered_date": back(60)}
    rows = [
        first,
        first | {"run_id": "on day 30", "triggered_date": back(30)},
        first | {"run_id": "another play", "triggered_date": back(30), "playbook_id": "q"},
        first | {"run_id": "on day 31", "triggered_date": back(29)},
        first | {"run_id": "again", "triggered_date": back(28)},
    ]
    told = programme.playbook_outcomes(Facts({"playbook_runs": rows}), TODAY)
    assert told.components["stage"].keys() == {"first", "another play", "on day 31"}


def test_a_line_is_judged_by_whom_it_would_have_flagged():
    found = Outcomes({"L1": 1, "L2": 2, "L3": 9, "L4": None}, {"S1": 5, "S2": 2, "S3": 8, "S4": 9})
    judged = programme.at_threshold(found, 2, "below")
    assert (judged["true_positive"], judged["false_positive"]) == (1, 0)
    judged = programme.at_threshold(found, 3, "below")
    assert judged["flagged"] == 3
    assert (judged["precision"], judged["recall"]) == (Fraction(2, 3), Fraction(2, 3))
    assert judged["churn_rate_unflagged"] == Fraction(1, 4)
    assert judged["youden_j"] == Fraction(2, 3) - Fraction(1, 4)
    nobody = programme.at_threshold(found, 0, "below")
    assert (nobody["precision"], nobody["youden_j"]) == (None, 0)


def test_the_metric_is_read_each_week_before_the_outcome_and_never_on_its_day():
    facts = Facts(leavers_and_stayers(seed=1, leavers=1, stayers=1))
    seen: list[date] = []

    def read(day: date) -> dict[str, Any]:
        seen.append(day)
        return {"L00": (day.day % 2) or None}

    found = programme.outcomes(facts, AS_OF, read)
    gone = programme.churn_days(facts, AS_OF)["L00"]
    weeks = {gone - timedelta(weeks=week) for week in range(1, 13)}
    assert weeks <= set(seen)
    assert max(day for day in seen if day < gone) == gone - timedelta(days=7)
    assert found.churned == {"L00": 1}
    assert found.retained == {"S01": None}


def test_fewer_than_ten_churns_calibrate_nothing():
    facts = Facts(leavers_and_stayers(seed=1, leavers=9))

    def read(day: date) -> dict[str, Any]:
        return dict.fromkeys([f"L{n:02d}" for n in range(9)] + ["S09", "S10"], 1)

    told = programme.threshold_calibration(facts, AS_OF, read)
    assert told.components == {
        "n_churned": 9,
        "n_retained": 2,
        "proposed_threshold": None,
        "youden_j": None,
    }
    assert told.reasons["youden_j"] == "too_little_history"
    facts = Facts(leavers_and_stayers(seed=1, leavers=10))

    def lower(day: date) -> dict[str, Any]:
        left = {f"L{n:02d}": n for n in range(10)}
        return left | {f"S{n:02d}": n - 2 for n in range(10, 22)}

    told = programme.threshold_calibration(facts, AS_OF, lower)
    assert told.components["n_churned"] == 10
    # Between 9 and 10 all ten leavers are flagged, and of the twelve stayers (8 to 19) two.
    assert told.components["youden_j"] == 1 - Fraction(2, 12)


@pytest.mark.parametrize(
    ("said", "acted", "decision"),
    [
        (Registered("renew", True, True), 30, "keep"),
        (Registered("renew", True, True), 31, "refine"),
        (Registered("grow", False, True), 1, "refine"),
        (Registered("grow", True, False), 90, "refine"),
        (Registered("grow", True, True), 91, "eliminate"),
        (Registered("grow", True, False), None, "refine"),
        (Registered("advocate", True, True), None, "refine"),
        (Registered("ops", True, True), 1, "refine"),
        (Registered("none", True, True), 1, "eliminate"),
    ],
)
def test_the_worksheet_keeps_refines_or_eliminates(
    said: Registered, acted: int | None, decision: str
):
    run = {"metric_id": "m", "triggered_date": back(acted or 0)}
    runs = [] if acted is None else [run, run | {"triggered_date": back(-1)}]
    told = programme.metric_audit(Facts({"playbook_runs": runs}), TODAY, {"m": said})
    assert told.components["by_metric"]["m"]["decision"] == decision


def test_a_trend_is_stable_inside_its_band_and_turned_by_what_is_better():
    told = programme.trend_label(
        {
            "edge": (100, 102, "up"),
            "up": (1000, 1021, "up"),
            "less": (100, 97, "down"),
            "negative": (-50, -40, "up"),
            "from nothing": (0, 1, "up"),
            "nearer": (10, -5, "zero"),
            "new": (None, 1, "up"),
            "indifferent": (1, 2, "none"),
        }
    )
    assert told.components["trend"] == {
        "edge": "stable",
        "up": "improving",
        "less": "improving",
        "negative": "improving",
        "from nothing": "improving",
        "nearer": "improving",
        "new": None,
        "indifferent": None,
    }
    assert told.reasons == {"trend.new": "no_data", "trend.indifferent": "undefined"}


def test_updates_are_what_somebody_tagged():
    noon = datetime(2025, 6, 30, 12, tzinfo=UTC)
    log: Row = {"account_id": "A", "occurred_at": noon, "summary": "signed"}
    said: Row = {"account_id": "A", "submitted_at": noon, "summary": None, "tags": "shift"}
    rows = {
        "activities": [
            log | {"tags": "Win , shift"},
            log | {"tags": "winner"},
            log | {"tags": None},
            log | {"tags": "win", "occurred_at": noon + timedelta(days=1)},
        ],
        "feedback": [said | {"kind": "escalation"}, said | {"kind": "bug", "tags": None}],
    }
    told = programme.key_account_updates(Facts(rows), TODAY, *QUARTER)
    kinds = [(row["kind"], row["text"]) for row in told.components["updates"]]
    assert kinds == [
        ("strategic_shift", "signed"),
        ("win", "signed"),
        ("strategic_shift", ""),
    ]


def test_the_worlds_know_every_metric_somewhere_and_lack_it_elsewhere():
    told: dict[str, list[Told]] = {}
    for seed in range(16):
        for question in questions(world(seed), seed, set(METRICS)):
            told.setdefault(question.metric, []).append(question.told)
    assert told.keys() == set(METRICS) - ELSEWHERE
    for metric, answers in told.items():
        assert any(_holds_something(one.components) for one in answers), metric
        # These two have two tables each, and none of these worlds lacks both.
        known = metric in ("key_account_updates", "csat")
        assert any(one.reasons for one in answers) or known, metric


def _holds_something(part: Any) -> bool:
    if isinstance(part, dict):
        return any(_holds_something(own) for own in part.values())
    return part not in (None, 0, "", [])
