"""What people answered: recommendation, effort, satisfaction (metrics 3.6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction
from math import sqrt
from typing import Any

from oracles.product_reading import Facts, Row
from oracles.told import Told, missing, share

SATISFIED = Fraction(6, 10)  # the top two fifths of a scale begin here: 4 and 5 of 1 to 5


def answers(facts: Facts, kind: str, as_of: date, start: date, end: date) -> list[Row]:
    """The responses of one instrument in a period, as far as they had come by as_of."""
    found = []
    for row in facts.of("survey_responses"):
        day = facts.day(row["responded_at"])
        if row["survey_type"] == kind and start <= day < end and day <= as_of:
            found.append(row)
    return found


def outside(row: Row, least: Any, most: Any) -> bool:
    """Whether a score lies below the least or above the most its scale allows, where those are known."""
    return (least is not None and row["score"] < least) or (
        most is not None and row["score"] > most
    )


def valid_nps(row: Row) -> bool:
    """On 0 to 10, and on its own scale."""
    return not outside(row, 0, 10) and not outside(row, row["scale_min"], row["scale_max"])


def latest_per_contact(rows: list[Row]) -> list[Row]:
    """The last answer of each person; an answer of nobody in particular stands for itself."""
    kept: dict[Any, Row] = {}
    for row in rows:
        person = row["contact_id"] or ("nobody", row["response_id"])
        if person not in kept or row["responded_at"] > kept[person]["responded_at"]:
            kept[person] = row
    return list(kept.values())


def nps(facts: Facts, as_of: date, start: date, end: date, **how: Any) -> Told:
    """Promoters less detractors in points; `dedupe`, `view=margin_of_error` with `z`, `by=csm` as in the contract."""
    dedupe, view = how.get("dedupe", "latest_per_contact"), how.get("view")
    by, z = how.get("by"), how.get("z", Fraction(196, 100))
    if not facts.has("survey_responses"):
        names = ["n", "promoters", "passives", "detractors", "rejected", "scale_mismatch"]
        if view == "margin_of_error":
            names = ["standard_error_points", "margin_95_points"]
        return missing(*(["by_csm", "company"] if by == "csm" else names))
    asked = answers(facts, "nps", as_of, start, end)
    counted = [row for row in asked if valid_nps(row)]
    rejected = len(asked) - len(counted)
    if dedupe == "latest_per_contact":
        counted = latest_per_contact(counted)
    if by == "csm":
        return _nps_by_csm(counted)
    if view == "margin_of_error":
        return _margin(counted, z)
    promoters, passives, detractors = bands(counted)
    value = points(counted)
    told = Told(
        {
            "n": len(counted),
            "promoters": promoters,
            "passives": passives,
            "detractors": detractors,
            "rejected": rejected,
            "scale_mismatch": any(row["scale_min"] == 1 for row in counted),
        },
        value=value,
    )
    told.unknown = "undefined" if value is None else None
    return told


def bands(rows: list[Row]) -> tuple[int, int, int]:
    """Promoters (9 and 10), passives, detractors (0 to 6)."""
    promoters = sum(1 for row in rows if row["score"] >= 9)
    detractors = sum(1 for row in rows if row["score"] <= 6)
    return promoters, len(rows) - promoters - detractors, detractors


def points(rows: list[Row]) -> Fraction | None:
    """100 x (promoters - detractors) / n."""
    promoters, _, detractors = bands(rows)
    return share(100 * (promoters - detractors), len(rows))


def _margin(rows: list[Row], z: Fraction) -> Told:
    if not rows:
        told = Told({"standard_error_points": None, "margin_95_points": None}, unknown="undefined")
        for name in told.components:
            told.lack(name, "undefined")
        return told
    # Straight from the spread of +1, 0 and -1 around their mean, not from the closed formula.
    marks = [1 if row["score"] >= 9 else -1 if row["score"] <= 6 else 0 for row in rows]
    mean = Fraction(sum(marks), len(marks))
    spread = sum((mark - mean) ** 2 for mark in marks) / len(marks)
    error = 100 * sqrt(spread / len(marks))
    return Told(
        {"standard_error_points": error, "margin_95_points": float(z) * error}, value=points(rows)
    )


def _nps_by_csm(rows: list[Row]) -> Told:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["user_id"] or "unassigned", []).append(row)
    company = points(rows)
    told = Told(
        {"by_csm": {user: points(own) for user, own in groups.items()}, "company": company},
        value=company,
        unknown="undefined" if company is None else None,
    )
    if company is None:
        told.lack("company", "undefined")
    return told


def on_scale(row: Row, least: int, most: int) -> Fraction:
    """A score carried over in a straight line from its own scale to another."""
    low, high = Fraction(row["scale_min"]), Fraction(row["scale_max"])
    return least + (Fraction(row["score"]) - low) * (most - least) / (high - low)


def has_scale(row: Row) -> bool:
    """Whether the scale is known, has a width, and the score lies on it."""
    low, high = row["scale_min"], row["scale_max"]
    return low is not None and high is not None and low < high and not outside(row, low, high)


def eased(row: Row) -> Row:
    """The answer so that high means easy: one that measures effort is turned over."""
    if not row["effort_coded"]:
        return row
    return row | {"score": row["scale_min"] + row["scale_max"] - row["score"]}


def ces(facts: Facts, as_of: date, start: date, end: date, *, variant: str = "mean") -> Told:
    """Mean ease on the instrument's own scale (1 to 7 where there are several), or the index."""
    parts = ["n", "pct_easy_5_7"] if variant == "mean" else ["n"]
    if not facts.has("survey_responses"):
        return missing(*parts)
    rows = [eased(row) for row in answers(facts, "ces", as_of, start, end) if has_scale(row)]
    scales = {(row["scale_min"], row["scale_max"]) for row in rows}
    seven = [on_scale(row, 1, 7) for row in rows]
    scores = [Fraction(row["score"]) for row in rows] if len(scales) == 1 else seven
    easy, hard = sum(1 for s in seven if s >= 6), sum(1 for s in seven if s <= 3)
    value = share(sum(scores, Fraction(0)), len(rows))
    if variant == "index":
        value = share(easy - hard, len(rows))
    told = Told({"n": len(rows)}, value=value, unknown=None if rows else "undefined")
    if variant == "mean":
        told.components["pct_easy_5_7"] = share(sum(1 for s in seven if s >= 5), len(rows))
        if not rows:
            told.lack("pct_easy_5_7", "undefined")
    return told


def csat(facts: Facts, as_of: date, start: date, end: date) -> Told:
    """Satisfied of those who rated, over tickets and surveys together."""
    if not facts.has("tickets") and not facts.has("survey_responses"):
        return missing("n", "satisfied")
    rated = [
        (Fraction(row["csat"]) - 1) / 4
        for row in facts.of("tickets")
        if row["csat"] is not None and _within(facts.day, _rated_at(row), as_of, start, end)
    ]
    rated += [
        on_scale(row, 0, 1) for row in answers(facts, "csat", as_of, start, end) if has_scale(row)
    ]
    satisfied = sum(1 for score in rated if score >= SATISFIED)
    value = share(satisfied, len(rated))
    told = Told({"n": len(rated), "satisfied": satisfied}, value=value)
    told.unknown = "undefined" if value is None else None
    return told


def _rated_at(row: Row) -> datetime:
    rated: datetime = row["solved_at"] or row["created_at"]
    return rated


def _within(
    day_of: Callable[[datetime], date], instant: datetime, as_of: date, start: date, end: date
) -> bool:
    day = day_of(instant)
    return start <= day < end and day <= as_of
