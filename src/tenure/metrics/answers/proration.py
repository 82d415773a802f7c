"""What a co-termed add-on is worth: its ARR, and the invoice for the days until the common end (G3, G8)."""

from __future__ import annotations

from tenure.kernel.errors import UnknownName, UserError
from tenure.kernel.money import total
from tenure.metrics.asked import Asked, Result
from tenure.metrics.reading import Reading

DAYS_A_YEAR = 365


def co_term_proration(reading: Reading, asked: Asked) -> Result:
    """ARR of one line on as_of, and ARR x days remaining / 365; the days until its end unless they are given."""
    line_id = asked.parameters["line"]
    if line_id is None:
        raise UserError(
            "No line was named.",
            remedy="Give `line`, the id of a contract line.",
            code="parameter.missing",
        )
    spans = [
        span
        for span in reading.spans(asked.grace_days, asked.as_of)
        if span.line.line_id == line_id
    ]
    if not spans:
        raise UnknownName(
            "recurring contract line",
            line_id,
            [s.line.line_id for s in reading.spans(asked.grace_days, asked.as_of)],
        )
    rate = reading.rate_on(asked.as_of, asked.reporting_currency)
    arr = total(span.arr * rate(span.line.currency) for span in spans)
    days = asked.parameters["days_remaining"]
    if days is None and spans[0].line.end is not None:
        days = max((spans[0].line.end - max(asked.as_of, spans[0].line.start)).days, 0)
    invoice = None if days is None else arr * days / DAYS_A_YEAR
    return Result(
        value=arr,
        components={"arr": arr, "prorated_invoice": invoice, "days_remaining": days},
        reasons={}
        if invoice is not None
        else {"prorated_invoice": "undefined", "days_remaining": "undefined"},
        n=len(spans),
        rows=[span.source for span in spans],
    )
