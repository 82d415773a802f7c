"""The canonical tables say what the data model says, and hold together."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

from tenure.facts.pages import table_page
from tenure.facts.table import SQL_TYPES, Column, Table, shapes, table, tables

ROOT = Path(__file__).resolve().parents[2]
DESIGN = ROOT.parent / "shared" / "design"

# Written by hand from the data model, with the additions that were decided after it.
WANTED = {
    "accounts": "account_id name parent_account_id segment tier csm_id ae_id business_model currency"
    " start_date external_ids country time_zone",
    "team_members": "user_id name email role manager_id fte",
    "account_assignments": "account_id user_id role start_date end_date",
    "contacts": "contact_id account_id name email title department role is_executive_sponsor"
    " active_from active_to",
    "contracts": "contract_id account_id signed_date start_date end_date renews_contract_id auto_renew tcv"
    " currency status notice_date exit_reason exit_kind",
    "contract_lines": "line_id contract_id account_id product_id kind amount interval_months arr quantity unit"
    " currency is_trial start_date end_date reason",
    "opportunities": "opportunity_id account_id opportunity_type stage is_qualified amount_arr probability"
    " currency created_date close_date due_date contract_id owner_id",
    "fx_rates": "rate_date from_currency to_currency rate",
    "activities": "activity_id account_id user_id activity_type occurred_at direction status is_proactive"
    " is_automated is_strategic documented duration_s sentiment is_ai_assisted purpose cancelled_by tags",
    "activity_contacts": "activity_id contact_id attended",
    "cadence_plans": "account_id touch_type interval_days calendar_month start_date end_date",
    "time_totals": "user_id week_start category account_id minutes",
    "onboarding_milestones": "account_id milestone planned_date completed_date user_id",
    "use_cases": "use_case_id account_id opportunity_id name sold_date enabled_date status",
    "deployments": "account_id team department planned_seats live_date",
    "product_users": "product_user_id account_id department assigned_date removed_date is_internal product_id",
    "usage_daily": "account_id product_user_id usage_date feature_id source_row_id event_count units",
    "features": "feature_id product_id level",
    "health_scores": "account_id score_date score components model_version",
    "survey_responses": "response_id account_id contact_id user_id survey_type score scale_min scale_max"
    " effort_coded responded_at task wave",
    "survey_invitations": "invitation_id account_id contact_id survey_type wave task sent_at response_id",
    "advocacy_events": "event_id account_id contact_id user_id event_type status event_date site"
    " referred_company rating incentivised",
    "tickets": "ticket_id account_id created_at solved_at priority status category csat sentiment"
    " belonged_elsewhere",
    "feedback": "feedback_id account_id submitted_at kind status sentiment tags",
    "risk_flags": "flag_id account_id metric_id reason severity raised_date cleared_date",
    "playbook_runs": "run_id account_id playbook_id metric_id owner_id triggered_date responded_date"
    " success_date",
    "goals": "goal_id account_id name is_first_value target_date achieved_date status evidence",
    "handoff_records": "handoff_id opportunity_id account_id ae_id csm_id handed_over_date received_date"
    " expectations stakeholders risks kickoff_date kickoff_outcome",
    "usage_limits": "account_id limit_name measure amount start_date end_date",
    "churn_statements": "account_id statement_id kind stated_on reason says",
}
KEYS = {
    "account_assignments": "account_id user_id role start_date",
    "fx_rates": "rate_date from_currency to_currency",
    "activity_contacts": "activity_id contact_id",
    "cadence_plans": "account_id touch_type start_date",
    "time_totals": "user_id week_start category account_id",
    "onboarding_milestones": "account_id milestone",
    "deployments": "account_id team",
    "product_users": "product_user_id product_id",
    "usage_daily": "account_id product_user_id usage_date feature_id source_row_id",
    "health_scores": "account_id score_date",
    "churn_statements": "account_id statement_id",
    "usage_limits": "account_id limit_name start_date",
}
DERIVED = (
    "line_spans account_balances cohort_months renewals_due cadence_slots touches engagements review_periods"
    " user_window feature_window usage_weeks seat_days activations consumption_terms latest_responses"
    " advocacy_states onboarding_clocks handoffs time_totals book_on_day score_windows"
)
# Asked for by name, yet neither facts nor derived facts: the ledger and the stored values, what the program
# knows of itself, and the interval rows that exist only while they are imported.
NOT_FACTS = {"arr_movements", "metric_values", "metric", "configuration:", "time_entries"}


def columns() -> list[tuple[Table, str, Column]]:
    return [(t, name, column) for t in tables().values() for name, column in t.columns.items()]


def folded(spelling: str) -> str:
    return re.sub(r"[\s_\-]", "", spelling.lower())


def test_every_table_of_the_data_model_is_there_and_no_other() -> None:
    assert set(tables()) == set(WANTED)


@pytest.mark.parametrize("name", sorted(WANTED))
def test_a_table_has_every_column_of_the_data_model(name: str) -> None:
    assert set(WANTED[name].split()) - set(table(name).columns) == set()


@pytest.mark.parametrize("name", sorted(WANTED))
def test_a_key_is_the_one_of_the_data_model_and_its_columns_exist(name: str) -> None:
    wanted = KEYS.get(name) or WANTED[name].split()[0]
    assert table(name).key == tuple(wanted.split())
    assert set(table(name).key) <= set(table(name).columns)


def test_interval_rows_of_work_are_never_stored() -> None:
    assert "time_entries" not in tables()
    assert "time_entries" in " ".join(table("time_totals").caveats)


def test_only_these_parts_of_keys_may_be_missing() -> None:
    optional = {
        (t.id, name) for t, name, column in columns() if name in t.key and not column.required
    }
    assert optional == {
        ("time_totals", "account_id"),
        ("product_users", "product_id"),
        ("usage_daily", "product_user_id"),
        ("usage_daily", "feature_id"),
        ("usage_daily", "source_row_id"),
    }


def test_every_reference_points_to_a_table_whose_key_begins_there() -> None:
    for t, name, column in columns():
        if column.refers_to:
            assert column.refers_to in tables(), f"{t.id}.{name}"
            assert (
                tables()[column.refers_to].columns[tables()[column.refers_to].key[0]].type
                == column.type
            )


def test_no_spelling_means_two_words() -> None:
    for t, name, column in columns():
        seen: dict[str, str] = {}
        for word, spellings in column.words.items():
            for spelling in (word, *spellings):
                assert seen.setdefault(folded(spelling), word) == word, f"{t.id}.{name}: {spelling}"


def test_every_enumerated_column_has_its_words_and_no_other_column_has() -> None:
    for t, name, column in columns():
        assert (column.type == "word") == bool(column.words), f"{t.id}.{name}"


def test_no_header_is_read_into_two_columns_of_one_table() -> None:
    for t in tables().values():
        headers = [folded(h) for name, column in t.columns.items() for h in (name, *column.aliases)]
        assert len(headers) == len(set(headers)), t.id


def test_every_column_says_what_it_is_in_a_sentence() -> None:
    for t, name, column in columns():
        assert column.says.endswith("."), f"{t.id}.{name}"


def test_amounts_and_durations_carry_their_unit() -> None:
    for t, name, column in columns():
        if column.type in ("money", "rate") or name.endswith(("_days", "_s", "minutes", "_months")):
            assert column.unit, f"{t.id}.{name}"


def test_every_named_column_of_a_table_exists() -> None:
    for t in tables().values():
        named = [*t.not_in_future, *(rule.column for rule in t.rules)]
        named += [name for name in (t.happened, t.partition) if name]
        assert set(named) <= set(t.columns), t.id


def test_rules_are_conditions_over_the_columns_of_their_table() -> None:
    with duckdb.connect() as engine:
        for t in tables().values():
            shape = ", ".join(
                f'"{name}" {SQL_TYPES[column.type]}' for name, column in t.columns.items()
            )
            engine.execute(f"create table {t.id} ({shape})")
            for rule in t.rules:
                engine.execute(f"select * from {t.id} where not ({rule.holds})")


def test_names_of_rules_are_used_once() -> None:
    names = [rule.name for t in tables().values() for rule in t.rules]
    assert len(names) == len(set(names))


def test_columns_that_name_a_person_are_marked() -> None:
    marked = {(t.id, name) for t, name, column in columns() if column.personal}
    named = {(t, c) for t in ("team_members", "contacts") for c in ("name", "email")}
    assert marked == named | {("contacts", "title"), ("handoff_records", "stakeholders")}


def test_dated_tables_that_only_grow_are_trusted_when_loaded_late_and_mutable_ones_are_not() -> (
    None
):
    trusted = {t.id for t in tables().values() if t.backfill_trusted}
    assert trusted == {
        "activities", "activity_contacts", "usage_daily", "tickets", "survey_responses",
        "survey_invitations", "feedback", "advocacy_events", "health_scores",
        "onboarding_milestones", "fx_rates",
    }  # fmt: skip


def test_only_what_cannot_change_after_it_happened_is_an_event() -> None:
    assert {t.id for t in tables().values() if t.kind == "event"} == {"survey_responses"}


@pytest.mark.parametrize("name", sorted(WANTED))
def test_the_page_of_a_table_is_the_one_written_from_it(name: str) -> None:
    page = ROOT / "docs" / "look-up" / "tables" / f"{name}.md"
    assert page.read_text(encoding="utf-8") == table_page(table(name)), (
        "run python docs/generate.py"
    )


def test_no_page_outlives_its_table() -> None:
    pages = {page.stem for page in (ROOT / "docs" / "look-up" / "tables").glob("*.md")} - {"index"}
    assert pages == {*tables(), *shapes()}


def metrics_of_the_design() -> list[dict[str, list[str]]]:
    source = DESIGN / "metrics.json"
    if not source.exists():
        pytest.skip("the design folder beside the checkout is absent")
    found: list[dict[str, list[str]]] = json.loads(source.read_text(encoding="utf-8"))
    return found


@pytest.mark.outside
def test_every_input_of_every_metric_is_a_fact_a_derived_fact_or_a_metric() -> None:
    metrics = metrics_of_the_design()
    known = (
        set(tables()) | set(DERIVED.split()) | NOT_FACTS | {str(metric["id"]) for metric in metrics}
    )
    for metric in metrics:
        for given in metric["inputs"]:
            assert re.split(r"[ .(]", given)[0] in known, f"{metric['id']}: {given}"


@pytest.mark.outside
def test_a_column_that_a_metric_asks_for_exists() -> None:
    asked = {
        tuple(given.split("."))
        for metric in metrics_of_the_design()
        for given in metric["inputs"]
        if re.fullmatch(r"\w+\.\w+", given)
    }
    assert asked
    for name, column in asked:
        assert column in table(name).columns


@pytest.mark.outside
def test_tables_serve_only_metrics_that_exist() -> None:
    ids = {str(metric["id"]) for metric in metrics_of_the_design()}
    for t in tables().values():
        assert set(t.serves) <= ids, t.id
