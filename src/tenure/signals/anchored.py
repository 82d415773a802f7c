"""The panel of renewals: one row per account and renewal, looked at a fixed number of days before it was due.

Statistics 3.5, the renewal anchor. The outcome is known at one renewal: it was lost, or it shrank. Rows are compared within a
calendar quarter and the first, second or a later renewal, since both carry a rate of their own. Who is left out is counted by
reason, and rows plus those left out are the renewals that came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np

from tenure.kernel.errors import UserError
from tenure.signals.landmarks import SLACK_DAYS
from tenure.signals.ledger import Ledger
from tenure.signals.panel import ONBOARDING_DAYS
from tenure.signals.plain import Plain

LEADS = (30, 60, 90, 120, 180)
"""Days before the renewal at which it may be looked at. A p-value uses one of them, 90; the others are for plots."""
SHRANK_FROM = Decimal("0.9")
"""A renewal for less than nine tenths of what was due is a downsell."""
LATER = 3
"""The third renewal and all later ones are one stratum."""
ROLES = (
    "account", "due", "renewed", "before", "after", "index", "term_start", "live_since",
    "started", "automatic", "notice", "exit_kind", "segment",
)  # fmt: skip
NEEDED = ("account", "due", "renewed")


@dataclass(frozen=True, slots=True)
class RenewalPanel:
    """The rows that are in, in order of due day and account, and the ledger of all that came.

    A row: account, due, as_of (due less the lead), quarter, index, stratum, churned (1 lost), downsold (1 renewed for less than
    nine tenths; None where an amount is not known), segment, arr, after, and every column of the table that has no role.
    """

    rows: tuple[dict[str, Any], ...]
    ledger: Ledger
    lead_days: int
    roles: tuple[str, ...] = field(default=())

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def lead_of(days: int) -> int:
    """The lead, checked.

    Raises:
        UserError: it is none of 30, 60, 90, 120 and 180.
    """
    if days not in LEADS:
        raise UserError(
            f"{days} is no lead of a renewal panel.",
            remedy=f"Use one of {', '.join(map(str, LEADS))}; 90 for what is to be tested.",
            code="panel.lead",
        )
    return days


def renewal_panel(frame: Any, *, lead_days: int = 90, data_end: str | None = None) -> RenewalPanel:
    """One row per account and renewal at due day less `lead_days`.

    Args:
        frame: one row per renewal: `account`, `due` and `renewed` (1, 0, empty while nobody knows); where known `before` and
            `after` (ARR due, ARR renewed), `index` (which renewal of the account; counted here otherwise), `started` (the account
            began), `live_since` (it has paid without a gap since), `term_start`, `automatic` (1: it renews itself), `notice` (the
            day notice was given), `exit_kind` (involuntary, merged) and `segment`. Other columns go along as they are.
        lead_days: 30, 60, 90, 120 or 180.
        data_end: outcomes are complete up to this day; later renewals are left out.

    Raises:
        UnknownName: a needed column is not there. UserError: a value cannot be read.

    Source: statistics 3.3 to 3.5; decisions: a-row-per-renewal.
    """
    lead_of(lead_days)
    table = Plain(frame)
    given = _read(table)
    order = sorted(
        range(len(table)), key=lambda i: (given[i]["due"] or date.min, given[i]["account"])
    )
    lead, end = (
        timedelta(days=lead_days),
        None if data_end is None else date.fromisoformat(data_end),
    )
    left_out: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    last_due: dict[str, date] = {}
    rows = []
    for place in order:
        one = given[place]
        seen[one["account"]] += 1
        one["index"] = one["index"] or seen[one["account"]]
        why = _why_out(one, lead, end, last_due)
        if why:
            left_out[why] += 1
            continue
        last_due[one["account"]] = one["due"]
        rows.append(_row(one, lead))
    ledger = Ledger(len(table), len(rows), dict(sorted(left_out.items())))
    return RenewalPanel(tuple(rows), ledger, lead_days)


def _why_out(
    one: dict[str, Any], lead: timedelta, end: date | None, last_due: dict[str, date]
) -> str:
    """The first reason for which a renewal is left out; empty where it is in."""
    if not one["account"] or one["due"] is None:
        return "no_account_or_day"
    looked = one["due"] - lead
    before = last_due.get(one["account"])
    return next(
        (
            reason
            for reason, applies in (
                ("outcome_not_known_yet", one["renewed"] is None or (end and one["due"] > end)),
                ("not_live_then", one["live_since"] and looked < one["live_since"]),
                (
                    "onboarding",
                    one["started"] and looked - one["started"] < timedelta(days=ONBOARDING_DAYS),
                ),
                ("notice_given", one["notice"] and one["notice"] <= looked),
                (
                    "notice_window_not_open",
                    one["automatic"] and one["term_start"] and looked < one["term_start"],
                ),
                ("merged", one["exit_kind"] in ("merged", "acquired")),
                ("involuntary", one["exit_kind"] == "involuntary"),
                (
                    "overlapping_window",
                    before is not None and looked < before - timedelta(days=SLACK_DAYS),
                ),
            )
            if applies
        ),
        "",
    )


def _row(one: dict[str, Any], lead: timedelta) -> dict[str, Any]:
    due, nth = one["due"], min(one["index"], LATER)
    quarter = quarter_of(due)
    return {
        "account": one["account"],
        "as_of": due - lead,
        "due": due,
        "quarter": quarter,
        "index": one["index"],
        "stratum": f"{quarter} renewal {nth}{'+' if nth == LATER else ''}",
        "churned": 1 - one["renewed"],
        "downsold": _shrank(one),
        "segment": one["segment"],
        "arr": one["before"],
        "after": one["after"],
        **one["others"],
    }


def quarter_of(day: date) -> str:
    """`2026-Q3`."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def _shrank(one: dict[str, Any]) -> int | None:
    if not one["renewed"]:
        return 0
    before, after = one["before"], one["after"]
    return None if before is None or after is None else int(after < SHRANK_FROM * before)


