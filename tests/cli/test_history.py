"""`tenure refresh` and `tenure history` on the counting company, as a person at a terminal meets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tenure import Workspace

FACTS = Path(__file__).resolve().parents[1] / "counting_company" / "facts"
SINCE = ("--since", "2026-02-01", "--step", "month")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The counting company with a history of two month ends; tests only read it."""
    folder = tmp_path_factory.mktemp("kept") / "w"
    ws = Workspace.create(folder, time_zone="Europe/Berlin", gross_margin=0.8)
    ws.import_folder(FACTS)
    ws.refresh(step="month", since="2026-02-01")
    return folder


def test_every_value_kept_is_what_the_metric_says(kept: Path) -> None:
    ws = Workspace.open(kept)
    rows = {(row["as_of"], row["account_id"]): row for row in ws.history("usage_trend")}

    assert {str(day) for day, _ in rows} == {"2026-02-28", "2026-03-31"}
    for day in {day for day, _ in rows}:
        told = ws.metric("usage_trend", as_of=day)
        for account_id, value in told.components["by_account"].items():
            held = rows[day, account_id]
            why = told.reasons.get(f"by_account.{account_id}")
            assert (held["usage_trend"], held["usage_trend__why"]) == (value, why)


def test_a_second_refresh_finds_nothing_to_do(kept: Path, tenure: Any) -> None:
    done = tenure("refresh", "-w", kept, *SINCE)

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == "Nothing has changed since the last refresh."


def test_json_lists_what_was_made_and_what_is_kept(kept: Path, tenure: Any) -> None:
    told = json.loads(tenure("refresh", "-w", kept, *SINCE, "--json").out)

    assert told["made"] == {}
    assert told["kept"]["usage"]["days"] == ["2026-02-28", "2026-03-31"]
    assert "usage_trend" in told["kept"]["usage"]["metrics"]


def test_an_account_is_shown_day_by_day_with_the_reason_of_each_gap(
    kept: Path, tenure: Any
) -> None:
    done = tenure("history", "usage_trend", "active_user_pct", "-w", kept, "--account", "kauri")

    assert done.code == 0
    lines = [line.split("  ") for line in done.out.splitlines()]
    assert lines[0][0].endswith("(kauri)")
    assert "2026-03-31" in done.out
    assert "-40.0 %" in done.out or "-0.4" in done.out


def test_everybody_is_a_line_each(kept: Path, tenure: Any) -> None:
    done = tenure("history", "health_score", "-w", kept)

    rows = [line for line in done.out.splitlines() if "→" in line]
    assert done.out.splitlines()[0] == "Health score (latest)"
    assert rows


def test_as_known_on_reads_without_keeping(kept: Path, tenure: Any) -> None:
    done = tenure("history", "usage_trend", "-w", kept, "--as-known-on", "2026-03-31", "--json")

    assert done.code == 0
    assert json.loads(done.out) == []  # the files were loaded later than that


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nosuch"], "There is no metric called `nosuch`."),
        (["nrr"], "`nrr` has no number per account, so no history of accounts is kept of it."),
    ],
)
def test_a_metric_without_a_history_is_said(
    kept: Path, tenure: Any, words: list[str], says: str
) -> None:
    done = tenure("history", *words, "-w", kept)

    assert done.code == 2
    assert says in done.err


def test_before_the_first_refresh_the_remedy_is_named(tmp_path: Path, tenure: Any) -> None:
    assert tenure("init", tmp_path / "w").code == 0

    for words in (["history", "usage_trend"], ["refresh"]):
        done = tenure(*words, "-w", tmp_path / "w")
        assert done.code == 2
        assert "Run `tenure refresh`." in done.err or "Import something first." in done.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--step", "fortnight"], "`fortnight` is no step of a history."),
        (["--since", "2027-01-01"], "holds no day."),
        (["--since", "soon"], "soon"),
        (["--metric", "nrr"], "No history is kept of nrr."),
    ],
)
def test_a_refresh_that_cannot_be_says_why(
    kept: Path, tenure: Any, words: list[str], says: str
) -> None:
    done = tenure("refresh", "-w", kept, *words)

    assert done.code == 2
    assert says in done.err


def test_new_facts_make_the_history_say_that_it_is_behind(
    kept: Path, tmp_path: Path, tenure: Any
) -> None:
    import shutil

    folder = tmp_path / "w"
    shutil.copytree(kept, folder)
    ws = Workspace.open(folder)
    ws.load({"health_scores": [{"account_id": "kauri", "score_date": "2026-03-30", "score": "12"}]})

    shown = tenure("history", "health_score", "-w", folder)
    assert "newer facts have come in since. Run `tenure refresh`." in shown.out

    done = json.loads(tenure("refresh", "-w", folder, *SINCE, "--json").out)
    assert done["made"] == {"health": ["2026-03-31"]}
    assert "newer facts" not in tenure("history", "health_score", "-w", folder).out


