"""`tenure.signals.forecast_renewals(frame)`: the coming quarters' renewals, with chances learned from those of the past."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

import numpy as np

from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Unknown
from tenure.signals.anchored import quarter_of
from tenure.signals.forecasting.chances import FEWEST_RENEWALS, Chances, Renewed, chances
from tenure.signals.forecasting.door import Forecast, forecast
from tenure.signals.health_score.inputs import Input
from tenure.signals.health_score.learn import Recipe, Training
from tenure.signals.ledger import Ledger
from tenure.signals.plain import Plain
from tenure.signals.plainly import plainly


@dataclass(frozen=True, slots=True)
class Roles:
    """What the columns of renewals are called.

    `account`, `due`, `churned` (1 lost, 0 renewed, empty while nobody knows) and `arr` (due) must be there; `after` (ARR after
    it), `segment` and `said` (the team's own score) where known. A renewal to come that has `after` is settled.
    """

    account: str = "account"
    due: str = "due"
    churned: str = "churned"
    arr: str = "arr"
    after: str = "after"
    segment: str = "segment"
    said: str = "said"

    def all(self) -> set[str]:
        """Every column that is no metric."""
        return {getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, slots=True)
class Quarter:
    """One coming quarter: how many renew, how many are settled already, and the range."""

    period: str
    renewals: int
    settled: int
    forecast: Forecast | Unknown

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        told = self.forecast
        return {
            "period": self.period,
            "renewals": self.renewals,
            "settled": self.settled,
            "forecast": plainly(told) if isinstance(told, Unknown) else told.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class RenewalForecast:
    """The coming quarters, where the chances come from, and the past renewals they rest on."""

    quarters: tuple[Quarter, ...]
    chances: Chances
    past: int
    lost: int
    ledger: Ledger

    @property
    def says(self) -> str:
        """One sentence for people."""
        return f"{self.chances.says} Learned from {self.past:,} past renewals, {self.lost:,} of them lost."

    def to_dict(self) -> dict[str, Any]:
        """Plain values; money as text."""
        return {
            "says": self.says,
            "past": self.past,
            "lost": self.lost,
            "chances": self.chances.to_dict(),
            "ledger": self.ledger.to_dict(),
            "quarters": [one.to_dict() for one in self.quarters],
        }


def forecast_renewals(
    frame: Any,
    *,
    roles: Roles | None = None,
    metrics: Sequence[str] | None = None,
    inputs: Iterable[Input] | None = None,
    target: float | None = None,
    quarters: Sequence[str] | None = None,
    stream: int = 0,
    ledger: Ledger | None = None,
) -> RenewalForecast | Unknown:
    """Gross and net retention of the coming quarters' renewals, with chances learned from the past ones in the same table.

    Args:
        frame: one row per renewal, past and to come, with the numbers known of it then.
        roles: what the columns are called.
        metrics: the columns of numbers; by default every one without a role.
        inputs: the same with a side that is riskier, where it is declared.
        target: gross retention to reach, 0 to 1.
        quarters: which to tell (`2026-Q4`), also those in which nothing comes up; all in the table by default.
        stream: number of the random draws.
        ledger: of the past renewals, where some were left out before.

    Returns:
        Unknown("too_little_history") below 30 settled renewals or where none was lost, Unknown("no_data") where none is to come.

    Raises:
        UnknownName: a column is not there. UserError: a value cannot be read.
    """
    roles = roles or Roles()
    table = Plain(frame)
    names = (
        list(metrics) if metrics is not None else [n for n in table.names if n not in roles.all()]
    )
    read = _read(table, roles, names)
    y, after = read.rows.y, _after(table, roles)
    past, coming = ~np.isnan(y), np.isnan(y)
    lost = int(y[past].sum())
    lacking = _lacking(int(past.sum()), lost, int(coming.sum()))
    if lacking is not None:
        return lacking
    given = list(inputs) if inputs is not None else [Input(name) for name in names]
    told = chances(_some(read, past), _some(read, coming), given, Recipe(stream=stream))
    history = _history(table, roles, read, past, told)
    made = _quarters(
        _coming(table, roles, read, coming, told, after), history, quarters, target, stream
    )
    book = ledger or Ledger(len(table), int(past.sum()), {"to_come": int(coming.sum())})
    return RenewalForecast(made, told, int(past.sum()), lost, book)


def _lacking(past: int, lost: int, coming: int) -> Unknown | None:
    if past < FEWEST_RENEWALS:
        says = f"{past} past renewals are settled; {FEWEST_RENEWALS - past} more are needed to tell how often one is lost."
        return Unknown("too_little_history", says)
    if lost in (0, past):
        word = "None" if lost == 0 else "Every one"
        says = f"{word} of {past} past renewals was lost, so nothing tells the next apart. One of the other kind is needed."
        return Unknown("too_little_history", says)
    if not coming:
        return Unknown("no_data", "No renewal is to come.")
    return None


def _read(table: Plain, roles: Roles, names: Sequence[str]) -> Renewed:
    days = table.days(roles.due)
    if np.isnat(days).any():
        row = int(np.argmax(np.isnat(days))) + 1
        raise UserError(
            f"The column `{roles.due}` is empty in row {row}.",
            remedy="Give every renewal the day it is due.",
            code="forecast.due",
        )
    y = table.numbers(roles.churned)
    odd = ~np.isnan(y) & (y != 0) & (y != 1)
    if odd.any():
        raise UserError(
            f"The column `{roles.churned}` holds {y[odd][0]:g} in row {int(np.argmax(odd)) + 1}.",
            remedy="Write 1 where the renewal was lost, 0 where it renewed, nothing while nobody knows.",
            code="panel.label",
        )
    there, blank = set(table.names), [""] * len(table)
    values = {name: table.numbers(name) for name in names}
    return Renewed(
        [day.astype(object) for day in days],
        Training(values, y, table.words(roles.account), days),
        table.words(roles.segment) if roles.segment in there else blank,
        table.words(roles.said) if roles.said in there else blank,
    )


def _after(table: Plain, roles: Roles) -> Any:
    return table.numbers(roles.after) if roles.after in table.names else np.full(len(table), np.nan)


def _some(read: Renewed, some: Any) -> Renewed:
    side = read.side(some)
    return Renewed([read.due[i] for i in np.flatnonzero(some)], side.rows, side.segments, side.said)


def _history(
    table: Plain, roles: Roles, read: Renewed, past: Any, told: Chances
) -> list[dict[str, Any]]:
    """Past renewals that were told, as the forecast takes them."""
    after, arr = _after(table, roles), table.column(roles.arr)
    rows = []
    for place, p in zip(np.flatnonzero(past).tolist(), told.past.tolist(), strict=True):
        if p != p or arr[place] in (None, ""):
            continue
        rows.append(
            {
                "account": read.rows.accounts[place],
                "period": quarter_of(read.due[place]),
                "arr": arr[place],
                "p_churn": p,
                "outcome": read.rows.y[place],
                "after": None if np.isnan(after[place]) else after[place],
                "segment": read.segments[place],
            }
        )
    return rows


def _coming(
    table: Plain, roles: Roles, read: Renewed, coming: Any, told: Chances, after: Any
) -> dict[str, list[dict[str, Any]]]:
    arr = table.column(roles.arr)
    found: dict[str, list[dict[str, Any]]] = {}
    for place, p in zip(np.flatnonzero(coming).tolist(), told.coming.tolist(), strict=True):
        found.setdefault(quarter_of(read.due[place]), []).append(
            {
                "account": read.rows.accounts[place],
                "arr": Decimal(0) if arr[place] in (None, "") else arr[place],
                "p_churn": p,
                "segment": read.segments[place],
                "after": None if np.isnan(after[place]) else after[place],
            }
        )
    return found


def _quarters(
    rows: dict[str, list[dict[str, Any]]],
    history: list[dict[str, Any]],
    wanted: Sequence[str] | None,
    target: float | None,
    stream: int,
) -> tuple[Quarter, ...]:
    made = []
    for period in sorted(rows) if wanted is None else wanted:
        own = rows.get(period, [])
        told: Forecast | Unknown = Unknown("no_data", "No account renews in this quarter.")
        if own:
            told = forecast(own, past=history or None, target=target, number=stream)
        settled = sum(1 for row in own if row["after"] is not None)
        made.append(Quarter(period, len(own), settled, told))
    return tuple(made)
