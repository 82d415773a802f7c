"""What a mapping may say beyond columns and words: values of several, conditions, calculations, chains of lookups."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from declaring import LOOKUP, accounts_with, lines_with, mapping

from tenure.facts.coverage import cannot_feed, not_fed
from tenure.facts.mapping import find_mapping, shipped
from tenure.facts.prepare import Settings
from tenure.kernel.errors import DeclarationError


def test_columns_are_found_by_their_words_and_an_exact_name_wins(imported: Any) -> None:
    declared = accounts_with('name = "Account Name"\ncountry = "land"')
    result = imported({"people.csv": "ID,account_name,Land,land\n1,x,no,yes\n"}, mapping=declared)
    assert result.column("accounts", "name") == ["x"]
    assert result.column("accounts", "country") == ["yes"]
    assert result.findings("column.unmapped") == []


def test_the_first_filled_of_several_columns_counts_and_absent_ones_are_passed_over(
    imported: Any,
) -> None:
    declared = accounts_with('name = ["Company", "Label", { constant = "nobody" }]')
    files = {"people.csv": "Id,Label\n1,x\n2,\n"}
    assert imported(files, mapping=declared).column("accounts", "name") == ["x", "nobody"]
    with pytest.raises(Exception, match="`Company`"):
        imported(files, mapping=accounts_with('name = ["Company", "Firm"]'))


def test_an_optional_column_may_be_named_by_a_pattern_and_is_read_as_empty(imported: Any) -> None:
    declared = mapping(
        '[files.f]\nmatch = ["f.csv"]\noptional = ["is_*"]\n'
        '[files.f.into.accounts]\nonly = { is_deleted = ["false", ""] }\n'
        '[files.f.into.accounts.columns]\naccount_id = "Id"\n'
        'tier = { constant = "growth", when = { is_big = ["yes"] }, otherwise = "standard" }\n'
    )
    result = imported({"f.csv": "Id\n1\n"}, mapping=declared)
    assert result.column("accounts", "tier") == ["standard"]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ('["yes"]', ["1"]), ('[""]', ["3"]), ('["*"]', ["1", "2", "4"]), ('["y*", ""]', ["1", "3"]),
        ('["*e*"]', ["1", "2"]), ('["100%"]', ["4"]), ('["1*%"]', ["4"]), ('["_"]', []),
    ],
)  # fmt: skip
def test_a_condition_names_words_patterns_and_the_missing_value(
    imported: Any, words: str, kept: list[str]
) -> None:
    declared = mapping(
        f'[files.f]\nmatch = ["f.csv"]\n[files.f.into.accounts]\nonly = {{ W = {words} }}\n'
        '[files.f.into.accounts.columns]\naccount_id = "Id"\n'
    )
    result = imported({"f.csv": "Id,W\n1,Yes\n2,eh\n3,\n4,100 %\n"}, mapping=declared)
    assert result.column("accounts", "account_id") == kept


@pytest.mark.parametrize(
    ("word", "kept"),
    [("> 0", ["2", "3"]), (">= 0", ["1", "2", "3"]), ("< 0", ["4"]), ("<=-2.5", ["4"]), ("> 9", ["3"])],
)  # fmt: skip
def test_a_condition_compares_numbers_as_numbers(imported: Any, word: str, kept: list[str]) -> None:
    declared = mapping(
        f'[files.f]\nmatch = ["f.csv"]\n[files.f.into.accounts]\nonly = {{ N = ["{word}"] }}\n'
        '[files.f.into.accounts.columns]\naccount_id = "Id"\n'
    )
    text = "Id,N\n1,0\n2,9\n3,10\n4,-2.5\n5,x\n6,\n"
    assert imported({"f.csv": text}, mapping=declared).column("accounts", "account_id") == kept


def test_rows_that_meet_every_part_of_unless_are_left_out(imported: Any) -> None:
    declared = mapping(
        '[files.f]\nmatch = ["f.csv"]\n[files.f.into.accounts]\nunless = { A = ["x"], B = ["y"] }\n'
        '[files.f.into.accounts.columns]\naccount_id = "Id"\n'
    )
    result = imported({"f.csv": "Id,A,B\n1,x,y\n2,x,\n3,,y\n4,,\n"}, mapping=declared)
    assert result.column("accounts", "account_id") == ["2", "3", "4"]


def calculated(imported: Any, calc: str, rows: str, *, column: str = "arr", extra: str = "") -> Any:
    """The column `column` of lines a, b, c, ... made by `calc` from the columns A, B and C."""
    declared = lines_with(f'{column} = {calc}\nkind = {{ constant = "one_time" }}', extra)
    return imported({"lines.csv": "Id,A,B,C\n" + rows}, mapping=declared)


@pytest.mark.parametrize(
    ("calc", "of", "kept"),
    [
        ("product", "12.5,3,", "37.5"), ("product", "-0.1,0.1,", "-0.01"), ("product", "5,,", None),
        ("product", "999999999999,2,", "1999999999998"), ("difference", "10,2.5,", "7.5"),
        ("difference", "10,,", "10"), ("difference", "2,10,", "-8"), ("quotient", "1,3,", "0.3333"),
        ("quotient", "-10,4,", "-2.5"), ("quotient", "1,0,", None), ("quotient", "0.0001,2,", "0.0000"),
        ("quotient", "0.0003,2,", "0.0002"), ("quotient", "100,8,", "12.5"),
    ],
)  # fmt: skip
def test_numbers_are_calculated_exactly(
    imported: Any, calc: str, of: str, kept: str | None
) -> None:
    result = calculated(imported, f'{{ calc = "{calc}", of = ["A", "B"] }}', f"a,{of}\n")
    wanted = None if kept is None else Decimal(kept)
    assert result.column("contract_lines", "arr") == [wanted]


@pytest.mark.parametrize(
    ("of", "kept"),
    [
        ("36000,2025-01-01,2028-01-01", "12000"),  # three years
        ("500,2025-01-15,2025-04-15", "2000"),  # three months
        ("100,2025-01-01,2025-04-11", "365"),  # 100 days
        ("100,2025-01-31,2025-02-28", "1303.5714"),  # 28 days: no whole month by the day of it
        ("100,2025-01-01,2025-01-01", None),
        ("100,2025-01-01,", None),
    ],
)
def test_an_amount_for_a_span_is_told_per_year(imported: Any, of: str, kept: str | None) -> None:
    result = calculated(imported, '{ calc = "yearly", of = ["A", "B", "C"] }', f"a,{of}\n")
    wanted = None if kept is None else Decimal(kept)
    assert result.column("contract_lines", "arr") == [wanted]


@pytest.mark.parametrize(
    ("calc", "of", "kept"),
    [
        ("months_after", "2024-01-31,1,", "2024-02-29"), ("months_after", "2024-02-29,12,", "2025-02-28"),
        ("months_after", "2024-02-29,,", None), ("earliest", "2024-03-01,2024-02-01 12:00,", "2024-02-01"),
        ("earliest", ",2024-02-01,", "2024-02-01"), ("earliest", "2024-03-01,,", "2024-03-01"),
    ],
)  # fmt: skip
def test_days_are_calculated(imported: Any, calc: str, of: str, kept: str | None) -> None:
    take = f'{{ calc = "{calc}", of = ["A", "B"] }}'
    result = calculated(imported, take, f"a,{of}\n", column="end_date")
    wanted = None if kept is None else date.fromisoformat(kept)
    assert result.column("contract_lines", "end_date") == [wanted]


def test_days_and_seconds_between_two_moments_are_numbers(imported: Any) -> None:
    result = calculated(
        imported, '{ calc = "days", of = ["A", "B"] }',
        "a,2024-02-28 23:00,2024-03-01 01:00,\nb,2024-03-01,2024-02-28,\n", column="quantity",
    )  # fmt: skip
    assert result.column("contract_lines", "quantity") == [Decimal(2), Decimal(-2)]
    result = calculated(
        imported, '{ calc = "seconds", of = ["A", "B"] }',
        "a,2024-02-28T23:00:00Z,2024-02-29T00:00:30+00:00,\n", column="quantity",
    )  # fmt: skip
    assert result.column("contract_lines", "quantity") == [Decimal(3630)]


def test_what_cannot_be_calculated_is_refused_by_the_columns_own_check(imported: Any) -> None:
    result = calculated(imported, '{ calc = "product", of = ["A", "B"] }', "a,5,many,\nb,2,3,\n")
    assert result.column("contract_lines", "arr") == [Decimal(6)]
    (finding,) = result.findings("number.form")
    assert (finding["line"], finding["column_name"]) == (2, "A")


def test_calculations_keep_the_files_own_signs(imported: Any) -> None:
    result = calculated(
        imported, '{ calc = "product", of = ["A", "B"] }', 'a,"1.234,50",2,\n', extra='locale = "de_DE"'
    )  # fmt: skip
    assert result.column("contract_lines", "arr") == [Decimal(2469)]


def test_several_texts_become_one(imported: Any) -> None:
    declared = accounts_with('name = { calc = "text", of = ["First", "Last"] }')
    text = "Id,First,Last\n1,Ada,Byron\n2,,Byron\n3,,\n"
    result = imported({"people.csv": text}, mapping=declared)
    assert result.column("accounts", "name") == ["Ada Byron", "Byron", None]


@pytest.mark.parametrize(
    ("convert", "given", "kept"),
    [
        ("percent", "65", Decimal("0.65")), ("percent", "12.5 %", Decimal("0.125")), ("percent", "100", Decimal(1)),
        ("months", "P1Y", Decimal(12)), ("months", "P18M", Decimal(18)), ("months", "24 months", Decimal(24)),
        ("months", "per_six_months", Decimal(6)), ("seconds", "90500", Decimal(90)), ("seconds", "90500.0", Decimal(90)),
    ],
)  # fmt: skip
def test_shares_intervals_and_durations_are_turned(
    imported: Any, convert: str, given: str, kept: Decimal
) -> None:
    result = calculated(
        imported, f'{{ column = "A", convert = "{convert}" }}', f"a,{given},,\n", column="quantity"
    )
    assert result.column("contract_lines", "quantity") == [kept]


def test_addresses_lists_and_empty_words_are_turned(imported: Any) -> None:
    declared = accounts_with(
        'name = { column = "Mail", convert = "domain" }\n'
        'parent_account_id = { column = "Ids", convert = "first_listed" }\n'
        'country = { column = "Land", words = { nowhere = "" } }'
    )
    text = 'Id,Mail,Ids,Land\n1,Ada <ada@Meridian.example>,12; 13,Nowhere\n2,none,"7,8",DE\n'
    result = imported({"people.csv": text}, mapping=declared)
    assert result.column("accounts", "name") == ["meridian.example", None]
    assert result.column("accounts", "parent_account_id") == ["12", "7"]
    assert result.column("accounts", "country") == [None, "DE"]


def test_a_moment_is_dated_in_the_workspaces_zone_and_a_day_stays(imported: Any) -> None:
    declared = accounts_with('start_date = { column = "At", convert = "day" }', 'time_zone = "UTC"')
    text = "Id,At\n1,2024-06-30 22:30:00\n2,2024-06-30T22:30:00-09:00\n3,2024-06-30\n"
    result = imported({"people.csv": text}, mapping=declared, settings=Settings(time_zone="Europe/Berlin"))  # fmt: skip
    assert result.column("accounts", "start_date") == [
        date(2024, 7, 1), date(2024, 7, 1), date(2024, 6, 30),
    ]  # fmt: skip
    assert result.findings("date.time_cut") == []


CHAINED = (
    '[files.tickets]\nmatch = ["t.csv"]\n[files.tickets.values]\n'
    'address = { column = "By", lookup = { file = "users", key = "Id", column = "Mail" } }\n'
    'domain = { column = "address", convert = "domain" }\n'
    '[files.tickets.into.tickets.columns]\nticket_id = "Id"\ncreated_at = "At"\n'
    'account_id = { column = "domain", lookup = { file = "domains", key = "Domain", column = "Org", only = { Live = ["yes"] }, latest = "Since" } }\n'
    '[files.users]\nmatch = ["u.csv"]\n[files.domains]\nmatch = ["d.csv"]\n'
)
CHAIN = {
    "t.csv": "Id,By,At\n1,u1,2024-01-01 10:00\n2,u2,2024-01-01 10:00\n3,u9,2024-01-01 10:00\n",
    "u.csv": "Id,Mail\nu1,a@x.example\nu2,b@y.example\n",
    "d.csv": "Domain,Org,Live,Since\nx.example,old,yes,2023-1-05 9:00\nx.example,new,yes,2023-01-05 10:00\nx.example,dead,no,2024-01-01\ny.example,,yes,2023-01-01\n",
}


def test_values_are_looked_up_through_other_values_with_conditions_and_the_latest_of_several(
    imported: Any,
) -> None:
    result = imported(CHAIN, mapping=mapping(CHAINED))
    assert result.column("tickets", "account_id") == ["new", None, None]
    # y.example is there and names nobody, which is no loss; u9 is in no file
    assert result.findings("lookup.missing") == []
    files = {name: (f.rows, f.left_out) for name in CHAIN for f in [result.file(name)]}
    assert files == {"t.csv": (3, 0), "u.csv": (2, 2), "d.csv": (4, 4)}
    assert result.findings("column.unmapped") == []


def test_a_lookup_that_may_miss_is_not_remarked_on_unless_it_has_two_answers(imported: Any) -> None:
    declared = mapping(LOOKUP.replace('column = "Acc" }', 'column = "Acc", may_miss = true }'))
    files = {"subs.csv": "Sub,Acc\ns1,a1\ns1,a2\n", "use.csv": "S,D,N\ns1,2026-01-01,1\n"}
    assert [f["value"] for f in imported(files, mapping=declared).findings("lookup.missing")] == ["s1"]  # fmt: skip


def test_a_target_stands_in_for_a_file_only_where_that_is_not_given(imported: Any) -> None:
    declared = mapping(
        '[files.subs]\nmatch = ["subs.csv"]\n[files.subs.into.contracts.columns]\ncontract_id = "Id"\n'
        'account_id = "A"\n[files.subs.into.accounts]\ndistinct = true\nstands_in_for = ["people"]\n'
        '[files.subs.into.accounts.columns]\naccount_id = "A"\n'
        '[files.people]\nmatch = ["people.csv"]\n[files.people.into.accounts.columns]\naccount_id = "Id"\nname = "N"\n'
    )
    alone = {"subs.csv": "Id,A\ns1,a1\ns2,a1\n"}
    assert imported(alone, mapping=declared).column("accounts", "account_id") == ["a1"]
    both = alone | {"people.csv": "Id,N\na9,x\n"}
    assert imported(both, mapping=declared).column("accounts", "account_id") == ["a9"]


def test_one_file_may_feed_a_table_twice(imported: Any) -> None:
    declared = mapping(
        '[files.s]\nmatch = ["s.csv"]\n[files.s.into.contract_lines.columns]\nline_id = "Id"\n'
        'account_id = "A"\narr = "Base"\n[files.s.into.extras]\ntable = "contract_lines"\nonly = { More = ["> 0"] }\n'
        '[files.s.into.extras.columns]\nline_id = { column = "Id", prefix = "more of " }\naccount_id = "A"\narr = "More"\n'
    )
    text = "Id,A,Base,More\n1,a,10,5\n2,a,10,0\n3,a,x,5\n"
    result = imported({"s.csv": text}, mapping=declared)
    assert {row["line_id"]: row["arr"] for row in result.rows("contract_lines")} == {
        "1": Decimal(10), "more of 1": Decimal(5), "2": Decimal(10),
    }  # fmt: skip
    file = result.file("s.csv")
    assert (file.accepted, file.refused) == (2, 1)


def test_a_file_set_aside_is_told_with_its_reason_and_columns_are_ignored_by_pattern(
    imported: Any,
) -> None:
    declared = mapping(
        '[ignore]\n"_sync*" = "bookkeeping"\n[aside]\n"people_old*" = "the same rows again"\n'
        '[files.people]\nmatch = ["people*.csv"]\n[files.people.ignore]\n"x_*" = "custom"\n'
        '[files.people.into.accounts.columns]\naccount_id = "Id"\n'
    )
    files = {"people.csv": "Id,_synced,X_a\n1,2,3\n", "people_old.csv": "Id\n2\n"}
    result = imported(files, mapping=declared)
    assert result.column("accounts", "account_id") == ["1"]
    (finding,) = result.findings("file.aside")
    assert (finding["file"], finding["level"]) == ("people_old.csv", "notice")
    assert finding["says"].endswith("the same rows again")
    assert result.findings("column.unmapped") == []


@pytest.mark.parametrize(
    ("text", "line", "near"),
    [
        ('[files.f]\nmatch = ["a"]\n[files.f.values]\na = "b"\nb = "c"\n', 6, "order"),
        ('[files.f]\nmatch = ["a"]\n[files.f.values]\na = { calc = "sum", of = ["x", "y"] }\n', 6, "product"),
        ('[files.f]\nmatch = ["a"]\n[files.f.values]\na = { calc = "quotient", of = ["x"] }\n', 6, "2 values"),
        ('[files.f]\nmatch = ["a"]\n[files.f.values]\na = { column = "x", constant = "y" }\n', 6, "More than one"),
        ('[files.f]\nmatch = ["a"]\n[files.f.values]\na = { column = "x", of = ["y"] }\n', 6, "calc"),
        ('[files.f]\nmatch = ["a"]\n[files.f.values]\na = { column = "x", lookup = { table = "account", key = "k", column = "c" } }\n', 6, "accounts"),
        ('[files.f]\nmatch = ["a"]\n[files.f.values]\na = { column = "x", lookup = { table = "accounts", key = "nmae", column = "name" } }\n', 6, "name"),
        ('[files.f]\nmatch = ["a"]\n[files.f.into.accounts]\nstands_in_for = ["g"]\n[files.f.into.accounts.columns]\naccount_id = "x"\n', 6, "f"),
        ('[files.f]\nmatch = ["a"]\n[files.f.into.accounts]\nonly = { x = [] }\n[files.f.into.accounts.columns]\naccount_id = "x"\n', 6, "no word"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_value_names_its_line(text: str, line: int, near: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        mapping(text)
    assert refused.value.where == f"mappings/test.toml:{line}"
    assert near in str(refused.value)


def test_every_shipped_mapping_loads_and_reads_none_of_the_files_it_sets_aside() -> None:
    for name in shipped():
        declared = find_mapping(name)
        assert declared.caveats
        for file in declared.files.values():
            for pattern in file.match:
                assert not declared.set_aside(pattern.replace("*", "")), (name, pattern)


def test_what_a_mapping_cannot_feed_is_every_other_table_with_its_metrics() -> None:
    declared = mapping(LOOKUP)
    unfed = cannot_feed(declared)
    assert "contracts" not in unfed
    assert "usage_daily" not in unfed
    assert next(iter(unfed)) == "contract_lines"  # money first
    assert "nrr" in unfed["contract_lines"]
    told = not_fed(declared, ["use.csv", "other.csv"])
    assert [(file.key, file.name, file.tables) for file in told.absent] == [
        ("subs", "subs.csv", ("contracts",))
    ]
    # contracts are fed and serve the renewal rate too, so nrr stands before it
    assert told.metrics.index("nrr") < told.metrics.index("gross_renewal_rate")
    says = told.says()
    assert says[0].startswith("Test feeds contracts, usage_daily. It cannot feed contract_lines, ")
    assert says[1] == "Not given: subs.csv (contracts)."
    assert told.to_dict()["absent"] == [{"key": "subs", "name": "subs.csv", "tables": ["contracts"]}]  # fmt: skip


def test_an_import_takes_along_what_its_files_are_looked_up_in_and_stand_in_for() -> None:
    assert mapping(CHAINED).goes_with({"tickets"}) == {"users", "domains"}
    stripe = find_mapping("stripe")
    assert stripe.goes_with({"items"}) >= {"subscriptions", "prices", "plans", "coupons"}
    # without the customers beside them, the subscriptions would tell the accounts, and less of them
    assert stripe.goes_with({"dashboard_subscriptions"}) == {"customers", "dashboard_customers"}
