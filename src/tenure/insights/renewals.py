"""The table of renewals with the coverage before them, made of a workspace's facts (block B of rulings A8).

One row per account and renewal. The window of coverage ends 90 days before the renewal and starts 12 months before
that, or with the term if that is later: whoever has decided to leave stops answering, so later touches would read
the answer into the question. Does not promise that a recorded meeting was a good one.
Decisions: two-way-touches, coverage-window-of-a-renewal.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tenure.insights.coverage import COVERED_FROM, coverage_delta
from tenure.insights.coverage_result import CoverageDelta
from tenure.kernel.days import ONE_DAY, Period, add_months
from tenure.kernel.money import ZERO, total
from tenure.metrics.answers.clock import days_to_renewal
from tenure.metrics.answers.renewals import Outcome, outcomes_of
from tenure.metrics.asked import GRACE_DAYS, Asked
from tenure.metrics.derived.cadence_slots import ANY, slots_of
from tenure.metrics.derived.touches import MEETINGS
from tenure.metrics.reading import Reading
from tenure.signals.evidence import Evidence
from tenure.signals.renewal_facts import term_start

BEFORE = timedelta(days=90)
WINDOW_MONTHS = 12
MONTHS = 36
TWO_WAY_KINDS = (*MEETINGS, "call")
"""Kinds that are two-way when they took place; mail and chat are where the source says so."""


@dataclass(frozen=True, slots=True)
class Renewals:
    """Rows for `coverage_delta`, how many renewals were left out and why, and what they rest on.

    A row: account_id, due, window_start, window_end (the first day outside), renewed (None: still to come), slots_due,
    slots_attained, segment, arr, health (the last score on or before window_start; None without one).
    """

    rows: tuple[Mapping[str, Any], ...]
    left_out: Mapping[str, int]
    evidence: Evidence


def coverage_before_renewal(
    reading: Reading, *, as_of: date, months: int = MONTHS, threshold: float = COVERED_FROM
) -> CoverageDelta:
    """What coverage went with in the renewals of the last `months` months; see `coverage_delta`."""
    table = renewal_table(reading, as_of=as_of, months=months)
    names = ("renewed", "slots_due", "slots_attained", "segment", "arr", "health")
    found = coverage_delta(
        {name: [row[name] for row in table.rows] for name in names},
        threshold=threshold,
        evidence=table.evidence,
        renewed="renewed",
        planned="slots_due",
        completed="slots_attained",
        segment="segment",
        arr="arr",
        health="health",
    )
    return found.with_left_out(table.left_out)


def renewal_table(reading: Reading, *, as_of: date, months: int = MONTHS) -> Renewals:
    """The renewals that were due in the `months` months up to `as_of`, and the next one of each account in 12 months.

    Left out, and counted: still open inside grace, not live or in notice 90 days before, no window (a term of 90 days
    or less), and a window that overlaps that of the account's renewal before.
    """
    period = Period(add_months(as_of, -months), as_of + ONE_DAY)
    asked = _asked(reading, as_of, period)
    left_out: Counter[str] = Counter()
    past = _past(reading, asked, left_out)
    coming = _coming(reading, asked)
    plans, touched = _plans(reading), _two_way_days(reading, asked)
    scores = _scores(reading)
    rows = []
    for one in (*past, *coming):
        due, made = _kept(plans.get(one.account_id, ()), touched, one.window)
        rows.append(
            {
                "account_id": one.account_id,
                "due": one.due,
                "window_start": one.window.start,
                "window_end": one.window.end,
                "renewed": one.renewed,
                "slots_due": due,
                "slots_attained": made,
                "segment": (reading.accounts().get(one.account_id) or {}).get("segment"),
                "arr": one.arr,
                "health": _at(scores.get(one.account_id, ()), one.window.start),
            }
        )
    evidence = Evidence(
        n=0, events=0, method="",
        first=min((r["window_start"].isoformat() for r in rows), default=""),
        last=max((one.due.isoformat() for one in past), default=""),
        as_of=as_of.isoformat(), snapshot=int(getattr(reading.facts, "snapshot", 0)),
    )  # fmt: skip
    return Renewals(tuple(rows), dict(left_out), evidence)


@dataclass(frozen=True, slots=True)
class _One:
    account_id: str
    due: date
    window: Period
    renewed: bool | None
    arr: Decimal


def _asked(reading: Reading, as_of: date, period: Period) -> Asked:
    return Asked(
        metric="coverage_renewal_delta", as_of=as_of, maybe_period=period, by=None, where={},
        parameters={"renewal_grace_days": GRACE_DAYS, "due_date_convention": "end_date"},
        reporting_currency=reading.reporting_currency,
    )  # fmt: skip


def _past(reading: Reading, asked: Asked, left_out: Counter[str]) -> list[_One]:
    """Contracts due on one day are one renewal of the account; it renewed if any of them did."""
    chosen = frozenset(reading.known_accounts(asked.as_of))
    groups: dict[tuple[str, date], list[Outcome]] = defaultdict(list)
    for outcome in outcomes_of(reading, asked, asked.period, chosen):
        groups[outcome.due.account_id, outcome.due.ends].append(outcome)
    book = reading.timeline(as_of=asked.as_of, grace_days=asked.grace_days)
    found: list[_One] = []
    last_end: dict[str, date] = {}
    for (account_id, due), own in sorted(groups.items(), key=lambda g: (g[0][1], g[0][0])):
        contracts = [reading.contracts()[o.due.contract_id] for o in own]
        window = _window(due, min(term_start(c, due) for c in contracts), due - BEFORE)
        why = ""
        if all(o.due.is_open and o.renewed <= 0 for o in own):
            why = "still open inside grace"
        elif window is None:
            why = "a term of 90 days or less has no window"
        elif book.balance(account_id, window.end) <= 0:
            why = "not live 90 days before"
        elif any(c.notice_on is not None and c.notice_on <= window.end for c in contracts):
            why = "in notice 90 days before"
        elif window.start < last_end.get(account_id, date.min):
            why = "its window overlaps that of the renewal before"
        if why or window is None:
            left_out[why] += 1
            continue
        last_end[account_id] = window.end
        renewed = any(o.renewed > 0 for o in own)
        found.append(_One(account_id, due, window, renewed, total(o.renewable for o in own)))
    return found


def _window(due: date, term_start: date, end: date) -> Period | None:
    start = max(add_months(due - BEFORE, -WINDOW_MONTHS), term_start)
    return Period(start, end) if start < end else None


def _coming(reading: Reading, asked: Asked) -> list[_One]:
    """The next renewal of each account within 12 months, where nobody has given notice; with its ARR of today.

    Its window is 12 months long and ends 90 days before the renewal, or tomorrow if that is sooner.
    """
    clock = days_to_renewal(reading, asked).components
    leaving = set(clock["cancelled"])
    until = add_months(asked.as_of, WINDOW_MONTHS)
    ledger = reading.ledger(
        as_of=asked.as_of, rate_day=asked.as_of, currency=asked.reporting_currency,
        grace_days=asked.grace_days,
    )  # fmt: skip
    found = []
    for account_id, days in sorted(clock["by_account"].items()):
        due = None if days is None else asked.as_of + timedelta(days=days)
        if due is None or not asked.as_of < due <= until or account_id in leaving:
            continue
        arr = ledger.balance(account_id, asked.as_of)
        end = min(due - BEFORE, asked.as_of + ONE_DAY)
        if arr > ZERO:
            window = Period(add_months(end, -WINDOW_MONTHS), end)
            found.append(_One(account_id, due, window, None, arr))
    return found


def _plans(reading: Reading) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for plan in reading.rows("cadence_plans"):
        found[plan["account_id"]].append(plan)
    return found


def _two_way_days(reading: Reading, asked: Asked) -> Mapping[tuple[str, str], Sequence[date]]:
    """The days of qualifying touches that both sides took part in, by account and kind, `any` for all kinds."""
    if not reading.has("activities"):
        return {}
    touches = reading.relation("touches", asked.known)
    days = reading.relation("activity_days", asked.known)
    found: dict[tuple[str, str], list[date]] = defaultdict(list)
    for account_id, kind, day in reading.query(
        "select distinct touch.account_id, touch.activity_type, touch.day "  # noqa: S608 - our own names
        f"from {touches} as touch join {days} as held using (activity_id) "
        f"where held.direction = 'two_way' or touch.activity_type in {TWO_WAY_KINDS!r} order by touch.day"
    ):
        found[account_id, kind].append(day)
        found[account_id, ANY].append(day)
    return found


def _kept(
    plans: Iterable[Mapping[str, Any]],
    touched: Mapping[tuple[str, str], Sequence[date]],
    window: Period,
) -> tuple[int, int]:
    """Slots that ended in the window and those a touch came in, of the kind of touch kept worst (rulings A7)."""
    counts: dict[str, list[int]] = {}
    for plan in plans:
        kind = plan["touch_type"]
        days = touched.get((plan["account_id"], kind), ())
        for start, end in slots_of(plan, window.end):
            if end > window.start:
                count = counts.setdefault(kind, [0, 0])
                count[0] += 1
                count[1] += any(start <= day < end for day in days)
    if not counts:
        return 0, 0
    due, made = min(counts.values(), key=lambda c: (c[1] / c[0], -c[0]))
    return due, made


def _scores(reading: Reading) -> dict[str, list[tuple[date, Any]]]:
    found: dict[str, list[tuple[date, Any]]] = defaultdict(list)
    for row in reading.rows("health_scores"):
        found[row["account_id"]].append((row["score_date"], row["score"]))
    return {account_id: sorted(own) for account_id, own in found.items()}


def _at(scores: Sequence[tuple[date, Any]], day: date) -> Any:
    """The last score on or before the day; None without one."""
    before = [score for scored_on, score in scores if scored_on <= day]
    return before[-1] if before else None
