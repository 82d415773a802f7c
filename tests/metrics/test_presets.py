"""A workspace's own defaults and lines: checked, used, and said wherever the metric is shown; business models."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tenure.facts.table import table
from tenure.kernel.errors import DeclarationError, UnknownName
from tenure.kernel.settings import BUSINESS_MODELS, Settings
from tenure.metrics.declaration import Metric, built_in
from tenure.metrics.models.model import business_models, chosen
from tenure.metrics.principles import remarks
from tenure.metrics.questions import parameter_value
from tenure.workspace import Workspace

CATALOGUE = Path(__file__).resolve().parents[2] / "src/tenure/metrics/catalogue"
UNTOUCHED = """\
says  = "45 days were too many in the churn review."
since = 2026-09-01

[parameters]
threshold_days = 45

[[thresholds]]
zone  = "untouched"
op    = ">="
value = 45
"""
TOUCHED = {"activity_id": "v", "account_id": "a", "activity_type": "call", "status": "completed"}
FACTS = {
    "accounts": [{"account_id": "a", "start_date": "2025-01-01"}],
    "activities": [TOUCHED | {"direction": "two_way", "occurred_at": "2026-05-12T09:00:00Z"}],
}


@pytest.fixture
def acme(tmp_path: Path) -> Workspace:
    """One account, last touched 49 days before 30 June."""
    workspace = Workspace.create(tmp_path / "acme")
    workspace.load(FACTS)
    return workspace


def put(workspace: Workspace, metric: str, text: str) -> None:
    folder = workspace.folder / "catalogue" / "presets"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{metric}.toml").write_text(text, encoding="utf-8")


def untouched(workspace: Workspace, **said: Any) -> list[str]:
    answer = workspace.metric("days_since_last_touch", as_of="2026-06-30", **said)
    found: list[str] = answer.components["untouched_60_plus"]
    return found


def test_a_preset_changes_the_default_and_a_question_may_still_say_otherwise(
    acme: Workspace,
) -> None:
    assert untouched(acme) == []

    put(acme, "days_since_last_touch", UNTOUCHED)

    assert untouched(acme) == ["a"]
    assert untouched(acme, threshold_days=60) == []


def test_own_defaults_are_said_wherever_the_metric_is_shown(
    acme: Workspace, tenure: Any, tmp_path: Path
) -> None:
    put(acme, "days_since_last_touch", UNTOUCHED)
    where, asked = ("-w", acme.folder), ("days_since_last_touch", "--as-of", "2026-06-30")

    method = acme.metric("days_since_last_touch", as_of="2026-06-30").method
    assert method["threshold_days"] == 45
    assert method["own_defaults"] == {"threshold_days": {"default": 45, "ours": 60}}
    assert method["own_since"] == date(2026, 9, 1)
    line = ">= 45; own since 2026-09-01, 45 days were too many in the churn review."
    chain = tenure("explain", *asked, *where).out
    assert line in chain
    assert "`threshold_days` is 45 here, 60 in our declaration" in chain
    data = tenure("explain", *asked, *where, "--json").data
    assert data["thresholds"][0]["kind"] == "own"
    assert data["thresholds"][0]["since"] == "2026-09-01"
    assert "Own defaults: `threshold_days` is 45 here" in tenure("metric", *asked, *where).out
    assert "[own defaults]" in tenure("metrics", *where).out
    shown = tenure("metrics", "days_since_last_touch", *where)
    assert line in shown.out
    assert "45 (own; ours 60)" in shown.out
    described = tenure("metrics", "days_since_last_touch", "--json", *where).data
    assert described["own_defaults"] == {"threshold_days": {"default": 45, "ours": 60}}
    tenure("metrics", "--pages", tmp_path / "r", *where)
    page = (tmp_path / "r" / "days_since_last_touch.md").read_text()
    assert "| untouched | `>= 45` | the value | all | own since 2026-09-01 |" in page
    assert "`45`, own; ours `60`" in page
    assert "own defaults" in (tmp_path / "r" / "index.md").read_text()


def test_sourced_preset_and_own_are_words_on_screen(acme: Workspace, tenure: Any) -> None:
    where = ("-w", acme.folder)

    assert ">= 0.9; sourced, S2: industry starting point" in tenure("metrics", "grr", *where).out
    assert "<= 1; preset, ours" in tenure("metrics", "multi_threading", *where).out
    benchmarks = tenure("metrics", "arr_per_csm", *where).out
    assert "between 5,000,000 and 20,000,000 on by_csm for enterprise; sourced, S0" in benchmarks


def test_the_benchmark_lines_are_the_ranges_the_answer_uses() -> None:
    metric = built_in().metrics["arr_per_csm"]

    lines = {
        line.segment: list(line.value)
        for line in metric.thresholds
        if isinstance(line.value, tuple)
    }

    assert lines == metric.parameters["arr_benchmarks"].default


def test_benchmarks_are_edited_by_segment_and_the_answer_follows(acme: Workspace) -> None:
    acme.load(
        {
            "accounts": [
                {"account_id": "a", "segment": "smb", "csm_id": "maya", "currency": "USD"}
            ],
            "contract_lines": [
                {
                    "line_id": "l",
                    "account_id": "a",
                    "arr": Decimal(400_000),
                    "start_date": "2026-01-01",
                }
            ],
            "team_members": [{"user_id": "maya", "name": "Maya", "role": "csm"}],
        }
    )
    status = acme.metric("arr_per_csm", as_of="2026-06-30").components["status"]
    assert status == {"maya": "under"}

    put(
        acme,
        "arr_per_csm",
        'says = "Our market is small."\nsince = 2026-09-01\n'
        "[parameters.arr_benchmarks]\nsmb = [100000, 500000]\n"
        '[[thresholds]]\nzone = "within"\nop = "between"\nvalue = [100000, 500000]\nsegment = "smb"\non = "by_csm"\n',
    )

    answer = acme.metric("arr_per_csm", as_of="2026-06-30")
    assert answer.components["status"] == {"maya": "within"}
    assert acme.catalogue.metrics["arr_per_csm"].thresholds[0].segment == "smb"


def test_a_parameter_that_only_the_company_can_know_is_set_once(acme: Workspace) -> None:
    put(
        acme,
        "time_to_activation",
        'says = "Our core."\nsince = 2026-09-01\n[parameters]\nactivation_feature = "plan"\n',
    )

    method = acme.metric("time_to_activation", as_of="2026-06-30").method

    assert method["activation_feature"] == "plan"
    assert method["own_defaults"] == {"activation_feature": {"default": "plan", "ours": None}}


def test_none_stands_for_nothing_where_the_parameter_takes_it(acme: Workspace) -> None:
    put(
        acme,
        "handoff_failures",
        'says = "x"\nsince = 2026-09-01\n[parameters]\nkickoff_sla_days = "none"\n',
    )

    assert acme.catalogue.broken == {}
    assert acme.catalogue.metrics["handoff_failures"].parameters["kickoff_sla_days"].default is None


def test_an_own_line_confirms_what_a_preset_did_not(acme: Workspace) -> None:
    def ninth(metric: Metric) -> list[int]:
        return [
            r.principle for r in remarks([metric], today=date(2026, 11, 24)) if r.principle == 9
        ]

    assert ninth(acme.catalogue.metrics["days_since_last_touch"]) == [9]
    put(acme, "days_since_last_touch", UNTOUCHED)
    assert ninth(acme.catalogue.metrics["days_since_last_touch"]) == []


@pytest.mark.parametrize(
    ("metric", "text", "message"),
    [
        (
            "days_since_last_tuch",
            UNTOUCHED,
            "catalogue/presets/days_since_last_tuch.toml:1: There is no metric called `days_since_last_tuch`. "
            "Did you mean `days_since_last_touch` or `days_past_cadence`?",
        ),
        (
            "days_since_last_touch",
            UNTOUCHED.replace("threshold_days", "threshold_day"),
            "catalogue/presets/days_since_last_touch.toml:5: There is no parameter of `days_since_last_touch` called "
            "`threshold_day`. Did you mean `threshold_days`?",
        ),
        (
            "days_since_last_touch",
            UNTOUCHED.replace("threshold_days = 45", 'threshold_days = "many"'),
            "catalogue/presets/days_since_last_touch.toml:5: The default of `threshold_days` does not fit: `many` does "
            "not fit the parameter `threshold_days`. From how many days on an account is listed as untouched. "
            "It takes: int, from 0 to 3660.",
        ),
        (
            "days_since_last_touch",
            UNTOUCHED.replace("since = 2026-09-01\n", ""),
            "catalogue/presets/days_since_last_touch.toml:1: The key `since` is missing. Add `since = ...`.",
        ),
        (
            "days_since_last_touch",
            UNTOUCHED.replace("since = 2026-09-01", 'since = "September"'),
            "catalogue/presets/days_since_last_touch.toml:2: `since` is `September`, but a date without quotes, such as "
            "2026-03-31 is needed. Write a date without quotes, such as 2026-03-31.",
        ),
        (
            "days_since_last_touch",
            UNTOUCHED + 'kind = "sourced"\n',
            "catalogue/presets/days_since_last_touch.toml:11: `thresholds.kind` cannot be `sourced`. Allowed: `own`.",
        ),
        (
            "days_since_last_touch",
            UNTOUCHED.replace('">="', '"between"'),
            "catalogue/presets/days_since_last_touch.toml:10: A line with `between` cannot have the value `45`. "
            "Give `between` a list of two numbers, the lower first, any other sign one number.",
        ),
        (
            "days_since_last_touch",
            UNTOUCHED.partition("[[")[0],
            "catalogue/presets/days_since_last_touch.toml:5: `threshold_days` was 60, as the line `untouched` is; only one "
            'of them is changed. Add [[thresholds]] with zone = "untouched", op = ">=" and your value.',
        ),
        (
            "days_since_last_touch",
            UNTOUCHED.replace("[parameters]\nthreshold_days = 45\n", ""),
            "catalogue/presets/days_since_last_touch.toml:5: The line `untouched` was 60, as `threshold_days` is; only one "
            "of them is changed. Add threshold_days to [parameters] with the same value.",
        ),
        (
            "engagement_activity",
            'says = "x"\nsince = 2026-09-01\n[[thresholds]]\nzone = "busy"\nop = ">="\nvalue = 40\n',
            "catalogue/presets/engagement_activity.toml:3: By `user_id` its line would be a target. One on the number of "
            "activities is met by more activities, not by better ones. Leave [[thresholds]] out, or use "
            "cadence_attainment, which counts promises kept.",
        ),
        (
            "case_study_participation",
            'says = "x"\nsince = 2026-09-01\n[parameters]\nsomething = 1\n',
            "catalogue/presets/case_study_participation.toml:4: There is no parameter of `case_study_participation` called "
            "`something`. There is none to name.",
        ),
    ],
)
def test_a_mistake_in_a_preset_is_told_and_takes_down_its_metric_only(
    acme: Workspace, metric: str, text: str, message: str
) -> None:
    put(acme, metric, text)

    with pytest.raises(DeclarationError) as error:
        acme.metric(metric)

    assert str(error.value) == message
    assert acme.metric("grr", as_of="2026-06-30").unknown == "no_data"
    assert list(acme.catalogue.broken) == [metric]


def test_a_line_of_a_preset_is_drawn_on_a_number(acme: Workspace) -> None:
    own = acme.folder / "catalogue" / "metrics"
    own.mkdir()
    text = (CATALOGUE / "renew" / "days_since_last_touch.toml").read_text()
    value = 'value    = "as_of - coalesce(last_touch, account_start)"'
    assert value in text
    text = text.replace(value, 'value    = "last_touch"').partition("[[thresholds]]")[0]
    text = text.replace("value >= threshold_days", "value < as_of")
    (own / "touched_on.toml").write_text(text)
    put(
        acme,
        "touched_on",
        'says = "x"\nsince = 2026-09-01\n[[thresholds]]\nzone = "a"\nop = "<"\nvalue = 1\n',
    )

    (broken,) = acme.catalogue.broken.values()

    assert (broken.code, broken.where) == ("threshold.value", "catalogue/presets/touched_on.toml:3")


def test_an_own_metric_takes_a_preset_too_and_a_broken_one_stays_broken(acme: Workspace) -> None:
    own = acme.folder / "catalogue" / "metrics"
    own.mkdir()
    shipped = built_in().metrics["days_since_last_touch"]
    text = (CATALOGUE / "renew" / f"{shipped.id}.toml").read_text()
    (own / "untouched_days.toml").write_text(text)
    put(acme, "untouched_days", UNTOUCHED)

    assert acme.metric("untouched_days", as_of="2026-06-30").method["threshold_days"] == 45

    (own / "untouched_days.toml").write_text(text.replace("touches", "tuches"))
    assert acme.catalogue.broken["untouched_days"].file == "catalogue/metrics/untouched_days.toml"


# Business models


def test_the_four_models_name_metrics_and_parameters_that_are_there() -> None:
    words = table("accounts").columns["business_model"].words

    assert list(business_models()) == list(BUSINESS_MODELS)
    assert {model.word for model in business_models().values()} == set(words)
    for model in business_models().values():
        assert len(model.context) >= 4
        for priority in model.priority:
            assert priority.metric in built_in().metrics
            assert priority.why.endswith((".", "?"))
        for other in model.defaults:
            parameter = built_in().metrics[other.metric].parameters[other.parameter]
            assert parameter_value(other.parameter, parameter, other.value) == other.value
            assert parameter.default != other.value


def test_the_priorities_are_those_of_the_guide() -> None:
    found = {name: [p.metric for p in model.priority] for name, model in business_models().items()}

    assert found == {
        "enterprise_sales_led": [
            "exec_sponsor_unresponsive_days",
            "strategic_alignment",
            "multi_threading",
            "time_to_value",
        ],
        "consumption": [
            "usage_trend",
            "burn_rate_forecast",
            "feature_adoption_depth",
            "time_to_activation",
        ],
        "plg": ["pql", "feature_adoption_depth", "time_to_activation"],
        "seat_based": [
            "active_user_pct",
            "seat_utilization",
            "deployment_completeness",
            "power_user_pct",
        ],
    }


def test_the_model_s_metrics_come_first_with_the_reason(acme: Workspace, tenure: Any) -> None:
    where = ("-w", acme.folder)

    printed = tenure("metrics", "--model", "seat_based", *where).out
    order = [
        line.split()[0]
        for line in printed.splitlines()
        if line.startswith("  ") and " leading " in line
    ]
    assert order[:4] == [
        "active_user_pct",
        "seat_utilization",
        "deployment_completeness",
        "power_user_pct",
    ]
    assert order.count("active_user_pct") == 1
    assert "Idle seats are given back." in printed

    data = tenure("metrics", "--model", "plg", "--model", "seat", "--json", *where).data
    assert [model["id"] for model in data["models"]] == ["plg", "seat_based"]
    (pql,) = [m for m in data["metrics"] if m["id"] == "pql"]
    assert [p["model"] for p in pql["priority"]] == ["plg"]


def test_an_unknown_model_names_the_nearest(acme: Workspace, tenure: Any) -> None:
    done = tenure("metrics", "--model", "seat_bsed", "-w", acme.folder)

    assert done.code == 2
    assert (
        done.err
        == "There is no business model called `seat_bsed`.\n  → Did you mean `seat_based` or `seat` or `sales_led`?\n"
    )
    with pytest.raises(UnknownName):
        chosen(["saas"])


@pytest.mark.parametrize(
    ("said", "models"),
    [('"plg"', ["plg"]), ('["plg", "seat_based"]', ["plg", "seat_based"])],
)
def test_a_company_says_its_models_once(
    tmp_path: Path, tenure: Any, said: str, models: list[str]
) -> None:
    workspace = Workspace.create(tmp_path / "w")
    with (workspace.folder / "tenure.toml").open("a") as file:
        file.write(f"business_model = {said}\n")

    opened = Workspace.open(workspace.folder)

    assert list(opened.settings.business_models) == models
    listed = tenure("metrics", "-w", workspace.folder, "--json").data
    assert {p["model"] for m in listed for p in m["priority"]} == set(models)
    found = tenure("metrics", "--check", "-w", workspace.folder, "--json").data
    assert [r["metric"] for r in found if r["principle"] == 5] == ["burn_rate_forecast"]


def test_an_unknown_model_in_the_settings_names_its_line(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w", business_model=("plg",))
    file = workspace.folder / "tenure.toml"
    file.write_text(file.read_text().replace('"plg"', '"pgl"'))
    line = file.read_text().splitlines().index('business_model = ["pgl"]') + 1

    with pytest.raises(DeclarationError) as error:
        Workspace.open(workspace.folder)

    assert (
        str(error.value)
        == f"tenure.toml:{line}: There is no business model called `pgl`. Did you mean `plg`?"
    )
    assert Settings(business_model="plg").business_models == ("plg",)


def test_a_preset_of_a_model_s_default_is_considered_until_it_is_accepted(
    acme: Workspace, tenure: Any
) -> None:
    where = ("-w", acme.folder)
    asked = "Consider window_days = 14 instead of 28 in usage_trend"
    assert asked in tenure("metrics", "--model", "consumption", *where).out

    put(
        acme,
        "usage_trend",
        'says = "As the model."\nsince = 2026-09-01\n[parameters]\nwindow_days = 14\n',
    )

    assert asked not in tenure("metrics", "--model", "consumption", *where).out
