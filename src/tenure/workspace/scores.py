"""How accounts stand and how good that is, behind the notebook's door: health and its back-test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tenure.kernel.days import ONE_DAY
from tenure.kernel.unknown import Unknown
from tenure.lake.freshness import late_tables
from tenure.metrics.declaration import Metric
from tenure.metrics.questions import Day, day_of
from tenure.workspace.history import Door
from tenure.workspace.keeping import live
from tenure.workspace.panels import (
    PanelRows,
    Progress,
    calendar_panel,
    declared,
    outcomes_until,
)
from tenure.workspace.signals import learned, roles

if TYPE_CHECKING:
    from tenure.signals.backtesting.door import Backtest
    from tenure.signals.health_score.inputs import Input
    from tenure.signals.health_score.learn import Recipe
    from tenure.signals.health_score.preset import Preset
    from tenure.signals.health_score.standing import Standings
    from tenure.signals.learning import Learning

OPINIONS = "health_scores"
"""The table of the team's own scores. What rests on it is an opinion: kept beside the score, never in it."""
OWN_SCORE = "health_score"
WEEKS = 14


class WithScores:
    """The part of a workspace that scores accounts."""

    __slots__ = ()

    def health(
        self: Door,
        as_of: Day = None,
        metrics: Iterable[str] | None = None,
        *,
        horizon_days: int = 90,
        model: str | None = None,
        weights: Mapping[str, float] | None = None,
        bands: tuple[float, float] | None = None,
        late: Iterable[str] = (),
        check: bool = True,
        stream: int = 0,
        on_progress: Progress | None = None,
    ) -> Standings | Unknown:
        """Every live account's score with its reasons in points, its course, and where its team sees it otherwise.

        Learned from who left where 20 events or more allow it, else weights set by people.

        Args:
            as_of: the day of the scores; the last day of the facts by default.
            metrics: as for `panel`, without those that rest on the team's own scores.
            horizon_days: the score speaks of leaving within so many days.
            model: a business model whose starting weights are taken while nothing can be learned; that of `tenure.toml` by
                default.
            weights: instead, parts of the index by metric.
            bands: an opinion is red below the first score and green from the second; without them it has no zones.
            late: tables to take as late, beside those whose facts have stopped.
            check: tell the learned score at past quarters too; whether it may be published hangs on it.
            stream: number of the random draws.
            on_progress: called with a step and the share done.

        Raises:
            UserError: as for `panel`. UnknownName: no such metric or business model.
        """
        from tenure.signals.health_score.door import health
        from tenure.signals.health_score.standing import Standings, standings

        tell = on_progress or (lambda *_: None)
        day = day_of(as_of) or min(
            self.data_span().last or self.defaults.today, self.defaults.today
        )
        chosen, preset = chosen_for_scores(self, metrics), _preset(self, model, weights)
        wanted = [*chosen, *own_score(self, chosen)]
        rows = calendar_panel(self, wanted, outcomes_until(self, as_of), horizon_days, tell)
        tell("learning", 1.0)
        known = roles(chosen, rows)
        found = learned(rows, known, _config(horizon_days), stream)
        inputs, recipe = _inputs(found, preset, known, weights)
        recipe = replace(recipe, bands=bands, stream=stream)
        weekly = _weekly(self, wanted, day, as_known=as_of is not None)
        book = _book(self, weekly, day)
        if not book:
            return Unknown("no_data", f"No account pays on {day}.")
        names = _names()
        frame = [*_in_panel(rows, found), *book]
        made = health(frame, names=names, metrics=list(known), inputs=inputs, recipe=recipe)
        if isinstance(made, Unknown) and not recipe.opinion:
            # Events enough, but no metric that tells: what people would weigh is still worth showing, as that.
            given, recipe = _opinion(preset, known, recipe, weights)
            made = health(frame, names=names, metrics=list(known), inputs=given, recipe=recipe)
        if isinstance(made, Unknown):
            return made
        stopped = late_tables(self.facts(day).engine, day) | dict.fromkeys(late, day)
        tainted = _tainted(chosen, stopped)
        verdict, is_learned = None, made.model.stage.is_learned
        if is_learned and check:
            tell("checking on the past", 1.0)
            told = _backtest(rows, found, known, horizon_days, None, recipe)
            verdict = told if isinstance(told, Unknown) else told.verdict
        return Standings(
            made,
            standings(made, book, weekly, names=names, recipe=recipe, late=tainted),
            verdict,
            found.ledger,
            {name: says for name, (_, says) in tainted.items()},
            "" if is_learned or preset is None else preset.id,
            _notes(preset, known, learned=is_learned),
            horizon_days,
        )

    def backtest(
        self: Door,
        metrics: Iterable[str] | None = None,
        *,
        as_of: Day = None,
        horizon_days: int = 90,
        capacity: int | None = None,
        stream: int = 0,
        on_progress: Progress | None = None,
    ) -> Backtest | Unknown:
        """The learned score told at every past quarter from what was known then, beside simpler ways.

        Thresholds, directions, cuts and penalties are learned anew inside every origin. The team's own score is a baseline.

        Args:
            metrics: as for `health`.
            as_of: the day up to which outcomes are complete; a week before the last facts by default.
            horizon_days: leaving within so many days is the event.
            capacity: accounts the team can attend to in a month.
            stream: number of the random draws.
            on_progress: called with a step and the share done.
        """
        tell = on_progress or (lambda *_: None)
        chosen = chosen_for_scores(self, metrics)
        rows = calendar_panel(
            self,
            [*chosen, *own_score(self, chosen)],
            outcomes_until(self, as_of),
            horizon_days,
            tell,
        )
        tell("telling the past", 1.0)
        known = roles(chosen, rows)
        found = learned(rows, known, _config(horizon_days), stream)
        from tenure.signals.health_score.learn import Recipe

        return _backtest(rows, found, known, horizon_days, capacity, Recipe(stream=stream))


