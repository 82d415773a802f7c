"""A plain metric's measures and value as sentences, for its page and for the terminal."""

from __future__ import annotations

from tenure.metrics.declaration import Measure, Metric

RATES = {
    "as_of": "at the rate of `as_of`",
    "opening_day": "at the rate of the day before the period",
}


def measure_words(measure: Measure) -> str:
    """`how many different person in engagements, day in last window_days days, where ...`."""
    column, fact = f"`{measure.column}`", f"`{measure.from_}`"
    says = {
        "count": f"how many rows of {fact}",
        "sum": f"the sum of {column} in {fact}",
        "mean": f"the mean of {column} in {fact}",
        "distinct": f"how many different {column} in {fact}",
        "min": f"the smallest or earliest {column} in {fact}",
        "max": f"the largest or latest {column} in {fact}",
        "any": f"whether {column} is true of any row of {fact}",
        "latest": f"the {column} of the row of {fact} with the latest `{measure.order}`",
        "list": f"every {column} in {fact}",
    }[measure.aggregate]
    if measure.when:
        says += f", `{measure.when}`"
    if measure.where:
        says += f", where `{measure.where}`"
    if measure.convert:
        says += f"; in the reporting currency {RATES[measure.convert]}"
    if measure.missing == "skip":
        says += "; rows without it are left out, and the answer says so"
    nothing = measure.without_rows
    if measure.aggregate != "list":
        says += (
            f"; no row: {nothing if isinstance(nothing, int | float) else f'Unknown ({nothing})'}"
        )
    return says


def value_words(metric: Metric) -> list[str]:
    """How the value follows from the measures, a line each."""
    lines = [f"`{name}` is `{expression}`" for name, expression in metric.values.items()]
    each = " for each account" if metric.per else ""
    divides = any("/" in expression for expression in (*metric.values.values(), metric.value))
    empty = f"; with nothing to divide by, Unknown ({metric.empty})" if divides else ""
    lines.append(f"The value{each} is `{metric.value}`{empty}")
    lines += [
        f"Unknown ({reason}) where `{condition}`"
        for reason, condition in metric.unknown_when.items()
    ]
    return lines
