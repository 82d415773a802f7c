"""Mappings declared on the spot, for the tests of what a mapping may say."""

from __future__ import annotations

from tenure.facts.mapping import Mapping, read_mapping

HEAD = 'title = "Test"\nsays = "A test."\n'


def mapping(text: str) -> Mapping:
    return read_mapping(HEAD + text, name="mappings/test.toml", id="test")


def accounts_with(columns: str, extra: str = "") -> Mapping:
    return mapping(
        f'[files.people]\nmatch = ["people*.csv"]\n{extra}\n'
        f'[files.people.into.accounts.columns]\naccount_id = "Id"\n{columns}\n'
    )


def lines_with(columns: str, extra: str = "") -> Mapping:
    return mapping(
        f'[files.lines]\nmatch = ["lines.csv"]\n{extra}\n[files.lines.into.contract_lines.columns]\n'
        f'line_id = "Id"\naccount_id = {{ constant = "A" }}\n{columns}\n'
    )


LOOKUP = (
    '[files.subs]\nmatch = ["subs*.csv"]\n[files.subs.into.contracts.columns]\ncontract_id = "Sub"\n'
    'account_id = "Acc"\n'
    '[files.use]\nmatch = ["use.csv"]\n[files.use.into.usage_daily.columns]\nusage_date = "D"\nevent_count = "N"\n'
    'account_id = { column = "S", lookup = { file = "subs", key = "Sub", column = "Acc" } }\n'
)
