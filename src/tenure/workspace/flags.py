"""Flags behind the notebook's door: raised, looked at, dismissed and snoozed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tenure.kernel.errors import UnknownName, UserError
from tenure.lake import journal
from tenure.lake.freshness import OURS
from tenure.metrics.questions import Day, day_of
from tenure.signals.question import question
from tenure.workspace.flag_rows import FlagDoor, asked_of, is_open, kept_rows
from tenure.workspace.history import Door
from tenure.workspace.raising import Raised, raise_flags

QUIET_DAYS = 90
"""How long a dismissed flag stays down: as far as a flag looks ahead."""
HORIZON_DAYS = 90


@dataclass(frozen=True, slots=True)
class RaisedFlag:
    """A flag as a reader sees it; `source` says whose it is, `review` the newest verdict on its line.

    `asked` is what it speaks of: `renew` a risk, `grow` and `advocate` a hint that the account is ready.
    """

    flag_id: str
    account_id: str
    account: str
    metric: str
    reason: str
    severity: str
    raised_on: date
    cleared_on: date | None
    ended: str
    reason_said: str
    source: str
    evidence: Mapping[str, Any]
    review: str = ""
    asked: str = "renew"

    @property
    def is_ours(self) -> bool:
        """Whether Tenure raised it."""
        return self.source == OURS

    def to_dict(self) -> dict[str, Any]:
        """Plain values, days as ISO text."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        days = {"raised_on": self.raised_on.isoformat()}
        days["cleared_on"] = "" if self.cleared_on is None else self.cleared_on.isoformat()
        return (
            told
            | days
            | {"cleared_on": days["cleared_on"] or None, "evidence": dict(self.evidence)}
        )


class WithFlags:
    """The part of a workspace that raises flags and keeps what became of them."""

    __slots__ = ()

    def flags(
        self: FlagDoor,
        as_of: Day = None,
        *,
        metric: str | None = None,
        closed: bool = False,
        asked: str | None = None,
    ) -> list[RaisedFlag]:
        """Flags open at the end of a day, newest first: ours and those that other systems delivered.

        Args:
            as_of: today by default.
            metric: only this metric's.
            closed: also those that were cleared by then.
            asked: only risks (`renew`), or only who is ready (`grow`, `advocate`); all by default.
        """
        if asked is not None:
            question(asked)  # says where it is none
        day = day_of(as_of) or self.defaults.today
        wanted = None if metric is None else self.catalogue.find(metric)[0].id
        names, lines = self.names_of("accounts"), _reviews(self)
        found = [
            _told(row, names, lines)
            for row in kept_rows(self)
            if row["raised_date"] <= day
            and (closed or is_open(row, day))
            and (wanted is None or row["metric_id"] == wanted)
            and asked in (None, asked_of(row))
        ]
        return sorted(found, key=lambda f: (-f.raised_on.toordinal(), f.account_id, f.flag_id))

    def raise_flags(self: FlagDoor) -> Raised:
        """Open and close flags by every reading and decision since the last time; see `tenure flags --raise`.

        Raises:
            UserError: no history is kept yet.
        """
        return raise_flags(self)

    def dismiss_flag(
        self: FlagDoor, flag_id: str, *, why: str, by: str = "", until: Day = None
    ) -> RaisedFlag:
        """Close a flag of ours because it does not mean what it warns of; the reason is kept for the next review.

        Args:
            flag_id: as `flags` names it.
            why: the reason, in the person's words.
            by: who says so.
            until: before this day the metric raises no flag on the account; 90 days from today by default.

        Raises:
            UserError: no such open flag of ours, or no reason.
        """
        last = day_of(until) or self.defaults.today + timedelta(days=QUIET_DAYS)
        return _hold(self, "dismissed", flag_id, by, why, last)

    def snooze_flag(
        self: FlagDoor, flag_id: str, *, until: Day, why: str, by: str = ""
    ) -> RaisedFlag:
        """Close a flag of ours until a day; if it is still beyond the line then, another opens."""
        last = day_of(until)
        if last is None:
            raise UserError(
                "A snooze needs a day on which it ends.",
                remedy="Say until when.",
                code="flag.hold",
            )
        return _hold(self, "snoozed", flag_id, by, why, last)


