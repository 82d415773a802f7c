"""From what a caller wrote to a checked question: period, day, cut, filter and parameters with defaults."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn

from tenure.facts.table import table
from tenure.kernel.days import Period, add_months, last_complete_quarter, parse_day, trailing_months
from tenure.kernel.errors import UnknownName, UserError
from tenure.metrics.asked import Asked
from tenure.metrics.declaration import Metric, Parameter

Day = date | str | None

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
"""Days a question may name: room for trailing windows and grace on both sides of the calendar's ends."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the workspace answers when the caller does not say."""

    today: date
    reporting_currency: str
    gross_margin: float | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """The time a caller named: two days, or one word such as `2026-Q1`, `2026-03` or `2026`."""

    start: Day = None
    end: Day = None
    period: str | None = None
    as_of: Day = None
    as_known_on: Day = None


def ask(
    metric: Metric,
    span: Span,
    *,
    by: str | None,
    where: Mapping[str, Any] | Iterable[str] | None,
    given: Mapping[str, Any],
    defaults: Defaults,
) -> Asked:
    """The question with every default filled in.

    Raises:
        UserError: a day, period, cut, filter or parameter that the metric does not take, with those it does.
    """
    parameters = dict(given)
    currency = _currency(parameters.pop("reporting_currency", None) or defaults.reporting_currency)
    as_of = day_of(span.as_of) or defaults.today
    period = _period(metric, span, as_of)
    if by is not None and by not in metric.cuts:
        known = UnknownName("cut", by, metric.cuts)
        remedy = known.remedy if metric.cuts else f"`{metric.id}` has no cuts."
        raise UserError(
            f"`{metric.id}` cannot be cut by `{by}`.", remedy=remedy, code="cut.unknown"
        )
    values = {name: declared.default for name, declared in metric.parameters.items()}
    for name, value in parameters.items():
        if name not in metric.parameters:
            raise UnknownName(
                f"parameter of `{metric.id}`", name, [*metric.parameters, "reporting_currency"]
            )
        if metric.parameters[name].may_be_none and str(value).lower() == "none":
            values[name] = None
        elif value is not None:
            values[name] = parameter_value(name, metric.parameters[name], value)
    return Asked(
        metric=metric.id,
        as_of=as_of,
        maybe_period=period,
        by=by,
        where=_where(where),
        parameters=values,
        reporting_currency=currency,
        gross_margin=defaults.gross_margin,
        as_known_on=day_of(span.as_known_on),
    )


def _currency(value: Any) -> str:
    code = str(value).upper()
    if len(code) != 3 or not code.isalpha() or not code.isascii():
        raise UserError(
            f"`{value}` is not a currency code.",
            remedy="Use three letters such as USD or EUR.",
            code="parameter.currency",
        )
    return code


def day_of(value: Day) -> date | None:
    """A day given as a date or as ISO text."""
    if value is None:
        return None
    found = value.date() if isinstance(value, datetime) else value
    found = found if isinstance(found, date) else parse_day(str(found))
    if not FIRST_DAY <= found <= LAST_DAY:
        raise UserError(
            f"{found} is too far away to compute with.",
            remedy=f"Use a day from {FIRST_DAY} to {LAST_DAY}.",
            code="day.range",
        )
    return found


def _period(metric: Metric, span: Span, as_of: date) -> Period | None:
    start, end = day_of(span.start), day_of(span.end)
    if span.period is not None and (start is not None or end is not None):
        raise UserError(
            "Both a period word and days were given.",
            remedy="Give one of them.",
            code="period.twice",
        )
    if metric.period == "none":
        if start is not None or end is not None or span.period is not None:
            raise UserError(
                f"`{metric.id}` is read on one day, not over a period.",
                remedy="Give `as_of`.",
                code="period.unused",
            )
        return None
    if span.period is not None:
        return named_period(span.period)
    if (start is None) != (end is None):
        raise UserError(
            "A period needs both its first day and the first day after it.",
            remedy="Give `start` and `end`.",
            code="period.half",
        )
    if start is not None and end is not None:
        return Period(start, end)
    if metric.period == "optional":
        return None
    return last_complete_quarter(as_of) if metric.period == "quarter" else trailing_months(as_of)


