"""Flags and plays for every other reason: silent sponsors, missed reviews, room to grow, a word from a person.

They change nothing in any world. In `plain` each is cleared before the last day, so that its number of
accounts at risk stays what low health makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from tenure.simulate.scale import days
from tenure.simulate.signals import Scene


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a flag is raised, the play that answers it (empty: none), and how often in a year."""

    metric: str
    reason: str
    severity: str
    playbook: str
    a_year: float


SPONSOR = Cause(
    "exec_sponsor_unresponsive_days", "Sponsor silent for 30 days", "at_risk",
    "unresponsive_sponsor", 0.16,
)  # fmt: skip
OTHERS = (
    Cause("missed_operational_reviews", "Two monthly reviews missed", "at_risk",
          "missed_reviews", 0.25),
    Cause("", "A colleague heard of a reorganisation", "watch", "", 0.05),
    Cause("seat_utilization", "More seats may be needed soon", "watch", "seat_expansion", 0.1),
    Cause("reference_willingness", "Ready to be asked for a reference", "watch",
          "reference_ask", 0.06),
)  # fmt: skip


def write_other_plays(scene: Scene, *, open_ones: bool) -> None:
    """More rows of `risk_flags` and `playbook_runs`; `open_ones`: some are open on the last day."""
    draw, count = scene.stream("other plays"), 0
    sponsored = any(contact.sponsors for contact in scene.people)
    for cause in (SPONSOR, *OTHERS):
        reviewed = scene.who.segment.name == "enterprise"
        apt = {SPONSOR.metric: sponsored, OTHERS[0].metric: reviewed}.get(cause.metric, True)
        for day in scene.visits(draw, cause.a_year / 12):
            cleared = day + days(draw.uniform(10, 75))
            count += 1
            if apt and (cleared <= scene.scale.last or open_ones):
                _raise(scene, draw, cause, f"{scene.who.number:06d}-{count}", (day, cleared))


def _raise(scene: Scene, draw: Random, cause: Cause, number: str, span: tuple[date, date]) -> None:
    """One flag, and in seven of ten cases its play."""
    raised, cleared = span
    last = scene.scale.last
    scene.sheets.row(
        "risk_flags",
        {
            "flag_id": f"W{number}",
            "account_id": scene.who.id,
            "metric_id": cause.metric,
            "reason": cause.reason,
            "severity": cause.severity,
            "raised_date": raised,
            "cleared_date": cleared if cleared <= last else None,
        },
    )
    if not cause.playbook or draw.random() > 0.7:
        return
    answered = raised + days(draw.expovariate(1 / 9)) if draw.random() < 0.65 else None
    met = max(answered, cleared) if answered and draw.random() < 0.6 else None
    scene.sheets.row(
        "playbook_runs",
        {
            "run_id": f"RW{number}",
            "account_id": scene.who.id,
            "playbook_id": cause.playbook,
            "metric_id": cause.metric,
            "owner_id": scene.who.owner(raised) or scene.team.head,
            "triggered_date": raised,
            "responded_date": answered if answered and answered <= last else None,
            "success_date": met if met and met <= last else None,
        },
    )
