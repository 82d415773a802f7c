"""The simulation itself: a company, account by account, straight into its files."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tenure.simulate.accounts import Account, account, write_account
from tenure.simulate.contacts import contacts, write_contacts
from tenure.simulate.contracts import Life, write_contracts
from tenure.simulate.deals import write_deals, write_statements
from tenure.simulate.mood import living, mood
from tenure.simulate.onboarding import write_limits, write_onboarding
from tenure.simulate.people import Team, hire, write_team
from tenure.simulate.rates import write_rates
from tenure.simulate.scale import Scale
from tenure.simulate.signals import Scene, write_feedback, write_health, write_tickets
from tenure.simulate.standing import life
from tenure.simulate.surveys import write_advocacy, write_surveys
from tenure.simulate.touches import Diary, write_touches
from tenure.simulate.truth import TruthBook
from tenure.simulate.usage import write_features, write_usage, write_users
from tenure.simulate.worktime import Books, write_time
from tenure.simulate.write import Sheets

PARENTS_KEPT = 40


@dataclass(frozen=True, slots=True)
class Volume:
    """How much was written: rows per table, the file of each, and how fine usage is.

    `usage_detail` is `user` (user, day and feature) or `account_day`, where finer would be too much.
    """

    rows: dict[str, int]
    files: dict[str, str]
    usage_detail: str
    first_day: date
    last_day: date


def simulate(
    folder: Path, *, accounts: int, months: int, seed: int, users_per_account: float = 6,
    active_days: float = 8, end: date = date(2026, 10, 1),
    on_progress: Callable[[int, int], None] | None = None,
) -> Volume:  # fmt: skip
    """A believable B2B software company as canonical files, and what truly happened as `truth.json`.

    The same arguments give the same bytes. Memory does not grow with the number of accounts.

    Args:
        folder: created where absent; files of a former run are overwritten.
        accounts: customers over the whole time, those that left included.
        months: length of the window with touches, usage and signals.
        seed: another seed is another company.
        users_per_account: product users of an account, on average.
        active_days: days of use per user and month, on average.
        end: the first day not covered; nothing that happened lies on or after it.
        on_progress: called with accounts done and accounts in all.

    Raises:
        UserError: a size that makes no company.
    """
    scale = Scale(accounts, months, seed, users_per_account, active_days, end)
    packed = frozenset({"usage_daily"}) if scale.usage_packed else frozenset[str]()
    team, books, parents = hire(scale), Books(), deque[str](maxlen=PARENTS_KEPT)
    with Sheets(folder, packed=packed) as sheets, TruthBook(folder / "truth.json", scale) as truth:
        write_team(sheets, scale, team)
        write_rates(sheets, scale)
        write_features(sheets)
        for number in range(1, accounts + 1):
            who = account(scale, team, number)
            told = life(scale, who)
            truth.account(who, told)
            books.note(who.id, who.holdings)
            write_account(sheets, scale, who, parent_id=_parent(scale, who, parents))
            _one(sheets, scale, team, who, told)
            if on_progress is not None:
                on_progress(number, accounts)
        write_time(sheets, scale, team, books)
        truth.close(sheets.counts)
    return _volume(sheets, scale)


def _volume(sheets: Sheets, scale: Scale) -> Volume:
    detail = "user" if scale.usage_by_user else "account_day"
    return Volume(dict(sheets.counts), dict(sheets.files), detail, scale.begin, scale.last)


def _parent(scale: Scale, who: Account, parents: deque[str]) -> str | None:
    """One larger account in twelve belongs to an earlier large one."""
    draw = scale.stream("parent", who.number)
    if who.segment.name == "smb":
        return None
    chosen = draw.choice(parents) if parents and draw.random() < 0.12 else None
    if chosen is None and who.segment.name == "enterprise":
        parents.append(who.id)
    return chosen


def _one(sheets: Sheets, scale: Scale, team: Team, who: Account, told: Life) -> None:
    """Everything about one account but its own row."""
    write_contracts(sheets, scale, who, told)
    deal_id = write_deals(sheets, scale, who, told)
    write_statements(sheets, scale, who, told)
    felt = mood(scale, who, told)
    people = contacts(scale, who, felt)
    write_contacts(sheets, scale, who, people)
    spans = living(scale, told)
    scene = Scene(sheets, scale, team, who, felt, people, spans)
    diary = Diary(sheets, scale, who, people, felt, team.head, scale.stream("touches", who.number))
    done = write_onboarding(scene, diary, deal_id=deal_id)
    write_limits(scene, told)
    write_touches(diary, spans)
    users = write_users(sheets, scale, who, told)
    write_usage(sheets, scale, who, users, told, mood=felt, spans=spans)
    write_health(scene)
    tickets = write_tickets(scene)
    write_surveys(scene, tickets, done)
    write_feedback(scene)
    write_advocacy(scene)
