"""Worlds W14 to W16 and W18: a review's inputs, coverage and renewal, books, caseload. They know nothing of the methods.

Each takes a stream number and gives data whose truth is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHARES = (0.4, 0.3, 0.2, 0.1)
RENEWAL = (0.66, 0.79, 0.88, 0.95)
COVERAGE = (0.30, 0.50, 0.70, 0.85)


def draws(world: str, number: int) -> np.random.Generator:
    """The draws of one world in one stream."""
    return np.random.default_rng([number, *world.encode()])


def moved_values(number: int, sizes: tuple[int, int], shift: float) -> tuple[Floats, Floats]:
    """W14: normal values of two sets of accounts, the second moved by `shift` standard deviations."""
    r = draws("W14", number)
    return r.normal(size=sizes[0]), r.normal(size=sizes[1]) + shift


@dataclass(frozen=True)
class Renewals:
    """Renewals by stratum: which was covered, which renewed."""

    stratum: NDArray[np.int_]
    covered: NDArray[np.bool_]
    renewed: NDArray[np.bool_]


def coverage_world(number: int, size: int, difference: float) -> Renewals:
    """W15: better strata renew more and are covered more; the true difference is the same in all of them."""
    r = draws("W15", number)
    stratum = r.choice(len(SHARES), size=size, p=SHARES)
    covered = r.random(size) < np.array(COVERAGE)[stratum]
    chance = np.array(RENEWAL)[stratum] + np.where(covered, difference / 2, -difference / 2)
    return Renewals(stratum, covered, r.random(size) < np.clip(chance, 0, 1))


@dataclass(frozen=True)
class Books:
    """Books with their expected and observed churns; the first is the planted one."""

    expected: Floats
    observed: NDArray[np.int_]


def books_world(
    number: int,
    *,
    books: int = 20,
    variance: float = 0.0,
    planted: tuple[float, float] | None = None,
) -> Books:
    """W16: books of 1.5 to 9 expected churns, true ratios of mean 1 and `variance`; one planted with E and its ratio."""
    r = draws("W16", number)
    expected = r.uniform(1.5, 9.0, books)
    ratio = r.gamma(1 / variance, variance, books) if variance > 0 else np.ones(books)
    if planted is not None:
        expected[0], ratio[0] = planted
    return Books(expected, r.poisson(expected * ratio))


@dataclass(frozen=True)
class Months:
    """One row per CSM and month: book size, touches due and made."""

    csm: NDArray[np.int_]
    month: NDArray[np.int_]
    size: NDArray[np.int_]
    due: NDArray[np.int_]
    made: NDArray[np.int_]


def caseload_world(number: int, *, csms: int, months: int, line: int, spread: float) -> Months:
    """W18: coverage is .92 in small books and falls with size, through .80 at `line`; CSMs differ by `spread` in logit.

    Books of 20 to 80 accounts drift by a few a month; half of the accounts are due in any month.
    """
    r = draws("W18", number)
    who, month = (part.ravel() for part in np.meshgrid(range(csms), range(months), indexing="ij"))
    start = r.integers(20, 81, csms)
    size = np.clip(start[who] + r.integers(-6, 7, len(who)), 15, 90)
    logit = np.log(0.8 / 0.2) - np.maximum(-1.05, (size - line) * 0.05)
    logit = logit + r.normal(0, spread, csms)[who] if spread else logit
    due = np.maximum(1, size // 2)
    return Months(who, month, size, due, r.binomial(due, 1 / (1 + np.exp(-logit))))
