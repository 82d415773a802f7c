"""What the columns of an analyst's table are called, and yes or no as people write it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from tenure.kernel.errors import UnknownName, UserError
from tenure.signals.plain import Plain

Floats = NDArray[np.float64]

YES = frozenset({"true", "yes", "1", "1.0"})
NO = frozenset({"false", "no", "0", "0.0"})


def known_words(columns: Mapping[str, str], valid: Iterable[str], *, where: str) -> None:
    """Nothing, where every role a column is given is one that the question knows.

    Raises:
        UnknownName: one is not; it lists the nearest.
    """
    for word in columns:
        if word not in valid:
            raise UnknownName("role of a column", word, valid, where=where)


def yes_no(table: Plain, name: str) -> Floats:
    """A column of yes and no as 1 and 0, NaN where it is empty.

    Raises:
        UserError: a value is neither.
    """
    found = np.full(len(table), np.nan)
    for row, said in enumerate(table.words(name)):
        word = said.strip().lower()
        if word in YES or word in NO:
            found[row] = float(word in YES)
        elif word:
            raise UserError(
                f"The column `{name}` holds `{said}` in row {row + 1}, where yes or no is wanted.",
                remedy="Write true or false, or 1 or 0; leave it empty where it is not known.",
                code="table.yes_no",
            )
    return found
