"""What stands beside a number that is arithmetically right and should be read with care."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from memory import metric
from plain_facts import day

from tenure.metrics.answer import Answer

ASKED = {"start": "2025-04-01", "end": "2026-04-01", "as_of": "2026-03-31"}


def company(count: int = 1, *more: dict[str, Any], **said: Any) -> dict[str, Any]:
    """Accounts with one open line of 100 each, and further lines."""
    lines = [
        {"line_id": f"l{n}", "account_id": f"a{n}", "arr": Decimal(100), "currency": "USD"}
        | {"start_date": day("2025-01-01")}
        | said
        for n in range(count)
    ]
    return {
        "accounts": [{"account_id": f"a{n}"} for n in range(count)],
        "contract_lines": [*lines, *more],
    }


def codes(answer: Answer) -> set[str]:
    return {note.code for note in answer.findings}


def test_an_ordinary_number_has_no_notes() -> None:
    assert codes(metric(company(10), "nrr", **ASKED)) == set()


def test_a_rate_over_few_says_how_far_one_moves_it() -> None:
    answer = metric(company(4), "nrr", **ASKED)

    (note,) = answer.findings
    assert note.code == "n.small"
    assert "25 points" in note.says


def test_an_amount_over_few_needs_no_such_note() -> None:
    assert codes(metric(company(4), "arr_in_force", as_of="2026-03-31")) == set()


def test_a_period_that_is_not_over_says_so() -> None:
    answer = metric(company(10), "nrr", **(ASKED | {"as_of": "2026-03-30"}))

    assert codes(answer) == {"period.incomplete"}


def test_a_period_that_has_not_begun_is_too_little_history() -> None:
    answer = metric(company(10), "nrr", **(ASKED | {"as_of": "2025-03-31"}))

    assert (answer.unknown, answer.value) == ("too_little_history", None)
    assert "period.future" in codes(answer)


def test_an_absurd_retention_says_what_usually_makes_it() -> None:
    more = [
        {"line_id": f"m{n}-{k}", "account_id": f"a{n}", "arr": Decimal(100), "currency": "USD"}
        | {"start_date": day("2025-06-01")}
        for n in range(10)
        for k in range(3)
    ]

    answer = metric(company(10, *more), "nrr", **ASKED)

    assert answer.value == 4.0
    (note,) = [note for note in answer.findings if note.code == "nrr.implausible"]
    assert "4.0 paying lines open at once" in note.says


def test_a_currency_that_was_assumed_is_said() -> None:
    assert codes(metric(company(10, currency=None), "nrr", **ASKED)) == {"currency.assumed"}


def test_lines_without_a_price_or_a_start_are_left_out_and_said() -> None:
    lost = {"account_id": "a0", "currency": "USD"}
    priceless = lost | {"line_id": "p", "start_date": day("2025-01-01")}
    undated = lost | {"line_id": "u", "arr": Decimal(9)}

    answer = metric(company(10, priceless, undated), "arr_in_force", as_of="2026-03-31")

    assert answer.value == 1000
    assert codes(answer) == {"line.unpriced", "line.undated"}


def test_an_owner_known_only_today_is_said_where_owners_matter() -> None:
    rows = company(10)
    rows["accounts"] = [account | {"csm_id": "maya"} for account in rows["accounts"]]

    assert "owner.present_only" in codes(metric(rows, "nrr", **ASKED, by="csm"))
    assert "owner.present_only" not in codes(metric(rows, "nrr", **ASKED))


def test_a_cut_by_a_column_without_history_says_so() -> None:
    assert "column.present_only" in codes(metric(company(10), "nrr", **ASKED, by="segment"))


def test_a_table_never_delivered_is_no_data_and_an_empty_one_is_nothing() -> None:
    never = metric({"accounts": []}, "arr_in_force", as_of="2026-03-31")
    empty = metric({"accounts": [], "contract_lines": []}, "arr_in_force", as_of="2026-03-31")

    assert (never.value, never.unknown, codes(never)) == (None, "no_data", {"table.missing"})
    assert (empty.value, empty.unknown) == (Decimal(0), None)
