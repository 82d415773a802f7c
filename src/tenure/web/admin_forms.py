"""What an administrator types, read and checked for form; what it means is checked by the verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import available_timezones

from django import forms

from tenure.desk.change_settings import value_of
from tenure.desk.models import Person, Role
from tenure.kernel.errors import UserError
from tenure.kernel.settings import Settings
from tenure.metrics.models.model import business_models

ROLES = [(role.value, role.label) for role in Role]


def refuse(form: forms.Form, error: UserError) -> None:
    """What a verb refused, at the field it names or above all of them."""
    field = error.where if error.where in form.fields else None
    form.add_error(field, " ".join(part for part in (error.what, error.remedy) if part))


class PersonForm(forms.Form):
    """Somebody who is to sign in."""

    email = forms.CharField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="Their own address; mailboxes such as team@ or info@ are read by several people and are refused.",
    )
    name = forms.CharField(label="Name", max_length=200)
    role = forms.ChoiceField(choices=ROLES, label="Role")
    member_id = forms.ChoiceField(
        label="Team member",
        required=False,
        help_text="Who they are in the delivered team members, if they look after accounts or sell.",
    )

    def __init__(self, *args: Any, members: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(members.items(), key=lambda pair: (pair[1].lower(), pair[0]))
        choices = [("", "Nobody"), *((id_, f"{name} ({id_})") for id_, name in names)]
        now = self.initial.get("member_id", "")
        if now and now not in members:
            choices.append((now, f"{now}, no longer delivered"))
        self.fields["member_id"].choices = choices  # type: ignore[attr-defined]  # a choice field


class ChangedPersonForm(PersonForm):
    """Somebody who is here already: their address stays."""

    email = None  # type: ignore[assignment]  # takes the field of the parent out

    @classmethod
    def of(cls, person: Person, data: Any, members: Mapping[str, str]) -> ChangedPersonForm:
        """The form with what stands."""
        standing = {"name": person.name, "role": person.role, "member_id": person.member_id}
        return cls(data, members=members, initial=standing)


class SettingsForm(forms.Form):
    """The settings that can change while people work; the names of fields are the last words of their keys."""

    title = forms.CharField(label="Name of the company", max_length=120)
    time_zone = forms.ChoiceField(
        label="Time zone",
        help_text="In which a day begins and ends. Past days are read anew in it.",
    )
    reporting_currency = forms.RegexField(
        r"^[A-Z]{3}$",
        label="Reporting currency",
        max_length=3,
        error_messages={"invalid": "Use three capital letters such as USD or EUR."},
        help_text="Every amount is shown in it; others are converted by the exchange rates that were loaded.",
    )
    gross_margin = forms.DecimalField(
        label="Gross margin",
        required=False,
        min_value=0.01,
        max_value=1,
        max_digits=5,
        decimal_places=4,
        help_text="0.8 for 80 %. Needed for lifetime value only; empty where nobody knows.",
    )
    business_model = forms.MultipleChoiceField(
        label="How you sell", required=False, widget=forms.CheckboxSelectMultiple
    )
    own_book_only = forms.BooleanField(
        label="A CSM reads only the accounts they look after", required=False
    )
    mark = forms.CharField(widget=forms.HiddenInput)

    KEYS = (
        "title", "time_zone", "reporting_currency", "gross_margin", "business_model", "web.own_book_only",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(available_timezones())
        now = self.initial.get("time_zone", "UTC")
        self.fields["time_zone"].choices = [(z, z) for z in dict.fromkeys([*zones, now])]  # type: ignore[attr-defined]
        self.fields["business_model"].choices = [  # type: ignore[attr-defined]
            (model.id, model.title) for model in business_models().values()
        ]

    @classmethod
    def of(
        cls, settings: Settings, mark: str, data: Any = None, only: Iterable[str] = KEYS
    ) -> SettingsForm:
        """The form with what stands; `only` some of its keys, as the first run asks them."""
        standing = {key.rpartition(".")[2]: value_of(settings, key) for key in cls.KEYS}
        form = cls(data, initial=standing | {"mark": mark})
        kept = {key.rpartition(".")[2] for key in only} | {"mark"}
        for name in [name for name in form.fields if name not in kept]:
            del form.fields[name]
        return form

    def values(self) -> dict[str, Any]:
        """What was typed, by the keys of `tenure.toml`."""
        typed = self.cleaned_data
        found = {
            key: typed[name]
            for key in self.KEYS
            if (name := key.rpartition(".")[2]) in self.fields and name != "mark"
        }
        if "gross_margin" in found:
            margin = found["gross_margin"]
            found["gross_margin"] = None if margin is None else float(margin)
        if "business_model" in found:
            found["business_model"] = tuple(found["business_model"])
        return found


class PasswordForm(forms.Form):
    """A first password, chosen by whoever came by a link."""

    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least twelve letters; a few words in a row are better than a riddle.",
    )


class FirstAdministratorForm(PasswordForm):
    """Who sets up the workspace."""

    name = forms.CharField(
        label="Your name", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.CharField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    field_order = ("name", "email", "password")
