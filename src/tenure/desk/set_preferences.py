"""How a person wants the pages to look and to listen; nobody else is concerned, so no trail is kept."""

from __future__ import annotations

from tenure.desk.models import Person
from tenure.desk.models.person import Density, Theme
from tenure.kernel.errors import UserError


def set_preferences(person: Person, *, theme: str, density: str, uses_keys: bool) -> None:
    """Theme, height of rows, and whether single letters act.

    Raises:
        UserError: no such theme or density.
    """
    for column, said, choices in (("theme", theme, Theme), ("density", density, Density)):
        if said not in choices.values:
            raise UserError(
                f"`{said}` is no {column}.",
                remedy=f"Choose one of: {', '.join(choices.values)}.",
                where=column,
                code="preference.refused",
            )
    person.theme, person.density, person.uses_keys = theme, density, uses_keys
    person.save(update_fields=["theme", "density", "uses_keys"])
