"""A verb on flags is killed at every named point: said again, it comes to the end it would have come to at once."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from children import Runner, copied
from verbs import said_of_flags

from tenure import Workspace
from tenure.kernel import points
from tenure.kernel.errors import UserError
from tenure.workspace.raising import JUDGED

START, WEEKS = date(2026, 1, 4), 12
HEALTH = "health_score"
JONAS = {"by": "Jonas", "why": "seen in the reviews"}
WORSE, WELL = 20, 75
LOW = {"A0": range(6, 12), "A1": range(6, 12), "A2": range(2, 6), "A3": range(11, 12)}
"""By account the weeks in which its health is low; A1 recovers with the news, and A3 goes on falling."""


def now(weeks: int) -> str:
    return f"{START + timedelta(weeks=weeks, days=1)}T08:30:00"


def scores(weeks: Iterable[int], low: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    return {
        "health_scores": [
            {
                "account_id": f"A{n}",
                "score_date": str(START + timedelta(weeks=week)),
                "score": str(WORSE if week in low.get(f"A{n}", ()) else WELL + n),
            }
            for week in weeks
            for n in range(6)
        ]
    }


FACTS: dict[str, list[dict[str, Any]]] = {
    "accounts": [{"account_id": f"A{n}", "start_date": str(START)} for n in range(6)],
    "contract_lines": [
        {"line_id": f"L{n}", "account_id": f"A{n}", "arr": "1200", "start_date": str(START)}
        for n in range(6)
    ],
} | scores(range(WEEKS), LOW)
NEWS = scores(range(WEEKS, WEEKS + 3), {"A0": range(99), "A3": range(99)})
MORE = scores(range(WEEKS + 3, WEEKS + 6), {"A4": range(99)})


def told(folder: Path) -> list[dict[str, Any]]:
    """Every flag, open and closed, as a reader sees it."""
    return [flag.to_dict() for flag in Workspace.open(folder).flags("2027-01-01", closed=True)]


def decided(folder: Path) -> list[tuple[str, str, str, str]]:
    """What people said, and what was learned and reviewed; each said twice in a row counts once."""
    found: list[tuple[str, str, str, str]] = []
    for entry in Workspace.open(folder).thresholds.entries():
        said = (entry.kind, entry.about, entry.by_said, entry.why_said)
        if entry.kind != JUDGED and said not in found[-1:]:
            found.append(said)
    return found


def lines(folder: Path) -> list[Any]:
    """The lines in use, without the number of the decision."""
    found = Workspace.open(folder).thresholds.in_use()
    return [(line.metric, line.origin, line.at_risk, line.exits) for line in found]


def kept_up(folder: Path, facts: dict[str, Any], weeks: int, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("TENURE_NOW", now(weeks))
    Workspace.open(folder).load(facts, source="crm")
    Workspace.open(folder).refresh(since=START)


@dataclass(frozen=True)
class Verb:
    """A verb with its words, and whether it may be said on the ground as it is."""

    verb: str
    of: tuple[Any, ...] = ()
    how: dict[str, Any] = field(default_factory=dict)

    def order(self, folder: Path) -> dict[str, Any]:
        """For a child; it is this verb that is killed."""
        return {
            "do": "flags", "folder": str(folder), "verb": self.verb, "of": list(self.of), "how": dict(self.how),
            "now": now(WEEKS + 3),
        }  # fmt: skip

    def said(self, folder: Path) -> str:
        """The verb said in this process; the code of its refusal, if it is refused."""
        try:
            said_of_flags(Workspace.open(folder), self.order(folder))
        except UserError as refused:
            return refused.code
        return ""


RAISE = Verb("raise")
A0 = f"tenure:{HEALTH}:A0:2026-02-22"
VERBS = {
    "raise": RAISE,
    "dismiss": Verb("dismiss", (A0,), JONAS),
    "snooze": Verb("snooze", (A0,), JONAS | {"until": "2026-06-01"}),
    "set": Verb("set", (HEALTH,), JONAS | {"at_risk": "<76.5"}),
    "off": Verb("off", (HEALTH,), JONAS),
    "withdraw": Verb("withdraw", (HEALTH,), JONAS),
    "learn": Verb("learn", ([HEALTH],)),
    "validate": Verb("validate", (HEALTH,)),
}


@dataclass(frozen=True)
class Ground:
    """A workspace whose flags were raised once and to which news came since."""

    base: Path
    before: list[dict[str, Any]]

    def start(self, folder: Path) -> Path:
        return copied(self.base, folder)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENURE_NOW", now(WEEKS + 3))


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    base = tmp_path_factory.mktemp("flags") / "base"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TENURE_NOW", now(WEEKS))
        Workspace.create(base)
        settings = base / "tenure.toml"
        settings.write_text(settings.read_text() + "\n[sources.crm]\nbackfill_trusted = true\n")
        kept_up(base, FACTS, WEEKS, patch)
        Workspace.open(base).thresholds.set(HEALTH, at_risk="<30", **JONAS)
        Workspace.open(base).raise_flags()
        kept_up(base, NEWS, WEEKS + 3, patch)
    return Ground(base, told(base))


@dataclass(frozen=True)
class End:
    """Where a verb leads when nothing kills it, and the points it passes."""

    flags: list[dict[str, Any]]
    decided: list[Any]
    lines: list[Any]
    passed: dict[str, int]


def end_of(ground: Ground, folder: Path, verb: Verb) -> End:
    ground.start(folder)
    passed: Counter[str] = Counter()
    points.arm(lambda name: passed.update([name]))
    try:
        assert verb.said(folder) == ""
    finally:
        points.arm(None)
    assert RAISE.said(folder) == ""
    return End(told(folder), decided(folder), lines(folder), passed)


def killed(runner: Runner, folder: Path, verb: Verb, point: str, occurrence: int) -> None:
    code, said = runner.run(**verb.order(folder), point=point, occurrence=occurrence)
    assert code == -signal.SIGKILL, said


def sweep(
    runner: Runner, ground: Ground, folder: Path, name: str, cases: Iterable[tuple[str, int]] | None
) -> int:
    """Killed at each case, said again, and flags raised: the end is the one without a kill."""
    verb, swept = VERBS[name], 0
    end = end_of(ground, folder, verb)
    if cases is None:
        cases = [(p, n) for p, count in sorted(end.passed.items()) for n in range(1, count + 1)]
    for point, occurrence in cases:
        place = f"{name} killed at {point}, occurrence {occurrence}"
        ground.start(folder)
        killed(runner, folder, verb, point, occurrence)
        shown = told(folder)
        whole_flags = [ground.before, end.flags] if name in ("raise", "dismiss", "snooze") else [ground.before]  # fmt: skip
        assert shown in whole_flags, place
        refused = verb.said(folder)
        assert refused == "" or (refused == "flag.closed" and shown == end.flags), place
        assert RAISE.said(folder) == "", place
        assert told(folder) == end.flags, place
        assert decided(folder) == end.decided, place
        assert lines(folder) == end.lines, place
        swept += 1
    return swept


def test_the_ground_has_flags_to_open_and_to_close(ground: Ground, tmp_path: Path) -> None:
    end = end_of(ground, tmp_path / "w", RAISE)
    of_health = [
        {f["account_id"] for f in flags if f["cleared_on"] is None and f["metric"] == HEALTH}
        for flags in (ground.before, end.flags)
    ]
    assert of_health == [{"A0", "A1"}, {"A0", "A3"}]
    assert A0 in {f["flag_id"] for f in ground.before}
    assert set(end.passed) >= {
        "flags.before", "flags.after", "journal.before", "journal.after",
        "lake.before_commit", "lake.after_commit", "import.before_done",
    }  # fmt: skip


def test_a_raising_killed_between_its_writes_is_finished_by_the_next(
    runner: Runner, ground: Ground, tmp_path: Path
) -> None:
    cases = [("import.before_done", 1), ("flags.after", 1), ("journal.after", 1)]
    assert sweep(runner, ground, tmp_path / "w", "raise", cases) == len(cases)


def test_a_word_on_a_flag_killed_on_its_way_is_said_again_with_the_same_end(
    runner: Runner, ground: Ground, tmp_path: Path
) -> None:
    cases = [("journal.after", 1)]
    assert sweep(runner, ground, tmp_path / "w", "dismiss", cases) == len(cases)


def test_a_line_decided_in_a_run_that_dies_is_in_use_or_is_not_and_never_by_half(
    runner: Runner, ground: Ground, tmp_path: Path
) -> None:
    cases = [("journal.after", 1)]
    assert sweep(runner, ground, tmp_path / "w", "set", cases) == len(cases)


def test_news_after_a_raising_that_died_lead_to_the_flags_of_a_run_without_it(
    runner: Runner, ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that were written and never counted as judged are judged anew, on all the readings there are by then."""

    def then(folder: Path) -> list[dict[str, Any]]:
        kept_up(folder, MORE, WEEKS + 6, monkeypatch)
        assert RAISE.said(folder) == ""
        return told(folder)

    died = ground.start(tmp_path / "died")
    killed(runner, died, RAISE, "flags.after", 1)
    assert then(died) == then(ground.start(tmp_path / "whole"))


@pytest.mark.night
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", VERBS)
def test_a_verb_killed_anywhere_and_said_again_has_the_same_end(
    runner: Runner, ground: Ground, tmp_path: Path, name: str
) -> None:
    assert sweep(runner, ground, tmp_path / "w", name, None) >= 4
