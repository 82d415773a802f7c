"""What a planted world holds, counted from its files alone and the slow way: coverage, renewals, leads, plays.

Nothing here knows the simulator; `truth.json` is compared with it.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

Row = dict[str, str]
GRACE = timedelta(days=30)
NEEDS_A_CUSTOMER = {
    "meeting", "qbr", "ebr", "kickoff", "onsite", "training", "operational_review",
}  # fmt: skip
NO_TOUCH = {"support_reply", "note"}


def rows(folder: Path, table: str) -> list[Row]:
    plain = folder / f"{table}.csv"
    if plain.exists():
        with plain.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    with gzip.open(folder / f"{table}.csv.gz", "rt", encoding="utf-8", newline="") as packed:
        return list(csv.DictReader(packed))


def day(text: str) -> date:
    return date.fromisoformat(text[:10])


def by(key: str, found: Iterable[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        groups[row[key]].append(row)
    return groups


@dataclass(frozen=True)
class Renewal:
    """A contract that fell due and whose outcome is known."""

    contract_id: str
    account_id: str
    start: date
    due: date
    decided: date
    renewed: bool


@dataclass
class Files:
    """The files of one company, read once."""

    folder: Path
    contracts: list[Row] = field(init=False)
    plans: dict[str, list[Row]] = field(init=False)
    touches: dict[str, list[tuple[date, str]]] = field(init=False)
    scores: dict[str, list[tuple[date, float]]] = field(init=False)

    def __post_init__(self) -> None:
        self.contracts = rows(self.folder, "contracts")
        self.plans = by("account_id", rows(self.folder, "cadence_plans"))
        self.touches = qualifying(self.folder)
        self.scores = defaultdict(list)
        for row in rows(self.folder, "health_scores"):
            self.scores[row["account_id"]].append((day(row["score_date"]), float(row["score"])))

    def renewals(self, first: date, last: date) -> list[Renewal]:
        """Contracts that fell due from `first` to `last`: renewed by a linked successor inside grace."""
        after = {r["renews_contract_id"]: day(r["start_date"]) for r in self.contracts}
        found = []
        for row in self.contracts:
            if not row["end_date"] or not row["tcv"] or row["tcv"] == "0.00":
                continue
            due, next_one = day(row["end_date"]), after.get(row["contract_id"])
            if first <= due <= last:
                renewed = next_one is not None and next_one - due <= GRACE
                decided = day(row["notice_date"]) if row["notice_date"] else due
                found.append(
                    Renewal(row["contract_id"], row["account_id"], day(row["start_date"]), due, decided, renewed)
                )  # fmt: skip
        return found

    def attainment(self, account_id: str, first: date, end: date) -> float | None:
        """Slots attained of slots whose end lies in (first, end], of the account's worst plan."""
        worst: dict[str, list[bool]] = defaultdict(list)
        for plan in self.plans.get(account_id, []):
            held = [d for d, kind in self.touches[account_id] if kind == plan["touch_type"]]
            for start, stop in slots(plan, end):
                if first < stop:
                    worst[plan["touch_type"]].append(any(start <= d < stop for d in held))
        ratios = [sum(slots_held) / len(slots_held) for slots_held in worst.values()]
        return min(ratios, default=None)

    def score_on(self, account_id: str, on: date) -> float | None:
        """The last score not later than `on`."""
        known = [score for d, score in self.scores[account_id] if d <= on]
        return known[-1] if known else None


def slots(plan: Row, end: date) -> Iterable[tuple[date, date]]:
    start = day(plan["start_date"])
    closed = day(plan["end_date"]) if plan["end_date"] else end
    if plan["calendar_month"] == "true" and start.day > 1:
        start = following_month(start)
    while True:
        stop = (
            following_month(start)
            if plan["calendar_month"] == "true"
            else start + timedelta(days=int(plan["interval_days"]))
        )
        if stop > min(closed, end):
            return
        yield start, stop
        start = stop


def following_month(on: date) -> date:
    return (on.replace(day=1) + timedelta(days=32)).replace(day=1)