def chosen_for_scores(door: Door, metrics: Iterable[str] | None) -> list[Metric]:
    """Metrics that may enter a score: an average with an opinion would be neither."""
    return [m for m in declared(door, metrics) if OPINIONS not in m.needs]


def own_score(door: Door, chosen: Sequence[Metric]) -> list[Metric]:
    """The team's own score, to stand beside."""
    return [] if any(m.id == OWN_SCORE for m in chosen) else [door.catalogue.find(OWN_SCORE)[0]]


def _config(horizon_days: int) -> Any:
    from tenure.signals import Config

    return Config(horizon_days=horizon_days)


def _names() -> Any:
    from tenure.signals import Names

    return Names(landmark="as_of", outcome="churned", said=OWN_SCORE, event_on="decided_on")


def _preset(door: Door, model: str | None, weights: Mapping[str, float] | None) -> Preset | None:
    from tenure.signals import preset

    if weights is not None and model is None:
        return None
    named = model or next(iter(door.settings.business_models), None)
    return None if named is None else preset(named)


def _inputs(
    found: Learning,
    preset: Preset | None,
    known: Mapping[str, Any],
    weights: Mapping[str, float] | None,
) -> tuple[Sequence[Input], Recipe]:
    """The inputs the learner's words allow; below 20 events those that people weigh."""
    from tenure.signals.health_score.inputs import LEARN_FROM
    from tenure.signals.health_score.learn import Recipe
    from tenure.signals.health_score.screened import inputs_of

    if int(found.panel.happened.sum()) < LEARN_FROM:
        return _opinion(preset, known, Recipe(), weights)
    return inputs_of(found), Recipe()


def _opinion(
    preset: Preset | None,
    known: Mapping[str, Any],
    recipe: Recipe,
    weights: Mapping[str, float] | None,
) -> tuple[Sequence[Input], Recipe]:
    """People's weights: the preset's, those named, or equal ones on every metric whose declaration says what is better."""
    from tenure.signals.health_score.inputs import Input

    said = {
        n: ("lower" if r["better"] == "higher" else "higher")
        for n, r in known.items()
        if r["better"]
    }
    given: Sequence[Input]
    if weights is not None:
        given = [Input(n, said.get(n, ""), "preset") for n in weights if n in known]  # type: ignore[arg-type]
        own = dict(weights)
    elif preset is not None:
        given, own = preset.read(known), preset.weights()
    else:
        given, own = [Input(n, side, "preset") for n, side in said.items()], {}  # type: ignore[arg-type]
    return given, replace(recipe, weights=own, opinion=True)


