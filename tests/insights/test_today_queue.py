"""The queue of a book: who stands in it, in which order, and what is said beside it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tenure.insights.book import BookRow, Opened, Settled
from tenure.insights.today import today, window
from tenure.kernel.unknown import Unknown

DAY = date(2026, 6, 15)


def row(name: str, zone: str = "watch", arr: Any = 1000, days: Any = 400, **said: Any) -> BookRow:
    numbers = {
        "arr_in_force": Decimal(arr) if isinstance(arr, int) else arr,
        "arr_in_force__status": said.pop("status", "active"),
        "days_to_renewal": days,
        "days_past_cadence": said.pop("past", 0),
        **said.pop("numbers", {}),
    }
    return BookRow(
        account_id=name, name=name.title(), segment=said.pop("segment", "smb"), tier="", model="",
        owner_id="U1", owner="Maya", zone=zone, reason=said.pop("reason", ""), numbers=numbers, **said,
    )  # fmt: skip


def flag(days_ago: int = 30, question: str = "renew", name: str = "f") -> Opened:
    return Opened(
        "health_score", "Health: 41, below 50", DAY - timedelta(days=days_ago), question, name, True
    )  # noqa: FBT003


def names(items: Any) -> list[str]:
    return [item.row.account_id for item in items]


def test_a_flagged_account_is_due_when_at_risk_or_near_its_decision_and_comes_later_otherwise() -> (
    None
):
    found = today(
        [
            row("calm", flags=[flag()]),
            row("risky", "at_risk", flags=[flag()]),
            row("near", days=90, flags=[flag()]),
            row("next", days=91, flags=[flag()]),
            row("unflagged", "at_risk", days=10),
        ],
        DAY,
    )

    assert names(found.queue) == ["risky", "near"]
    assert names(found.coming) == ["next", "calm"]
    assert found.coming[0].due_on == DAY + timedelta(days=1)


def test_an_enterprise_decides_half_a_year_ahead() -> None:
    assert window(row("a", segment="enterprise")) == 180
    assert names(today([row("a", days=180, segment="enterprise", flags=[flag()])], DAY).queue) == [
        "a"
    ]


def test_an_unknown_renewal_is_no_near_one_and_waits_last() -> None:
    found = today(
        [row("who", days=Unknown("no_data"), flags=[flag()]), row("b", flags=[flag()])], DAY
    )

    assert not found.queue
    assert names(found.coming) == ["b", "who"]
    assert found.coming[1].due_on is None


def test_the_order_is_zone_then_money_then_the_nearest_renewal() -> None:
    found = today(
        [
            row("w", "watch", 9000, 10, flags=[flag()]),
            row("s", "at_risk", 10, 300, flags=[flag()]),
            row("l", "at_risk", 500, 300, flags=[flag()]),
            row("u", "unknown", 500, 5, flags=[flag()]),
        ],
        DAY,
    )

    assert names(found.queue) == ["l", "s", "w", "u"]


def test_a_flag_put_down_a_moment_ago_is_out_of_the_queue_and_others_keep_the_account_in_it() -> (
    None
):
    both = row("a", "at_risk", flags=[flag(name="f"), flag(name="g")])

    assert names(today([both], DAY, held=frozenset({"f"})).queue) == ["a"]
    assert not today([both], DAY, held=frozenset({"f", "g"})).queue


def test_good_news_is_no_warning() -> None:
    grows = row("g", "at_risk", arr=5, flags=[flag(question="grow")])
    speaks = row("s", flags=[flag(question="advocate")])
    found = today([grows, speaks], DAY)

    assert not found.queue
    assert names(found.growing) == ["g"]
    assert names(found.advocates) == ["s"]


def test_an_account_that_left_is_nobody_s_work() -> None:
    gone = row("gone", "at_risk", status="churned", days=5, flags=[flag()], past=40)
    found = today([gone], DAY)

    assert not found.queue
    assert not found.touches
    assert found.sums.past_cadence == 0


def test_sums_say_how_many_accounts_they_are_without() -> None:
    found = today(
        [
            row("a", "at_risk", 100, 50),
            row("b", "at_risk", Unknown("no_data"), 50),
            row("c", "at_risk", 900, 91),
            row("d", "healthy", 70, 0),
            row("e", past=Unknown("no_data")),
        ],
        DAY,
    ).sums

    assert (found.at_stake, found.at_stake_accounts, found.at_stake_unknown) == (100, 2, 1)
    assert (found.renewing, found.renewing_accounts, found.renewing_unknown) == (170, 3, 1)
    assert (found.past_cadence, found.without_plan) == (0, 1)


def test_a_late_touch_of_an_account_in_the_queue_is_not_listed_twice() -> None:
    found = today(
        [row("a", "at_risk", flags=[flag()], past=9), row("b", past=3), row("c", arr=9, past=70)],
        DAY,
    )

    assert names(found.touches) == ["b", "c"]
    assert found.touches[0].reason == "3 days past its planned touch."


STEADY = [60.0, 61, 60, 61, 60, 61, 60, 61, 60]


def test_a_score_has_moved_where_four_weeks_did_more_than_its_own_noise() -> None:
    fell = row("fell", trend=[*STEADY, 58, 55, 52, 48], numbers={"usage_trend": -0.4})
    noisy = row("noisy", trend=[60, 80, 55, 78, 50, 82, 58, 79, 60, 70, 62, 55, 48])
    still = row("still", trend=[*STEADY, 61, 60, 61, 60])
    unknown = row("unknown", trend=[*STEADY, 58, 55, 52, None])
    (found,) = today([fell, noisy, still, unknown], DAY).moved

    assert found.row.account_id == "fell"
    assert (found.before, found.now, found.change) == (60, 48, -12)
    assert found.cause == "usage fell by 40 %"


def test_a_cause_goes_the_same_way_as_the_score() -> None:
    rose = row("rose", trend=[*STEADY, 64, 68, 70, 74], numbers={"usage_trend": -0.4})

    assert today([rose], DAY).moved[0].cause == "nothing else known moved with it"


def test_what_closed_this_week_and_what_comes_back_are_told() -> None:
    closed = Settled("usage_trend", "Usage", DAY - timedelta(days=2), "recovered")
    down = Settled(
        "nps", "NPS", DAY - timedelta(days=30), "snoozed", "holiday", DAY + timedelta(days=5)
    )
    over = Settled("nps", "NPS", DAY - timedelta(days=30), "snoozed", "holiday", DAY)
    found = today([row("a", settled=[closed, down, over])], DAY)

    assert [one.flag.ended for one in found.closed] == ["recovered"]
    assert [one.until for one in found.returning] == [DAY + timedelta(days=5)]
