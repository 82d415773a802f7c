"""From what a caller wrote to a checked question."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from tenure.kernel.days import Period
from tenure.kernel.errors import UnknownName, UserError
from tenure.metrics.asked import Asked
from tenure.metrics.declaration import Parameter, built_in
from tenure.metrics.questions import (
    Defaults,
    Span,
    ask,
    day_of,
    named_period,
    parameter_value,
)

TODAY = date(2026, 11, 23)


def asked(name: str, span: Span | None = None, **said: Any) -> Asked:
    return ask(
        built_in().metrics[name],
        span or Span(),
        by=said.pop("by", None),
        where=said.pop("where", None),
        given=said,
        defaults=Defaults(TODAY, "USD", 0.8),
    )


@pytest.mark.parametrize(
    ("word", "start", "end"),
    [
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-Q1", "2026-01-01", "2026-04-01"),
        ("2026-q4", "2026-10-01", "2027-01-01"),
        (" 2026-02 ", "2026-02-01", "2026-03-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
    ],
)
def test_a_period_word_is_its_days(word: str, start: str, end: str) -> None:
    assert named_period(word) == Period(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize("word", ["26", "2026-Q5", "2026-13", "2026-1", "Q1", "last quarter", ""])
def test_a_word_that_is_no_period_is_refused_with_the_forms_there_are(word: str) -> None:
    with pytest.raises(UserError) as refused:
        named_period(word)

    assert refused.value.code == "period.unreadable"
    assert "2026-Q1" in refused.value.remedy


def test_what_is_left_out_is_the_last_complete_quarter_or_twelve_months_or_nothing() -> None:
    assert asked("gross_renewal_rate").period == Period(date(2026, 7, 1), date(2026, 10, 1))
    assert asked("nrr").period == Period(date(2025, 11, 1), date(2026, 11, 1))
    assert asked("arr_movements").maybe_period is None
    assert asked("arr_in_force").as_of == TODAY


@pytest.mark.parametrize(
    ("name", "span", "code"),
    [
        ("nrr", Span(start="2026-01-01"), "period.half"),
        ("nrr", Span(end="2026-01-01"), "period.half"),
        ("nrr", Span(start="2026-01-01", period="2026"), "period.twice"),
        ("nrr", Span(start="2026-01-01", end="2026-01-01"), "period.empty"),
        ("nrr", Span(start="2026-01-32", end="2026-03-01"), "day.unreadable"),
        ("arr_in_force", Span(start="2026-01-01", end="2026-02-01"), "period.unused"),
        ("arr_in_force", Span(as_of="yesterday"), "day.unreadable"),
    ],
)
def test_a_time_that_cannot_be_is_refused_by_its_code(name: str, span: Span, code: str) -> None:
    with pytest.raises(UserError) as refused:
        asked(name, span)

    assert refused.value.code == code
    assert refused.value.remedy


def test_a_metric_read_on_one_day_takes_no_period_word() -> None:
    with pytest.raises(UserError) as refused:
        asked("arr_in_force", Span(period="2026-Q1"))

    assert refused.value.code == "period.unused"


def test_a_moment_is_its_day() -> None:
    assert day_of(datetime(2026, 3, 31, 23, 59)) == date(2026, 3, 31)  # noqa: DTZ001 - as notebooks give it
    assert day_of("2026-03-31") == date(2026, 3, 31)
    assert day_of(None) is None


def test_a_cut_the_metric_does_not_have_names_those_it_has() -> None:
    with pytest.raises(UserError) as refused:
        asked("nrr", by="segmnt")

    assert refused.value.code == "cut.unknown"
    assert "`segment`" in refused.value.remedy
    with pytest.raises(UserError, match="has no cuts"):
        asked("clv", by="segment")


def test_an_unknown_parameter_names_the_nearest() -> None:
    with pytest.raises(UnknownName) as refused:
        asked("nrr", renewal_grace_day=10)

    assert "`renewal_grace_days`" in refused.value.remedy


def test_an_unknown_word_names_the_nearest() -> None:
    with pytest.raises(UnknownName) as refused:
        asked("nrr", method="gross_flow")

    assert "`gross_flows`" in refused.value.remedy


def test_a_metric_that_nobody_declared_names_near_misses() -> None:
    with pytest.raises(UnknownName) as refused:
        built_in().find("gross_renewal")

    assert "`gross_renewal_rate`" in refused.value.remedy


def test_every_default_is_filled_in() -> None:
    question = asked("nrr")

    assert question.parameters == {
        "method": "period_net",
        "fx": "constant",
        "attribution": "owner_at_start",
        "renewal_grace_days": 30,
    }
    assert (question.reporting_currency, question.gross_margin) == ("USD", 0.8)
    assert asked("nrr", reporting_currency="eur").reporting_currency == "EUR"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("int", "30", 30),
        ("int", 30.0, 30),
        ("number", "0.25", 0.25),
        ("bool", "No", False),
        ("bool", True, True),
        ("dates", "2026-01-01, 2026-02-01", [date(2026, 1, 1), date(2026, 2, 1)]),
        ("dates", date(2026, 1, 1), [date(2026, 1, 1)]),
        ("bounds", '{"smb": [1, 2]}', {"smb": (1, 2)}),
        ("bounds", {"smb": [1, 2]}, {"smb": (1, 2)}),
    ],
)
def test_a_parameter_reads_text_as_the_command_line_gives_it(
    kind: Any, text: object, value: object
) -> None:
    assert parameter_value("x", Parameter(kind, "Says."), text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("int", "-1"),
        ("int", "1.5"),
        ("int", True),
        ("int", "ten"),
        ("int", ""),
        ("int", None),
        ("number", "a"),
        ("number", "nan"),
        ("number", "inf"),
        ("bool", "perhaps"),
        ("dates", "soon"),
        ("bounds", "{"),
        ("bounds", "[1]"),
        ("bounds", '{"smb": 1}'),
        ("bounds", '{"smb": [1]}'),
        ("bounds", '{"smb": [1, 2, 3]}'),
        ("bounds", '{"smb": ["a", "b"]}'),
        ("bounds", '{"smb": [2, 1]}'),
        ("bounds", '{"smb": "12"}'),
        ("bounds", '{"smb": [1, NaN]}'),
    ],
)
def test_a_value_that_does_not_fit_is_refused_as_wrong_use(kind: Any, text: object) -> None:
    with pytest.raises(UserError) as refused:
        parameter_value("x", Parameter(kind, "Says."), text)

    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"segment": "smb"}, {"segment": ("smb",)}),
        ({"segment": ["smb", "enterprise"]}, {"segment": ("smb", "enterprise")}),
        (["segment=smb", "segment=enterprise"], {"segment": ("smb", "enterprise")}),
        ("account_id=a=b", {"account": ("a=b",)}),
        (["csm=maya"], {"csm": ("maya",)}),
        (None, {}),
    ],
)
def test_conditions_are_columns_and_the_values_allowed(where: Any, found: object) -> None:
    assert asked("nrr", where=where).where == found


def test_a_condition_that_is_none_is_refused() -> None:
    with pytest.raises(UserError) as refused:
        asked("nrr", where=["smb"])
    assert refused.value.code == "where.unreadable"

    with pytest.raises(UnknownName) as unknown:
        asked("nrr", where={"segmnt": "smb"})
    assert "`segment`" in unknown.value.remedy