def _in_panel(rows: PanelRows, found: Learning) -> list[dict[str, Any]]:
    """The rows the learner's ledger kept: a score is learned from the same ones."""
    panel = found.panel
    kept = {(a, str(d)) for a, d in zip(panel.account.tolist(), panel.days, strict=True)}
    return [row for row in rows if (row["account"], str(row["as_of"])) in kept]


def _weekly(
    door: Door, wanted: Sequence[Metric], day: date, *, as_known: bool
) -> list[dict[str, Any]]:
    """Every account's numbers on 14 weekly days up to `day`, with what was known on it, or with all that is known."""
    days = tuple(day - timedelta(weeks=back) for back in reversed(range(WEEKS)))
    if as_known:
        with door._known_once(day) as computed:
            frame = live(wanted, days, computed, door.defaults, None)
    else:
        frame = live(wanted, days, door.computed(), door.defaults, None)
    keep = [m.id for m in wanted if m.id in frame.columns]
    rows = [
        {"account": row["account_id"], "as_of": row["as_of"], **{n: row[n] for n in keep}}
        for row in frame
    ]
    for row in rows:
        if row.get(OWN_SCORE) is not None:
            row[OWN_SCORE] = f"{float(row[OWN_SCORE]):g}"
    return rows


def _book(door: Door, weekly: Sequence[Mapping[str, Any]], day: date) -> list[dict[str, Any]]:
    """The accounts that pay on the day, with their numbers of that day."""
    from tenure.signals.exits import live_on

    reading = door.computed().reading
    today = {row["account"]: row for row in weekly if row["as_of"] == day}
    accounts = reading.accounts()
    return [
        {
            **today[account],
            "churned": None,
            "segment": (accounts.get(account) or {}).get("segment"),
            "arr": arr,
            "decided_on": None,
        }
        for _, account, arr in live_on(reading, (day,), day + ONE_DAY)
        if account in today
    ]


def _tainted(chosen: Sequence[Metric], stopped: Mapping[str, date]) -> dict[str, tuple[str, str]]:
    """Metrics that cannot do without a table whose facts have stopped: since when, and a sentence.

    Of tables that stand in for one another all must have stopped.
    """
    found = {}
    for metric in chosen:
        for need in metric.needs:
            either = need.split(" or ")
            if all(name in stopped for name in either):
                since, table = max((stopped[name], name) for name in either)
                says = f"{metric.title} rests on `{table}`, which says nothing after {since}."
                found[metric.id] = (since.isoformat(), says)
    return found


def _backtest(
    rows: PanelRows,
    found: Learning,
    known: Mapping[str, Any],
    horizon_days: int,
    capacity: int | None,
    recipe: Recipe,
) -> Backtest | Unknown:
    from tenure.signals import backtest
    from tenure.signals.health_score.screened import screener

    frame = _in_panel(rows, found)
    segments = {(r["account"], str(r["as_of"])): r["segment"] or "" for r in frame}
    return backtest(
        frame,
        horizon_days=horizon_days,
        capacity=capacity,
        names=_names(),
        metrics=list(known),
        inputs=screener(segments, known, _config(horizon_days), recipe.stream),
        recipe=recipe,
    )


def _notes(preset: Preset | None, known: Mapping[str, Any], *, learned: bool) -> tuple[str, ...]:
    if learned:
        return ()
    if preset is None:
        return (
            "All numbers weigh the same. Say how you sell (`business_model` in `tenure.toml`), and a model's starting "
            "weights are taken.",
        )
    absent = [each.metric for each in preset.inputs if each.metric not in known]
    lacking = f" Not known here, so not in it: {', '.join(absent)}." if absent else ""
    return (f"Weights: {preset.title}. {preset.says}{lacking}",)
