"""Write down who looked at whom, before anything is shown; and prove that nothing was changed afterwards.

A subject's rows form a chain: each digest is over the row and the digest before it, and the end of the chain is kept
apart. Digests are over random numbers of people, never names. Decisions: view-log.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import DatabaseError, transaction

from tenure.desk.models import AuditEntry, Person, View, ViewChain
from tenure.kernel import clock
from tenure.kernel.errors import TenureError

log = logging.getLogger("tenure.desk")

UNRECORDED = "Could not record who is looking, so nothing was shown."
TRY_AGAIN = "Try again; if it stays so, tell whoever runs Tenure."
QUARTER = 15
"""Minutes that count as one view."""


class NotRecorded(TenureError):
    """Who looks could not be written down, so nothing is shown."""

    code = "view.unrecorded"


@dataclass(frozen=True, slots=True)
class Looking:
    """What somebody is about to be shown: the page, by which face, what for, and up to which day."""

    page: str
    purpose: str
    as_of: date | None = None
    face: str = "web"


@dataclass(frozen=True, slots=True)
class Flaw:
    """A place in a subject's chain where it does not hold."""

    subject: Person
    place: int
    says: str


def record_view(viewer: Person, subject: Person, looking: Looking) -> View | None:
    """The row, inside the caller's transaction; None where one of this quarter of an hour says the same.

    Nobody is recorded as looking at themselves.

    Raises:
        NotRecorded: it could not be written.
    """
    if viewer.pk == subject.pk:
        return None
    try:
        with transaction.atomic():
            return _written(viewer, subject, looking)
    except DatabaseError as error:
        log.exception("A view could not be recorded.")
        raise NotRecorded(UNRECORDED, remedy=TRY_AGAIN) from error


def _written(viewer: Person, subject: Person, looking: Looking) -> View | None:
    at = clock.now()
    slot = at.replace(minute=at.minute - at.minute % QUARTER, second=0, microsecond=0)
    ViewChain.objects.get_or_create(subject=subject)
    chain = ViewChain.objects.select_for_update().get(subject=subject)
    same = View.objects.filter(
        subject=subject, viewer=viewer, page=looking.page, face=looking.face, slot=slot,
        as_of=looking.as_of,
    )  # fmt: skip
    if same.exists():
        return None
    row = View(
        subject=subject, viewer=viewer, page=looking.page, face=looking.face,
        purpose=looking.purpose, as_of=looking.as_of, at=at, slot=slot, place=chain.length + 1,
    )  # fmt: skip
    row.digest = digest_of(row, chain.digest)
    row.save()
    chain.length, chain.digest = row.place, row.digest
    chain.save(update_fields=["length", "digest"])
    return row


def digest_of(row: View, before: str) -> str:
    """SHA-256 over everything the row says and the digest before it."""
    said = [
        before, row.place, str(row.subject.number), str(row.viewer.number), row.page, row.face,
        row.purpose, row.as_of.isoformat() if row.as_of else None, _instant(row.at), _instant(row.slot),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, ensure_ascii=True).encode("ascii")).hexdigest()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def views_of(subject: Person, start: datetime, end: datetime) -> list[View]:
    """Who looked at the person in `[start, end)`, newest first."""
    rows = View.objects.filter(subject=subject, at__gte=start, at__lt=end)
    return list(rows.select_related("viewer"))


def read_views(subject: Person, start: datetime, end: datetime) -> list[View]:
    """The same for somebody else's eyes, as on the command line: reading it is written down too."""
    AuditEntry.objects.create(by=None, verb="read views", about=str(subject.number))
    return views_of(subject, start, end)


def verify_views(subjects: Iterable[Person] | None = None) -> list[Flaw]:
    """Every place at which a chain does not hold; of everybody by default. Empty: nothing was changed."""
    people = Person.objects.all() if subjects is None else subjects
    return [flaw for person in people if (flaw := _flaw_of(person)) is not None]


def _flaw_of(subject: Person) -> Flaw | None:
    """The first flaw of a chain; whatever comes after it cannot be told."""
    before, place = "", 0
    rows = View.objects.filter(subject=subject).select_related("viewer", "subject")
    for row in rows.order_by("place").iterator():
        place += 1
        if row.place != place:
            return Flaw(subject, place, f"row {place} is missing; the next is row {row.place}")
        if row.digest != digest_of(row, before):
            return Flaw(subject, place, f"row {place} of {row.at:%Y-%m-%d %H:%M} UTC was changed")
        before = row.digest
    chain = ViewChain.objects.filter(subject=subject).first()
    length, end = (0, "") if chain is None else (chain.length, chain.digest)
    if length > place:
        return Flaw(
            subject, place + 1, f"row {place + 1} is missing at the end; there were {length}"
        )
    if (length, end) != (place, before):
        return Flaw(subject, place, f"row {place} does not belong to the end that was kept")
    return None
