"""From signature to value: milestones, use cases, teams going live, goals, and what Sales passed on."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tenure.simulate.scale import days
from tenure.simulate.segments import DEPARTMENTS
from tenure.simulate.signals import Scene
from tenure.simulate.touches import Diary

PLAN = (
    ("onboarding_start", 3), ("kickoff", 10), ("first_value", 45), ("go_live", 60),
    ("onboarding_complete", 90),
)  # fmt: skip
USE_CASES = ("Monthly reporting", "Approvals", "Planning", "Data import", "Self-service", "Audit")
GOALS = (
    "Cut reporting time by half",
    "One source of figures",
    "Fewer manual approvals",
    "Onboard all teams",
)


def write_onboarding(
    scene: Scene, diary: Diary, early: Diary, *, deal_id: str | None
) -> date | None:
    """The rows of five tables about the beginning; returns the day onboarding was complete.

    `deal_id` is the deal that was won, where there is one. `early` takes the first touches of accounts
    that came before the window, so that no deal looks as if nobody had welcomed it.
    """
    draw = scene.stream("onboarding")
    slow = draw.lognormvariate(0.05, 0.35) * (1.25 - 0.3 * scene.who.care)
    done = _milestones(scene, draw, slow)
    _use_cases(scene, draw, slow, deal_id)
    _deployments(scene, draw, slow)
    _goals(scene, draw, done.get("first_value"))
    kickoff = done.get("kickoff")
    if kickoff is not None and kickoff >= scene.scale.begin:
        documented = draw.random() < 0.85
        diary.touch(
            "kickoff", kickoff, status="completed", documented=documented, purpose="onboarding"
        )
    if scene.who.start < scene.scale.begin and deal_id is not None:
        _welcome(early, scene.who.start, kickoff)
    if deal_id is not None and draw.random() < 0.8:
        _handoff(scene, draw, deal_id, kickoff)
    return done.get("onboarding_complete")


def _welcome(early: Diary, start: date, kickoff: date | None) -> None:
    """A first word within days, at times too late, and the kickoff."""
    draw, begin = early.draw, early.scale.begin
    first = start + days(draw.uniform(0, 9) if draw.random() < 0.93 else draw.uniform(14, 30))
    if first < begin:
        early.touch(draw.choice(("email", "email", "call")), first, purpose="onboarding")
    if kickoff is not None and kickoff < begin:
        documented = draw.random() < 0.85
        early.touch("kickoff", kickoff, held=True, documented=documented, purpose="onboarding")


def _milestones(scene: Scene, draw: Random, slow: float) -> dict[str, date]:
    """Planned and reached days; some steps are never reached."""
    done: dict[str, date] = {}
    reached = True
    for name, planned in PLAN:
        plan = scene.who.start + timedelta(days=planned)
        actual = scene.who.start + days(planned * slow * draw.uniform(0.8, 1.3))
        reached = reached and draw.random() < 0.97
        known = (
            reached
            and actual <= scene.scale.last
            and not (name == "kickoff" and draw.random() < 0.05)
        )
        if known:
            done[name] = actual
        scene.sheets.row(
            "onboarding_milestones",
            {
                "account_id": scene.who.id,
                "milestone": name,
                "planned_date": plan,
                "completed_date": actual if known else None,
                "user_id": scene.who.owner(plan),
            },
        )
    return done


def _use_cases(scene: Scene, draw: Random, slow: float, deal_id: str | None) -> None:
    """What was sold; one in eight is not enabled for long."""
    wanted = draw.sample(USE_CASES, draw.randint(1, 3))
    for number, name in enumerate(wanted, start=1):
        enabled: date | None = scene.who.start + days(60 * slow * draw.uniform(0.4, 1.6))
        never = draw.random() < 0.12
        enabled = None if never or enabled is None or enabled > scene.scale.last else enabled
        status = "enabled" if enabled else "cancelled" if draw.random() < 0.15 else "in_progress"
        if status == "in_progress" and scene.who.start > scene.scale.last - timedelta(days=14):
            status = "sold"
        scene.sheets.row(
            "use_cases",
            {
                "use_case_id": f"N{scene.who.number:06d}-{number}",
                "account_id": scene.who.id,
                "opportunity_id": deal_id,
                "name": name,
                "sold_date": scene.who.start,
                "enabled_date": enabled,
                "status": status,
            },
        )


def _deployments(scene: Scene, draw: Random, slow: float) -> None:
    """Teams planned; in one account of twelve a further team goes live unplanned."""
    teams = 1 if scene.who.segment.name == "smb" else draw.randint(2, 5)
    extra = draw.random() < 0.08
    for number in range(1, teams + extra + 1):
        live = scene.who.start + days(75 * slow * number**0.6 * draw.uniform(0.5, 1.5))
        never = draw.random() < 0.15 and number <= teams
        seats = max(1, scene.who.users // teams)
        scene.sheets.row(
            "deployments",
            {
                "account_id": scene.who.id,
                "team": f"Team {number}",
                "department": draw.choice(DEPARTMENTS),
                "planned_seats": seats if number <= teams else None,
                "live_date": None if never else live,
            },
        )


def _goals(scene: Scene, draw: Random, first_value: date | None) -> None:
    """One or two goals; the first says what value means, the second is dropped now and then."""
    dropped = scene.stream("dropped goals").random() < 0.15
    for number, name in enumerate(draw.sample(GOALS, draw.randint(1, 2)), start=1):
        first = number == 1
        target = scene.who.start + days(draw.uniform(60, 240))
        reached = first_value if first else target + days(draw.gauss(20, 40))
        known = reached is not None and scene.who.start <= reached <= scene.scale.last
        known = known and (first or draw.random() < 0.6)
        scene.sheets.row(
            "goals",
            {
                "goal_id": f"G{scene.who.number:06d}-{number}",
                "account_id": scene.who.id,
                "name": name,
                "is_first_value": first,
                "measure": "Hours a month, before and after",
                "owner_id": scene.who.owner(scene.who.start),
                "set_date": scene.who.start,
                "target_date": target,
                "achieved_date": reached if known else None,
                "status": "achieved" if known else "dropped" if dropped and not first else "open",
                "evidence": "Agreed in the review" if known else None,
            },
        )


def _handoff(scene: Scene, draw: Random, deal_id: str, kickoff: date | None) -> None:
    passed = min(scene.who.start + days(draw.uniform(0, 9)), scene.scale.last)
    received = passed + days(draw.expovariate(1 / 4))
    known = received <= scene.scale.last and draw.random() < 0.9
    full = draw.random() < 0.75
    scene.sheets.row(
        "handoff_records",
        {
            "handoff_id": f"H{scene.who.number:06d}",
            "opportunity_id": deal_id,
            "account_id": scene.who.id,
            "ae_id": scene.who.ae_id,
            "csm_id": scene.who.owner(passed),
            "handed_over_date": passed,
            "received_date": received if known else None,
            "expectations": "Live before the next quarter" if full else None,
            "stakeholders": "Sponsor and program lead" if full else None,
            "risks": draw.choice(("Short of people", "Old system to replace", None)),
            "kickoff_date": kickoff,
            "kickoff_outcome": draw.choice(("good", "good", "mixed", "poor")) if kickoff else None,
        },
    )
