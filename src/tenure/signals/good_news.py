"""Who expanded and who became an advocate within the days after a landmark: the labels of good news, from the facts.

An account expands when its ARR in force rises and it was above nothing before; a ramp step agreed at the signing is
none, nor is a change of currency. It was decided on the day the deal was won or the contract signed, where one of
these is known. An account becomes an advocate with the first thing it did for us: a reference, a published story or
review, a meeting of the advisory board, a referral. What it said in a survey counts for nothing here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tenure.kernel.money import ZERO
from tenure.metrics.asked import GRACE_DAYS
from tenure.metrics.derived.arr_movements import Change
from tenure.metrics.reading import Reading
from tenure.signals.exits import Exit, exits, live_on
from tenure.signals.question import Question

WON_WITHIN = timedelta(days=90)
"""How long before an expansion a deal can have been won, or a contract signed, for it to be this expansion's."""
MERGED = ("merged", "acquired")


@dataclass(frozen=True, slots=True)
class Happened:
    """One good event of an account: the day it took effect and the day it was decided."""

    effective: date
    decided: date


def expansions(reading: Reading, as_of: date) -> dict[str, list[Happened]]:
    """Every account's expansions up to `as_of`, in order of the day they took effect.

    Source: metrics G14 and 5.3 (movement type expansion), without ramp steps. Decision: what-counts-as-good-news.
    """
    won, signed = _won(reading), _signed(reading)
    found: dict[str, list[Happened]] = {}
    for account_id, changes in reading.changes(as_of, GRACE_DAYS).items():
        before = date.min
        for change in changes:
            if change.day > as_of or not _grew(change):
                continue
            first = max(
                change.day - WON_WITHIN, before
            )  # a deal is that of the first growth after it
            told = [d for d in won.get(account_id, ()) if first < d <= change.day]
            told += [d for d in signed.get((account_id, change.day), ()) if first < d <= change.day]
            one = Happened(change.day, min(told, default=change.day))
            found.setdefault(account_id, []).append(one)
            before = change.day
    return found


def _grew(change: Change) -> bool:
    """It paid before and pays more now: in no currency less, in one more than a ramp step brought."""
    if not any(amount > ZERO for amount in change.before.values()):
        return False
    moved = {
        currency: change.after.get(currency, ZERO) - change.before.get(currency, ZERO)
        for currency in (*change.before, *change.after)
    }
    beyond_ramp = any(by > max(ZERO, change.ramp.get(of, ZERO)) for of, by in moved.items())
    return beyond_ramp and min(moved.values()) >= ZERO


def _won(reading: Reading) -> dict[str, list[date]]:
    """The days on which expansion deals were won, by account."""
    found: dict[str, list[date]] = defaultdict(list)
    for row in reading.rows("opportunities"):
        won = row["stage"] == "closed_won" and row["opportunity_type"] == "expansion"
        if won and row["account_id"] is not None and row["close_date"] is not None:
            found[row["account_id"]].append(row["close_date"])
    return found


def _signed(reading: Reading) -> dict[tuple[str, date], list[date]]:
    """The days on which contracts were signed, by account and first day."""
    found: dict[tuple[str, date], list[date]] = defaultdict(list)
    for row in reading.rows("contracts"):
        if row["signed_date"] is not None and row["start_date"] is not None:
            found[row["account_id"], row["start_date"]].append(row["signed_date"])
    return found


def first_acts(reading: Reading, as_of: date) -> dict[str, list[Happened]]:
    """Each account's first act of advocacy up to `as_of`: done, not merely agreed, and no referral to itself."""
    if not reading.has("advocacy_events"):
        return {}
    steps = reading.relation("advocacy_steps", {})
    first = reading.query(
        f"select account_id, min(event_date)::date from {steps} "  # noqa: S608 - our own name
        "where is_done and not is_own_company and event_date <= $as_of group by account_id",
        as_of=as_of,
    )
    return {account_id: [Happened(day, day)] for account_id, day in first if day is not None}


def labelled_good(
    reading: Reading,
    days: Sequence[date],
    values: Iterable[Mapping[str, Any]],
    asked: Question,
    *,
    as_of: date,
    horizon_days: int,
) -> tuple[list[dict[str, Any]], Counter[str]]:
    """A panel's rows: account, as_of, the label within the horizon, segment, arr, when it began and how it left.

    Left out, and counted by reason: `already_decided` where an expansion was agreed but not yet in force,
    `already_advocate` where an account had acted before. Of an account that gave notice `notice` is the day.

    Args:
        reading: the facts with what is known now, for what became of the accounts.
        days: the landmarks.
        values: rows of a history with the metrics as they were known on each landmark.
        asked: grow or advocate.
        as_of: the day up to which outcomes are complete.
        horizon_days: how far the label looks ahead.
    """
    grows = asked.asked == "grow"
    came = (expansions if grows else first_acts)(reading, as_of)
    left, accounts = exits(reading, as_of), reading.accounts()
    held = {(row["as_of"], row["account_id"]): row for row in values}
    rows: list[dict[str, Any]] = []
    out: Counter[str] = Counter()
    for day, account_id, arr in live_on(reading, days, as_of):
        told = held.get((day, account_id))
        if told is None:
            continue
        why = _why_out(came.get(account_id, ()), day, grows=grows)
        if why:
            out[why] += 1
            continue
        ahead = day + timedelta(days=horizon_days)
        coming = [one for one in came.get(account_id, ()) if day < one.decided <= ahead]
        leaves = next((e for e in left.get(account_id, ()) if e.effective > day), None)
        numbers = {n: v for n, v in told.items() if n not in ("as_of", "account_id")}
        rows.append(
            {
                "account": account_id,
                "as_of": day,
                asked.label: int(bool(coming)),
                "segment": (accounts.get(account_id) or {}).get("segment"),
                "arr": arr,
                "started": reading.began(account_id),
                "decided_on": coming[0].decided if coming else None,
                **_leaving(leaves, ahead),
                **numbers,
            }
        )
    return rows, out


def _why_out(own: Sequence[Happened], day: date, *, grows: bool) -> str:
    if grows:
        agreed = any(one.decided <= day < one.effective for one in own)
        return "already_decided" if agreed else ""
    return "already_advocate" if any(one.decided <= day for one in own) else ""


def _leaving(leaves: Exit | None, ahead: date) -> dict[str, Any]:
    """Notice that was given, and a merger inside the window: who is gone can neither grow nor refuse to."""
    if leaves is None:
        return {"notice": None, "exit_kind": ""}
    merged = leaves.kind in MERGED and leaves.decided <= ahead
    return {
        "notice": leaves.decided if leaves.decided < leaves.effective else None,
        "exit_kind": leaves.kind if merged else "",
    }
