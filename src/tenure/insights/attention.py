"""Why an account wants attention, in one sentence: the gravest fact first, a second one beside it.

Facts and no verdicts: "No answer for 34 days", never "neglected". The order of gravity is a judgement
(decisions: what-an-account-wants-first).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tenure.kernel.unknown import Unknown
from tenure.kernel.wording import counted

SILENT_DAYS = 30
"""A sponsor who has not answered for a month."""
FALL = 10.0
"""A score that fell by ten points in ninety days."""
USAGE_FALL = 0.2
NEAR_DAYS = 90
UNTOUCHED_DAYS = 60


def reason(numbers: Mapping[str, Any], *, flags: Sequence[str] = ()) -> str:
    """One sentence, or an empty one where nothing stands out.

    Args:
        numbers: the account's numbers by column; an Unknown says nothing.
        flags: what each open flag says, the newest first; said where the numbers alone say nothing.
    """
    found = [said for ask in ASKED if (said := ask(numbers))]
    if not found:
        return _flagged(flags)
    return " ".join(sentence + "." for sentence in found[:2])


def _flagged(flags: Sequence[str]) -> str:
    told = [said.rstrip(".") for said in flags if said]
    if not told:
        return counted(len(flags), "open flag") + "." if flags else ""
    more = len(flags) - 1
    return told[0] + (f"; {counted(more, 'more flag')}." if more else ".")


def _number(numbers: Mapping[str, Any], name: str) -> float | None:
    value = numbers.get(name)
    if value is None or isinstance(value, Unknown | str):
        return None
    return float(value)


def _silent_sponsor(numbers: Mapping[str, Any]) -> str:
    days = _number(numbers, "exec_sponsor_unresponsive_days")
    if days is None or days < SILENT_DAYS:
        return ""
    return f"Sponsor has not answered for {int(days)} days"


def _falling(numbers: Mapping[str, Any]) -> str:
    change = _number(numbers, "health_score_delta_90d")
    if change is None or change > -FALL:
        return ""
    return f"Health fell by {-change:.0f} points in 90 days"


def _past_cadence(numbers: Mapping[str, Any]) -> str:
    days = _number(numbers, "days_past_cadence")
    return f"{counted(int(days), 'day')} past its planned touch" if days else ""


def _untouched(numbers: Mapping[str, Any]) -> str:
    days = _number(numbers, "days_since_last_touch")
    return f"No touch for {int(days)} days" if days is not None and days > UNTOUCHED_DAYS else ""


def _using_less(numbers: Mapping[str, Any]) -> str:
    change = _number(numbers, "usage_trend")
    if change is None or change > -USAGE_FALL:
        return ""
    return f"Usage fell by {-change * 100:.0f} %"


def _renews(numbers: Mapping[str, Any]) -> str:
    days = _number(numbers, "days_to_renewal")
    if days is None or days > NEAR_DAYS:
        return ""
    if days < 0:
        return f"Renewal overdue by {counted(-int(days), 'day')}"
    return f"Renews in {counted(int(days), 'day')}"


ASKED: tuple[Callable[[Mapping[str, Any]], str], ...] = (
    _silent_sponsor, _falling, _using_less, _past_cadence, _untouched, _renews,
)  # fmt: skip
"""In the order of gravity."""
