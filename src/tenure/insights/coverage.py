"""Did accounts touched as planned renew more often, and how much of that is left among accounts that are alike?

A table has one row per account and renewal. Counting touches up to the renewal would build in its answer (who has
decided to leave stops answering), so `renewals` ends its window 90 days before; a table of one's own should too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import numpy as np

from tenure.insights.columns import known_words, yes_no
from tenure.insights.coverage_result import Arms, CoverageDelta, Line, Worth, sentence
from tenure.insights.strata import (
    Bools,
    Floats,
    Overlap,
    overlap,
    thirds,
    words_or_unknown,
    zones,
)
from tenure.insights.weighting import weighted_difference
from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Unknown
from tenure.kernel.wording import counted
from tenure.signals.evidence import Evidence
from tenure.signals.plain import Plain
from tenure.signals.rates import (
    NOWHERE,
    Z95,
    Interval,
    e_value,
    mantel_haenszel_difference,
    mantel_haenszel_ratio,
    newcombe,
)

COLUMNS = ("renewed", "covered", "planned", "completed", "segment", "arr", "health")
COVERED_FROM = 0.8
LINES = (0.6, 0.7, 0.8, 0.9, 1.0)
LEAST_LOST = 10
LEAST_STRATA = 2
SECOND_FROM = 100
NEARLY = 1e-9
"""4 of 5 is .8, whatever binary fractions make of it."""

ALIKE = {"segment": "segment", "arr": "size", "health": "earlier health"}


@dataclass(frozen=True, slots=True)
class _Renewals:
    """Rows that can be compared, and the ARR of under-covered ones still to come."""

    renewed: Bools
    share: Floats
    labels: Mapping[str, Sequence[str]]
    has_shares: bool
    to_come: Decimal | None
    left_out: dict[str, int] = field(default_factory=dict)

    def arms(self, covered: Bools) -> Arms:
        under = ~covered
        return Arms(
            int(covered.sum()), int((covered & self.renewed).sum()),
            int(under.sum()), int((under & self.renewed).sum()),
        )  # fmt: skip


def coverage_delta(
    frame: Any,
    *,
    threshold: float = COVERED_FROM,
    number: int = 1,
    evidence: Evidence | None = None,
    **columns: str,
) -> CoverageDelta:
    """The difference of renewal rates between covered and under-covered accounts, raw and adjusted.

    Args:
        frame: a table with one row per account and renewal, one window each. A row without an outcome is a renewal
            still to come (give those of the next 12 months); it only counts for the money.
        threshold: covered from this share of planned touches on (0 to 1).
        number: the stream of random draws (of the second opinion's bootstrap).
        evidence: what is known of the table's days and snapshot, kept with the result.
        **columns: names of the columns. `renewed` (yes or no) and either `covered` (yes or no) or `planned` and
            `completed` (two-way touches due and made); of `segment`, `arr` and `health` (at the start of the window; a
            score from 0 to 100, or words) at least one.

    Returns:
        Raw: Newcombe's interval. Adjusted: Mantel-Haenszel risk difference over segment, third of ARR and health
        zone, Sato's variance. From 100 lost renewals an inverse-probability opinion beside it. Refused
        (`too_little_history`) below 10 lost renewals, (`no_data`) below 2 strata with both arms.

    Raises:
        UserError: columns are missing or hold something else.
        UnknownName: a column's name, or a word in `columns`, is not known.
    """
    renewals = _read(Plain(frame), columns, threshold)
    covered = renewals.share >= threshold - NEARLY
    strata = tuple(overlap(renewals.labels, covered, renewals.renewed))
    arms = renewals.arms(covered)
    based = replace(
        evidence or Evidence(n=0, events=0, method=""),
        n=len(covered),
        events=arms.lost,
        method="mantel-haenszel risk difference, sato 1",
    )
    alike = _alike(renewals.labels)
    refused = _refusal(arms, strata, alike)
    if refused is not None:
        return CoverageDelta(
            NOWHERE, NOWHERE, arms, _compared(strata), strata, None, None, math.nan, math.nan,
            (), renewals.left_out, refused.says, (), based, refused,
        )  # fmt: skip
    adjusted = _adjusted(strata)
    second = None
    if arms.lost >= SECOND_FROM:
        second, based = weighted_difference(strata, number=number), replace(based, stream=number)
    worth = None if renewals.to_come is None else Worth.of(renewals.to_come, adjusted)
    raw = _raw(arms)
    values = _e_values(strata)
    return CoverageDelta(
        raw, adjusted, arms, _compared(strata), strata, worth, second, *values,
        _sensitivity(renewals), renewals.left_out, sentence(raw, adjusted, alike, worth),
        _notes(arms, strata, second), based,
    )  # fmt: skip


def _read(table: Plain, columns: Mapping[str, str], threshold: float) -> _Renewals:
    known_words(columns, COLUMNS, where="coverage_delta")
    by_share = "planned" in columns and "completed" in columns
    if "renewed" not in columns or by_share == ("covered" in columns):
        raise UserError(
            "The table's outcome or its coverage is not named, or coverage is named twice.",
            remedy="Name `renewed`, and either `covered` or both `planned` and `completed`.",
            where="coverage_delta",
            code="coverage.columns",
        )
    outcome = yes_no(table, columns["renewed"])
    share = _shares(table, columns) if by_share else yes_no(table, columns["covered"])
    is_past, is_known = ~np.isnan(outcome), ~np.isnan(share)
    kept = is_past & is_known
    labels: dict[str, list[str]] = {}
    if "segment" in columns:
        labels["segment"] = words_or_unknown(table, columns["segment"])
    if "arr" in columns:
        labels["arr"] = thirds(table.numbers(columns["arr"]), kept)
    if "health" in columns:
        labels["health"] = zones(table, columns["health"])
    to_come = None
    if "arr" in columns and (~is_past).any():
        under = ~is_past & is_known & (np.nan_to_num(share) < threshold - NEARLY)
        to_come = _money(table.column(columns["arr"]), under)
    word = "no touch was planned, or none known" if by_share else "coverage is unknown"
    left_out = {word: int((is_past & ~is_known).sum())}
    return _Renewals(
        outcome[kept] == 1,
        share[kept],
        {
            name: [w for w, keep in zip(own, kept, strict=True) if keep]
            for name, own in labels.items()
        },
        by_share,
        to_come,
        {reason: n for reason, n in left_out.items() if n},
    )


def _shares(table: Plain, columns: Mapping[str, str]) -> Floats:
    planned, completed = (table.numbers(columns[word]) for word in ("planned", "completed"))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(planned > 0, completed / planned, np.nan)
    return np.asarray(share, dtype=float)


def _money(values: Sequence[Any], chosen: Bools) -> Decimal:
    """Decimals are added as they came; an amount that is not known adds nothing."""
    amounts = [
        v if isinstance(v, Decimal) else Decimal(str(v))
        for v, own in zip(values, chosen, strict=True)
        if own and v is not None and v == v and v != ""
    ]
    return sum(amounts, Decimal(0))


def _alike(labels: Mapping[str, Any]) -> str:
    named = [ALIKE[name] for name in labels]
    return " and ".join([", ".join(named[:-1]), named[-1]]) if len(named) > 1 else "".join(named)


def _refusal(arms: Arms, strata: Sequence[Overlap], alike: str) -> Unknown | None:
    if arms.lost < LEAST_LOST:
        return Unknown(
            "too_little_history",
            f"You have {counted(arms.lost, 'renewal')} lost among {arms.covered + arms.under:,} with coverage recorded. "
            f"{LEAST_LOST - arms.lost} more lost and coverage can be compared.",
        )
    both = sum(1 for s in strata if s.has_both)
    if both >= LEAST_STRATA:
        return None
    groups = (
        f"of accounts of the same {alike}"
        if alike
        else "of alike accounts, since no column says who is alike,"
    )
    return Unknown(
        "no_data",
        f"{counted(both, 'group')} {groups} {'holds' if both == 1 else 'hold'} both covered and under-covered "
        f"renewals; {LEAST_STRATA} are needed, {LEAST_STRATA - both} more than there are.",
    )


def _raw(arms: Arms) -> Interval:
    return newcombe(arms.covered_renewed, arms.covered, arms.under_renewed, arms.under)


def _adjusted(strata: Sequence[Overlap]) -> Interval:
    found, error, _ = mantel_haenszel_difference(s.table for s in strata)
    return Interval(found, found - Z95 * error, found + Z95 * error)


def _compared(strata: Sequence[Overlap]) -> float:
    total = sum(s.covered + s.under for s in strata)
    return sum(s.covered + s.under for s in strata if s.has_both) / total if total else math.nan


def _e_values(strata: Sequence[Overlap]) -> tuple[float, float]:
    """Of the risk ratio of NOT renewing, the rarer outcome, under-covered against covered (decision e-value-of-not-renewing)."""
    both = [s for s in strata if s.has_both]
    ratio = mantel_haenszel_ratio(
        (
            s.under - s.under_renewed,
            s.under_renewed,
            s.covered - s.covered_renewed,
            s.covered_renewed,
        )
        for s in both
    )
    if math.isnan(ratio.estimate):
        return math.nan, math.nan
    if ratio.low <= 1 <= ratio.high:
        return e_value(ratio.estimate), 1.0
    return e_value(ratio.estimate), e_value(ratio.low if ratio.low > 1 else ratio.high)


def _sensitivity(renewals: _Renewals) -> tuple[Line, ...]:
    """The comparison at each line; nothing where coverage came as yes or no."""
    if not renewals.has_shares:
        return ()
    found = []
    for at in LINES:
        covered = renewals.share >= at - NEARLY
        strata = overlap(renewals.labels, covered, renewals.renewed)
        arms = renewals.arms(covered)
        enough = sum(1 for s in strata if s.has_both) >= LEAST_STRATA
        found.append(Line(at, arms, _raw(arms), _adjusted(strata) if enough else NOWHERE))
    return tuple(found)


def _notes(arms: Arms, strata: Sequence[Overlap], second: Interval | None) -> tuple[str, ...]:
    notes = []
    alone = [s for s in strata if not s.has_both]
    if alone:
        out = sum(s.covered + s.under for s in alone)
        notes.append(
            f"{counted(out, 'renewal')} of {arms.covered + arms.under:,} "
            f"({round(100 * out / (arms.covered + arms.under))} %) have no alike account in the other arm and drop out."
        )
    if second is None:
        notes.append(
            f"A second opinion by weighting comes with {SECOND_FROM} lost renewals; {SECOND_FROM - arms.lost} more are needed."
        )
    return tuple(notes)
