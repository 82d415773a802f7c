"""Days and times: ISO always, other orders only when declared, local times only when they are one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tenure.facts.checks.check import Check, Problem
from tenure.facts.sql import literal

ISO_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = "([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]+)?)?"
_OFFSET = "( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))"
_TWELVE = "(0?[1-9]|1[0-2]):[0-5][0-9](:[0-5][0-9])? ?[AaPp][Mm]"
_TIME = f"([ T]{_CLOCK}{_OFFSET}?| {_TWELVE})"
_SIGNS = ("/", "\\.", "-")
_DAYS = {
    "day_month": ("[0-9]{1,2}", "[0-9]{1,2}", "[0-9]{4}"),
    "month_day": ("[0-9]{1,2}", "[0-9]{1,2}", "[0-9]{4}"),
    "year_month": ("[0-9]{4}", "[0-9]{1,2}", "[0-9]{1,2}"),
}
_REORDER = {"day_month": "\\3-\\2-\\1", "month_day": "\\3-\\1-\\2", "year_month": "\\1-\\2-\\3"}
AHEAD = timedelta(hours=24)


def undeclared_form() -> str:
    """The pattern of dates that need a declared order, with or without a time."""
    short = _day_pattern("day_month")
    return f"({short}|{_day_pattern('year_month')}){_TIME}?"


def _day_pattern(order: str) -> str:
    parts = _DAYS[order]
    return "(" + "|".join(sign.join(parts) for sign in _SIGNS) + ")"


def _iso(order: str) -> str:
    """SQL that turns a date in the declared order into year-month-day, the rest untouched."""
    if not order:
        return "{t}"
    first, second, third = _DAYS[order]
    pattern = f"^({first})[/.-]({second})[/.-]({third})"
    turned = f"regexp_replace({{t}}, {literal(pattern)}, {literal(_REORDER[order])})"
    return f"case when regexp_matches({{t}}, '^{ISO_DAY}') then {{t}} else {turned} end"


def _readable(order: str) -> str:
    day = f"({ISO_DAY}|{_day_pattern(order)})" if order else f"({ISO_DAY})"
    return f"regexp_full_match({{t}}, {literal(f'{day}{_TIME}?')})"


def date_check(order: str, *, latest: datetime | None) -> Check:
    """The check of a date column; `latest` is the load time where the day may not lie after it."""
    day = f"regexp_extract({_iso(order)}, '^[0-9]+-[0-9]+-[0-9]+')"
    value = f"try_cast({day} as date)"
    midnight = "[ T](00?:00(:00(\\.0+)?)?( ?(Z|[+-][0-9:]+))?|12:00(:00)? ?[Aa][Mm])$"
    cut = Problem(
        "date.time_cut", f"{{t}} like '%:%' and not regexp_matches({{t}}, {literal(midnight)})",
        "carries a time of day, which was cut: only the day as written is kept",
        "give the day alone, in the time zone of the workspace", "warning", "cleaned",
    )  # fmt: skip
    future = f"{{v}} > date {literal((latest + AHEAD).date().isoformat())}" if latest else ""
    although = (_impossible(), *_future(future), cut)
    sure_value = "try_cast({r} as date)"
    sure = f"({sure_value}::varchar = {{r}} and strlen({{r}}) = 10"
    if latest:
        sure += f" and {sure_value} <= date {literal((latest + AHEAD).date().isoformat())}"
    return Check(
        _readable(order),
        value,
        _unreadable("date"),
        although,
        sure=sure + ")",
        sure_value=sure_value,
    )


def timestamp_check(order: str, zone: str, *, latest: datetime | None) -> Check:
    """The check of a timestamp column: kept in UTC; without an offset it is local in `zone`."""
    iso = _iso(order)
    offset = f"regexp_matches({{t}}, ':[0-9.]+{_OFFSET}$')"
    fixed = f"regexp_replace({iso}, '([0-9]) +([Z+-])', '\\1\\2')"
    absolute = f"timezone('UTC', try_cast({fixed} as timestamptz))"
    local = _local(iso)
    value = f"case when {offset} then {absolute} else {_to_utc(local, zone)} end"
    at = f"timestamp {literal(_naive(latest + AHEAD))}" if latest else ""
    although = (
        Problem("date.impossible", f"case when {offset} then {absolute} else {local} end is null",
                "is not a moment of the calendar", "check day and month"),
        *_daylight(local, offset, zone),
        *_future(f"{{v}} > {at}" if at else ""),
        Problem("time.day_only", "{t} not like '%:%'",
                f"gives only a day: read as its midnight in {zone}",
                "give the time too, if the source knows it", "notice", "notice", per="column"),
    )  # fmt: skip
    sure, sure_value = _sure_moment(zone, at)
    return Check(
        _readable(order), value, _unreadable("time"), although, sure=sure, sure_value=sure_value
    )


def _sure_moment(zone: str, latest: str) -> tuple[str, str]:
    """Moments in UTC, or in a zone that is UTC, to the microsecond at most."""
    value = "try_cast({r} as timestamp)"  # which takes a Z, and only a Z gets here
    clock = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?"
    form = literal(f"{ISO_DAY}[ T]{clock}{'Z?' if zone == 'UTC' else 'Z'}")
    end = f"<= {latest}" if latest else "is not null"
    return f"(regexp_full_match({{r}}, {form}) and {value} {end})", value


def _local(iso: str) -> str:
    forms = (
        "['%Y-%m-%d %I:%M %p', '%Y-%m-%d %I:%M:%S %p', '%Y-%m-%d %I:%M%p', '%Y-%m-%d %I:%M:%S%p']"
    )
    return (
        f"case when {{t}} ilike '%m' then try_strptime(upper({iso}), {forms}) "
        f"else try_cast({iso} as timestamp) end"
    )


def _to_utc(local: str, zone: str) -> str:
    if zone == "UTC":
        return local
    return f"timezone('UTC', timezone({literal(zone)}, {local}))"


def _daylight(local: str, offset: str, zone: str) -> list[Problem]:
    """A local time that the clocks skip, or that they show twice."""
    if zone == "UTC":
        return []
    name = literal(zone)
    instant = f"timezone({name}, {local})"
    clock = f"not {offset} and {{t}} like '%:%'"
    again = " or ".join(
        f"timezone({name}, {instant} {sign} interval '{minutes} minutes') = {local}"
        for sign in "+-"
        for minutes in (30, 60, 120)
    )
    return [
        Problem("time.skipped", f"{clock} and timezone({name}, {instant}) <> {local}",
                f"never happened in {zone}: the clocks went forward over it",
                "give the time with its offset, for example +02:00"),
        Problem("time.twice", f"{clock} and ({again})",
                f"happened twice in {zone}: the clocks went back over it",
                "give the time with its offset, for example +02:00"),
    ]  # fmt: skip


def _impossible() -> Problem:
    return Problem("date.impossible", "{v} is null", "is not a day of the calendar",
                   "check day and month")  # fmt: skip


def _future(when: str) -> list[Problem]:
    if not when:
        return []
    return [
        Problem(
            "time.future",
            when,
            "lies more than 24 hours in the future, but speaks of something that happened",
            "check the date, its order of day and month, and the clock of the source",
        )  # fmt: skip
    ]


def _unreadable(kind: str) -> tuple[Problem, ...]:
    form = "YYYY-MM-DD" if kind == "date" else "YYYY-MM-DD HH:MM:SS with an offset such as +02:00"
    return (
        Problem("date.serial", "regexp_full_match({t}, '[0-9]{5}(\\.[0-9]+)?')",
                "looks like a spreadsheet's day number", f"format the column as {form} and export again"),
        Problem("date.short_year", "regexp_full_match({t}, '[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2}([ T].*)?')",
                "has a year of two digits", f"write {form}"),
        Problem("time.form", f"regexp_matches({{t}}, '^({ISO_DAY}|[0-9]{{1,4}}[/.-][0-9]{{1,2}}[/.-][0-9]{{1,4}})[ T]')",
                "has a time of day that cannot be read", f"write {form}"),
        Problem("date.form", "", f"is not a {kind}", f"write {form}, or leave the cell empty"),
    )  # fmt: skip


def _naive(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
