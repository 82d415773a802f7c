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

    `where` holds account columns and the values allowed; `by` the cut; `given` whether start and end were said.
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

    @property
    def period(self) -> Period:
        """The period, for metrics that always have one."""
        if self.maybe_period is None:
            raise Bug(f"`{self.metric}` was asked without a period, but it reads one.")
        return self.maybe_period

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
    """

    value: Any
    components: Mapping[str, Any]
    unknown: Reason | None = None
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    cuts: Sequence[Cut] = ()
    n: int | None = None
    notes: Sequence[Note] = ()
    rows: Sequence[SourceRow] = ()
