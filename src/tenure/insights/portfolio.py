"""How a book did, compared with what such a book could expect: a funnel without an order of people.

Half of all books are below average, so an average says nothing of anyone. What is asked is whether a book did worse
than its own accounts let expect, by more than chance. Books stand in the order of their names; nothing here sorts,
ranks or colours people, and a book too small to carry a comparison is withheld.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenure.insights.columns import known_words, yes_no
from tenure.insights.expected import expected_churns
from tenure.insights.limits import (
    ONE_SIDED,
    Limits,
    dispersion,
    limits,
    seen_at,
    shape,
    shrunken,
)
from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Unknown
from tenure.kernel.wording import counted
from tenure.signals.evidence import Evidence
from tenure.signals.plain import Plain
from tenure.signals.rates import NOWHERE, Interval

Floats = NDArray[np.float64]

WORDS = ("segment", "renewal_type")
NUMBERS = ("size", "tenure", "health")
COLUMNS = ("csm", "churned", "expected", *WORDS, *NUMBERS)
LEAST_EXPECTED = 3.0
LEAST_CHURNS = 10
AS_PREDICTED = "as this book predicts"


@dataclass(frozen=True, slots=True)
class Book:
    """One book in one period. Where `withheld` is set, every number but the accounts is unknown.

    `ratio` is O/E, `shrunken` the empirical-Bayes ratio with 90 % limits, `within_95` and `within` the counts inside
    the 95 % and 99.8 % limits, `noticeable_from` the ratio the book would need to be noticeable at all, and
    `sees_double` how often (0 to 1) a book with twice the expected churn would be noticed in such a period.
    """

    csm: str
    accounts: int
    says: str
    observed: int | None = None
    expected: float | None = None
    ratio: float | None = None
    shrunken: Interval = NOWHERE
    within_95: Limits | None = None
    within: Limits | None = None
    stands_out: bool = False
    noticeable_from: float | None = None
    sees_double: float | None = None
    withheld: Unknown | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        made = {name: getattr(self, name) for name in self.__slots__}
        for name in ("within_95", "within", "withheld"):
            made[name] = None if made[name] is None else asdict(made[name])
        return {**made, "shrunken": self.shrunken.to_list()}


@dataclass(frozen=True, slots=True)
class Funnel:
    """All books of a period in the order of their names, with the k of shrinkage and the dispersion factor."""

    books: tuple[Book, ...]
    k: float
    dispersion: float
    says: str
    left_out: Mapping[str, int]
    evidence: Evidence
    order: str = "by name"
    refused: Unknown | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "books": [book.to_dict() for book in self.books],
            "k": None if math.isnan(self.k) else self.k,
            "dispersion": None if math.isnan(self.dispersion) else self.dispersion,
            "says": self.says,
            "left_out": dict(self.left_out),
            "evidence": self.evidence.to_dict(),
            "order": self.order,
            "refused": None if self.refused is None else asdict(self.refused),
        }


def csm_funnel(frame: Any, *, evidence: Evidence | None = None, **columns: str) -> Funnel:
    """Observed against expected churns by book, with limits outside which a question is worth asking.

    Args:
        frame: one row per account of the period.
        evidence: what is known of the table's days and snapshot.
        **columns: names of the columns: `csm` (whose book) and `churned` (yes or no), and either `expected` (the
            churn expected of the account, 0 to 1, made without its book) or some of `segment`, `renewal_type`,
            `size`, `tenure` and `health` as they were when the CSM took the account over or at the start of the
            period; never what the CSM has influenced since.

    Returns:
        Books in the order of their names; one with fewer than 3 expected churns is withheld. Refused
        (`too_little_history`) below 10 churns where expectations must be fitted, (`no_data`) below 2 books.

    Raises:
        UserError: columns are missing or hold something else.
        UnknownName: a column's name, or a word in `columns`, is not known.

    Source:
        Spiegelhalter 2005 for funnel and dispersion.
    """
    table = Plain(frame)
    _check(columns)
    owners, churned = table.words(columns["csm"]), yes_no(table, columns["churned"])
    kept = np.array([bool(o) for o in owners], dtype=bool) & ~np.isnan(churned)
    based = _based(evidence, int(kept.sum()), int(np.nansum(churned[kept])))
    names = np.array(owners, dtype=str)[kept]
    left_out = {"no owner, or no outcome": int((~kept).sum())} if not kept.all() else {}
    refused = _refusal(names, based.events, columns)
    if refused is not None:
        return Funnel((), math.nan, math.nan, refused.says, left_out, based, refused=refused)
    each = _expected(table, columns, kept, names, churned[kept])
    own = [names == name for name in np.unique(names)]
    observed = np.array([churned[kept][o].sum() for o in own])
    expected = np.array([math.fsum(each[o]) for o in own])
    k, phi = shape(observed, expected), dispersion(observed, expected)
    books = tuple(
        _book(str(name), int(o.sum()), int(seen), float(e), (k, phi))
        for name, o, seen, e in zip(np.unique(names), own, observed, expected, strict=True)
    )
    return Funnel(books, k, phi, _says(books), left_out, based)


def _check(columns: Mapping[str, str]) -> None:
    known_words(columns, COLUMNS, where="csm_funnel")
    fits = [word for word in (*WORDS, *NUMBERS) if word in columns]
    if "csm" not in columns or "churned" not in columns or bool(fits) == ("expected" in columns):
        raise UserError(
            "The table's books, their outcome or what they could expect is not named, or expectation is named twice.",
            remedy="Name `csm`, `churned`, and either `expected` or columns to expect from, such as `segment` and `size`.",
            where="csm_funnel",
            code="books.columns",
        )


def _based(evidence: Evidence | None, n: int, events: int) -> Evidence:
    known = evidence or Evidence(n=0, events=0, method="")
    return Evidence(
        n, events, "observed over expected 1", known.first, known.last, known.as_of, known.snapshot
    )


def _refusal(names: NDArray[np.str_], events: int, columns: Mapping[str, str]) -> Unknown | None:
    books = len(np.unique(names))
    if books < 2:
        return Unknown(
            "no_data",
            f"There {'is' if books == 1 else 'are'} {counted(books, 'book')}; a book is judged by the others, so 2 are needed.",
        )
    if events < LEAST_CHURNS and "expected" not in columns:
        return Unknown(
            "too_little_history",
            f"You have {counted(events, 'churn')} in all books together. {LEAST_CHURNS - events} more and what a book "
            "could expect can be told.",
        )
    return None


def _expected(
    table: Plain,
    columns: Mapping[str, str],
    kept: NDArray[np.bool_],
    names: NDArray[np.str_],
    churned: Floats,
) -> Floats:
    if "expected" in columns:
        found = table.numbers(columns["expected"])[kept]
        if np.isnan(found).any() or (found < 0).any():
            raise UserError(
                f"The column `{columns['expected']}` lacks a value, or has one below zero.",
                remedy="Give the expected churn of every account that has an owner and an outcome.",
                code="books.expected",
            )
        return found
    words = {w: _kept(table.words(columns[w]), kept) for w in WORDS if w in columns}
    numbers = {n: table.numbers(columns[n])[kept] for n in NUMBERS if n in columns}
    for name in ("size", "tenure"):  # orders of magnitude, not units
        if name in numbers:
            numbers[name] = np.log1p(np.maximum(numbers[name], 0.0))
    return expected_churns(names.tolist(), churned, words=words, numbers=numbers)


def _kept(values: list[str], kept: NDArray[np.bool_]) -> list[str]:
    return [value or "unknown" for value, own in zip(values, kept, strict=True) if own]


def _book(
    csm: str, accounts: int, observed: int, expected: float, fit: tuple[float, float]
) -> Book:
    if expected < LEAST_EXPECTED:
        return _withheld(csm, accounts)
    k, phi = fit
    inner, outer = (limits(expected, phi, ONE_SIDED[width]) for width in ("95", "99.8"))
    return Book(
        csm,
        accounts,
        _sentence(observed, accounts, outer, expected),
        observed=observed,
        expected=expected,
        ratio=observed / expected,
        shrunken=shrunken(observed, expected, k),
        within_95=inner,
        within=outer,
        stands_out=not outer.low <= observed <= outer.high,
        noticeable_from=(outer.high + 1) / expected,
        sees_double=seen_at(expected, phi, 2.0, outer.high),
    )


def _withheld(csm: str, accounts: int) -> Book:
    why = Unknown(
        "withheld",
        f"Too few expected churns to say anything of this book; {LEAST_EXPECTED:g} are needed. A longer period has more.",
    )
    return Book(csm=csm, accounts=accounts, says=why.says, withheld=why)


def _sentence(observed: int, accounts: int, outer: Limits, expected: float) -> str:
    seen = f"{observed} of {counted(accounts, 'account')} left"
    if outer.low <= observed <= outer.high:
        return (
            f"{seen}: {AS_PREDICTED} ({outer.low} to {outer.high}). It would take {outer.high + 1}, "
            f"{(outer.high + 1) / expected:.1f} times the expected {expected:.1f}, to be noticeable at all."
        )
    return (
        f"{seen}, where this book predicts {outer.low} to {outer.high}. That is a question to ask, with the accounts "
        "at hand, and no verdict."
    )


def _says(books: tuple[Book, ...]) -> str:
    shown = [book for book in books if book.withheld is None]
    out = sum(book.stands_out for book in shown)
    hidden = len(books) - len(shown)
    small = f" {counted(hidden, 'book')} withheld: too few expected churns." if hidden else ""
    if not shown:
        return f"No book has enough expected churns to be compared.{small}"
    if not out:
        all_of_them = "The one book shown" if len(shown) == 1 else f"All {len(shown)} books shown"
        return f"{all_of_them} did as the accounts predict.{small}"
    return f"{counted(out, 'book')} of {len(shown)} outside what the accounts predict: a question to ask.{small}"