def qualifying(folder: Path) -> dict[str, list[tuple[date, str]]]:
    """Touches of the account team that took place, with a customer where one belongs."""
    came = {r["activity_id"] for r in rows(folder, "activity_contacts") if r["attended"] == "true"}
    team = by("account_id", rows(folder, "account_assignments"))
    found: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for row in rows(folder, "activities"):
        kind, on = row["activity_type"], day(row["occurred_at"])
        if row["status"] != "completed" or row["is_automated"] == "true" or kind in NO_TOUCH:
            continue
        if row["direction"] == "inbound":
            continue
        if kind in NEEDS_A_CUSTOMER and row["activity_id"] not in came:
            continue
        there = {
            r["user_id"]
            for r in team.get(row["account_id"], [])
            if day(r["start_date"]) <= on and (not r["end_date"] or on < day(r["end_date"]))
        }
        if not there or row["user_id"] in there:
            found[row["account_id"]].append((on, kind))
    return found


def quarter_before(due: date) -> tuple[date, date]:
    """The civil quarter before the one in which `due` lies: its first day, and the first day after it."""
    end = date(due.year, 3 * ((due.month - 1) // 3) + 1, 1)
    last = end - timedelta(days=1)
    return date(last.year, 3 * ((last.month - 1) // 3) + 1, 1), end


def weekly_use(folder: Path) -> dict[str, dict[date, int]]:
    """Events per account and week, by the week's Monday."""
    found: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows(folder, "usage_daily"):
        on = day(row["usage_date"])
        found[row["account_id"]][on - timedelta(days=on.weekday())] += int(row["event_count"])
    return found


def path_before(use: dict[str, dict[date, int]], decisions: list[tuple[str, date]]) -> list[float]:
    """Mean use in the weeks before the decisions, 26 weeks first, against each account's own weeks 26 to 19."""
    paths = []
    for account_id, decided in decisions:
        monday = decided - timedelta(days=decided.weekday())
        weeks = [use[account_id].get(monday - timedelta(days=7 * k), 0) for k in range(26, 0, -1)]
        usual = sum(weeks[:8]) / 8
        if usual >= 5:
            paths.append([week / usual for week in weeks])
    return [sum(week) / len(paths) for week in zip(*paths, strict=True)]


def fitted_lead(path: list[float]) -> tuple[int, float]:
    """Days before the decision at which mean use begins to fall, and the share it falls by.

    Least squares of a level, three weeks of straight fall, and a lower level.
    """
    ahead = [7 * (26 - k) - 0.5 for k in range(26)]
    best = (float("inf"), 0, 0.0)
    for lead in range(28, 127):
        down = [min(1.0, max(0.0, (lead - days) / 21)) for days in ahead]
        mean_down, mean_path = sum(down) / 26, sum(path) / 26
        slope = sum(
            (d - mean_down) * (p - mean_path) for d, p in zip(down, path, strict=True)
        ) / sum((d - mean_down) ** 2 for d in down)
        level = mean_path - slope * mean_down
        loss = sum((p - level - slope * d) ** 2 for d, p in zip(down, path, strict=True))
        best = min(best, (loss, lead, -slope / level))
    return best[1], best[2]


@dataclass(frozen=True)
class Arms:
    """Successes and sizes of two arms."""

    won: tuple[int, int]
    of: tuple[int, int]

    @property
    def gap(self) -> float:
        return self.won[0] / self.of[0] - self.won[1] / self.of[1]

    @property
    def variance(self) -> float:
        shares = [w / n for w, n in zip(self.won, self.of, strict=True)]
        return sum(p * (1 - p) / n for p, n in zip(shares, self.of, strict=True))

    @property
    def error(self) -> float:
        return float(self.variance**0.5)


def arms(found: Iterable[tuple[bool, bool]]) -> Arms:
    """Pairs of (in the first arm, success)."""
    pairs = list(found)
    sizes = sum(a for a, _ in pairs), sum(not a for a, _ in pairs)
    return Arms((sum(a and w for a, w in pairs), sum(not a and w for a, w in pairs)), sizes)


def pooled(strata: Iterable[Arms]) -> tuple[float, float]:
    """Mantel-Haenszel difference over strata that hold both arms, and its standard error."""
    held = [(s, s.of[0] * s.of[1] / sum(s.of)) for s in strata if min(s.of)]
    weight = sum(w for _s, w in held)
    spread = sum(w * w * s.variance for s, w in held)
    return sum(w * s.gap for s, w in held) / weight, spread**0.5 / weight