def test_an_own_metric_is_made_without_touching_the_others(kept: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "w"
    shutil.copytree(kept, folder)
    own = folder / "catalogue" / "metrics"
    own.mkdir(parents=True, exist_ok=True)
    shipped = Workspace.open(folder).catalogue.metrics["usage_trend"]
    assert shipped.origin == "built in"
    (own / "busy_days.toml").write_text(OWN, encoding="utf-8")

    ws = Workspace.open(folder)
    done = ws.refresh(step="month", since="2026-02-01")

    assert list(done.made) == ["own_busy_days"]
    told = ws.metric("busy_days", as_of="2026-03-31").components["by_account"]
    held = {
        row["account_id"]: row["busy_days"] for row in ws.portfolio("2026-03-31", ["busy_days"])
    }
    assert {a: held[a] for a in told} == told


OWN = """
title    = "Busy rows"
says     = "How many rows of usage there were lately."
question = "renew"
timing   = "leading"
about    = "account"
layer    = "health"
category = "usage"
grain    = ["account"]
unit     = "count"
better   = "up"
needs    = ["usage_daily"]
per      = "account"
value    = "rows_used"
formula  = ["rows in the last 28 days"]

[gives]
by_account = "value per account"

[components]
by_account = "map of account to count"

[measures.rows_used]
from = "usage_daily"
aggregate = "count"
when = "usage_date in last 28 days"
"""


def test_the_company_and_each_book_are_what_the_metric_says_that_day(kept: Path) -> None:
    ws = Workspace.open(kept)
    how: dict[str, Any] = {"step": "month", "start": "2025-12-01", "end": "2026-03-31"}
    company = list(ws.history(["nrr", "exec_sponsor_reached"], level="company", **how))
    books = {(row["as_of"], row["key"]): row for row in ws.history("nrr", level="book", **how)}

    assert len(company) == 4
    for row in company:
        for name in ("nrr", "exec_sponsor_reached"):
            told = ws.metric(name, as_of=row["as_of"])
            kept_of = (row[name], row[f"{name}__why"], row[f"{name}__n"])
            assert kept_of == (told.value, told.unknown, told.n)
        for cut in ws.metric("nrr", as_of=row["as_of"], by="csm").cuts:
            assert books[row["as_of"], cut.key]["nrr"] == cut.value


def test_a_level_as_known_on_each_day_is_the_answer_known_that_day(kept: Path) -> None:
    ws = Workspace.open(kept)
    how: dict[str, Any] = {"step": "month", "start": "2026-02-01", "as_known_on": "as_of"}
    for row in ws.history("arr_in_force", level="company", **how):
        day = row["as_of"]
        told = ws.metric("arr_in_force", as_of=day, as_known_on=day)
        assert (row["arr_in_force"], row["arr_in_force__why"]) == (told.value, told.unknown)


def test_a_level_is_an_arrow_stream_and_a_pandas_frame(kept: Path) -> None:
    from arro3.core import Table

    frame = Workspace.open(kept).history("arr_in_force", level="segment", start="2026-03-01")
    table = Table.from_arrow(frame)

    assert table.num_rows == len(frame) == len(frame.to_pandas()) > 0
    assert table["as_of"].to_pylist() == [row["as_of"] for row in frame]
    assert table["arr_in_force"].to_pylist() == [row["arr_in_force"] for row in frame]


def test_a_level_is_shown_with_what_it_rests_on(kept: Path, tenure: Any) -> None:
    how = ("-w", kept, "--level", "company", "--start", "2026-02-01", "--step", "month")
    done = tenure("history", "cadence_attainment", *how)

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == "Touch-cadence attainment and coverage rate"
    told = Workspace.open(kept).metric("cadence_attainment", as_of="2026-03-31")
    lacking = sum(entry is None for entry in told.components["by_account"].values())
    assert lacking > 0
    assert done.out.splitlines()[1].endswith(
        f"{100 * told.value:.1f} %  (n {told.n}, {lacking} unknown)"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("active_user_pct", "--level", "company"), "has no value by `company`"),
        (("nrr", "--level", "region"), "Use one of: company, segment, csm, cohort."),
        (("nrr", "--level", "company", "--account", "kauri"), "is of no single account"),
    ],
)
def test_a_level_without_a_value_is_refused_with_those_there_are(
    kept: Path, tenure: Any, words: tuple[str, ...], said: str
) -> None:
    done = tenure("history", *words, "-w", kept)

    assert done.code == 2
    assert said in done.err
