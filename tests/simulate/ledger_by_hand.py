"""ARR from the files alone, day by day and the slow way: the counterpart of the simulator's own truth."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

GRACE = timedelta(days=30)
Row = dict[str, str]


def rows(folder: Path, table: str) -> list[Row]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def arr_of(line: Row) -> Decimal:
    if line["kind"] != "recurring" or line["is_trial"] == "true":
        return Decimal(0)
    if line["arr"]:
        return Decimal(line["arr"])
    return Decimal(line["amount"]) * 12 / Decimal(line["interval_months"])


def covered_until(contract: Row, successor: date | None, last: date) -> date | None:
    """Where the cover of a contract stops, read by the rules: link, grace, automatic renewal, cancellation."""
    end = day(contract["end_date"])
    if end is None:
        return successor
    if successor is not None and successor - end <= GRACE:
        return successor
    if (
        contract["auto_renew"] == "true"
        and not contract["notice_date"]
        and contract["status"] == "active"
    ):
        return None
    if successor is None and contract["status"] == "active" and not contract["notice_date"]:
        return None if last < end + GRACE else end
    return end


def spans(folder: Path, last: date) -> dict[str, list[tuple[date, date | None, Decimal]]]:
    """By account: start, end and ARR of every recurring line."""
    contracts = {row["contract_id"]: row for row in rows(folder, "contracts")}
    starts = {
        r["renews_contract_id"]: day(r["start_date"])
        for r in contracts.values()
        if r["renews_contract_id"]
    }
    found: dict[str, list[tuple[date, date | None, Decimal]]] = {}
    for line in rows(folder, "contract_lines"):
        contract, arr = contracts[line["contract_id"]], arr_of(line)
        start = day(line["start_date"])
        assert start is not None
        stops = covered_until(contract, starts.get(contract["contract_id"]), last)
        own = day(line["end_date"])
        if own is not None and own != day(contract["end_date"]):
            stops = own if stops is None else min(own, stops)
        if arr and (stops is None or start < stops):
            found.setdefault(contract["account_id"], []).append((start, stops, arr))
    return found


def steps(
    spans_of_one: list[tuple[date, date | None, Decimal]], last: date
) -> list[tuple[date, Decimal]]:
    """Days on which ARR moved up to `last`, with the ARR after."""
    moves: dict[date, Decimal] = {}
    for start, end, arr in spans_of_one:
        moves[start] = moves.get(start, Decimal(0)) + arr
        if end is not None:
            moves[end] = moves.get(end, Decimal(0)) - arr
    found, total = [], Decimal(0)
    for when in sorted(moves):
        total += moves[when]
        if moves[when] and when <= last:
            found.append((when, total))
    return found
