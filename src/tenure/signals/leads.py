"""Product-qualified accounts: rules on what a customer does in the product, declared in TOML, and what they found.

A file of ours per rule, its name the id; a workspace's `catalogue/leads/<id>.toml` stands in place of the one of the
same name, or beside ours. Does not promise that a lead buys: what your own accounts did is learned with the question
`grow`, and a rule that names a metric goes by the line in use for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from tenure.kernel.declare import NOT_DECLARED, load, shipped_as
from tenure.kernel.errors import DeclarationError
from tenure.signals.lines import Line
from tenure.signals.plainly import plainly

SHIPPED = ("seats", "usage_limit", "feature_unlock", "power_users")
FOLDER = "leads"
Kind = Literal["metric", "limit", "feature"]


@dataclass(frozen=True, slots=True)
class LeadRule:
    """One rule.

    `kind`: `metric` asks for a value beyond a line (`op` and `value`; without them the line in use for growth), `limit`
    for use that came to the share `value` of a usage limit, `feature` for the first use of a feature of `level`, at
    least `least` times; the last two within `within_days`. `off` switches it off. `own`: the workspace's.
    """

    id: str
    title: str
    says: str
    kind: Kind
    origin: str
    metric: str = ""
    op: Literal["", ">=", ">", "<=", "<"] = ""
    value: float | None = None
    within_days: int = 28
    level: Literal["basic", "advanced"] = "advanced"
    least: int = 5
    off: bool = False
    own: bool = field(default=False, metadata=NOT_DECLARED)

    def __post_init__(self) -> None:
        """Refuse what a kind lacks, and what it has no use for."""
        wrong = self._wrong()
        if wrong:
            where, remedy = wrong
            raise DeclarationError(
                f"A rule of the kind `{self.kind}` cannot be read with this `{where}`.",
                where=where,
                remedy=remedy,
                code="lead.rule",
            )

    def _wrong(self) -> tuple[str, str] | None:
        if (self.kind == "metric") != bool(self.metric):
            return "metric", "Name the metric for the kind `metric`, and for no other."
        if self.kind == "metric" and bool(self.op) != (self.value is not None):
            return (
                "op",
                "Give `op` and `value` together, or neither: then the line in use for growth counts.",
            )
        if self.kind == "limit" and (self.value is None or self.value <= 0):
            return "value", "Give the share of the limit, such as 0.9."
        if self.within_days < 1 or self.least < 1:
            return "within_days" if self.within_days < 1 else "least", "Give 1 or more."
        return None

    @property
    def line(self) -> Line | None:
        """Its own line; None where it goes by the one in use."""
        if self.kind != "metric" or not self.op or self.value is None:
            return None
        return Line(self.value, self.op)

    @property
    def whose(self) -> str:
        """Whose rule it is, never to be taken for a finding."""
        if self.own:
            return f"your own rule: {self.origin}"
        if self.origin == "ours":
            return "our own starting point, not from your data"
        return f"industry starting point, not from your data ({self.origin})"


@cache
def shipped_rules() -> dict[str, LeadRule]:
    """Our rules, by id."""
    return shipped_as(LeadRule, "tenure.signals.lead_rules", SHIPPED)


def rules_of(catalogue: Path) -> dict[str, LeadRule]:
    """Our rules with those of the workspace whose catalogue this is; a rule that is off is in it.

    Raises:
        DeclarationError: a file does not load, with file and line.
    """
    found = dict(shipped_rules())
    for file in sorted((catalogue / FOLDER).glob("*.toml")):
        name = f"catalogue/{FOLDER}/{file.name}"
        found[file.stem] = replace(load(LeadRule, file, name=name), own=True)
    return found


@dataclass(frozen=True, slots=True)
class Met:
    """A rule that an account meets: what was seen, against which line, since when where that is known."""

    rule: str
    says: str
    whose: str
    value: float | None = None
    day: date | None = None
    what: str = ""


@dataclass(frozen=True, slots=True)
class Lead:
    """A product-qualified account with what it met.

    `pays` is False on a free plan or trial; `at_risk` counts its open flags of a risk: both can be true at once.
    """

    account: str
    name: str
    segment: str
    arr: Decimal | None
    pays: bool
    met: tuple[Met, ...]
    at_risk: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values; ARR as text."""
        told: dict[str, Any] = plainly(self)
        return told | {"arr": None if self.arr is None else str(self.arr)}


@dataclass(frozen=True, slots=True)
class Judged:
    """What a rule could say: of how many accounts, of how many it is unknown, or why it says nothing at all."""

    rule: LeadRule
    line: str
    whose: str
    known: int = 0
    unknown: int = 0
    met: int = 0
    refused: str = ""

    @property
    def says(self) -> str:
        """One line for people."""
        if self.refused:
            return f"Unknown: {self.refused}"
        of = f"{self.met:,} of {self.known:,} accounts"
        left = f", unknown of {self.unknown:,} more" if self.unknown else ""
        return f"{of}{left}; {self.line} ({self.whose})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "rule": self.rule.id,
            "title": self.rule.title,
            "line": self.line,
            "whose": self.whose,
            "known": self.known,
            "unknown": self.unknown,
            "met": self.met,
            "refused": self.refused or None,
        }


@dataclass(frozen=True, slots=True)
class Leads:
    """The accounts that meet a rule on a day, those that meet most first, and what each rule could say."""

    as_of: date
    leads: tuple[Lead, ...]
    rules: tuple[Judged, ...]

    def __iter__(self) -> Any:
        return iter(self.leads)

    def __len__(self) -> int:
        return len(self.leads)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "as_of": self.as_of.isoformat(),
            "leads": [lead.to_dict() for lead in self.leads],
            "rules": [rule.to_dict() for rule in self.rules],
        }


def leads_of(
    as_of: date,
    accounts: Mapping[str, Lead],
    found: Sequence[tuple[Judged, Mapping[str, Met]]],
) -> Leads:
    """Accounts with all they met: more rules first, then more ARR, then by id."""
    met: dict[str, list[Met]] = {}
    for _, by_account in found:
        for account, one in by_account.items():
            if account in accounts:
                met.setdefault(account, []).append(one)
    leads = [replace(accounts[a], met=tuple(own)) for a, own in met.items()]
    leads.sort(key=lambda one: (-len(one.met), -(one.arr or Decimal(0)), one.account))
    return Leads(as_of, tuple(leads), tuple(judged for judged, _ in found))
