"""Change settings of the workspace from the pages: those that can change while people work, and no other.

The file stays the owner's: only the lines of the keys that change are written, and it is replaced whole or not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from tenure.desk.home import home
from tenure.desk.models import AuditEntry, Person, Role
from tenure.desk.visible import NoSuchAccount
from tenure.kernel.declare import text_of
from tenure.kernel.errors import UserError
from tenure.kernel.settings import FILE, Settings, load_settings
from tenure.kernel.settings_text import with_values
from tenure.lake.durable import replace_file

CHANGEABLE = (
    "title",
    "reporting_currency",
    "time_zone",
    "gross_margin",
    "business_model",
    "web.own_book_only",
)


def value_of(settings: Settings, key: str) -> Any:
    """The value of `title`, `web.own_book_only` or any other key."""
    if key == "business_model":
        return settings.business_models
    table, _, name = key.rpartition(".")
    return getattr(settings.web if table == "web" else settings, name)


def standing() -> tuple[Settings, str]:
    """The settings as they stand in the file, and a mark that tells whether it has changed since."""
    file = _file()
    return load_settings(file.parent), hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def change_settings(by: Person, values: Mapping[str, Any], mark: str) -> dict[str, dict[str, Any]]:
    """What changed, by key, `before` and `after`; empty where everything stands already.

    Args:
        by: an administrator.
        values: by key (`web.own_book_only` for one of `[web]`).
        mark: what `standing` gave when the values were shown.

    Raises:
        NoSuchAccount: no administrator asks.
        UserError: a key that is not changed here, a value that cannot be, or the file has changed meanwhile.
    """
    if by.role != Role.ADMIN or not by.is_active:
        raise NoSuchAccount("There is no such page.")
    if foreign := [key for key in values if key not in CHANGEABLE]:
        raise UserError(
            f"`{foreign[0]}` is not changed from here.",
            remedy=f"Change it in `{FILE}` on the machine.",
            where=foreign[0],
            code="settings.machine",
        )
    with transaction.atomic():
        # One administrator after the other: what was read is what is replaced.
        list(Person.objects.select_for_update().filter(role=Role.ADMIN))
        before, now = standing()
        if now != mark:
            raise UserError(
                "The settings were changed by somebody else meanwhile.",
                remedy="Look at what stands now, and change it again if need be.",
                code="settings.changed",
            )
        changed = {
            key: {"before": value_of(before, key), "after": value}
            for key, value in values.items()
            if value_of(before, key) != value
        }
        if not changed:
            return {}
        file = _file()
        text = with_values(
            text_of(file, name=FILE), {key: pair["after"] for key, pair in changed.items()}
        )
        AuditEntry.objects.create(
            by=by, verb="change settings", about="settings", content=_plain(changed)
        )
        replace_file(file, text.encode())
    home().look_at_settings()
    return changed


def _file() -> Path:
    return home().folder / FILE


def _plain(changed: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        key: {side: list(v) if isinstance(v, tuple) else v for side, v in pair.items()}
        for key, pair in changed.items()
    }
