"""Signs an account gives: health scores, tickets, feedback, and the risk flags raised on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tenure.simulate.accounts import Account, choose
from tenure.simulate.contacts import Contact
from tenure.simulate.mood import WEEK, Mood
from tenure.simulate.people import Team
from tenure.simulate.scale import Scale, days
from tenure.simulate.touches import moment
from tenure.simulate.write import Sheets

PRIORITIES = (("low", 0.25), ("normal", 0.5), ("high", 0.2), ("urgent", 0.05))
CATEGORIES = ("how to", "bug", "billing", "integration", "access")
ANSWERS = (
    ("open", 0.45),
    ("planned", 0.2),
    ("shipped", 0.15),
    ("closed", 0.12),
    ("declined", 0.08),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """What all signs of one account look at."""

    sheets: Sheets
    scale: Scale
    team: Team
    who: Account
    mood: Mood
    people: tuple[Contact, ...]
    spans: list[tuple[date, date]]

    def stream(self, theme: str) -> Random:
        """The random stream of a theme of this account."""
        return self.scale.stream(theme, self.who.number)

    def someone(self, draw: Random, day: date) -> str | None:
        """The id of somebody who is there on `day`."""
        there = [contact.id for contact in self.people if contact.there(day)]
        return draw.choice(there) if there else None

    def visits(self, draw: Random, a_month: float) -> list[date]:
        """Days, on average `a_month` in every month as a customer."""
        found = []
        for start, end in self.spans:
            day = start + days(draw.expovariate(a_month / 30.4))
            while day < end:
                found.append(day)
                day += days(max(1, draw.expovariate(a_month / 30.4)))
        return found


def write_health(scene: Scene) -> None:
    """The rows of `health_scores`, weekly with gaps, and the flags and plays that low ones start."""
    draw, scale = scene.stream("health"), scene.scale
    shaky, usual = draw.uniform(2.5, 6.0), 68 + draw.gauss(0, 7)
    changed = scale.begin + (scale.end - scale.begin) // 2
    low_since: date | None = None
    flag = 0
    for start, end in scene.spans:
        day = start + timedelta(days=(2 - start.weekday()) % 7)
        while day < end:
            score = max(0.0, min(100.0, usual + 13 * scene.mood.on(day) + draw.gauss(0, shaky)))
            if draw.random() > 0.08:
                write_score(scene, draw, day, score, "v1" if day < changed else "v2")
            if score < 44 and low_since is None:
                low_since = day
            elif low_since is not None and (score > 56 or day + WEEK >= end):
                flag += 1
                open_still = score <= 56 and end == scale.end
                _write_flag(scene, draw, flag, low_since, cleared=None if open_still else day)
                low_since = None
            day += WEEK


def write_score(scene: Scene, draw: Random, day: date, score: float, model: str) -> None:
    """One row of `health_scores`."""
    parts = {
        part: round(max(0, min(100, score + draw.gauss(0, 9))))
        for part in ("usage", "people", "support")
    }
    inside = ", ".join(f'"{name}": {value}' for name, value in parts.items())
    cells = {"account_id": scene.who.id, "score_date": day, "score": f"{score:.1f}"}
    scene.sheets.row(
        "health_scores", {**cells, "components": f"{{{inside}}}", "model_version": model}
    )


def _write_flag(
    scene: Scene, draw: Random, number: int, raised: date, *, cleared: date | None
) -> None:
    """A flag, and in seven of ten cases the play it started."""
    flag_id = f"F{scene.who.number:06d}-{number}"
    severity = draw.choice(("watch", "at_risk", "at_risk", "critical"))
    cells = {"flag_id": flag_id, "account_id": scene.who.id, "metric_id": "health_score"}
    cells |= {"reason": "Health score fell below 44", "severity": severity}
    scene.sheets.row("risk_flags", {**cells, "raised_date": raised, "cleared_date": cleared})
    if draw.random() > 0.7:
        return
    answered = raised + days(draw.expovariate(1 / 9)) if draw.random() < 0.65 else None
    succeeded = answered + days(draw.uniform(1, 25)) if answered and draw.random() < 0.6 else None
    last = scene.scale.last
    scene.sheets.row(
        "playbook_runs",
        {
            "run_id": f"R{scene.who.number:06d}-{number}",
            "account_id": scene.who.id,
            "playbook_id": draw.choice(("unresponsive_sponsor", "missed_reviews", "low_health")),
            "metric_id": "health_score",
            "owner_id": scene.who.owner(raised) or scene.team.head,
            "triggered_date": raised,
            "responded_date": answered if answered and answered <= last else None,
            "success_date": succeeded if succeeded and succeeded <= last else None,
        },
    )


def write_tickets(scene: Scene) -> list[tuple[date, str | None]]:
    """The rows of `tickets` and the replies to them; returns day and asker, for the surveys after."""
    draw, who = scene.stream("tickets"), scene.who
    loud = draw.random() < 0.5
    asked = []
    rate = who.segment.tickets_a_month * draw.uniform(0.5, 1.6)
    for number, day in enumerate(scene.visits(draw, rate * 1.5), start=1):
        felt = scene.mood.on(day)
        if draw.random() > (0.67 - 0.2 * felt if loud else 0.67 + 0.15 * felt):
            continue
        asked.append((day, scene.someone(draw, day)))
        _write_ticket(scene, draw, f"K{who.number:06d}-{number}", day, felt)
    return asked


def _write_ticket(scene: Scene, draw: Random, ticket_id: str, day: date, felt: float) -> None:
    opened = moment(draw, day)
    ready = (opened + timedelta(hours=draw.expovariate(1 / 40) + 0.2)).replace(microsecond=0)
    solved = None if ready.date() > scene.scale.last or draw.random() < 0.02 else ready
    status = (
        draw.choice(("solved", "closed")) if solved else draw.choice(("open", "pending", "new"))
    )
    rated = solved is not None and draw.random() < 0.3
    stars = max(1, min(5, round(4.1 + 0.5 * felt + draw.gauss(0, 0.9))))
    scene.sheets.row(
        "tickets",
        {
            "ticket_id": ticket_id,
            "account_id": scene.who.id,
            "created_at": opened,
            "solved_at": solved,
            "priority": choose(draw, PRIORITIES),
            "status": status,
            "category": draw.choice(CATEGORIES),
            "csat": stars if rated else None,
            "sentiment": f"{max(-1, min(1, 0.2 * felt + draw.gauss(0, 0.3))):.2f}",
            "belonged_elsewhere": draw.random() < 0.08 if draw.random() < 0.5 else None,
        },
    )
    if solved is not None:
        scene.sheets.row(
            "activities",
            {
                "activity_id": f"S{ticket_id[1:]}",
                "account_id": scene.who.id,
                "user_id": draw.choice(scene.team.support),
                "activity_type": "support_reply",
                "occurred_at": solved,
                "direction": "outbound",
                "status": "completed",
                "is_proactive": False,
                "is_automated": False,
            },
        )


def write_feedback(scene: Scene) -> None:
    """The rows of `feedback`."""
    draw, news = scene.stream("feedback"), scene.stream("feedback news")
    for number, day in enumerate(scene.visits(draw, 0.12), start=1):
        felt = 0.3 * scene.mood.on(day) + draw.gauss(0, 0.35)
        kind = (
            "praise"
            if felt > 0.45
            else "complaint"
            if felt < -0.4
            else draw.choice(("request", "bug"))
        )
        scene.sheets.row(
            "feedback",
            {
                "feedback_id": f"B{scene.who.number:06d}-{number}",
                "account_id": scene.who.id,
                "submitted_at": moment(draw, day),
                "kind": kind,
                "status": choose(draw, ANSWERS),
                "sentiment": f"{max(-1.0, min(1.0, felt)):.2f}",
                "tags": _news(draw, news, kind),
                "summary": f"A {kind} about {draw.choice(CATEGORIES)}",
            },
        )


def _news(draw: Random, news: Random, kind: str) -> str | None:
    """Now and then feedback is news for the leaders: a win, an escalation, a shift of plans."""
    if kind == "praise" and draw.random() < 0.2:
        return "win"
    turn = news.random()
    if kind == "complaint" and turn < 0.12:
        return "escalation"
    return "shift" if kind == "request" and turn < 0.04 else None
