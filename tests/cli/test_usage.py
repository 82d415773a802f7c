"""Burn and anomalies at the command line: from a file or a workspace, in plain sentences, refusals included."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FIRST, DAYS = date(2025, 1, 6), 280


def use(accounts: int = 12) -> list[dict[str, Any]]:
    """Accounts of about 100 a workday; A000 has one day of 5, A001 began 20 days ago, A002 bought far too much."""
    rng = np.random.default_rng(2)
    rows = []
    for n in range(accounts):
        for place in range(DAYS):
            day = FIRST + timedelta(days=place)
            used = (100 if day.weekday() < 5 else 20) * float(np.exp(0.1 * rng.normal()))
            if n == 1 and place < DAYS - 20:
                continue
            if (n, place) == (0, DAYS - 5):
                used = 5
            rows.append(
                {
                    "account_id": f"A{n:03}", "day": day, "used": round(used, 2), "committed": 90_000 if n == 2 else 24_000,
                    "term_start": FIRST, "term_end": date(2026, 1, 6), "price": 12_000, "region": "DE",
                }
            )  # fmt: skip
    return rows


def written(file: Path, rows: list[dict[str, Any]]) -> Path:
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return file


@pytest.fixture(scope="module")
def daily(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("use") / "use.csv", use())


def test_burn_of_a_file_says_when_each_commitment_runs_out(daily: Path, tenure: Any) -> None:
    told = tenure("burn", "--panel", daily)
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert len(lines) == 13
    # 24,000 are used up after about 280 days of 77 on the mean and 30 more.
    assert "Runs out " in lines[0]
    assert lines[0].endswith("the commitment ends 5 January 2026.")
    assert any(
        line.startswith("A002") and "Lasts until the commitment ends 5 January 2026" in line
        for line in lines
    )
    refused = next(line for line in lines if line.startswith("A001"))
    assert refused.endswith("Not told: Use is known for 20 days and 28 are needed: 8 more.")
    assert lines[-1].startswith("A range holds in four of five cases")


def test_burn_of_one_account_shows_its_numbers(daily: Path, tenure: Any) -> None:
    told = tenure("burn", "--panel", daily, "--account", "A002", "--below", "0.5")
    assert told.code == 0
    assert "chance that less than 50% is used: 99%" in told.out
    assert "paid for units that will not be used: " in told.out
    assert "if the last 28 days simply went on: " in told.out
    wrong = tenure("burn", "--panel", daily, "--account", "A99")
    assert wrong.code == 2
    assert "A99" in wrong.err


def test_burn_in_json_holds_ranges_and_evidence(daily: Path, tenure: Any) -> None:
    told = tenure("burn", "--panel", daily, "--account", "A003", "--as-of", "2025-09-30", "--json")
    (one,) = told.data["accounts"]
    assert one["known_until"] == "2025-09-30"
    assert one["forecast"]["runs_out"]["p10"] <= one["forecast"]["runs_out"]["p90"]
    assert told.data["evidence"]["as_of"] == "2025-09-30"
    unknown = tenure("burn", "--panel", daily, "--account", "A001", "--json").data["accounts"][0]
    assert unknown["forecast"]["unknown"] == "too_little_history"


def test_commitments_may_be_a_number_and_a_day(tmp_path: Path, tenure: Any) -> None:
    rows = [
        {"account_id": row["account_id"], "day": row["day"], "used": row["used"]} for row in use(4)
    ]
    file = written(tmp_path / "use.csv", rows)
    bare = tenure("burn", "--panel", file)
    assert "Nothing is committed, so nothing runs out." in bare.out
    told = tenure("burn", "--panel", file, "--committed", "24000", "--term-end", "2026-01-06")
    assert "Runs out " in told.out
    assert tenure("burn", "--panel", file, "--committed", "bought").code == 2
    assert tenure("burn", "--panel", file, "--term-end", "some day").code == 2


def test_anomalies_of_a_file_name_the_odd_day(daily: Path, tenure: Any, tmp_path: Path) -> None:
    told = tenure("anomalies", "--panel", daily, "--values", "used")
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert lines[0].startswith("A000 ")
    assert "Low on 8 October 2025: 5 where " in lines[0]
    assert any(line.startswith("1 anomaly of 1 account in 28 days") for line in lines)
    assert lines[-1] == "Fewer than 29 days of something known: A001"
    off = written(tmp_path / "off.csv", [{"day": "2025-10-08", "region": "DE"}])
    quiet = tenure("anomalies", "--panel", daily, "--values", "used", "--holidays", off)
    assert quiet.out.startswith("Nothing odd in 28 days up to 2025-10-12")
    one = tenure("anomalies", "--panel", daily, "--values", "used", "--account", "A000", "--json")
    assert [a["account"] for a in one.data["anomalies"]] == ["A000"]
    assert one.data["anomalies"][0]["value"] == 5


def test_a_workspace_answers_both_in_the_same_words(counting_company: Any, tenure: Any) -> None:
    burn = tenure("burn", "-w", counting_company.folder)
    assert burn.code == 0
    assert "hazel" in burn.out
    odd = tenure("anomalies", "-w", counting_company.folder, "--json")
    assert odd.code == 0
    assert "judged" in odd.data or "unknown" in odd.data
    early = tenure("burn", "-w", counting_company.folder, "--as-of", "2020-01-01")
    assert early.code == 0
    assert early.out.startswith("Not told: No account has credits in force on 2020-01-01")
    told = tenure("burn", "-w", counting_company.folder, "--as-of", "2020-01-01", "--json")
    assert told.data["unknown"] == "no_data"
