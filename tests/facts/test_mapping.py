"""Mappings: columns taken, words turned, values converted and looked up; and errors that name the line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from declaring import HEAD, LOOKUP, accounts_with, lines_with, mapping

from tenure.facts.mapping import find_mapping
from tenure.facts.prepare import Settings
from tenure.kernel.errors import DeclarationError, Question, UnknownName, UserError


def test_columns_words_and_constants_are_taken(imported: Any) -> None:
    declared = accounts_with(
        'name = "Name"\nsegment = { column = "Plan", words = { "Top Plan" = "enterprise" } }\n'
        'currency = { constant = "USD" }'
    )
    result = imported(
        {"people.csv": "Id,Name,Plan\n1,x,top-plan\n2,y,small\n3,z,odd\n"}, mapping=declared
    )
    assert result.column("accounts", "segment") == ["enterprise", "smb", "odd"]
    assert result.column("accounts", "currency") == ["USD"] * 3
    assert set(result.column("accounts", "source")) == {"test"}
    assert [f["column_name"] for f in result.findings("word.unknown")] == ["Plan"]


def test_a_column_nobody_mentions_is_a_warning_and_an_ignored_one_is_not(imported: Any) -> None:
    declared = accounts_with("", '[files.people.ignore]\nFax = "nobody has one"')
    result = imported({"people.csv": "Id,Fax,Color\n1,2,3\n"}, mapping=declared)
    assert [f["column_name"] for f in result.findings("column.unmapped")] == ["Color"]


def test_only_some_rows_feed_a_table_and_the_others_are_counted_as_left_out(imported: Any) -> None:
    declared = mapping(
        '[files.f]\nmatch = ["f.csv"]\n[files.f.into.accounts]\nonly = { Type = ["customer", ""] }\n'
        '[files.f.into.accounts.columns]\naccount_id = "Id"\n'
    )
    result = imported({"f.csv": "Id,Type\n1,Customer\n2,lead\n3,\n"}, mapping=declared)
    assert result.column("accounts", "account_id") == ["1", "3"]
    file = result.file("f.csv")
    assert (file.rows, file.accepted, file.left_out) == (3, 2, 1)


def test_a_row_that_feeds_two_tables_is_imported_whole_or_not_at_all(imported: Any) -> None:
    declared = mapping(
        '[files.f]\nmatch = ["f.csv"]\n'
        '[files.f.into.contracts.columns]\ncontract_id = "Id"\naccount_id = "A"\n'
        '[files.f.into.contract_lines.columns]\nline_id = "Id"\ncontract_id = "Id"\narr = "Arr"\n'
    )
    result = imported({"f.csv": "Id,A,Arr\n1,a,10\n2,a,ten\n3,a,5\n3,a,6\n"}, mapping=declared)
    assert result.column("contracts", "contract_id") == ["1"]
    assert result.column("contract_lines", "line_id") == ["1"]
    assert (result.file("f.csv").accepted, result.file("f.csv").refused) == (1, 3)


def test_things_merely_named_in_rows_are_distinct_and_no_repeats(imported: Any) -> None:
    declared = mapping(
        '[files.u]\nmatch = ["u.csv"]\n'
        '[files.u.into.usage_daily.columns]\naccount_id = "A"\nusage_date = "D"\nfeature_id = "F"\nevent_count = "N"\n'
        '[files.u.into.features]\ndistinct = true\n[files.u.into.features.columns]\nfeature_id = "F"\n'
    )
    text = "A,D,F,N\na,2026-01-01,x,1\na,2026-01-02,x,1\na,2026-01-02,y,1\n"
    result = imported({"u.csv": text}, mapping=declared)
    assert result.column("features", "feature_id") == ["x", "y"]
    assert (result.file("u.csv").accepted, result.file("u.csv").repeats) == (3, 0)


def test_the_last_day_of_service_becomes_the_first_day_without(imported: Any) -> None:
    declared = lines_with('arr = "Arr"\nend_date = { column = "End", convert = "inclusive_end" }',
                          'date_order = "day_month"')  # fmt: skip
    result = imported(
        {"lines.csv": "Id,Arr,End\n1,5,31/12/2024\n2,5,2024-02-28\n3,5,\n"}, mapping=declared
    )
    kept = [date(2025, 1, 1), date(2024, 2, 29), None]
    assert result.column("contract_lines", "end_date") == kept


@pytest.mark.parametrize(
    ("amount", "currency", "kept"),
    [
        ("1234", "usd", "12.34"), ("5", "EUR", "0.05"), ("-1", "USD", "-0.01"), ("1234", "JPY", "1234"),
        ("1234", "KWD", "1.234"), ("0", "USD", "0"), ("1250.5", "USD", "12.505"), ("120", "USD", "1.2"),
    ],
)  # fmt: skip
def test_minor_units_follow_the_currencys_own_decimals(
    imported: Any, amount: str, currency: str, kept: str
) -> None:
    declared = lines_with(
        'arr = { column = "Cents", convert = "minor_units", currency = "Cur" }\ncurrency = "Cur"'
    )
    result = imported({"lines.csv": f"Id,Cents,Cur\n1,{amount},{currency}\n"}, mapping=declared)
    assert result.column("contract_lines", "arr") == [Decimal(kept)]


def test_minor_units_that_cannot_be_told_are_refused(imported: Any) -> None:
    declared = lines_with('arr = { column = "Cents", convert = "minor_units", currency = "Cur" }')
    text = 'Id,Cents,Cur\n1,100,\n2,"1,5",USD\n3,x,USD\n'
    result = imported({"lines.csv": text}, mapping=declared)
    assert result.rows("contract_lines") == []
    assert [f["value"] for f in result.findings("number.form")] == ["100", "1,5", "x"]


@pytest.mark.parametrize(
    ("convert", "text", "kept"),
    [
        ("epoch_s", "1700000000", datetime.fromisoformat("2023-11-14T22:13:20")),
        ("epoch_ms", "1700000000123", datetime.fromisoformat("2023-11-14T22:13:20.123")),
        ("epoch_ms", "2023-11-14T22:13:20Z", datetime.fromisoformat("2023-11-14T22:13:20")),
        ("epoch_s", "-1", datetime.fromisoformat("1969-12-31T23:59:59")),
    ],
)
def test_seconds_since_1970_become_a_moment(
    imported: Any, convert: str, text: str, kept: datetime
) -> None:
    declared = mapping(
        '[files.t]\nmatch = ["t.csv"]\n[files.t.into.tickets.columns]\nticket_id = "Id"\n'
        f'created_at = {{ column = "At", convert = "{convert}" }}\n'
    )
    result = imported({"t.csv": f"Id,At\n1,{text}\n"}, mapping=declared)
    assert result.column("tickets", "created_at") == [kept]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("4", "0.25"), ("3", "0.3333333333"), ("0.92", "1.0869565217"), ("1.5", "0.6666666667"), ("150", "0.0066666667")],
)  # fmt: skip
def test_a_rate_is_turned_over_exactly(imported: Any, given: str, kept: str) -> None:
    declared = mapping(
        '[files.r]\nmatch = ["r.csv"]\n[files.r.into.fx_rates.columns]\nrate_date = "D"\n'
        'from_currency = "C"\nto_currency = { constant = "USD" }\n'
        'rate = { column = "R", convert = "invert" }\n'
    )
    result = imported(
        {"r.csv": f"D,C,R\n2026-01-01,EUR,{given}\n2026-01-02,EUR,0\n"}, mapping=declared
    )
    assert result.column("fx_rates", "rate") == [Decimal(kept)]
    assert [f["line"] for f in result.findings("number.form")] == [3]


def test_interval_words_become_months(imported: Any) -> None:
    declared = lines_with(
        'amount = "P"\ninterval_months = { column = "Every", convert = "months" }'
    )
    text = "Id,P,Every\n1,5,monthly\n2,5,Annual\n3,5,quarterly\n4,5,6 months\n5,5,2\n6,5,weekly\n"
    result = imported({"lines.csv": text}, mapping=declared)
    assert result.column("contract_lines", "interval_months") == [1, 12, 3, 6, 2]
    assert [f["line"] for f in result.findings("number.form")] == [7]


def test_a_sign_is_turned_a_prefix_set_and_a_value_held_under_a_condition(imported: Any) -> None:
    declared = lines_with(
        'arr = { column = "P", convert = "negate" }\nproduct_id = { column = "Id", prefix = "p:" }\n'
        'reason = { constant = "gift", when = { Free = ["yes"] }, otherwise = "sold" }'
    )
    result = imported({"lines.csv": "Id,P,Free\n1,-5,Yes\n2,5,\n"}, mapping=declared)
    assert result.column("contract_lines", "arr") == [Decimal(5), Decimal(-5)]
    assert result.column("contract_lines", "product_id") == ["p:1", "p:2"]
    assert result.column("contract_lines", "reason") == ["gift", "sold"]


USE = "S,D,N\ns1,2026-01-01,1\ns2,2026-01-01,2\ns9,2026-01-01,3\n"


class Lake:
    def __init__(self, connection: Any) -> None:
        connection.execute(
            "create table lake_contracts as select *, null::date as start_date, null::date as end_date, "
            "null as currency from (values ('s9', 'a9'), ('s1', 'old')) t(contract_id, account_id)"
        )

    def relation(self, connection: Any, table: str, columns: Sequence[str]) -> str | None:
        return "lake_contracts" if table == "contracts" else None


def test_a_value_is_looked_up_in_another_file_of_the_mapping(imported: Any) -> None:
    files = {"subs-1.csv": "Sub,Acc\ns1,a1\n", "subs-2.csv": "Sub,Acc\ns2,a2\n", "use.csv": USE}
    result = imported(files, mapping=mapping(LOOKUP))
    assert result.column("usage_daily", "account_id") == ["a1", "a2"]
    (finding,) = result.findings("lookup.missing")
    assert (finding["line"], finding["column_name"], finding["value"]) == (4, "S", "s9")


def test_a_value_not_in_the_file_is_looked_up_in_the_lake(imported: Any, connection: Any) -> None:
    files = {"subs.csv": "Sub,Acc\ns1,a1\ns2,a2\n", "use.csv": USE}
    result = imported(files, mapping=mapping(LOOKUP), known=Lake(connection))
    assert result.column("usage_daily", "account_id") == ["a1", "a2", "a9"]


def test_a_key_with_two_answers_is_no_answer(imported: Any) -> None:
    files = {"subs.csv": "Sub,Acc\ns1,a1\ns1,a2\ns2,a2\ns9,a1\n", "use.csv": USE}
    result = imported(files, mapping=mapping(LOOKUP))
    assert [f["value"] for f in result.findings("lookup.missing")] == ["s1"]


def test_ids_of_the_source_that_collide_are_shown_and_kept(imported: Any) -> None:
    declared = mapping(
        '[files.u]\nmatch = ["u*.csv"]\nown_id = "Id"\n[files.u.into.usage_daily.columns]\n'
        'account_id = "A"\nusage_date = "D"\nevent_count = "N"\nsource_row_id = "Id"\n'
    )
    files = {
        "u1.csv": "Id,A,D,N\nx,a,2026-01-01,1\ny,a,2026-01-01,1\nz,a,2026-01-01,1\n",
        "u2.csv": "Id,A,D,N\nx,a,2026-01-02,1\ny,a,2026-01-01,1\n",
    }
    result = imported(files, mapping=declared)
    (finding,) = result.findings("id.collision")
    assert (finding["value"], finding["level"]) == ("x", "warning")
    assert "u1.csv:2, u2.csv:2" in finding["says"]
    assert len(result.rows("usage_daily")) == 4


def test_a_column_the_mapping_names_and_the_file_lacks_refuses_the_file(imported: Any) -> None:
    declared = accounts_with('name = "Name"')
    with pytest.raises(Exception, match="nearest is `Nmae`") as refused:
        imported({"people.csv": "Id,Nmae\n1,x\n"}, mapping=declared)
    assert getattr(refused.value, "code", "") == "column.missing"


def test_an_optional_column_may_be_absent(imported: Any) -> None:
    declared = accounts_with('name = "Name"', 'optional = ["Name"]')
    result = imported({"people.csv": "Id\n1\n"}, mapping=declared)
    assert result.column("accounts", "name") == [None]


def test_the_mappings_date_order_answers_and_the_command_line_wins(imported: Any) -> None:
    declared = accounts_with('start_date = "D"', 'date_order = "day_month"')
    files = {"people.csv": "Id,D\n1,3/4/2026\n"}
    assert imported(files, mapping=declared).column("accounts", "start_date") == [date(2026, 4, 3)]
    settings = Settings(date_order={"people.csv": "month_day"})
    result = imported(files, mapping=declared, settings=settings)
    assert result.column("accounts", "start_date") == [date(2026, 3, 4)]
    with pytest.raises(Question):
        imported(files, mapping=accounts_with('start_date = "D"'))


@pytest.mark.parametrize(
    ("text", "line", "near"),
    [
        ('[files.f]\nmatch = ["a"]\ndate_odrer = "day_month"\n[files.f.into.accounts.columns]\naccount_id = "x"\n', 5, "date_order"),
        ('[files.f]\nmatch = ["a"]\n[files.f.into.acounts.columns]\naccount_id = "x"\n', 5, "accounts"),
        ('[files.f]\nmatch = ["a"]\n[files.f.into.accounts.columns]\naccount_id = "x"\nnaem = "y"\n', 7, "name"),
        ('[files.f]\nmatch = ["a"]\n[files.f.into.accounts.columns]\naccount_id = { words = { a = "b" } }\n', 6, "constant"),
        ('[files.f]\nmatch = ["a"]\n[files.f.into.accounts.columns]\naccount_id = { column = "x", lookup = { file = "g", key = "k", column = "c" } }\n', 6, "f"),
        ('[files.f]\nmatch = ["a"]\n[files.f.into.accounts.columns]\naccount_id = { column = "x", convert = "minor_unit" }\n', 6, "minor_units"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_mapping_names_file_line_and_the_nearest(
    text: str, line: int, near: str
) -> None:
    with pytest.raises(DeclarationError) as refused:
        mapping(text)
    assert refused.value.where == f"mappings/test.toml:{line}"
    assert near in str(refused.value)


def test_a_sign_or_zone_that_cannot_be_is_refused() -> None:
    with pytest.raises(UserError, match="xx_YY"):
        accounts_with("", 'locale = "xx_YY"')
    with pytest.raises(UserError, match="decimal sign"):
        accounts_with("", 'decimal = "#"')
    with pytest.raises(UserError, match="Berlim"):
        accounts_with("", 'time_zone = "Europe/Berlim"')


def test_a_workspaces_own_mapping_wins_over_the_shipped_one(tmp_path: Path) -> None:
    text = HEAD + '[files.f]\nmatch = ["a"]\n[files.f.into.accounts.columns]\naccount_id = "x"\n'
    (tmp_path / "ravenstack.toml").write_text(text)
    assert find_mapping("ravenstack", own=tmp_path).title == "Test"
    assert find_mapping("ravenstack").title == "RavenStack"
    assert find_mapping(str(tmp_path / "ravenstack.toml")).id == "ravenstack"
    with pytest.raises(UnknownName, match="ravenstack"):
        find_mapping("ravenstak", own=tmp_path)


def test_the_digest_of_a_mapping_follows_its_text() -> None:
    one, two = accounts_with('name = "A"'), accounts_with('name = "B"')
    assert one.digest() != two.digest()
    assert one.digest() == accounts_with('name = "A"').digest()
