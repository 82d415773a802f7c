"""What people type on the account page, read and checked for form; what it means is checked by the verb."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from tenure.desk.record_opinion import CALLS, WHY_LETTERS
from tenure.desk.record_touch import KINDS, SUMMARY_LETTERS, Logged
from tenure.insights.book import WORDS

DIRECTIONS = (
    ("two_way", "We spoke with each other"),
    ("outbound", "We wrote or called, no answer yet"),
    ("inbound", "They reached out to us"),
)
NAMES = {"qbr": "QBR", "ebr": "Executive business review", "onsite": "On-site visit"}


def _words(codes: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(code, NAMES.get(code, code.replace("_", " ").capitalize())) for code in codes]


class TouchForm(forms.Form):
    """A touch. Its time is in the workspace's zone."""

    kind = forms.ChoiceField(choices=_words(KINDS), label="What")
    direction = forms.ChoiceField(choices=DIRECTIONS, label="Who reached out")
    happened_at = forms.DateTimeField(
        label="When",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )
    contacts = forms.MultipleChoiceField(
        label="Who took part", required=False, widget=forms.CheckboxSelectMultiple
    )
    summary_said = forms.CharField(
        label="In one line",
        required=False,
        max_length=SUMMARY_LETTERS,
        help_text="Shown on the timeline. Nothing about anybody's health or private life.",
    )
    tags = forms.MultipleChoiceField(
        label="It was",
        required=False,
        choices=[
            ("win", "A win"),
            ("escalation", "An escalation"),
            ("shift", "A shift in their strategy"),
        ],
        widget=forms.CheckboxSelectMultiple,
        help_text="Told among the key updates of the account.",
    )
    was_proactive = forms.BooleanField(label="We started it", required=False)
    with_ai = forms.BooleanField(label="Drafted with AI", required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, people: list[tuple[str, str]], zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.fields["contacts"].choices = people  # type: ignore[attr-defined]  # a choice field

    def clean_happened_at(self) -> datetime:
        """The time that was typed, as the workspace's clocks show it."""
        typed: datetime = self.cleaned_data["happened_at"]
        return typed.replace(tzinfo=ZoneInfo(self.zone))

    def logged(self, account_id: str) -> Logged:
        """The touch as the verb takes it."""
        return Logged(account_id=account_id, **self.cleaned_data)


class OpinionForm(forms.Form):
    """A CSM's own call."""

    zone = forms.ChoiceField(choices=[(call, WORDS[call]) for call in CALLS], label="My call")
    why = forms.CharField(label="Because", max_length=WHY_LETTERS)


class HoldForm(forms.Form):
    """A flag put down: until a day, or because it is no problem."""

    flag = forms.ChoiceField(label="Flag", widget=forms.RadioSelect)
    kind = forms.ChoiceField(
        choices=[
            ("snooze", "Come back on a day"),
            ("dismiss", "Not a problem (quiet for 90 days)"),
        ],
        label="What to do",
        widget=forms.RadioSelect,
    )
    until = forms.DateField(
        label="Come back on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    why = forms.CharField(
        label="Because",
        max_length=WHY_LETTERS,
        help_text="Kept for the review of this line. Facts about the customer, nothing private.",
    )

    def __init__(
        self, *args: Any, flags: list[tuple[str, str]], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["flag"].choices = flags  # type: ignore[attr-defined]  # a choice field
        self.fields["until"].initial = today + timedelta(days=14)

    def clean(self) -> dict[str, Any]:
        """A snooze needs its day."""
        found = super().clean() or {}
        if found.get("kind") == "snooze" and not found.get("until") and "until" not in self.errors:
            self.add_error("until", "Say on which day it may come back.")
        return found

    def said(self) -> dict[str, Any]:
        """As the verb takes it."""
        until = self.cleaned_data["until"] if self.cleaned_data["kind"] == "snooze" else None
        return {"why": self.cleaned_data["why"], "until": until}


class AbsenceForm(forms.Form):
    """Days away, first and last included."""

    first_day = forms.DateField(
        label="First day away", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last_day = forms.DateField(
        label="Last day away",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Only the days. Why somebody is away is not asked and not kept.",
    )
