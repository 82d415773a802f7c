"""`tenure.signals.forecast(frame)`: what the renewals of a period will keep, as a range, and who makes it wide."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from tenure.kernel.unknown import Unknown
from tenure.signals.evidence import Evidence
from tenure.signals.forecasting.calls import Call, calls
from tenure.signals.forecasting.record import Record, record, renewing
from tenure.signals.forecasting.renewals import Columns, Renewals, read_renewals
from tenure.signals.forecasting.shock import Spread, spread
from tenure.signals.forecasting.simulate import DRAWS, Draws, calibration_lines, simulate
from tenure.signals.health_score.inputs import Floats
from tenure.signals.streams import stream

METHOD = "forecast/1: Monte Carlo with a common shock per period"
CENT = Decimal("0.01")
MOST = 5
"""Contributors to the variance that are named."""


@dataclass(frozen=True, slots=True)
class Range:
    """The 10th, 50th and 90th percentile of the draws, and their mean; shares, 0 to 1 for gross."""

    p10: float
    p50: float
    p90: float
    expected: float


@dataclass(frozen=True, slots=True)
class Contributor:
    """An account's share of the variance of gross retention; all shares add up to 1."""

    account: str
    share: float
    arr: Decimal


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """Gross and net retention of a period's renewals, and the money they stand for.

    `before` is the sum that renews; `kept` what gross retention keeps of it (10th, 50th, 90th percentile, mean),
    rounded to cents after the draws. `nrr` is unknown where no past renewal says how amounts grow. `reaches` is
    P(gross >= target), None without a target.
    """

    grr: Range
    nrr: Range | Unknown
    before: Decimal
    kept: dict[str, Decimal]
    target: float | None
    reaches: float | None
    contributors: tuple[Contributor, ...]
    shock: Spread
    calls: dict[str, Call]
    record: Record
    evidence: Evidence
    notes: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """One sentence for people."""
        g = self.grr
        told = f"Gross retention most likely lies between {g.p10:.0%} and {g.p90:.0%}, in the middle {g.p50:.0%}."
        if self.contributors and self.contributors[0].share >= 0.25:
            first = self.contributors[0]
            told += f" {first.account} alone is {first.share:.0%} of the uncertainty."
        return told

    def to_dict(self) -> dict[str, Any]:
        """Plain values; money as text."""
        nrr = self.nrr
        return {
            "says": self.says,
            "grr": asdict(self.grr),
            "nrr": {"unknown": nrr.reason, "says": nrr.says}
            if isinstance(nrr, Unknown)
            else asdict(nrr),
            "before": str(self.before),
            "kept": {name: str(value) for name, value in self.kept.items()},
            "target": self.target,
            "reaches": self.reaches,
            "contributors": [asdict(one) | {"arr": str(one.arr)} for one in self.contributors],
            "shock": self.shock.to_dict(),
            "calls": [asdict(one) for one in self.calls.values()],
            "record": self.record.to_dict(),
            "evidence": self.evidence.to_dict(),
            "notes": list(self.notes),
        }


def forecast(
    frame: Any,
    *,
    past: Any = None,
    columns: Columns | None = None,
    target: float | None = None,
    number: int = 0,
) -> Forecast | Unknown:
    """The distribution of gross and net retention over the accounts that renew in a period.

    Args:
        frame: one row per renewal to come: `account`, `arr` (before), `p_churn` (calibrated); `segment` and `call`
            where known. With `after` (ARR after the renewal) a row is settled: signed, or given notice of.
        past: past renewals with `period`, `outcome` (1 left), `arr`, `p_churn` as told then; `after`, `segment` and
            `call` where known. Says how much periods differ, how amounts move, what calls are worth, and how good
            earlier forecasts were. Without it the spread between periods is the prior.
        columns: what the columns are called.
        target: gross retention to reach, 0 to 1.
        number: of the stream of draws.

    Returns:
        Unknown("no_data") without a row, Unknown("undefined") where nothing is paid.

    Raises:
        UserError: an amount, probability or outcome is missing or impossible.
    """
    columns = columns or Columns()
    book = read_renewals(frame, columns, past=False)
    if not len(book):
        return Unknown("no_data", "No account renews in this period.")
    before = sum(book.arr, Decimal(0))
    if before == 0:
        return Unknown("undefined", "The accounts that renew pay nothing.")
    history = _none() if past is None else read_renewals(past, columns, past=True)
    shock = spread(history.by_period())
    lines = calibration_lines(history.p, history.outcome, stream(number, "forecast.calibration"))
    open_, settled = book.open(), book.settled()
    renews = replace(renewing(open_, history), lines=lines, settled=settled)
    drawn = simulate(renews, shock, stream(number, "forecast"), DRAWS)
    moves = history.moves() is not None
    grr = _range(drawn.grr)
    nrr = (
        _range(drawn.nrr) if moves else Unknown("no_data", "No past renewal says how amounts grow.")
    )
    return Forecast(
        grr,
        nrr,
        before,
        {name: (before * Decimal(value)).quantize(CENT) for name, value in asdict(grr).items()},
        target,
        None if target is None else float((drawn.grr >= target).mean()),
        _contributors(open_, drawn),
        shock,
        calls(history.words, history.p, history.outcome),
        record(history, number),
        _evidence(book, history, number),
        _notes(shock, moves=moves),
    )


def _range(values: Floats) -> Range:
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9]).tolist()
    return Range(low, middle, high, float(values.mean()))


def _contributors(book: Renewals, drawn: Draws) -> tuple[Contributor, ...]:
    order = np.argsort(-drawn.shares, kind="stable")[:MOST]
    return tuple(
        Contributor(book.accounts[i], float(drawn.shares[i]), book.arr[i]) for i in order.tolist()
    )


def _evidence(book: Renewals, history: Renewals, number: int) -> Evidence:
    periods = sorted(set(history.periods))
    events = 0 if not len(history) else int(history.outcome.sum())
    first, last = (periods[0], periods[-1]) if periods else ("", "")
    return Evidence(len(book), events, METHOD, first, last, stream=number)


def _notes(shock: Spread, *, moves: bool) -> tuple[str, ...]:
    notes = []
    if not shock.periods:
        notes.append("No past period: how much periods differ beyond chance is an assumption.")
    if not moves:
        notes.append("Only leaving is in the range: no past renewal says how often amounts shrink.")
    return tuple(notes)


def _none() -> Renewals:
    nothing = np.empty(0)
    return Renewals([], [], nothing, [], [], [], nothing, nothing)
