"""The renewal anchor, counted by hand: one row per renewal, who is left out and why, and that the ledger adds up."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.kernel.errors import UnknownName, UserError
from tenure.signals import learn_thresholds, renewal_panel
from tenure.signals.anchored import LEADS


def renewal(account: str, due: str, renewed: int | None = 1, **more: Any) -> dict[str, Any]:
    return {"account": account, "due": due, "renewed": renewed, "started": "2023-01-01", **more}


WORKED = [
    renewal("A", "2025-02-10", 1, before="1000", after="1000", use=7),
    renewal("A", "2026-02-10", 0, before="1000", after="0", use=1),
    renewal("B", "2025-03-31", 1, before="1000", after="899.99", use=3),
    renewal("C", "2025-03-31", 1, before="1000", after="900", use=4),
    renewal("D", "2026-05-01", None),
    renewal("E", "2025-05-01", 0, notice="2025-01-31"),
    renewal("F", "2025-05-01", 0, notice="2025-02-01"),
    renewal("G", "2025-05-01", 0, exit_kind="merged"),
    renewal("H", "2025-05-01", 0, exit_kind="involuntary"),
    renewal("I", "2025-05-01", 1, started="2024-12-04"),
    renewal("J", "2025-05-01", 1, live_since="2025-02-02"),
    renewal("K", "2025-05-01", 1, automatic=1, term_start="2025-04-01"),
    renewal("L", "2025-05-01", 1, automatic=1, term_start="2024-05-01"),
    renewal("M", "2025-05-01", 1, term_start="2025-02-01"),
    renewal("M", "2025-07-01", 1, term_start="2025-05-01"),
]
"""At a lead of 90 days a renewal of 1 May 2025 is looked at on 31 January."""


def test_every_renewal_is_in_or_left_out_for_the_reason_worked_out_by_hand() -> None:
    made = renewal_panel(WORKED)
    rows = {(row["account"], str(row["due"])): row for row in made}
    assert sorted(rows) == [
        ("A", "2025-02-10"), ("A", "2026-02-10"), ("B", "2025-03-31"), ("C", "2025-03-31"),
        ("F", "2025-05-01"), ("L", "2025-05-01"), ("M", "2025-05-01"),
    ]  # fmt: skip
    assert made.ledger.excluded == {
        "outcome_not_known_yet": 1, "notice_given": 1, "merged": 1, "involuntary": 1, "onboarding": 1,
        "not_live_then": 1, "notice_window_not_open": 1, "overlapping_window": 1,
    }  # fmt: skip
    assert made.ledger.came == 15
    assert made.ledger.kept == 7
    assert rows["A", "2025-02-10"] == {
        "account": "A", "as_of": date(2024, 11, 12), "due": date(2025, 2, 10), "quarter": "2025-Q1", "index": 1,
        "stratum": "2025-Q1 renewal 1", "churned": 0, "downsold": 0, "segment": None, "arr": 1000, "after": 1000,
        "use": 7,
    }  # fmt: skip
    assert rows["A", "2026-02-10"]["stratum"] == "2026-Q1 renewal 2"
    assert (rows["A", "2026-02-10"]["churned"], rows["A", "2026-02-10"]["downsold"]) == (1, 0)
    assert rows["B", "2025-03-31"]["downsold"] == 1
    assert rows["C", "2025-03-31"]["downsold"] == 0, "nine tenths are no downsell"


def test_a_monthly_renewal_counts_where_its_own_term_had_begun() -> None:
    monthly = [renewal("A", f"2025-{m:02}-01", 1, automatic=1, term_start=f"2025-{m - 1:02}-01") for m in range(3, 9)]  # fmt: skip
    assert renewal_panel(monthly).ledger.excluded == {"notice_window_not_open": 6}
    at_thirty = renewal_panel(monthly, lead_days=30)
    # Terms of 31 days had begun 30 days before their end; February's, with 28, and those of 30 had not all.
    assert [str(row["due"]) for row in at_thirty] == [
        "2025-04-01", "2025-05-01", "2025-06-01", "2025-07-01", "2025-08-01",
    ]  # fmt: skip


def test_renewals_are_strata_of_quarter_and_index() -> None:
    rows = [
        renewal(f"A{n:03}", str(date(2025, 1, 15) + timedelta(days=91 * (n % 6))), int(n % 5 > 0), use=n % 5 + n % 2, index=1 + n % 4)
        for n in range(240)
    ]  # fmt: skip
    made = renewal_panel(rows)
    found = learn_thresholds(list(made), label="churned", metrics=["use"], stratum="stratum")
    assert found.ledger.kept == 240, "no landmark is chosen among renewals"
    assert found.panel.strata[0].startswith("2025-Q1 renewal ")
    assert {name.split(" ")[2] for name in found.panel.strata} <= {"1", "2", "3+"}
    assert list(found.panel.strata) == sorted(found.panel.strata)
    assert found["use"].status in ("accepted", "provisional")


def test_a_wrong_lead_label_or_column_is_told() -> None:
    with pytest.raises(UserError, match="45 is no lead") as caught:
        renewal_panel(WORKED, lead_days=45)
    assert "30, 60, 90, 120, 180" in caught.value.remedy
    with pytest.raises(UserError, match="holds 2 in row 1"):
        renewal_panel([renewal("A", "2025-02-10", 2)])
    with pytest.raises(UnknownName, match="renewed"):
        renewal_panel([{"account": "A", "due": "2025-02-10"}])
    with pytest.raises(UserError, match="'much' in row 1"):
        renewal_panel([renewal("A", "2025-02-10", before="much")])


days = st.integers(0, 900).map(lambda n: str(date(2024, 1, 1) + timedelta(days=n)))
some = st.lists(
    st.builds(
        renewal,
        st.sampled_from("ABCD"),
        days,
        st.sampled_from([0, 1, None]),
        notice=st.one_of(st.none(), days),
        automatic=st.sampled_from([0, 1]),
        term_start=st.one_of(st.none(), days),
        exit_kind=st.sampled_from(["", "merged", "involuntary", "voluntary"]),
    ),
    max_size=30,
).map(lambda rows: list({(row["account"], row["due"]): row for row in rows}.values()))


@given(some.filter(bool), st.sampled_from(LEADS))
def test_the_ledger_adds_up_and_windows_of_an_account_never_overlap(
    rows: list[dict[str, Any]], lead: int
) -> None:
    made = renewal_panel(rows, lead_days=lead)
    assert made.ledger.kept + sum(made.ledger.excluded.values()) == made.ledger.came == len(rows)
    last: dict[str, date] = {}
    for row in made:
        assert row["as_of"] == row["due"] - timedelta(days=lead)
        before = last.get(row["account"])
        assert before is None or row["as_of"] >= before - timedelta(days=3)
        last[row["account"]] = row["due"]


@given(some.filter(bool))
def test_the_order_of_the_rows_changes_nothing(rows: list[dict[str, Any]]) -> None:
    forward, backward = renewal_panel(rows), renewal_panel(rows[::-1])
    assert forward.rows == backward.rows
    assert forward.ledger == backward.ledger
