"""What people answered: onboarding_rating, nps, ces. Sentiment, not behaviour (metrics.md B6)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tenure.kernel.errors import Bug
from tenure.kernel.unknown import Reason
from tenure.kernel.wording import counted
from tenure.metrics.answers.opening import by_cut
from tenure.metrics.asked import Asked, Cut, Note, Result
from tenure.metrics.derived.book import UNASSIGNED
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.reading import Reading

EASE = (Fraction(1), Fraction(7))
"""The scale on which efforts of several instruments are compared: CES 2.0, 7 is easiest."""
PROMOTER, PASSIVE, TOP = 9, 7, 10


@dataclass(frozen=True, slots=True)
class Response:
    """One answer, its scale and who was the CSM then."""

    response_id: str
    account_id: str | None
    contact_id: str | None
    user_id: str | None
    score: Decimal
    low: Decimal | None
    high: Decimal | None
    is_effort: bool
    task: str | None
    wave: str | None
    day: date
    rank: int
    file: str
    line: int | None

    @property
    def lies_on_its_scale(self) -> bool:
        """Whether the scale is known, is one, and holds the score."""
        return (
            self.low is not None
            and self.high is not None
            and self.low < self.high
            and self.low <= self.score <= self.high
        )

    def on(self, low: Fraction, high: Fraction) -> Fraction:
        """The score moved linearly from its own scale to another."""
        bottom, top = self._scale()
        place = Fraction(self.ease - bottom) / Fraction(top - bottom)
        return low + place * (high - low)

    @property
    def ease(self) -> Decimal:
        """The score so that high means easy: an effort-coded one is turned round."""
        if not self.is_effort:
            return self.score
        return sum(self._scale()) - self.score

    def _scale(self) -> tuple[Decimal, Decimal]:
        if self.low is None or self.high is None:
            raise Bug(
                f"The answer `{self.response_id}` was moved to another scale without having one."
            )
        return self.low, self.high

    @property
    def source(self) -> SourceRow:
        """Where it stands."""
        return SourceRow("survey_responses", self.response_id, self.file, self.line)


def responses(reading: Reading, asked: Asked, kind: str) -> list[Response]:
    """The answers to one survey in the period and by as_of, of the accounts asked for, oldest first."""
    made = reading.relation("response_days", asked.known)
    meant = reading.population(asked.where, asked.as_of) if asked.where else None
    found = reading.query(
        "select response_id, account_id, contact_id, user_id, score, scale_min, scale_max, "  # noqa: S608 - our own name
        f"effort_coded, task, wave, day, rank, source_file, source_line from {made} "
        "where survey_type = $kind and day between $first and $last order by day, rank, response_id",
        kind=kind,
        first=asked.period.start,
        last=min(asked.as_of, asked.period.last_day),
    )
    return [Response(*row) for row in found if meant is None or row[1] in meant]


def _groups(reading: Reading, asked: Asked, own: Iterable[Response]) -> dict[str, list[Response]]:
    """Answers by what was asked for: who was the CSM then, the task, the wave, or the account's segment."""
    groups: dict[str, list[Response]] = defaultdict(list)
    if asked.by in ("csm", "task", "wave"):
        for response in own:
            word = response.user_id if asked.by == "csm" else getattr(response, asked.by)
            groups[word or (UNASSIGNED if asked.by == "csm" else "unknown")].append(response)
    elif asked.by is not None:
        by_account: dict[str, list[Response]] = defaultdict(list)
        for response in own:
            by_account[response.account_id or ""].append(response)
        for key, accounts in by_cut(reading, asked, by_account).items():
            groups[key] = [r for a in accounts for r in by_account[a]]
    return dict(sorted(groups.items()))


def onboarding_rating(reading: Reading, asked: Asked) -> Result:
    """Mean onboarding score on the target scale, by the CSM stamped on the answer."""
    everything = responses(reading, asked, "onboarding")
    own = [r for r in everything if r.lies_on_its_scale]
    low, high = (Fraction(str(bound)) for bound in asked.parameters["target_scale"])
    least = asked.parameters["min_n"]
    groups: dict[str, list[Response]] = defaultdict(list)
    for response in own:
        groups[response.user_id or UNASSIGNED].append(response)
    means: dict[str, float | None] = {}
    reasons: dict[str, Reason] = {}
    for person in sorted(groups):
        means[person], why = _mean([r.on(low, high) for r in groups[person]], least)
        if why:
            reasons[f"by_csm.{person}"] = why
    company, why = _mean([r.on(low, high) for r in own], least)
    if why:
        reasons["company"] = why
    cuts = [Cut(p, means[p], len(groups[p]), {}, reasons.get(f"by_csm.{p}")) for p in means]
    return Result(
        value=company,
        unknown=why,
        components={
            "by_csm": means,
            "n": {person: len(groups[person]) for person in means},
            "company": company,
        },
        reasons=reasons,
        cuts=cuts if asked.by == "csm" else [],
        n=len(own),
        notes=_left_out(len(everything) - len(own)),
        rows=[r.source for r in own],
    )


def _mean(values: Sequence[Fraction], least: int = 1) -> tuple[float | None, Reason | None]:
    if not values:
        return None, "undefined"
    if len(values) < least:
        return None, "withheld"
    return float(sum(values) / len(values)), None


