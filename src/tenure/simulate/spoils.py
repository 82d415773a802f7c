"""What goes wrong in real exports, as a list: which cells of which rows, and the rule that finds it.

Added rows carry ids of their own, so that the good facts stay what the world planted. A word in braces
stands for that cell of the row the spoiled one is made from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

How = Literal["added", "changed", "twins", "many_cells", "few_cells", "quote", "json"]
Per = Literal["row", "word", "file"]


@dataclass(frozen=True, slots=True)
class Spoil:
    """One kind of fault in one table.

    `added` rows are copies with other cells, `changed` ones the rows themselves, `twins` two different
    rows of one id; the rest are lines no reader takes. `only` names a column that must hold the word
    given (`*`: anything). `per` says how an import tells it: a finding per row, per word, or per file.
    """

    table: str
    kind: str
    rule: str
    level: str
    cells: Mapping[str, str] = field(default_factory=dict)
    how: How = "added"
    only: tuple[str, str] = ("", "*")
    per: Per = "row"
    times: int = 3

    @property
    def column(self) -> str:
        """The column that the finding points at, where it is one."""
        return next(iter(self.cells), "")

    @property
    def refused(self) -> bool:
        """Whether the rows are kept out."""
        return self.level == "error"


LONG_AGO, LATER = "1999-01-04", "1999-01-05"
EARLY = {"created_at": "2001-03-05 09:00:00", "solved_at": "2001-03-05 15:00:00"}

SPOILS = (
    Spoil("account_assignments", "ends before it starts", "assignment.span", "error",
          {"end_date": LONG_AGO, "start_date": LATER}),
    Spoil("activities", "unknown word", "word.unknown", "warning",
          {"activity_type": "newsletter blast"}, "changed", ("is_automated", "true"), "word", 5),
    Spoil("activities", "no such day", "date.impossible", "error",
          {"occurred_at": "2026-02-30 10:00:00"}),
    Spoil("advocacy_events", "unknown word", "word.unknown", "warning",
          {"status": "maybe later"}, per="word"),
    Spoil("cadence_plans", "plan without slots", "cadence.slots", "error",
          {"interval_days": "", "calendar_month": "", "start_date": LONG_AGO}),
    Spoil("contacts", "two people, one id", "key.conflict", "error",
          {"contact_id": "X{contact_id}", "name": "Somebody Else"}, "twins"),
    Spoil("contacts", "leaves before coming", "contact.span", "error", {"active_to": "{active_from}"}),
    Spoil("contacts", "belongs to nobody", "contact.account", "notice", {"account_id": ""}),
    Spoil("contract_lines", "words for a number", "number.form", "error", {"arr": "on request"}),
    Spoil("contract_lines", "currency in the number", "number.unit", "error", {"arr": "$1,200"}),
    Spoil("contract_lines", "no price", "line.amount", "error",
          {"amount": "", "arr": "", "kind": "recurring", "is_trial": "false"}),
    Spoil("contracts", "ends before it starts", "contract.span", "error", {"end_date": "{start_date}"}),
    Spoil("contracts", "renews itself", "contract.predecessor", "error",
          {"renews_contract_id": "{contract_id}"}),
    Spoil("feedback", "broken line", "row.json", "error", how="json"),
    Spoil("feedback", "unknown word", "word.unknown", "warning",
          {"kind": "grumble"}, "changed", ("kind", "complaint"), "word"),
    Spoil("fx_rates", "rate of nothing", "fx.positive", "error",
          {"rate": "0", "rate_date": LONG_AGO}, times=1),
    Spoil("goals", "reached before agreed", "goal.order", "warning",
          {"achieved_date": LONG_AGO}, "changed", ("status", "achieved")),
    Spoil("goals", "text after a quote", "row.quote", "error", how="quote"),
    Spoil("health_scores", "more than the scale", "number.range", "error", {"score": "140"}, "changed"),
    Spoil("onboarding_milestones", "neither plan nor date", "milestone.dates", "warning",
          {"planned_date": "", "completed_date": "", "milestone": "security review"}),
    Spoil("opportunities", "per cent for a share", "opportunity.probability", "error",
          {"probability": "60"}),
    Spoil("opportunities", "closes before it opens", "opportunity.span", "warning",
          {"close_date": LONG_AGO}, "changed", ("stage", "closed_lost")),
    Spoil("playbook_runs", "answered before it started", "run.answer", "error",
          {"responded_date": LONG_AGO}),
    Spoil("product_users", "ends before it starts", "product_user.span", "error",
          {"removed_date": "{assigned_date}"}),
    Spoil("risk_flags", "cleared before raised", "flag.order", "error", {"cleared_date": LONG_AGO}),
    Spoil("survey_invitations", "cells too many", "row.many_cells", "error", how="many_cells"),
    Spoil("survey_invitations", "cells too few", "row.few_cells", "error", how="few_cells"),
    Spoil("survey_responses", "two answers, one id", "key.conflict", "error",
          {"response_id": "X{response_id}", "task": "another task"}, "twins"),
    Spoil("survey_responses", "beyond its scale", "survey.scale", "warning",
          {"score": "12"}, "changed", ("survey_type", "nps")),
    Spoil("tickets", "before sign-up", "doubt.tickets_early", "notice",
          EARLY, "changed", ("solved_at", "*"), "file", 8),
    Spoil("tickets", "solved before opened", "ticket.order", "warning",
          {"solved_at": "2003-01-01 10:00:00"}, "changed", ("solved_at", "*")),
    Spoil("tickets", "of the future", "time.future", "error",
          {"created_at": "2031-05-05 10:00:00", "solved_at": ""}),
    Spoil("tickets", "unknown word", "word.unknown", "warning",
          {"priority": "asap"}, "changed", per="word"),
    Spoil("tickets", "unknown account", "reference.parked", "notice",
          {"account_id": "A9999{account_id}"}, per="file", times=4),
    Spoil("time_totals", "no week", "time.week", "error",
          {"week_end": "1999-01-20", "week_start": LONG_AGO}),
    Spoil("usage_daily", "neither events nor units", "usage.amount", "error",
          {"event_count": "", "units": "", "source_row_id": "again"}),
    Spoil("usage_limits", "ends before it starts", "limit.span", "error",
          {"end_date": LONG_AGO, "start_date": LATER}),
    Spoil("use_cases", "enabled before sold", "use_case.order", "warning",
          {"enabled_date": LONG_AGO}, "changed", ("status", "enabled")),
)  # fmt: skip

OLD_FILES = {
    "advocacy_events-old.csv": (
        "event_id,account_id,event_type,status,event_date\nE1,A000001,\"review,published,2020-01-01\n",
        "quote never closed", "quote.open", 2,
    ),
    "deployments-old.csv": (
        "account_id,department,planned_seats\nA000001,Finance,5\nA000002,Sales,9\n",
        "column missing", "column.missing", 1,
    ),
    "features-old.csv": ("", "empty file", "file.empty", None),
    "goals-old.csv": (
        "goal_id,account_id,name,name\nG1,A000001,Faster,Better\n",
        "two columns of one name", "header.twice", 1,
    ),
}  # fmt: skip
"""Leftovers in the folder that are kept out whole: text, kind, rule, line."""

UNCLAIMED = ("customers_final.csv", "id,remark\n1,ask Maya\n")
"""A file that no table is named like."""
