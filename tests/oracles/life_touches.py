"""Contacts, activities with their attendees, and plans, with their edges on the window's days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from oracles.company import Choose, Row, Rows
from oracles.days import add_months

EDGES = [0, 1, 5, 13, 14, 15, 29, 30, 31, 45, 59, 60, 61, 89, 90, 91, 120, 200, -1, -6]
TIMES = [time(0, 0), time(4, 30), time(12, 0), time(23, 59, 59)]
KINDS = ["email", "email", "call", "meeting", "meeting", "qbr", "ebr", "kickoff", "training"]
KINDS += ["operational_review", "support_reply", "note", "chat", "fax"]
USERS = ["maya", "maya", "tom", "tom", "jonas", "sam", None]


def moment(choose: Choose, day: date) -> datetime:
    """Some instant of the day, in UTC; elsewhere it may be the day before or after."""
    return datetime.combine(day, choose(TIMES), UTC)


def add_touches(rows: Rows, choose: Choose, pivot: date, names: list[str]) -> None:
    """Fill contacts, activities, activity_contacts and cadence_plans."""
    writer = _Touches(rows, choose, pivot)
    for name in names:
        if choose([True] * 6 + [False]):
            writer.account(name)
        elif choose([True, False]):
            writer.plan(name, choose(["call", "any"]), pivot.replace(day=1))
    for _ in range(3):
        writer.activity(None, writer.some_day(), choose(KINDS))


class _Touches:
    """Writes the touches of one account after another."""

    def __init__(self, rows: Rows, choose: Choose, pivot: date) -> None:
        self.rows, self.choose, self.pivot, self.quiet = rows, choose, pivot, -9
        for table in ("contacts", "activities", "activity_contacts", "cadence_plans"):
            rows[table] = []

    def some_day(self) -> date:
        far = self.choose([self.choose(EDGES), self.choose(range(400))])
        return self.pivot - timedelta(days=max(far, self.quiet))

    def account(self, name: str) -> None:
        """One account; for some, the last touch lies exactly so many days back."""
        self.quiet = self.choose([-9] * 6 + [59, 60, 61, 29, 30])
        self.contacts(name)
        if self.quiet > 0:
            self.activity(name, self.some_day(), self.choose(KINDS))
            day = self.pivot - timedelta(days=self.quiet)
            self.sure(name, day, "email")
            self.decoys(name)
            self.plan(name, self.choose(["any", "email", "call"]), day)
            return
        for _ in range(self.choose([0, 3, 6, 12])):
            self.activity(name, self.some_day(), self.choose(KINDS))
        quarter = date(self.pivot.year, 3 * ((self.pivot.month - 1) // 3) + 1, 1)
        for kind in ("qbr", "ebr"):
            if self.choose([False, True]):
                edge = self.choose([quarter, add_months(quarter, -3), add_months(quarter, 3)])
                day = edge + timedelta(days=self.choose([0, -1, 40]))
                self.activity(name, day, kind)
        self.plans(name, quarter)

    def contacts(self, name: str) -> None:
        for number in range(self.choose([0, 1, 2, 4])):
            self.rows["contacts"].append(
                {
                    "contact_id": f"{name}-c{number}",
                    "account_id": name,
                    "name": None,
                    "email": self.choose([None, "ann@x.example", "Ann@X.example", "bo@x.example"]),
                    "role": self.choose([None, "executive_sponsor", "champion"]),
                    "is_executive_sponsor": self.choose([True, True, False, None]),
                    "active_from": self.edge([None, 400, 200, 31, 30, 0, -5], None),
                    "active_to": None,
                }
            )
            row = self.rows["contacts"][-1]
            begins = row["active_from"] or date(2000, 1, 1)
            ends = self.edge([None, None, None, 91, 45, 0, -1, -20], None)
            row["active_to"] = ends if ends is None or ends > begins else None

    def edge(self, distances: list[int | None], nothing: Any) -> Any:
        """A day at one of these distances before the pivot, or nothing."""
        far = self.choose(distances)
        return nothing if far is None else self.pivot - timedelta(days=far)

    def activity(self, name: str | None, day: date, kind: str, **more: Any) -> None:
        choose = self.choose
        row: Row = {
            "activity_id": f"t{len(self.rows['activities'])}",
            "account_id": name,
            "user_id": choose(USERS),
            "activity_type": kind,
            "occurred_at": moment(choose, day),
            "direction": choose(["outbound"] * 4 + ["two_way", None, "inbound", "sideways"]),
            "status": choose(["completed"] * 7 + ["scheduled", "cancelled", "no_show", None]),
            "is_proactive": choose([True, True, False, None]),
            "is_automated": choose([False, False, None, True]),
            "is_strategic": choose([None, None, True, False]),
            "documented": choose([True, True, False, None]),
            "sentiment": choose([None, None, Decimal("-1"), Decimal("0.35"), Decimal("0.1")]),
        } | more
        self.rows["activities"].append(row)
        people = [
            c["contact_id"] for c in self.rows["contacts"] if name and c["account_id"] == name
        ]
        for contact in people:
            if choose([True, True, False]):
                self.rows["activity_contacts"].append(
                    {
                        "activity_id": row["activity_id"],
                        "contact_id": contact,
                        "attended": choose([True, True, False, None]),
                    }
                )

    def plans(self, name: str, quarter: date) -> None:
        """Plans of some types, each a row, two rows that meet, or two with a pause between."""
        if self.choose([False, False, True]):
            self.plan_row(name, self.choose(["any", "email"]), add_months(quarter, -6), None)
            self.keep_to(self.rows["cadence_plans"][-1], "well")
            return
        for kind in ("any", "email", "meeting", "qbr", "operational_review", "fax", "note"):
            rare = kind in ("fax", "note")
            if self.choose([True] + [False] * (9 if rare else 2)):
                self.plan(name, kind, quarter)
        for plan in self.rows["cadence_plans"]:
            if plan["account_id"] == name:
                self.keep_to(plan, self.choose([None, "loosely", "well", "well"]))
        if self.choose([False, True]):
            for back in range(6):
                self.review(name, add_months(quarter, 2 - back))

    def plan(self, name: str, kind: str, quarter: date) -> None:
        choose = self.choose
        starts = [add_months(quarter, n) for n in (0, -3, -6, -12)]
        starts += [self.pivot - timedelta(days=n) for n in (360, 90, 61, 60, 31, 30, 14, 13, 0, -3)]
        if kind in ("qbr", "operational_review"):
            starts = [*starts[1:4] * 3, *starts]
        first = choose(starts)
        change = choose([None, None, choose([7, 30, 45, 60, 90])])
        pause = choose([0, 0, 1, 20])
        self.plan_row(name, kind, first, None)
        if change is not None:
            last = self.rows["cadence_plans"][-1]
            last["end_date"] = first + timedelta(days=change)
            again = last["end_date"] + timedelta(days=pause)
            self.plan_row(name, kind, again, choose([None, again + timedelta(days=60)]))

    def keep_to(self, plan: Row, how: str | None) -> None:
        """Touches on the first or last day of the plan's slots of the last half year: of all, of most, or none."""
        first = plan["start_date"]
        kind = "email" if plan["touch_type"] == "any" else plan["touch_type"]
        while how and first <= self.pivot:
            step = plan["interval_days"] or 30
            after = add_months(first, 1) if plan["calendar_month"] else first + timedelta(days=step)
            skipped = how == "loosely" and self.choose([False, False, True])
            if (self.pivot - first).days < 200 and not skipped:
                edge = self.choose([first, after - timedelta(days=1)])
                self.sure(plan["account_id"], edge, kind)
            first = after

    def decoys(self, name: str) -> None:
        """What happened since, none of it a touch."""
        for more in (
            {"activity_type": "support_reply"},
            {"direction": "inbound"},
            {"is_automated": True},
            {"status": "no_show"},
        ):
            if self.choose([True, False, False]):
                day = self.pivot - timedelta(days=self.choose([0, 3, 13, 14]))
                sure = {"status": "completed", "direction": "outbound", "is_automated": None}
                self.activity(name, day, "email", **(sure | more))

    def sure(self, name: str, day: date, kind: str) -> None:
        """A touch that counts, if nobody need attend it."""
        plain = {"status": "completed", "direction": "outbound", "is_automated": False}
        self.activity(name, day, kind, user_id=None, **plain)

    def plan_row(self, name: str, kind: str, start: date, end: date | None) -> None:
        monthly = self.choose([None, False, False, True])
        days = self.choose([7, 13, 14, 30, 30, 60, 90])
        self.rows["cadence_plans"].append(
            {
                "account_id": name,
                "touch_type": kind,
                "interval_days": self.choose([None, days]) if monthly else days,
                "calendar_month": monthly,
                "start_date": start,
                "end_date": end,
            }
        )

    def review(self, name: str, first: date) -> None:
        """An operational review early, late or not at all in a month."""
        day = self.choose([None, first, add_months(first, 1) - timedelta(days=1)])
        if day is not None:
            self.activity(name, day, "operational_review")
