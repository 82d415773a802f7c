"""A mapping that is written down by the pages reads as it did, and changes only what somebody changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tenure.facts.arranging import Chosen, arranged, begun, checked, with_words
from tenure.facts.mapping import Mapping, Take, find_mapping, read_mapping, shipped
from tenure.facts.mapping_text import mapping_text
from tenure.facts.suggest import ColumnSuggestion, Suggestion
from tenure.kernel.errors import UserError

TEXT = """
title = "Billing"
says = "x"
[files.customers]
match = ["customers*.csv"]
date_order = "day_month"
[files.customers.ignore]
"Fax *" = "nobody has one"
[files.customers.into.accounts.columns]
account_id = { column = "Customer No", prefix = "B" }
name = "Company"
segment = { column = "Tier", words = { Gold = "enterprise", "" = "smb" } }
start_date = { calc = "earliest", of = ["Since", "First order"] }
"""


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_mapping_reads_the_same_after_it_was_written(name: str) -> None:
    before = find_mapping(name)
    after = read_mapping(mapping_text(before), name="again.toml", id=name)

    assert replace(after, content="") == replace(before, content="")


def billing() -> Mapping:
    return read_mapping(TEXT, name="billing.toml", id="billing")


def test_what_is_chosen_changes_and_all_else_stays() -> None:
    chosen = {
        "name": Chosen(column="Trade name"),
        "segment": Chosen(column="Tier", words={"Gold": "mid_market"}),
        "start_date": Chosen(kept=True),
        "currency": Chosen(constant="EUR"),
        "country": Chosen(),
    }
    after = checked(
        arranged(billing(), "customers", {"date_order": "month_day"}, {"accounts": chosen})
    )
    columns = after.files["customers"].into["accounts"].columns

    assert columns["account_id"] == Take(column="Customer No", prefix="B")
    assert columns["name"] == "Trade name"
    assert columns["segment"] == Take(column="Tier", words={"Gold": "mid_market"})
    assert columns["start_date"] == Take(calc="earliest", of=("Since", "First order"))
    assert columns["currency"] == Take(constant="EUR")
    assert "country" not in columns
    assert after.files["customers"].date_order == "month_day"
    assert after.files["customers"].ignore == {"Fax *": "nobody has one"}


def test_a_word_is_read_as_another_from_now_on() -> None:
    after = checked(with_words(billing(), "customers_7.csv", "tier", {"Enterprize": "enterprise"}))

    found = after.files["customers"].into["accounts"].takes()["segment"].words
    assert found == {"Gold": "enterprise", "": "smb", "Enterprize": "enterprise"}
    with pytest.raises(UserError) as refused:
        with_words(billing(), "customers_7.csv", "Since", {"n/a": ""})
    assert refused.value.code == "mapping.words"


def test_a_mapping_begins_with_what_was_suggested_and_a_wrong_choice_is_refused() -> None:
    columns = (
        ColumnSuggestion("account_id", 'No "1"', "sure", 1.0, ()),
        ColumnSuggestion("name", "Firma\n", "likely", 0.7, ()),
    )
    one = Suggestion("Kunden 2026-10.csv", 2, table="accounts", sure="sure", columns=columns)
    mapping = checked(begun("crm", [one]))

    assert mapping.files["kunden_2026_10"].match == ("Kunden *.csv",)
    assert mapping.files["kunden_2026_10"].into["accounts"].columns == {
        "account_id": 'No "1"', "name": "Firma\n",
    }  # fmt: skip
    with pytest.raises(UserError):
        checked(arranged(mapping, "kunden_2026_10", {"time_zone": "Mars"}, {}))
