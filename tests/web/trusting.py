"""Figures about people switched on for a test, and the clock in its hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tenure.desk.home import Home
from tenure.desk.models import Person, PublishedWeek
from tenure.desk.notice import read_notice
from tenure.desk.publish_weeks import publish_weeks
from tenure.desk.visible import Scope

PLANTED = 987_654
SAID = "987,654"


def switch(home: Home, monkeypatch: pytest.MonkeyPatch, **people: Any) -> None:
    """Set what stands under [people]."""
    settings = home._asked.settings
    monkeypatch.setattr(
        home._asked, "settings", replace(settings, people=replace(settings.people, **people))
    )


def publish(home: Home) -> int:
    return publish_weeks(home._asked)


def clock(monkeypatch: pytest.MonkeyPatch, instant: str) -> None:
    """Another time. The shared company's rows stay: no thread of one test makes them anew under another's clock."""
    monkeypatch.setenv("TENURE_NOW", instant)
    monkeypatch.setattr(Home, "_make_beside", lambda _: None)


def figures_on(
    home: Home, monkeypatch: pytest.MonkeyPatch, people: Mapping[str, Person], **how: Any
) -> None:
    """On, read by everybody, and published of the week that closed yesterday."""
    switch(home, monkeypatch, **{"figures": "on", **how})
    for person in people.values():
        if person.member_id:
            read_notice(person, home.settings)
    publish(home)


def plant(person: Person, value: int = PLANTED) -> None:
    """A touch count that stands nowhere else, in the newest week of a person."""
    week = PublishedWeek.objects.filter(subject=person).first()
    assert week is not None
    week.figures = [
        {**one, "value": value} if one["metric"] == "engagement_activity" else one
        for one in week.figures
    ]
    assert any(one["value"] == value for one in week.figures)
    week.save()


def scope(home: Home, person: Person) -> Scope:
    return home.scope(Person.objects.get(pk=person.pk))
