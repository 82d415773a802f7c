"""Every metric's public answer, by Python and by the command line: names, shapes, parameters, and reasons for gaps.

The shapes stand in answers.txt, transcribed from the page of the contract (metrics 8.3, 8.4), not from the declarations.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from shapes import Check, Shape, entries, read

from tenure.metrics.declaration import built_in

HERE = Path(__file__).parent
CONTRACT = entries(HERE / "answers.txt")
Variant = tuple[tuple[str, str], ...]

SHORT: dict[str, tuple[str, dict[str, str]]] = {
    "arr_rollforward": ("arr_movements", {"view": "rollforward"}),
    "arr_movements_by_month": ("arr_movements", {"by": "month"}),
    "nrr_grr": ("nrr", {}),
    "nrr_by_csm": ("nrr", {"by": "csm"}),
    "nrr_by_segment": ("nrr", {"by": "segment"}),
    "logo_churn_rate": ("logo_retention", {}),
    "quarterly_expansion_red_flags": ("quarterly_expansion_revenue", {"view": "red_flags"}),
    "avg_time_to_first_value_trend": ("avg_time_to_first_value", {"view": "trend"}),
    "nps_by_csm": ("nps", {"by": "csm"}),
    "nps_margin_of_error": ("nps", {"view": "margin_of_error"}),
    "ces_index": ("ces", {"variant": "index"}),
    "pql_events": ("pql", {}),
    "threshold_validation": ("threshold_calibration", {"view": "at_threshold"}),
    "churned_account_lookback": ("threshold_calibration", {"view": "lookback"}),
    "playbook_escalation": ("playbook_outcomes", {}),
}
"""The short names of 8.3 and what each is."""

WITHOUT = ("period", "as_of", "by", "reporting_currency", "view")
"""Parameters of a signature that are the envelope's, or a choice of shape."""

ASKED: dict[str, dict[str, Any]] = {
    "co_term_proration": {"line": "alder-2-a", "days_remaining": 92},
    "threshold_calibration": {"metric": "seat_utilization"},
    "time_to_activation": {"activation_feature": "f-core"},
    "trend_label": {"rows": '[["nrr", 100, 103, "up"], ["grr", null, 0.9, "up"]]'},
}
"""What a metric cannot be asked without."""

REFUSED = {("arr_in_force", "fx")}
"""In a signature of the page, and not taken: a balance has one day, so there are no two rates to choose from."""

DAYS = ("2026-03-31", "2025-06-15", "2025-01-15")
PERIODS = ("2026-Q1", "2025", "2025-Q1")
ALL = [(id, variant) for id, entry in CONTRACT.items() for variant in entry.shapes]


def named(id: str, variant: Variant) -> str:  # noqa: A002 - a metric's id
    return " ".join([id, *(f"{name}={value}" for name, value in variant)])


def spans(id: str) -> list[dict[str, str]]:  # noqa: A002
    """Days, or periods with a day, to ask a metric on: late, early, and before it all began."""
    if built_in().metrics[id].period == "none":
        return [{"as_of": day} for day in DAYS]
    return [{"as_of": day, "period": period} for day, period in zip(DAYS, PERIODS, strict=True)]


def more(id: str, variant: Variant) -> dict[str, Any]:  # noqa: A002
    chosen = dict(variant)
    needs = {"threshold": 0.5} if chosen.get("view") == "at_threshold" else {}
    return ASKED.get(id, {}) | chosen | needs


