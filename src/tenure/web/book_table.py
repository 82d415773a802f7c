"""What the address of a Book asks for, and the columns it can show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import QueryDict

from tenure.desk.models import Role
from tenure.desk.visible import Scope
from tenure.insights.book import WORDS, ZONES, BookRow
from tenure.insights.choosing import KEYS, Choice
from tenure.kernel.unknown import Unknown
from tenure.kernel.wording import UNKNOWN_WORDS
from tenure.metrics.declaration import Metric
from tenure.metrics.history.made import has_history
from tenure.web.remembered import remembered
from tenure.web.templatetags.shown import words
from tenure.workspace.present import Present

ORDER = (
    "By zone, then ARR, then the nearest renewal: what is lost if nothing happens. "
    "Chances of renewing are not learned yet, so the zone stands in for them."
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its cell is `book/cells/<cell>.html`; `plain` is what a file says."""

    name: str
    heading: str
    cell: str
    plain: Callable[[BookRow], Any]
    metric: str = ""
    is_number: bool = False
    unit: str = ""

    @property
    def sorts(self) -> bool:
        """Whether its heading changes the order."""
        return bool(self.metric) or self.name in KEYS


def _plain(name: str) -> Callable[[BookRow], Any]:
    def told(row: BookRow) -> Any:
        value = row.numbers.get(name)
        return f"unknown: {UNKNOWN_WORDS[value.reason]}" if isinstance(value, Unknown) else value

    return told


COLUMNS = (
    Column("account", "Account", "account", lambda row: row.name),
    Column("health", "Health", "health", _plain("health_score")),
    Column("arr", "ARR", "arr", _plain("arr_in_force"), is_number=True),
    Column("renewal", "Renewal", "renewal", lambda row: row.renews_on),
    Column("touch", "Last touch", "touch", _plain("days_since_last_touch__last_touch")),
    Column("reason", "Why", "reason", lambda row: row.reason),
    Column("owner", "Owner", "owner", lambda row: row.owner),
)
USUAL = tuple(column.name for column in COLUMNS)
MODES = (("table", "Table"), ("bubble", "Bubbles"), ("calendar", "Calendar"))
VIEWS: Sequence[tuple[str, Mapping[str, str]]] = (
    ("Everything", {}),
    ("At risk", {"zone": "at_risk"}),
    ("Renewing in 90 days", {"renews_in": "90"}),
    ("30+ days past cadence", {"past": "30"}),
    ("60+ days untouched", {"untouched": "60"}),
    ("Left", {"left": "1"}),
)
"""Named choices that keep the owner and the day."""


@dataclass(frozen=True, slots=True)
class BookAsked:
    """What is asked for, and what may be chosen instead."""

    choice: Choice
    sort: str
    falling: bool
    columns: Sequence[Column]
    options: Mapping[str, Sequence[tuple[str, str]]]
    mine: str
    views: Sequence[tuple[str, str, bool]]
    mode: str
    offered: Sequence[tuple[str, str, bool]]

    renewal_options: ClassVar = tuple((days, f"{days} days") for days in (30, 60, 90, 180))
    past_options: ClassVar = tuple((days, f"{days}+ days") for days in (1, 14, 30, 60))

    @property
    def order(self) -> str:
        """The order in one sentence."""
        heading = next((c.heading for c in self.columns if c.name == self.sort), "")
        if not heading:
            return ORDER
        return (
            f"By {heading.lower()}, {'highest' if self.falling else 'lowest'} first; unknown last."
        )

    @property
    def hidden(self) -> int:
        """How many filters are set."""
        return len(self.choice.said())


def book_asked(
    query: Mapping[str, str], present: Present, scope: Scope, metrics: Iterable[Metric] = ()
) -> BookAsked:
    """The choice that an address makes; words that mean nothing are passed over.

    `cols` names columns, metrics among them; those of `metrics` that have a number per account can be chosen. A CSM begins with their own book; `owner=everyone` shows all that they may see.
    """
    mine = scope.person.member_id if scope.person.role == Role.CSM else ""
    owner = query.get("owner", mine)
    zone = query.get("zone", "")
    choice = Choice(
        owner="" if owner == "everyone" else owner,
        zone=zone if zone in ZONES else "",
        segment=query.get("segment", ""),
        tier=query.get("tier", ""),
        model=query.get("model", ""),
        text=query.get("text", "")[:100],
        renews_in=_days(query.get("renews_in", "")),
        past=_days(query.get("past", "")),
        untouched=_days(query.get("untouched", "")),
        left=query.get("left") == "1",
    )
    sort = query.get("sort", "").removeprefix("-")
    every = {c.name: c for c in (*COLUMNS, *metric_columns(metrics))}
    columns = _columns(query, every, is_own=bool(mine) and owner == mine)
    known = {column.name for column in every.values() if column.sorts}
    return BookAsked(
        choice=choice,
        sort=sort if sort in known else "",
        falling=query.get("sort", "").startswith("-"),
        columns=columns,
        options=remembered(
            present, scope.accounts, "options", make=lambda now: _options(now, scope)
        ),
        mine=mine,
        views=_views(query),
        mode=mode if (mode := query.get("mode", "")) in dict(MODES) else "table",
        offered=[(c.name, c.heading, c in columns) for c in every.values() if c.name != "account"],
    )


def metric_columns(metrics: Iterable[Metric]) -> list[Column]:
    """A column for every metric with a number per account that is about accounts."""
    shown = {"health_score", "arr_in_force", "days_since_last_touch"}  # columns of their own
    return [
        Column(m.id, m.title, "metric", _plain(m.id), m.id, is_number=True, unit=m.unit)
        for m in sorted(metrics, key=lambda m: m.title)
        if has_history(m) and m.about != "person" and m.id not in shown
    ]


def _columns(
    query: Mapping[str, str], every: Mapping[str, Column], *, is_own: bool
) -> list[Column]:
    """Those the address names, in its order; the usual ones otherwise, the owner left out of one's own book."""
    ticked = query.getlist("col") if isinstance(query, QueryDict) else []
    said = [name for name in (ticked or query.get("cols", "").split(",")) if name in every]
    if said:
        return [every["account"], *(every[n] for n in dict.fromkeys(said) if n != "account")]
    return [every[name] for name in USUAL if name != "owner" or not is_own]


def _views(query: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """Each view's name, address, and whether it is the one shown."""
    kept = {
        name: query[name] for name in ("owner", "as_of", "sort", "mode", "cols") if query.get(name)
    }
    asked = {name: value for name, value in query.items() if value and name not in (*kept, "page")}
    return [
        (name, "?" + urlencode(kept | dict(words)), asked == dict(words)) for name, words in VIEWS
    ]


def _options(present: Present, scope: Scope) -> dict[str, list[tuple[str, str]]]:
    visible = [row for row in present.rows if scope.sees(row.account_id)]
    owners = sorted({(row.owner_id, row.owner) for row in visible}, key=lambda pair: pair[1])
    return {
        "owner": [("everyone", "Everyone"), *owners],
        "zone": [(zone, WORDS[zone]) for zone in ZONES],
        "segment": _words(row.segment for row in visible),
        "tier": _words(row.tier for row in visible),
    }


def _words(found: Any) -> list[tuple[str, str]]:
    return [(word, words(word)) for word in sorted(set(found)) if word]


def _days(said: str) -> int | None:
    return int(said) if said.isdecimal() and len(said) <= 5 else None
