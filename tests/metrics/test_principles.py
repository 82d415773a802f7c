"""The ten principles of S2 as remarks, and what is refused at load (C52, C104)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tenure.kernel.errors import DeclarationError
from tenure.metrics.declaration import Measure, Metric, Threshold, built_in
from tenure.metrics.principles import NAMES, Remark, remarks
from tenure.metrics.rankings import people_columns, refuse_rankings

TODAY = date(2026, 11, 24)
LINE = Threshold("low", "<", 3, "ours")
OWN = replace(LINE, kind="own", since=date(2026, 9, 1))
USAGE = Measure("usage_days", "count")
TOUCH = Measure("touches", "count")
SOUND = Metric(
    id="mine",
    title="Mine",
    says="A number.",
    question="renew",
    timing="leading",
    about="account",
    layer="health",
    category="usage",
    grain=("account",),
    unit="count",
    better="up",
    formula=("count",),
    components={"days": "int"},
    needs=("usage_daily",),
    value="days",
    measures={"days": USAGE},
    thresholds=(OWN,),
    owner="the CSM",
)


def numbers(metric: Metric, **said: Any) -> list[int]:
    """The principles that are remarked on."""
    return [remark.principle for remark in remarks([metric], today=TODAY, **said)]


def test_a_sound_metric_has_nothing_remarked() -> None:
    assert numbers(SOUND, models=["plg"], delivered={"usage_daily"}) == []


def test_the_names_are_the_ten_principles_in_their_order() -> None:
    assert list(NAMES) == list(range(1, 11))
    assert NAMES[1] == "Outcomes over activity"
    assert NAMES[10] == "Measure what predicts retention, expansion and advocacy"


LATE = {"review_by": date(2026, 11, 23)}
ONE_EACH: list[tuple[int, dict[str, Any], dict[str, Any]]] = [
    (1, {"measures": {"days": TOUCH}, "layer": "outcome"}, {}),
    (3, {"thresholds": ()}, {}),
    (4, {"owner": ""}, {}),
    (5, {"models": ("plg", "consumption")}, {"models": ["seat_based"]}),
    (6, {"collected": "hand"}, {}),
    (6, {}, {"delivered": {"accounts"}}),
    (7, LATE, {}),
    (9, {"thresholds": (LINE,)}, {}),
    (10, {"question": "none"}, {}),
    (10, {"question": "ops"}, {}),
]


@pytest.mark.parametrize(("principle", "changes", "said"), ONE_EACH)
def test_each_principle_remarks_on_the_metric_that_does_not_meet_it(
    principle: int, changes: dict[str, Any], said: dict[str, Any]
) -> None:
    (remark,) = remarks([replace(SOUND, **changes)], today=TODAY, **said)

    assert (remark.principle, remark.name, remark.metric) == (principle, NAMES[principle], "mine")
    assert remark.says.endswith(".")
    assert remark.fix.endswith(".")


def test_a_question_with_lagging_metrics_only_is_remarked_on() -> None:
    lagging = replace(SOUND, timing="lagging")
    leading = replace(SOUND, id="other")
    context = replace(SOUND, id="clock", timing="context")

    (remark,) = remarks([lagging, context], today=TODAY)
    assert (remark.principle, remark.metric) == (2, "renew")
    assert remarks([lagging, leading], today=TODAY) == []


def test_too_much_for_an_audience_is_remarked_on() -> None:
    five = [replace(SOUND, id=f"m{n}", audiences=("board",)) for n in range(5)]

    assert remarks(five, today=TODAY) == []
    (remark,) = remarks([*five, replace(SOUND, audiences=("board",))], today=TODAY)
    assert (remark.principle, remark.metric) == (8, "board")
    assert "more than 5" in remark.says


def test_remarks_come_in_the_order_of_the_principles_and_as_data() -> None:
    bad = replace(SOUND, question="none", owner="", thresholds=(LINE,), review_by=date(2020, 1, 1))

    found = remarks([bad, replace(bad, id="also")], today=TODAY)

    assert [r.principle for r in found] == [4, 4, 7, 7, 9, 9, 10, 10]
    assert found[0] == Remark(**found[0].to_dict())  # type: ignore[arg-type]  # the same fields


@pytest.mark.parametrize(
    ("said", "principles"),
    [
        ({"models": []}, []),
        ({"models": ["plg"]}, []),
        ({"models": ["seat_based", "plg"]}, []),
        ({"models": ["seat_based"]}, [5]),
    ],
)
def test_a_metric_of_one_model_serves_a_company_that_runs_it_among_others(
    said: dict[str, Any], principles: list[int]
) -> None:
    assert numbers(replace(SOUND, models=("plg",)), **said) == principles


def test_a_review_of_today_is_not_overdue() -> None:
    assert numbers(replace(SOUND, review_by=TODAY)) == []


def test_a_need_that_either_of_two_tables_meets_is_fed_by_one() -> None:
    either = replace(SOUND, needs=("contracts or contract_lines",))

    assert numbers(either, delivered={"contracts"}) == []
    assert numbers(either, delivered={"accounts"}) == [6]


def survey(word: str, **more: Any) -> Metric:
    where = f"survey_type = '{word}'"
    measures = {"days": Measure("survey_responses", "mean", column="score", where=where)}
    return replace(SOUND, measures=measures, **more)


@pytest.mark.parametrize("word", ["nps", "csat"])
def test_nps_or_csat_alone_driving_a_line_is_warned_of(word: str) -> None:
    (remark,) = remarks([survey(word)], today=TODAY)

    assert remark.principle == 10
    assert remark.says.startswith(f"{word.upper()} alone drives its line")
    assert "usage_trend" in remark.fix
    assert numbers(survey(word, thresholds=(), timing="context")) == []
    joined = replace(survey(word), measures={**survey(word).measures, "used": USAGE})
    assert numbers(joined) == []


def test_a_line_on_our_nps_is_warned_of() -> None:
    nps = replace(built_in().metrics["nps"], thresholds=(OWN,), owner="x")

    assert [r.says.split()[0] for r in remarks([nps], today=TODAY) if r.principle == 10] == ["NPS"]


# Refusals


def refusal(**changes: Any) -> str:
    with pytest.raises(DeclarationError) as refused:
        refuse_rankings(
            replace(SOUND, **changes), lambda *keys: f"x.toml:{'.'.join(map(str, keys))}"
        )
    assert refused.value.code == "principle.ranking"
    return str(refused.value)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"about": "person"}, "about"),
        ({"cuts": ("segment", "csm")}, "cuts.1"),
        ({"cuts": ("csm_id",)}, "cuts.0"),
        ({"cuts": ("segment",), "cut_columns": {"segment": "user_id"}}, "cut_columns.segment"),
        ({"gives": {"who": "days per user_id"}}, "gives.who"),
    ],
)
def test_tickets_by_colleague_are_refused_by_whatever_key_says_so(
    changes: dict[str, Any], place: str
) -> None:
    message = refusal(measures={"days": Measure("ticket_days", "count")}, **changes)

    assert message.startswith(f"x.toml:{place}: ")
    assert "handoff_failures" in message


def test_csat_by_colleague_is_refused_and_other_answers_are_not() -> None:
    csm = ("csm",)
    rated = Measure("ticket_days", "mean", column="csat", where="csat is not null")

    assert "CSAT tells of the last call" in refusal(measures={"days": rated}, cuts=csm)
    assert "CSAT" in refusal(measures=survey("csat").measures, cuts=csm)
    mixed = {"days": Measure("response_days", "mean", column="score")}
    assert "survey_type = 'nps'" in refusal(measures=mixed, cuts=csm)
    not_nps = {"days": Measure("response_days", "count", where="survey_type <> 'nps'")}
    assert "CSAT" in refusal(measures=not_nps, cuts=csm)

    refuse_rankings(replace(survey("nps"), cuts=csm), lambda *_: "")
    not_csat = {"days": Measure("response_days", "count", where="survey_type <> 'csat'")}
    refuse_rankings(replace(SOUND, measures=not_csat, cuts=csm), lambda *_: "")


@pytest.mark.parametrize("better", ["up", "none"])
def test_a_target_on_activity_by_person_is_refused_even_as_context(better: str) -> None:
    message = refusal(measures={"days": TOUCH}, about="person", better=better)

    assert message.startswith("x.toml:thresholds: ")
    assert "cadence_attainment" in message


@pytest.mark.parametrize(
    "changes",
    [
        {"measures": {"days": Measure("ticket_days", "count")}},
        {"measures": {"days": Measure("ticket_days", "count")}, "cuts": ("segment", "account")},
        {"measures": {"days": Measure("ticket_days", "count")}, "cuts": ("csm",), "better": "none"},
        {"measures": {"days": TOUCH}, "about": "person", "thresholds": ()},
        {"measures": {"days": TOUCH}, "thresholds": (OWN,)},
        {
            "measures": {"days": TOUCH},
            "cuts": ("csm",),
            "per": "account",
            "value": "days > 0",
            "whole": "share of accounts where value",
        },
        {"cuts": ("csm",)},
    ],
)
def test_what_ranks_nobody_is_taken(changes: dict[str, Any]) -> None:
    refuse_rankings(replace(SOUND, **changes), lambda *_: "")


@pytest.mark.parametrize("metric", list(built_in()), ids=[m.id for m in built_in()])
def test_our_own_metrics_pass_the_refusals(metric: Metric) -> None:
    refuse_rankings(metric, lambda *_: "")


def test_every_column_that_names_a_colleague_is_known() -> None:
    assert {"csm", "csm_id", "ae_id", "user_id", "owner_id"} <= people_columns()
    assert not {"account_id", "segment", "contact_id", "product_user_id"} & people_columns()


def test_our_count_of_activities_is_not_told_to_have_a_line() -> None:
    assert 3 not in numbers(built_in().metrics["engagement_activity"])


# On the command line


def test_the_remarks_are_printed_and_told_as_json(counting_company: Any, tenure: Any) -> None:
    where = ("-w", counting_company.folder)

    printed = tenure("metrics", "--check", *where)
    data = tenure("metrics", "--check", "--json", *where).data

    headings = [line for line in printed.out.splitlines() if line[:1].isdigit() and ". " in line]
    assert [int(line.split(".")[0]) for line in headings] == sorted({r["principle"] for r in data})
    assert {frozenset(r) for r in data} == {
        frozenset(("principle", "name", "metric", "says", "fix"))
    }
    assert printed.out.rstrip().endswith(
        f"{len(data)} remarks on {len({r['metric'] for r in data})} metrics."
    )
    one = tenure("metrics", "grr", "--check", "--json", *where).data
    assert one == [r for r in data if r["metric"] == "grr"] != []


def test_the_doctor_counts_the_remarks_in_one_line(counting_company: Any, tenure: Any) -> None:
    where = ("-w", counting_company.folder)

    done = tenure("doctor", *where)

    assert done.code == 0
    assert done.out.splitlines()[-1].endswith(
        " remarks of the ten principles: tenure metrics --check"
    )
