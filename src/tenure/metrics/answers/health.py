"""Health over time: delta and slope over 90 days, falling before renewal, and the accounts that matter most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tenure.kernel.money import ZERO, total
from tenure.kernel.unknown import Reason
from tenure.kernel.wording import counted
from tenure.metrics.answers.clock import days_to_renewal
from tenure.metrics.answers.opening import by_cut
from tenure.metrics.asked import Asked, Cut, Note, Result
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.reading import Reading

WINDOW = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Score:
    """One score of an account; `is_of_newest` whether its model is the newest one's."""

    day: date
    score: Decimal
    is_of_newest: bool
    source: SourceRow


def _scores(reading: Reading, asked: Asked, since: date | None = None) -> dict[str, list[Score]]:
    """Scores by account in order of days, from the last one before `since` on."""
    made = reading.relation("score_windows", asked.known)
    first = since or date(1, 1, 1)
    found: dict[str, list[Score]] = defaultdict(list)
    for account_id, day, score, is_newest, key, file, line in reading.query(
        "select account_id, day, score, is_of_newest, source_key, source_file, source_line "  # noqa: S608 - our own name
        f"from {made} where day >= $first or day in (select max(older.day) from {made} as older "
        f"where older.account_id = {made}.account_id and older.day < $first) order by account_id, day",
        first=first,
    ):
        source = SourceRow("health_scores", key, file, line)
        found[account_id].append(Score(day, score, is_newest, source))
    return found


def health_score_delta_90d(reading: Reading, asked: Asked) -> Result:
    """The newest score less the one that held 90 days before, if one model made both."""
    chosen, then = reading.begun_accounts(asked), asked.as_of - WINDOW
    scores = _scores(reading, asked, then + timedelta(days=1))
    delta: dict[str, Decimal | None] = {}
    reasons: dict[str, Reason] = {}
    rows = []
    for account_id in chosen:
        own = scores.get(account_id, [])
        before = [s for s in own if s.day <= then and s.is_of_newest]
        delta[account_id] = own[-1].score - before[-1].score if before else None
        if before:
            rows += [own[-1].source, before[-1].source]
        else:
            reasons[f"by_account.{account_id}"] = "too_little_history" if own else "no_data"
    return Result(
        value=None,
        components={"by_account": delta},
        reasons=reasons,
        n=sum(1 for found in delta.values() if found is not None),
        rows=rows,
    )


@dataclass(frozen=True, slots=True)
class Slope:
    """Ordinary least squares of score on day over [as_of - 90, as_of], exact."""

    per_day: Fraction
    n: int
    level: Decimal

    @property
    def fitted_change(self) -> Fraction:
        """Points that the line moves in 90 days."""
        return self.per_day * WINDOW.days

    def direction(self, band: Any) -> str:
        """Falling or rising beyond the band, else flat."""
        limit = Fraction(str(band))
        if self.fitted_change < -limit:
            return "falling"
        return "rising" if self.fitted_change > limit else "flat"


def slopes(
    reading: Reading, asked: Asked, *, least: int = 2, span: int = 30
) -> dict[str, Slope | None]:
    """Per account with a score its slope; None where there are too few scores, or too close together."""
    found: dict[str, Slope | None] = {}
    since = asked.as_of - WINDOW
    for account_id, own in _scores(reading, asked, since).items():
        window = [s for s in own if s.day >= since and s.is_of_newest]
        enough = len(window) >= least and (window[-1].day - window[0].day).days >= span
        found[account_id] = _fitted(window, since) if enough else None
    return found


def _fitted(window: Sequence[Score], since: date) -> Slope:
    """Slope from sums of decimals, which are exact; one division at the end."""
    n, days = len(window), [(s.day - since).days for s in window]
    across = sum(days)
    up = n * total(x * s.score for x, s in zip(days, window, strict=True))
    up -= across * total(s.score for s in window)
    down = n * sum(x * x for x in days) - across * across
    return Slope(Fraction(up) / down, n, window[-1].score)


