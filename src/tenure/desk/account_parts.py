"""The parts of one account's pages, read for one day: what happened, what moved, usage, people, contract, voice.

Nothing is written here. Rows that wait to be sent to the lake are laid over what the lake holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tenure.desk.entered_rows import standing_tables
from tenure.desk.home import home
from tenure.desk.models import Opinion
from tenure.insights.book import HEALTH, WORDS
from tenure.insights.contract_terms import (
    ContractTerms,
    ahead,
    changes_said,
    lines,
    months,
    movements,
    renewals,
    terms,
)
from tenure.insights.happened import Event, Source, happened
from tenure.insights.health_parts import Made, Record, made_of, record
from tenure.insights.moved import Moves, moves, nearest
from tenure.insights.people_map import PeopleMap, people_map
from tenure.insights.usage_seen import UsageSeen, mondays, parts, usage_weeks
from tenure.insights.voice import Voice, voice
from tenure.kernel.days import ONE_DAY, Period
from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Unknown
from tenure.metrics.asked import GRACE_DAYS
from tenure.metrics.derived.arr_movements import Ledger
from tenure.metrics.derived.seat_days import by_account
from tenure.metrics.own_account import reading_of, used_parts, used_weeks
from tenure.metrics.reading import Reading
from tenure.workspace import Workspace
from tenure.workspace.kept_scores import KeptScore, kept_scores
from tenure.workspace.present import Present

TIMELINE = (
    "activities", "activity_contacts", "tickets", "survey_responses", "feedback", "onboarding_milestones", "goals",
    "use_cases", "advocacy_events", "contracts", "opportunities", "handoff_records", "risk_flags",
    "account_assignments", "contacts",
)  # fmt: skip
PEOPLE = (
    "activities", "activity_contacts", "contacts", "survey_responses", "product_users", "account_assignments",
)  # fmt: skip
VOICE = ("survey_responses", "survey_invitations", "tickets", "feedback", "contacts")
AHEAD = timedelta(days=3 * 366)
"""How far ahead renewals are listed."""
FEATURE_DAYS = 90
USAGE = (
    "active_user_pct", "usage_trend", "usage_consistency", "feature_adoption_depth", "power_user_pct",
    "cross_functional_usage", "seat_utilization", "deployment_completeness", "burn_rate_forecast",
    "time_to_activation",
)  # fmt: skip


def timeline_of(account_id: str, present: Present) -> list[Event]:
    """Everything that happened with the account by the day of `present`, newest first."""
    with home().beside() as workspace:
        source = _source(workspace, account_id, present, TIMELINE)
        ledger = _ledger(reading_of(workspace.computed().reading, account_id), workspace, present)
        made = movements(ledger, account_id, present.day)
    changes = [] if isinstance(made, Unknown) else changes_said(made, present.currency)
    told = Source(
        source.rows, source.members, source.contacts, source.zone, _calls(account_id, present), changes
    )  # fmt: skip
    return happened(told, present.day)


def people_of(account_id: str, present: Present) -> PeopleMap:
    """The people of the account on the day of `present`."""
    with home().beside() as workspace:
        return people_map(_source(workspace, account_id, present, PEOPLE), present.day)


def voice_of(account_id: str, present: Present) -> Voice:
    """What the account has said by the day of `present`."""
    with home().beside() as workspace:
        return voice(_source(workspace, account_id, present, VOICE), present.day)


def contract_of(account_id: str, present: Present, *, is_past: bool) -> ContractTerms:
    """What the account has bought, and its ARR over time."""
    day = present.day
    with home().beside() as workspace:
        rows = standing_tables(workspace, ("contracts", "contract_lines"), account_id)
        own = reading_of(workspace.computed().reading, account_id)
        ledger = _ledger(own, workspace, present)
        held = terms(rows["contracts"], day, is_past=is_past)
        known = [term.contract_id for term in held]
        starts = [term.start for term in held if term.start is not None]
        span = Period(min([*starts, day]), day + ONE_DAY)
        return ContractTerms(
            terms=held,
            lines=lines(
                own.all_spans(GRACE_DAYS, day), {r["line_id"]: r for r in own.rows("contract_lines")}, known, day
            ),
            renewals=[
                *ahead(own, known, day, day + AHEAD),
                *renewals(own.dues(as_of=day, period=span, grace_days=GRACE_DAYS), known, day),
            ],
            months=months(ledger, account_id, day),
            moves=movements(ledger, account_id, day),
        )  # fmt: skip


def usage_of(account_id: str, present: Present) -> UsageSeen:
    """A year of usage and seats by week, and what of the product is used by whom."""
    day = present.day
    with home().beside() as workspace:
        reading = workspace.computed().reading
        used, first = used_weeks(reading, account_id, mondays(day)[0], day)
        features, departments = used_parts(reading, account_id, day, FEATURE_DAYS)
        own = reading_of(reading, account_id)
        values = {"as_of": day, "renewal_grace_days": GRACE_DAYS}
        spans, _ = by_account(own, values).get(account_id, ([], []))
        people = own.rows("product_users")
    return UsageSeen(
        usage_weeks(day, used, first, (spans, people)), parts(features), parts(departments), first
    )


@dataclass(frozen=True, slots=True)
class OwnPart:
    """One part of Tenure's own score: points to the left or right of a healthy account, as hundredths of a drawing."""

    metric: str
    title: str
    points: int
    x: float
    width: float


