"""The door to the learner for plain tables: a frame in, one result per metric out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tenure.kernel.errors import UnknownName
from tenure.signals.leak import Leak
from tenure.signals.panel import Columns, Ledger, Panel, panel
from tenure.signals.question import Question, question
from tenure.signals.thresholds.config import Config
from tenure.signals.thresholds.learned import Learned
from tenure.signals.thresholds.learner import Run, learn

SPEAKING = ("accepted", "provisional")


@dataclass(frozen=True, slots=True)
class Learning:
    """All metrics of a run, in the order given, with the ledger of its rows and the signs of leaks."""

    results: tuple[Learned, ...]
    question: Question
    ledger: Ledger
    leaks: tuple[Leak, ...]
    panel: Panel

    def __iter__(self) -> Iterator[Learned]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def __getitem__(self, metric: str) -> Learned:
        """The result of a metric.

        Raises:
            UnknownName: it was not in the run.
        """
        for one in self.results:
            if one.metric.name == metric:
                return one
        raise UnknownName("metric", metric, [one.metric.name for one in self.results])

    @property
    def tested(self) -> int:
        """How many metrics were tested; a refused one is not."""
        return self.results[0].tested if self.results else 0

    @property
    def says(self) -> str:
        """How many metrics tell those it happened to from the others, in one sentence."""
        lines = sum(one.status in SPEAKING for one in self.results)
        tried, refused = self.tested, len(self.results) - self.tested
        apart = f"accounts that {self.question.verb} from the {self.question.others}"
        if not tried:
            return f"No metric could be tried: too little is known to tell {apart}."
        told = f"{lines or 'None'} of {tried} metrics {'tell' if lines > 1 else 'tells'} {apart}."
        if tried == 1:
            told = f"The metric {'tells' if lines else 'does not tell'} {apart}."
        if refused:
            told += f" {refused} more could not be tried: too little is known."
        return told

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "question": self.question.asked,
            "says": self.says,
            "tested": self.tested,
            "ledger": self.ledger.to_dict(),
            "leaks": [leak.to_dict() for leak in self.leaks],
            "results": [one.to_dict() for one in self.results],
        }


def learn_thresholds(
    frame: Any,
    *,
    label: str,
    metrics: Iterable[str] | Mapping[str, Any],
    account: str = "account",
    as_of: str = "as_of",
    segment: str = "",
    arr: str = "",
    config: Config | None = None,
    stream: int = 0,
    asked: str = "renew",
    data_end: str | None = None,
    **columns: Any,
) -> Learning:
    """Learn thresholds from a plain table: one row per account and date, 1 where it then happened, 0 where not.

    Args:
        frame: a pandas frame, an Arrow table, a mapping of columns or a list of rows.
        label: the column with 1, 0, or nothing where nobody can know yet.
        metrics: metric columns; as a mapping with `unit` (days, percent, share), `better` (higher, lower), `source`.
        account: the column with the account.
        as_of: the column with the date of the row.
        segment: the column with the segment, to see whether a difference lies between segments only.
        arr: the column with ARR, for the ARR flagged and the objective `cost`.
        config: the constants; its `horizon_days` is the window of the label.
        stream: number of the random draws; the same number gives the same result.
        asked: `renew` (churn), `grow` (expansion) or `advocate`.
        data_end: the day up to which outcomes are complete.
        columns: `notice`, `started`, `exit_kind`, `recorded`, `stratum`: see `Columns`.

    Raises:
        UnknownName: a column or word is not there.
        UserError: a value cannot be read, or an account stands twice on one day.

    Source:
        Maximally selected statistics with permutations (Hothorn & Lausen 2003), false-discovery control (Benjamini &
        Hochberg 1995). Does not promise that what moves with an outcome causes it.
    """
    allowed = ("notice", "started", "exit_kind", "recorded", "stratum")
    for name in columns:
        if name not in allowed:
            raise UnknownName("column role", name, allowed)
    config, words = config or Config(), question(asked)
    roles = Columns(account, as_of, label, metrics, segment, arr, **columns)
    made = panel(frame, roles, horizon_days=config.horizon_days, data_end=data_end)
    results = learn(Run(made, words, config, stream, data_end or ""))
    return Learning(results, words, made.ledger, made.leaks, made)
