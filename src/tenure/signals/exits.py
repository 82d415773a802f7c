"""Who was a customer on a day and who left within the days after it: the label of a panel, from the facts.

An account leaves when its ARR in force falls to nothing. The decision is earlier than the end of the contract: where a
notice was recorded, its day counts (`statistics.md` has the reasons; ours is the 366 days before the end).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from tenure.metrics.asked import GRACE_DAYS
from tenure.metrics.reading import Reading

ChurnFrom = Literal["contracts", "statements"]
NOTICE_WITHIN = timedelta(days=366)
"""How long before an exit a notice can have been given for it to be this exit's."""
STEP = 7


@dataclass(frozen=True, slots=True)
class Exit:
    """One account's leaving: when its ARR ended, when that was decided, and how, as far as is known."""

    effective: date
    decided: date
    kind: str


def exits(reading: Reading, as_of: date) -> dict[str, list[Exit]]:
    """Every account's exits up to `as_of`, in order; one that came back may have several."""
    ledger = reading.timeline(as_of=as_of, grace_days=GRACE_DAYS)
    notices: dict[str, list[date]] = defaultdict(list)
    kinds: dict[str, str] = {}
    for row in reading.rows("contracts"):
        if row["notice_date"] is not None:
            notices[row["account_id"]].append(row["notice_date"])
        if row["exit_kind"]:
            kinds[row["account_id"]] = row["exit_kind"]
    found: dict[str, list[Exit]] = {}
    for account_id in ledger.accounts():
        for move in ledger.moves(account_id):
            if move.type != "churn" or move.day > as_of:
                continue
            given = [d for d in notices[account_id] if move.day - NOTICE_WITHIN <= d <= move.day]
            decided = max(given, default=move.day)
            one = Exit(move.day, decided, kinds.get(account_id, ""))
            found.setdefault(account_id, []).append(one)
    return found


def stated_exits(reading: Reading, as_of: date) -> dict[str, list[Exit]]:
    """The first churn of each account that a source itself states as an event, up to `as_of`.

    For companies whose contracts do not end when a customer goes. Of an account that is said to have gone twice the
    first time counts; what came after is another company's story.
    """
    found: dict[str, Exit] = {}
    for row in reading.rows("churn_statements") if reading.has("churn_statements") else ():
        day = row["stated_on"]
        if row["kind"] != "event" or day is None or day > as_of:
            continue
        known = found.get(row["account_id"])
        if known is None or day < known.effective:
            found[row["account_id"]] = Exit(day, day, "")
    return {account_id: [one] for account_id, one in found.items()}


def landmarks(first: date, last: date, horizon_days: int) -> tuple[date, ...]:
    """Days so far apart that their windows do not overlap, the last one's window ending on `last` or before.

    Sundays, so that weekly numbers see whole weeks; in order.
    """
    apart = timedelta(days=-(-horizon_days // STEP) * STEP)
    day = last - timedelta(days=horizon_days)
    day -= timedelta(days=(day.weekday() + 1) % STEP)
    found = []
    while day >= first:
        found.append(day)
        day -= apart
    return tuple(reversed(found))


def live_on(
    reading: Reading, days: Sequence[date], as_of: date
) -> Iterable[tuple[date, str, Decimal]]:
    """Each landmark's accounts with ARR in force, and how much, every currency at one."""
    ledger = reading.timeline(as_of=as_of, grace_days=GRACE_DAYS)
    for day in days:
        for account_id in ledger.accounts():
            arr = ledger.balance(account_id, day)
            if arr > 0:
                yield day, account_id, arr


def labelled(
    reading: Reading,
    days: Sequence[date],
    values: Iterable[Mapping[str, Any]],
    *,
    as_of: date,
    horizon_days: int,
    churn_from: ChurnFrom = "contracts",
) -> list[dict[str, Any]]:
    """A panel's rows: account, as_of, churned within the horizon, segment, arr, and when it began, decided and how.

    Args:
        reading: the facts with what is known now, for what became of the accounts.
        days: the landmarks.
        values: rows of a history with the metrics as they were known on each landmark.
        as_of: the day up to which outcomes are complete.
        horizon_days: how far the label looks ahead.
        churn_from: whether an account left when its contracts ended, or when the source says so; then it is no
            longer there from that day on, whatever contracts it has.
    """
    is_stated = churn_from == "statements"
    left = (stated_exits if is_stated else exits)(reading, as_of)
    accounts = reading.accounts()
    held = {(row["as_of"], row["account_id"]): row for row in values}
    rows = []
    for day, account_id, arr in live_on(reading, days, as_of):
        told = held.get((day, account_id))
        if told is None or (
            is_stated and account_id in left and left[account_id][0].effective <= day
        ):
            continue
        coming = next((one for one in left.get(account_id, ()) if one.effective > day), None)
        ahead = day + timedelta(days=horizon_days)
        row = accounts.get(account_id) or {}
        numbers = {n: v for n, v in told.items() if n not in ("as_of", "account_id")}
        rows.append(
            {
                "account": account_id,
                "as_of": day,
                "churned": int(coming is not None and day < coming.decided <= ahead),
                "segment": row.get("segment"),
                "arr": arr,
                "started": reading.began(account_id),
                "notice": coming.decided if coming and coming.decided < coming.effective else None,
                "decided_on": coming.decided if coming and coming.decided <= ahead else None,
                "exit_kind": coming.kind if coming and coming.decided <= ahead else "",
                **numbers,
            }
        )
    return rows
