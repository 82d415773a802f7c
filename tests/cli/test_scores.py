"""Health, back-test and forecast at the command line: from a file or a workspace, in calm words, refusals included."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenure.cli import scores
from tenure.simulate import simulate
from tenure.workspace import Workspace


def written(file: Path, rows: Iterable[dict[str, Any]]) -> Path:
    own = list(rows)
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, own[0])
        writer.writeheader()
        writer.writerows(own)
    return file


def quarters(many: int) -> Iterable[dict[str, Any]]:
    """120 accounts a quarter; of low use four in ten leave, else one in thirty; the newest quarter is not known yet."""
    draws = np.random.default_rng(3)
    for quarter in range(many):
        for n in range(120):
            use = round(float(draws.uniform(0, 100)), 1)
            left = int(draws.random() < (0.4 if use < 25 else 0.03))
            yield {
                "account_id": f"A{n:03}", "as_of": date(2024, 1, 1) + timedelta(days=91 * quarter),
                "churned": left if quarter < many - 1 else "", "use": use, "tickets": int(draws.integers(0, 9)),
                "said": "red" if use > 90 else "green", "segment": ("smb", "enterprise")[n % 2], "arr": 1200,
            }  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("book") / "book.csv", quarters(9))


@pytest.fixture(scope="module")
def due(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [
        {
            "account_id": row["account_id"], "due": row["as_of"], "churned": row["churned"], "arr": 1200,
            "after": "" if row["churned"] == "" else 1200 * (1 - row["churned"]), "use": row["use"],
        }
        for row in quarters(9)
    ]  # fmt: skip
    return written(tmp_path_factory.mktemp("due") / "due.csv", rows)


def test_health_of_a_file_names_the_riskiest_with_reasons(book: Path, tenure: Any) -> None:
    told = tenure("health", "--panel", book, "--limit", 3)
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert lines[0].startswith("Learned from ")
    assert sum(line.startswith("A") for line in lines) == 3
    assert "use -" in told.out
    found = tenure("health", "--panel", book, "--json").data
    assert len(found["accounts"]) == 120
    for one in found["accounts"]:
        points = [part["points"] for part in one["parts"]]
        assert None in points or one["healthy_score"] + sum(points) == one["score"]


def test_a_backtest_of_a_file_gives_its_verdict_first(book: Path, tenure: Any) -> None:
    told = tenure("backtest", "--panel", book, "--capacity", 10)
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith(("The learned score ranks", "Keep "))
    for contender in ("learned score", "segment base rate", "best single metric", "equal weights"):
        assert f"\n{contender} " in told.out
    assert "With 10 accounts a month the learned score finds" in told.out


def test_a_forecast_of_a_file_gives_a_range_and_a_chance(due: Path, tenure: Any) -> None:
    told = tenure("forecast", "--panel", due, "--target", "0.9")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("2025-Q4: 120 renewals\n")
    assert "90% or more is reached with a chance of" in told.out
    found = tenure("forecast", "--panel", due, "--target", "0.9", "--json").data
    (quarter,) = found["quarters"]
    grr = quarter["forecast"]["grr"]
    assert 0.7 < grr["p10"] < grr["p50"] < grr["p90"] <= 1
    assert found["chances"]["from"] in ("learned score", "best single metric", "equal weights")


@pytest.mark.parametrize(
    ("command", "lacking"),
    [
        ("health", "No row has an outcome yet"),
        ("backtest", "more with known outcomes are needed"),
        ("forecast", "0 past renewals are settled; 30 more are needed"),
    ],
)
def test_too_little_is_refused_in_words_and_in_json(
    tmp_path: Path, tenure: Any, command: str, lacking: str
) -> None:
    rows = [row | {"due": row["as_of"]} for row in quarters(1)]
    asked = (command, "--panel", written(tmp_path / "few.csv", rows))
    told = tenure(*asked)
    assert told.code == 0
    assert told.out.startswith("Not told: ")
    assert lacking in told.out
    assert tenure(*asked, "--json").data["unknown"] in ("no_data", "too_little_history")


def test_a_missing_column_is_named(book: Path, tenure: Any) -> None:
    told = tenure("health", "--panel", book, "--label", "left")
    assert told.code == 2
    assert "no column called `left`" in told.err
    assert "Traceback" not in told.err


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated company of the world `effect`, small."""
    folder = tmp_path_factory.mktemp("company")
    simulate(
        folder / "exports", accounts=40, months=15, seed=7, users_per_account=1, active_days=1, world="effect"
    )  # fmt: skip
    made = Workspace.create(folder / "acme")
    made.import_folder(folder / "exports")
    file = folder / "acme" / "tenure.toml"
    file.write_text(file.read_text() + "\n[sources.exports]\nbackfill_trusted = true\n")
    return folder / "acme"


def test_a_generated_company_of_few_losses_gets_an_opinion_that_says_so(
    company: Path, tenure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands share one open workspace, so that what was read for one is there for the next."""
    monkeypatch.setenv("TENURE_NOW", "2026-10-05T08:30:00")
    asked = ("-w", company, "--metrics", "sentiment,cadence_attainment")
    ws = Workspace.open(company)
    monkeypatch.setattr(scores, "opened", lambda folder: ws if folder == company else None)
    told = tenure("health", *asked)
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("An opinion, not validated: ")
    assert "All numbers weigh the same." in told.out
    assert "more, and a probability can be shown." in told.out
    found = tenure("health", *asked, "--json").data
    first = found["accounts"][0]
    assert first["p"] == {"unknown": "too_little_history", "says": first["p"]["says"]}
    alone = tenure("health", *asked, "--account", first["account"])
    assert "  a healthy account" in alone.out
    assert "  together" in alone.out
    assert tenure("health", *asked, "--account", "nobody").code == 2
    assert tenure("backtest", *asked).out.startswith("Not told: ")
    quarter = tenure("forecast", *asked, "--quarters", 1).out
    assert quarter.startswith(("2026-Q4: ", "Not told: "))
