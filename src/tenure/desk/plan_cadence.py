"""Plan touches: give an account a rhythm, change it from a day on, end it; for one account or for many at once.

A plan is dated data and never rewrites the past (C4): nothing begins or ends before today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tenure.desk.enter_rows import Wanted, enter_rows
from tenure.desk.entered_rows import Row, standing_rows
from tenure.desk.home import home
from tenure.desk.visible import NoSuchAccount, Scope
from tenure.facts.table import table
from tenure.insights.book import BookRow
from tenure.insights.plan import rhythm_said
from tenure.kernel import clock
from tenure.kernel.errors import UserError
from tenure.kernel.settings import MOST_DAYS

PLANS = "cadence_plans"
ANY = "any"
REVIEWS = ("qbr", "ebr", "operational_review")
FARTHEST = timedelta(days=2 * MOST_DAYS)
MOST_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Which touch, and how often: every so many days, or once each calendar month."""

    touch_type: str = ANY
    interval_days: int | None = None
    calendar_month: bool = False

    @property
    def columns(self) -> dict[str, Any]:
        """As columns of a plan."""
        return {
            "interval_days": None if self.calendar_month else self.interval_days,
            "calendar_month": self.calendar_month,
        }

    @property
    def said(self) -> str:
        """In words."""
        return rhythm_said({"touch_type": self.touch_type} | self.columns)


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What planning would do to one account: `does` is `add`, `change`, or `leave`, with `why` where it is left alone.

    `now` are the plans of the same kind in force or to come, `there` those of every kind.
    """

    account_id: str
    name: str
    does: str
    why: str
    now: Sequence[Row]
    rhythm: Rhythm | None
    there: Sequence[Row] = ()

    @property
    def there_said(self) -> str:
        """The plans there, in words."""
        return "; ".join(rhythm_said(plan) for plan in self.there)


def touch_types() -> list[str]:
    """The touches one can plan, `any` first."""
    words = table(PLANS).columns["touch_type"].words
    return [word for word in words if word not in ("note", "support_reply")]


def company_today() -> date:
    """Today on the company's clocks."""
    return clock.today(home().time_zone)


def preview_plans(
    scope: Scope,
    rows: Sequence[BookRow],
    rhythm: Rhythm | None,
    start: date,
    *,
    changing: bool,
) -> list[PlanLine]:
    """What `plan_many` would do with the same arguments, account by account.

    Args:
        scope: who plans.
        rows: the accounts as they stand.
        rhythm: what to plan; None: the default of each account's segment, as the settings have it.
        start: the first day.
        changing: also change the rhythm of accounts that have one; else they are left alone.

    Raises:
        UserError: a rhythm or a day that cannot be.
    """
    _check_day("start", start)
    if rhythm is not None:
        _check_rhythm(rhythm)
    if len(rows) > MOST_AT_ONCE:
        raise _refused(
            "accounts",
            f"{len(rows):,} accounts are too many at once.",
            f"Choose {MOST_AT_ONCE:,} at most.",
        )
    defaults = home().cadence_defaults
    with home().workspace() as workspace:
        plans = standing_rows(workspace, PLANS, [row.account_id for row in rows])
    by_account: dict[str, list[Row]] = {}
    for plan in plans.values():
        by_account.setdefault(plan["account_id"], []).append(plan)
    return [
        _line(scope, row, rhythm or _default(row, defaults), by_account.get(row.account_id, []), start, changing=changing)
        for row in rows
    ]  # fmt: skip


def plan_many(scope: Scope, lines: Sequence[PlanLine], start: date, act: UUID | None) -> int:
    """How many accounts were given a plan or another one, as `lines` say."""
    wanted: list[Wanted] = []
    doing = [line for line in lines if line.does != "leave" and line.rhythm is not None]
    for line in doing:
        assert line.rhythm is not None  # noqa: S101 - chosen above
        for plan in line.now:
            wanted += _ended(plan, start)
        wanted.append(_planned(line.account_id, line.rhythm, start))
    if wanted:
        enter_rows(scope, "plan touches", wanted, act)
    return len(doing)


def plan_touches(
    scope: Scope, account_id: str, rhythm: Rhythm, start: date, act: UUID | None = None
) -> UUID:
    """The act under which an account was given a plan.

    Raises:
        NoSuchAccount: not there, or not this person's to edit.
        UserError: a rhythm or day that cannot be, or a plan for this touch is there then.
    """
    _check_rhythm(rhythm)
    _check_day("start", start)
    for plan in _plans(scope, account_id).values():
        is_over = plan["end_date"] is not None and plan["end_date"] <= start
        if plan["touch_type"] == rhythm.touch_type and not is_over:
            raise _refused(
                "touch_type",
                f"There is a plan for this touch already: {rhythm_said(plan)}.",
                "Change that one, or end it first.",
            )
    return enter_rows(scope, "plan touches", [_planned(account_id, rhythm, start)], act)


