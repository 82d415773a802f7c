"""A generated company with a life around its contracts: people, touches, plans, scores, time, onboarding.

Everything happens at chosen distances from one pivot day, so that windows, clocks and month ends are met on
both sides. Some companies lack a table altogether; some have an account that only a contract line names.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from oracles.company import Choose, Rows, company
from oracles.days import ONE_DAY, add_months
from oracles.life_signals import add_signals
from oracles.life_touches import add_touches
from oracles.life_work import add_work
from oracles.links import torn
from oracles.reading import read
from oracles.renewals import look, on_day, unsettled

PIVOTS = [
    date(2024, 2, 29),
    date(2024, 3, 31),
    date(2024, 5, 15),
    date(2024, 12, 31),
    date(2025, 1, 1),
    date(2025, 2, 28),
    date(2025, 3, 31),
    date(2025, 6, 30),
    date(2025, 7, 1),
    date(2025, 10, 31),
]
ZONES = ["UTC", "UTC", "America/Los_Angeles", "Asia/Tokyo"]
WHOLE_TABLES = [
    "account_assignments",
    "activities",
    "activity_contacts",
    "cadence_plans",
    "contacts",
    "contracts",
    "deployments",
    "health_scores",
    "onboarding_milestones",
    "product_users",
    "risk_flags",
    "survey_responses",
    "team_members",
    "tickets",
    "time_totals",
    "use_cases",
]


@dataclass(frozen=True)
class Scene:
    """A company, the day everything is placed around, and the workspace's time zone."""

    rows: Rows
    pivot: date
    zone: str


def scene(seed: int) -> Scene:
    """One company and its surroundings; the same seed gives the same."""
    draw = random.Random(seed)
    choose: Choose = draw.choice
    pivot, zone = PIVOTS[seed % len(PIVOTS)], choose(ZONES)
    rows = _settled_company(choose, pivot)
    _accounts(rows, choose, pivot)
    _people(rows, choose)
    if choose([False, False, False, True]):
        _nameless_account(rows, choose, pivot)
    names = [row["account_id"] for row in rows["accounts"]] + _strangers(rows)
    if choose([False, True]):
        early = rows["contracts"][0]["start_date"] - timedelta(days=90)
        draft = {"contract_id": "draft", "status": "draft", "signed_date": early}
        rows["contracts"].append(rows["contracts"][0] | draft | {"renews_contract_id": None})
    add_touches(rows, choose, pivot, names)
    add_signals(rows, choose, pivot, names)
    add_work(rows, choose, pivot, starts(rows))
    for table in choose([[]] * 24 + [[name] for name in WHOLE_TABLES]):
        del rows[table]
        if table == "contracts":
            del rows["contract_lines"]
    return Scene(rows, pivot, zone)


def _settled_company(choose: Choose, pivot: date) -> Rows:
    """A revenue company of four accounts or more that two readers of its contracts read alike."""
    currencies = choose([("USD",), ("USD",), ("USD",), ("USD", "EUR")])
    while True:
        rows = company(choose, calm=True, currencies=currencies)
        if len(rows["accounts"]) >= 4 and is_settled(rows, pivot, 30) and _pays_to_the_end(rows):
            return rows


def _pays_to_the_end(rows: Rows) -> bool:
    """Whether every contract has ARR on its last day; of one that has not, readers disagree whether it falls due."""
    contracts = read(rows).contracts.values()
    last = [one.end - ONE_DAY if one.end else one.first_day for one in contracts]
    return all(sum(on_day(one, day).values()) > 0 for one, day in zip(contracts, last, strict=True))


def is_settled(rows: Rows, as_of: date, grace: int) -> bool:
    """Whether nothing about its renewals is left to the reader on the day; no renewal is renewed before it begins."""
    told = read({"contracts": [], "contract_lines": []} | dict(rows))
    if torn(told, as_of, grace):
        return False
    view = look(told, as_of, grace)
    ahead = [one for one in told.contracts.values() if one.first_day > as_of]
    return not unsettled(view) and not any(view.followers(one) for one in ahead)


