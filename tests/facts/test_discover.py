"""A folder becomes a list of things to import; nobody's files are named, not swallowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenure.facts.discover import discover, table_named
from tenure.facts.mapping import find_mapping
from tenure.kernel.errors import SourceError


def fill(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("account_id\nA-1\n")


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("accounts.csv", "accounts"), ("Accounts.CSV", "accounts"), ("usage_daily-2026-01.csv.gz", "usage_daily"),
        ("usage_daily.part2.csv", "usage_daily"), ("contracts.jsonl", "contracts"), ("fx_rates.parquet", "fx_rates"),
        ("old/accounts.tsv", "accounts"), ("accounts.xlsx", "accounts"), ("accounts_old.csv", None), ("acounts.csv", None),
    ],
)  # fmt: skip
def test_a_file_is_named_after_a_table(name: str, table: str | None) -> None:
    assert table_named(name) == table


def test_a_folder_is_read_in_the_order_of_names_and_silent_files_are_passed_over(
    tmp_path: Path,
) -> None:
    fill(tmp_path, "contracts.csv", "accounts.csv", "README.md", "LICENSE", ".hidden.csv", "truth.json",
         ".git/accounts.csv", "sub/usage_daily-1.csv")  # fmt: skip
    found = discover(tmp_path)
    assert [given.name for given in found.given] == [
        "accounts.csv",
        "contracts.csv",
        "sub/usage_daily-1.csv",
    ]
    assert found.findings == ()


def test_a_file_that_nobody_claims_is_a_warning_with_the_nearest_table(tmp_path: Path) -> None:
    fill(tmp_path, "accounts.csv", "acounts_2.csv")
    (finding,) = discover(tmp_path).findings
    assert (finding.rule, finding.level, finding.file) == (
        "file.unclaimed",
        "warning",
        "acounts_2.csv",
    )
    assert "`accounts.csv`" in finding.remedy


def test_a_mapping_claims_files_by_pattern_and_names_the_nearest(tmp_path: Path) -> None:
    fill(tmp_path, "ravenstack_accounts.csv", "ravenstack_subscription.csv", "accounts.csv")
    found = discover(tmp_path, find_mapping("ravenstack"))
    assert [(g.name, g.table) for g in found.given] == [
        ("accounts.csv", "accounts"), ("ravenstack_accounts.csv", None)]  # fmt: skip
    assert "ravenstack_subscriptions*.csv*" in found.findings[0].remedy


def test_a_single_file_can_be_named(tmp_path: Path) -> None:
    fill(tmp_path, "accounts.csv")
    (given,) = discover(tmp_path / "accounts.csv").given
    assert (given.name, given.table) == ("accounts.csv", "accounts")


@pytest.mark.parametrize("names", [(), ("README.md",), ("stuff.csv",)])
def test_nothing_to_import_is_an_error_with_a_remedy(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    fill(tmp_path, *names)
    with pytest.raises(SourceError) as refused:
        discover(tmp_path)
    assert refused.value.remedy


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        discover(tmp_path / "absent")


@pytest.mark.parametrize(
    ("names", "remedy"),
    [
        (
            ["organization_data.csv", "ticket_data.csv", "brand_data.csv"],
            "They look like an export of Zendesk: import them with --mapping zendesk. ",
        ),
        (
            ["mysterious.csv"],
            "or name the mapping: chartmogul, hubspot, ravenstack, recurly, salesforce, stripe, zendesk. ",
        ),
    ],
)
def test_a_folder_nobody_claims_is_told_the_mapping_it_looks_made_for(
    tmp_path: Path, names: list[str], remedy: str
) -> None:
    fill(tmp_path, *names)

    with pytest.raises(SourceError) as error:
        discover(tmp_path)

    assert f"{remedy}With --preview each file is told what it looks like." in error.value.remedy


def test_a_file_of_a_kind_that_is_not_read_is_not_told_to_take_another_name(tmp_path: Path) -> None:
    fill(tmp_path, "accounts.csv", "tickets.docx")

    (finding,) = discover(tmp_path).findings

    assert finding.says == "is of a kind that is not read here, so it was left out"
    assert "CSV" in finding.remedy
