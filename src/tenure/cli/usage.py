"""Commands about daily use: how long commitments last, and what is odd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenure.cli.options import AsOf, Folder, Json, opened
from tenure.cli.output import say, say_json
from tenure.cli.panels import NUMBER, PanelOrNone, numbers_left, read_panel
from tenure.kernel.errors import UnknownName
from tenure.kernel.unknown import Unknown

if TYPE_CHECKING:
    from tenure.signals.usage.anomalies import Anomalies
    from tenure.signals.usage.burn import Burns
    from tenure.signals.usage.told import Burn

usage_app = typer.Typer()

One = Annotated[str | None, typer.Option("--account", help="Only this account.")]
Account = Annotated[str, typer.Option(help="With --panel: the column with the account.")]
Day = Annotated[str, typer.Option(help="With --panel: the column with the day.")]
MOST_NOT_JUDGED = 5


@usage_app.command("burn")
def burn(
    account: One = None,
    as_of: AsOf = None,
    below: Annotated[
        float,
        typer.Option(help="The share of the commitment whose chance not to be reached is told."),
    ] = 0.8,
    panel: PanelOrNone = None,
    account_column: Account = "account_id",
    day: Day = "day",
    used: Annotated[str, typer.Option(help="With --panel: the column with units used.")] = "used",
    committed: Annotated[
        str, typer.Option(help="With --panel: the column with units committed to, or a number.")
    ] = "committed",
    term_start: Annotated[
        str, typer.Option(help="With --panel: the column with the first day of the term, or a day.")
    ] = "term_start",
    term_end: Annotated[
        str,
        typer.Option(
            help="With --panel: the column with the first day WITHOUT the commitment, or a day."
        ),
    ] = "term_end",
    price: Annotated[
        str, typer.Option(help="With --panel: the column with what the commitment costs.")
    ] = "price",
    segment: Annotated[
        str, typer.Option(help="With --panel: the column with the segment.")
    ] = "segment",
    folder: Folder = None,
    json: Json = False,
) -> None:
    """When each account's commitment runs out and how much of it will be used, as ranges, or why nobody can say."""
    found: Any
    who: Mapping[str, str] = {}
    if panel is not None:
        columns = {"account": account_column, "day": day, "used": used}
        given = {"committed": committed, "term_start": term_start, "term_end": term_end}
        found = _burn_of(panel, columns, given, {"price": price, "segment": segment}, as_of, below)
        found = _only(found, account)
    else:
        ws = opened(folder)
        found, who = ws.burn(as_of, account, below=(below,)), ws.names_of("accounts")
    if isinstance(found, Unknown):
        _refuse(found, json=json)
    elif json:
        say_json(found.to_dict())
    elif account is not None:
        _show_one(found.accounts[0], who)
    else:
        _show_burns(found, who)


@usage_app.command("anomalies")
def anomalies(
    account: One = None,
    as_of: AsOf = None,
    days: Annotated[int, typer.Option(help="How many days up to then are judged.")] = 28,
    minimum: Annotated[
        float,
        typer.Option(min=0, help="Where less than this was expected and came, it is a trifle."),
    ] = 10.0,
    holidays: Annotated[
        Path | None,
        typer.Option(help="A CSV of days off: `day`, and `region` where not everybody has them."),
    ] = None,
    panel: PanelOrNone = None,
    account_column: Account = "account_id",
    day: Day = "day",
    values: Annotated[
        str | None,
        typer.Option(
            help="With --panel: columns with use, with commas; every one left over by default."
        ),
    ] = None,
    metric: Annotated[
        str | None, typer.Option(help="With --panel: the column that names the metric of each row.")
    ] = None,
    region: Annotated[
        str, typer.Option(help="With --panel: the column with the region, for its days off.")
    ] = "region",
    folder: Folder = None,
    json: Json = False,
) -> None:
    """Days, runs of days and steps of use that are unlike an account's own eight weeks before."""
    found: Any
    who: Mapping[str, str] = {}
    off = {} if holidays is None else _days_off(read_panel(holidays))
    if panel is not None:
        columns = {"account": account_column, "day": day, "metric": metric, "region": region}
        found = _anomalies_of(
            panel,
            columns,
            _names(values),
            as_of,
            {"days": days, "minimum": minimum, "holidays": off},
        )
        found = found if account is None else found.only(account)
    else:
        ws = opened(folder)
        found = ws.anomalies(as_of, account, days=days, minimum=minimum, holidays=off)
        who = ws.names_of("accounts")
    if isinstance(found, Unknown):
        _refuse(found, json=json)
    elif json:
        say_json(found.to_dict())
    else:
        _show_anomalies(found, who)


def _burn_of(
    panel: Path, columns: Mapping[str, str], given: Mapping[str, str], optional: Mapping[str, str],
    as_of: str | None, below: float,
) -> Burns:  # fmt: skip
    """The forecast of a file."""
    from tenure.metrics.questions import day_of
    from tenure.signals import burn_forecast

    frame = read_panel(panel)
    terms: dict[str, Any] = {name: _given(frame, named) for name, named in given.items()}
    terms |= {name: named for name, named in optional.items() if named in frame}
    return burn_forecast(frame, **columns, **terms, as_of=day_of(as_of), below=(below,))


def _anomalies_of(
    panel: Path, columns: Mapping[str, Any], values: list[str], as_of: str | None, given: Mapping[str, Any]
) -> Anomalies:  # fmt: skip
    """The odd days of a file."""
    from tenure.metrics.questions import day_of
    from tenure.signals import usage_anomalies

    frame = read_panel(panel)
    region = columns["region"] if columns["region"] in frame else None
    named = values or numbers_left(frame, columns.values())
    own = {**columns, **given, "region": region}
    return usage_anomalies(frame, values=named, as_of=day_of(as_of), **own)


