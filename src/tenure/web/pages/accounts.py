"""One account: everything known about one customer."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tenure.desk.hold_flag import held_now
from tenure.desk.home import home
from tenure.desk.record_opinion import newest_opinion
from tenure.web.account_numbers import shown_numbers
from tenure.web.account_weeks import trajectory
from tenure.web.pages.asking import asked


def show(request: HttpRequest, account_id: str) -> HttpResponse:
    """The overview, on the day asked about."""
    who = asked(request, "book")
    if account_id not in who.present.by_id:
        account_id = _merged_into(account_id)
        if who.scope.sees(account_id) and account_id in who.present.by_id:
            return redirect("account", account_id)
    if not who.scope.sees(account_id) or account_id not in who.present.by_id:
        raise Http404
    with home().beside() as workspace:
        account = workspace.account(account_id, who.present)
    groups = shown_numbers(home().catalogue, account.row)
    context = who.around | {"account": account, "row": account.row, "groups": groups}
    context |= {
        "opinion": newest_opinion(account_id, who.present.day),
        "held": held_now(),
        "edits": who.scope.edits(account_id),
    }
    context |= trajectory(account.weeks, who.present.lines)
    return render(request, "account/page.html", context | {"page_title": account.row.name})


def glance(request: HttpRequest, account_id: str) -> HttpResponse:
    """What unfolds below a row of a list: why, what is open, the last three touches. Asked for alone it is the account."""
    who = asked(request, "book")
    if not who.scope.sees(account_id) or account_id not in who.present.by_id:
        raise Http404
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("account", account_id)
    with home().beside() as workspace:
        account = workspace.account(account_id, who.present)
    context = who.around | {"account": account, "row": account.row}
    return render(request, "account/_glance.html", context)


def _merged_into(account_id: str) -> str:
    """The account that an old address leads to, where somebody merged it into another."""
    with home().workspace() as workspace:
        return workspace.read_as(account_id)
