"""Contracts and lines in a few words, for derived facts that are pure functions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tenure.metrics.derived.contract_facts import Contract, Line, SourceRow
from tenure.metrics.derived.line_spans import Renewal, Span, line_spans, renewals, with_add_ons

FAR = date.max


def day(text: str) -> date:
    return date.fromisoformat(text)


def contract(contract_id: str, start: str, end: str | None, **said: Any) -> Contract:
    """A contract of account `a`, active, not renewing itself."""
    given: dict[str, Any] = {
        "account_id": "a",
        "signed_on": None,
        "renews": None,
        "is_auto_renewed": False,
        "status": "active",
        "has_exit": False,
        "notice_on": None,
    }
    return Contract(
        contract_id=contract_id,
        start=day(start),
        end=day(end) if end else None,
        source=SourceRow("contracts", contract_id, "contracts.csv", 2),
        **(given | said),
    )


def line(of: Contract, arr: int = 100, **said: Any) -> Line:
    """A line as long as its contract, in USD."""
    given: dict[str, Any] = {"product_id": None, "start": of.start, "end": of.end, "reason": None}
    line_id = said.pop("line_id", f"{of.contract_id}-1")
    return Line(
        line_id=line_id,
        contract_id=of.contract_id,
        account_id=of.account_id,
        arr=Decimal(arr),
        currency=said.pop("currency", "USD"),
        source=SourceRow("contract_lines", line_id, "contract_lines.csv", 2),
        **(given | said),
    )


def links_of(
    contracts: list[Contract], lines: list[Line], grace_days: int = 30, *, as_of: date = FAR
) -> dict[str, list[Renewal]]:
    """Renewals by predecessor, as known on a day (at the end of time without one)."""
    by_id = {c.contract_id: c for c in contracts}
    return renewals(by_id, lines, grace_days=grace_days, as_of=as_of)


def spans_of(contracts: list[Contract], lines: list[Line], grace_days: int = 30) -> dict[str, Span]:
    """Spans by line id, after renewals are linked."""
    by_id = {c.contract_id: c for c in contracts}
    links = with_add_ons(by_id, lines, links_of(contracts, lines, grace_days))
    return {s.line.line_id: s for s in line_spans(by_id, lines, links, grace_days=grace_days)}
