"""How many churns an account book could expect, told by all the other books and never by itself (decision expectation-without-the-book)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tenure.insights.logistic import design, fitted, probabilities

Floats = NDArray[np.float64]


def expected_churns(
    books: Sequence[str],
    churned: Floats,
    *,
    words: Mapping[str, Sequence[str]],
    numbers: Mapping[str, Floats],
) -> Floats:
    """Each account's expected churn: a logistic fit over the accounts of all books but its own.

    Args:
        books: whose book the account is in.
        churned: 1 or 0.
        words: columns of words, such as segment and type of renewal.
        numbers: columns of numbers, such as size, tenure and health when the book was taken over; NaN unknown.
    """
    owner = np.asarray(books, dtype=str)
    x = design(words, numbers).x
    # Rows in one order, so that the same table shuffled gives the same sums to the last bit.
    order = np.lexsort((*x.T, churned, owner))
    expected = np.empty(len(churned))
    for book in np.unique(owner):
        rows = order[owner[order] != book]
        own = owner == book
        expected[own] = probabilities(x[own], fitted(x[rows], churned[rows]))
    return expected
