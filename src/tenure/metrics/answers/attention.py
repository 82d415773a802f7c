"""Portfolio balance: where the time goes against where the revenue is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tenure.kernel.money import ZERO, total
from tenure.kernel.unknown import Reason
from tenure.metrics.answers.book import at_risk_accounts
from tenure.metrics.answers.caseload import UNTOUCHED_DAYS, days_untouched
from tenure.metrics.answers.hours import HOUR, inside, sources, week_notes
from tenure.metrics.answers.opening import by_cut
from tenure.metrics.asked import Asked, Cut, Note, Result
from tenure.metrics.reading import Reading

MOST_ATTENDED = 3


def portfolio_attention_gap(reading: Reading, asked: Asked) -> Result:
    """Each account's share of the time that names an account, less its share of ARR on the last day."""
    day = asked.day
    then = replace(asked, as_of=day)
    rows = inside(reading, asked, asked.period)
    minutes: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        if row["account_id"] is not None:
            minutes[row["account_id"]] += row["minutes"]
    book = reading.ledger(
        as_of=day, rate_day=day, currency=asked.reporting_currency, grace_days=asked.grace_days
    )
    chosen = reading.begun_accounts(then)
    arr = {a: balance for a in chosen if (balance := book.balance(a, day)) > 0}
    untouched = days_untouched(reading, then) if reading.has("activities") else {}
    at_risk = at_risk_accounts(reading, day)
    parts, reasons = _parts(arr, minutes, untouched, at_risk)
    loose = total(row["minutes"] for row in rows if row["account_id"] is None) / HOUR
    cuts = []
    for key, own in by_cut(reading, then, sorted({*arr, *minutes})).items():
        few = set(own)
        made, why = _parts(_only(arr, few), _only(minutes, few), untouched, at_risk)
        cuts.append(Cut(key, made["top3_time_share"], len(own), made, why.get("top3_time_share")))
    return Result(
        value=None,
        unknown=None if arr else "undefined",
        components=parts | {"unattributed_hours": loose},
        reasons=reasons,
        cuts=cuts,
        n=len(arr),
        notes=[*week_notes(reading, asked.period), *_notes(reading)],
        rows=sources(rows),
    )


def _only(values: Mapping[str, Decimal], accounts: Collection[str]) -> dict[str, Decimal]:
    return {a: value for a, value in values.items() if a in accounts}


def _parts(
    arr: Mapping[str, Decimal],
    minutes: Mapping[str, Decimal],
    untouched: Mapping[str, int | None],
    at_risk: Collection[str],
) -> tuple[dict[str, Any], dict[str, Reason]]:
    names = sorted({*arr, *(a for a, own in minutes.items() if own)})
    time, revenue = _shares(minutes, names), _shares(arr, names)
    most = sorted((own for own in minutes.values()), reverse=True)[:MOST_ATTENDED]
    reasons: dict[str, Reason] = {}
    # No minutes at all: nothing was tracked. No ARR at all: there is nothing to share out.
    reasons |= {f"time_share.{a}": "no_data" for a in names if time[a] is None}
    reasons |= {f"arr_share.{a}": "undefined" for a in names if revenue[a] is None}
    gap = {
        a: None if (one := time[a]) is None or (other := revenue[a]) is None else float(one - other)
        for a in names
    }
    reasons |= {
        f"gap.{a}": "no_data" if time[a] is None else "undefined" for a in names if gap[a] is None
    }
    top = None if not total(minutes.values()) else _of(total(most), total(minutes.values()))
    if top is None:
        reasons["top3_time_share"] = "no_data"
    idle = [a for a in arr if not minutes.get(a)]
    lonely = [a for a in arr if (untouched.get(a) or 0) >= UNTOUCHED_DAYS]
    return {
        "time_share": {a: None if s is None else float(s) for a, s in time.items()},
        "arr_share": {a: None if s is None else float(s) for a, s in revenue.items()},
        "gap": gap,
        "no_time_accounts": sorted(idle),
        "neglected": sorted(a for a in {*idle, *lonely} if a not in at_risk),
        "top3_time_share": None if top is None else float(top),
    }, reasons


def _shares(values: Mapping[str, Decimal], names: Iterable[str]) -> dict[str, Fraction | None]:
    whole = total(values.values())
    return {a: _of(values.get(a, ZERO), whole) if whole else None for a in names}


def _of(part: Decimal, whole: Decimal) -> Fraction:
    return Fraction(part) / Fraction(whole)


def _notes(reading: Reading) -> list[Note]:
    if reading.has("risk_flags"):
        return []
    return [
        Note(
            "notice",
            "flags.unknown",
            "No risk flags have been delivered, so no account counts as at risk here.",
            "Import risk_flags; accounts at risk are then not called neglected.",
        )
    ]
