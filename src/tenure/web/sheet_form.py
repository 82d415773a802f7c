"""Forms made from what the tables declare: a field per column that is asked for."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from tenure.desk.enter_sheet import LONGEST, LONGEST_TEXT, Said, choices, left_before
from tenure.desk.entered_rows import kept
from tenure.desk.home import home
from tenure.desk.plan_cadence import Rhythm, company_today, touch_types
from tenure.desk.sheets import Asked, Sheet
from tenure.insights.plan import name_of
from tenure.kernel import clock

FEELINGS = (("-1", "Very bad"), ("-0.5", "Bad"), ("0", "Neither"), ("0.5", "Good"), ("1", "Very good"))  # fmt: skip
NOBODY = ("", "–")
LOCAL = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")


def day_field(label: str, *, required: bool, hint: str = "") -> forms.DateField:
    """A day, picked or typed as 2026-05-12."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label, required=required, help_text=hint, widget=widget, input_formats=["%Y-%m-%d"]
    )


def words_said(words: Any) -> list[tuple[str, str]]:
    """Words of a table as choices."""
    return [(word, (said := name_of(word))[:1].upper() + said[1:]) for word in words]


class SheetForm(forms.Form):
    """One thing of an account, added or changed."""

    act = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, data: Any, *, sheet: Sheet, account_id: str, held: Mapping[str, Any] | None, row: str, me: str
    ) -> None:  # fmt: skip
        self.sheet, self.account_id, self.row = sheet, account_id, row
        self.zone = ZoneInfo(home().time_zone)
        super().__init__(data, initial=self._starting(held, me))
        names = sheet.changed if held is not None else [one.column for one in sheet.asked]
        for name in names:
            self.fields[name] = self._field(sheet.of(name), (held or {}).get(name))
        if sheet.name == "review":
            self.fields["contacts"] = forms.MultipleChoiceField(
                label="Who of the customer took part",
                help_text="A review counts as held once somebody of the customer took part.",
                required=False,
                choices=self._people(held),
                widget=forms.CheckboxSelectMultiple,
            )

    def said(self) -> Said:
        """What was typed, as the verb takes it; an empty field is an empty column."""
        values: dict[str, Any] = {}
        for name, value in self.cleaned_data.items():
            if name in ("act", "contacts"):
                continue
            kind = self.sheet.declared.columns[name].type
            if kind == "timestamp" and value is not None:
                value = value.replace(tzinfo=self.zone)
            values[name] = None if value == "" else value
        return Said(
            self.account_id,
            self.sheet.name,
            values,
            self.cleaned_data["act"],
            self.row,
            self.cleaned_data.get("contacts", ()),
        )

    def _people(self, held: Mapping[str, Any] | None) -> list[tuple[str, str]]:
        """Who can have taken part: those who are there, and those who did."""
        gone = left_before(self.account_id, company_today()) - set((held or {}).get("contacts", ()))
        known = choices(self.account_id, "contacts")
        return sorted(((i, n) for i, n in known.items() if i not in gone), key=lambda pair: pair[1])

    def _starting(self, held: Mapping[str, Any] | None, me: str) -> dict[str, Any]:
        act = {"act": uuid.uuid4()}
        if held is not None:
            return act | {name: self._local(value) for name, value in held.items()}
        today = company_today()
        local = clock.now().astimezone(self.zone).replace(tzinfo=None, second=0, microsecond=0)
        found: dict[str, Any] = {"user_id": me} if self.sheet.name != "milestone" else {}
        for name, value in (self.sheet.starting or {}).items():
            is_moment = self.sheet.declared.columns[name].type == "timestamp"
            found[name] = (local if is_moment else today) if value == "today" else value
        return act | found

    def _local(self, value: Any) -> Any:
        if not isinstance(value, datetime):
            return value
        return datetime.fromisoformat(kept(value)).astimezone(self.zone).replace(tzinfo=None)

    def _field(self, one: Asked, value: Any) -> forms.Field:
        column = self.sheet.declared.columns[one.column]
        common: dict[str, Any] = {
            "label": one.label,
            "help_text": one.hint,
            "required": one.required,
        }
        if one.column == "milestone":
            common["widget"] = forms.TextInput(attrs={"list": "milestones"})
            return forms.CharField(max_length=LONGEST, **common)
        if one.column == "sentiment":
            return forms.ChoiceField(choices=_with([NOBODY, *FEELINGS], kept(value)), **common)
        if one.of:
            known = sorted(choices(self.account_id, one.of).items(), key=lambda pair: pair[1])
            return forms.ChoiceField(choices=_with([NOBODY, *known], value), **common)
        if column.type == "word":
            called = dict(one.called)
            words = [
                (word, called.get(word, said))
                for word, said in words_said(one.words or tuple(column.words))
            ]
            return forms.ChoiceField(
                choices=_with([*([] if one.required else [NOBODY]), *words], value), **common
            )
        if column.type == "date":
            return day_field(one.label, required=one.required, hint=one.hint)
        if column.type == "timestamp":
            common["widget"] = forms.DateTimeInput(
                attrs={"type": "datetime-local"}, format=LOCAL[0]
            )
            return forms.DateTimeField(input_formats=list(LOCAL), **common)
        if column.type == "bool":
            return forms.BooleanField(label=one.label, help_text=one.hint, required=False)
        if column.type == "number":
            return forms.DecimalField(
                min_value=column.minimum, max_value=column.maximum, decimal_places=2, **common
            )
        if one.is_long:
            return forms.CharField(
                max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3}), **common
            )
        return forms.CharField(max_length=LONGEST, **common)


class CadenceForm(forms.Form):
    """A rhythm, and the day it begins."""

    touch_type = forms.ChoiceField(label="Which touch")
    interval_days = forms.IntegerField(label="Every so many days", required=False)
    calendar_month = forms.BooleanField(label="Once each calendar month instead", required=False)
    start = day_field(
        "From", required=True, hint="The past stays as it was: today at the earliest."
    )
    act = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["touch_type"].choices = words_said(touch_types())  # type: ignore[attr-defined]  # a choice field
        self.fields["start"].widget.attrs["min"] = company_today().isoformat()

    def rhythm(self) -> Rhythm:
        """The rhythm that was typed."""
        said = self.cleaned_data
        return Rhythm(said["touch_type"], said["interval_days"], said["calendar_month"])


class EndForm(forms.Form):
    """The day from which a plan holds no more."""

    end = day_field("First day without the plan", required=True)
    act = forms.UUIDField(widget=forms.HiddenInput)


def _with(known: list[tuple[str, str]], value: Any) -> list[tuple[str, str]]:
    """The choices, with what stands there now among them."""
    if value in (None, "") or str(value) in {code for code, _ in known}:
        return known
    return [*known, (str(value), str(value))]
