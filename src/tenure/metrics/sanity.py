"""What the product says by itself about a number that is arithmetically right and commercially odd."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from tenure.kernel.wording import counted
from tenure.metrics.asked import Asked, Note, Result
from tenure.metrics.declaration import Metric
from tenure.metrics.derived.line_spans import Span
from tenure.metrics.derived.tier import TIER
from tenure.metrics.reading import Reading

HIGH_NRR, LOW_GRR = 2.0, 0.5
FEW = 10
MANY_OPEN_LINES = 3.0


def sanity_notes(metric: Metric, asked: Asked, result: Result, reading: Reading) -> list[Note]:
    """Notices for one answer; empty for an ordinary number."""
    notes = [*_incomplete(asked), *_assumptions(metric, asked, result, reading)]
    notes += _absent(metric, result, reading)
    value = result.components.get("nrr") if "nrr" in metric.components else None
    if isinstance(value, float) and value >= HIGH_NRR:
        notes.append(_absurd_nrr(value, asked, reading))
    if metric.unit.startswith("ratio") and result.n is not None and 0 < result.n < FEW:
        notes.append(
            Note(
                "notice",
                "n.small",
                f"The rate rests on {result.n}: one more or less moves it by about {100 / result.n:.0f} points.",
                "Read the counts, not the percentage.",
            )
        )
    return notes


SPEAKS_FOR_ITSELF = frozenset({"fx_rates"})
"""Tables whose absence has a finding of its own, or none to mention where nothing needed them."""


LINES = "contract_lines"


def _absent(metric: Metric, result: Result, reading: Reading) -> list[Note]:
    """Tables that would sharpen the number and were never delivered.

    Owners are mentioned only where they decide what counts (a touch is one of the account's team): a cut by
    owner says by itself what it lacks. Contracts are not missed where no line belongs to one.
    """
    read = [name for need in metric.needs for name in need.split(" or ")] + list(metric.reads)
    names = [n for n in dict.fromkeys(read) if not reading.has(n) and n not in SPEAKS_FOR_ITSELF]
    if not any("touches" in (name, *_below(name)) for name in metric.derived):
        names = [name for name in names if name != "account_assignments"]
    if "contracts" in names and not any(row["contract_id"] for row in reading.rows(LINES)):
        names.remove("contracts")
    if not names or (result.unknown == "no_data" and _is_blank(result)):
        return []
    listed = ", ".join(f"`{name}`" for name in names)
    return [
        Note(
            "notice",
            "table.absent",
            f"Read without {listed}: never delivered.",
            "Import what there is; an empty file says that there is none.",
        )
    ]


def _below(name: str) -> tuple[str, ...]:
    return TIER[name].rests_on if name in TIER else ()


def _is_blank(result: Result) -> bool:
    return all(part is None for part in result.components.values())


def _incomplete(asked: Asked) -> list[Note]:
    period = asked.maybe_period
    if period is None or period.last_day <= asked.as_of:
        return []
    return [
        Note(
            "notice",
            "period.incomplete",
            f"The period runs until {period.last_day}, but the reading stops at {asked.as_of}.",
            "Compare it only with periods cut the same way.",
        )
    ]


def _absurd_nrr(value: float, asked: Asked, reading: Reading) -> Note:
    """NRR near 3 is possible on paper; say what usually makes it: overlapping contracts that are no growth."""
    day = min(asked.period.last_day, asked.as_of)
    open_lines = _open_lines(reading.spans(asked.grace_days, asked.as_of), day)
    per_account = sum(open_lines.values()) / len(open_lines) if open_lines else 0.0
    cause = (
        f" On {day} an active account has {per_account:.1f} paying lines open at once on average: if those replace each other "
        "in truth, they are counted as growth here."
        if per_account >= MANY_OPEN_LINES
        else ""
    )
    return Note(
        "warning",
        "nrr.implausible",
        f"An NRR of {value:.0%} is arithmetically right for these rows and commercially implausible.{cause}",
        "Check whether old contracts get an end date, and whether renewals carry renews_contract_id.",
    )


def _open_lines(spans: Sequence[Span], day: date) -> Counter[str]:
    counted: Counter[str] = Counter()
    for span in spans:
        if span.arr > 0 and span.start <= day < span.settled_end:
            counted[span.account_id] += 1
    return counted


def _assumptions(metric: Metric, asked: Asked, result: Result, reading: Reading) -> list[Note]:
    """What had to be assumed about the rows that were read."""
    if result.unknown == "no_data" or not any("contract" in need for need in metric.needs):
        return []
    read = reading.lines()
    notes = []
    if read.assumed_currency:
        notes.append(
            Note(
                "notice",
                "currency.assumed",
                f"{counted(len(read.assumed_currency), 'contract line has', 'contract lines have')} no currency, nor has the contract or account; {asked.reporting_currency} is assumed.",
                "Fill currency in accounts, contracts or contract_lines.",
            )
        )
    if read.unpriced:
        notes.append(
            Note(
                "warning",
                "line.unpriced",
                f"{counted(len(read.unpriced), 'recurring line')} without a price: not in this number.",
                "Give arr, or amount and interval_months.",
            )
        )
    if read.undated:
        notes.append(
            Note(
                "warning",
                "line.undated",
                f"{counted(len(read.undated), 'recurring line')} without a start or an account: not in this number.",
                "Give start_date on the line or its contract.",
            )
        )
    if asked.by == "csm" or asked.metric == "arr_per_csm":
        present = reading.owners().read_at_present(reading.population(asked.where, asked.as_of))
        if present:
            notes.append(
                Note(
                    "notice",
                    "owner.present_only",
                    f"{counted(len(present), 'account')} without an ownership history: today's owner is taken for every day.",
                    "Load account_assignments.",
                )
            )
    if asked.by == "segment" or set(asked.where) - {"csm", "account"}:
        notes.append(
            Note(
                "notice",
                "column.present_only",
                "Account columns such as segment carry no history; their present value is taken for every day.",
                "",
            )
        )
    return notes
