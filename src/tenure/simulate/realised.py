"""What chance made of what was planted: counted while a company is written, in memory that does not grow with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from tenure.simulate.contracts import Contract, Life
from tenure.simulate.courses import Course
from tenure.simulate.scale import GRACE, Scale
from tenure.simulate.worlds import World
from tenure.simulate.years import Year

SEEN_BEFORE = timedelta(days=182)
"""A year is judged only if its cadence could be seen for half a year before it fell due."""

Cell = tuple[str, bool]


def judged_days(scale: Scale) -> tuple[date, date]:
    """First and last due date whose outcome is counted: cadence seen before, grace over after."""
    return scale.begin + SEEN_BEFORE, scale.last - GRACE


def rate(part: int, whole: int) -> float | None:
    """A share to four places; None of nothing."""
    return round(part / whole, 4) if whole else None


@dataclass(slots=True)
class Realised:
    """The counts behind the second half of `truth.json`."""

    scale: Scale
    world: World
    churns: Counter[str] = field(default_factory=Counter)
    returns: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    due: Counter[Cell] = field(default_factory=Counter)
    renewed: Counter[Cell] = field(default_factory=Counter)
    fell: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    leads: Counter[int] = field(default_factory=Counter)
    levels: Counter[tuple[bool, int]] = field(default_factory=Counter)
    flags: Counter[Cell] = field(default_factory=Counter)
    left: Counter[Cell] = field(default_factory=Counter)
    wanted: Counter[Cell] = field(default_factory=Counter)

    def account(self, life: Life, course: Course | None) -> None:
        """Count one account."""
        before = 0
        for day, arr, _why in life.balances():
            if arr == 0 and day >= self.scale.begin:
                self.churns[f"{day.year}-Q{(day.month + 2) // 3}"] += 1
            elif before == 0 and arr and day > life.balances()[0][0]:
                self.returns += 1
            before = arr
        for contract in life.contracts:
            if contract.outcome.due is not None:
                self.outcomes[contract.outcome.word] += 1
        for year, contract in course.years if course else ():
            if judged(self.scale, year, contract) and course is not None:
                self._year(course, year, left=contract.outcome.word == "lost")

    def _year(self, course: Course, year: Year, *, left: bool) -> None:
        cell = (course.zone.name, year.kept)
        self.due[cell] += 1
        self.renewed[cell] += not left
        self.levels[left, round(course.level)] += 1
        self.fell[left, year.episode is not None] += 1
        if year.episode is None:
            return
        if left and year.decided is not None:
            self.leads[(year.decided - year.episode.onset).days] += 1
        if year.episode.flagged is not None:
            flag = (course.zone.name, year.episode.played is not None)
            self.flags[flag] += 1
            self.left[flag] += left
            self.wanted[flag] += year.wanted

    def told(self) -> dict[str, object]:
        """All counts and the numbers that follow from them."""
        found: dict[str, object] = {
            "churns": {"all": sum(self.churns.values()), "by_quarter": dict(sorted(self.churns.items()))},
            "returns": self.returns,
            "contracts_due": dict(sorted(self.outcomes.items())),
        }  # fmt: skip
        if self.world.law is None:
            return found
        first, last = judged_days(self.scale)
        return found | {
            "judged": {"due_from": str(first), "due_to": str(last), "years": sum(self.due.values())},
            "renewal": _by_arm(self.renewed, self.due, ("kept", "unkept"), "renewed"),
            "coverage_delta": difference(self.renewed, self.due),
            "falls_of_use": {
                name: {"years": self.fell[left, True] + self.fell[left, False],
                       "fell": self.fell[left, True]}
                for name, left in (("leavers", True), ("stayers", False))
            },
            "lead_days": _spread(self.leads),
            "health_auc": _auc(self.levels),
            "plays": {
                **_by_arm(self.left, self.flags, ("played", "unplayed"), "left"),
                "left_delta": difference(self.left, self.flags),
                "would_have_left_of_played": sum(n for (_z, arm), n in self.wanted.items() if arm),
            },
        }  # fmt: skip


def judged(scale: Scale, year: Year, contract: Contract) -> bool:
    """Whether the outcome of a year is counted."""
    first, last = judged_days(scale)
    return first <= year.due <= last and contract.outcome.word not in ("open", "not_due")


def _by_arm(
    part: Counter[Cell], whole: Counter[Cell], names: tuple[str, str], word: str
) -> dict[str, object]:
    """Counts and rates of both arms, over all zones and in each."""
    zones = sorted({zone for zone, _arm in whole})
    found: dict[str, object] = {}
    for name, arm in zip(names, (True, False), strict=True):
        held = {zone: (part[zone, arm], whole[zone, arm]) for zone in zones}
        n, of = sum(a for a, _b in held.values()), sum(b for _a, b in held.values())
        found[name] = {
            "of": of, word: n, "rate": rate(n, of),
            "by_zone": {z: {"of": b, word: a, "rate": rate(a, b)} for z, (a, b) in held.items()},
        }  # fmt: skip
    return found


def difference(part: Counter[Cell], whole: Counter[Cell]) -> dict[str, float | None]:
    """First arm minus second: raw with its standard error, and pooled within zones (Mantel-Haenszel).

    The standard error within zones is that of Sato, Greenland and Robins, written as the sum of the
    binomial variances of the zones under their weights.
    """
    zones = sorted({zone for zone, _arm in whole})
    sums = [(sum(part[z, arm] for z in zones), sum(whole[z, arm] for z in zones)) for arm in (True, False)]  # fmt: skip
    (a, n), (b, m) = sums
    if not n or not m:
        return {"raw": None, "raw_error": None, "within_zones": None, "within_zones_error": None}
    raw = a / n - b / m
    error = (a / n * (1 - a / n) / n + b / m * (1 - b / m) / m) ** 0.5
    gap = weight = spread = 0.0
    for zone in zones:
        (a, n), (b, m) = ((part[zone, arm], whole[zone, arm]) for arm in (True, False))
        if n and m:
            held = n * m / (n + m)
            gap += held * (a / n - b / m)
            spread += held**2 * (a / n * (1 - a / n) / n + b / m * (1 - b / m) / m)
            weight += held
    within = (round(gap / weight, 4), round(spread**0.5 / weight, 4)) if weight else (None, None)
    return {
        "raw": round(raw, 4), "raw_error": round(error, 4),
        "within_zones": within[0], "within_zones_error": within[1],
    }  # fmt: skip


def _spread(counts: Counter[int]) -> dict[str, float | int | None]:
    """How many, mean, quantiles, and the shares of at least 60 and 90 days."""
    n = sum(counts.values())
    if not n:
        return {"n": 0}
    ordered = sorted(counts.elements())
    return {
        "n": n, "mean": round(sum(ordered) / n, 1),
        "p10": ordered[n // 10], "median": ordered[n // 2], "p90": ordered[min(n - 1, n * 9 // 10)],
        "share_60": rate(sum(d >= 60 for d in ordered), n),
        "share_90": rate(sum(d >= 90 for d in ordered), n),
    }  # fmt: skip


def _auc(levels: Counter[tuple[bool, int]]) -> float | None:
    """Chance that who left stood lower than who stayed, ties counting half."""
    leavers, stayers = ([levels[left, score] for score in range(101)] for left in (True, False))
    pairs = sum(leavers) * sum(stayers)
    if not pairs:
        return None
    above, won = sum(stayers), 0.0
    for gone, there in zip(leavers, stayers, strict=True):
        above -= there
        won += gone * (above + there / 2)
    return round(won / pairs, 4)