def _read(table: Plain) -> list[dict[str, Any]]:
    there = set(table.names)
    for name in NEEDED:
        table.column(name)
    count = len(table)
    nothing: list[Any] = [None] * count
    read: dict[str, list[Any]] = dict.fromkeys(ROLES, nothing)
    read["account"] = table.words("account")
    for name in ("due", "term_start", "live_since", "started", "notice"):
        if name in there:
            read[name] = [None if np.isnat(d) else d.astype(object) for d in table.days(name)]
    for name in ("renewed", "automatic", "index"):
        if name in there:
            read[name] = [None if np.isnan(v) else int(v) for v in table.numbers(name)]
    for name in ("before", "after"):
        if name in there:
            read[name] = [_money(v, name, row) for row, v in enumerate(table.column(name))]
    for name in ("exit_kind", "segment"):
        if name in there:
            read[name] = table.words(name)
    read["exit_kind"] = [(word or "").lower() for word in read["exit_kind"]]
    _zero_or_one(read["renewed"])
    others = {name: table.column(name) for name in table.names if name not in ROLES}
    return [
        {name: values[i] for name, values in read.items()}
        | {"others": {name: values[i] for name, values in others.items()}}
        for i in range(count)
    ]


def _zero_or_one(renewed: list[int | None]) -> None:
    for row, value in enumerate(renewed):
        if value not in (None, 0, 1):
            raise UserError(
                f"The column `renewed` holds {value} in row {row + 1}.",
                remedy="Write 1 where it renewed, 0 where it did not, nothing while nobody knows.",
                code="panel.label",
            )


def _money(value: Any, name: str, row: int) -> Decimal | None:
    if value is None or value == "" or value != value:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise UserError(
            f"The column `{name}` holds {value!r} in row {row + 1}, which is no amount.",
            remedy="Write amounts with a point and without a currency.",
            code="table.number",
        ) from error
