"""What must hold for the numbers around coverage, health, work, usage and voices of every company.

On generated lives and products, without the oracles: what is asked twice must agree with itself.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from laws.lives import METRICS, Company, Telling, companies, plain, telling, told
from laws.worlds import Rows, changed, unlike, workspace
from tenure.facts.table import table
from tenure.metrics.declaration import built_in

EVERY = pytest.mark.parametrize("number", range(7), ids=[c.name for c in companies()])

PLANS_AHEAD = (
    "onboarding_milestones",
    "deployments",
    "cadence_plans",
    "contracts",
    "contract_lines",
)
"""Rows that stand before what they speak of has happened; a day in them that has not come is blanked."""
WITHOUT_HISTORY = ("product_users", "accounts", "features", "account_assignments", "contacts")
"""Who somebody is (internal, department, sponsor, owner on file) is read at its present value."""
LATER = {
    "onboarding_milestones": ["completed_date"],
    "deployments": ["live_date"],
    "product_users": ["removed_date"],
    "use_cases": ["enabled_date"],
    "playbook_runs": ["responded_date", "success_date"],
    "risk_flags": ["cleared_date"],
}
"""Days that are filled in later, in a row that was there before. `status` of feedback, opportunities, advocacy events
and use cases, `csat` and `solved_at` of tickets are overwritten too, without a day to tell by: for them the law cannot
hold, and the rows are left as they are."""


def civil(moment: Any, zone: str) -> date:
    if not isinstance(moment, datetime):
        return moment
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(ZoneInfo(zone)).date()


def known_on(company: Company, day: date) -> Rows:
    """The rows as they were on the day, as far as rows tell."""
    apart = (*PLANS_AHEAD, *WITHOUT_HISTORY)

    def change(name: str, row: dict[str, Any]) -> dict[str, Any] | None:
        happened = table(name).happened
        moment = row.get(happened) if happened and name not in apart else None
        if moment is not None and civil(moment, company.zone) > day:
            return None
        for column in LATER.get(name, ()):
            if row.get(column) and row[column] > day:
                row[column] = None
        return row

    rows = changed(company.rows, change)
    held = {row["activity_id"] for row in rows.get("activities", ())}
    if "activity_contacts" in rows and "activities" in rows:
        rows["activity_contacts"] = [
            r for r in rows["activity_contacts"] if r["activity_id"] in held
        ]
    return rows


@EVERY
def test_what_happened_after_the_day_changes_nothing_about_the_day(number: int) -> None:
    company = companies()[number]
    for back in (30, 0):
        day = company.as_of - timedelta(days=back)
        then = Company(company.name, company.rows, company.zone, day)
        less = known_on(then, day)
        assert back == 0 or less != company.rows
        assert not unlike(Telling(then).all(), Telling(then.with_rows(less)).all())


@EVERY
def test_the_order_of_rows_changes_nothing(number: int) -> None:
    chance = random.Random(number)
    company = companies()[number]
    rows = {name: chance.sample(own, len(own)) for name, own in company.rows.items()}

    assert not unlike(told(number), Telling(company.with_rows(rows)).all())


SPLIT = [
    *("accounts", "contracts", "contract_lines", "activities", "activity_contacts", "contacts"),
    *("cadence_plans", "health_scores", "usage_daily", "product_users", "survey_responses"),
]


@pytest.mark.parametrize("number", [1, 5], ids=["life 91", "world 3"])
def test_rows_in_halves_and_again_say_the_same_as_rows_at_once(number: int) -> None:
    company = companies()[number]
    rows = {name: own for name, own in company.rows.items() if name in SPLIT}
    halves = [{name: own[n::2] for name, own in rows.items()} for n in (0, 1)]
    asked = [m for m in METRICS if set(built_in().metrics[m].needs) <= rows.keys()]
    once = Telling(company.with_rows(rows))

    with workspace(halves[1], halves[0], rows) as ws:
        assert len(asked) > 10
        for metric in asked:
            whole = once.answer(metric)
            days = {"start": whole.period.start, "end": whole.period.end} if whole.period else {}
            given = {"activation_feature": "F1,export"} if metric == "time_to_activation" else {}
            again = ws.metric(metric, as_of=company.as_of, **days, **given)
            assert company.zone == "UTC"
            assert not unlike(plain(whole), plain(again)), metric


def relabel(thing: Any, names: dict[str, str]) -> Any:
    """The same answer under other names, lists in one order; paths of reasons are names joined by dots."""
    if isinstance(thing, dict):
        kept = {".".join(names.get(p, p) for p in str(k).split(".")): v for k, v in thing.items()}
        return {key: relabel(value, names) for key, value in sorted(kept.items())}
    if isinstance(thing, list | tuple):
        return sorted((relabel(one, names) for one in thing), key=repr)
    return names.get(thing, thing) if isinstance(thing, str) else thing


@EVERY
def test_other_names_of_accounts_change_only_the_names(number: int) -> None:
    company = companies()[number]
    ids = {
        row["account_id"] for own in company.rows.values() for row in own if row.get("account_id")
    }
    ordered = sorted(ids)
    # The alphabet turned round, so that no tie is broken by luck.
    names = {a: f"n{len(ordered) - place:02}" for place, a in enumerate(ordered)}

    def change(_: str, row: dict[str, Any]) -> dict[str, Any]:
        own = [c for c in ("account_id", "parent_account_id") if row.get(c)]
        return row | {column: names[row[column]] for column in own}

    renamed = Telling(company.with_rows(changed(company.rows, change))).all()
    assert not unlike(relabel(told(number), names), relabel(renamed, {}))


OWN = (
    *("contract_id", "line_id", "renews_contract_id", "activity_id", "contact_id", "ticket_id"),
    *("response_id", "event_id", "feedback_id", "opportunity_id", "use_case_id", "run_id"),
    *("flag_id", "product_user_id", "source_row_id"),
)
"""Ids of what belongs to one account; people of ours, products and features belong to all."""
TWIN = "twin"


def with_twin(company: Company, account: str) -> Rows:
    """The company with everything of one account a second time, under other ids."""
    held = {
        column: {
            r[column]
            for own in company.rows.values()
            for r in own
            if of(r, account) and r.get(column)
        }
        for column in OWN
    }

    def is_of(row: dict[str, Any]) -> bool:
        if row.get("account_id"):
            return of(row, account)
        return any(row.get(c) in held[c] for c in ("contract_id", "activity_id"))

    def copy(row: dict[str, Any]) -> dict[str, Any]:
        own = {
            c: f"{TWIN}-{row[c]}"
            for c in OWN
            if row.get(c) and (c != "contact_id" or row[c] in held[c])
        }
        return row | own | ({"account_id": TWIN} if row.get("account_id") else {})

    return {
        name: [*own, *(copy(row) for row in own if is_of(row))]
        for name, own in company.rows.items()
    }


def of(row: dict[str, Any], account: str) -> bool:
    return row.get("account_id") == account


MAPS = (
    "by_account",
    "active_users",
    "absolute_change",
    "unknown_department_users",
    "n",
    "last_touch",
)
"""Parts that have an entry for each account; `n` of a survey is a number, or by colleague."""


@EVERY
def test_another_account_changes_no_entry_but_its_own(number: int) -> None:
    company = companies()[number]
    # One that has begun: it stands in every map.
    maps = [found["components"].get("by_account") for found in told(number).values()]
    begun = sorted(
        {row["account_id"] for row in company.rows["accounts"]}.intersection(*filter(None, maps))
    )
    account = begun[number % len(begun)]
    after = Telling(company.with_rows(with_twin(company, account))).all()

    seen = 0
    for metric, before in told(number).items():
        for name in MAPS:
            entries, now = before["components"].get(name), after[metric]["components"].get(name)
            if not isinstance(entries, dict) or account not in entries:
                continue
            others = {key: entry for key, entry in now.items() if key != TWIN}
            assert not unlike(entries, others), metric
            assert not unlike(entries[account], now[TWIN]), metric
            seen += 1
    assert seen > 8


PARTS: list[tuple[str, str, tuple[str, ...]]] = [
    ("engagement_activity", "value", ("csm",)),
    ("advocacy_activity", "value", ("csm",)),
    ("review_submission", "value", ("csm", "segment")),
    ("onboarding_milestone_completion", "due", ("csm", "account")),
    ("onboarding_milestone_completion", "completed", ("csm", "account")),
    ("sold_not_enabled", "use_cases_sold", ("csm", "account")),
    ("sold_not_enabled", "use_cases_not_enabled", ("csm", "account")),
    ("cadence_attainment", "accounts_with_due_slots", ("csm", "segment")),
    ("csat", "n", ("account", "segment")),
    ("csat", "satisfied", ("account", "segment")),
    ("product_feedback", "submitted", ("account", "csm", "segment")),
    ("time_allocation_shares", "total_hours", ("csm",)),
]


@pytest.mark.parametrize(("metric", "part", "cuts"), PARTS, ids=[f"{m} {p}" for m, p, _ in PARTS])
def test_cuts_add_up_to_the_whole(metric: str, part: str, cuts: tuple[str, ...]) -> None:
    seen = 0
    for number in range(len(companies())):
        whole = telling(number).answer(metric)
        if whole.unknown == "no_data" and all(v is None for v in whole.components.values()):
            continue
        for by in cuts:
            cut = telling(number).answer(metric, by=by).cuts
            sizes = [one.components.get(part, one.value) for one in cut]
            assert sum(sizes) == whole.components.get(part, whole.value), (number, by)
            seen += len(cut) > 0
    assert seen > 0


Meets = Callable[[Any], bool]
LISTS: list[tuple[str, str, Meets]] = [
    ("days_since_last_touch", "untouched_60_plus", lambda days: days is not None and days >= 60),
    ("days_past_cadence", "overdue_30_plus", lambda days: days is not None and days >= 30),
    ("missed_operational_reviews", "playbook_triggered", lambda n: n is not None and n >= 2),
    ("strategic_alignment", "aligned", lambda n: n is not None and n >= 1),
    ("multi_threading", "single_threaded", lambda n: n is not None and n <= 1),
    ("health_score", "unscored", lambda score: score is None),
]


@pytest.mark.parametrize(("metric", "named", "meets"), LISTS, ids=[one[1] for one in LISTS])
def test_a_list_names_the_active_accounts_of_its_map_that_meet_the_line(
    metric: str, named: str, meets: Meets
) -> None:
    seen = 0
    for number in range(len(companies())):
        parts = told(number)[metric]["components"]
        if parts[named] is None:
            continue
        arr = telling(number).answer("arr_in_force").components["arr_by_account"]
        meeting = {a for a, entry in parts["by_account"].items() if meets(entry)}
        active = meeting if arr is None else {a for a in meeting if arr.get(a)}
        assert parts[named] == sorted(active), number
        seen += 1
    assert seen > 0


def test_of_two_lists_that_exclude_each_other_nobody_is_on_both() -> None:
    for number in range(len(companies())):
        found = told(number)["exec_sponsor_unresponsive_days"]["components"]
        if found["no_sponsor"] is not None:
            assert set(found["no_sponsor"]) <= set(found["at_risk"])
            assert all(found["by_account"][a] is None for a in found["no_sponsor"])
        score = told(number)["health_score"]["components"]
        assert not set(score["stale"] or ()) & set(score["unscored"] or ())


SHARES = {
    *(
        "coverage_rate",
        "qbr_held_rate",
        "rate",
        "completion_rate",
        "on_time_rate",
        "enablement_rate",
    ),
    *(
        "late_first_touch_rate",
        "failure_rate",
        "seat_weighted",
        "activation_rate",
        "top3_time_share",
    ),
    *("closed_loop_rate", "pct_easy_5_7", "success_rate_resolved"),
}
SHARES_BY_ACCOUNT = {"feature_adoption_depth", "cab_engagement", "power_user_pct"}


@EVERY
def test_a_share_lies_between_nothing_and_the_whole(number: int) -> None:
    for metric, found in told(number).items():
        for name, part in found["components"].items():
            assert name not in SHARES or part is None or 0 <= part <= 1, (metric, name, part)
    for metric in ("csat", "reference_willingness", "case_study_participation"):
        value = told(number)[metric]["value"]
        assert value is None or 0 <= value <= 1
    for metric in ("feature_adoption_depth", "cab_engagement"):
        entries = told(number)[metric]["components"]["by_account"] or {}
        assert all(entry is None or 0 <= entry <= 1 for entry in entries.values())
    nps = told(number)["nps"]["value"]
    assert nps is None or -100 <= nps <= 100


@EVERY
def test_power_users_are_among_the_active_ones_and_attained_slots_among_the_due(
    number: int,
) -> None:
    active = told(number)["active_user_pct"]["components"]["by_account"] or {}
    power = told(number)["power_user_pct"]["components"]["by_account"] or {}
    assert power.keys() == active.keys()
    for account, share in power.items():
        assert (share is None) == (active[account] is None)
        assert share is None or 0 <= share <= active[account]
    slots = told(number)["cadence_attainment"]["components"]["by_account"] or {}
    for entry in filter(None, slots.values()):
        assert 0 <= entry["slots_attained"] <= entry["slots_due"]
        assert entry["value"] == entry["slots_attained"] / entry["slots_due"]


@pytest.mark.parametrize("number", range(4))
def test_one_more_touch_lowers_no_attainment_and_lengthens_no_silence(number: int) -> None:
    company = companies()[number]
    if "activities" not in company.rows:
        pytest.fail("choose a life with activities")
    for back in (0, 10, 45):
        at = datetime.combine(company.as_of - timedelta(days=back), datetime.min.time()).replace(
            hour=12
        )
        blank = dict.fromkeys(table("activities").columns)
        more = [
            blank | {"activity_id": f"more-{row['account_id']}", "account_id": row["account_id"]}
            | {"activity_type": "email", "direction": "outbound", "status": "completed", "occurred_at": at}
            for row in company.rows["accounts"]
        ]  # fmt: skip
        rows = company.rows | {"activities": [*company.rows["activities"], *more]}
        after = Telling(company.with_rows(rows))
        slots = after.answer("cadence_attainment").components["by_account"] or {}
        for account, entry in (
            told(number)["cadence_attainment"]["components"]["by_account"] or {}
        ).items():
            assert (entry is None) == (slots[account] is None)
            assert entry is None or entry["value"] <= slots[account]["value"]
        silence = after.answer("days_since_last_touch").components["by_account"]
        for account, days in told(number)["days_since_last_touch"]["components"][
            "by_account"
        ].items():
            assert days is None or silence[account] <= days


WIDER = [
    ("active_user_pct", "active_users"),
    ("cross_functional_usage", "by_account"),
    ("multi_threading", "by_account"),
    ("strategic_alignment", "by_account"),
    ("sentiment", "n"),
]


@pytest.mark.parametrize(("metric", "part"), WIDER, ids=[metric for metric, _ in WIDER])
def test_a_longer_window_never_has_fewer_in_it(metric: str, part: str) -> None:
    seen = 0
    for number in range(len(companies())):
        known = [
            telling(number).answer(metric, window_days=days).components[part] or {}
            for days in (7, 28, 90)
        ]
        for less, more in zip(known, known[1:], strict=False):
            assert less.keys() == more.keys()
            for account, count in less.items():
                assert count is None or count <= more[account], (number, account)
                seen += count is not None
    assert seen > 0


def test_the_shares_of_somebodys_time_add_up_to_the_whole() -> None:
    seen = 0
    for number in range(len(companies())):
        if told(number)["time_allocation_shares"]["components"]["shares"] is None:
            continue
        answer = telling(number).answer("time_allocation_shares", by="csm")
        shares = [answer.components["shares"], *(cut.components["shares"] for cut in answer.cuts)]
        for one in filter(None, shares):
            assert sum(one.values()) == pytest.approx(1, abs=1e-12)
            assert all(0 <= share <= 1 for share in one.values())
            seen += 1
    assert seen > 1


def test_the_counts_of_an_answer_add_up() -> None:
    for number in range(len(companies())):
        nps = told(number)["nps"]["components"]
        if nps["n"] is not None:
            assert nps["promoters"] + nps["passives"] + nps["detractors"] == nps["n"]
        case = told(number)["sold_not_enabled"]["components"]
        if case["use_cases_sold"] is not None:
            past = case["use_cases_not_enabled_past_sla"]
            assert past <= case["use_cases_not_enabled"] <= case["use_cases_sold"]
        done = told(number)["advocacy_activity"]
        if done["components"]["by_type"] is not None:
            assert sum(done["components"]["by_type"].values()) == done["value"]
            assert sum(done["components"]["by_csm"].values()) == done["value"]
        leads = told(number)["pql"]["components"]
        assert leads["pqls"] is None or len(leads["pqls"]) == leads["count"]
