"""Charts show the numbers of their results, name nothing outside themselves, and refuse where the result refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import chart_results as made
import numpy as np
import pytest

from tenure.kernel.errors import UnknownName
from tenure.kernel.unknown import Unknown
from tenure.reports import charts
from tenure.reports.charts.frame import DARK
from tenure.signals.thresholds.spread import parts, steps


def rows_with(value: Any, *keys: str) -> list[dict[str, Any]]:
    """The rows of every data set of a spec that hold all these fields, each set once."""
    found: list[dict[str, Any]] = []
    for inner in _sets(value):
        found += [row for row in inner if set(keys) <= set(row)]
    return found


def _sets(value: Any) -> Iterator[list[dict[str, Any]]]:
    if isinstance(value, dict):
        if isinstance(value.get("values"), list) and "type" not in value:
            yield [row for row in value["values"] if isinstance(row, dict)]
        for inner in value.values():
            yield from _sets(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _sets(inner)


@pytest.mark.parametrize("name", made.CHARTS)
def test_every_chart_has_its_words_and_no_address(name: str) -> None:
    spec = made.CHARTS[name]()

    text = json.dumps(spec, allow_nan=False)
    assert "http" not in text
    assert '"url"' not in text
    assert '"image"' not in text
    assert spec["title"]["text"][0].endswith((".", ")")) or len(spec["title"]["text"]) > 1
    assert spec["title"]["subtitle"]
    assert "Method: " in text
    assert len(spec["description"]) > 40
    assert all(len(line) <= 100 for line in spec["title"]["text"] + spec["title"]["subtitle"])


@pytest.mark.parametrize("name", made.CHARTS)
def test_a_chart_is_the_same_every_time(name: str) -> None:
    assert json.dumps(made.CHARTS[name]()) == json.dumps(made.CHARTS[name]())


def test_the_bars_of_both_groups_are_the_learned_rows() -> None:
    learned = made.learning()["health"]

    spec = charts.distribution(learned)

    assert isinstance(spec, dict)
    bars = rows_with(spec, "share")
    events, others = learned.evidence.events, learned.evidence.n - learned.evidence.events
    half = len(bars) // 2
    assert [round(b["share"] * events) for b in bars[:half]] == [s.events for s in learned.steps]
    assert [round(b["share"] * others) for b in bars[half:]] == [s.rows - s.events for s in learned.steps]  # fmt: skip
    assert sum(b["share"] for b in bars[:half]) == pytest.approx(1)
    assert {row["at"] for row in rows_with(spec, "at")} == {
        line.value for line in (*learned.at_risk.lines, *learned.healthy.lines)
    }
    assert {"from": learned.at.low, "to": learned.at.high} in rows_with(spec, "from")


def test_the_parts_hold_every_row_and_their_rates() -> None:
    learned = made.learning()["health"]

    rows = rows_with(charts.bins(learned), "rate")

    assert sum(part.rows for part in learned.parts) == learned.evidence.n
    assert [(r["rate"], r["low"], r["high"]) for r in rows] == [
        (p.rate.estimate, p.rate.low, p.rate.high) for p in learned.parts
    ]
    assert rows[0]["rows"] == f"{learned.parts[0].events} of {learned.parts[0].rows}"


def test_equal_values_stand_in_one_part_and_missing_ones_in_none() -> None:
    values = np.array([0.0] * 70 + [1, 2, 3] * 10 + [np.nan] * 5)
    happened = np.arange(len(values)) % 7 == 0

    found = parts(values, happened)

    assert found[0].low == found[0].high == 0
    assert found[0].rows == 70
    assert sum(one.rows for one in found) == sum(one.rows for one in steps(values, happened)) == 100
    assert sum(one.events for one in found) == int(happened[:100].sum())


@pytest.mark.parametrize("values", [[], [np.nan], [5.0], [5.5, 5.5], [-1e6, 0.1, 1e6], [1, 2]])
def test_steps_stand_on_any_values(values: list[float]) -> None:
    x = np.array(values, dtype=float)

    found = steps(x, np.ones(len(x), dtype=bool))

    assert sum(one.events for one in found) == int(np.isfinite(x).sum())
    assert all(one.low < one.high for one in found)


def test_a_metric_without_a_line_is_drawn_without_one_and_says_so() -> None:
    learned = made.learning()["logins"]

    spec = charts.distribution(learned)

    assert isinstance(spec, dict)
    assert rows_with(spec, "at") == []
    assert "The end bars hold what lies beyond." in " ".join(spec["title"]["subtitle"])
    assert "No line is drawn" in " ".join(spec["title"]["subtitle"])


def test_the_curve_is_the_results_and_marks_its_lead() -> None:
    found = made.early()

    spec = charts.lead_curve(found)

    curve = rows_with(spec, "auc")
    assert [(r["days"], r["auc"]) for r in curve] == [
        (one.days, None if np.isnan(one.auc.estimate) else one.auc.estimate)
        for one in found.separation.curve
    ]
    assert {0.5, found.separation.lead_days} <= {row["at"] for row in rows_with(spec, "at")}


def test_every_exit_stands_in_one_bar_of_warnings() -> None:
    found = made.early()

    bars = rows_with(charts.alert_leads(found), "exits")

    assert sum(bar["exits"] for bar in bars) == found.alerts.cases
    assert bars[0]["exits"] == sum(1 for days in found.alerts.leads if days == 0)


def test_a_gap_in_an_accounts_readings_stays_a_gap() -> None:
    rows = rows_with(charts.account_path(made.accounts(), "A100", "logins"), "day")

    assert len(rows) == 39
    assert [row["value"] for row in rows].count(None) == 1


def test_books_stand_within_their_own_limits_and_hidden_ones_in_words() -> None:
    found = made.books()

    spec = charts.funnel(found)

    assert isinstance(spec, dict)
    rows = {row["book"]: row for row in rows_with(spec, "ratio")}
    for book in found.books:
        if book.withheld is not None:
            assert book.csm not in rows
            assert book.csm in " ".join(spec["title"]["subtitle"])
            continue
        assert book.within is not None
        row = rows[book.csm]
        assert row["ratio"] == book.ratio
        assert (row["ratio"] > row["most"] or row["ratio"] < row["least"]) == book.stands_out
    assert [book.csm for book in found.books if book.withheld is not None] == ["Zed"]
    assert [book.csm for book in found.books if book.stands_out] == ["Dee"]


def test_no_book_has_a_colour_of_its_own() -> None:
    assert '"color": {' not in json.dumps(charts.funnel(made.books()))


def test_coverage_shows_both_differences_in_points() -> None:
    found = made.coverage()

    rows = rows_with(charts.coverage(found), "mid")

    assert rows[0]["mid"] == pytest.approx(100 * found.raw.estimate)
    assert rows[1]["low"] == pytest.approx(100 * found.adjusted.low)


def test_calibration_draws_the_bins_and_words_the_slope() -> None:
    found = made.backtest(slope=0.6)

    spec = charts.calibration(found)

    assert isinstance(spec, dict)
    assert [r["told"] for r in rows_with(spec, "low")] == [b.told for b in found.lines[0].reliability]  # fmt: skip
    assert "too far apart" in spec["description"]
    assert "too close together" in charts.calibration(made.backtest(slope=1.4))["description"]  # type: ignore[call-overload,index]


def test_a_score_stands_beside_what_it_has_to_beat_and_a_coin() -> None:
    found = made.backtest()

    spec = charts.contenders(found)

    rows = rows_with(spec, "mid")
    assert [(r["row"], r["mid"], r["low"], r["high"]) for r in rows] == [
        (line.contender, line.auc.estimate, line.auc.low, line.auc.high) for line in found.lines
    ]
    assert {"at": 0.5} in rows_with(spec, "at")
    nothing = replace(found.lines[0].auc, estimate=float("nan"))
    untold = replace(found, lines=(replace(found.lines[0], auc=nothing),))
    assert isinstance(charts.contenders(untold), Unknown)


def test_each_quarter_is_a_dot_on_its_range_and_one_without_renewals_is_named() -> None:
    found = made.told_quarters()

    spec = charts.quarters(found)

    assert isinstance(spec, dict)
    rows = {r["row"]: r for r in rows_with(spec, "mid")}
    for quarter in found.quarters[:2]:
        told: Any = quarter.forecast
        for word, shown in (("gross", told.grr), ("net", told.nrr)):
            row = rows.pop(f"{quarter.period}, {word}")
            assert (row["low"], row["mid"], row["high"]) == pytest.approx(
                (100 * shown.p10, 100 * shown.p50, 100 * shown.p90)
            )
    assert rows == {}
    assert {"at": 90} in rows_with(spec, "at")
    assert "2027-Q4 is not told" in " ".join(spec["title"]["subtitle"])
    assert isinstance(charts.quarters(replace(found, quarters=found.quarters[2:])), Unknown)


def test_a_forecast_draws_its_range_and_its_target() -> None:
    found = made.forecasted()

    spec = charts.forecast_ranges(found)

    assert rows_with(spec, "mid")[0]["low"] == pytest.approx(100 * found.grr.p10)
    assert rows_with(spec, "at")[0]["at"] == pytest.approx(90)


@pytest.mark.parametrize(
    "refused",
    [
        lambda: charts.distribution(made.learning()["still"]),
        lambda: charts.bins(made.learning()["still"]),
        lambda: charts.lead_curve(made.early(leaving=3)),
        lambda: charts.alert_leads(replace(made.early(), alerts=None)),
        lambda: charts.coverage(made.coverage(12)),
    ],
)
def test_a_refusal_is_words_and_no_chart(refused: made.Chart) -> None:
    said = refused()

    assert isinstance(said, Unknown)
    assert said.says.endswith(".")


def test_an_account_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownName, match="A10x"):
        charts.account_path(made.accounts(), "A10x", "logins")


def test_the_dark_theme_changes_colours_and_no_number() -> None:
    learned = made.learning()["health"]

    light, dark = charts.bins(learned), charts.bins(learned, theme=DARK)

    assert isinstance(light, dict)
    assert isinstance(dark, dict)
    assert light["data"] == dark["data"]
    assert dark["background"] == DARK.panel
