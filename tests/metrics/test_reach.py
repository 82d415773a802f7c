"""How far a changed day reaches, from the declarations."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tenure.lake.changes import Changed
from tenure.metrics.history.reach import EVERYTHING, Sight, is_alone, sights, stale
from tenure.metrics.own import catalogue_of
from tenure.metrics.questions import Defaults, Span, ask

AS_OF = date(2026, 3, 29)
DEFAULTS = Defaults(today=AS_OF, reporting_currency="USD")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory):
    return catalogue_of(tmp_path_factory.mktemp("none"))


def sight(catalogue, name: str, table: str, as_of: date = AS_OF) -> Sight:
    metric, _ = catalogue.find(name)
    asked = ask(metric, Span(as_of=as_of), by=None, where=None, given={}, defaults=DEFAULTS)
    return sights(metric, asked.known).get(table, EVERYTHING)


def back(days: int) -> date:
    return AS_OF - timedelta(days=days)


def test_a_trailing_window_reaches_as_far_as_it_is_long(catalogue) -> None:
    seen = sight(catalogue, "usage_trend", "usage_daily")
    assert set(seen.days) == {(back(27), AS_OF), (back(55), back(28))}
    # Whether there was ever anything is asked too, and nothing else of what is older.
    assert seen.firsts == {("any", 0)}


def test_a_period_is_seen_from_its_first_day_to_its_last(catalogue) -> None:
    seen = sight(catalogue, "product_feedback", "feedback")
    assert set(seen.days) == {(date(2025, 10, 1), date(2025, 12, 31))}


def test_what_runs_on_reaches_to_the_end(catalogue) -> None:
    assert set(sight(catalogue, "health_score", "health_scores").days) == {(None, AS_OF)}
    assert set(sight(catalogue, "days_since_last_touch", "activities").days) == {(None, AS_OF)}


def test_who_attended_is_seen_where_the_activity_is(catalogue) -> None:
    for metric in ("multi_threading", "strategic_alignment"):
        seen = sight(catalogue, metric, "activity_contacts")
        assert seen == sight(catalogue, metric, "activities") != EVERYTHING


def test_what_says_nothing_looks_at_everything(catalogue) -> None:
    assert sight(catalogue, "days_since_last_touch", "account_assignments") == EVERYTHING
    assert sight(catalogue, "arr_in_force", "contracts") == EVERYTHING
    assert sight(catalogue, "active_user_pct", "product_users") == EVERYTHING


def test_amounts_are_nobodys_alone(catalogue) -> None:
    """One missing exchange rate makes everybody's Unknown."""
    assert not is_alone(catalogue.find("arr_in_force")[0])
    assert is_alone(catalogue.find("usage_trend")[0])


def test_an_as_of_is_stale_if_it_sees_a_changed_day_or_a_first_one_that_moved() -> None:
    looks = [
        (day, {"usage_daily": Sight(((day - timedelta(days=6), day),), frozenset({("any", 0)}))})
        for day in (AS_OF + timedelta(days=7 * week) for week in range(5))
    ]
    days = [day for day, _ in looks]
    accounts = frozenset({"A"})

    def told(**firsts: tuple) -> dict[str, Changed]:
        return {"usage_daily": Changed(frozenset({days[1]}), accounts, {"any": (), **firsts})}

    assert stale(looks, told()) == (days[1],)
    assert stale(looks, told(any=((days[2], days[4]),))) == (days[1], days[2], days[3])
    assert stale(looks, {"usage_daily": Changed(None, accounts, {})}) == tuple(days)
    assert stale(looks, {"accounts": Changed(frozenset({days[1]}), accounts, {})}) == tuple(days)
