"""Engagement (metrics 3.1): sponsors, strategy, activity, people, milestones, counted by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from oracles.coverage import at_least
from oracles.reading import NO_DATA, Missing
from oracles.renewals import share
from oracles.standing import NO_TOUCH, Life, Row, covers

Found = dict[str, Any]


def sponsors(life: Life, account: str, day: date) -> list[Row]:
    """Executive sponsors of the account who were there that day."""
    return [
        row
        for row in life.table("contacts")
        if row["account_id"] == account
        and row["is_executive_sponsor"]
        and covers(row, day, "active_from", "active_to")
    ]


def days_attended(life: Life, contact: Row) -> list[date]:
    """Days of completed activities that a contact attended or replied to."""
    there = {
        row["activity_id"]
        for row in life.table("activity_contacts")
        if row["contact_id"] == contact["contact_id"] and row["attended"]
    }
    return [day for day, row in life.completed() if row["activity_id"] in there]


def exec_sponsor_reached(life: Life, start: date, end: date) -> Found:
    """Whether anybody who was a sponsor on that very day attended or replied in the period."""
    reached: dict[str, bool] = {}
    for name in life.accounts:
        reached[name] = any(
            one["account_id"] == name
            and one["is_executive_sponsor"]
            and start <= day < end
            and covers(one, day, "active_from", "active_to")
            for one in life.table("contacts")
            for day in days_attended(life, one)
        )
    day = life.last_day(end)
    active = life.active(day)
    rate = share(sum(reached[name] for name in active), len(active))
    none = life.listed((name for name in reached if not sponsors(life, name, day)), day)
    return {"by_account": reached, "rate": rate, "no_sponsor": none, "value": rate}


def exec_sponsor_unresponsive_days(life: Life, *, threshold_days: int = 30) -> Found:
    """Days since any present sponsor attended or replied."""
    silent: dict[str, int | Missing] = {}
    none = []
    for name in life.accounts:
        there = sponsors(life, name, life.as_of)
        if not there:
            none.append(name)
        answers = [
            day
            for one in there
            for day in days_attended(life, one)
            if covers(one, day, "active_from", "active_to")
        ]
        since = max(answers, default=None)
        if there and since is None:
            firsts = [one["active_from"] for one in there if one["active_from"] is not None]
            begins = [min(firsts, default=None), life.began(name)]
            since = max((day for day in begins if day is not None), default=None)
        silent[name] = NO_DATA if since is None else (life.as_of - since).days
    return {
        "by_account": silent,
        "no_sponsor": life.listed(none),
        "at_risk": life.listed([*none, *at_least(silent, threshold_days)]),
    }


def strategic_alignment(life: Life, *, window_days: int = 90) -> Found:
    """Strategic activities with a customer there, in the window."""
    first = life.as_of - timedelta(days=window_days - 1)
    counts: dict[str, int | Missing] = {}
    for name in life.accounts:
        tagged = any(
            row["account_id"] == name
            and row["is_strategic"] is not None
            and life.day(row["occurred_at"]) <= life.as_of
            for row in life.table("activities")
        )
        count = sum(
            1
            for day, row in life.completed()
            if row["account_id"] == name
            and row["is_strategic"]
            and day >= first
            and row["activity_id"] in life.attended
        )
        counts[name] = count if tagged else NO_DATA
    return {"by_account": counts, "aligned": life.listed(at_least(counts, 1))}


def engagement_activity(life: Life, start: date, end: date) -> Found:
    """Proactive activities of people in the period; the account does not matter."""
    by_csm: dict[str, int] = defaultdict(int)
    for day, row in life.completed():
        ours = row["is_proactive"] and not row["is_automated"] and row["direction"] != "inbound"
        if ours and row["activity_type"] not in NO_TOUCH and start <= day < end:
            by_csm[row["user_id"] or "unassigned"] += 1
    return {"value": sum(by_csm.values()), "by_csm": dict(by_csm)}


def multi_threading(life: Life, *, window_days: int = 90) -> Found:
    """Different present people who attended or replied in the window."""
    first = life.as_of - timedelta(days=window_days - 1)
    people: dict[str, set[str]] = {name: set() for name in life.accounts}
    for one in life.table("contacts"):
        here = covers(one, life.as_of, "active_from", "active_to")
        answered = any(day >= first for day in days_attended(life, one))
        if one["account_id"] in people and here and answered:
            who = "@" + one["email"].lower() if one["email"] else one["contact_id"]
            people[one["account_id"]].add(who)
    counts = {name: len(found) for name, found in people.items()}
    single = life.listed(name for name, count in counts.items() if count <= 1)
    return {"by_account": counts, "single_threaded": single}


def onboarding_milestone_completion(life: Life) -> Found:
    """Planned milestones that are due, done and done on time, over all accounts."""
    due = completed = on_time = 0
    overdue: list[tuple[str, str]] = []
    early: list[tuple[str, str]] = []
    for row in life.table("onboarding_milestones"):
        plan, done = row["planned_date"], row["completed_date"]
        reached = done is not None and done <= life.as_of
        if plan is None:
            continue
        if plan > life.as_of:
            early += [(row["account_id"], row["milestone"])] if reached else []
            continue
        due, completed = due + 1, completed + reached
        on_time += reached and done <= plan
        overdue += [] if reached else [(row["account_id"], row["milestone"])]
    by_account: dict[str, list[str]] = defaultdict(list)
    for name, milestone in sorted(overdue):
        by_account[name].append(milestone)
    rate = share(completed, due)
    return {
        "due": due,
        "completed": completed,
        "completion_rate": rate,
        "on_time_rate": share(on_time, due),
        "overdue": [milestone for _, milestone in sorted(overdue)],
        "completed_early_not_due": [milestone for _, milestone in sorted(early)],
        "overdue_by_account": dict(by_account),
        "value": rate,
    }
