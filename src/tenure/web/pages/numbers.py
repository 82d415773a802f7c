"""A number opened up: sentence, formula, parts, method, and the rows it came from."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tenure.desk.home import home
from tenure.desk.metric_views import count_metric_view
from tenure.insights.book import BookRow
from tenure.kernel.errors import UnknownName
from tenure.kernel.unknown import Unknown
from tenure.kernel.wording import civil, shown, unknown
from tenure.metrics.answer import Answer
from tenure.metrics.declaration import Metric
from tenure.metrics.history.made import has_history
from tenure.metrics.wording import headline, note_lines, part_lines, when
from tenure.web.pages.asking import asked

ROWS = 100


def show(request: HttpRequest, account_id: str, metric: str) -> HttpResponse:
    """The chain from one account's number to the lines of the files it came from; the text of `tenure explain`."""
    who = asked(request, "book")
    row = who.present.by_id.get(account_id)
    if row is None or not who.scope.sees(account_id):
        raise Http404
    with home().beside() as workspace:
        try:
            declared, _ = workspace.catalogue.find(metric)
            if declared.about == "person" or not has_history(declared):
                raise Http404  # figures of people have rules of their own (trust T2), and company numbers their own page
            found = workspace.explain(
                metric, as_of=who.present.day, where={"account": account_id}, limit=ROWS
            )
        except UnknownName:
            raise Http404 from None
    answer = found.answer
    count_metric_view(found.metric.id, home().today)
    context = who.around | {
        "row": row,
        "found": found,
        "headline": _headline(found.metric, answer, row),
        "method": _method(found.metric, answer),
        "when": when(answer, day=civil),
        "parts": part_lines(found.metric, answer, names=who.present.members, account=account_id),
        "notes": note_lines(answer),
        "rows_total": answer.rows_total or len(answer.rows),
    }
    template = "number/_panel.html" if request.htmx else "number/page.html"  # type: ignore[attr-defined]
    return render(request, template, context | {"page_title": found.metric.title})


def _method(metric: Metric, answer: Answer) -> dict[str, Any]:
    """How it was asked: not which account, and a currency only where there is money."""
    left_out = {"where"} if "money" in metric.unit else {"where", "reporting_currency"}
    return {name: value for name, value in answer.method.items() if name not in left_out}


def _headline(metric: Metric, answer: Answer, row: BookRow) -> str:
    """The account's own number where the answer is a map of accounts."""
    value = row.numbers.get(metric.id)
    if answer.value is None and value is not None:
        return unknown(value.reason) if isinstance(value, Unknown) else shown(value, metric.unit)
    return headline(metric, answer)