def _given(frame: Mapping[str, Any], named: str) -> Any:
    """A column of the file, a number, or a day; None where a column of the usual name is not there.

    Raises:
        UnknownName: it is none of them.
    """
    if named in frame:
        return named
    if NUMBER.fullmatch(named):
        return float(named)
    if named in ("committed", "term_start", "term_end"):
        return None
    from tenure.metrics.questions import day_of

    if named[:1].isdigit():
        return day_of(named)
    raise UnknownName("column", named, list(frame), where="the table")


def _only(found: Burns, account: str | None) -> Burns:
    if account is None:
        return found
    one = found.account(account)
    if one is None:
        raise UnknownName("account", account, [each.account for each in found])
    return found.only(account)


def _days_off(frame: Mapping[str, Sequence[str | None]]) -> dict[str, list[str]]:
    if "day" not in frame:
        raise UnknownName("column", "day", list(frame), where="the days off")
    regions = frame.get("region", [None] * len(frame["day"]))
    found: dict[str, list[str]] = {}
    for region, day in zip(regions, frame["day"], strict=True):
        if day is not None:
            found.setdefault(region or "", []).append(day)
    return found


def _show_burns(found: Burns, who: Mapping[str, str]) -> None:
    """A line per account, those that run out first."""
    for one in sorted(found, key=_soonest):
        say(f"{_named(one.account, who)[:32]:<32} {_share(one.used_share):>6} used  {one.says}")
    _foot()


def _soonest(one: Burn) -> tuple[int, str, str]:
    """Run out, then by the likely day, then those that last, then refusals."""
    if one.ran_out is not None:
        return 0, one.ran_out.isoformat(), one.account
    if isinstance(one.forecast, Unknown):
        return 4, "", one.account
    days = one.forecast.runs_out
    if isinstance(days, Unknown) or (days.p50 is None and days.p10 is None):
        return 3, "", one.account
    if days.p50 is None:
        return 2, str(days.p10), one.account
    return 1, days.p50.isoformat(), one.account


def _show_one(one: Burn, who: Mapping[str, str]) -> None:
    """One account with all its numbers."""
    say(f"{_named(one.account, who)}: {one.says}")
    if one.term.committed is not None:
        say(
            f"  used {one.used:,.0f} of {one.term.committed:,.0f} ({_share(one.used_share)}) by {one.known_until}"
        )
    told = one.forecast
    if not isinstance(told, Unknown):
        course = f", {told.growth_per_week:+.1%} a week, fading" if told.way == "trend" else ""
        way = (
            "weekday, level and trend"
            if told.way == "trend"
            else "the plain rate of 28 days, which was nearer so far"
        )
        say(f"  now {told.per_week:,.0f} a week{course}; told by {way}")
        if told.at_end is not None:
            end = told.at_end
            say(f"  at the end {end.p10:,.0f} to {end.p90:,.0f}, in the middle {end.p50:,.0f}")
        for share, p in told.p_below.items():
            say(f"  chance that less than {float(share):.0%} is used: {p:.0%}")
        if told.unused is not None:
            low, high = told.unused["p10"], told.unused["p90"]
            say(f"  paid for units that will not be used: {low:,} to {high:,}")
        borrowed = {
            "own": "its own",
            "segment": "mostly its segment's",
            "all": "mostly all accounts'",
        }
        say(f"  how far this may be off: {borrowed[told.whose]} past forecasts")
    rate = one.run_rate
    when = f"runs out {rate.runs_out}" if rate.runs_out else "never runs out"
    say(f"  if the last 28 days simply went on: {rate.per_day:,.1f} a day, {when}")
    for note in one.notes:
        say(f"  ! {note}")
    _foot()


def _foot() -> None:
    say(
        "A range holds in four of five cases: one in ten lies before or below it, one in ten after or above."
    )


def _show_anomalies(found: Anomalies, who: Mapping[str, str]) -> None:
    for one in found:
        say(f"{_named(one.account, who)[:32]:<32} {one.metric:<12} {one.kind:<12} {one.says}")
    say(found.says)
    for day in found.shared:
        say(f"! {day.says}")
    for says, names in _not_judged(found).items():
        rest = f" and {len(names) - MOST_NOT_JUDGED:,} more" if len(names) > MOST_NOT_JUDGED else ""
        say(f"{says}: {', '.join(names[:MOST_NOT_JUDGED])}{rest}")


def _not_judged(found: Anomalies) -> dict[str, list[str]]:
    """Accounts of which a metric was not judged, by why."""
    groups: dict[str, set[str]] = {}
    for one in found.not_judged:
        short = one.why.reason == "too_little_history"
        says = (
            "Fewer than 29 days of something known"
            if short
            else "Used on and off, so only weeks are judged"
        )
        groups.setdefault(says, set()).add(one.account)
    return {says: sorted(names) for says, names in groups.items()}


def _share(share: float | None) -> str:
    return "?" if share is None else f"{share:.0%}"


def _named(account: str, who: Mapping[str, str]) -> str:
    return f"{account} {who[account]}" if account in who else account


def _names(listed: str | None) -> list[str]:
    return [name.strip() for name in (listed or "").split(",") if name.strip()]


def _refuse(found: Unknown, *, json: bool) -> None:
    if json:
        say_json({"unknown": found.reason, "says": found.says})
    else:
        say(f"Not told: {found.says}")
