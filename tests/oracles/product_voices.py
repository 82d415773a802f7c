"""What customers say and do around a generated company: tickets, feedback, surveys, advocacy; and our plays and notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from oracles.days import add_months

Row = dict[str, Any]
Rows = dict[str, list[Row]]
Choose = Callable[[Sequence[Any]], Any]

HOURS = [time(12), time(0), time(23, 59, 59), time(4, 30), time(18, 45)]
EDGES = [0, 1, 2, 10, 28, 29, 30, 31, 58, 59, 60, 61, 89, 90, 91, 180, -1, -2]
ACTS = ["reference_agreement", "reference_call", "case_study", "review", "cab_meeting", "referral"]
STATUSES = ["agreed", "in_progress", "completed", "published", "attended", "invited", "no_show"]
COMPANIES = ["Acme", " acme", "ACME ", "Other", None, "", "Account A1", "account x1 "]


def voices(rows: Rows, choose: Choose, today: date) -> None:
    """Add the seven tables; each holds what its metrics count and what they must not count."""
    speaker = _Speaker(rows, choose, today)
    speaker.tickets()
    speaker.feedback()
    speaker.surveys()
    speaker.advocacy()
    speaker.agreements()
    speaker.runs()
    speaker.notes()


class _Speaker:
    """Writes the rows one table after another."""

    def __init__(self, rows: Rows, choose: Choose, today: date) -> None:
        self.rows, self.choose, self.today = rows, choose, today
        self.accounts = [row["account_id"] for row in rows["accounts"] if row["account_id"] != "N1"]
        self.spoken = 0

    def add(self, table: str, rows: list[Row]) -> None:
        self.rows[table] = self.rows.get(table, []) + rows

    def back(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def instant(self, days: int) -> datetime:
        """Some hour of the day so many days back, in UTC; no two alike, so that the latest is never in doubt."""
        self.spoken += 1
        moment = datetime.combine(self.back(days), self.choose(HOURS), UTC)
        return moment + timedelta(milliseconds=self.spoken)

    def someone(self, account: str | None) -> Row:
        """One of the account's people or nobody, and one of ours or nobody."""
        contact = self.choose([f"{account}-p1", f"{account}-p1", f"{account}-p2", None])
        return {
            "account_id": account,
            "contact_id": contact if account else None,
            "user_id": self.choose(["maya", "tom", "maya", None]),
        }

    def tickets(self) -> None:
        found = []
        for number in range(self.choose([0, 12, 20, 30])):
            days = self.choose(EDGES)
            opened = self.instant(days)
            solved = self.choose([None, opened + timedelta(days=self.choose([0, 1, 31]))])
            found.append(
                {
                    "ticket_id": f"t{number}",
                    "account_id": self.choose([*self.accounts, None]),
                    "created_at": opened,
                    "solved_at": solved,
                    "status": self.choose(["open", "solved", None]),
                    "csat": self.choose([None, 1, 2, 3, 4, 5, 5]),
                }
            )
        self.add("tickets", found)

    def feedback(self) -> None:
        statuses = ["open", "planned", "shipped", "closed", "declined", None, "parked"]
        found = []
        for number in range(self.choose([0, 8, 14])):
            found.append(
                {
                    "feedback_id": f"f{number}",
                    "account_id": self.choose([*self.accounts, None]),
                    "submitted_at": self.instant(self.choose(EDGES)),
                    "kind": self.choose(["request", "bug", None, "praise", "win", "escalation"]),
                    "status": self.choose(statuses),
                    "tags": self.choose([None, None, "", "shift", "Escalation, roadmap"]),
                    "summary": self.choose(["said so", None]),
                }
            )
        self.add("feedback", found)

    def surveys(self) -> None:
        found = []
        scales: dict[str, list[Any]] = {
            "nps": [(0, 10), (0, 10), (None, None), (1, 10), (0, None)],
            "ces": self.choose([[(1, 7)], [(1, 5)], [(1, 7), (1, 5), (0, 10), (None, None)]]),
            "csat": [(1, 5), (1, 10), (None, None), (1, None)],
            "onboarding": [(1, 5)],
        }
        for number in range(self.choose([0, 25, 40])):
            kind = self.choose(["nps", "nps", "ces", "ces", "csat", "onboarding"])
            low, high = self.choose(scales[kind])
            scores = range(12) if kind == "nps" else range((low or 1) - 1, (high or 5) + 2)
            found.append(
                self.someone(self.choose([*self.accounts, None]))
                | {
                    "response_id": f"r{number}",
                    "survey_type": kind,
                    "score": self.choose([*scores, *scores, -1]),
                    "scale_min": low,
                    "scale_max": high,
                    "effort_coded": self.choose([None, False, True]) if kind == "ces" else None,
                    "responded_at": self.instant(self.choose(EDGES)),
                }
            )
        self.add("survey_responses", found)

    def act(self, number: int, account: str, **more: Any) -> Row:
        row = {
            "event_id": f"e{number:03d}",
            "event_type": self.choose(ACTS),
            "status": self.choose(STATUSES),
            "event_date": self.back(self.choose(EDGES)),
            "site": self.choose(["G2", "TrustRadius", None]),
            "referred_company": self.choose(COMPANIES),
            "rating": self.choose([None, 1, 5]),
            "incentivised": self.choose([None, True]),
        }
        return self.someone(account) | row | more

    def advocacy(self) -> None:
        found = [
            self.act(number, self.choose(self.accounts))
            for number in range(self.choose([0, 25, 40]))
        ]
        for row in found:
            # A review that is out stands somewhere; only its rating may be unknown.
            if row["event_type"] == "review" and row["site"] is None:
                row["site"] = "Capterra"
            # Stories, agreements and board meetings have their own days below, so that the last word is clear.
            if row["event_type"] in ("reference_agreement", "case_study"):
                row["event_type"] = "reference_call"
        self.add("advocacy_events", found)

    def agreements(self) -> None:
        """References and case studies around the year's edge: agreed, taken back, or both on one day."""
        edge = add_months(self.today, -12)
        found: list[Row] = []
        for account in self.accounts:
            for kind in ("reference_agreement", "case_study", "cab_meeting"):
                days = [edge, edge + timedelta(days=1), edge - timedelta(days=1), self.today]
                days += [self.back(-1), self.back(28), self.back(100)]
                for _ in range(self.choose([0, 1, 2])):
                    day = days.pop(self.choose(range(len(days))))
                    words = self.words(kind)
                    found += [
                        self.act(
                            900 + len(found) + place,
                            account,
                            event_type=kind,
                            status=word,
                            event_date=day,
                        )
                        for place, word in enumerate(words)
                    ]
        self.add("advocacy_events", found)

    def words(self, kind: str) -> list[str]:
        """The statuses of one day, in the order of their ids."""
        if kind == "cab_meeting":
            return [self.choose(["attended", "invited", "no_show", "declined"])]
        if kind == "reference_agreement":
            return self.choose([["agreed"], ["agreed"], ["withdrawn"], ["withdrawn", "agreed"]])
        return self.choose(
            [["agreed"], ["in_progress"], ["published"], ["completed"], ["declined"], ["invited"]]
            + [["declined", "agreed"]]
        )

    def runs(self) -> None:
        found = []
        for number in range(self.choose([0, 10, 20])):
            days = self.choose([0, 1, 6, 7, 8, 13, 14, 15, 29, 30, 31, 60, -1])
            begun = self.back(days)
            after = [0, 1, 6, 14, 29, 30, 31]
            found.append(
                {
                    "run_id": f"run{number}",
                    "account_id": self.choose(self.accounts),
                    "playbook_id": self.choose(["sponsor", "usage"]),
                    "metric_id": self.choose(["seat_utilization", "power_user_pct", None]),
                    "owner_id": self.choose(["maya", None]),
                    "triggered_date": begun,
                    "responded_date": self.choose(
                        [None, begun + timedelta(days=self.choose(after))]
                    ),
                    "success_date": self.choose(
                        [None, None, begun + timedelta(days=self.choose(after))]
                    ),
                }
            )
        self.add("playbook_runs", found)

    def notes(self) -> None:
        found = []
        for number in range(self.choose([0, 8, 12])):
            found.append(
                {
                    "activity_id": f"n{number}",
                    "account_id": self.choose(self.accounts),
                    "user_id": self.choose(["maya", None]),
                    "activity_type": "note",
                    "occurred_at": self.instant(self.choose(EDGES)),
                    "status": "completed",
                    "tags": self.choose(
                        [None, "", "win", "Win , shift", "escalation", "strategic_shift", "other"]
                    ),
                    "summary": self.choose(["signed for three years", None]),
                }
            )
        self.add("activities", found)
