"""pandas as an analyst writes it in a notebook: a loop over the days, boolean windows, groupby and nunique."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from peers.given import TABLES, connected
from peers.measured import timed
from peers.numbers import ACTIVATION, FEWEST_WEEKS, LEAST_EVENTS, NUMBERS, POWER_DAYS, WEEKS, WINDOW

Frames = dict[str, pd.DataFrame]
DATES = ("usage_date", "start_date", "end_date", "assigned_date", "removed_date")


def pandas(folder: Path, days: Sequence[date], out: Path | None, spare: Path) -> dict[str, Any]:
    """The numbers of all days one below the other; reading the tables into frames is told apart."""
    read = timed(lambda: frames(folder, spare))
    given: Frames = read["result"]
    told = timed(lambda: pd.concat([_day(given, pd.Timestamp(day)) for day in days]))
    found: pd.DataFrame = told["result"]
    if out:
        with connected(folder, days, memory="2GB", spill=spare) as connection:
            connection.register("found", found)
            listed = ", ".join(NUMBERS)
            connection.execute(
                f"copy (select as_of::date as as_of, account_id, {listed} from found) to '{out}' (format parquet)"
            )
    return told | {"result": len(found), "setup": read["wall"]}


def frames(folder: Path, spare: Path) -> Frames:
    """Each table as a frame, with real dates; who is internal is left out of `usage` once."""
    with connected(folder, [], memory="2GB", spill=spare) as connection:
        found = {name: connection.table(name).df() for name in TABLES}
    for frame in found.values():
        for name in DATES:
            if name in frame:
                frame[name] = pd.to_datetime(frame[name])
    people, usage = found["product_users"], found["usage_daily"]
    people["is_internal"] = people["is_internal"].fillna(value=False).astype(bool)
    usage["units"] = usage["units"].fillna(0).astype(float)
    usage["week"] = usage["usage_date"] - pd.to_timedelta(usage["usage_date"].dt.weekday, unit="D")
    known = people[["product_user_id", "department", "removed_date", "is_internal"]]
    own = usage[usage["event_count"] > 0].merge(known, on="product_user_id", how="left")
    found["own"] = own[own["is_internal"] != True]  # noqa: E712 - somebody not on file is not internal
    return found


def _day(given: Frames, day: pd.Timestamp) -> pd.DataFrame:
    usage, accounts = given["usage_daily"], given["accounts"]
    made = accounts[["account_id"]].assign(as_of=day).set_index("account_id", drop=False)
    has_begun = usage.groupby("account_id")["usage_date"].min().reindex(made.index) <= day
    lines = given["contract_lines"]
    lines = lines[
        (lines["start_date"] <= day) & (lines["end_date"].isna() | (lines["end_date"] > day))
    ]
    seats = lines[lines["unit"] == "seat"].groupby("account_id")["quantity"].sum().astype(float)
    window = usage[(usage["usage_date"] > day - _days(WINDOW)) & (usage["usage_date"] <= day)]
    _people(made, given, day, seats.reindex(made.index), has_begun)
    _features(made, given, lines, window)
    _trend(made, usage, window, day, has_begun)
    _weeks(made, accounts, usage, day, has_begun)
    _burn(made, lines, usage, window, day)
    _activation(made, given, day)
    return made.reset_index(drop=True)


def _days(number: int) -> pd.Timedelta:
    return pd.Timedelta(days=number)


def _people(
    made: pd.DataFrame, given: Frames, day: pd.Timestamp, seats: Any, has_begun: Any
) -> None:
    own, people = given["own"], given["product_users"]
    seen = own[(own["usage_date"] > day - _days(WINDOW)) & (own["usage_date"] <= day)]
    seen = seen[seen["removed_date"].isna() | (seen["removed_date"] > day)]
    users = _of(made, seen.groupby("account_id")["product_user_id"].nunique())
    active_days = seen.groupby(["account_id", "product_user_id"])["usage_date"].nunique()
    power = _of(made, active_days[active_days >= POWER_DAYS].groupby("account_id").size())
    strangers = seen[seen["department"].isna()].groupby("account_id")["product_user_id"].nunique()
    has_seat = (people["assigned_date"] <= day) & (
        people["removed_date"].isna() | (people["removed_date"] > day)
    )
    made["active_user_pct__active_users"] = users
    made["active_user_pct"] = users / seats
    made["power_user_pct"] = power / seats
    made["cross_functional_usage"] = _of(
        made, seen.groupby("account_id")["department"].nunique()
    ).where(has_begun)
    made["cross_functional_usage__unknown_department_users"] = _of(made, strangers).where(has_begun)
    made["seat_utilization"] = (
        _of(made, people[has_seat].groupby("account_id")["product_user_id"].nunique()) / seats
    )


def _of(made: pd.DataFrame, found: Any) -> Any:
    """The counts of all accounts, 0 where none was counted."""
    return found.reindex(made.index).fillna(0)


def _features(made: pd.DataFrame, given: Frames, lines: pd.DataFrame, window: pd.DataFrame) -> None:
    advanced = given["features"][given["features"]["level"] == "advanced"]
    bought = lines.merge(advanced, on="product_id")[["account_id", "feature_id"]].drop_duplicates()
    events = window.groupby(["account_id", "feature_id"])["event_count"].sum().reset_index()
    bought = bought.merge(events, on=["account_id", "feature_id"], how="left")
    bought["is_used"] = bought["event_count"] >= LEAST_EVENTS
    made["feature_adoption_depth"] = bought.groupby("account_id")["is_used"].mean()


def _trend(
    made: pd.DataFrame, usage: pd.DataFrame, window: pd.DataFrame, day: pd.Timestamp, has_begun: Any
) -> None:
    dates = usage["usage_date"]
    earlier = usage[(dates > day - _days(2 * WINDOW)) & (dates <= day - _days(WINDOW))]
    now = _of(made, window.groupby("account_id")["event_count"].sum())
    before = _of(made, earlier.groupby("account_id")["event_count"].sum())
    made["usage_trend"] = ((now - before) / before).where(before > 0)
    made["usage_trend__absolute_change"] = (now - before).where(has_begun)


def _weeks(
    made: pd.DataFrame,
    accounts: pd.DataFrame,
    usage: pd.DataFrame,
    day: pd.Timestamp,
    has_begun: Any,
) -> None:
    after = day + _days(1)
    monday = after - _days(after.weekday())
    weeks = [monday - _days(7 * back) for back in range(WEEKS, 0, -1)]
    table = usage[usage["week"].isin(weeks)].pivot_table(
        index="account_id", columns="week", values="event_count", aggfunc="sum"
    )
    table = table.reindex(index=made.index, columns=weeks).fillna(0)
    starts = accounts.set_index("account_id")["start_date"]
    for week in weeks:
        table[week] = table[week].where(starts <= week)
    is_known = has_begun & (table.count(axis=1) >= FEWEST_WEEKS)
    mean = table.mean(axis=1)
    made["usage_consistency"] = (table.std(axis=1, ddof=0) / mean).where(is_known & (mean > 0))
    made["usage_consistency__active_week_share"] = (
        (table > 0).sum(axis=1) / table.count(axis=1)
    ).where(is_known)


def _burn(
    made: pd.DataFrame,
    lines: pd.DataFrame,
    usage: pd.DataFrame,
    window: pd.DataFrame,
    day: pd.Timestamp,
) -> None:
    credit = lines[lines["unit"] == "credit"].groupby("account_id")
    terms = credit.agg({"quantity": "sum", "start_date": "min", "end_date": "max"})
    used = usage[usage["usage_date"] <= day].merge(
        terms["start_date"].reset_index(), on="account_id"
    )
    used = used[used["usage_date"] >= used["start_date"]].groupby("account_id")["units"].sum()
    consumed = used.reindex(terms.index).fillna(0)
    span = ((day - terms["start_date"]).dt.days + 1).clip(upper=WINDOW)
    lately = window.groupby("account_id")["units"].sum().reindex(terms.index).fillna(0)
    committed = terms["quantity"].astype(float)
    left = (committed - consumed).clip(lower=0)
    to_go = (left * span / lately).where(lately > 0).mask(left == 0, 0)
    projected = consumed + lately / span * ((terms["end_date"] - day).dt.days - 1).clip(lower=0)
    made["burn_rate_forecast__consumed"] = consumed
    made["burn_rate_forecast__daily_burn"] = lately / span
    made["burn_rate_forecast__days_to_exhaustion"] = to_go
    # Some ends lie beyond what pandas can date, so that plain dates hold them.
    made["burn_rate_forecast__exhaustion_date"] = to_go.map(
        lambda days: None if pd.isna(days) else day.date() + timedelta(days=math.ceil(days))
    ).astype(object)
    made["burn_rate_forecast__projected_consumption"] = projected
    made["burn_rate_forecast"] = projected / committed


def _activation(made: pd.DataFrame, given: Frames, day: pd.Timestamp) -> None:
    people, own = given["product_users"], given["own"]
    given_on = people[~people["is_internal"] & (people["assigned_date"] <= day)].groupby(
        "account_id"
    )
    used = own[(own["feature_id"] == ACTIVATION) & (own["usage_date"] <= day)].groupby("account_id")
    made["time_to_activation"] = (
        used["usage_date"].min() - given_on["assigned_date"].min()
    ).dt.days
