"""Say what one thinks of an account's health, beside the score and never mixed into it (C65)."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction

from tenure.desk.home import home
from tenure.desk.models import AuditEntry, Opinion
from tenure.desk.visible import NoSuchAccount, Scope
from tenure.insights.book import WORDS
from tenure.kernel.days import ONE_DAY
from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Unknown

CALLS = ("healthy", "watch", "at_risk")
WHY_LETTERS = 400


def record_opinion(scope: Scope, account_id: str, zone: str, why: str) -> Opinion:
    """The opinion, with the score it stood beside.

    Raises:
        NoSuchAccount: the account is not there, or not this person's to judge.
        UserError: no such zone, or no reason.
    """
    row = home().present().by_id.get(account_id)
    if row is None or not scope.edits(account_id):
        raise NoSuchAccount(f"There is no account `{account_id}`.")
    if zone not in CALLS:
        raise UserError(
            f"`{zone}` is no call.",
            remedy="Choose " + ", ".join(WORDS[one].lower() for one in CALLS) + ".",
            where="zone",
            code="opinion.refused",
        )
    if not why.strip() or len(why) > WHY_LETTERS:
        raise UserError(
            "A call needs its reason, in one or two sentences.",
            remedy=f"Say why, in at most {WHY_LETTERS} letters.",
            where="why",
            code="opinion.refused",
        )
    score = row.numbers.get("health_score")
    with transaction.atomic():
        opinion = Opinion.objects.create(
            account_id=account_id,
            by=scope.person,
            zone=zone,
            why_said=why.strip(),
            score_then=None if score is None or isinstance(score, Unknown) else float(score),
        )
        AuditEntry.objects.create(
            by=scope.person, verb="record opinion", about=account_id, content={"zone": zone}
        )
    return opinion


def newest_opinion(account_id: str, day: date) -> Opinion | None:
    """The last call on an account by the end of a day; None where nobody had made one."""
    after = datetime.combine(day + ONE_DAY, time(), ZoneInfo(home().time_zone))
    made = Opinion.objects.filter(account_id=account_id, at__lt=after)
    return made.select_related("by").first()
