"""The first run as a list of steps: what is done is read from the workspace itself, so leaving and returning cost nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from tenure.desk.home import home
from tenure.desk.models import AuditEntry, Person, Role
from tenure.kernel.settings import Settings
from tenure.kernel.wording import counted

COMPANY = ("title", "time_zone", "reporting_currency")
MODELS = ("business_model",)


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `says` is what stands, or what it is for where nothing does."""

    title: str
    url: str
    is_done: bool
    says: str


def steps() -> Sequence[Step]:
    """The steps in their order."""
    settings = home().settings
    loaded = len(home().present().rows)
    others = Person.objects.filter(is_active=True).exclude(role=Role.ADMIN).count()
    models = settings.business_models
    return (
        Step("Name, zone and currency", reverse("set_up_company"), _is_named(settings), f"{settings.title}, {settings.time_zone}, {settings.reporting_currency}"),
        Step("How you sell", reverse("set_up_models"), bool(models), counted(len(models), "business model") if models else "Decides which metrics come first, and why."),
        Step("Bring data", reverse("set_up_data"), loaded > 0, f"{counted(loaded, 'account')} loaded" if loaded else "Exports of your CRM, or a made-up company to look around."),
        Step("Add people", reverse("admin_person_add"), others > 0, f"{counted(others, 'person', 'people')} beside administrators" if others else "Those who look after customers, and those who lead them."),
    )  # fmt: skip


def is_set_up() -> bool:
    """Whether no step is left."""
    return all(step.is_done for step in steps())


def after(step: str) -> str:
    """The address of the step after the one called so."""
    order = ["set_up_company", "set_up_models", "set_up_data"]
    at = order.index(step) + 1
    return reverse(order[at]) if at < len(order) else reverse("admin_set_up")


def import_page() -> str:
    """Where files are imported in the browser; empty where there is no such page."""
    try:
        return reverse("data_import")
    except NoReverseMatch:
        return ""


def _is_named(settings: Settings) -> bool:
    changed = AuditEntry.objects.filter(verb="change settings").exists()
    return changed or settings.title != Settings().title
