"""Days and times: ISO always, other orders only when declared, local times only where they exist."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tenure.facts.prepare import Settings
from tenure.facts.reading import Reading
from tenure.kernel.errors import Question, UnknownName, UserError

HEADER = "ticket_id,created_at\n"


def tickets(*times: str) -> dict[str, str]:
    rows = "".join(f'T-{i},"{time}"\n' for i, time in enumerate(times))
    return {"tickets.csv": HEADER + rows}


def accounts(*days: str) -> dict[str, str]:
    rows = "".join(f'A-{i},"{day}"\n' for i, day in enumerate(days))
    return {"accounts.csv": "account_id,start_date\n" + rows}


def utc(*parts: int) -> datetime:
    """A moment as it is stored: in UTC, without saying so."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[arg-type, misc]


def in_zone(zone: str) -> Settings:
    return Settings(time_zone=zone)


@pytest.mark.parametrize(
    ("order", "text", "kept"),
    [
        ("day_month", "16/10/2024", date(2024, 10, 16)),
        ("day_month_year", "3.4.2024", date(2024, 4, 3)),
        ("month_day", "3/4/2024", date(2024, 3, 4)),
        ("month_day_year", "03-04-2024", date(2024, 3, 4)),
        ("year_month_day", "2024/3/4", date(2024, 3, 4)),
        ("year_month", "2024-3-4", date(2024, 3, 4)),
        ("day_month", "2024-03-04", date(2024, 3, 4)),
        ("day_month", "16/10/2024 0:00", date(2024, 10, 16)),
    ],
)
def test_a_declared_order_reads_dates_and_iso_stays_iso(
    imported: Any, order: str, text: str, kept: date
) -> None:
    result = imported(accounts(text), settings=Settings(date_order={"accounts.csv": order}))
    assert result.column("accounts", "start_date") == [kept]
    assert result.findings("date.time_cut") == []


def test_a_declared_order_does_not_make_a_wrong_date_right(imported: Any) -> None:
    settings = Settings(date_order={"accounts.csv": "month_day"})
    result = imported(accounts("16/10/2024", "10/16/2024", "3/4.2024"), settings=settings)
    assert [f["rule"] for f in result.findings() if f["line"]] == ["date.form", "date.impossible"]
    assert result.column("accounts", "start_date") == [date(2024, 10, 16)]


def test_dates_that_can_be_read_two_ways_are_a_question_with_evidence(imported: Any) -> None:
    files = accounts("3/4/2026", "2024-01-01", "25/12/2025", "1/2/2026")
    with pytest.raises(Question) as asked:
        imported(files)
    assert asked.value.code == "date.order"
    assert asked.value.where == "accounts.csv:2"
    assert "holds 3 dates such as `3/4/2026` (line 2)" in asked.value.what
    assert "1 can only be day/month, 2 can be read both ways" in asked.value.what
    assert "--date-order accounts.csv=day_month" in asked.value.remedy
    assert 'date_order = "day_month"' in asked.value.remedy


@pytest.mark.parametrize("text", ["  12-05-2024", "2024-10-2 10:00", "3-04-2024"])
def test_a_date_whose_dashes_stand_where_those_of_iso_do_is_a_question_too(
    imported: Any, text: str
) -> None:
    with pytest.raises(Question) as asked:
        imported(accounts(text))
    assert asked.value.code == "date.order"


def test_a_question_in_one_file_stops_the_whole_import_and_names_every_such_file(
    imported: Any,
) -> None:
    files = (
        accounts("2024-01-01")
        | tickets("12/31/2025 10:00")
        | {"feedback.csv": "feedback_id,submitted_at\nF-1,1.2.2026\n"}
    )
    with pytest.raises(Question) as asked:
        imported(files)
    assert "tickets.csv=month_day" in asked.value.remedy
    assert "feedback.csv=day_month" in asked.value.remedy
    assert "accounts.csv" not in str(asked.value)
    assert "Nothing was imported" in asked.value.what


def test_the_answer_to_the_question_lets_the_import_through(imported: Any) -> None:
    settings = Settings(date_order={"accounts.*": "month_day"})
    result = imported(accounts("3/4/2026"), settings=settings)
    assert result.column("accounts", "start_date") == [date(2026, 3, 4)]


def test_an_order_nobody_knows_is_refused_with_the_nearest(imported: Any) -> None:
    with pytest.raises(UnknownName, match="day_month"):
        imported(accounts("2024-01-01"), settings=Settings(date_order={"*": "daymonth"}))


def test_a_time_in_a_date_column_is_cut_and_said_unless_it_is_midnight(imported: Any) -> None:
    result = imported(accounts("2024-03-01T00:00:00Z", "2024-03-02 00:00", "2024-03-03 15:30"))
    assert result.column("accounts", "start_date") == [date(2024, 3, d) for d in (1, 2, 3)]
    assert [(f["line"], f["outcome"]) for f in result.findings("date.time_cut")] == [(4, "cleaned")]


