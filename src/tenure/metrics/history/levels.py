"""A history above accounts: a metric of the company, or of each part of a cut, on many days.

Each number is the metric's own answer of that day, so owners are those of then and what was restated since is (rulings
A2). Days come first and metrics second, because what a day knows of contracts serves every metric; the way to rows and
the notes of an answer are left out. Nothing of it is kept (decision: levels-are-read-when-asked).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from arro3.core import Array, DataType
from arro3.core import Table as ArrowTable

from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Reason
from tenure.metrics.answer import Answer
from tenure.metrics.answers.opening import cut_key
from tenure.metrics.asked import Asked
from tenure.metrics.compute import Computed, compute
from tenure.metrics.declaration import Catalogue, Metric
from tenure.metrics.gives import read_part
from tenure.metrics.history.frame import Frame
from tenure.metrics.lateness import LATE, late
from tenure.metrics.questions import Defaults, Span, ask

COMPANY = "company"
ALIASES: Mapping[str, str] = {"book": "csm", "owner": "csm"}
"""Other words for a cut; a book is what one owner has."""
OWN = ("as_of", "level", "key")
BESIDE = ("__why", "__n", "__unknown")
"""What stands beside a value: why it is Unknown, how many things it rests on, how many accounts are Unknown in it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One column: the name it was asked by, its metric, and what a short name sets."""

    name: str
    metric: Metric
    given: Mapping[str, Any]
    component: str = ""


@dataclass(frozen=True, slots=True)
class Levels(Frame):
    """Rows of as_of, level, key, then per metric its value and what stands beside it (`BESIDE`), by as_of and key.

    Values are as the metric answers them: money is Decimal and unrounded, ratios are floats. A value that is Unknown is
    None with its reason in `<name>__why`, where `source_late` also stands beside a value whose source had stopped. `<name>__unknown` counts the accounts that have no number of their own and so are
    not in `<name>__n`; None where the metric gives no number per account. As an Arrow stream decimals have 10 places.
    """

    def __len__(self) -> int:
        """How many rows."""
        return len(self.held)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        """Each row by column."""
        return iter(self.held)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The rows as an Arrow stream, for readers that know the capsule."""
        columns: dict[str, Any] = {
            name: _array([row[name] for row in self.held]) for name in self.columns
        }
        return ArrowTable.from_pydict(columns).__arrow_c_stream__(requested_schema)

    def to_pandas(self) -> Any:
        """The rows as a pandas frame; decimals stay Decimal, days are dates."""
        import pandas as pd

        return pd.DataFrame([list(row.values()) for row in self.held], columns=list(self.columns))


def _array(values: Sequence[Any]) -> Array:
    """A column; days and decimals go through text, since the library builds them from nothing else."""
    kinds = {type(value) for value in values} - {type(None)}
    texts = Array([None if v is None else str(v) for v in values], type=DataType.string())
    if kinds == {date}:
        return texts.cast(DataType.date32())
    if Decimal in kinds:
        return texts.cast(DataType.decimal128(38, 10))
    if kinds and kinds <= {int, float}:
        kind = DataType.float64() if float in kinds else DataType.int64()
        return Array([None if v is None else v for v in values], type=kind)
    return Array(list(values), type=DataType.bool()) if kinds == {bool} else texts


def levels_of(metric: Metric) -> tuple[str, ...]:
    """Where above accounts the metric has a value: the company, and what it can be cut by."""
    whole = {grain.removesuffix("-period") for grain in metric.grain} & {COMPANY}
    return (*sorted(whole), *(cut for cut in metric.cuts if cut != "account"))


def wanted_at(catalogue: Catalogue, names: Sequence[str], level: str) -> tuple[str, list[Wanted]]:
    """The level by its own word, and the metrics that are asked for there.

    Raises:
        UnknownName: no such metric. UserError: it has no value at that level.
    """
    word = ALIASES.get(level, level)
    found = []
    for name in dict.fromkeys(names):
        metric, given = catalogue.find(name)
        if word not in levels_of(metric):
            there = levels_of(metric)
            raise UserError(
                f"`{metric.id}` has no value by `{level}`.",
                remedy=f"Use one of: {', '.join(there)}."
                if there
                else "It is a number of accounts: leave the level out.",
                code="history.level",
            )
        given = {key: value for key, value in given.items() if key != "by"}
        component = str(given.pop("component", ""))
        found.append(Wanted(name, metric, given, component))
    return word, found


Cell = tuple[Any, Reason | None, int | None, int | None]
"""A value, its reason, n, and how many accounts are Unknown in it."""


def cells(
    one: Wanted, level: str, day: date, computed: Computed, defaults: Defaults
) -> dict[str, Cell]:
    """What the metric says at the level on a day, by key."""
    by = None if level == COMPANY else level
    asked = ask(one.metric, Span(as_of=day), by=by, where=None, given=one.given, defaults=defaults)
    answer = compute(one.metric, replace(asked, bare=True), computed, component=one.component)
    lacking = _lacking(one.metric, answer, asked, computed)
    taint = LATE if late(one.metric, computed.reading, asked.day) else None
    if by is None:
        number = None if lacking is None else sum(lacking.values())
        why = answer.unknown if answer.value is None else taint
        return {COMPANY: (answer.value, why, answer.n, number)}
    found: dict[str, Cell] = {}
    for cut in answer.cuts:
        value, reason = cut.value, cut.reason
        if one.component:
            value = cut.components.get(one.component)
            reason = None if value is not None else cut.reason or "undefined"
        number = None if lacking is None else lacking.get(cut.key, 0)
        found[cut.key] = (value, taint if value is not None else reason, cut.n, number)
    return found


def _lacking(
    metric: Metric, answer: Answer, asked: Asked, computed: Computed
) -> dict[str, int] | None:
    """How many accounts have no number of their own, by key; None where the metric gives none per account."""
    by_account = answer.components.get("by_account")
    if not isinstance(by_account, Mapping):
        return None
    active = None
    if metric.whole and read_part(metric.whole, where=metric.id).is_active_only:
        active = computed.reading.active_accounts(asked)
    found: dict[str, int] = {}
    for account_id, entry in by_account.items():
        value = entry.get("value") if isinstance(entry, Mapping) and "value" in entry else entry
        if value is not None or (active is not None and account_id not in active):
            continue
        key = (
            COMPANY if asked.by is None else cut_key(computed.reading, asked, account_id, asked.day)
        )
        found[key] = found.get(key, 0) + 1
    return found


def levels(
    wanted: Sequence[Wanted],
    level: str,
    days: Sequence[date],
    told_on: Callable[[date], Sequence[Mapping[str, Cell]]],
) -> Levels:
    """The rows of all days, from what each metric tells on a day (`cells`, in the order of `wanted`).

    A key that one of the metrics has on a day has a row on it; where another metric does not have it, its value is None for
    the reason `undefined`.
    """
    rows: list[Mapping[str, Any]] = []
    for day in days:
        told = told_on(day)
        for key in sorted({key for own in told for key in own}):
            row: dict[str, Any] = {"as_of": day, "level": level, "key": key}
            for one, own in zip(wanted, told, strict=True):
                value, why, n, unknown = own.get(key, (None, "undefined", 0, None))
                row[one.name] = value
                row |= dict(zip((one.name + end for end in BESIDE), (why, n, unknown), strict=True))
            rows.append(row)
    columns = [*OWN, *(one.name + end for one in wanted for end in ("", *BESIDE))]
    return Levels(tuple(columns), tuple(rows))