def nps(reading: Reading, asked: Asked) -> Result:
    """Share of 9 and 10 less share of 0 to 6, in points; the latest answer of each person."""
    everything = responses(reading, asked, "nps")
    valid = [r for r in everything if _is_nps(r)]
    own = _latest(valid) if asked.parameters["dedupe"] == "latest_per_contact" else valid
    view = asked.parameters["view"]
    parts = _promoters(own) | {
        "rejected": len(everything) - len(valid),
        "scale_mismatch": any(r.low == 1 for r in own),
    }
    value = _score(parts)
    reasons: dict[str, Reason] = {}
    if view == "margin_of_error":
        parts = _margin(parts, asked.parameters["z"])
        reasons = {name: "undefined" for name, found in parts.items() if found is None}
    cuts = []
    for key, few in _groups(reading, asked, own).items():
        counts = _promoters(few)
        cuts.append(Cut(key, _score(counts), len(few), counts))
    if asked.by == "csm":
        parts["by_csm"] = {cut.key: cut.value for cut in cuts}
        parts["company"] = value
        if value is None:
            reasons["company"] = "undefined"
    return Result(
        value=value,
        unknown=None if value is not None else "undefined",
        components=parts,
        reasons=reasons,
        cuts=cuts,
        n=len(own),
        notes=_left_out(len(everything) - len(valid)),
        rows=[r.source for r in own],
    )


def _is_nps(response: Response) -> bool:
    """On 0 to 10, or on 1 to 10 where the instrument says so; anything else is no NPS."""
    low = Decimal(0) if response.low is None else response.low
    high = Decimal(TOP) if response.high is None else response.high
    return low in (0, 1) and high == TOP and low <= response.score <= high


def _latest(own: Iterable[Response]) -> list[Response]:
    """The latest answer per person; answers of nobody in particular all count."""
    latest: dict[str, Response] = {}
    for response in own:
        latest[response.contact_id or f"\0{response.response_id}"] = response
    return list(latest.values())


def _promoters(own: Sequence[Response]) -> dict[str, Any]:
    promoters = sum(1 for r in own if r.score >= PROMOTER)
    detractors = sum(1 for r in own if r.score < PASSIVE)
    return {
        "n": len(own),
        "promoters": promoters,
        "passives": len(own) - promoters - detractors,
        "detractors": detractors,
    }


def _score(parts: dict[str, Any]) -> float | None:
    if not parts["n"]:
        return None
    return float(Fraction(100 * (parts["promoters"] - parts["detractors"]), parts["n"]))


def _margin(parts: dict[str, Any], z: float) -> dict[str, Any]:
    """Standard error of the difference of two shares of one sample, in points (Cross Validated)."""
    n = parts["n"]
    if not n:
        return {"standard_error_points": None, "margin_95_points": None}
    p, d = Fraction(parts["promoters"], n), Fraction(parts["detractors"], n)
    error = 100 * math.sqrt((p + d - (p - d) ** 2) / n)
    return {"standard_error_points": error, "margin_95_points": z * error}


def ces(reading: Reading, asked: Asked) -> Result:
    """Mean ease on the instrument's own scale, or on 1 to 7 where several instruments were used."""
    everything = responses(reading, asked, "ces")
    own = [r for r in everything if r.lies_on_its_scale]
    scales = sorted({(r.low, r.high) for r in own if r.low is not None and r.high is not None})
    is_index = asked.parameters["variant"] == "index"
    read = _index if is_index else _own_mean if len(scales) == 1 else _moved_mean
    value = read(own)
    parts: dict[str, Any] = {"n": len(own)}
    reasons: dict[str, Reason] = {}
    if not is_index:
        parts["pct_easy_5_7"] = _share(own, lambda ease: ease >= 5)
        if not own:
            reasons["pct_easy_5_7"] = "undefined"
    parts["scales"] = [[low, high] for low, high in scales]
    cuts = [
        Cut(key, read(few), len(few), {"n": len(few)})
        for key, few in _groups(reading, asked, own).items()
    ]
    notes = _left_out(len(everything) - len(own))
    if len(scales) > 1:
        notes.append(
            Note(
                "notice",
                "survey.scales",
                f"Answers came on {counted(len(scales), 'scale')}; each was moved onto 1 to 7.",
                "Compare instruments apart: ask for one at a time with by=task.",
            )
        )
    return Result(
        value=value,
        unknown=None if value is not None else "undefined",
        components=parts,
        reasons=reasons,
        cuts=cuts,
        n=len(own),
        notes=notes,
        rows=[r.source for r in own],
    )


def _own_mean(own: Sequence[Response]) -> float | None:
    return _mean([Fraction(r.ease) for r in own])[0]


def _moved_mean(own: Sequence[Response]) -> float | None:
    return _mean([r.on(*EASE) for r in own])[0]


def _share(own: Sequence[Response], meets: Callable[[Fraction], bool]) -> float | None:
    if not own:
        return None
    return float(Fraction(sum(1 for r in own if meets(r.on(*EASE))), len(own)))


def _index(own: Sequence[Response]) -> float | None:
    """Share of 6 and 7 less share of 1 to 3, on 1 to 7."""
    if not own:
        return None
    eases = [r.on(*EASE) for r in own]
    return float(Fraction(sum(e >= 6 for e in eases) - sum(e <= 3 for e in eases), len(eases)))


def _left_out(count: int) -> list[Note]:
    if not count:
        return []
    return [
        Note(
            "warning",
            "survey.off_scale",
            f"{counted(count, 'answer')} outside the scale, or without one, counted nowhere.",
            "Check score, scale_min and scale_max in survey_responses.",
        )
    ]
