"""Signs of a world with a law: health scores at the account's level, and a flag and a play per fall of use."""

from __future__ import annotations

from datetime import date, timedelta

from tenure.simulate.courses import Course
from tenure.simulate.mood import WEEK
from tenure.simulate.scale import days
from tenure.simulate.signals import Scene, write_score
from tenure.simulate.worlds import Law
from tenure.simulate.years import Episode, Year

PLAYBOOK = "usage_decline"
METRIC = "usage_trend"
DRIFT, NOISE = 0.9, 1.3
"""Weekly spread of what lasts in a health score, and of what does not, in points."""


def write_levels(scene: Scene, course: Course, law: Law) -> None:
    """The rows of `health_scores`: from the first day as a customer, then weekly with gaps."""
    draw, drift = scene.stream("health"), 0.0
    changed = scene.scale.begin + (scene.scale.end - scene.scale.begin) // 2
    for start, end in scene.spans:
        day, first = start, True
        while day < end:
            drift = 0.8 * drift + draw.gauss(0, DRIFT)
            fall = law.declines.score_points * course.fallen(day)
            score = course.level - fall + drift + draw.gauss(0, NOISE)
            if first or draw.random() > 0.08:
                model = "v1" if day < changed else "v2"
                write_score(scene, draw, day, max(0.0, min(100.0, score)), model)
            day += timedelta(days=(2 - day.weekday()) % 7) if first and day.weekday() != 2 else WEEK
            first = False


def write_episodes(scene: Scene, course: Course) -> None:
    """The rows of `risk_flags` and `playbook_runs` that falls of use led to."""
    for number, (year, _contract, episode) in enumerate(course.episodes(), start=1):
        raised = episode.flagged
        if raised is None or not scene.scale.begin <= raised <= scene.scale.last:
            continue
        flag_id = f"D{scene.who.number:06d}-{number}"
        whole = _recovered(scene, year, episode)
        scene.sheets.row(
            "risk_flags",
            {
                "flag_id": flag_id,
                "account_id": scene.who.id,
                "metric_id": METRIC,
                "reason": "Use fell by more than 30 % within four weeks",
                "severity": "critical" if scene.stream(flag_id).random() < 0.25 else "at_risk",
                "raised_date": raised,
                "cleared_date": _tidied(scene, flag_id, whole),
            },
        )
        _play(scene, episode, flag_id, success=whole)


def _tidied(scene: Scene, flag_id: str, whole: date | None) -> date | None:
    """A flag is cleared some days after use has recovered; nobody clears those of who left."""
    if whole is None:
        return None
    day = whole + days(scene.stream(f"cleared {flag_id}").uniform(0, 10))
    return day if day <= scene.scale.last else None


def _recovered(scene: Scene, year: Year, episode: Episode) -> date | None:
    """The day use was whole again, if the customer was still there and it has come."""
    seen = episode.whole <= scene.scale.last
    return episode.whole if seen and not (year.fate.lost and episode.whole >= year.due) else None


def _play(scene: Scene, episode: Episode, flag_id: str, *, success: date | None) -> None:
    started, last = episode.played, scene.scale.last
    if started is None or started > last:
        return
    answered = episode.answered if episode.answered and episode.answered <= last else None
    scene.sheets.row(
        "playbook_runs",
        {
            "run_id": f"R{flag_id}",
            "account_id": scene.who.id,
            "playbook_id": PLAYBOOK,
            "metric_id": METRIC,
            "owner_id": scene.who.owner(started) or scene.team.head,
            "triggered_date": started,
            "responded_date": answered,
            "success_date": success,
        },
    )
