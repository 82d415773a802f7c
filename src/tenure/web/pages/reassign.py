"""Moving accounts between books: choose, look at both books before and after, move, undo, and print what is handed over."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from tenure.desk.home import home
from tenure.desk.models import Move
from tenure.desk.move_accounts import check_move, move_accounts, undo_move
from tenure.desk.record_opinion import newest_opinion
from tenure.insights.moving import books_moved
from tenure.kernel import clock
from tenure.kernel.errors import UserError
from tenure.kernel.wording import counted
from tenure.metrics.derived.book import UNASSIGNED
from tenure.metrics.questions import day_of
from tenure.web.pages.asking import Asked, asked

ACTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Typed:
    """What was chosen, as it was typed."""

    owner: str
    to: str
    day: str
    accounts: Sequence[str]

    @classmethod
    def of(cls, query: Any) -> Typed:
        """From an address or a form."""
        today = clock.today(home().time_zone).isoformat()
        return cls(
            query.get("from", ""), query.get("to", ""), query.get("day", today), query.getlist("account")
        )  # fmt: skip

    def first_day(self) -> date:
        """The day from which the accounts are in the other book.

        Raises:
            UserError: it is no day.
        """
        try:
            found = day_of(self.day or None)
        except UserError:
            found = None
        if found is None:
            raise UserError(
                f"`{self.day}` is no day.",
                remedy="Choose one.",
                where="day",
                code="move.refused",
            )
        return found


@require_http_methods(["GET", "POST"])
def reassign(request: HttpRequest) -> HttpResponse:
    """The choice and its preview in the address; sent, the move."""
    who = asked(request, "reassign")
    if who.is_past:  # the day stays in the address from page to page, and here it means nothing
        messages.info(request, "Accounts are moved as they stand today, not on a day that is past.")
        return redirect("reassign")
    typed = Typed.of(request.POST if request.method == "POST" else request.GET)
    context: dict[str, Any] = {}
    if request.method == "POST":
        try:
            act = move_accounts(who.scope, typed.accounts, typed.to, typed.first_day())
        except UserError as error:
            context = {"error": error}
        else:
            messages.success(
                request,
                f"{counted(len(set(typed.accounts)), 'account')} moved. It counts within the minute.",
            )
            return redirect("reassign_act", act)
    elif "preview" in request.GET:
        try:
            check_move(who.scope, typed.accounts, typed.to, typed.first_day())
        except UserError as error:
            context = {"error": error}
        else:
            to = (typed.to, who.present.members[typed.to])
            context = {"books": books_moved(who.present.rows, typed.accounts, to), "to_name": to[1]}
    status = 422 if "error" in context else 200
    return render(request, "reassign/page.html", who.around | _choices(who, typed) | context, status=status)  # fmt: skip


def act(request: HttpRequest, act: uuid.UUID) -> HttpResponse:
    """One act: what was moved, with the pack to print and the way back."""
    who = _who(request)
    moves = _moves(who, act)
    context = {"moves": _said(who, moves), "act": act, "undone": moves[0].undone_at, "page_title": "Accounts moved"}  # fmt: skip
    return render(request, "reassign/act.html", who.around | context)


@require_POST
def undo(request: HttpRequest, act: uuid.UUID) -> HttpResponse:
    """Everything of an act back where it was."""
    who = _who(request)
    try:
        number = undo_move(who.scope, act)
    except UserError as error:
        messages.error(request, f"{error.what} {error.remedy}")
    else:
        messages.success(request, f"Undone: {counted(number, 'account')} back where it was.")
    return redirect("reassign_act", act)


def pack(request: HttpRequest, act: uuid.UUID) -> HttpResponse:
    """A page per account for whoever takes it over, made to be printed."""
    who = _who(request)
    sheets = []
    for said in _said(who, _moves(who, act)):
        with home().workspace() as workspace:
            account = workspace.account(said["account_id"], who.present)
        opinion = newest_opinion(said["account_id"], who.present.day)
        sheets.append(said | {"account": account, "row": account.row, "opinion": opinion})
    return render(request, "reassign/pack.html", who.around | {"sheets": sheets, "act": act, "page_title": "Handover"})  # fmt: skip


def _who(request: HttpRequest) -> Asked:
    who = asked(request, "reassign")
    if who.is_past:
        raise Http404
    return who


def _moves(who: Asked, act: uuid.UUID) -> list[Move]:
    found = [
        move
        for move in Move.objects.filter(act=act).select_related("by")
        if who.scope.sees(move.account_id) and move.account_id in who.present.by_id
    ]
    if not found:
        raise Http404
    return found


def _said(who: Asked, moves: Sequence[Move]) -> list[dict[str, Any]]:
    names = who.present.members
    return [
        {
            "account_id": move.account_id,
            "name": who.present.by_id[move.account_id].name,
            "before": names.get(move.from_member, move.from_member) or "nobody",
            "after": names.get(move.to_member, move.to_member),
            "day": move.starts_on,
            "by": move.by.name,
        }
        for move in moves
    ]


def _choices(who: Asked, typed: Typed) -> dict[str, Any]:
    rows = [row for row in who.present.rows if who.scope.sees(row.account_id) and not row.has_left]
    owners = sorted({(row.owner_id, row.owner) for row in rows}, key=lambda pair: pair[1])
    members = sorted(who.present.members.items(), key=lambda pair: (pair[1], pair[0]))
    chosen = set(typed.accounts)
    return {
        "typed": typed,
        "owners": owners,
        "members": [pair for pair in members if pair[0] != UNASSIGNED],
        "rows": [(row, row.account_id in chosen) for row in rows if row.owner_id == typed.owner],
        "acts": _acts(who),
        "page_title": "Reassign accounts",
    }


def _acts(who: Asked) -> list[dict[str, Any]]:
    """The last acts, newest first."""
    found: dict[uuid.UUID, dict[str, Any]] = {}
    for move in Move.objects.select_related("by").order_by("-at", "-id")[: ACTS_SHOWN * 25]:
        if not who.scope.sees(move.account_id):
            continue
        to = who.present.members.get(move.to_member, move.to_member)
        own = found.setdefault(
            move.act, {"act": move.act, "at": move.at, "by": move.by.name, "to": to, "day": move.starts_on, "undone": move.undone_at, "accounts": 0}
        )  # fmt: skip
        own["accounts"] += 1
    return list(found.values())[:ACTS_SHOWN]
