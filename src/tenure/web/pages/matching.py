"""To match: accounts that may be one customer, with what speaks for and against it; merged here, and taken back."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tenure.desk.home import home
from tenure.desk.match_accounts import (
    match_accounts,
    reject_match,
    suggest_match_again,
    undo_match,
)
from tenure.desk.models import Person
from tenure.kernel.errors import TenureError, UserError
from tenure.web.pages.data import person_for
from tenure.workspace.matched import Effect

PAGE = 30
MOST_WHY = 300


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Pairs to look at, merges that hold, and pairs that are two."""
    person = person_for(request, "matching")
    error = None
    if request.method == "POST":
        try:
            messages.success(request, _taken_back(person, request.POST))
            return redirect("matching")
        except UserError as found:
            error = found
    with home().workspace() as workspace:
        pairs, held, apart = workspace.to_match(), workspace.matches(), workspace.not_one()
        has_accounts = bool(workspace.names_of("accounts"))
    page = Paginator(pairs, PAGE).get_page(request.GET.get("page"))
    context = {
        "pairs": page.object_list,
        "page": page,
        "total": len(pairs),
        "held": held,
        "apart": apart,
        "has_accounts": has_accounts,
        "error": error,
        "page_title": "To match",
    }
    return render(request, "data/matching.html", context, status=422 if error else 200)


@require_http_methods(["GET", "POST"])
def pair(request: HttpRequest) -> HttpResponse:
    """Two accounts, and what merging them would do; nothing is merged before the button here."""
    person = person_for(request, "matching")
    said = request.POST if request.method == "POST" else request.GET
    other, kept = said.get("other", "").strip(), said.get("kept", "").strip()
    why = said.get("why", "").strip()[:MOST_WHY]
    error: TenureError | None = None
    if request.method == "POST":
        try:
            messages.success(request, _decided(person, said.get("act", ""), (other, kept), why))
            return redirect("matching")
        except UserError as found:
            error = found
    effect, refused, told = _looked_at(other, kept)
    error = refused or error
    context = {
        "other": other,
        "kept": kept,
        "why": why,
        "effect": effect,
        "evidence": told,
        "error": error,
        "heading": "Nothing was merged.",
        "page_title": "One customer?",
    }
    return render(request, "data/pair.html", context, status=422 if error else 200)


def _looked_at(
    other: str, kept: str
) -> tuple[Effect | None, UserError | None, list[tuple[str, bool]]]:
    """The effect and the evidence, each sentence with whether it speaks for them being one; or why there is none."""
    if not other or not kept:
        where = "other" if not other else "kept"
        return (
            None,
            UserError("Two accounts are needed.", remedy="Give the ids of both.", where=where),
            [],
        )
    with home().workspace() as workspace:
        try:
            effect = workspace.match_effect(other, kept)
        except UserError as refused:
            return None, refused, []
        told = workspace.match_evidence(other, kept)
    return effect, None, [(one.says, one.points > 0) for one in told]


def _decided(person: Person, act: str, ids: tuple[str, str], why: str) -> str:
    other, kept = ids
    if act == "merge":
        match_accounts(person, other, kept, why)
        return f"{other} is read as {kept}. The numbers follow within the minute; you can undo it here."
    if act == "reject":
        reject_match(person, other, kept, why)
        return f"{other} and {kept} stay two customers."
    raise Http404


def _taken_back(person: Person, said: Mapping[str, str]) -> str:
    act, other = said.get("act", ""), said.get("other", "")
    if act == "undo":
        kept = undo_match(person, other)
        return f"{other} is an account of its own again, no longer part of {kept}."
    if act == "again":
        suggest_match_again(person, other, said.get("kept", ""))
        return "The pair may be suggested again."
    raise Http404
