"""What is said of a metric: one sentence per status, with the numbers filled in and rounded for people."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tenure.kernel.errors import Bug
from tenure.signals.evidence import Status
from tenure.signals.question import QUESTIONS, Question
from tenure.signals.rates import Interval
from tenure.signals.thresholds.holdout import HoldOut
from tenure.signals.thresholds.lines import Zone
from tenure.signals.thresholds.metric import Metric
from tenure.signals.thresholds.zones import ZoneTable

FIRM_EVENTS = 50
"""Below so many the rate of a zone chosen on the same rows is no headline by itself."""
RENEW = QUESTIONS["renew"]


@dataclass(frozen=True, slots=True)
class Said:
    """The numbers the sentences draw on; see `Learned` for what they mean."""

    metric: Metric
    question: Question
    status: Status
    events: int = 0
    others: int = 0
    accounts: int = 0
    coverage: float = math.nan
    missing: Interval = Interval(math.nan, math.nan, math.nan)
    auc: Interval = Interval(math.nan, math.nan, math.nan)
    at: Interval = Interval(math.nan, math.nan, math.nan)
    zone: Zone = Zone(())
    zones: ZoneTable | None = None
    holdout: HoldOut | None = None
    by: str = ""
    weak: str = ""
    low_is_risk: bool = True
    whole: bool = False
    minimum: int = 10
    firm: int = 25
    least_others: int = 30
    segment: tuple[str, bool] | None = None


def sentence(said: Said) -> str:
    """The sentence of its status."""
    return {
        "accepted": accepted,
        "provisional": provisional,
        "weak_signal": weak_signal,
        "proxy": proxy,
        "confounded": confounded,
        "no_separation": no_separation,
        "insufficient_events": insufficient_events,
        "insufficient_coverage": insufficient_coverage,
        "constant": lambda _: "Every account has the same value.",
        "direction_conflict": direction_conflict,
    }[said.status](said)


def percent(value: float) -> str:
    """A ratio as a whole percentage, `70 %`."""
    return f"{_whole_percent(value)} %"


def _whole_percent(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{math.floor(value * 100 + 0.5)}"


def hundredths(value: float) -> str:
    """`.51`."""
    return f"{value:.2f}".removeprefix("0")


def where(said: Said) -> str:
    """`below 20 %`, or the two sides of a band."""
    words = [said.metric.line(line, whole=said.whole) for line in said.zone.lines]
    return (" and " if said.zone.all_of else " or ").join(words)


def accepted(said: Said) -> str:
    """The rate beyond the line; that of later data where the line was checked on them."""
    if said.zones is None:
        raise Bug("An accepted threshold has no zone table.", where=said.metric.name)
    rate, overall, after = said.zones.at_risk.rate, said.zones.base, ""
    held = said.holdout
    if held is not None and held.validated and held.rate is not None and held.overall is not None:
        rate, overall, after = held.rate, held.overall, " Rates of later data."
    elif said.events < FIRM_EVENTS:
        after = " Chosen on the same data."
    return (
        f"Accounts {where(said)} {said.question.verb} {percent(rate.estimate)} of the time"
        f" ({_whole_percent(rate.low)}–{percent(rate.high)}), against {percent(overall)} overall."
        f" Based on {said.question.events(said.events)} among {said.accounts:,} accounts.{after}"
    )


def provisional(said: Said) -> str:
    """How far the line could lie, and how many events make it firm."""
    more = max(1, said.firm - said.events)
    first = f"Early evidence from only {said.question.events(said.events)}."
    last = f"{_more(said, more)} and we can be firmer."
    if math.isnan(said.at.low):
        return f"{first} {last}"
    low, high = (said.metric.number(v, whole=False) for v in (said.at.low, said.at.high))
    return f"{first} The line may lie anywhere between {low} and {high}. {last}"


def _more(said: Said, number: int) -> str:
    return f"{number:,} more {said.question.one if number == 1 else said.question.many}"


def weak_signal(said: Said) -> str:
    """Real, and not worth an alert."""
    asked = said.question
    text = f"This moves with {asked.noun}, but too little to be worth {asked.flag} ({said.weak})."
    if said.segment is not None:
        text += " The difference is between segments, not within them."
    return text


def proxy(said: Said) -> str:
    """Explained by another metric."""
    return (
        f"Moves together with {said.by}. Once {said.by} is known it adds nothing."
        f" {'Go by' if said.question.good else 'Alert on'} {said.by}."
    )


def confounded(said: Said) -> str:
    """Explained by the segment."""
    name, lower = said.segment or ("some", said.low_is_risk)
    side = "lower" if lower else "higher"
    return (
        f"The difference is between segments, not within them: {name} accounts {said.question.do_more}"
        f" and also have a {side} {said.metric.name}."
    )


def no_separation(said: Said) -> str:
    """Alike on this metric."""
    a = said.auc
    return (
        f"In your data {said.question.both} look alike on this metric"
        f" (AUC {hundredths(a.estimate)}, {hundredths(a.low)}–{hundredths(a.high)})."
    )


def insufficient_events(said: Said) -> str:
    """How many more are needed."""
    if said.events >= said.minimum:
        return (
            f"You have only {said.others:,} {said.question.rest} with this metric recorded."
            f" {said.least_others - said.others:,} more are needed."
        )
    first = said.minimum - said.events
    return (
        f"You have {said.question.events(said.events)} with this metric recorded."
        f" {first:,} more {'gives' if first == 1 else 'give'} a provisional threshold,"
        f" {said.firm - said.events:,} more an accepted one."
    )


def insufficient_coverage(said: Said) -> str:
    """Known for too few; what happened where it is missing."""
    m = said.missing
    return (
        f"Known for only {percent(said.coverage)} of accounts. Where it is missing,"
        f" {percent(m.estimate)} {said.question.verb} ({_whole_percent(m.low)}–{percent(m.high)})."
    )


def direction_conflict(said: Said) -> str:
    """The declaration says one side, the data the other."""
    better = said.metric.better or "higher"
    side = "lower" if said.low_is_risk else "higher"
    return (
        f"You said {better} is better; in your data accounts with {side} values {said.question.did_more}."
        " Check the definition before using it."
    )


def not_validated(held: HoldOut | None, question: Question, needed: int) -> str:
    """The badge's sentence."""
    if held is None or not held.from_day:
        return "Not yet checked on later data."
    seen = question.events(held.test_events)
    if held.verdict is None and held.test_events < needed:
        return (
            f"Not yet checked on later data: {seen} from {held.from_day} on, {needed} are needed."
        )
    return f"Not yet confirmed on later data: {seen} from {held.from_day} on decide nothing."


def preset(source: str) -> str:
    """A line that ships with the product."""
    return f"Industry starting point, not from your data ({source})."


def recalibrate(now: float, then: float, suggested: str, asked: Question = RENEW) -> str:
    """A review's word: still predicts, elsewhere. Recall now and when learned; the line the data suggest."""
    return (
        f"Still predicts, but the line no longer catches the {asked.many} it used to"
        f" ({percent(now)}, was {percent(then)}). Your data now suggest {suggested}."
    )


def decayed(flagged: float, others: float, asked: Question = RENEW) -> str:
    """A review's word: no longer separates."""
    return (
        f"Flagged accounts {asked.verb} no more {'often ' if asked.good else ''}than others last quarter"
        f" ({percent(flagged)} against {percent(others)})."
    )