def _accounts(rows: Rows, choose: Choose, pivot: date) -> None:
    """Tiers and starts, and one or two accounts without any contract."""
    firsts: dict[str, list[date]] = {}
    for row in rows["contracts"]:
        firsts.setdefault(row["account_id"], []).append(row["start_date"])
    for row in rows["contract_lines"]:
        if row["account_id"] and row["start_date"]:
            firsts.setdefault(row["account_id"], []).append(row["start_date"])
    for row in rows["accounts"]:
        first = min(firsts[row["account_id"]])
        row["tier"] = choose([None, None, "strategic", "standard"])
        row["start_date"] = choose([None, first, first - timedelta(days=20)])
    for number in range(choose([1, 2])):
        start = choose([None, *(pivot - timedelta(days=n) for n in (400, 60, 59, 0, -10))])
        rows["accounts"].append(
            {
                "account_id": f"B{number}",
                "name": f"Bare {number}",
                "segment": choose(["smb", "enterprise", None]),
                "tier": choose(["strategic", None]),
                "start_date": start,
                "currency": None,
            }
        )
    if choose([False, True]):
        _free_plan(rows, "B0")
    if choose([False, False, True]):
        choose(rows["accounts"])["segment"] = "giant"  # a word nobody declared


def _free_plan(rows: Rows, name: str) -> None:
    """A plan that costs nothing: a contract, and no active account."""
    start = next(row["start_date"] for row in rows["accounts"] if row["account_id"] == name)
    agreed = {"contract_id": f"{name}-free", "account_id": name, "status": "active"}
    span = {"start_date": start or date(2023, 1, 1), "end_date": None}
    rows["contracts"].append(dict.fromkeys(rows["contracts"][0]) | agreed | span)
    line = {"line_id": f"{name}-free-l", "contract_id": f"{name}-free", "arr": Decimal(0)}
    rows["contract_lines"].append(dict.fromkeys(rows["contract_lines"][0]) | line)


def _people(rows: Rows, choose: Choose) -> None:
    """Full-time, part-time and pooled; a support person; owners of accounts without a history."""
    for row in rows["team_members"]:
        row["fte"] = choose([None, Decimal(1), Decimal("0.6"), Decimal(2), Decimal("2.5")])
    rows["team_members"].append({"user_id": "sam", "name": "Sam", "role": "support", "fte": None})
    told = {row["account_id"] for row in rows["account_assignments"]}
    for row in rows["accounts"]:
        if row["account_id"] not in told:
            row["csm_id"] = choose([row.get("csm_id"), "tom", None])
    for row in list(rows["account_assignments"]):
        if row["role"] == "csm" and choose([False, False, True]):
            rows["account_assignments"].append(row | {"user_id": "sam", "role": "support"})


def _nameless_account(rows: Rows, choose: Choose, pivot: date) -> None:
    """An account that has a contract line and no row of its own."""
    start = pivot - timedelta(days=choose([100, 0, -5]))
    rows["contract_lines"].append(
        dict.fromkeys(rows["contract_lines"][0])
        | {
            "line_id": "Z9-l1",
            "account_id": "Z9",
            "kind": "recurring",
            "arr": Decimal(5000),
            "currency": "USD",
            "start_date": start,
            "end_date": add_months(start, 12),
        }
    )


def starts(rows: Rows) -> dict[str, date | None]:
    """When each account began; nothing is sold to one before it does."""
    found = {row["account_id"]: row["start_date"] for row in rows["accounts"]}
    for line in rows["contract_lines"]:
        if line["account_id"] and line["account_id"] not in found:
            found[line["account_id"]] = line["start_date"]
    return found


def _strangers(rows: Rows) -> list[str]:
    return ["Z9"] if any(row["account_id"] == "Z9" for row in rows["contract_lines"]) else []
