"""How values look in a terminal."""

from __future__ import annotations

import io
import json
import sys
from decimal import Decimal

import pytest

from tenure.cli.output import day, say, say_json, sparkline
from tenure.kernel.wording import money, percent, short_money, shown, unknown


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0"),
        (999, "999"),
        (999_960, "1.0M"),
        (99_950, "100k"),
        (-48_000, "-48.0k"),
        (1_000, "1.0k"),
        (15_500, "15.5k"),
        (940_000, "940k"),
        (1_000_000, "1.0M"),
        (12_345_678, "12.3M"),
        (734_000_000, "734M"),
        (2_500_000_000, "2.5B"),
        (-12_345_678, "-12.3M"),
        (Decimal("7340000"), "7.3M"),
        (None, "unknown"),
    ],
)
def test_short_money_has_three_figures(amount: Decimal | None, text: str) -> None:
    assert short_money(amount) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal("7340000.0000"), "7,340,000"),
        (Decimal("611666.6667"), "611,667"),
        (Decimal("12.50"), "12.50"),
        (Decimal("12.0000"), "12"),
        (Decimal("-0.75"), "-0.75"),
        (None, "unknown"),
    ],
)
def test_money_shows_cents_only_where_the_amount_is_small(amount: Decimal, text: str) -> None:
    assert money(amount) == text


def test_a_ratio_is_a_percentage_with_one_decimal() -> None:
    assert percent(708 / 740) == "95.7 %"
    assert percent(None) == "unknown"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.5, "ratio, 0..1", "50.0 %"),
        (-0.0004, "ratio", "0.0 %"),
        (48.53846, "days", "48.5 days"),
        (Decimal(1200), "money (annualised)", "1,200"),
        (6, "count", "6"),
        (True, "bool", "yes"),
    ],
)
def test_a_value_is_shown_by_its_unit(value: object, unit: str, text: str) -> None:
    assert shown(value, unit) == text


def test_unknown_says_its_reason_in_words() -> None:
    assert unknown("undefined") == "Unknown (nothing to measure)"
    assert unknown("no_data") == "Unknown (no data)"


def test_a_sparkline_spans_lowest_to_highest_with_a_gap_where_unknown() -> None:
    assert sparkline([0, 5, 10]) == "▁▅█"
    assert sparkline([1, None, 2]) == "▁ █"
    assert sparkline([Decimal(3), Decimal(3)]) == "▁▁"
    assert sparkline([None, None]) == ""
    assert sparkline([]) == ""


def test_a_missing_day_is_a_dash() -> None:
    assert day(None) == "–"


def test_json_is_one_line_in_utf_8(capsys: pytest.CaptureFixture[str]) -> None:
    say_json({"name": "Ümlaut", "value": 1})

    out = capsys.readouterr().out
    assert json.loads(out) == {"name": "Ümlaut", "value": 1}
    assert "Ümlaut" in out
    assert out.count("\n") == 1


def test_a_terminal_without_the_letters_shows_question_marks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw = io.BytesIO()
    narrow = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", narrow)

    say("▁█ – Ümlaut")

    assert raw.getvalue() == b"?? ? ?mlaut\n"