def named_period(text: str) -> Period:
    """`2026`, `2026-Q1` or `2026-03` as a period.

    Raises:
        UserError: none of these.
    """
    found = re.fullmatch(r"([0-9]{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?", text.strip().upper())
    if found is None:
        raise UserError(
            f"`{text}` is not a period.",
            remedy="Write 2026, 2026-Q1 or 2026-03, or give two days.",
            code="period.unreadable",
        )
    year, quarter, month = found.groups()
    day_of(date(max(int(year), 1), 1, 1))
    if quarter:
        start = date(int(year), 3 * int(quarter) - 2, 1)
        return Period(start, add_months(start, 3))
    if month:
        start = date(int(year), int(month), 1)
        return Period(start, add_months(start, 1))
    return Period(date(int(year), 1, 1), date(int(year) + 1, 1, 1))


def _where(where: Mapping[str, Any] | Iterable[str] | None) -> dict[str, tuple[str, ...]]:
    """Conditions on account columns: a mapping, or texts `column=value` (several values: any of them)."""
    if where is None:
        return {}
    pairs: list[tuple[str, Any]]
    if isinstance(where, Mapping):
        pairs = list(where.items())
    else:
        pairs = []
        for text in [where] if isinstance(where, str) else where:
            column, sign, value = text.partition("=")
            if not sign:
                raise UserError(
                    f"`{text}` is not a condition.",
                    remedy="Write column=value, for example segment=smb.",
                    code="where.unreadable",
                )
            pairs.append((column.strip(), value.strip()))
    allowed = {*table("accounts").columns, "csm", "account"}
    found: dict[str, tuple[str, ...]] = {}
    for column, value in pairs:
        name = "account" if column == "account_id" else column
        if name not in allowed:
            raise UnknownName("account column", column, allowed)
        values = value if isinstance(value, list | tuple | set | frozenset) else [value]
        found[name] = (*found.get(name, ()), *(str(item) for item in values))
    return found


def parameter_value(name: str, declared: Parameter, value: Any) -> Any:
    """A caller's value as the parameter's type; text is read, as the command line gives it.

    Raises:
        UserError: it cannot be read so; says what is allowed.
    """
    try:
        found = _converted(name, declared, value)
        if isinstance(found, int | float) and not isinstance(found, bool):
            _within(found, declared)
        return found
    except (ValueError, TypeError, ArithmeticError, LookupError) as error:
        raise UserError(
            f"`{value}` does not fit the parameter `{name}`.",
            remedy=f"{declared.says} It takes: {declared.type}{_range(declared)}.",
            code="parameter.value",
        ) from error


def _converted(name: str, declared: Parameter, value: Any) -> Any:
    if declared.type == "word":
        if str(value) not in declared.choices:
            raise UnknownName(f"choice for `{name}`", str(value), declared.choices)
        return str(value)
    if declared.type == "text":
        return str(value)
    if declared.type == "int":
        if isinstance(value, bool) or int(value) != Decimal(str(value)) or int(value) < 0:
            raise ValueError(value)
        return int(value)
    if declared.type == "number":
        number = Decimal(str(value))
        return float(number) if number.is_finite() else _refuse(value)
    if declared.type == "bool":
        words = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
        return words[str(value).lower()] if str(value).lower() in words else _refuse(value)
    if declared.type == "dates":
        items = (
            value.split(",")
            if isinstance(value, str)
            else value
            if isinstance(value, list | tuple | set)
            else [value]
        )
        return [day_of(item.strip() if isinstance(item, str) else item) for item in items]
    if declared.type == "numbers":
        items = json.loads(value) if isinstance(value, str) else value
        items = [items] if _is_number(items) else list(items)
        return [item if _is_number(item) else _refuse(item) for item in items]
    if declared.type == "json":
        return json.loads(value) if isinstance(value, str) else value
    table_of_bounds = json.loads(value) if isinstance(value, str) else value
    pairs = dict(table_of_bounds).items()
    return {str(k): _bounds(*p) if isinstance(p, list | tuple) else _refuse(p) for k, p in pairs}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _within(found: float, declared: Parameter) -> None:
    low, high = declared.minimum, declared.maximum
    if (low is not None and found < low) or (high is not None and found > high):
        _refuse(found)


def _range(declared: Parameter) -> str:
    """`, from 1 to 60`, or nothing where no bound is declared."""
    if declared.minimum is None and declared.maximum is None:
        return ""
    low, high = (f"{b:g}" if b is not None else "any" for b in (declared.minimum, declared.maximum))
    return f", from {low} to {high}"


def _bounds(low: Any, high: Any) -> tuple[Any, Any]:
    """Two numbers, the lower first, as they were given."""
    return (low, high) if Decimal(str(low)) <= Decimal(str(high)) else _refuse((low, high))


def _refuse(value: Any) -> NoReturn:
    raise ValueError(value)
