"""A company of a planted world: its truth, and the same counted by hand from its files."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import ledger_by_hand
from worlds_by_hand import Files, Renewal, arms, day, pooled, quarter_before, rows

from tenure.simulate import simulate


@dataclass(frozen=True)
class Company:
    """A simulated company: its folder, its truth, and its files read by hand."""

    folder: Path

    @cached_property
    def truth(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "truth.json").read_text("utf-8"))
        return found

    @cached_property
    def files(self) -> Files:
        return Files(self.folder)

    @cached_property
    def years(self) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
        """Account and year of the truth by contract, judged ones only."""
        return {
            year["contract_id"]: (account, year)
            for account in self.truth["accounts"]
            for year in account["years"]
            if year["judged"]
        }

    @cached_property
    def renewals(self) -> list[Renewal]:
        judged = self.truth["realised"]["judged"]
        return self.files.renewals(day(judged["due_from"]), day(judged["due_to"]))

    def covered_lately(self, renewal: Renewal) -> bool:
        """As S0 asks: every slot of the quarter before was attained."""
        return self.files.attainment(renewal.account_id, *quarter_before(renewal.due)) == 1

    def covered_long(self, renewal: Renewal) -> bool:
        """Four in five slots attained from twelve months before until 90 days before it fell due."""
        end = renewal.due - timedelta(days=90)
        start = max(renewal.start, end - timedelta(days=365))
        attained = self.files.attainment(renewal.account_id, start, end)
        return attained is not None and attained >= 0.8

    def zone(self, renewal: Renewal) -> str:
        """The health zone at the start of the year, by the usual bands."""
        first = day(self.truth["first_day"])
        score = self.files.score_on(renewal.account_id, max(renewal.start, first))
        assert score is not None
        return "low" if score < 50 else "middle" if score < 70 else "high"

    @cached_property
    def steps(self) -> dict[str, list[tuple[date, Decimal]]]:
        """Days on which the ARR of each account moved, with the ARR after."""
        last = day(self.truth["last_day"])
        spans = ledger_by_hand.spans(self.folder, last)
        return {account: ledger_by_hand.steps(held, last) for account, held in spans.items()}

    @cached_property
    def coverage_gap(self) -> tuple[float, float]:
        """Raw difference of renewal rates by coverage, and its standard error."""
        found = arms((self.covered_lately(r), r.renewed) for r in self.renewals)
        return found.gap, found.error

    @cached_property
    def gap_within_zones(self) -> tuple[float, float]:
        """The same pooled within health zones."""
        strata: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
        for renewal in self.renewals:
            strata[self.zone(renewal)].append((self.covered_long(renewal), renewal.renewed))
        return pooled(arms(stratum) for stratum in strata.values())

    @cached_property
    def played_gap(self) -> tuple[float, float]:
        """Who left after a fall of use was flagged: with a play within a week minus without."""
        left = {r.account_id: r.due for r in self.renewals if not r.renewed}
        ends = {(r.account_id, r.due): r.renewed for r in self.renewals}
        runs = defaultdict(list)
        for run in rows(self.folder, "playbook_runs"):
            if run["playbook_id"] == "usage_decline":
                runs[run["account_id"]].append(day(run["triggered_date"]))
        pairs = []
        for flag in rows(self.folder, "risk_flags"):
            account, raised = flag["account_id"], day(flag["raised_date"])
            due = [d for a, d in ends if a == account and 0 <= (d - raised).days <= 365]
            if flag["metric_id"] == "usage_trend" and due:
                played = any(0 <= (started - raised).days <= 7 for started in runs[account])
                pairs.append((played, left.get(account) == min(due)))
        found = arms(pairs)
        return found.gap, found.error


def made(folder: Path, world: str, **size: Any) -> Company:
    wanted = {"accounts": 450, "months": 30, "seed": 11, "active_days": 0.2, **size}
    simulate(folder, world=world, **wanted)
    return Company(folder)
