"""The learner: from a panel to one `Learned` per metric."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tenure.signals.evidence import Evidence, Status
from tenure.signals.panel import Panel
from tenure.signals.question import Question
from tenure.signals.rates import (
    NOWHERE,
    Interval,
    benjamini_hochberg,
    benjamini_yekutieli,
    wilson,
)
from tenure.signals.streams import stream as child
from tenure.signals.thresholds.bins import Floats, Grid, counts, grid
from tenure.signals.thresholds.config import Config, Objective
from tenure.signals.thresholds.fit import Fit, Rows, fit
from tenure.signals.thresholds.holdout import HoldOut, hold_out
from tenure.signals.thresholds.learned import Learned, Needed
from tenure.signals.thresholds.lines import NOTHING, Line, Zone
from tenure.signals.thresholds.metric import Metric
from tenure.signals.thresholds.objectives import Alternative, Book, alternatives
from tenure.signals.thresholds.screens import (
    Adjustment,
    Flagging,
    by_rival,
    by_segment,
    crossed,
    groups,
)
from tenure.signals.thresholds.sentences import Said, hundredths, not_validated, sentence
from tenure.signals.thresholds.separation import (
    Separation,
    auc_within,
    draw,
    family_wise,
    separation,
)
from tenure.signals.thresholds.spread import parts, steps
from tenure.signals.thresholds.twins import twins
from tenure.signals.thresholds.zones import Outcome, ZoneTable, zone_table
from tenure.signals.verdict import FEWEST

METHOD = "thresholds 1"


@dataclass(slots=True)
class Case:
    """One metric on its way through the steps."""

    metric: Metric
    values: Floats
    grid: Grid
    status: Status | None = None
    found: Separation | None = None
    q: float = math.nan
    family_p: float = math.nan
    auc: Interval = NOWHERE
    fit: Fit | None = None
    zones: ZoneTable | None = None
    holdout: HoldOut | None = None
    adjustments: list[Adjustment] = field(default_factory=list)
    alternatives: tuple[Alternative, ...] = ()
    twins: tuple[str, ...] = ()
    weak: str = ""
    by: str = ""
    rows: int = 0
    events: int = 0

    @property
    def known(self) -> NDArray[np.bool_]:
        """Where it has a value."""
        return self.grid.bin >= 0

    @property
    def low_is_risk(self) -> bool:
        """The side on which the event is more frequent; low until that is known."""
        return self.found is None or self.found.low_is_risk


@dataclass(frozen=True, slots=True)
class Run:
    """What all metrics of a run share."""

    panel: Panel
    question: Question
    config: Config
    stream: int
    as_of: str = ""
    snapshot: int = 0


def learn(run: Run) -> tuple[Learned, ...]:
    """One result per metric, in the panel's order; the rows' order and the accounts' names change nothing."""
    run, cases = _in_order(run)
    for case in cases:
        _gates(case, run)
    tested = [case for case in cases if case.status is None]
    if tested:
        _separations(tested, run)
    for case in tested:
        _judge(case, run)
    _screens(tested, run)
    _twins(tested, run.config)
    return tuple(_told(case, run, len(tested)) for case in cases)


def _in_order(run: Run) -> tuple[Run, list[Case]]:
    """The rows in an order that their values alone decide, so that draws do not depend on how a table was sorted."""
    panel = run.panel
    made = [grid(panel.x[:, i], run.config.max_bins) for i in range(len(panel.metrics))]
    order = np.lexsort([panel.happened, *(g.bin for g in reversed(made)), panel.stratum])
    panel = panel.taken(order)
    cases = [
        Case(metric, panel.x[:, i], replace(made[i], bin=made[i].bin[order]))
        for i, metric in enumerate(panel.metrics)
    ]
    return replace(run, panel=panel), cases


def _gates(case: Case, run: Run) -> None:
    config, happened = run.config, run.panel.happened
    case.rows, case.events = int(case.known.sum()), int(happened[case.known].sum())
    if case.rows < config.min_coverage * len(happened) or not case.rows:
        case.status = "insufficient_coverage"
    elif case.grid.bins < 2:
        case.status = "constant"
    elif case.events < config.min_events or case.rows - case.events < config.min_nonevents:
        case.status = "insufficient_events"


def _separations(tested: list[Case], run: Run) -> None:
    config, panel = run.config, run.panel
    many = config.draws(len(tested))
    draws = draw(panel.stratum, panel.happened, many, child(run.stream, "permutations"))
    for case in tested:
        case.found = separation(
            case.grid, panel.stratum, panel.happened, draws, config.min_zone_rows
        )
    found = [case.found for case in tested if case.found is not None]
    adjust = benjamini_yekutieli if config.any_dependence else benjamini_hochberg
    for case, q, family_p in zip(
        tested, adjust([one.p for one in found]), family_wise(found), strict=True
    ):
        case.q, case.family_p = float(q), family_p


