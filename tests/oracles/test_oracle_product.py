"""The oracles of usage, surveys, advocacy and programme against cases small enough for a pencil. Nothing of Tenure runs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from oracles import growth_signals, usage
from oracles.plain import account, contract, line, rows_of
from oracles.product_reading import Facts
from oracles.usage import last_mondays

TODAY = date(2025, 6, 30)  # a Monday
Row = dict[str, Any]


def back(days: int) -> date:
    return TODAY - timedelta(days=days)


def used(days: int, events: int | None = 1, *, user: str | None = "u1", **more: Any) -> Row:
    row = {"account_id": "A", "product_user_id": user, "usage_date": back(days)}
    return row | {"feature_id": None, "event_count": events, "units": None} | more


def user(name: str, **more: Any) -> Row:
    row: Row = {"product_user_id": name, "product_id": None, "account_id": "A", "department": None}
    return row | {"assigned_date": back(100), "removed_date": None, "is_internal": None} | more


def bought(quantity: int | str | None, unit: str = "seat", **more: Any) -> Row:
    amount = None if quantity is None else Decimal(quantity)
    return (
        line(f"l-{unit}-{quantity}-{len(more)}", "c", 100)
        | {"quantity": amount, "unit": unit}
        | more
    )


def facts(*lines: Row, end: date | None = None, **tables: list[Row]) -> Facts:
    """One account `A` with one contract of these lines, bought long ago."""
    held = contract("c", date(2024, 1, 1), end, status="active")
    held["lines"] = list(lines) or [bought(10)]
    return Facts(rows_of(held, **tables) | tables)


def ratio(told: Any, name: str = "A") -> Any:
    return told.components["by_account"][name]


def test_a_window_of_28_days_holds_as_of_and_the_27_days_before():
    rows = [used(0, user="u1"), used(27, user="u2"), used(28, user="u3"), used(-1, user="u4")]
    told = usage.active_user_pct(facts(usage_daily=rows), TODAY)
    assert (ratio(told), told.components["active_users"]["A"]) == (Fraction(2, 10), 2)


def test_internal_removed_and_idle_users_are_not_active_but_unheard_of_ones_are():
    rows = [used(1, user=name) for name in ("mine", "left", "leaves", "ghost")]
    rows += [used(1, 0, user="idle"), used(1, None, user="units", units=Decimal(3))]
    people = [
        user("mine", is_internal=True),
        user("left", removed_date=TODAY),
        user("leaves", removed_date=back(-1)),
    ]
    told = usage.active_user_pct(facts(usage_daily=rows, product_users=people), TODAY)
    assert told.components["active_users"]["A"] == 2


def test_a_user_who_gave_up_one_of_two_seats_still_counts():
    people = [user("u1", product_id="a", removed_date=back(5)), user("u1", product_id="b")]
    told = usage.active_user_pct(facts(usage_daily=[used(1)], product_users=people), TODAY)
    assert ratio(told) == Fraction(1, 10)


def test_an_account_counted_as_a_whole_has_no_data_about_users_and_one_without_rows_has_none_active():
    whole = usage.active_user_pct(facts(usage_daily=[used(1, user=None)]), TODAY)
    assert (ratio(whole), whole.reasons["by_account.A"]) == (None, "no_data")
    assert ratio(usage.active_user_pct(facts(usage_daily=[]), TODAY)) == 0
    never = usage.active_user_pct(facts(), TODAY)
    assert (never.unknown, never.components["by_account"]) == ("no_data", None)


def test_no_seats_is_undefined_and_a_trial_gives_none():
    trial = facts(bought(10, is_trial=True), usage_daily=[used(1)])
    told = usage.active_user_pct(trial, TODAY)
    assert (ratio(told), told.reasons["by_account.A"]) == (None, "undefined")


def test_seats_live_on_in_grace_and_not_a_day_longer():
    ended = facts(bought(10), end=back(29), usage_daily=[used(1)])
    assert ratio(usage.active_user_pct(ended, TODAY)) == Fraction(1, 10)
    assert ratio(usage.active_user_pct(ended, TODAY, renewal_grace_days=29)) is None


@pytest.mark.parametrize(
    ("power", "seats", "status"),
    [(1, 5, "neutral"), (1, 6, "at_risk"), (2, 4, "neutral"), (2, 3, "expansion_ready")],
)
def test_power_users_on_the_line_are_neutral(power: int, seats: int, status: str):
    rows = [used(day, user=f"u{n}") for n in range(power) for day in range(20, 28)]
    rows += [used(day, user="seven") for day in range(7)] + [used(3, user="seven")]
    told = usage.power_user_pct(facts(bought(seats), usage_daily=rows), TODAY)
    assert (ratio(told), told.components["status"]["A"]) == (Fraction(power, seats), status)


def test_a_week_is_complete_on_its_sunday_also_across_a_year():
    assert last_mondays(date(2025, 1, 5), 2) == [date(2024, 12, 30), date(2024, 12, 23)]
    assert last_mondays(date(2025, 1, 4), 1) == [date(2024, 12, 23)]
    assert last_mondays(TODAY, 1) == [date(2025, 6, 23)]


def test_consistency_fills_weeks_with_zero_and_counts_a_young_account_by_its_own_weeks():
    rows = [used(7, 4), used(14, 4), used(21, 4), used(28, 0)]
    old = facts(usage_daily=rows, accounts=[account("A", start_date=back(500))])
    entry = ratio(usage.usage_consistency(old, TODAY))
    assert entry["active_week_share"] == Fraction(3, 12)
    assert entry["cv"] == pytest.approx(3**0.5)
    young = facts(usage_daily=rows, accounts=[account("A", start_date=back(28))])
    entry = ratio(usage.usage_consistency(young, TODAY))
    assert entry == {"cv": pytest.approx((1 / 3) ** 0.5), "active_week_share": Fraction(3, 4)}
    # Started on the Tuesday: three whole weeks of its own.
    told = usage.usage_consistency(
        facts(usage_daily=rows, accounts=[account("A", start_date=back(27))]), TODAY
    )
    assert told.reasons["by_account.A"] == "too_little_history"


def test_a_silent_account_has_no_variation_and_one_nobody_knows_has_no_data():
    told = usage.usage_consistency(facts(usage_daily=[used(400)]), TODAY)
    assert ratio(told) == {"cv": None, "active_week_share": 0}
    assert told.reasons == {"by_account.A.cv": "undefined"}
    old = facts(usage_daily=[], accounts=[account("A", start_date=back(500))])
    assert usage.usage_consistency(old, TODAY).reasons == {"by_account.A": "no_data"}


def test_an_account_begins_with_its_first_use_and_zero_events_are_no_use():
    told = usage.usage_consistency(facts(usage_daily=[used(40, 0), used(8, 1)]), TODAY)
    assert told.reasons == {"by_account.A": "too_little_history"}
    by_units = [used(40, None, units=Decimal(1)), used(8, 1)]
    entry = ratio(usage.usage_consistency(facts(usage_daily=by_units), TODAY))
    assert entry["active_week_share"] == Fraction(1, 5)


def test_no_row_at_all_is_no_data_for_trend_and_departments():
    silent = facts(usage_daily=[], product_users=[])
    assert usage.usage_trend(silent, TODAY).reasons["by_account.A"] == "no_data"
    assert usage.cross_functional_usage(silent, TODAY).reasons["by_account.A"] == "no_data"


def test_seats_nobody_counted_are_no_data_and_an_unlimited_line_has_no_forecast():
    lines = [bought(5), bought(None, reason="more")]
    told = usage.active_user_pct(facts(*lines, usage_daily=[used(1)]), TODAY)
    assert told.reasons["by_account.A"] == "no_data"
    told = growth_signals.seat_utilization(facts(*lines, product_users=[user("u1")]), TODAY)
    assert told.reasons["by_account.A"] == "no_data"
    lines = [bought(5, "credit"), bought(None, "credit")]
    told = growth_signals.burn_rate_forecast(facts(*lines, usage_daily=[]), TODAY)
    assert told.reasons["by_account.A"] == "undefined"


def test_a_trend_compares_two_windows_that_touch():
    rows = [used(0, 3), used(27, 3), used(28, 4), used(55, 4), used(56, 99)]
    told = usage.usage_trend(facts(usage_daily=rows), TODAY)
    assert (ratio(told), told.components["absolute_change"]["A"]) == (Fraction(-1, 4), -2)
    told = usage.usage_trend(facts(usage_daily=[used(0, 3)]), TODAY)
    assert (ratio(told), told.reasons["by_account.A"]) == (None, "undefined")
    assert told.components["absolute_change"]["A"] == 3


def test_depth_counts_advanced_features_that_were_bought_or_tried():
    features = [
        {"feature_id": name, "product_id": product, "level": level}
        for name, product, level in [
            ("deep", "suite", "advanced"),
            ("dabbled", None, "advanced"),
            ("tried", "extra", "advanced"),
            ("foreign", "other", "advanced"),
            ("plain", "suite", "basic"),
        ]
    ]
    rows = [used(1, 3, feature_id="deep"), used(2, 2, feature_id="deep")]
    rows += [used(1, 4, feature_id="dabbled"), used(1, 9, feature_id="foreign")]
    held = [bought(5, product_id="suite"), bought(1, product_id="extra", is_trial=True)]
    told = usage.feature_adoption_depth(facts(*held, usage_daily=rows, features=features), TODAY)
    assert ratio(told) == Fraction(1, 3)
    over = facts(*held, end=back(40), usage_daily=rows, features=features)
    assert usage.feature_adoption_depth(over, TODAY).reasons["by_account.A"] == "undefined"


def test_departments_are_one_whatever_their_spelling_and_unknown_ones_stand_apart():
    people = [user(n, department=d) for n, d in (("u1", "Sales"), ("u2", " SALES "), ("u3", " "))]
    rows = [used(1, user=name) for name in ("u1", "u2", "u3", "ghost")]
    told = usage.cross_functional_usage(facts(usage_daily=rows, product_users=people), TODAY)
    assert (ratio(told), told.components["unknown_department_users"]["A"]) == (1, 2)


def test_seats_assigned_count_our_own_people_and_may_exceed_what_was_bought():
    people = [user("u1", is_internal=True), user("u2"), user("u3", assigned_date=TODAY)]
    people += [user("u4", assigned_date=back(-1)), user("u5", removed_date=TODAY)]
    told = growth_signals.seat_utilization(facts(bought(2), product_users=people), TODAY)
    assert (ratio(told), told.components["pql"]) == (Fraction(3, 2), ["A"])


def test_the_lead_line_is_inclusive():
    people = [user(f"u{number}") for number in range(17)]
    told = growth_signals.seat_utilization(facts(bought(20), product_users=people), TODAY)
    assert (ratio(told), told.components["pql"]) == (Fraction(85, 100), ["A"])
    told = growth_signals.seat_utilization(facts(bought(20), product_users=people[1:]), TODAY)
    assert told.components["pql"] == []


def test_of_several_seat_products_the_fullest_stands_for_the_account_unless_a_user_has_none():
    lines = [bought(10, product_id="a"), bought(2, product_id="b", reason="more")]
    people = [user("u1", product_id="a"), user("u2", product_id="b")]
    told = growth_signals.seat_utilization(facts(*lines, product_users=people), TODAY)
    assert ratio(told) == Fraction(1, 2)
    more = [*lines, bought(4, reason="unsaid")]
    told = growth_signals.seat_utilization(facts(*more, product_users=people), TODAY)
    assert ratio(told) == Fraction(2, 16)
    people.append(user("u3"))
    told = growth_signals.seat_utilization(facts(*lines, product_users=people), TODAY)
    assert ratio(told) == Fraction(3, 12)


def test_a_lead_comes_on_the_day_a_rule_turns_true_and_again_only_after_the_rest():
    people = [
        user("u1", assigned_date=date(2024, 3, 1), removed_date=date(2024, 4, 1)),
        user("u2", assigned_date=date(2024, 5, 29), removed_date=date(2024, 5, 30)),
        user("u3", assigned_date=date(2024, 5, 30)),
    ]
    told = growth_signals.pql(
        facts(bought(1), product_users=people), TODAY, date(2024, 1, 1), date(2025, 1, 1)
    )
    # Full again 89 days later: too soon, and while it stays full nothing turns.
    assert told.components["pqls"] == [["A", date(2024, 3, 1)]]
    told = growth_signals.pql(
        facts(bought(1), product_users=people),
        TODAY,
        date(2024, 1, 1),
        date(2025, 1, 1),
        rearm_days=89,
    )
    assert told.components["pqls"][1:] == [["A", date(2024, 5, 29)]]


def test_an_account_full_from_its_first_day_is_a_lead_once():
    told = growth_signals.pql(
        facts(bought(1), product_users=[user("u1", assigned_date=None)]),
        TODAY,
        date(2024, 1, 1),
        date(2025, 1, 1),
    )
    assert told.components == {"pqls": [["A", date(2024, 1, 1)]], "count": 1}


def test_nearing_a_limit_is_a_lead_too_and_a_month_begins_at_nothing():
    limit = {"account_id": "A", "limit_name": "calls", "measure": "events", "feature_id": None}
    limit |= {"amount": Decimal(10), "window_days": None, "start_date": back(40), "end_date": None}
    rows = [used(29, 8), used(21, 1), used(-1, 9)]
    told = growth_signals.pql(
        facts(usage_daily=rows, usage_limits=[limit], product_users=[]), TODAY, back(60), back(-30)
    )
    assert told.components["pqls"] == [["A", back(21)]]
    # The month before took 8: no carrying over.
    rows = [used(30, 8), used(29, 8), used(21, 0)]
    told = growth_signals.pql(
        facts(usage_daily=rows, usage_limits=[limit], product_users=[]), TODAY, back(60), TODAY
    )
    assert told.components["pqls"] == []


def test_credits_burn_at_the_rate_of_the_last_28_days():
    rows = [used(100, None, units=Decimal(500)), used(27, None, units=Decimal(28))]
    rows += [used(28, None, units=Decimal(100)), used(-1, None, units=Decimal(99))]
    held = facts(bought(700, "credit"), end=back(-11), usage_daily=rows)
    entry = ratio(growth_signals.burn_rate_forecast(held, TODAY))
    assert (entry["consumed"], entry["daily_burn"]) == (628, 1)
    assert (entry["days_to_exhaustion"], entry["exhaustion_date"]) == (72, back(-72))
    assert (entry["projected_consumption"], entry["signal"]) == (638, "on_track")


def test_a_young_term_burns_by_its_own_days_and_an_open_one_has_no_projection():
    rows = [used(9, None, units=Decimal(5)), used(10, None, units=Decimal(50))]
    young = bought(100, "credit", start_date=back(9))
    told = growth_signals.burn_rate_forecast(facts(young, usage_daily=rows), TODAY)
    entry = ratio(told)
    assert (entry["consumed"], entry["daily_burn"]) == (5, Fraction(1, 2))
    assert entry["days_to_exhaustion"] == 190
    assert entry["projected_consumption"] is None
    assert told.reasons["by_account.A.signal"] == "undefined"


def test_what_is_used_up_lasts_0_days_and_what_does_not_burn_has_no_date():
    spent = facts(bought(10, "credit"), usage_daily=[used(90, None, units=Decimal(10))])
    entry = ratio(growth_signals.burn_rate_forecast(spent, TODAY))
    assert (entry["days_to_exhaustion"], entry["exhaustion_date"]) == (0, TODAY)
    still = growth_signals.burn_rate_forecast(facts(bought(10, "credit"), usage_daily=[]), TODAY)
    assert ratio(still)["exhaustion_date"] is None
    assert still.reasons["by_account.A.exhaustion_date"] == "undefined"
    unlimited = growth_signals.burn_rate_forecast(
        facts(bought(None, "credit"), usage_daily=[]), TODAY
    )
    assert (ratio(unlimited), unlimited.reasons["by_account.A"]) == (None, "undefined")


def test_tickets_count_on_their_civil_day_per_100_seats():
    noon = [
        datetime(2025, 6, 30, 12, tzinfo=UTC) - timedelta(days=days) for days in (0, 29, 30, 59)
    ]
    rows = [{"account_id": "A", "created_at": at} for at in (*noon, noon[3] - timedelta(days=1))]
    entry = ratio(growth_signals.support_ticket_trend(facts(bought(8), tickets=rows), TODAY))
    assert entry == {"current": 2, "previous": 2, "change": 0, "current_per_100_seats": 25}
    late = [{"account_id": "A", "created_at": datetime(2025, 7, 1, 1, tzinfo=UTC)}]
    west = Facts(facts(bought(8), tickets=late).rows, "America/New_York")
    assert ratio(growth_signals.support_ticket_trend(west, TODAY))["current"] == 1