def health_score_slope_90d(reading: Reading, asked: Asked) -> Result:
    """Slope, the change it makes in 90 days, and the direction, per account."""
    chosen, parameters = reading.begun_accounts(asked), asked.parameters
    found = slopes(
        reading, asked, least=parameters["min_observations"], span=parameters["min_span_days"]
    )
    reasons: dict[str, Reason] = {
        f"by_account.{a}": "too_little_history" if a in found else "no_data"
        for a in chosen
        if found.get(a) is None
    }
    return Result(
        value=None,
        components={"by_account": {a: _shown(found.get(a), parameters) for a in chosen}},
        reasons=reasons,
        n=sum(1 for a in chosen if found.get(a) is not None),
        rows=[
            s.source
            for a, own in _scores(reading, asked, asked.as_of - WINDOW).items()
            for s in own
            if found.get(a) is not None
        ],
    )


def _shown(slope: Slope | None, parameters: Mapping[str, Any]) -> Any:
    if slope is None:
        return None
    return {
        "slope_per_day": float(slope.per_day),
        "fitted_change_90d": float(slope.fitted_change),
        "direction": slope.direction(parameters["flat_band_points"]),
        "level": slope.level,
        "n": slope.n,
    }


def falling_before_renewal(reading: Reading, asked: Asked) -> Result:
    """Accounts falling whose renewal lies between today and the window's end."""
    clock = days_to_renewal(reading, asked)
    begun = set(reading.begun_accounts(asked))
    days = {a: left for a, left in clock.components["by_account"].items() if a in begun}
    window, band = asked.parameters["renewal_window_days"], asked.parameters["flat_band_points"]
    near = [a for a, left in sorted(days.items()) if left is not None and 0 <= left <= window]
    found = slopes(reading, asked)
    falling = [a for a in near if (own := found.get(a)) and own.direction(band) == "falling"]
    return Result(
        value=len(falling),
        components={
            "flagged": falling,
            "unknown_slope": [a for a in near if found.get(a) is None],
            "days_to_renewal": days,
        },
        reasons={f"days_to_renewal.{a}": "undefined" for a, left in days.items() if left is None},
        n=len(near),
        rows=[source for source in clock.rows if source is not None],
    )


def strategic_account_health(reading: Reading, asked: Asked) -> Result:
    """The mean of the latest scores of enterprise and strategic accounts, weighed by ARR in force."""
    rows = reading.accounts()
    book = reading.ledger(
        as_of=asked.as_of,
        rate_day=asked.as_of,
        currency=asked.reporting_currency,
        grace_days=asked.grace_days,
        within=frozenset(reading.begun_accounts(asked)),
    )
    arr = {}
    for account_id in reading.begun_accounts(asked):
        row = rows.get(account_id)
        is_meant = row and (row["segment"] == "enterprise" or row["tier"] == "strategic")
        balance = book.balance(account_id, asked.as_of) if is_meant else ZERO
        if balance > 0:
            arr[account_id] = balance
    latest = {a: own[-1] for a, own in _scores(reading, asked, asked.as_of).items() if a in arr}
    unscored = [a for a in arr if a not in latest]
    value = _weighed(arr, latest, list(arr))
    cuts = [
        Cut(
            key,
            mean := _weighed(arr, latest, own),
            sum(1 for a in own if a in latest),
            {"scored_accounts": sum(1 for a in own if a in latest)},
            None if mean is not None else "undefined",
        )
        for key, own in by_cut(reading, asked, arr).items()
    ]
    notes = []
    if unscored:
        notes.append(
            Note(
                "notice",
                "health.unscored",
                f"{counted(len(unscored), 'account')} without a score, left out of the mean.",
                "Deliver health_scores for them.",
            )
        )
    return Result(
        value=value,
        unknown=None if value is not None else "undefined",
        components={"scored_accounts": len(latest), "unscored": unscored},
        cuts=cuts,
        n=len(latest),
        notes=notes,
        rows=[latest[a].source for a in arr if a in latest],
    )


def _weighed(
    arr: Mapping[str, Decimal], latest: Mapping[str, Score], accounts: Sequence[str]
) -> float | None:
    scored = [a for a in accounts if a in latest]
    if not scored:
        return None
    weight = total(arr[a] for a in scored)
    return float(Fraction(total(arr[a] * latest[a].score for a in scored)) / Fraction(weight))
