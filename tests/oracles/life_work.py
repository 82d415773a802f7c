"""Time of the team, deals and what became of them, onboarding, roll-out and first use."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from oracles.company import Choose, Row, Rows
from oracles.days import ONE_DAY, add_months
from oracles.life_touches import moment

WORDS = ["customer_facing", "customer_facing", "internal", "support_tickets", "qbr_prep"]
WORDS += ["uncategorised", "golf"]
STEPS = ["onboarding_start", "onboarding_start", "kickoff", "first_value", "first_value"]
STEPS += ["go_live", "data_migration"]
REACHED = {
    "onboarding_start": [90, 91, 120, 180, 200, 240, 300],
    "first_value": [-1, 0, 1, 30, 60, 61, 89, 90, 91, 100, 120, 150, 179, 180],
}
STEP_DAYS = [0, 1, 14, 29, 30, 60, 61, 89, 90, 91, 120, 180, -1, -15]
MINUTES = [Decimal(text) for text in ("60", "120", "90", "7.5", "0", "600")]
TABLES = ("time_totals", "use_cases", "onboarding_milestones", "deployments")


def add_work(rows: Rows, choose: Choose, pivot: date, starts: dict[str, date | None]) -> None:
    """Fill the four tables, product_users and usage_daily; more deals, with touches near their close."""
    for table in (*TABLES, "product_users", "usage_daily"):
        rows[table] = []
    writer = _Work(rows, choose, pivot, starts)
    for name in starts:
        writer.deals(name)
        if choose([True] * 5 + [False]):
            writer.onboarding(name)
            writer.rollout(name)
            writer.use(name)
    writer.time(list(starts))


class _Work:
    """Writes what hangs on the days since an account began."""

    def __init__(self, rows: Rows, choose: Choose, pivot: date, starts: dict[str, Any]) -> None:
        self.rows, self.choose, self.pivot, self.starts = rows, choose, pivot, starts

    def since_start(self, name: str, distances: list[int]) -> date:
        """A day before the pivot by one of these distances, and not before the account's start."""
        day = self.pivot - timedelta(days=self.choose(distances))
        return max(day, self.starts[name] or day)

    def deals(self, name: str) -> None:
        for number in range(self.choose([0, 0, 1, 2])):
            close = self.pivot - timedelta(
                days=self.choose([0, 1, 13, 14, 15, 29, 30, 89, 90, 200, -2])
            )
            deal = f"{name}-d{number}"
            self.rows["opportunities"].append(
                {
                    "opportunity_id": deal,
                    "account_id": name,
                    "opportunity_type": self.choose(["new_business"] * 4 + ["renewal", None]),
                    "stage": self.choose(["closed_won"] * 4 + ["closed_lost", "open"]),
                    "created_date": close - timedelta(days=60),
                    "close_date": self.choose([close] * 8 + [None]),
                    # The revenue oracle reads these of every deal.
                    "is_qualified": None,
                    "amount_arr": Decimal(1),
                    "probability": Decimal(1),
                    "currency": None,
                }
            )
            self.near(name, close)
            for _ in range(self.choose([0, 1, 2])):
                self.use_case(name, self.choose([deal, None]))

    def near(self, name: str, close: date) -> None:
        """Touches and kickoffs on both sides of the lines around a close."""
        for kind, distances in (
            ("email", [-31, -30, -1, 0, 13, 14, 15]),
            ("kickoff", [-31, -30, 0, 14, 15, 40]),
        ):
            if self.choose([True, True, False]):
                day = close + timedelta(days=self.choose(distances))
                self.rows["activities"].append(
                    {
                        "activity_id": f"t{len(self.rows['activities'])}",
                        "account_id": name,
                        "user_id": self.choose(["maya", "tom", None]),
                        "activity_type": kind,
                        "occurred_at": moment(self.choose, day),
                        "direction": "outbound",
                        "status": self.choose(["completed", "completed", "no_show"]),
                        "is_proactive": None,
                        "is_automated": None,
                        "is_strategic": None,
                        "documented": self.choose([True, True, False, None]),
                        "sentiment": None,
                    }
                )

    def use_case(self, name: str, deal: str | None) -> None:
        sold = self.choose([self.since_start(name, [0, 89, 90, 91, 180, -1])] * 6 + [None])
        enabled = None
        if sold is not None:
            enabled = self.choose([None, None, sold, max(sold, self.pivot), sold + 50 * ONE_DAY])
        self.rows["use_cases"].append(
            {
                "use_case_id": f"u{len(self.rows['use_cases'])}",
                "account_id": name,
                "opportunity_id": deal,
                "sold_date": sold,
                "enabled_date": enabled,
                "status": self.choose(["sold", "enabled", "cancelled", None, "sleeping"]),
            }
        )

    def onboarding(self, name: str) -> None:
        for step in sorted({self.choose(STEPS) for _ in range(self.choose([2, 6, 9]))}):
            reached = self.since_start(name, REACHED.get(step, STEP_DAYS))
            self.rows["onboarding_milestones"].append(
                {
                    "account_id": name,
                    "milestone": step,
                    "planned_date": self.choose([self.since_start(name, STEP_DAYS), None]),
                    "completed_date": self.choose([reached] * 4 + [None]),
                    "user_id": self.choose(["maya", None]),
                }
            )

    def rollout(self, name: str) -> None:
        unplanned = self.choose([False, False, True])
        for number in range(self.choose([0, 1, 2, 4])):
            seats = None if unplanned else self.choose([None, 0, 5, 40])
            live = self.choose([None, *(self.pivot - timedelta(days=n) for n in (60, 1, 0, -1))])
            self.rows["deployments"].append(
                {
                    "account_id": name,
                    "team": f"team {number}",
                    "planned_seats": seats,
                    "live_date": live,
                }
            )

    def use(self, name: str) -> None:
        """Seats of a few users, one of ours among them, and what they did from the first seat on."""
        users = []
        first = self.since_start(name, [200, 60, 30, 0, -1])
        for number in range(self.choose([0, 1, 3, 4])):
            user: Row = {
                "product_user_id": f"{name}-u{number}",
                "product_id": None,
                "account_id": name,
                "assigned_date": first + timedelta(days=7 * number),
                "removed_date": None,
                "is_internal": self.choose([False, None, True]),
            }
            user["assigned_date"] = self.choose([user["assigned_date"]] * 4 + [None])
            users.append(user)
        self.rows["product_users"] += users
        given = [
            row["assigned_date"] for row in users if row["assigned_date"] and not row["is_internal"]
        ]
        begin = min(given, default=first)
        days = {begin + timedelta(days=self.choose([0, 1, 7, 30, 60])) for _ in range(4)}
        for row in users:
            for day in sorted(days):
                self.rows["usage_daily"].append(
                    {
                        "account_id": name,
                        "product_user_id": row["product_user_id"],
                        "usage_date": day,
                        "feature_id": self.choose(["F1", "F2", "login", None]),
                        "event_count": self.choose([0, 1, 2, 5]),
                        "units": None,
                    }
                )

    def time(self, names: list[str]) -> None:
        """Weeks cut at month ends, for three people; now and then one that was not cut."""
        for user in ("maya", "tom", "jonas"):
            monday = self.pivot - timedelta(days=self.pivot.weekday() + 7 * 40)
            while monday < self.pivot + timedelta(days=14):
                if self.choose([False, False, False, True]):
                    for first, after in self.pieces(monday):
                        self.week(user, first, after, names)
                monday += timedelta(days=7)

    def pieces(self, monday: date) -> list[tuple[date, date]]:
        after = monday + timedelta(days=7)
        cut = add_months(monday.replace(day=1), 1)
        if cut < after and not self.choose([False] * 5 + [True]):
            return [(monday, cut), (cut, after)]
        return [(monday, after)]

    def week(self, user: str, first: date, after: date, names: list[str]) -> None:
        known = [name for name in names if (self.starts[name] or first) <= first]
        cells = {
            (self.choose(WORDS), self.choose([None, self.choose(known)] if known else [None]))
            for _ in range(self.choose([1, 2, 3]))
        }
        for word, account in sorted(cells, key=str):
            self.rows["time_totals"].append(
                {
                    "user_id": user,
                    "week_start": first,
                    "week_end": after,
                    "category": word,
                    "account_id": account,
                    "minutes": self.choose(MINUTES),
                }
            )
