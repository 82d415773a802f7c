"""Handover from sales to customer success: handoff_failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tenure.kernel.money import ratio
from tenure.kernel.unknown import Reason
from tenure.metrics.answers.cadence import attendance_notes
from tenure.metrics.answers.opening import by_cut
from tenure.metrics.asked import Asked, Cut, Result
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.reading import Reading

COLUMNS = (
    "opportunity_id, account_id, close_date, first_touch, was_touched_before, kickoff, "
    "oldest_use_case_waiting, source_file, source_line"
)


@dataclass(frozen=True, slots=True)
class Deal:
    """One deal won and what became of it so far."""

    opportunity_id: str
    account_id: str
    close_date: date
    first_touch: date | None
    was_touched_before: bool
    kickoff: date | None
    oldest_use_case_waiting: date | None
    source_file: str
    source_line: int | None

    @property
    def lag(self) -> int | None:
        """Days from the close to the first touch; None while nobody has touched it."""
        if self.was_touched_before:
            return 0
        return None if self.first_touch is None else (self.first_touch - self.close_date).days

    def judged(self, asked: Asked) -> dict[str, Any]:
        """The deal's entry in the answer."""
        as_of, parameters = asked.as_of, asked.parameters
        age, lag = (as_of - self.close_date).days, self.lag
        waiting = age if lag is None else lag
        late = waiting >= parameters["late_days"]
        grace = parameters["kickoff_sla_days"]
        missing = self.kickoff is None and (grace is None or age > grace)
        oldest = self.oldest_use_case_waiting
        overdue = oldest is not None and (as_of - oldest).days >= parameters["enablement_sla_days"]
        return {
            "first_touch_lag_days": lag,
            "late_first_touch": late,
            "kickoff_missing": missing,
            "days_waiting": waiting,
            "failed": late or missing or overdue,
        }


def handoff_failures(reading: Reading, asked: Asked) -> Result:
    """Deals whose first touch came late, whose kickoff is missing, or whose use cases are past their term."""
    made = reading.relation("handoffs", asked.known)
    chosen = set(reading.begun_accounts(asked)) if asked.where else None
    deals = [
        Deal(*row)
        for row in reading.query(f"select {COLUMNS} from {made} order by opportunity_id")  # noqa: S608 - our own names
        if chosen is None or row[1] in chosen
    ]
    by_deal = {deal.opportunity_id: deal.judged(asked) for deal in deals}
    reasons: dict[str, Reason] = {
        f"by_deal.{d}.first_touch_lag_days": "too_little_history"
        for d, own in by_deal.items()
        if own["first_touch_lag_days"] is None
    }
    parts = _parts(by_deal) | _use_cases(reading, asked, chosen)
    for name in ("late_first_touch_rate", "failure_rate"):
        if parts[name] is None:
            reasons[name] = "undefined"
    for name in ("use_cases_not_enabled", "use_cases_not_enabled_past_sla"):
        if parts[name] is None:
            reasons[name] = "no_data"
    accounts: dict[str, list[str]] = {}
    for deal in deals:
        accounts.setdefault(deal.account_id, []).append(deal.opportunity_id)
    cuts = []
    for key, own in by_cut(reading, asked, accounts).items():
        few = _parts({d: by_deal[d] for a in own for d in accounts[a]})
        cuts.append(Cut(key, few["failed"], few["deals_evaluated"], few))
    return Result(
        value=parts.pop("failed"),
        components={"by_deal": by_deal, **parts},
        reasons=reasons,
        cuts=cuts,
        n=len(deals),
        notes=attendance_notes(reading),
        rows=[
            SourceRow("opportunities", d.opportunity_id, d.source_file, d.source_line)
            for d in deals
        ],
    )


def _parts(by_deal: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    late = sum(1 for own in by_deal.values() if own["late_first_touch"])
    failed = sum(1 for own in by_deal.values() if own["failed"])
    return {
        "failed": failed,
        "deals_evaluated": len(by_deal),
        "late_first_touch_rate": ratio(late, len(by_deal)),
        "failure_rate": ratio(failed, len(by_deal)),
    }


def _use_cases(reading: Reading, asked: Asked, chosen: set[str] | None) -> dict[str, int | None]:
    if not reading.has("use_cases"):
        return {"use_cases_not_enabled": None, "use_cases_not_enabled_past_sla": None}
    sold: Sequence[date] = [
        row["sold_date"]
        for row in reading.rows("use_cases")
        if (chosen is None or row["account_id"] in chosen)
        and row["sold_date"] is not None
        and row["sold_date"] <= asked.as_of
        and row["status"] != "cancelled"
        and (row["enabled_date"] is None or row["enabled_date"] > asked.as_of)
    ]
    term = asked.parameters["enablement_sla_days"]
    past = sum(1 for day in sold if (asked.as_of - day).days >= term)
    return {"use_cases_not_enabled": len(sold), "use_cases_not_enabled_past_sla": past}
