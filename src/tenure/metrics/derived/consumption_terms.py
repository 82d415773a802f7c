"""Derived fact `consumption_terms`: units an account has bought, and the time it has bought them for.

Grain: one row per account with a credit line in force. Key: account_id. Rests on lines_in_force; parameters: as_of,
renewal_grace_days. Several credit lines are pooled: their units add up, the term runs from the earliest start to the
latest end. A line without a quantity makes the account's units unlimited (`committed` null).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from tenure.kernel.money import total
from tenure.metrics.derived.fact import DerivedFact, InputsOver

CREDIT = "credit"


def _rows(reading: Any, values: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
    lines: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for line in reading.derived("lines_in_force", values):
        if line["unit"] == CREDIT:
            lines[line["account_id"]].append(line)
    for account_id, own in sorted(lines.items()):
        amounts = [line["quantity"] for line in own]
        ends = [line["end_date"] for line in own]
        starts = [line["start_date"] for line in own if line["start_date"] is not None]
        yield (
            account_id,
            None if None in amounts else total(amounts),
            min(starts, default=None),
            None if None in ends else max(ends),
            own[0]["line_id"],
            own[0]["source_file"],
            own[0]["source_line"],
        )


def _select_over(inputs: InputsOver) -> str:
    """`_rows` for all days; the line that stands for several is the one of the smallest id."""
    return f"""
        select as_of, account_id, case when count(quantity) = count(*) then sum(quantity) end as committed,
          min(start_date) as start_date, case when count(end_date) = count(*) then max(end_date) end as end_date,
          min(line_id) as source_key, arg_min(source_file, line_id) as source_file,
          arg_min(source_line, line_id) as source_line
        from {inputs.relation("lines_in_force")} where unit = '{CREDIT}' group by as_of, account_id
        """


FACT = DerivedFact(
    id="consumption_terms",
    says="How many units an account has bought, and for how long.",
    grain="one row per account with a credit line in force",
    key=("account_id",),
    columns={"account_id": "id", "committed": "number", "start_date": "date", "end_date": "date"},
    needs=("contract_lines",),
    reads=("contracts",),
    rests_on=("lines_in_force",),
    parameters=("as_of", "renewal_grace_days"),
    leads_to="contract_lines",
    rows=_rows,
    select_over=_select_over,
)
