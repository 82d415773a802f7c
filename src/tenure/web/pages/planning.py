"""What is planned with an account: the page, and the forms through which it is entered, changed and taken back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from tenure.desk.account_plan import acts_on, plan_of
from tenure.desk.enter_rows import take_back
from tenure.desk.enter_sheet import attended, enter_sheet, row_of
from tenure.desk.entered_rows import row_id
from tenure.desk.home import home
from tenure.desk.plan_cadence import PLANS, change_plan, company_today, end_plan, plan_touches
from tenure.desk.sheets import SHEETS, Sheet
from tenure.facts.table import table
from tenure.insights.book import BookRow
from tenure.insights.plan import AccountPlan, rhythm_said
from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Unknown
from tenure.web.account_numbers import ShownNumber, numbers_of
from tenure.web.pages.asking import Asked, asked
from tenure.web.pages.logging import add_error
from tenure.web.plan_sections import sections
from tenure.web.sheet_form import CadenceForm, EndForm, SheetForm

NUMBERS = ("days_past_cadence", "cadence_attainment", "qbr_held", "exec_sponsor_reached", "onboarding_milestone_completion")  # fmt: skip


def show(request: HttpRequest, account_id: str) -> HttpResponse:
    """Rhythm, reviews, milestones, goals, handoff, advocacy, people and contracts of one account."""
    who = asked(request, "book")
    if not who.scope.sees(account_id) or account_id not in who.present.by_id:
        raise Http404
    row = who.present.by_id[account_id]
    plan = plan_of(account_id, who.present)
    context: dict[str, Any] = who.around | {
        "row": row,
        "plan": plan,
        "sections": sections(plan, request.GET.get("all", "")),
        "numbers": _numbers(row, plan),
        "acts": acts_on(account_id),
        "entered": request.GET.get("entered", ""),
        "edits": who.scope.edits(account_id) and not who.is_past,
        "page_title": f"Plan of {row.name}",
    }
    return render(request, "plan/page.html", context)


@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, account_id: str, sheet: str) -> HttpResponse:
    """Add one thing, or change the one that `row` names."""
    who = _editable(request, account_id)
    asked_for, row = SHEETS.get(sheet), request.GET.get("row", "")
    if asked_for is not None and request.GET.get("id"):
        row = row_id(asked_for.declared, {asked_for.declared.key[0]: request.GET["id"]})
    if asked_for is None or not (row or asked_for.adds):
        raise Http404
    held = dict(row_of(who.scope, asked_for, account_id, row)) if row else None
    if held is not None and sheet == "review":
        held["contacts"] = sorted(attended(account_id, held["activity_id"]))
    form = SheetForm(
        request.POST or None, sheet=asked_for, account_id=account_id, held=held, row=row, me=who.person.member_id
    )  # fmt: skip
    verb = f"{'Change' if row else 'Add'} {asked_for.noun}"
    if request.method == "POST" and form.is_valid():
        return _entered(
            request, who, account_id, form, verb, lambda: enter_sheet(who.scope, form.said())
        )
    return _shown(request, who, account_id, form, verb, sheet=asked_for)


@require_http_methods(["GET", "POST"])
def cadence(request: HttpRequest, account_id: str) -> HttpResponse:
    """Plan touches, or, where `row` names a plan, give it another rhythm from a day on."""
    who = _editable(request, account_id)
    row = request.GET.get("row", "")
    starting: dict[str, Any] = {"touch_type": "any", "start": company_today(), "act": uuid.uuid4()}
    if row:
        plan = row_of(who.scope, _PLAN, account_id, row)
        starting |= {name: plan[name] for name in ("touch_type", "interval_days", "calendar_month")}
        starting["start"] = max(company_today(), plan["start_date"])
    else:
        starting["interval_days"] = home().cadence_defaults.get(
            who.present.by_id[account_id].segment
        )
    form = CadenceForm(request.POST or None, initial=starting)
    verb = "Change plan" if row else "Plan touches"

    def said() -> uuid.UUID:
        words = form.cleaned_data
        if row:
            return change_plan(
                who.scope, account_id, row, form.rhythm(), words["start"], words["act"]
            )
        return plan_touches(who.scope, account_id, form.rhythm(), words["start"], words["act"])

    if request.method == "POST" and form.is_valid():
        return _entered(request, who, account_id, form, verb, said)
    return _shown(request, who, account_id, form, verb)


@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, account_id: str) -> HttpResponse:
    """End the plan that `row` names."""
    who = _editable(request, account_id)
    plan = row_of(who.scope, _PLAN, account_id, request.GET.get("row", ""))
    form = EndForm(request.POST or None, initial={"end": company_today(), "act": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        said, row = form.cleaned_data, request.GET["row"]
        return _entered(
            request, who, account_id, form, "End plan",
            lambda: end_plan(who.scope, account_id, row, said["end"], said["act"]),
        )  # fmt: skip
    return _shown(request, who, account_id, form, "End plan", says=rhythm_said(plan))


@require_POST
def back(request: HttpRequest, account_id: str, act: uuid.UUID) -> HttpResponse:
    """Take back what was entered in one go."""
    who = _editable(request, account_id)
    try:
        entries = take_back(who.scope, act)
    except UserError as error:
        messages.error(request, f"{error.what} {error.remedy}")
    else:
        accounts = len({one.account_id for one in entries})
        of = f" on {accounts} accounts" if accounts > 1 else ""
        messages.success(request, f"Taken back{of}: it is again as it was before.")
    return redirect("plan", account_id)


_PLAN = Sheet("plan", PLANS, "plan", (), (), adds=False)


def _numbers(row: BookRow, plan: AccountPlan) -> list[ShownNumber]:
    """The numbers on top; where no plan is in force, the first two say that in place of what they lack."""
    with home().workspace() as workspace:
        found = numbers_of(workspace.catalogue, row, NUMBERS)
    if any(one.state == "in force" for one in plan.cadence):
        return found
    none = Unknown("no_data", "no cadence planned")
    return [
        n if n.is_known or n.metric not in NUMBERS[:2] else replace(n, value=none) for n in found
    ]


def _editable(request: HttpRequest, account_id: str) -> Asked:
    who = asked(request, "book")
    if who.is_past or not who.scope.edits(account_id) or account_id not in who.present.by_id:
        raise Http404
    return who


def _entered(
    request: HttpRequest, who: Asked, account_id: str, form: forms.Form, verb: str, say: Callable[[], uuid.UUID]
) -> HttpResponse:  # fmt: skip
    """On to the plan with what was entered, or back to the form with what is wrong."""
    try:
        act = say()
    except UserError as error:
        add_error(form, error)
        return _shown(request, who, account_id, form, verb, sheet=getattr(form, "sheet", None))
    messages.success(request, f"{verb}: done. It counts in a moment.")
    return redirect(f"{reverse('plan', args=[account_id])}?entered={act}")


def _shown(
    request: HttpRequest, who: Asked, account_id: str, form: forms.Form, title: str, **more: Any
) -> HttpResponse:
    words = table("onboarding_milestones").columns["milestone"].words
    context = who.around | more | {
        "row": who.present.by_id[account_id], "form": form, "page_title": title, "milestones": list(words),
    }  # fmt: skip
    return render(request, "plan/form.html", context, status=422 if form.is_bound else 200)