def own_score(
    account_id: str, titles: Mapping[str, str], day: date
) -> tuple[KeptScore | None, str, list[OwnPart]]:
    """The score last kept of the account with what it rests on, and its parts that move it, the largest first.

    None where none was kept by the day, or where a learned one has not proved itself on the past; the sentence says so.
    """
    try:
        kept = kept_scores(home().folder)
    except UserError as error:
        return None, f"{error.what} {error.remedy}", []
    own = None if kept is None else kept.accounts.get(account_id)
    if kept is None or own is None or own.day > day:
        return None, "", []
    if kept.is_learned and not kept.is_published:  # it has to earn its place on past quarters first
        return None, f"The learned score is not shown. {kept.says}", []
    told = [(metric, points) for metric, points in own.parts if points]
    most = max((abs(points) for _, points in told), default=1)
    parts = []
    for metric, points in sorted(told, key=lambda part: (-abs(part[1]), part[0])):
        width = round(50 * abs(points) / most, 1)
        parts.append(OwnPart(metric, titles.get(metric, metric), points, 50 - width if points < 0 else 50, width))  # fmt: skip
    return own, kept.says, parts


@dataclass(frozen=True, slots=True)
class HealthSeen:
    """What the Health page tells: the delivered score with its parts, what moved, and both track records.

    `moves` is None where no history is kept of two days; `own` is Tenure's own score as it was last kept, if it was.
    """

    made: Made | None
    moves: Moves | None
    record: Record
    kept: Sequence[date]
    own: KeptScore | None
    own_says: str
    parts: Sequence[OwnPart]


def health_of(account_id: str, present: Present, since: date) -> HealthSeen:
    """The health of the account, and what moved since a day."""
    day = present.day
    with home().beside() as workspace:
        rows = standing_tables(workspace, ("health_scores",), account_id)["health_scores"]
        kept = kept_days(workspace, day)
        found = moved_of(workspace, account_id, kept, since)
        scores = _scores(workspace, account_id, day)
        titles = {metric.id: metric.title for metric in workspace.catalogue}
    zone = ZoneInfo(home().time_zone)
    calls = [
        {
            "on": one.at.astimezone(zone).date(), "by": one.by.name, "zone": one.zone, "why": one.why_said,
            "score": one.score_then,
        }
        for one in opinions_of(account_id, day)
    ]  # fmt: skip
    return HealthSeen(
        made_of(rows, day, found.then if found else since),
        found,
        record(calls, scores, present.lines, day),
        kept,
        *own_score(account_id, titles, day),
    )


def moved_of(
    workspace: Workspace, account_id: str, kept: Sequence[date], since: date
) -> Moves | None:
    """What moved between the last kept day by `since` and the newest one; None without two of them."""
    pair = nearest(kept, since)
    if pair is None:
        return None
    held = {m for part in workspace.kept.parts.values() for m in part.metrics}
    # Figures of a person are not opened from an account (trust T2).
    metrics = [m for m in workspace.catalogue if m.id in held and m.about != "person"]
    rows = list(
        workspace.history([m.id for m in metrics], [account_id], start=pair[0], end=pair[1])
    )
    own = nearest([row["as_of"] for row in rows], since)
    return None if own is None else moves(rows, metrics, *own)


def series_of(
    account_id: str, present: Present, metrics: Sequence[str]
) -> dict[str, list[float | None]]:
    """A year of kept readings by metric, oldest first; without those of which no history is kept."""
    with home().beside() as workspace:
        held = {m for part in workspace.kept.parts.values() for m in part.metrics}
        wanted = [m for m in metrics if m in held]
        if not wanted:
            return {}
        start = present.day - timedelta(days=364)
        rows = list(workspace.history(wanted, [account_id], start=start, end=present.day))
    return {m: [_number(row[m]) for row in rows] for m in wanted}


def kept_days(workspace: Workspace, day: date) -> list[date]:
    """The as-ofs up to the day that every part of the history holds, in order."""
    parts = [set(part.runs) for part in workspace.kept.parts.values()]
    return sorted(d for d in set.intersection(*parts) if d <= day) if parts else []


def opinions_of(account_id: str, day: date) -> list[Opinion]:
    """Every call on an account by the end of a day, newest first."""
    after = datetime.combine(day + ONE_DAY, time(), ZoneInfo(home().time_zone))
    return list(Opinion.objects.filter(account_id=account_id, at__lt=after).select_related("by"))


def _calls(account_id: str, present: Present) -> list[dict[str, Any]]:
    return [
        {
            "at": one.at, "by": one.by.member_id, "name": one.by.name, "zone": WORDS[one.zone],
            "why": one.why_said,
        }
        for one in opinions_of(account_id, present.day)
    ]  # fmt: skip


def _source(
    workspace: Workspace, account_id: str, present: Present, names: Sequence[str]
) -> Source:
    rows = standing_tables(workspace, names, account_id)
    contacts = {r["contact_id"]: r["name"] or r["contact_id"] for r in rows.get("contacts", ())}
    return Source(rows, present.members, contacts, workspace.settings.time_zone)


def _ledger(own: Reading, workspace: Workspace, present: Present) -> Ledger:
    rate = workspace.computed().reading.rate_on(present.day, present.currency)
    return Ledger(own.changes(present.day, GRACE_DAYS), rate)


def _scores(workspace: Workspace, account_id: str, day: date) -> dict[date, float]:
    if not any(HEALTH in part.metrics for part in workspace.kept.parts.values()):
        return {}
    found = workspace.history([HEALTH], [account_id], end=day)
    return {row["as_of"]: float(row[HEALTH]) for row in found if row[HEALTH] is not None}


def _number(value: Any) -> float | None:
    return None if value is None or isinstance(value, bool | str) else float(value)
