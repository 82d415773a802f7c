"""The simulation itself: a company, account by account, straight into its files."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from tenure.simulate.accounts import Account, account, write_account
from tenure.simulate.cadences import write_kept_and_missed
from tenure.simulate.contacts import contacts, write_contacts
from tenure.simulate.contracts import Life, write_contracts
from tenure.simulate.courses import Course, live_by_law
from tenure.simulate.deals import write_deals, write_statements
from tenure.simulate.faults import Mess
from tenure.simulate.limits import write_further_limits, write_limits
from tenure.simulate.mess import clear_former, make_mess
from tenure.simulate.mood import MIDWEEK, leaning, living, mood
from tenure.simulate.onboarding import write_onboarding
from tenure.simulate.people import Team, hire, write_team
from tenure.simulate.planted import write_episodes, write_levels
from tenure.simulate.plays import write_other_plays
from tenure.simulate.rates import write_rates
from tenure.simulate.scale import Scale
from tenure.simulate.signals import Scene, write_feedback, write_health, write_tickets
from tenure.simulate.small_talk import write_small_talk, write_webinars
from tenure.simulate.standing import life
from tenure.simulate.surveys import write_advocacy, write_surveys
from tenure.simulate.touches import Diary, write_touches
from tenure.simulate.truth import TruthBook
from tenure.simulate.usage import write_features, write_usage, write_users
from tenure.simulate.worktime import Books, write_time
from tenure.simulate.worlds import World, world_named
from tenure.simulate.write import Sheets

PARENTS_KEPT = 40


@dataclass(frozen=True, slots=True)
class Volume:
    """How much was written: rows per table, the file of each, and how fine usage is.

    `usage_detail` is `user` (user, day and feature) or `account_day`, where finer would be too much.
    `import_options` are the options without which `tenure import` cannot read the files.
    """

    rows: dict[str, int]
    files: dict[str, str]
    usage_detail: str
    first_day: date
    last_day: date
    world: str
    import_options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Company:
    """What every account of one simulation shares."""

    sheets: Sheets
    scale: Scale
    team: Team
    world: World


def simulate(
    folder: Path | str, *, accounts: int, months: int, seed: int, users_per_account: float = 6,
    active_days: float = 8, end: date = date(2026, 10, 1), world: str = "plain",
    on_progress: Callable[[int, int], None] | None = None,
) -> Volume:  # fmt: skip
    """A B2B software company as canonical files, and what truly happened as `truth.json` and `TRUTH.md`.

    The same arguments give the same bytes. Memory does not grow with the number of accounts.

    Args:
        folder: created where absent; files of a former run are replaced.
        accounts: customers over the whole time, those that left included.
        months: length of the window with touches, usage and signals.
        seed: another seed is another company.
        users_per_account: product users of an account, on average.
        active_days: days of use per user and month, on average.
        end: the first day not covered; nothing that happened lies on or after it.
        world: what is planted: `plain`, `effect`, `no-effect`, `confounded` or `messy`.
        on_progress: called with accounts done and accounts in all.

    Raises:
        UserError: a size that makes no company.
        UnknownName: no such world.
    """
    chosen = world_named(world)
    scale = Scale(accounts, months, seed, users_per_account, active_days, end)
    folder = Path(folder)
    clear_former(folder)
    packed = frozenset({"usage_daily"}) if scale.usage_packed else frozenset[str]()
    team, books, parents = hire(scale), Books(), deque[str](maxlen=PARENTS_KEPT)
    with TruthBook(folder, scale, chosen) as truth:
        with Sheets(folder, packed=packed) as sheets:
            company = _Company(sheets, scale, team, chosen)
            write_team(sheets, scale, team)
            write_rates(sheets, scale)
            write_features(sheets)
            for number in range(1, accounts + 1):
                who = account(scale, team, number)
                told, course = _lived(scale, chosen, who)
                truth.account(who, told, course)
                books.note(who.id, who.holdings)
                write_account(sheets, scale, who, parent_id=_parent(scale, who, parents))
                _one(company, who, told, course)
                if on_progress is not None:
                    on_progress(number, accounts)
            write_webinars(sheets, scale, team)
            write_time(sheets, scale, team, books)
        mess = make_mess(scale, sheets) if chosen.messy else None
        truth.close(sheets.counts, mess)
    return _volume(sheets, scale, chosen, mess)


def _lived(scale: Scale, world: World, who: Account) -> tuple[Life, Course | None]:
    """The contractual life of `who`, with its course where a law decides."""
    return (life(scale, who), None) if world.law is None else live_by_law(scale, who, world.law)


def _volume(sheets: Sheets, scale: Scale, world: World, mess: Mess | None) -> Volume:
    return Volume(
        rows=dict(sheets.counts),
        files=dict(sheets.files),
        usage_detail="user" if scale.usage_by_user else "account_day",
        first_day=scale.begin,
        last_day=scale.last,
        world=world.name,
        import_options=tuple(mess.options()) if mess else (),
    )


def _parent(scale: Scale, who: Account, parents: deque[str]) -> str | None:
    """One larger account in twelve belongs to an earlier large one."""
    draw = scale.stream("parent", who.number)
    if who.segment.name == "smb":
        return None
    chosen = draw.choice(parents) if parents and draw.random() < 0.12 else None
    if chosen is None and who.segment.name == "enterprise":
        parents.append(who.id)
    return chosen


def _one(company: _Company, who: Account, told: Life, course: Course | None) -> None:
    """Everything about one account but its own row."""
    sheets, scale = company.sheets, company.scale
    write_contracts(sheets, scale, who, told)
    deal_id = write_deals(sheets, scale, who, told)
    write_statements(sheets, scale, who, told)
    if course is None:
        felt = mood(scale, who, told, leaning(who))
    else:
        felt = mood(scale, who, told, course.zone.mood, felt_on=MIDWEEK)
    people = contacts(scale, who, felt, anchored=course is not None)
    write_contacts(sheets, scale, who, people)
    spans = living(scale, told)
    scene = Scene(sheets, scale, company.team, who, felt, people, spans)
    done = _touched(scene, course, deal_id=deal_id)
    write_limits(scene, told)
    write_further_limits(scene, told)
    users = write_users(sheets, scale, who, told)
    write_usage(sheets, scale, who, users, told, mood=felt, spans=spans)
    _watched(company, scene, course)
    tickets = write_tickets(scene)
    write_surveys(scene, tickets, done)
    write_feedback(scene)
    write_advocacy(scene)


def _touched(scene: Scene, course: Course | None, *, deal_id: str | None) -> date | None:
    """Onboarding and all touches; returns the day onboarding was complete."""
    who, team = scene.who, scene.team
    stand_in = team.head if course is None else who.ae_id
    diary = Diary(
        scene.sheets, scene.scale, who, scene.people, scene.mood, stand_in, scene.stream("touches")
    )
    early = replace(diary, draw=scene.stream("early touches"), prefix="Y")
    done = write_onboarding(scene, diary, early, deal_id=deal_id)
    if course is None:
        write_touches(diary, scene.spans)
    else:
        write_kept_and_missed(diary, course, scene.spans)
    talk = replace(diary, draw=scene.stream("small talk"), prefix="Z", count=0)
    write_small_talk(talk, scene.spans)
    return done


def _watched(company: _Company, scene: Scene, course: Course | None) -> None:
    """Health scores, and the flags and plays that they and other signs lead to."""
    if course is None or company.world.law is None:
        write_health(scene)
    else:
        write_levels(scene, course, company.world.law)
        write_episodes(scene, course)
    write_other_plays(scene, open_ones=course is not None)
