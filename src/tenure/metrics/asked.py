"""What was asked of a metric, after defaults and checks, and what its function gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tenure.kernel.days import Period
from tenure.kernel.errors import Bug
from tenure.kernel.unknown import Reason
from tenure.metrics.derived.contract_facts import SourceRow

GRACE_DAYS = 30
"""Grace of metrics that read who is active and have no parameter for it (G5)."""


MOST_ROWS = 1000
"""Source rows an answer carries where there are very many; it says how many there are."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something the number should not be read without: level, code, sentence, remedy."""

    level: str
    code: str
    says: str
    remedy: str = ""

    def to_dict(self) -> dict[str, str]:
        """As JSON."""
        return {"level": self.level, "code": self.code, "says": self.says, "remedy": self.remedy}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: a metric's parameters with every default filled in.

    `where` holds account columns and the values allowed; `by` the cut. `bare`: only the value, its reason, n, cuts and what
    is said per account are wanted, as of a history; other components and source rows may be left out.
    """

    metric: str
    as_of: date
    maybe_period: Period | None
    by: str | None
    where: Mapping[str, tuple[str, ...]]
    parameters: Mapping[str, Any]
    reporting_currency: str
    gross_margin: float | None = None
    as_known_on: date | None = None
    bare: bool = False

    @property
    def period(self) -> Period:
        """The period, for metrics that always have one."""
        if self.maybe_period is None:
            raise Bug(f"`{self.metric}` was asked without a period, but it reads one.")
        return self.maybe_period

    @property
    def day(self) -> date:
        """The day a state is read on: as_of, or the period's last day if that is earlier."""
        return (
            self.as_of if self.maybe_period is None else min(self.as_of, self.maybe_period.last_day)
        )

    @property
    def known(self) -> dict[str, Any]:
        """What an expression or derived fact may name: parameters, as_of, on_day and the period's days."""
        known: dict[str, Any] = {"renewal_grace_days": GRACE_DAYS, **self.parameters}
        known |= {"as_of": self.as_of, "on_day": self.day}
        if self.maybe_period is not None:
            known |= {
                "period_start": self.maybe_period.start,
                "period_end": self.maybe_period.end,
            }
        return known

    @property
    def grace_days(self) -> int:
        """The parameter `renewal_grace_days` (G5)."""
        return int(self.parameters["renewal_grace_days"])


@dataclass(frozen=True, slots=True)
class Cut:
    """One part of the whole: its key, value and parts."""

    key: str
    value: Any
    n: int
    components: Mapping[str, Any]
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a metric's function knows: a value or a reason, and its parts by the names of the contract.

    `reasons` gives, for each None inside `components`, its path (`by_account.<id>`) and reason.
    `rows_total` counts the source rows where `rows` holds only the first of them.
    """

    value: Any
    components: Mapping[str, Any]
    unknown: Reason | None = None
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    cuts: Sequence[Cut] = ()
    n: int | None = None
    notes: Sequence[Note] = ()
    rows: Sequence[SourceRow] = ()
    rows_total: int | None = None
