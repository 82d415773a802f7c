"""What can be entered beside touches and cadence: which columns of which table, and what must be said with them.

Words, types and rules are those of the tables; here stands only what a person is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tenure.facts.table import Table, table

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One column as it is asked for.

    `of` names what an id chooses among: `contacts`, `team_members` or `opportunities` of the account. `words` keeps to
    some of the column's words; `is_long` is text over several lines. `called` names words otherwise than elsewhere.
    """

    column: str
    label: str
    hint: str = ""
    required: bool = False
    of: str = ""
    words: tuple[str, ...] = ()
    is_long: bool = False
    called: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of thing: `asked` when it is added, `changed` the columns that may change; no `asked`: it is only changed.

    `lacks` says what is wrong with the values, as column and sentence; None where nothing is. `own_id` is the column that
    gets an id of ours, empty where the key is what a person says. `starting` are first values: `today` stands for the day.
    """

    name: str
    table: str
    noun: str
    asked: tuple[Asked, ...]
    changed: tuple[str, ...]
    own_id: str = ""
    lacks: Callable[[Values, date], tuple[str, str] | None] = field(
        default=lambda _values, _today: None
    )
    starting: Mapping[str, Any] | None = None
    adds: bool = True

    @property
    def declared(self) -> Table:
        """The table it is a row of."""
        return table(self.table)

    def of(self, column: str) -> Asked:
        """How a column is asked for."""
        return next(one for one in self.asked if one.column == column)


def _goal(values: Values, today: date) -> tuple[str, str] | None:
    if values.get("status") == "achieved":
        if values.get("achieved_date") is None:
            return "achieved_date", "A goal that is reached has a day on which it was."
        if values.get("is_first_value") and not values.get("evidence"):
            return "evidence", "First value points at evidence: say what shows that it was reached."
    elif values.get("achieved_date") is not None:
        return "status", "The goal has a day on which it was reached: say that it is achieved."
    return _not_after(values, "achieved_date", today)


def _milestone(values: Values, today: date) -> tuple[str, str] | None:
    if values.get("planned_date") is None and values.get("completed_date") is None:
        return "planned_date", "Say when it is planned, or when it was reached."
    return _not_after(values, "completed_date", today)


def _review(values: Values, today: date) -> tuple[str, str] | None:
    status, moment = values.get("status"), values.get("occurred_at")
    day = moment.date() if isinstance(moment, datetime) else None
    if status == "completed" and day is not None and day > today:
        return "occurred_at", "A review is held once its day has come; until then it is planned."
    if status in ("cancelled", "no_show"):
        if status == "cancelled" and not values.get("cancelled_by"):
            return "cancelled_by", "Say whose doing it was."
    elif values.get("cancelled_by"):
        return "cancelled_by", "Only a review that did not take place was somebody's doing."
    return None


def _advocacy(values: Values, today: date) -> tuple[str, str] | None:
    if values.get("status") in (
        "completed",
        "published",
        "attended",
        "agreed",
        "declined",
        "withdrawn",
    ):
        return _not_after(values, "event_date", today)
    return None


def _use_case(values: Values, today: date) -> tuple[str, str] | None:
    if values.get("status") == "enabled" and values.get("enabled_date") is None:
        return "enabled_date", "Say since when the customer can use it."
    return _not_after(values, "enabled_date", today) or _not_after(values, "sold_date", today)


def _handoff(values: Values, today: date) -> tuple[str, str] | None:
    for column in ("handed_over_date", "received_date", "kickoff_date"):
        if found := _not_after(values, column, today):
            return found
    return None


def _notice(values: Values, today: date) -> tuple[str, str] | None:
    return _not_after(values, "notice_date", today)


def _not_after(values: Values, column: str, today: date) -> tuple[str, str] | None:
    day = values.get(column)
    if isinstance(day, date) and day > today:
        return column, "That day is still to come."
    return None


SHEETS: Mapping[str, Sheet] = {
    sheet.name: sheet
    for sheet in (
        Sheet(
            "goal", "goals", "goal",
            (
                Asked("name", "The goal, in the customer's words", required=True),
                Asked("measure", "How one sees that it is reached"),
                Asked("is_first_value", "Reaching it is the first value for them"),
                Asked("owner_id", "Kept by", of="team_members"),
                Asked("set_date", "Agreed on"),
                Asked("target_date", "To be reached by"),
                Asked("status", "Where it stands", required=True),
                Asked("achieved_date", "Reached on"),
                Asked("evidence", "What shows it"),
            ),
            ("name", "measure", "is_first_value", "owner_id", "target_date", "status", "achieved_date", "evidence"),
            own_id="goal_id", lacks=_goal, starting={"status": "open", "set_date": "today"},
        ),
        Sheet(
            "milestone", "onboarding_milestones", "milestone",
            (
                Asked("milestone", "Which step", "One of the five that numbers know, or a name of your own.", required=True),
                Asked("planned_date", "Planned for", "Moving it keeps the earlier plan in the history."),
                Asked("completed_date", "Reached on"),
                Asked("user_id", "Driven by", of="team_members"),
            ),
            ("planned_date", "completed_date", "user_id"),
            lacks=_milestone,
        ),
        Sheet(
            "review", "activities", "review",
            (
                Asked("activity_type", "Which review", required=True, words=("qbr", "ebr", "operational_review")),
                Asked("occurred_at", "When", "Another day moves it.", required=True),
                Asked("status", "What became of it", required=True, called=(("completed", "Held"), ("scheduled", "Planned"))),
                Asked("cancelled_by", "If it did not take place: whose doing"),
                Asked("user_id", "Held by", of="team_members"),
                Asked("is_strategic", "About plans, not operations"),
                Asked("sentiment", "How it felt"),
                Asked("summary", "In one line"),
            ),
            ("activity_type", "occurred_at", "status", "cancelled_by", "user_id", "is_strategic", "sentiment", "summary"),
            own_id="activity_id", lacks=_review, starting={"status": "completed", "occurred_at": "today"},
        ),
        Sheet(
            "advocacy", "advocacy_events", "act of advocacy",
            (
                Asked("event_type", "What kind of act", required=True),
                Asked("status", "How far it got", "Agreed and in progress are not yet acts; an agreement lapses after 12 months.", required=True),
                Asked("event_date", "Since when", "The day of this status.", required=True),
                Asked("contact_id", "Who acts", of="contacts"),
                Asked("user_id", "Asked for by", of="team_members"),
                Asked("site", "Where a review stands"),
                Asked("referred_company", "Whom they referred"),
                Asked("rating", "Stars of a review"),
                Asked("incentivised", "Something was given for it"),
            ),
            ("status", "event_date", "contact_id", "user_id", "site", "referred_company", "rating", "incentivised"),
            own_id="event_id", lacks=_advocacy, starting={"event_date": "today"},
        ),
        Sheet(
            "contact", "contacts", "person",
            (
                Asked("name", "Name", required=True),
                Asked("title", "Job title"),
                Asked("department", "Department"),
                Asked("role", "Part in the decision"),
                Asked("is_executive_sponsor", "Executive sponsor"),
                Asked("active_from", "There since", "Of a sponsor: the first day as sponsor."),
                Asked("active_to", "Left on", "First day no longer there; empty: still there."),
            ),
            ("title", "department", "role", "is_executive_sponsor", "active_from", "active_to"),
            own_id="contact_id",
        ),
        Sheet(
            "notice", "contracts", "notice",
            (
                Asked("notice_date", "Notice given on", "The day the customer said it will not go on; empty: no notice."),
                Asked("exit_reason", "Why, in their words"),
                Asked("exit_kind", "Whose choice it was"),
            ),
            ("notice_date", "exit_reason", "exit_kind"),
            lacks=_notice, adds=False,
        ),
        Sheet(
            "handoff", "handoff_records", "handoff record",
            (
                Asked("opportunity_id", "The won deal", required=True, of="opportunities"),
                Asked("handed_over_date", "Passed on"),
                Asked("ae_id", "Handed over by", of="team_members"),
                Asked("csm_id", "Taken over by", of="team_members"),
                Asked("expectations", "What they were told to expect", is_long=True),
                Asked("stakeholders", "Who matters there, and why", is_long=True),
                Asked("risks", "What might go wrong", is_long=True),
                Asked("received_date", "Received by the CSM on", "Empty: not yet."),
                Asked("kickoff_date", "Kickoff held on", "Empty: not yet."),
                Asked("kickoff_outcome", "How the kickoff went"),
            ),
            ("handed_over_date", "ae_id", "csm_id", "expectations", "stakeholders", "risks", "received_date", "kickoff_date", "kickoff_outcome"),
            own_id="handoff_id", lacks=_handoff,
        ),
        Sheet(
            "use-case", "use_cases", "use case",
            (
                Asked("name", "What was sold", required=True),
                Asked("opportunity_id", "By which deal", of="opportunities"),
                Asked("sold_date", "Sold on"),
                Asked("status", "Where it stands", required=True),
                Asked("enabled_date", "Enabled on", "First day on which the customer could use it."),
            ),
            ("name", "opportunity_id", "sold_date", "status", "enabled_date"),
            own_id="use_case_id", lacks=_use_case, starting={"status": "sold"},
        ),
        Sheet(
            "feeling", "activities", "feeling of a touch",
            (Asked("sentiment", "How it felt", "As you judged it, from the words and the mood."),),
            ("sentiment",), adds=False,
        ),
    )
}  # fmt: skip
"""By the name they have in addresses."""
