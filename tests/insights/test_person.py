"""A person's figures: their own, beside themselves earlier, for those who may, and together never of a few."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tenure.insights.book_outcome import outcome_of
from tenure.insights.person import (
    Figure,
    FigureWeek,
    Together,
    asked_of_people,
    book_figures,
    figure,
    period_of,
    together_of,
)
from tenure.insights.portfolio import Funnel, csm_funnel
from tenure.insights.sight import Sight
from tenure.kernel.unknown import Reason, Unknown
from tenure.metrics.answer import Answer
from tenure.metrics.asked import Cut
from tenure.metrics.declaration import Metric
from tenure.metrics.own import catalogue_of

SUNDAY, BEFORE = date(2026, 11, 22), date(2026, 11, 15)


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Metric]:
    folder: Path = tmp_path_factory.mktemp("empty")
    return {metric.id: metric for metric in catalogue_of(folder)}


def answer(metric: str, *cuts: Cut, unknown: Reason | None = None) -> Answer:
    return Answer(
        metric, None, unknown, {}, {}, cuts, None, (), SUNDAY, None, 1, {}, ()
    )  # fmt: skip


def test_outcomes_come_first_activity_last_and_time_only_where_it_is_switched_on(
    metrics: dict[str, Metric],
) -> None:
    without = [m.id for m in asked_of_people(metrics.values(), time=False)]
    with_time = [m.id for m in asked_of_people(metrics.values(), time=True)]

    assert without == ["onboarding_rating", "advocacy_activity", "engagement_activity"]
    assert with_time[-1] == "engagement_activity"
    assert set(with_time) - set(without) == {"time_allocation_shares", "customer_facing_share_qoq"}


def test_who_is_not_named_in_a_count_made_none_and_in_a_rating_is_unknown(
    metrics: dict[str, Metric],
) -> None:
    touches, rating = metrics["engagement_activity"], metrics["onboarding_rating"]
    others = answer("m", Cut("U2", 4, 4, {}))
    own = answer("m", Cut("U1", 3, 3, {}))

    counted = figure(touches, "U1", others, own)
    rated = figure(rating, "U1", others, own)

    assert counted is not None
    assert rated is not None
    assert (counted.value, counted.before) == (0, 3)
    assert (rated.value, rated.why, rated.before) == (None, "no_data", 3)
    nothing = figure(touches, "U1", own, answer("m", unknown="no_data"))
    assert nothing is not None
    assert (nothing.before, nothing.before_why) == (None, "no_data")
    assert figure(touches, "U1", others, others) is None


def test_a_figure_that_is_no_single_number_keeps_its_parts(metrics: dict[str, Metric]) -> None:
    cut = Cut("U1", None, 9, {"shares": {"internal": 0.25}, "total_hours": 40})
    few = Cut("U1", None, 2, {"shares": None, "total_hours": 3}, "withheld")

    found = figure(metrics["time_allocation_shares"], "U1", answer("m", cut), answer("m", few))

    assert found is not None
    assert found.parts == {"shares.internal": 0.25, "total_hours": 40}
    assert (found.before_why, found.before_parts) == ("withheld", {})
    assert Figure(**found.to_dict()) == found


def test_the_period_is_the_thirteen_weeks_up_to_the_sunday() -> None:
    period = period_of(SUNDAY)

    assert (period.start, period.last_day) == (date(2026, 8, 24), SUNDAY)
    assert (period.end - period.start).days == 91


def test_a_book_that_is_not_for_the_viewer_is_not_added_up() -> None:
    assert book_figures((), "U1", Sight("U9", frozenset({"U2"}))) is None
    assert book_figures((), "", Sight("", frozenset({""}))) is None
    own = book_figures((), "U1", Sight("U1"))
    assert own is not None
    assert own.coverage == Unknown("no_data")


def weeks(members: int, through: date = SUNDAY, value: int = 10) -> list[FigureWeek]:
    return [
        FigureWeek(
            f"U{i}", through, (Figure("engagement_activity", value, "", value, before=value - 1),)
        )
        for i in range(members)
    ]


def together(
    found: list[FigureWeek], metrics: dict[str, Metric], until: dict[str, date], **how: Any
) -> Together | None:
    sight = Sight("U99", frozenset(f"U{i}" for i in range(9)), until, how.get("figures", "on"))
    return together_of(found, {"m": metrics["engagement_activity"]}, sight, least=5)


def test_counts_of_five_are_added_up_and_of_four_are_hidden(metrics: dict[str, Metric]) -> None:
    of_five = together(weeks(5), metrics, {f"U{i}": SUNDAY for i in range(5)})
    of_four = together(weeks(4), metrics, {f"U{i}": SUNDAY for i in range(4)})

    assert of_five is not None
    assert of_four is not None
    assert (of_five.figures[0].value, of_five.figures[0].before) == (50, 45)
    assert of_four.figures[0].value == Unknown("withheld", "hidden: fewer than 5 people")


def test_a_total_is_of_a_week_that_everybody_has_let_go(metrics: dict[str, Metric]) -> None:
    """With all values in hand but one, a total of the newest week would tell the last one before its time."""
    both = [*weeks(6), *weeks(6, BEFORE, value=7)]
    until = {f"U{i}": SUNDAY for i in range(5)} | {"U5": BEFORE}

    found = together(both, metrics, until)

    assert found is not None
    assert (found.through, found.figures[0].value) == (BEFORE, 42)
    assert together(both, metrics, {f"U{i}": SUNDAY for i in range(5)}) is None
    assert together(both, metrics, until, figures="own") is None


@pytest.fixture(scope="module")
def funnel() -> Funnel:
    """Two books of sixty renewals, with six and nine that did not come."""
    left = {"U1": 6, "U2": 9}
    rows = [(member, place < left[member]) for member in left for place in range(60)]
    return csm_funnel(
        {"csm": [m for m, _ in rows], "churned": [c for _, c in rows], "segment": ["smb"] * 120},
        csm="csm",
        churned="churned",
        segment="segment",
    )


def test_how_a_book_did_names_that_book_alone(funnel: Funnel) -> None:
    own = outcome_of(funnel, "U1", SUNDAY, Sight("U1"))

    assert own is not None
    assert own.book is not None
    assert own.book.observed == 6
    assert own.says.startswith("6 of 60 accounts left: as this book predicts")
    assert outcome_of(funnel, "U1", SUNDAY, Sight("U2")) is None
    nobody = outcome_of(funnel, "U7", SUNDAY, Sight("U7"))
    assert nobody is not None
    assert nobody.book is None
    assert nobody.says == "No renewal of this book was due in the last 12 months."
