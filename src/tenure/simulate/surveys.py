"""What customers answer when asked, and what they do for us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tenure.kernel.days import add_months, month_start
from tenure.simulate.contacts import Contact
from tenure.simulate.scale import days
from tenure.simulate.signals import Scene
from tenure.simulate.touches import moment


@dataclass(frozen=True, slots=True)
class Instrument:
    """A survey: its scale, its middle for an ordinary mood, and how far mood moves it."""

    kind: str
    low: int
    high: int
    middle: float
    slope: float
    effort_coded: bool | None = None
    answers: float = 0.35


NPS = Instrument("nps", 0, 10, 7.9, 1.2)
CES = Instrument("ces", 1, 7, 5.3, 0.6, effort_coded=False)
OLD_CES = Instrument("ces", 1, 5, 2.3, -0.4, effort_coded=True)
CSAT = Instrument("csat", 1, 5, 4.1, 0.4)
ONBOARDING = Instrument("onboarding", 1, 5, 4.0, 0.4, answers=0.55)
REVIEW_SITES = ("G2", "TrustRadius", "Capterra")


@dataclass(slots=True)
class Asking:
    """Gives out ids while one account is surveyed."""

    scene: Scene
    draw: Random
    count: int = 0

    def ask(self, what: Instrument, day: date, contact_id: str | None, **about: object) -> None:
        """An invitation, and the answer if one came before the last day."""
        scene, draw = self.scene, self.draw
        self.count += 1
        number = f"{scene.who.number:06d}-{self.count}"
        answered = day + days(draw.expovariate(1 / 3))
        replied = draw.random() < what.answers and answered <= scene.scale.last
        asked: dict[str, object] = {
            "account_id": scene.who.id,
            "contact_id": contact_id,
            "survey_type": what.kind,
            **about,
        }
        sent = moment(draw, day)
        response_id = f"V{number}" if replied else None
        invitation = {"invitation_id": f"I{number}", "sent_at": sent, "response_id": response_id}
        scene.sheets.row("survey_invitations", asked | invitation)
        if not replied:
            return
        felt = scene.mood.on(day)
        spread = (what.high - what.low) / 6
        score = round(what.middle + what.slope * felt + draw.gauss(0, spread))
        answer = {
            "response_id": response_id,
            "user_id": scene.who.owner(day),
            "score": max(what.low, min(what.high, score)),
            "scale_min": what.low,
            "scale_max": what.high,
            "effort_coded": what.effort_coded,
            "responded_at": max(sent + timedelta(minutes=7), moment(draw, answered)),
        }
        scene.sheets.row("survey_responses", asked | answer)


def write_surveys(scene: Scene, tickets: list[tuple[date, str | None]], done: date | None) -> None:
    """NPS in waves, effort and satisfaction after tickets, one rating after onboarding (`done`)."""
    asking = Asking(scene, scene.stream("surveys"))
    for start, end in scene.spans:
        wave = add_months(month_start(start), 1)
        while wave < end:
            if wave.month in (3, 9):
                _wave(asking, wave + days(8), end)
            wave = add_months(wave, 1)
    switched = scene.scale.begin + (scene.scale.end - scene.scale.begin) // 3
    for day, contact_id in tickets:
        turn = asking.draw.random()
        if turn < 0.3:
            asking.ask(CES if day >= switched else OLD_CES, day, contact_id, task="support request")
        elif turn < 0.42:
            asking.ask(CSAT, day, contact_id, task="support request")
    if done is not None and any(start <= done < end for start, end in scene.spans):
        asking.ask(ONBOARDING, done, scene.someone(asking.draw, done), task="onboarding")


def _wave(asking: Asking, day: date, end: date) -> None:
    """Half of the people there are asked."""
    if day >= end:
        return
    name = f"{day.year}-H{1 if day.month < 7 else 2}"
    for contact in asking.scene.people:
        if contact.there(day) and asking.draw.random() < 0.5:
            asking.ask(NPS, day, contact.id, wave=name)


def write_advocacy(scene: Scene) -> None:
    """The rows of `advocacy_events`: mostly from those who are content."""
    draw = scene.stream("advocacy")
    count = 0
    for day in scene.visits(draw, 0.09):
        there = [contact for contact in scene.people if contact.there(day)]
        if not there or draw.random() > 0.35 + 0.3 * scene.mood.on(day):
            continue
        for happened, cells in _acts(draw, day, draw.choice(there)):
            if happened > scene.scale.last:
                continue
            count += 1
            row = {
                "event_id": f"E{scene.who.number:06d}-{count}",
                "account_id": scene.who.id,
                "user_id": scene.who.owner(happened),
                "event_date": happened,
            }
            scene.sheets.row("advocacy_events", row | cells)


def _acts(draw: Random, day: date, contact: Contact) -> list[tuple[date, dict[str, object]]]:
    """One line of acts by one person: agreed first, done later; some decline or withdraw."""
    base: dict[str, object] = {"contact_id": contact.id}
    turn = draw.random()
    if turn < 0.3:
        agreed = base | {"event_type": "reference_agreement"}
        acts = [(day, agreed | {"status": "agreed" if draw.random() < 0.85 else "declined"})]
        if acts[0][1]["status"] == "agreed" and draw.random() < 0.5:
            done = base | {"event_type": "reference_call", "status": "completed"}
            acts.append((day + days(draw.uniform(10, 120)), done))
        elif draw.random() < 0.15:
            acts.append((day + days(draw.uniform(30, 200)), agreed | {"status": "withdrawn"}))
        return acts
    if turn < 0.45:
        status = draw.choice(("agreed", "in_progress", "published", "declined"))
        return [(day, base | {"event_type": "case_study", "status": status})]
    if turn < 0.72:
        stars = {"site": draw.choice(REVIEW_SITES), "rating": draw.choice((2, 3, 4, 4, 5, 5, 5))}
        paid = {"incentivised": draw.random() < 0.3, "status": "published"}
        return [(day, base | {"event_type": "review"} | stars | paid)]
    if turn < 0.88:
        status = draw.choice(("attended", "attended", "invited", "no_show"))
        return [(day, base | {"event_type": "cab_meeting", "status": status})]
    friend = {"referred_company": f"Prospect {draw.randrange(10_000)}", "status": "completed"}
    return [(day, base | {"event_type": "referral"} | friend)]
