"""Derived fact `lines_in_force`: the contract lines that run on as_of, with and without ARR.

Grain: one row per line. Key: line_id. Inputs: contract_lines, contracts; parameters: as_of, renewal_grace_days.
A line runs as long as its span does (grace and links included, see line_spans), whether it carries ARR or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tenure.facts.table import ColumnType
from tenure.kernel.money import ZERO
from tenure.metrics.derived.contract_facts import Line, SourceRow
from tenure.metrics.derived.fact import DerivedFact, InputsOver

DRAFT = "draft"


def is_committed(row: Mapping[str, Any]) -> bool:
    """Whether the line is recurring and paid for, so that its seats were bought."""
    return row["kind"] in (None, "recurring") and not row["is_trial"]


def _rows(reading: Any, values: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
    as_of, grace = values["as_of"], values["renewal_grace_days"]
    spans = {s.line.line_id: s for s in reading.all_spans(grace, as_of)}
    for row in reading.rows("contract_lines"):
        span = spans.get(row["line_id"])
        if span is None or not span.in_force(as_of, as_of):
            continue
        is_recurring = is_committed(row)
        yield (
            row["line_id"], row["contract_id"], span.account_id, row["product_id"],
            row["kind"] or "recurring", row["unit"], row["quantity"], bool(row["is_trial"]),
            is_recurring, span.line.start, span.line.end,
            row["line_id"], row["source_file"], row["source_line"],
        )  # fmt: skip


def other_lines(reading: Any) -> list[Line]:
    """The lines that carry no ARR (trials, usage, one-time, unpriced), dated by their contract where need be."""
    priced = {line.line_id for line in reading.lines().lines}
    contracts = {row["contract_id"]: row for row in reading.rows("contracts")}
    others = []
    for row in reading.rows("contract_lines"):
        contract = contracts.get(row["contract_id"])
        account_id = row["account_id"] or (contract["account_id"] if contract else None)
        start = row["start_date"] or (contract["start_date"] if contract else None)
        end = row["end_date"] or (contract["end_date"] if contract else None)
        is_draft = contract is not None and contract["status"] == DRAFT
        if row["line_id"] in priced or is_draft or account_id is None or start is None:
            continue
        if end is None or end > start:
            source = SourceRow(
                "contract_lines", row["line_id"], row["source_file"], row["source_line"]
            )
            others.append(
                Line(
                    line_id=row["line_id"],
                    contract_id=row["contract_id"],
                    account_id=account_id,
                    product_id=row["product_id"],
                    arr=ZERO,
                    currency="",
                    start=start,
                    end=end,
                    reason=row["reason"],
                    source=source,
                )
            )
    return others


def _select_over(inputs: InputsOver) -> str:
    return f"""
        select day.as_of, line_id, contract_id, account_id, product_id, kind, unit, quantity, is_trial,
          is_recurring, start_date, end_date, source_key, source_file, source_line
        from {inputs.relation("known_spans")}, ({inputs.as_ofs}) as day
        where is_line and known_from <= day.as_of and day.as_of < known_until and start <= day.as_of
          and (day.as_of < settled_end or day.as_of < live_end)
        """


OF_A_LINE: Mapping[str, ColumnType] = {
    "line_id": "id",
    "contract_id": "id",
    "account_id": "id",
    "product_id": "id",
    "kind": "word",
    "unit": "word",
    "quantity": "number",
    "is_trial": "bool",
    "is_recurring": "bool",
    "start_date": "date",
    "end_date": "date",
}
"""What a derived row tells of its contract line."""

FACT = DerivedFact(
    id="lines_in_force",
    says="The contract lines that run on the day, with and without ARR.",
    grain="one row per contract line",
    key=("line_id",),
    columns=OF_A_LINE,
    needs=("contract_lines",),
    reads=("contracts",),
    rests_on=("known_spans",),
    parameters=("as_of", "renewal_grace_days"),
    leads_to="contract_lines",
    rows=_rows,
    select_over=_select_over,
)
