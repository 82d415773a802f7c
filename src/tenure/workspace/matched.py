"""What is told of accounts that may be one customer, or are: plain data for every face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tenure.facts.matching import Evidence


@dataclass(frozen=True, slots=True)
class Named:
    """An account as its own sources have it, whatever it is read as."""

    account_id: str
    name: str
    source: str
    owner_id: str
    contracts: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A suggestion with both accounts by name."""

    other: Named
    kept: Named
    evidence: tuple[Evidence, ...]
    is_likely: bool

    @property
    def speaks_against(self) -> bool:
        """Whether anything does."""
        return any(one.weight == "against" for one in self.evidence)


@dataclass(frozen=True, slots=True)
class Match:
    """A merge that holds: `other` is read as `kept`; `end_id` is the last of the chain where `kept` is merged too."""

    other: Named
    kept: Named
    end_id: str
    by_said: str
    why_said: str
    entered_at: datetime
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rejection:
    """Two accounts that somebody said are two customers."""

    first: Named
    second: Named
    by_said: str
    why_said: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class Effect:
    """What a merge would do on `day`, in the reporting currency; amounts are None where ARR is Unknown.

    `moved` are rows by table that would be read under the kept id; `set_aside` rows that would not stand, since the
    kept account has one of the same key. `both_run`: contracts of both are in force.
    """

    day: date
    currency: str
    other: Named
    kept: Named
    other_arr: Decimal | None
    kept_arr: Decimal | None
    merged_arr: Decimal | None
    total_before: Decimal | None
    total_after: Decimal | None
    accounts_before: int
    accounts_after: int
    moved: Mapping[str, int]
    set_aside: Mapping[str, int]

    @property
    def both_run(self) -> bool:
        """Whether both have ARR in force."""
        return bool(self.other_arr) and bool(self.kept_arr)

    @property
    def total_changes(self) -> bool:
        """Whether the company's ARR comes out otherwise."""
        return self.total_before != self.total_after