def _judge(case: Case, run: Run) -> None:
    """Status up to the screens: separation, direction, shape, worth, later data."""
    config = run.config
    found = counts(case.grid, run.panel.happened, low_is_risk=case.low_is_risk)
    case.auc = auc_within(
        case.grid, run.panel.stratum, run.panel.happened, low_is_risk=case.low_is_risk
    )
    if case.q > config.fdr_q:
        case.status = "no_separation"
        return
    rows = Rows(case.values, case.grid, run.panel.happened)
    rng = child(run.stream, case.metric.name)
    case.fit = fit(case.metric, rows, config, low_is_risk=case.low_is_risk, rng=rng)
    case.alternatives = alternatives(found, rows, _book(run.panel), config)
    outcome = Outcome(run.panel.happened, run.panel.arr)
    case.zones = zone_table(case.values, outcome, case.fit.at_risk, case.fit.healthy)
    if _conflicts(case, run.question):
        case.status = "direction_conflict"
        return
    case.weak = _too_little(case, run)
    if not case.weak:
        rng = child(run.stream, case.metric.name + " later")
        case.holdout = hold_out(case.metric, case.values, run.panel, config, rng)
        case.weak = "did not hold on later data" if case.holdout.failed else ""
    if case.weak:
        case.status = "weak_signal"


def _book(panel: Panel) -> Book:
    return Book(panel.arr, float(np.median(np.bincount(panel.stratum))))


def _conflicts(case: Case, question: Question) -> bool:
    """Whether the side on which the event is more frequent contradicts the declared `better`."""
    if case.metric.better is None or (case.fit is not None and case.fit.shape.kind == "band"):
        return False
    low_is_bad = case.metric.better == "higher"
    return case.low_is_risk != (low_is_bad != question.good)


def _too_little(case: Case, run: Run) -> str:
    """Why it is not worth an alert; empty where it is."""
    panel, config = run.panel, run.config
    if case.fit is None or case.zones is None or not case.fit.at_risk.lines:
        if case.fit is not None and case.fit.shape.kind == "gradual":
            what = "the rate" if run.question.good else "risk"
            return f"{what} never reaches twice the average inside your data"
        return "no cut with enough support"
    if not case.zones.lift >= config.min_lift:
        return f"lift {case.zones.lift:.1f}"
    # A band lies on both sides of the middle, where AUC is one half by construction.
    if case.fit.shape.kind != "band" and _ranks(case, panel) < config.min_auc:
        return f"AUC {hundredths(case.auc.estimate)}"
    return ""


def _ranks(case: Case, panel: Panel) -> float:
    """The AUC that counts: of a break also that of its line alone, since order within a level zone is chance."""
    if case.fit is None or case.fit.shape.kind not in ("step", "two_step"):
        return case.auc.estimate
    beyond = case.fit.at_risk.holds(case.values)
    line = replace(case.grid, cuts=np.zeros(1), bin=np.where(case.known, ~beyond, -1))
    own = auc_within(line, panel.stratum, panel.happened, low_is_risk=True)
    return float(np.fmax(case.auc.estimate, own.estimate))


def _flagging(case: Case, panel: Panel) -> Flagging:
    zone = case.fit.at_risk if case.fit is not None else NOTHING
    return Flagging(case.metric.name, case.known, zone.holds(case.values), panel.happened)


def _screens(tested: list[Case], run: Run) -> None:
    """Segments first; then by falling AUC every metric against those that were kept."""
    panel, config = run.panel, run.config
    several = len(panel.segments) > 1
    for case in tested:
        flagged = case.fit is not None and bool(case.fit.at_risk.lines)
        if several and flagged and case.status in (None, "weak_signal"):
            screen = by_segment(_flagging(case, panel), panel.stratum, panel.segment, config)
            case.adjustments.append(screen)
            if screen.lost:
                case.by = "segment"
                case.status = case.status or "confounded"
    alive = [case for case in tested if case.status is None]
    strata, kept = crossed(panel.stratum, panel.segment), list[Case]()
    for case in sorted(alive, key=lambda c: (-c.auc.estimate, c.metric.name)):
        of = _flagging(case, panel)
        for rival in kept:
            alike = groups(rival.grid, config.proxy_groups)
            screen = by_rival(of, _flagging(rival, panel), alike, strata, config)
            case.adjustments.append(screen)
            if screen.lost and case.status is None:
                case.status, case.by = "proxy", rival.metric.name
        if case.status is None:
            kept.append(case)


def _twins(tested: list[Case], config: Config) -> None:
    speaking = [c for c in tested if c.status in (None, "proxy")]
    strength = {c.metric.name: c.auc.estimate for c in speaking}
    found = twins({c.metric.name: c.grid for c in speaking}, strength, config.twin_correlation)
    for case in speaking:
        case.twins = found.get(case.metric.name, ())