@pytest.mark.parametrize(
    ("text", "zone", "kept"),
    [
        ("2023-07-28 3:00", "UTC", utc(2023, 7, 28, 3)),
        ("2023-07-28T03:00:00Z", "America/New_York", utc(2023, 7, 28, 3)),
        ("2023-07-28 03:00:00+02:00", "UTC", utc(2023, 7, 28, 1)),
        ("2023-07-28 03:00 +0530", "UTC", utc(2023, 7, 27, 21, 30)),
        ("2023-07-28 03:00-04", "UTC", utc(2023, 7, 28, 7)),
        ("2023-07-28 03:00:00.123456789", "UTC", utc(2023, 7, 28, 3, 0, 0, 123456)),
        ("2023-07-28 3:00", "America/New_York", utc(2023, 7, 28, 7)),
        ("2023-01-28 3:00", "America/New_York", utc(2023, 1, 28, 8)),
        ("2023-07-28", "Europe/Berlin", utc(2023, 7, 27, 22)),
        ("2026-03-29 03:00", "Europe/Berlin", utc(2026, 3, 29, 1)),
        ("2026-10-25 02:30+02:00", "Europe/Berlin", utc(2026, 10, 25, 0, 30)),
    ],
)
def test_a_moment_is_kept_in_utc(imported: Any, text: str, zone: str, kept: datetime) -> None:
    loaded = datetime.fromisoformat("2026-12-01T00:00:00+00:00")
    result = imported(tickets(text), settings=in_zone(zone), loaded_at=loaded)
    assert result.column("tickets", "created_at") == [kept]


@pytest.mark.parametrize(
    ("text", "zone", "rule"),
    [
        ("2026-03-29 02:30", "Europe/Berlin", "time.skipped"),
        ("2026-03-08 02:00", "America/New_York", "time.skipped"),
        ("2025-10-26 02:30", "Europe/Berlin", "time.twice"),
        ("2025-11-02 01:00", "America/New_York", "time.twice"),
        ("2025-04-06 01:45", "Australia/Lord_Howe", "time.twice"),
        ("2025-10-05 02:15", "Australia/Lord_Howe", "time.skipped"),
    ],
)
def test_a_local_time_that_never_was_or_was_twice_asks_for_an_offset(
    imported: Any, text: str, zone: str, rule: str
) -> None:
    result = imported(tickets(text, "2025-07-01 12:00"), settings=in_zone(zone))
    (finding,) = (f for f in result.findings() if f["level"] == "error")
    assert (finding["rule"], finding["line"], finding["column_no"]) == (rule, 2, 2)
    assert "offset" in finding["remedy"]
    assert len(result.rows("tickets")) == 1


def test_the_hours_around_a_change_of_clocks_are_plain(imported: Any) -> None:
    times = ("2025-10-26 01:59", "2025-10-26 03:00", "2026-03-29 01:59", "2026-03-29 03:00")
    result = imported(tickets(*times), settings=in_zone("Europe/Berlin"))
    assert len(result.rows("tickets")) == 4


def test_twelve_hour_times_are_read_beside_a_declared_order(imported: Any) -> None:
    settings = Settings(date_order={"tickets.csv": "month_day"})
    times = ("10/16/2024 3:00 PM", "10/16/2024 12:05 AM", "10/16/2024 13:00 PM")
    result = imported(tickets(*times), settings=settings)
    kept = [utc(2024, 10, 16, 15), utc(2024, 10, 16, 0, 5)]
    assert result.column("tickets", "created_at") == kept
    assert [f["line"] for f in result.findings("time.form")] == [4]


def test_what_happened_may_lie_a_day_ahead_and_not_more(imported: Any) -> None:
    result = imported(tickets("2026-06-02 12:00:00", "2026-06-02 12:00:01"))
    assert len(result.rows("tickets")) == 1
    assert [f["line"] for f in result.findings("time.future")] == [3]


def test_days_alone_in_a_time_column_are_said_once(imported: Any) -> None:
    result = imported(tickets(*["2024-01-01"] * 40))
    (finding,) = result.findings("time.day_only")
    assert finding["level"] == "notice"
    assert "(40 rows)" in finding["says"]


def test_a_plan_may_lie_in_the_future(imported: Any) -> None:
    files = {
        "contracts.csv": "contract_id,account_id,start_date,end_date\nC,A,2030-01-01,2031-01-01\n"
    }
    assert imported(files).column("contracts", "end_date") == [date(2031, 1, 1)]


def test_a_time_zone_nobody_knows_is_refused(imported: Any) -> None:
    with pytest.raises(UserError, match="Europe/Atlantis"):
        imported(
            tickets("2024-01-01"), settings=Settings(reading=Reading(time_zone="Europe/Atlantis"))
        )
