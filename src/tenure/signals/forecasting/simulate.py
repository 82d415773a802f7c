"""Ten thousand ways a period can go: common shock, people's calls, leaving, shrinking, growing.

Amounts are float inside: a draw is an estimate and no book entry. What goes in and out of the door is Decimal.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tenure.signals.forecasting.settled import Settled
from tenure.signals.forecasting.shock import Spread
from tenure.signals.forecasting.sizes import Moves
from tenure.signals.health_score.fit import expit, logit
from tenure.signals.health_score.inputs import Floats
from tenure.signals.health_score.recalibrate import INTERCEPT_FROM, SLOPE_FROM, line

DRAWS = 10_000
CELLS = 1_000_000
"""Draws x accounts at a time: memory stays small however many renew."""


@dataclass(frozen=True, slots=True, eq=False)
class Renewing:
    """The accounts that renew: amount before, probability of leaving, shift by call, segment.

    `lines` are bootstrap draws of the calibration, one (a, b) a row; `moves` is None where no past renewal says how
    amounts move, and then nobody shrinks or grows. `settled` is the same in every draw.
    """

    amount: Floats
    p: Floats
    shift: Floats
    segments: tuple[str, ...]
    moves: Moves | None = None
    lines: Floats = field(default_factory=lambda: np.array([[0.0, 1.0]]))
    settled: Settled = Settled()


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Gross and net retention in every draw, each account's share of the variance of gross, mean amount kept."""

    grr: Floats
    nrr: Floats
    shares: Floats
    kept: Floats
    after: Floats


def simulate(
    book: Renewing, shock: Spread | None, draws: np.random.Generator, count: int = DRAWS
) -> Draws:
    """`count` draws of the period. Without `shock` accounts are independent.

    An account's share of the variance is its loss's covariance with the total, over the variance of the total: the
    shares add up to 1.
    """
    n = len(book.amount)
    known = book.settled
    total = float(book.amount.sum()) + known.before
    tau = np.zeros(count) if shock is None else shock.draw(draws, count)
    u = tau * draws.standard_normal(count)
    line = book.lines[draws.integers(0, len(book.lines), count)]
    eta = logit(book.p)
    grr, nrr = np.empty(count), np.empty(count)
    kept, after, cross = np.zeros(n), np.zeros(n), np.zeros(n)
    for some in np.array_split(np.arange(count), max(1, -(-count * n // CELLS))):
        odds = line[some, :1] + line[some, 1:] * eta[None, :] + book.shift + u[some, None]
        stays = draws.random(odds.shape) >= expit(odds)
        ratio = stays.astype(float)
        if book.moves is not None:
            ratio *= book.moves.draw(draws, book.segments, len(some))
        low = np.minimum(ratio, 1.0)
        grr[some] = (low @ book.amount + known.kept) / total
        nrr[some] = (ratio @ book.amount + known.after) / total
        kept += low.sum(axis=0)
        after += ratio.sum(axis=0)
        cross += low.T @ grr[some]
    mean_kept = kept / count
    covariance = book.amount / total * (cross / count - mean_kept * grr.mean())
    variance = float(covariance.sum())
    shares = covariance / variance if variance > 0 else np.zeros(n)
    return Draws(grr, nrr, shares, mean_kept * book.amount, after / count * book.amount)


def calibration_lines(p: Floats, y: Floats, draws: np.random.Generator, count: int = 200) -> Floats:
    """Bootstrap draws of the calibration's intercept and slope, around (0, 1).

    The probabilities given are taken as calibrated, so the draws say how sure that is and move nothing: a past
    period's common shock is not carried on. The slope stays 1 below 50 events; below 10 nothing is drawn.
    """
    events = int(y.sum())
    if events < INTERCEPT_FROM or events == len(y):
        return np.array([[0.0, 1.0]])
    slope = events >= SLOPE_FROM
    made = []
    for _ in range(count):
        weight = np.bincount(draws.integers(0, len(y), len(y)), minlength=len(y)).astype(float)
        made.append(line(p, y, slope=slope, weight=weight))
    found = np.array(made)
    return np.asarray(found - found.mean(axis=0) + np.array([0.0, 1.0]))
