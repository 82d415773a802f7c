"""`tenure.signals.health(frame)`: a score for every account of a plain table, with what it rests on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tenure.kernel.unknown import Unknown
from tenure.signals.evidence import Evidence
from tenure.signals.health_score.inputs import LEARN_FROM, Floats, Input, read_inputs
from tenure.signals.health_score.learn import Learned, Recipe, learn
from tenure.signals.health_score.model import Part, ScoreModel
from tenure.signals.health_score.opinion import Difference, differences
from tenure.signals.health_score.rows import Names, Rows, read_rows
from tenure.signals.health_score.sample_size import riley
from tenure.signals.plainly import plainly

METHOD = "health/1: non-negative L1 logistic on oriented z-scores"
OPINION = "health/1: weights set by people on oriented z-scores"


@dataclass(frozen=True, slots=True)
class Scored:
    """One account on one day.

    `score` is 0 to 100, `p` the probability of the event. Where a weighed input was late (`late`), the last score
    shown holds (`holds`), or there is none. `parts` and `healthy_score` add up to `score`, unless held.
    """

    account: str
    day: str
    score: int | Unknown
    p: float | Unknown
    colour: str
    healthy_score: int
    parts: tuple[Part, ...]
    late: tuple[str, ...] = ()
    said: str = ""
    difference: Difference = ""

    @property
    def holds(self) -> bool:
        """Whether the score shown is an earlier one, because a source is late."""
        return bool(self.late) and not isinstance(self.score, Unknown)

    def to_dict(self) -> dict[str, Any]:
        """Plain values; what is unknown as its reason."""
        told = asdict(self) | {"holds": self.holds}
        return told | {"score": plainly(self.score), "p": plainly(self.p)}


@dataclass(frozen=True, slots=True)
class Health:
    """The model, the accounts it scores, and what both rest on."""

    learned: Learned
    accounts: tuple[Scored, ...]
    evidence: Evidence
    rows_wanted: int | None
    notes: tuple[str, ...] = ()

    @property
    def model(self) -> ScoreModel:
        """The frozen model."""
        return self.learned.model

    @property
    def says(self) -> str:
        """One sentence for people."""
        found = self.model.stage
        if not found.is_learned and not found.more:
            return (
                f"An opinion, not validated: there were {found.events} events, and no number told well enough "
                "who had one. The weights are set by people, and there is no probability."
            )
        if not found.is_learned:
            return (
                f"An opinion, not validated: {found.events} of the {LEARN_FROM} events that weights are learned "
                f"from. {found.more} more, and a probability can be shown."
            )
        early = "Early evidence. " if found.word == "provisional" else ""
        return (
            f"{early}Learned from {found.events} events among {self.evidence.n} rows; "
            f"{self.model.base:.0%} had the event."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        model = self.model
        return {
            "version": model.version,
            "stage": model.stage.word,
            "label": model.stage.label,
            "says": self.says,
            "more_events": model.stage.more,
            "rows_wanted": self.rows_wanted,
            "base_rate": _number(model.base),
            "penalty": _number(model.lam),
            "intercept": model.intercept,
            "weights": model.weight_table(),
            "inputs": [asdict(one) for one in self.learned.inputs],
            "left_out": self.learned.left_out,
            "accounts": [each.to_dict() for each in self.accounts],
            "evidence": self.evidence.to_dict(),
            "notes": list(self.notes),
        }


def health(
    frame: Any,
    *,
    names: Names | None = None,
    metrics: Sequence[str] | None = None,
    inputs: Iterable[Input] | None = None,
    recipe: Recipe | None = None,
    late: Iterable[str] = (),
) -> Health | Unknown:
    """A health score for the rows whose outcome is not known yet, learned from those whose outcome is.

    Args:
        frame: one row per account and date: `account`, `landmark`, `outcome` (1, 0 or empty) and the metrics.
        names: what the columns are called.
        metrics: the columns to use; by default every column that is not named otherwise.
        inputs: each metric as the threshold learner left it. Without them every column that varies is taken in, and
            turned the way the rows say.
        recipe: weights set by people, bands of an opinion, number of the draws.
        late: metrics whose source is late. A score that weighs one of them holds at its `previous` value.

    Returns:
        Unknown("no_data") where no row has an outcome or no metric can enter. Below 20 events an opinion without
        probability.

    Raises:
        UserError: the table cannot be read as rows; each message says which row and what to do.
    """
    recipe = recipe or Recipe()
    given = tuple(inputs) if inputs is not None else None
    wanted = [one.metric for one in given] if metrics is None and given is not None else metrics
    rows = read_rows(frame, names or Names(), wanted)
    training = rows.training
    if not len(training):
        return Unknown("no_data", "No row has an outcome yet.")
    learned = learn(training, read_inputs(given, rows.metrics), recipe)
    if not learned.model.scales:
        return Unknown("no_data", f"No metric can enter a score: {learned.left_out}.")
    days = training.landmarks
    evidence = Evidence(
        len(training),
        training.events,
        METHOD if learned.model.stage.is_learned else OPINION,
        str(days.min()),
        str(days.max()),
        str(rows.all.landmarks.max()),
        stream=recipe.stream if learned.model.stage.is_learned else None,
    )
    share = training.y.mean()
    asked = riley(len(learned.model.weights), float(share)) if 0 < share < 1 else None
    notes = _notes(asked, len(training), given)
    return Health(learned, score(learned.model, rows, recipe, set(late)), evidence, asked, notes)


def score(model: ScoreModel, rows: Rows, recipe: Recipe, late: set[str]) -> tuple[Scored, ...]:
    """Every row without a known outcome under the model, in the table's order."""
    book = rows.all.rows(~rows.known)
    x = model.columns(book.values, len(book))
    p, scores = model.probability(x), model.score(x)
    previous = rows.previous[~rows.known]
    said = [word for word, known in zip(rows.said, rows.known.tolist(), strict=True) if not known]
    weighed = {row["metric"] for row in model.weight_table() if row["weight"] > 0}
    tainted = tuple(sorted(weighed & late))
    colours = [
        model.colour(a, b, recipe.bands) for a, b in zip(p.tolist(), scores.tolist(), strict=True)
    ]
    if tainted:
        colours = [""] * len(book)
    shown: Floats = previous if tainted else scores.astype(float)
    apart = differences(said, shown, colours)
    made = []
    for place, account in enumerate(book.accounts):
        made.append(
            Scored(
                account,
                str(book.landmarks[place]),
                _held(tainted, float(shown[place])),
                _told(float(p[place]), model, tainted),
                colours[place],
                model.healthy_score,
                () if tainted else model.explain(x[place]),
                tainted,
                said[place],
                apart[place],
            )
        )
    return tuple(made)


def _held(late: tuple[str, ...], shown: float) -> int | Unknown:
    if math.isnan(shown):
        return Unknown(
            "source_late",
            f"The source of {', '.join(late)} is late, and no earlier score is known.",
        )
    return int(np.rint(shown))


def _told(p: float, model: ScoreModel, late: tuple[str, ...]) -> float | Unknown:
    if late:
        return Unknown("source_late", f"The source of {', '.join(late)} is late.")
    if math.isnan(p) and not model.stage.more:
        return Unknown("undefined", "Weights set by people have no probability.")
    if math.isnan(p):
        return Unknown("too_little_history", f"{model.stage.more} more events are needed.")
    return p


def _notes(asked: int | None, rows: int, given: tuple[Input, ...] | None) -> tuple[str, ...]:
    notes = []
    if given is None:
        notes.append("No thresholds were learned before: every column that varies was taken in.")
    if asked is not None and rows < asked:
        notes.append(f"So many columns ask for {asked} rows (Riley et al.); there are {rows}.")
    return tuple(notes)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
