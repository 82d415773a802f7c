"""How early a metric knows: when leaving accounts started to differ, and when a threshold would have warned.

S0 promises 60 to 90 days; here the promise is measured per metric, and where it cannot be kept the result says so.
Does not promise that warning earlier would have kept anyone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np

from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Unknown
from tenure.signals.alerts import Alerts, judged
from tenure.signals.evidence import Evidence
from tenure.signals.flags import Patience
from tenure.signals.lines import Line
from tenure.signals.matching import matched
from tenure.signals.plain import Plain
from tenure.signals.plainly import plainly
from tenure.signals.rates import Interval
from tenure.signals.separation import Separation, separation
from tenure.signals.streams import stream as draws
from tenure.signals.weekly import Floats, Ints, left_on, since, weekly

Badge = Literal["leading", "coincident or lagging"]

HORIZON_DAYS: Final = 90
PROMISE_DAYS: Final = 60
CANNOT: Final = "This metric cannot keep a promise of 60–90 days."
_PATIENCE_DAYS: Final[dict[Patience, int]] = {"2 of 3": 21, "at once": 0}
_METHOD: Final = "lead-time/1"


@dataclass(frozen=True, slots=True)
class LeadTime:
    """What a metric knew before accounts left.

    `auc_at` is the AUC at 30, 60 and 90 days (at the first whole week that is as long). `alerts` is None without a
    threshold. `keeps_promise`: separation lead less patience reaches 60 days. `segments` holds the same answer per
    segment, each with its own horizon.
    """

    separation: Separation
    auc_at: dict[int, Interval | Unknown]
    badge: Badge | Unknown
    alerts: Alerts | None
    keeps_promise: bool | Unknown
    horizon_days: int
    says: str
    evidence: Evidence
    segments: dict[str, LeadTime] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        told: dict[str, Any] = plainly(self)
        return told


def lead_time(
    frame: Any,
    *,
    account: str,
    time: str,
    value: str,
    churned: str | Mapping[str, Any],
    threshold: Line | None = None,
    risk: Literal["low", "high"] | None = None,
    patience: Patience = "2 of 3",
    segment: str | None = None,
    horizons: Mapping[str, int] | None = None,
    stream: int = 1,
) -> LeadTime:
    """Lead time of one metric from a long table.

    Args:
        frame: one row per reading; see `Plain`.
        account: the column with the account; a stay, where accounts come back.
        time: the column with the day.
        value: the column with the number.
        churned: the column with the day the account decided to leave (empty: it stayed), or that day by account.
        threshold: the at-risk line; without it nothing is said of alerts.
        risk: which end is the risk; needed only without a threshold.
        patience: how many readings an alert takes.
        segment: the column with the segment; the answer is then given per segment as well.
        horizons: days within which an exit counts, by segment; 90 where not named. Enterprise: 180 or 365.
        stream: number of the random draws.

    Raises:
        UserError: neither threshold nor risk says which end is the risk, or a column does not hold what it should.
    """
    plain = Plain(frame)
    read = weekly(plain, account=account, time=time, value=value)
    exits = read.exits(left_on(plain, churned, account=account))
    asked = _Asked(_low_is_risk(threshold, risk), threshold, patience, stream)
    days = read.monday(0).isoformat(), read.monday(read.weeks).isoformat()
    parts: dict[str, LeadTime] = {}
    if segment is not None:
        of = dict(zip(plain.words(account), plain.words(segment), strict=True))
        words = np.array([of[name] for name in read.accounts], dtype=object)
        for word in sorted(set(words) - {""}):
            own, horizon = words == word, (horizons or {}).get(word, HORIZON_DAYS)
            name = f"{value} of {word}"
            parts[word] = _answer(read.values[own], exits[own], asked, horizon, name, days)
    return replace(_answer(read.values, exits, asked, HORIZON_DAYS, value, days), segments=parts)


@dataclass(frozen=True, slots=True)
class _Asked:
    low_is_risk: bool
    threshold: Line | None
    patience: Patience
    stream: int


def _answer(
    values: Floats, exits: Ints, asked: _Asked, horizon_days: int, name: str, days: tuple[str, str]
) -> LeadTime:
    weeks, clear = values.shape[1], -(-horizon_days // 7)
    groups = matched(
        since(values),
        exits,
        weeks=weeks,
        clear=clear,
        draw=draws(asked.stream, f"controls of {name}"),
    )
    apart = separation(
        values,
        groups,
        low_is_risk=asked.low_is_risk,
        leads=clear + 13,
        draw=draws(asked.stream, f"separation of {name}"),
    )
    told = None
    if asked.threshold is not None:
        told = judged(
            values,
            exits,
            asked.threshold,
            horizon=clear,
            patience=asked.patience,
            draw=draws(asked.stream, f"alerts of {name}"),
        )
    lead = apart.lead_days
    keeps = lead if isinstance(lead, Unknown) else lead - _PATIENCE_DAYS[asked.patience] >= PROMISE_DAYS  # fmt: skip
    auc_at = {d: apart.at(d) for d in (30, 60, 90)}
    return LeadTime(
        separation=apart,
        auc_at=auc_at,
        badge=_badge(lead, auc_at[60]),
        alerts=told,
        keeps_promise=keeps,
        horizon_days=horizon_days,
        says=" ".join(_sentences(lead, auc_at[60], told, keeps=keeps)),
        evidence=Evidence(
            n=int(np.isfinite(values).sum()),
            events=len(groups),
            method=_METHOD,
            first=days[0],
            last=days[1],
            stream=asked.stream,
        ),
    )


def _badge(lead: int | Unknown, auc: Interval | Unknown) -> Badge | Unknown:
    """Leading only if the AUC 60 days ahead is at least .60 and surely above one half."""
    if isinstance(lead, Unknown):
        return lead
    if isinstance(auc, Unknown):
        return auc
    return "leading" if auc.low > 0.5 and auc.estimate >= 0.6 else "coincident or lagging"


def _sentences(
    lead: int | Unknown, auc: Interval | Unknown, told: Alerts | None, *, keeps: bool | Unknown
) -> list[str]:
    said = []
    if isinstance(lead, Unknown):
        said.append(lead.says)
    elif lead == 0:
        said.append("Before they left, accounts did not differ on this metric from accounts that stayed.")  # fmt: skip
    else:
        said.append(f"Accounts that left differed from accounts that stayed from {lead} days before on.")  # fmt: skip
    if isinstance(auc, Interval) and not isinstance(lead, Unknown):
        said.append(f"Sixty days before: AUC {auc.estimate:.2f} ({auc.low:.2f}–{auc.high:.2f}).")
    if told is not None and told.cases:
        said.append(
            f"The threshold would have warned a median of {told.lead_days.estimate:.0f} days ahead "
            f"({told.lead_days.low:.0f}–{told.lead_days.high:.0f}), at least 60 days in "
            f"{100 * told.warned_60.estimate:.0f} % of {told.cases} exits, at least 90 days in "
            f"{100 * told.warned_90.estimate:.0f} %, and never in {100 * told.never_warned.estimate:.0f} %."
        )
    if keeps is False:
        said.append(CANNOT)
    return said


def _low_is_risk(threshold: Line | None, risk: str | None) -> bool:
    if threshold is not None:
        return threshold.below
    if risk not in ("low", "high"):
        raise UserError(
            "Nothing says whether low or high values are the risk.",
            remedy='Give the threshold, or risk="low" or "high".',
            code="lead.risk",
        )
    return risk == "low"
