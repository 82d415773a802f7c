"""Settings in words: what each is, whom a change touches, and what is left to whoever has the machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenure.desk.models import Person, Role
from tenure.kernel.settings import Settings
from tenure.kernel.wording import counted
from tenure.metrics.models.model import business_models

NAMES = {
    "title": "Name of the company",
    "time_zone": "Time zone",
    "reporting_currency": "Reporting currency",
    "gross_margin": "Gross margin",
    "business_model": "How you sell",
    "web.own_book_only": "What a CSM reads",
}
HISTORY = "Weekly history keeps the values of before until the next `tenure refresh`, which makes it anew."
TOUCHES: Mapping[str, str] = {
    "title": "Everybody: the name on every page and report. No number.",
    "time_zone": f"Every number of every day: what happened near midnight may fall on the next or the previous day. {HISTORY}",
    "reporting_currency": "Every amount on every page. An account whose currency has no exchange rate to the new one becomes "
    f"unknown, and says so. {HISTORY}",
    "gross_margin": f"Lifetime value, and nothing else. {HISTORY}",
    "business_model": "Which metrics come first, and the starting weights of the health score. No other number.",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One setting before and after, and whom that touches."""

    key: str
    name: str
    before: str
    after: str
    touches: str


@dataclass(frozen=True, slots=True)
class LeftToTheMachine:
    """What the pages show and do not change."""

    name: str
    value: str
    why: str


def changes(pairs: Mapping[str, Mapping[str, Any]]) -> list[Change]:
    """What changes, in words."""
    return [
        Change(
            key, NAMES[key], said(key, pair["before"]), said(key, pair["after"]), _touches(key, pair["after"])
        )
        for key, pair in pairs.items()
    ]  # fmt: skip


def said(key: str, value: Any) -> str:
    """A value of a setting as a person reads it."""
    if key == "business_model":
        titles = {model.id: model.title for model in business_models().values()}
        return ", ".join(titles.get(one, one) for one in value) or "not said"
    if key == "web.own_book_only":
        return "only the accounts they look after" if value else "every account"
    return "not said" if value is None or value == "" else str(value)


def left_to_the_machine(settings: Settings) -> Sequence[LeftToTheMachine]:
    """Settings that are changed in `tenure.toml` on the machine, and why."""
    web = settings.web
    trusted = [name for name, answers in settings.sources.items() if answers.backfill_trusted]
    return (
        LeftToTheMachine(
            "Names under which the pages are served",
            ", ".join(web.hosts) or "this machine only",
            "A wrong name would lock everybody out, you included. Change hosts under [web] and start anew.",
        ),
        LeftToTheMachine(
            "Where people and what they say are kept",
            "PostgreSQL" if web.database else "desk.sqlite3 in the workspace's folder",
            "Moving takes the rows along, which no page can do while it is served. Change database under [web] and start anew.",
        ),
        LeftToTheMachine(
            "Sign-on of the organisation",
            web.sign_on.issuer or "off",
            "Whoever could set it here could let themselves in as anybody. Change [web.sign_on] and start anew.",
        ),
        LeftToTheMachine(
            "Sources whose late rows count from the day they speak of",
            ", ".join(trusted) or "none beside what each table declares",
            "It is asked at the import of each source, where the answer can be judged: [sources.NAME].",
        ),
        LeftToTheMachine(
            "Days between touches, where they are planned for many",
            ", ".join(f"{name.replace('_', ' ')} {days}" for name, days in settings.cadence.items())
            or "none offered",
            "Offered and never set by itself; planned touches keep their rhythm. Change it under [cadence].",
        ),
        LeftToTheMachine(
            "Quarters", "of the calendar", "A fiscal year that begins in another month is not read yet."
        ),
    )  # fmt: skip


def _touches(key: str, after: Any) -> str:
    if key != "web.own_book_only":
        return TOUCHES[key]
    csms = counted(Person.objects.filter(role=Role.CSM, is_active=True).count(), "CSM")
    return (
        f"{csms}: from their next click they read only the accounts they look after; others become pages that are not there."
        if after
        else f"{csms}: from their next click they read every account, and enter on their own as before."
    )
