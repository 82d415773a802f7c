"""`tenure doctor` and `tenure compact`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from tenure.cli.catalogue import remarks_on
from tenure.cli.output import say, say_json
from tenure.cli.trusting import views_complained_of
from tenure.kernel.wording import counted

if TYPE_CHECKING:
    from tenure.workspace import Workspace


def run_doctor(ws: Workspace, *, as_json: bool) -> int:
    """Check the store and the catalogue; 0 when they are whole, 4 when something needs a person."""
    found = [*ws.doctor(), *views_complained_of(ws)]
    errors = [complaint for complaint in found if complaint.level == "error"]
    if as_json:
        say_json([asdict(complaint) for complaint in found])
        return 4 if errors else 0
    for complaint in found:
        done = "mended: " if complaint.mended else ""
        remedy = f" → {complaint.remedy}" if complaint.remedy else ""
        say(f"{complaint.level:<8}{done}{complaint.says}{remedy}")
    say(f"{counted(len(errors), 'problem')} found." if errors else "Everything is whole.")
    if not errors and (remarked := remarks_on(ws.catalogue, ws.settings)):
        say(f"{counted(len(remarked), 'remark')} of the ten principles: tenure metrics --check")
    return 4 if errors else 0


def run_compact(ws: Workspace) -> None:
    """Compact and say what it did."""
    done = ws.compact()
    say(
        f"{counted(done.merged, 'file')} joined into {done.written:,}; {counted(done.removed, 'file')} "
        f"({done.bytes_removed / 1e6:,.1f} MB) removed; snapshot {done.snapshot}."
    )
