"""Where every account stands: its score with reasons in points, its course over 13 weeks, and who sees it otherwise.

The team's own opinion stands beside the score and is never averaged into it. Where the source of a number that the score
weighs is late, the account is marked, and the last score from before that holds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenure.kernel.unknown import Unknown
from tenure.signals.backtesting.verdict import Verdict
from tenure.signals.health_score.door import Health, Scored, score
from tenure.signals.health_score.inputs import Floats
from tenure.signals.health_score.learn import Recipe
from tenure.signals.health_score.model import ScoreModel
from tenure.signals.health_score.rows import Names, read_rows
from tenure.signals.health_score.slope import Slope, slope
from tenure.signals.ledger import Ledger
from tenure.signals.plain import Plain
from tenure.signals.plainly import plainly

ZONES = {"red": "at risk", "amber": "in between", "green": "healthy", "": "unknown"}
"""Zones of accounts, as thresholds have them."""
WEEKS = 13
"""Weekly scores of a course; with the one before them a score 13 weeks ago is told too."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One account: the score now and why, 13 weeks ago, its course, and what its team says.

    `taint` names the metrics whose source is late. `before` is the score 91 days earlier under the same model, with what is
    known today.
    """

    scored: Scored
    zone: str
    segment: str
    arr: str
    before: int | Unknown
    course: Slope | Unknown

    @property
    def taint(self) -> tuple[str, ...]:
        """The metrics of the score whose source is late."""
        return self.scored.late

    def to_dict(self) -> dict[str, Any]:
        """Plain values; what is unknown as its reason."""
        told = self.scored.to_dict()
        course = self.course
        return {
            **told,
            "zone": self.zone,
            "segment": self.segment,
            "arr": self.arr or None,
            "before": plainly(self.before),
            "course": plainly(course) if isinstance(course, Unknown) else course.to_dict(),
            "taint": list(self.taint),
        }


@dataclass(frozen=True, slots=True)
class Standings:
    """Every account, riskiest first, with the model, its check on the past, and whether it may be published.

    `verdict` is the back-test's, Unknown where it could not be run; an opinion has none. `left_out` are metrics of the preset
    of which nothing is known per account.
    """

    health: Health
    accounts: tuple[Standing, ...]
    verdict: Verdict | Unknown | None
    ledger: Ledger
    late: Mapping[str, str]
    preset: str = ""
    notes: tuple[str, ...] = ()
    horizon_days: int = 90

    @property
    def published(self) -> bool:
        """Whether the past speaks for showing this score rather than something simpler."""
        return isinstance(self.verdict, Verdict) and self.verdict.publish

    @property
    def says(self) -> str:
        """One sentence for people, and a second on the check."""
        if self.verdict is None:
            return self.health.says
        if isinstance(self.verdict, Unknown):
            return f"{self.health.says} Not checked on the past yet: {self.verdict.says}"
        return f"{self.health.says} {self.verdict.says}"

    def account(self, name: str) -> Standing | None:
        """An account's standing; None where it is not in the book."""
        return next((one for one in self.accounts if one.scored.account == name), None)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        told = self.health.to_dict()
        told.pop("accounts")
        return {
            **told,
            "says": self.says,
            "published": self.published,
            "verdict": None if self.verdict is None else plainly(self.verdict),
            "preset": self.preset or None,
            "horizon_days": self.horizon_days,
            "ledger": self.ledger.to_dict(),
            "late": dict(self.late),
            "notes": [*told["notes"], *self.notes],
            "accounts": [one.to_dict() for one in self.accounts],
        }


def standings(
    health: Health,
    book: Any,
    weekly: Any,
    *,
    names: Names,
    recipe: Recipe,
    late: Mapping[str, tuple[str, str]] | None = None,
) -> tuple[Standing, ...]:
    """Every account of the book, the riskiest first.

    Args:
        health: the model.
        book: the rows of today, as for `health`, their outcome empty.
        weekly: the same accounts and metrics on 14 weekly days (`as_of`), the last of them today.
        names: what the columns of `book` are called.
        recipe: of the model.
        late: metrics whose source is late, with the ISO day of its last facts and a sentence.
    """
    late, model = late or {}, health.model
    days, paths = _paths(model, weekly)
    weighed = {row["metric"] for row in model.weight_table() if row["weight"] > 0}
    last_good = min((late[m][0] for m in weighed & set(late)), default="")
    given = Plain(book)
    columns = {name: given.column(name) for name in given.names}
    columns[names.outcome] = [None] * len(given)
    columns[names.previous] = [
        _held(paths.get(a), days, last_good) for a in given.words(names.account)
    ]
    rows = read_rows(columns, names, [each.metric for each in model.scales])
    made = score(model, rows, recipe, set(late))
    arr = given.column(names.arr) if names.arr in given.names else [None] * len(given)
    found = [
        Standing(
            one,
            ZONES[one.colour],
            rows.segment[place],
            "" if arr[place] is None else str(arr[place]),
            _ago(paths.get(one.account)),
            _course(paths.get(one.account)),
        )
        for place, one in enumerate(made)
    ]
    return tuple(sorted(found, key=_riskiest))


def _riskiest(one: Standing) -> tuple[float, str]:
    known = one.scored.score
    return (101.0 if isinstance(known, Unknown) else float(known), one.scored.account)


def _paths(model: ScoreModel, weekly: Any) -> tuple[list[str], dict[str, Floats]]:
    """The days, and each account's scores on them under the model; NaN where it had no row."""
    table = Plain(weekly)
    names = {each.metric: table.numbers(each.metric) for each in model.scales}
    scores = model.score(model.columns(names, len(table))) if len(table) else np.empty(0)
    when = [str(day) for day in table.days("as_of")]
    days = sorted(set(when))
    place = {day: i for i, day in enumerate(days)}
    found: dict[str, Floats] = {}
    for row, account in enumerate(table.words("account")):
        path = found.setdefault(account, np.full(len(days), np.nan))
        path[place[when[row]]] = scores[row]
    return days, found


def _held(path: Floats | None, days: Sequence[str], last_good: str) -> float | None:
    """The last score told on or before the day on which a late source was still there."""
    if path is None or not last_good:
        return None
    known = [v for v, day in zip(path, days, strict=True) if day <= last_good and not math.isnan(v)]
    return float(known[-1]) if known else None


def _ago(path: Floats | None) -> int | Unknown:
    if path is None or len(path) <= WEEKS or math.isnan(path[-1 - WEEKS]):
        return Unknown("too_little_history", "Nothing is known of it 13 weeks ago.")
    return int(path[-1 - WEEKS])


def _course(path: Floats | None) -> Slope | Unknown:
    if path is None:
        return Unknown("too_little_history", "No weekly score is known.")
    last: Iterable[float] = path[-WEEKS:].tolist()
    return slope(list(last))
