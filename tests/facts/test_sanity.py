"""What the product finds odd in data that passed every check, with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any


def says(result: Any, rule: str) -> list[str]:
    assert all(f["level"] == "notice" and f["remedy"] for f in result.findings(rule))
    return [finding["says"] for finding in result.findings(rule)]


CONTRACTS = "contract_id,account_id,start_date,end_date\n"
ACCOUNTS = "account_id,name,start_date,currency\n"
LINES = "line_id,contract_id,account_id,arr,amount,interval_months,currency,end_date\n"


def test_usage_outside_the_accounts_contracts_is_counted(imported: Any) -> None:
    files = {
        "contracts.csv": CONTRACTS + "C-1,A,2026-01-01,2026-02-01\nC-2,A,2026-03-01,2026-04-01\n",
        "usage_daily.csv": "account_id,usage_date,event_count\n"
        + "".join(
            f"A,{day},1\n" for day in ("2025-12-31", "2026-01-01", "2026-03-31", "2026-04-01")
        ),
    }
    result = imported(files)
    assert says(result, "doubt.usage_early")[0].startswith("1 of 4 (25 %) usage rows")
    assert says(result, "doubt.usage_late")[0].startswith("1 of 4 (25 %) usage rows")


def test_usage_under_an_open_contract_is_never_late(imported: Any) -> None:
    files = {
        "contracts.csv": CONTRACTS + "C-1,A,2026-01-01,2026-02-01\nC-2,A,2026-03-01,\n",
        "usage_daily.csv": "account_id,usage_date,event_count\nA,2026-05-01,1\n",
    }
    assert says(imported(files), "doubt.usage_late") == []


def test_tickets_before_the_accounts_first_day_are_counted(imported: Any) -> None:
    files = {
        "accounts.csv": ACCOUNTS + "A,x,2026-01-02,USD\n",
        "tickets.csv": "ticket_id,account_id,created_at\n1,A,2026-01-01 23:59\n2,A,2026-01-02 00:00\n",
    }
    assert says(imported(files), "doubt.tickets_early") == [
        "1 of 2 (50 %) tickets were opened before their account's first day"
    ]


def test_several_open_contracts_are_counted_and_ended_ones_are_not(imported: Any) -> None:
    text = CONTRACTS + (
        "C-1,A,2026-01-01,\nC-2,A,2026-01-01,2027-01-01\nC-3,A,2024-01-01,2025-01-01\nC-4,B,2026-01-01,\n"
    )
    (told,) = says(imported({"contracts.csv": text}), "doubt.contracts_at_once")
    assert told.startswith("1 of 2 (50 %)")
    assert "1.5 on average and 2 at most" in told


def test_lines_that_outlive_their_contract_are_counted(imported: Any) -> None:
    files = {
        "contracts.csv": CONTRACTS + "C-1,A,2026-01-01,2027-01-01\n",
        "contract_lines.csv": LINES
        + "L-1,C-1,A,5,,,USD,2027-01-02\nL-2,C-1,A,5,,,USD,2027-01-01\nL-3,C-1,A,5,,,USD,\n",
    }
    assert says(imported(files), "doubt.lines_outlive") == [
        "1 of 3 (33 %) lines end after their contract"
    ]


def test_definitions_of_churn_that_disagree_are_laid_side_by_side(imported: Any) -> None:
    statements = (
        "account_id,statement_id,kind\nA,f,flag\nB,f,flag\nB,e1,event\nC,e2,event\nC,e3,event\n"
    )
    files = {
        "churn_statements.csv": statements,
        "contracts.csv": CONTRACTS
        + "C-1,A,2024-01-01,2025-01-01\nC-2,B,2024-01-01,\nC-3,D,2024-01-01,2025-01-01\n",
    }
    (told,) = says(imported(files), "doubt.churn_disagrees")
    assert told.startswith("three definitions of churn disagree: 2 accounts carry a churn flag, 2 have a churn event, "
                           "and 2 have no contract left")  # fmt: skip
    assert "1 have flag and event, 1 an event but no flag, 1 a flag but no event" in told


def test_definitions_that_agree_are_not_mentioned(imported: Any) -> None:
    files = {
        "churn_statements.csv": "account_id,statement_id,kind\nA,f,flag\nA,e,event\n",
        "contracts.csv": CONTRACTS + "C-1,A,2024-01-01,2025-01-01\nC-2,B,2024-01-01,\n",
    }
    assert says(imported(files), "doubt.churn_disagrees") == []


def test_a_measure_missing_on_many_rows_is_said_with_its_share(imported: Any) -> None:
    rows = "".join(f"{i},2026-01-01,{4 if i % 10 < 6 else ''}\n" for i in range(50))
    result = imported({"tickets.csv": "ticket_id,created_at,csat\n" + rows})
    assert says(result, "doubt.missing_share") == [
        "csat is missing on 20 of 50 (40 %) rows of this import"
    ]


def test_a_measure_that_is_never_given_or_nearly_always_is_not_mentioned(imported: Any) -> None:
    rows = "".join(f"{i},2026-01-01,{'' if i == 0 else 4},\n" for i in range(50))
    result = imported({"tickets.csv": "ticket_id,created_at,csat,sentiment\n" + rows})
    assert says(result, "doubt.missing_share") == []


def test_accounts_without_a_contract_are_counted(imported: Any) -> None:
    files = {
        "accounts.csv": ACCOUNTS + "A,x,,USD\nB,y,,USD\nC,z,,USD\n",
        "contracts.csv": CONTRACTS + "C-1,A,2024-01-01,\n",
        "contract_lines.csv": LINES + "L-1,,B,5,,,USD,\n",
    }
    assert says(imported(files), "doubt.no_contract") == ["1 of 3 (33 %) accounts have no contract"]


def test_an_arr_that_is_not_twelve_months_of_the_amount_is_counted(imported: Any) -> None:
    text = (
        LINES
        + "L-1,C,A,120,10,1,USD,\nL-2,C,A,120,30,3,USD,\nL-3,C,A,100,10,1,USD,\nL-4,C,A,121,10,1,USD,\n"
    )
    (told,) = says(imported({"contract_lines.csv": text}), "doubt.arr_differs")
    assert told.startswith("1 of 4 (25 %) lines")


def test_money_without_a_currency_anywhere_is_counted(imported: Any) -> None:
    files = {
        "accounts.csv": ACCOUNTS + "A,x,,USD\nB,y,,\n",
        "contract_lines.csv": LINES + "L-1,,A,5,,,,\nL-2,,B,5,,,,\nL-3,,B,5,,,EUR,\n",
    }
    assert says(imported(files), "doubt.no_currency")[0].startswith("1 of 3 (33 %) lines")


def test_accounts_of_one_name_are_counted(imported: Any) -> None:
    text = ACCOUNTS + "A,Acme Inc.,,USD\nB,ACME Inc,,USD\nC,Beta,,USD\n"
    assert says(imported({"accounts.csv": text}), "doubt.same_name") == [
        "2 accounts share 1 name, for example `ACME Inc`"
    ]


class Lake:
    """Holds contract C-1 of account A, and an older form of C-2."""

    def __init__(self, connection: Any) -> None:
        connection.execute(
            "create table lake_contracts as select * from (values "
            f"('C-1', 'A', date '{date(2026, 1, 1)}', null::date), ('C-2', 'A', date '2026-01-01', null)) "
            "t(contract_id, account_id, start_date, end_date)"
        )

    def relation(self, connection: Any, table: str, columns: Sequence[str]) -> str | None:
        return "lake_contracts" if table == "contracts" else None


def test_what_the_lake_holds_counts_too_unless_it_is_replaced(
    imported: Any, connection: Any
) -> None:
    text = CONTRACTS + "C-2,A,2026-01-01,2026-02-01\nC-3,A,2026-01-01,\n"
    (told,) = says(
        imported({"contracts.csv": text}, known=Lake(connection)), "doubt.contracts_at_once"
    )
    assert "2.0 on average and 2 at most" in told