def _told(case: Case, run: Run, tested: int) -> Learned:
    config, panel = run.config, run.panel
    firm = case.events >= config.provisional_events
    status: Status = case.status or ("accepted" if firm else "provisional")
    missing = ~case.known
    held = case.holdout
    speaks = status in ("accepted", "provisional")
    learned = Learned(
        case.metric, status, "", _evidence(case, run, panel), config, run.question.asked,
        by=case.by,
        badge="not_validated" if speaks and not (held is not None and held.validated) else "",
        needed=_needed(case, config),
        accounts=len(set(panel.account[case.known])),
        coverage=case.rows / len(panel) if len(panel) else math.nan,
        missing=wilson(int(panel.happened[missing].sum()), int(missing.sum())),
        tested=tested,
        auc=case.auc, q=case.q, family_p=case.family_p,
        adjustments=tuple(case.adjustments), holdout=held,
        alternatives=case.alternatives, twins=case.twins,
        parts=parts(case.values, panel.happened), steps=steps(case.values, panel.happened),
    )  # fmt: skip
    if case.found is not None:
        learned = replace(learned, direction="low" if case.low_is_risk else "high", p=case.found.p)
    if case.fit is not None:
        learned = _with_lines(learned, case, case.fit, run)
    if learned.badge:
        learned = replace(learned, badge_says=not_validated(held, run.question, FEWEST))
    return replace(learned, sentence=sentence(_said(learned, case, run)))


def _with_lines(learned: Learned, case: Case, made: Fit, run: Run) -> Learned:
    """The lines, those of the wanted objective where it has one."""
    zones, at_risk, healthy = case.zones, made.at_risk, made.healthy
    objective: Objective = "separation"
    wanted = next((a for a in case.alternatives if a.objective == run.config.objective), None)
    if wanted is not None and wanted.line is not None and at_risk.lines:
        at_risk, healthy = Zone((wanted.line,)), _not_into(wanted.line, healthy)
        outcome = Outcome(run.panel.happened, run.panel.arr)
        zones, objective = zone_table(case.values, outcome, at_risk, healthy), wanted.objective
    unseen = NOWHERE
    if zones is not None and made.shape.cuts and objective == "separation":
        rate, off = zones.at_risk.rate, made.shape.cuts[0].optimism
        unseen = Interval(max(0.0, rate.estimate - off), max(0.0, rate.low - off), rate.high)
    return replace(
        learned, shape=made.shape.kind, bic_gap=made.shape.bic_gap, second_p=made.shape.second_p,
        at=made.at, well=made.well, at_risk=at_risk, healthy=healthy, exit=made.exit,
        zones=zones, rate_unseen=unseen, objective=objective,
    )  # fmt: skip


def _not_into(line: Line, healthy: Zone) -> Zone:
    if not healthy.lines:
        return healthy
    safe = healthy.lines[0]
    crossed_over = safe.value <= line.value if line.below else safe.value >= line.value
    return Zone((line.opposite(),)) if crossed_over else healthy


def _needed(case: Case, config: Config) -> Needed:
    return Needed(
        max(0, config.min_events - case.events),
        max(0, config.provisional_events - case.events),
        max(0, config.min_nonevents - (case.rows - case.events)),
    )


def _evidence(case: Case, run: Run, panel: Panel) -> Evidence:
    first, last = ("", "") if not len(panel) else (str(panel.days.min()), str(panel.days.max()))
    return Evidence(
        case.rows, case.events, METHOD, first, last, run.as_of, run.snapshot, run.stream
    )


def _said(learned: Learned, case: Case, run: Run) -> Said:
    config = run.config
    return Said(
        learned.metric,
        run.question,
        learned.status,
        events=case.events,
        others=case.rows - case.events,
        accounts=learned.accounts,
        coverage=learned.coverage,
        missing=learned.missing,
        auc=learned.auc,
        at=learned.at,
        zone=learned.at_risk,
        zones=learned.zones,
        holdout=case.holdout,
        by=learned.by,
        weak=case.weak,
        low_is_risk=case.low_is_risk,
        whole=case.grid.whole,
        minimum=config.min_events,
        firm=config.provisional_events,
        least_others=config.min_nonevents,
        segment=_worst_segment(case, run.panel) if case.by == "segment" else None,
    )


def _worst_segment(case: Case, panel: Panel) -> tuple[str, bool]:
    """The segment where it happened most, and whether its values lie lower than the others'."""
    rates = [float(panel.happened[panel.segment == s].mean()) for s in range(len(panel.segments))]
    worst = int(np.argmax(rates))
    inside = panel.segment == worst
    lower = np.nanmean(case.values[inside]) < np.nanmean(case.values[~inside])
    return panel.segments[worst], bool(lower)
