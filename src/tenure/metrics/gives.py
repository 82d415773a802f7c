"""`gives`: the parts of an answer, each said in one line over the accounts' values.

users per account                       a map of account to the expression
accounts where value >= threshold_days  a list of active accounts for which it is true
all accounts where value is null        the same over every account of the question
share of accounts where value           true over (true + false); Unknown ones are in neither
share of active accounts where value    the same, over active accounts only
count of accounts where value >= 1
users / seats over all                  the expression over the accounts' measures added up
mean of value over accounts             also `sum of`, `median of`; Unknown ones are left out
touches per user_id                     a measure for each word of a column of its fact
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from tenure.kernel.errors import DeclarationError

Kind = Literal[
    "per_account",
    "zone",
    "accounts",
    "share",
    "count",
    "over_all",
    "mean",
    "median",
    "sum",
    "per_column",
]
FORMS = (
    "EXPRESSION per account",
    "NAME, NAME per account",
    "zone of EXPRESSION per account",
    "accounts where CONDITION",
    "share of accounts where CONDITION",
    "count of accounts where CONDITION",
    "EXPRESSION over all",
    "mean of EXPRESSION over accounts",
    "MEASURE per COLUMN",
)
_PATTERNS: tuple[tuple[Kind, str], ...] = (
    ("zone", r"zone of (?P<expression>.+) per account"),
    ("per_account", r"(?P<expression>.+) per account"),
    ("accounts", r"(?P<scope>all |)accounts where (?P<expression>.+)"),
    ("share", r"share of (?P<scope>active |)accounts where (?P<expression>.+)"),
    ("count", r"count of (?P<scope>active |)accounts where (?P<expression>.+)"),
    ("mean", r"mean of (?P<expression>.+) over (?P<scope>active |)accounts"),
    ("median", r"median of (?P<expression>.+) over (?P<scope>active |)accounts"),
    ("sum", r"sum of (?P<expression>.+) over (?P<scope>active |)accounts"),
    ("over_all", r"(?P<expression>.+) over all"),
    ("per_column", r"(?P<expression>\w+) per (?P<column>\w+)"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an answer: its kind, expression or measure, column, and whether active accounts only."""

    kind: Kind
    expression: str
    column: str = ""
    is_active_only: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The named values of a part that is a record; empty for one expression."""
        if self.kind not in ("per_account", "over_all") or not re.fullmatch(
            r"\w+(\s*,\s*\w+)+", self.expression
        ):
            return ()
        return tuple(name.strip() for name in self.expression.split(","))


def read_part(text: str, *, where: str) -> Part:
    """The part that `text` says.

    Raises:
        DeclarationError: none of the forms.
    """
    words = " ".join(text.split())
    for kind, pattern in _PATTERNS:
        found = re.fullmatch(pattern, words)
        if found is None:
            continue
        said = found.groupdict()
        scope = (said.get("scope") or "").strip()
        # A list is a call for action: customers who left are not on it unless it says "all".
        active = scope == "active" or (kind == "accounts" and scope != "all")
        return Part(kind, said["expression"], said.get("column") or "", active)
    raise DeclarationError(
        f"`{text}` says no part of an answer.",
        where=where,
        remedy="Write one of: " + "; ".join(FORMS) + ".",
        code="gives.unreadable",
    )