def change_plan(
    scope: Scope, account_id: str, row: str, rhythm: Rhythm, start: date, act: UUID | None = None
) -> UUID:
    """The act under which a plan was given another rhythm from a day on; what it was before stays as it was.

    Raises:
        NoSuchAccount: no such plan, or not this person's to edit.
        UserError: a rhythm or day that cannot be.
    """
    plan = _plan(scope, account_id, row)
    _check_rhythm(rhythm)
    _check_day("start", start)
    ends = plan["end_date"]
    if start < plan["start_date"] or (ends is not None and ends <= start):
        raise _refused(
            "start",
            "The plan does not hold on that day.",
            f"Choose a day from {plan['start_date'].isoformat()} on" + (f", before {ends.isoformat()}." if ends else "."),
        )  # fmt: skip
    new = _planned(account_id, rhythm, start, ends)
    if start == plan["start_date"] and rhythm.touch_type == plan["touch_type"]:
        return enter_rows(scope, "change plan", [new], act)
    if start == plan["start_date"]:
        raise _refused(
            "touch_type",
            "A plan cannot become one for another touch on its first day.",
            "Take it back, and add another.",
        )
    return enter_rows(scope, "change plan", [*_ended(plan, start), new], act)


def end_plan(scope: Scope, account_id: str, row: str, end: date, act: UUID | None = None) -> UUID:
    """The act under which a plan ended: `end` is the first day without it.

    Raises:
        NoSuchAccount: no such plan, or not this person's to edit.
        UserError: a day that cannot be.
    """
    plan = _plan(scope, account_id, row)
    _check_day("end", end)
    if end <= plan["start_date"]:
        raise _refused(
            "end",
            "A plan ends after its first day.",
            f"Choose a day after {plan['start_date'].isoformat()}.",
        )
    return enter_rows(scope, "end plan", _ended(plan, end), act)


def _plans(scope: Scope, account_id: str) -> Mapping[str, Row]:
    if not scope.edits(account_id):
        raise NoSuchAccount(f"There is no account `{account_id}`.")
    with home().workspace() as workspace:
        return standing_rows(workspace, PLANS, [account_id])


def _plan(scope: Scope, account_id: str, row: str) -> Row:
    found = _plans(scope, account_id).get(row)
    if found is None:
        raise NoSuchAccount("There is no such plan.")
    return found


def _line(
    scope: Scope,
    row: BookRow,
    rhythm: Rhythm | None,
    plans: Sequence[Row],
    start: date,
    *,
    changing: bool,
) -> PlanLine:
    def line(does: str, why: str = "", now: Sequence[Row] = ()) -> PlanLine:
        return PlanLine(row.account_id, row.name, does, why, now, rhythm, there)

    there = [p for p in plans if p["end_date"] is None or p["end_date"] > start]

    if not scope.edits(row.account_id):
        return line("leave", "not yours to plan")
    if row.status == "churned":
        return line("leave", "has left")
    if rhythm is None:
        segment = row.segment.replace("_", " ")
        return line(
            "leave", f"no default for {segment}" if segment else "has no segment, so no default"
        )
    now = [p for p in there if _is_alike(p, rhythm)]
    if not now:
        return line("add")
    if any(_is_same(p, rhythm) and p["start_date"] <= start for p in now):
        return line("leave", "has this plan already", now)
    if any(p["start_date"] >= start for p in now):
        return line("leave", "another plan begins on that day or later", now)
    return line("change", "", now) if changing else line("leave", "has a plan", now)


def _is_alike(plan: Row, rhythm: Rhythm) -> bool:
    """Of the same kind: the same touch; and of a plan for any touch, every plan but those for reviews."""
    if rhythm.touch_type == ANY:
        return plan["touch_type"] not in REVIEWS
    return bool(plan["touch_type"] == rhythm.touch_type)


def _is_same(plan: Row, rhythm: Rhythm) -> bool:
    every = None if plan["calendar_month"] else plan["interval_days"]
    return (
        plan["touch_type"] == rhythm.touch_type
        and bool(plan["calendar_month"]) == rhythm.calendar_month
        and every == rhythm.columns["interval_days"]
        and plan["end_date"] is None
    )


def _default(row: BookRow, defaults: Mapping[str, int]) -> Rhythm | None:
    days = defaults.get(row.segment)
    return None if days is None else Rhythm(ANY, days)


def _planned(account_id: str, rhythm: Rhythm, start: date, end: date | None = None) -> Wanted:
    key = {"account_id": account_id, "touch_type": rhythm.touch_type, "start_date": start}
    return Wanted(account_id, PLANS, key, rhythm.columns | {"end_date": end})


def _ended(plan: Row, end: date) -> list[Wanted]:
    key = {name: plan[name] for name in table(PLANS).key}
    return [Wanted(plan["account_id"], PLANS, key, {"end_date": end})]


def _check_rhythm(rhythm: Rhythm) -> None:
    if rhythm.touch_type not in touch_types():
        raise _refused(
            "touch_type",
            f"`{rhythm.touch_type}` is no touch one can plan.",
            "Choose one of the list.",
        )
    if rhythm.calendar_month == (rhythm.interval_days is not None):
        raise _refused(
            "interval_days",
            "A rhythm is a number of days or once each calendar month.",
            "Give one of the two.",
        )
    if rhythm.interval_days is not None and not 1 <= rhythm.interval_days <= MOST_DAYS:
        raise _refused(
            "interval_days",
            f"Every {rhythm.interval_days} days is no rhythm.",
            f"Give 1 to {MOST_DAYS} days.",
        )


def _check_day(where: str, day: date) -> None:
    today = company_today()
    if day < today:
        raise _refused(
            where,
            f"{day.isoformat()} is past, and a plan does not rewrite the past.",
            f"Choose {today.isoformat()} or later; plans of the past are imported as cadence_plans.",
        )
    if day > today + FARTHEST:
        raise _refused(
            where, f"{day.isoformat()} is too far away.", "Choose a day within two years."
        )


def _refused(where: str, what: str, remedy: str) -> UserError:
    return UserError(what, remedy=remedy, where=where, code="plan.refused")
