"""A panel: one row per account and landmark, what was known of it then, and what happened within the horizon.

Made here of a plain table. Who is left out is counted by reason, and the ledger adds up: rows plus excluded rows
are the rows that came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenure.kernel.errors import UserError
from tenure.signals.landmarks import SLACK_DAYS, grouped, placed
from tenure.signals.leak import Leak, knowledge_leaks, silence
from tenure.signals.ledger import Ledger
from tenure.signals.plain import Plain
from tenure.signals.thresholds.metric import Metric
from tenure.signals.thresholds.metric import metrics as spoken

__all__ = ["SLACK_DAYS", "Columns", "Ledger", "Panel", "panel"]

ONBOARDING_DAYS = 60
"""Younger accounts are another question."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of a plain table holds what; empty: there is none.

    `label` is 1 where it happened within the horizon, 0 where not, missing where nobody can know yet. `notice` is
    the day notice was given, `started` the day the account began, `exit_kind` the word of how it left
    (`involuntary`, `merged`). `recorded`: when the row's values were recorded, one column for all metrics or a
    mapping of metrics to columns. `stratum`: the group whose rows are compared with one another, where whoever made
    the rows has kept their windows apart (a renewal panel has); without it landmarks are chosen here.
    """

    account: str
    as_of: str
    label: str
    metrics: Iterable[str] | Mapping[str, Any]
    segment: str = ""
    arr: str = ""
    notice: str = ""
    started: str = ""
    exit_kind: str = ""
    recorded: str | Mapping[str, str] = ""
    stratum: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """Rows × metrics (`x`, NaN = missing) with outcome, stratum, segment, account, ARR.

    `stratum` and `segment` are codes of the names in `strata` (in order of time) and `segments`.
    """

    x: NDArray[np.float64]
    metrics: tuple[Metric, ...]
    happened: NDArray[np.bool_]
    days: NDArray[np.datetime64]
    stratum: NDArray[np.int64]
    strata: tuple[str, ...]
    segment: NDArray[np.int64]
    segments: tuple[str, ...]
    account: NDArray[np.object_]
    arr: tuple[Decimal | None, ...] | None
    ledger: Ledger
    horizon_days: int = 90
    leaks: tuple[Leak, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.happened)

    def taken(self, rows: NDArray[np.int64]) -> Panel:
        """The same panel with its rows in another order, or fewer of them."""
        arr = None if self.arr is None else tuple(self.arr[i] for i in rows)
        return replace(
            self,
            x=self.x[rows],
            happened=self.happened[rows],
            days=self.days[rows],
            stratum=self.stratum[rows],
            segment=self.segment[rows],
            account=self.account[rows],
            arr=arr,
        )


def panel(
    frame: Any, columns: Columns, *, horizon_days: int = 90, data_end: str | None = None
) -> Panel:
    """The panel of a plain table.

    Args:
        frame: a pandas frame, an Arrow table, a mapping of columns or a list of rows.
        columns: which column holds what.
        horizon_days: the outcome's window after each date.
        data_end: the day up to which outcomes are complete; rows whose window ends later are left out.

    Raises:
        UnknownName: a column is not there.
        UserError: a value cannot be read, or an account stands twice on one day.
    """
    table = Plain(frame)
    named = spoken(columns.metrics)
    account, days = table.words(columns.account), table.days(columns.as_of)
    label = _labels(table, columns.label)
    reasons = _reasons(table, columns, label, days, horizon_days, data_end)
    _once(account, days, reasons)
    usable = reasons == ""
    where = (
        grouped(table.words(columns.stratum), days, usable)
        if columns.stratum
        else placed(account, days, usable, horizon_days)
    )
    reasons[(reasons == "") & ~where.kept] = "overlapping_window"
    kept = np.flatnonzero(reasons == "")
    x = np.column_stack([_finite(table, m.name) for m in named])
    seen, known = _as_known(table, columns, named, x, days)
    happened = label[kept] == 1
    segment, segments = _coded(table.words(columns.segment) if columns.segment else [""] * len(x))
    leaks = (
        *(knowledge_leaks(named, x[kept], seen[kept], happened) if known else ()),
        *silence(named, seen[kept], happened),
    )
    return Panel(
        seen[kept], named, happened, days[kept], where.stratum[kept], where.strata,
        segment[kept], segments, np.array(account, dtype=object)[kept],
        _amounts(table, columns.arr, kept), _ledger(reasons), horizon_days, leaks,
    )  # fmt: skip


def _finite(table: Plain, name: str) -> NDArray[np.float64]:
    values = table.numbers(name)
    if np.isinf(values).any():
        raise UserError(
            f"The column `{name}` holds infinity in row {int(np.flatnonzero(np.isinf(values))[0]) + 1}.",
            remedy="Leave out what is not known, such as a quotient by zero.",
            code="table.number",
        )
    return values


def _labels(table: Plain, name: str) -> NDArray[np.float64]:
    label = table.numbers(name)
    odd = ~np.isnan(label) & (label != 0) & (label != 1)
    if odd.any():
        raise UserError(
            f"The column `{name}` holds {label[odd][0]:g} in row {int(np.flatnonzero(odd)[0]) + 1}.",
            remedy="Write 1 where it happened within the horizon, 0 where not, nothing where unknown.",
            code="panel.label",
        )
    return label


def _reasons(
    table: Plain, columns: Columns, label: NDArray[np.float64], days: NDArray[np.datetime64],
    horizon_days: int, data_end: str | None,
) -> NDArray[np.object_]:  # fmt: skip
    """Why a row is left out, the first reason that applies; empty where it is in."""
    found = np.full(len(label), "", dtype=object)

    def leave(mask: NDArray[np.bool_], reason: str) -> None:
        found[mask & (found == "")] = reason

    leave(np.array([name == "" for name in table.words(columns.account)], dtype=bool), "no_account")
    leave(np.isnat(days), "no_day")
    if columns.notice:
        leave(table.days(columns.notice) <= days, "notice_given")
    if columns.started:
        leave(
            days - table.days(columns.started) < np.timedelta64(ONBOARDING_DAYS, "D"), "onboarding"
        )
    if columns.exit_kind:
        kinds = np.array([word.lower() for word in table.words(columns.exit_kind)], dtype=object)
        leave((kinds == "merged") | (kinds == "acquired"), "merged")
        leave(kinds == "involuntary", "involuntary")
    if data_end is not None:
        late = days + np.timedelta64(horizon_days, "D") > np.datetime64(data_end, "D")
        leave(late, "outcome_not_known_yet")
    leave(np.isnan(label), "outcome_not_known_yet")
    return found


def _once(account: list[str], days: NDArray[np.datetime64], reasons: NDArray[np.object_]) -> None:
    seen: set[tuple[str, Any]] = set()
    for row in np.flatnonzero(reasons == ""):
        key = (account[row], days[row])
        if key in seen:
            raise UserError(
                f"The account `{account[row]}` stands twice on {days[row]}, again in row {row + 1}.",
                remedy="Give one row per account and date.",
                code="panel.twice",
            )
        seen.add(key)


def _as_known(
    table: Plain, columns: Columns, named: tuple[Metric, ...], x: NDArray[np.float64],
    days: NDArray[np.datetime64],
) -> tuple[NDArray[np.float64], bool]:  # fmt: skip
    """The values without those that were recorded only after their row's date; and whether that is known."""
    said = columns.recorded
    if not said:
        return x, False
    by_metric = said if isinstance(said, Mapping) else dict.fromkeys((m.name for m in named), said)
    when = {name: table.days(name) for name in set(by_metric.values())}
    seen = x.copy()
    for place, metric in enumerate(named):
        if metric.name in by_metric:
            seen[when[by_metric[metric.name]] > days, place] = np.nan
    return seen, True


def _coded(words: list[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    names = sorted(set(words))
    code = {name: at for at, name in enumerate(names)}
    return np.array([code[word] for word in words], dtype=np.int64), tuple(names)


def _amounts(table: Plain, name: str, kept: NDArray[np.int64]) -> tuple[Decimal | None, ...] | None:
    if not name:
        return None
    words = table.words(name)
    try:
        return tuple(Decimal(words[i]) if words[i] else None for i in kept)
    except InvalidOperation as error:
        raise UserError(
            f"The column `{name}` holds something that is no amount.",
            remedy="Write amounts with a point and without a currency.",
            code="table.number",
        ) from error


def _ledger(reasons: NDArray[np.object_]) -> Ledger:
    names, counted = np.unique(reasons.astype(str), return_counts=True)
    by_reason = {str(n): int(c) for n, c in zip(names, counted, strict=True)}
    return Ledger(len(reasons), by_reason.pop("", 0), by_reason)