def by_hand() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every question that was worked by hand on the counting company."""
    for path in sorted((HERE.parent / "counting_company").glob("expected*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            yield case["metric"], case["parameters"]


def variant_of(id: str, asked: dict[str, Any]) -> Variant:  # noqa: A002
    """The shape a question is answered in: the variant whose choices it makes."""
    fitting = [v for v in CONTRACT[id].shapes if v and asked.get(v[0][0]) == v[0][1]]
    return fitting[0] if fitting else ()


WORKED = [(id, asked) for id, asked in by_hand() if "metric" not in asked]
"""Without calibrations, which ask another metric hundreds of times; their views are asked above."""


@pytest.fixture(scope="module")
def ids(counting_company: Any) -> dict[str, set[str]]:
    """What the keys of a map may be on the counting company; `unassigned` has no owner or segment."""

    def of(table: str, column: str) -> set[str]:
        return {key for (key,) in counting_company.facts().rows(table, [column]) if key}

    people = of("team_members", "user_id") | of("account_assignments", "user_id")
    return {
        "account_id": of("accounts", "account_id"),
        "user_id": people | of("activities", "user_id") | {"unassigned"},
        "segment": of("accounts", "segment") | {"unassigned"},
        "opportunity_id": of("opportunities", "opportunity_id"),
        "milestone": of("onboarding_milestones", "milestone"),
        "run_id": of("playbook_runs", "run_id"),
        "metric_id": set(built_in().metrics),
        "row_id": {"nrr", "grr"},
    }


def departures(shape: Shape, envelope: dict[str, Any], check: Check) -> list[str]:
    """Where an answer departs from its shape; the shape's own `value` is the envelope's (8.2)."""
    reasons = dict(check.reasons)
    if envelope["unknown"]:
        reasons |= {"value": envelope["unknown"]}
    parts = {**envelope["components"], "value": envelope["value"]}
    if envelope["unknown"] and not any(value is not None for value in parts.values()):
        return [f"{name}: no reason" for name in envelope["components"] if name not in reasons]
    return list(Check(reasons, check.ids, check.is_json).departures(shape, parts))


def of_python(answer: Any) -> dict[str, Any]:
    return {name: getattr(answer, name) for name in ("value", "unknown", "components", "reasons")}


def in_words(asked: dict[str, Any]) -> list[str]:
    """A question as the command line takes it."""
    flags = {"as_of": "--as-of", "period": "--period", "by": "--by"}
    return [
        word
        for name, given in asked.items()
        for word in ([flags[name], given] if name in flags else ["--set", f"{name}={given}"])
    ]


def test_the_contract_names_every_metric_and_short_name_of_the_catalogue() -> None:
    shorts = {short for metric in built_in() for short in metric.short}

    assert set(CONTRACT) == set(built_in().metrics)
    assert set(SHORT) == shorts
    assert len(CONTRACT) == 73  # 72 metrics, and one of the two answers beside them (8.5)


@pytest.mark.parametrize("id", sorted(CONTRACT))
def test_python_answers_in_the_shape_of_the_contract(
    counting_company: Any, ids: dict[str, set[str]], id: str
) -> None:
    found = []
    for variant, shape in CONTRACT[id].shapes.items():
        for span in spans(id):
            answer = counting_company.metric(id, **span, **more(id, variant))
            own = departures(shape, of_python(answer), Check(answer.reasons, ids))
            found += [f"{named(id, variant)} {span}: {one}" for one in own]
            assert (answer.metric, answer.as_of) == (id, date.fromisoformat(span["as_of"]))
            assert (answer.period is None) == ("period" not in span)
    assert found == []


@pytest.mark.parametrize("id", sorted({name for name, _ in WORKED}))
def test_every_question_worked_by_hand_is_answered_in_the_shape_of_the_contract(
    counting_company: Any, ids: dict[str, set[str]], id: str
) -> None:
    whole, chosen = SHORT.get(id, (id, {}))
    found = []
    for name, asked in WORKED:
        if name != id:
            continue
        answer = counting_company.metric(id, **asked)
        shape = CONTRACT[whole].shapes[variant_of(whole, asked | chosen)]
        answered = of_python(answer) | ({"value": None} if id == "logo_churn_rate" else {})
        kinds = dict(ids) | {"row_id": set(answer.components.get("trend") or {})}
        kinds["metric_id"] = {*ids["metric_id"], *(answer.components.get("by_metric") or {})}
        own = departures(shape, answered, Check(answer.reasons, kinds))
        found += [f"{asked}: {one}" for one in own]
    assert found == []


@pytest.mark.parametrize(("id", "variant"), ALL, ids=[named(*one) for one in ALL])
def test_the_command_line_says_the_same_in_json(
    counting_company: Any, ids: dict[str, set[str]], tenure: Any, id: str, variant: Variant
) -> None:
    asked = spans(id)[0] | more(id, variant)
    answer = counting_company.metric(id, **asked)

    done = tenure("metric", id, *in_words(asked), "-w", counting_company.folder, "--json")

    assert done.code == 0, done.err
    said = done.data
    assert said == json.loads(json.dumps(answer.to_dict()))
    assert departures(CONTRACT[id].shapes[variant], said, Check(said["reasons"], ids, True)) == []


@pytest.mark.parametrize("short", sorted(SHORT))
def test_a_short_name_is_its_metric_with_the_choice_made(
    counting_company: Any, tenure: Any, short: str
) -> None:
    id, chosen = SHORT[short]  # noqa: A001
    asked = spans(id)[0] | ASKED.get(id, {})
    asked |= {"threshold": 0.5} if short == "threshold_validation" else {}

    answer = counting_company.metric(short, **asked)
    whole = counting_company.metric(id, **asked, **chosen)

    assert (answer.metric, answer.components) == (id, whole.components)
    complement = whole.components.get("logo_churn_rate")
    assert answer.value == (complement if short == "logo_churn_rate" else whole.value)
    done = tenure("metric", short, *in_words(asked), "-w", counting_company.folder, "--json")
    assert done.data == json.loads(json.dumps(answer.to_dict()))


@pytest.mark.parametrize("id", sorted(CONTRACT))
def test_every_parameter_of_the_signature_is_taken_and_shown_with_its_default(
    counting_company: Any, id: str
) -> None:
    metric, signature = built_in().metrics[id], CONTRACT[id].parameters
    asked = spans(id)[0] | ASKED.get(id, {})
    plain = counting_company.metric(id, **asked)

    own = {name: default for name, default in signature.items() if name not in WITHOUT}
    own = {name: default for name, default in own.items() if (id, name) not in REFUSED}
    assert set(own) - set(metric.parameters) == set()
    assert {name for of, name in REFUSED if of == id} & set(metric.parameters) == set()
    assert set(metric.parameters) - set(plain.method) == set()
    assert "reporting_currency" in plain.method
    defaults = {
        n: literal(d) for n, d in own.items() if d is not None and n not in ASKED.get(id, {})
    }
    assert {name: as_json(plain.method[name]) for name in defaults} == defaults
    said = {name: default for name, default in defaults.items() if default is not None}
    again = counting_company.metric(id, **asked, **said)
    assert (again.components, again.method) == (plain.components, plain.method)
    assert set((signature.get("by") or "").split()) <= set(metric.cuts)


def literal(text: str) -> Any:
    """A default of the page as a value: a number, a list, true or none, else a word."""
    try:
        return None if text == "none" else json.loads(text)
    except json.JSONDecodeError:
        return text


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


def test_a_process_of_its_own_says_the_same(counting_company: Any) -> None:
    for id in ("cadence_attainment", "burn_rate_forecast", "nps"):  # noqa: A001
        asked = spans(id)[0]
        words = ["metric", id, *in_words(asked), "-w", str(counting_company.folder), "--json"]
        done = subprocess.run(
            [sys.executable, "-m", "tenure", *words], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        answer = counting_company.metric(id, **asked)
        assert json.loads(done.stdout) == json.loads(json.dumps(answer.to_dict()))


WRONG = [
    ("{ a: int }", {"a": True}),
    ("{ a: int }", {"a": 1.0}),
    ("{ a: int }", {}),
    ("{ a: int }", {"a": None}),
    ("{ a: int? }", {"a": None}),
    ("{ a: ratio }", {"a": Decimal(1)}),
    ("{ a: money }", {"a": 1.0}),
    ("{ a: date }", {"a": "2026-01-01"}),
    ('{ a: "up" | "down" }', {"a": "left"}),
    ("{ a: [ text ] }", {"a": "abc"}),
    ("{ a: [ <account_id>, date ] }", {"a": ["x"]}),
    ("{ a: { <account_id>: int } }", {"a": {"nobody": 1}}),
    ("{ a: { b: int? }? }", {"a": {"b": "1"}}),
]


@pytest.mark.parametrize(("text", "value"), WRONG)
def test_an_answer_out_of_shape_is_noticed(text: str, value: Any) -> None:
    check = Check({}, {"account_id": {"x"}})

    assert list(check.departures(read(text), value)) != []


def test_an_answer_in_shape_is_not_complained_of() -> None:
    shape = read(
        '{ a: { <account_id>: { b: int, c: ratio? }? }, d: ("up" | "down")?, e: [ [ text, date ] ] }'
    )
    value = {
        "a": {"x": {"b": 1, "c": None}, "y": None},
        "d": None,
        "e": [["t", date(2026, 1, 1)]],
        "more": object(),
    }
    check = Check(
        {"a.x.c": "undefined", "a.y": "no_data", "d": "no_data"}, {"account_id": {"x", "y"}}
    )

    assert list(check.departures(shape, value)) == []