def _hold(door: FlagDoor, kind: str, flag_id: str, by: str, why: str, until: date) -> RaisedFlag:
    today = door.defaults.today
    if not why.strip() or until <= today:
        raise UserError(
            "A flag is held down with a reason and until a later day.",
            remedy="Say why, and until when.",
            code="flag.hold",
        )
    rows = {row["flag_id"]: row for row in kept_rows(door)}
    row = rows.get(flag_id)
    if row is None:
        raise UnknownName("flag", flag_id, [n for n, r in rows.items() if is_open(r, today)])
    if row["source"] != OURS:
        raise UserError(
            f"The flag `{flag_id}` was raised by another system and came with `{row['source']}`.",
            remedy="Clear it there and import it again.",
            code="flag.theirs",
        )
    if row["cleared_date"] is not None:
        raise UserError(
            f"The flag `{flag_id}` was closed on {row['cleared_date']} ({row['ended']}).",
            remedy="Look at the open ones with `tenure flags`.",
            code="flag.closed",
        )
    said = {
        "metric": row["metric_id"], "account": row["account_id"], "asked": asked_of(row),
        "on": today.isoformat(), "until": until.isoformat(),
    }  # fmt: skip
    journal.enter(door.lake, kind, flag_id, by=by, why=why, content=said)
    raise_flags(door)
    now = next(r for r in kept_rows(door) if r["flag_id"] == flag_id)
    return _told(now, door.names_of("accounts"), _reviews(door))


def _reviews(door: Door) -> dict[tuple[str, str], str]:
    """The newest verdict by metric and version."""
    return {
        (entry.about, str(entry.content["version"])): str(entry.content["word"])
        for entry in journal.entries(door.lake)
        if entry.kind == "reviewed"
    }


def _told(
    row: Mapping[str, Any], names: Mapping[str, str], reviews: Mapping[tuple[str, str], str]
) -> RaisedFlag:
    evidence = json.loads(row["evidence"]) if row["evidence"] else {}
    version = str(evidence.get("threshold", ""))
    return RaisedFlag(
        row["flag_id"], row["account_id"], names.get(row["account_id"], row["account_id"]),
        row["metric_id"] or "", row["reason"] or "", row["severity"] or "", row["raised_date"],
        row["cleared_date"], row["ended"] or "", row["reason_said"] or "", row["source"], evidence,
        reviews.get((row["metric_id"] or "", version), ""), asked_of(row),
    )  # fmt: skip


def told_of_flags(door: Door, metric: str, day: date, asked: str = "renew") -> dict[str, Any]:
    """What became of a metric's own flags by a day: how they ended, what accounts did, and the reasons given.

    An account that decided to leave within 90 days of a flag counts as churned, one that did not as stayed once the
    90 days are over; so with accounts that expanded or became advocates after a hint.
    """
    from tenure.signals.flagging import opened_from
    from tenure.signals.flags import outcomes

    own = [
        row
        for row in kept_rows(door)
        if row["source"] == OURS
        and (row["metric_id"], asked_of(row)) == (metric, asked)
        and row["raised_date"] <= day
    ]
    last, about = min(day, door.data_span().last or day), question(asked)
    left = _came(door, asked, last) if own else {}
    words = {"churned": about.verb, "stayed": about.did_not, "not yet known": "not yet known"}
    verdicts: Counter[str] = Counter()
    for row in own:
        days = [d for d in left.get(row["account_id"], ()) if d > row["raised_date"]]
        decided = min(days, default=None)
        (told,) = outcomes(
            [opened_from(row)], decided_on=decided, known_to=last, horizon_days=HORIZON_DAYS
        )
        verdicts[words[told.verdict]] += 1
    reasons = Counter(row["reason_said"] for row in own if row["reason_said"])
    return {
        "raised": len(own),
        "open": sum(is_open(row, day) for row in own),
        "ended": dict(sorted(Counter(row["ended"] for row in own if row["ended"]).items())),
        "outcomes": {word: verdicts[word] for word in words.values()},
        "reasons_said": dict(reasons.most_common()),
    }


def _came(door: Door, asked: str, last: date) -> dict[str, list[date]]:
    """By account the days on which it decided to do what the flag speaks of."""
    from tenure.signals.exits import exits
    from tenure.signals.good_news import expansions, first_acts

    reading = door.computed().reading
    if asked == "renew":
        return {a: [one.decided for one in own] for a, own in exits(reading, last).items()}
    came = expansions(reading, last) if asked == "grow" else first_acts(reading, last)
    return {a: [one.decided for one in own] for a, own in came.items()}
