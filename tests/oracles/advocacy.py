"""What customers did for us: references, stories, reviews, boards, referrals (metrics 3.6)."""

from __future__ import annotations

from datetime import date
from typing import Any

from oracles.days import add_months
from oracles.product_reading import Facts, Row
from oracles.told import ANYTHING, Told, missing, share
from oracles.usage import Where

DONE = ("completed", "published", "attended")
# On one day the later word is not known: what takes an agreement back stands.
TAKES_BACK = ("declined", "withdrawn")


def in_period(facts: Facts, as_of: date, start: date, end: date) -> list[Row]:
    """Events of the period that had come by as_of, oldest first."""
    found = [
        row
        for row in facts.of("advocacy_events")
        if start <= row["event_date"] < end and row["event_date"] <= as_of
    ]
    return sorted(found, key=lambda row: (row["event_date"], row["event_id"]))


def once(rows: list[Row]) -> list[Row]:
    """Without repeats: one person doing one thing in one place counts the first time."""
    seen: set[Any] = set()
    kept = []
    for row in rows:
        what = (row["contact_id"], row["event_type"], row["site"])
        if row["contact_id"] is None or what not in seen:
            kept.append(row)
        seen.add(what)
    return kept


def advocacy_activity(facts: Facts, as_of: date, start: date, end: date) -> Told:
    """Acts completed, published or attended in the period."""
    if not facts.has("advocacy_events"):
        return missing("by_csm", "by_type", "participation")
    rows = in_period(facts, as_of, start, end)
    acts = once([row for row in rows if row["status"] in DONE])
    by_csm: dict[str, int] = {}
    by_type: dict[str, int] = {}
    for row in acts:
        user = row["user_id"] or "unassigned"
        by_csm[user] = by_csm.get(user, 0) + 1
        by_type[row["event_type"]] = by_type.get(row["event_type"], 0) + 1
    stories = [
        row for row in rows if row["event_type"] == "case_study" and row["status"] == "in_progress"
    ]
    return Told(
        {
            "by_csm": by_csm,
            "by_type": by_type,
            "participation": {
                "references_completed": by_type.get("reference_call", 0),
                "case_studies_in_progress": len(once(stories)),
            },
        },
        value=len(acts),
    )


def latest(rows: list[Row]) -> Row | None:
    """The newest event; of several on one day, the one that takes back."""

    def newer(row: Row) -> tuple[date, int, str]:
        takes_back = TAKES_BACK.index(row["status"]) + 1 if row["status"] in TAKES_BACK else 0
        return row["event_date"], takes_back, row["event_id"]

    return max(rows, key=newer, default=None)


def reference_willingness(
    facts: Facts, as_of: date, *, validity_months: int = 12, where: Where = None
) -> Told:
    """Active accounts whose latest word on being a reference, not older than a year, is yes."""
    if not facts.has("advocacy_events"):
        return missing("willing", "rate")
    since = add_months(as_of, -validity_months)
    willing = []
    active = _active(facts, as_of, where)
    for account in active:
        said = [
            row
            for row in facts.of("advocacy_events", account)
            if row["event_type"] == "reference_agreement" and since < row["event_date"] <= as_of
        ]
        last = latest(said)
        if last is not None and last["status"] == "agreed":
            willing.append(account)
    return _listed("willing", willing, active)


def case_study_participation(facts: Facts, as_of: date, *, where: Where = None) -> Told:
    """Active accounts whose latest case study was agreed, is being written or is out."""
    if not facts.has("advocacy_events"):
        return missing("participating", "rate")
    participating = []
    active = _active(facts, as_of, where)
    for account in active:
        stories = [
            row
            for row in facts.of("advocacy_events", account)
            if row["event_type"] == "case_study" and row["event_date"] <= as_of
        ]
        last = latest(stories)
        if last is not None and last["status"] in (
            "agreed",
            "in_progress",
            "published",
            "completed",
        ):
            participating.append(account)
    return _listed("participating", participating, active)


def _active(facts: Facts, as_of: date, where: Where) -> list[str]:
    wanted = set(facts.accounts(as_of, where))
    return [account for account in facts.active(as_of) if account in wanted]


def _listed(name: str, accounts: list[str], active: list[str]) -> Told:
    rate = share(len(accounts), len(active))
    told = Told({name: accounts, "rate": rate}, value=ANYTHING)
    if rate is None:
        told.lack("rate", "undefined")
    return told


def review_submission(facts: Facts, as_of: date, start: date, end: date) -> Told:
    """Reviews published in the period, one per person and site."""
    if not facts.has("advocacy_events"):
        return missing("by_account", "by_site")
    on_file = facts.accounts(as_of)
    reviews = once(
        [
            row
            for row in in_period(facts, as_of, start, end)
            if row["event_type"] == "review"
            and row["status"] == "published"
            and row["account_id"] in on_file
        ]
    )
    by_account: dict[str, int] = {}
    by_site: dict[str, int] = {}
    for row in reviews:
        by_account[row["account_id"]] = by_account.get(row["account_id"], 0) + 1
        by_site[row["site"]] = by_site.get(row["site"], 0) + 1
    return Told({"by_account": by_account, "by_site": by_site}, value=len(reviews))


def cab_engagement(
    facts: Facts, as_of: date, *, window_months: int = 12, where: Where = None
) -> Told:
    """Board meetings attended, of those somebody was invited to."""
    if not facts.has("advocacy_events"):
        return missing("by_account")
    since = add_months(as_of, -window_months)
    told = Told({"by_account": {}})
    for account in facts.accounts(as_of, where):
        invited = [
            row
            for row in facts.of("advocacy_events", account)
            if row["event_type"] == "cab_meeting" and since < row["event_date"] <= as_of
        ]
        came = sum(1 for row in invited if row["status"] == "attended")
        ratio = share(came, len(invited))
        told.components["by_account"][account] = ratio
        if ratio is None:
            told.lack(f"by_account.{account}", "undefined")
    return told


def referral_behavior(
    facts: Facts, as_of: date, start: date, end: date, *, where: Where = None
) -> Told:
    """Companies each account brought in the period, itself not counted."""
    if not facts.has("advocacy_events"):
        return missing("by_account")
    brought: dict[str, set[str]] = {account: set() for account in facts.accounts(as_of, where)}
    for row in in_period(facts, as_of, start, end):
        company = plain(row["referred_company"])
        if row["event_type"] != "referral" or not company or row["account_id"] not in brought:
            continue
        if company != plain(facts.company.accounts[row["account_id"]].get("name")):
            brought[row["account_id"]].add(company)
    return Told({"by_account": {account: len(own) for account, own in brought.items()}})


def plain(name: str | None) -> str:
    """A company's name in one spelling."""
    return (name or "").strip().casefold()
