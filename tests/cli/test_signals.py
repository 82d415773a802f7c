"""Signals on a plain table at the command line: an answer in words, the same as JSON, and errors one can act on."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

FIRST = date(2025, 6, 1)


def written(file: Path, rows: Iterable[dict[str, Any]]) -> Path:
    own = list(rows)
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, own[0])
        writer.writeheader()
        writer.writerows(own)
    return file


@pytest.fixture
def weekly(tmp_path: Path) -> Path:
    """60 accounts around 60; 25 of them fall by half nine weeks before they leave."""

    def rows() -> Iterable[dict[str, Any]]:
        for account in range(60):
            left = date(2026, 5, 4) + timedelta(days=3 * account) if account < 25 else None
            for week in range(60):
                day = FIRST + timedelta(days=7 * week)
                if left and day > left:
                    break
                fall = 30 if left and (left - day).days < 63 else 0
                swing = (account * 7 + week * 13) % 11 - 5
                yield {
                    "account_id": f"A{account:02}",
                    "as_of": day,
                    "usage": 60 + swing - fall,
                    "left": left,
                }

    return written(tmp_path / "weekly.csv", rows())


@pytest.fixture
def renewals(tmp_path: Path) -> Path:
    """Within each segment covered accounts renew 20 points more often."""

    def rows() -> Iterable[dict[str, Any]]:
        for segment, base in (("smb", 50), ("enterprise", 70)):
            for n in range(200):
                covered = n % 2 == 0
                renewed = (n // 2) < base + (20 if covered else 0)
                yield {
                    "renewed": renewed,
                    "planned": 10,
                    "completed": 9 if covered else 4,
                    "segment": segment,
                }

    return written(tmp_path / "renewals.csv", rows())


def test_a_trajectory_names_the_accounts_that_fell(weekly: Path, tenure: Any) -> None:
    asked = ("trajectory", "--panel", weekly, "--value", "usage", "--at-risk", "<45")
    told = tenure(*asked)
    assert (told.code, told.err) == (0, "")
    assert len(told.out.splitlines()) == 60
    found = json.loads(tenure(*asked, "--json").out)
    by = {row["account"]: row["pattern"] for row in found["accounts"]}
    assert all(by[f"A{n:02}"] == "flat" for n in range(25, 60))


def test_a_lead_time_says_what_the_metric_can_promise(weekly: Path, tenure: Any) -> None:
    asked = ("lead-time", "--panel", weekly, "--value", "usage", "--churned", "left")
    told = tenure(*asked, "--threshold", "<45")
    assert "This metric cannot keep a promise of 60–90 days." in told.out
    found = json.loads(tenure(*asked, "--threshold", "<45", "--json").out)
    assert found["evidence"]["events"] == 25
    assert found["separation"]["lead_days"] == pytest.approx(63, abs=7)


def test_a_coverage_delta_words_an_association(renewals: Path, tenure: Any) -> None:
    asked = (
        "coverage-delta",
        "--panel",
        renewals,
        "--planned",
        "planned",
        "--completed",
        "completed",
    )
    told = tenure(*asked, "--segment", "segment")
    assert told.out.startswith("Accounts touched as planned renewed 20 points more often")
    assert "This is an association" in told.out
    found = json.loads(tenure(*asked, "--segment", "segment", "--json").out)
    assert found["adjusted"][0] == pytest.approx(0.2)


def test_books_are_told_by_name_and_never_ranked(tmp_path: Path, tenure: Any) -> None:
    rows = [
        {
            "csm": f"csm{n % 9}",
            "churned": int(n // 9 % 8 == 0),
            "segment": ("smb", "enterprise")[n % 2],
        }
        for n in range(720)
    ]
    asked = ("books", "--panel", written(tmp_path / "b.csv", rows), "--segment", "segment")
    assert tenure(*asked).out == "All 9 books shown did as the accounts predict.\n"
    found = json.loads(tenure(*asked, "--json").out)
    assert [book["csm"] for book in found["books"]] == [f"csm{n}" for n in range(9)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "There is no file"),
        ("a,b\n", "holds no row below its header"),
        ("account_id,as_of,usage\nA1,2026-01-01,3\nA1,2026-01-08\n", "Line 3 of"),
        ("account_id,as_of,usage\nA1,2026-01-01,3,5 hours\n", "has 4 cells, the header has 3"),
        ("account_id,as_of,usage\nA1,2026-01-01,plenty\n", "'plenty' in row 1, which is no number"),
        ("account_id,as_of,usage\nA1,last week,3\n", "something that is no day"),
        ("account_id,as_of,use\nA1,2026-01-01,3\n", "There is no column called `usage`"),
    ],
)
def test_a_wrong_file_is_told_what_is_wrong_with_it(
    tmp_path: Path, tenure: Any, text: str | None, says: str
) -> None:
    file = tmp_path / "panel.csv"
    if text is not None:
        file.write_text(text)
    told = tenure("trajectory", "--panel", file, "--value", "usage")
    assert told.code != 0
    assert says in told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize("line", ["45", "<", "below 45", "=>3"])
def test_a_line_needs_a_sign_and_a_number(weekly: Path, tenure: Any, line: str) -> None:
    told = tenure("trajectory", "--panel", weekly, "--value", "usage", "--at-risk", line)
    assert told.code != 0
    assert "line" in told.err


@pytest.fixture
def landmarks(tmp_path: Path) -> Path:
    """S2's example: below 20 seven of ten leave, below 50 a quarter, above one in twenty; tickets say nothing."""

    def rows() -> Iterable[dict[str, Any]]:
        for quarter in range(4):
            for n in range(200):
                power = n % 100
                of_ten = 7 if power < 20 else 2.5 if power < 50 else 0.5
                left = (n * 37 + quarter * 11) % 100 < of_ten * 10
                day = date(2025, 3, 1) + timedelta(days=91 * quarter)
                yield {
                    "account_id": f"A{quarter}-{n}", "as_of": day, "churned": int(left), "power": power,
                    "tickets": (n * 7 + quarter) % 9, "region": ("north", "south")[n % 2],
                }  # fmt: skip

    return written(tmp_path / "landmarks.csv", rows())


def test_thresholds_are_learned_or_refused_in_plain_words(landmarks: Path, tenure: Any) -> None:
    told = tenure("thresholds", "learn", "--panel", landmarks, "--label", "churned")
    assert (told.code, told.err) == (0, "")
    power, tickets, *rest = told.out.splitlines()
    assert power.startswith("power    accepted")
    assert "Accounts with fewer than 18 churned" in power
    assert tickets.startswith("tickets  no_separation")
    assert "churned and retained accounts look alike" in tickets
    assert " of 2 metrics " in rest[-1], "the region is no number and no metric"


def test_an_objective_moves_the_line_and_not_the_status(landmarks: Path, tenure: Any) -> None:
    asked = (
        "thresholds",
        "learn",
        "--panel",
        landmarks,
        "--label",
        "churned",
        "--metrics",
        "power",
        "--json",
    )
    plain = json.loads(tenure(*asked).out)["results"][0]
    youden = json.loads(tenure(*asked, "--objective", "youden").out)["results"][0]
    assert plain["status"] == youden["status"] == "accepted"
    assert tenure(*asked, "--objective", "luck").code != 0
