"""A person's page: their book and their own figures, for them first and then for their lead; and the list of people, by name."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from tenure.desk.home import home
from tenure.desk.models import Absence, Person
from tenure.desk.open_person import find_subject, open_person, people_of, team_figures
from tenure.desk.release import record_absence, release_weeks, remove_absence
from tenure.insights.person import BookFigures, book_figures
from tenure.kernel.errors import UserError
from tenure.web.forms import AbsenceForm
from tenure.web.pages.asking import Asked, asked
from tenure.web.person_sheet import NOT_FOR, shown_figures


def listing(request: HttpRequest) -> HttpResponse:
    """The viewer, and whom they lead, by name, with what waits in each book. Figures of people stand on their own pages only."""
    who = asked(request, "team")
    people = people_of(who.scope)
    least = home().settings.people.least_people
    with home().workspace() as workspace:
        catalogue = workspace.catalogue
    together = team_figures(people, who.scope.sight, catalogue, least=least)
    context = who.around | {
        "people": [(person, _book(who, person)) for person in people],
        "leads": bool(who.scope.sight.led),
        "together": together,
    }
    return render(request, "team/people.html", context | {"page_title": "People"})


def show(request: HttpRequest, person: UUID) -> HttpResponse:
    """One person's page. That it was opened is on record before anything of it is made."""
    who = asked(request, "trust")
    settings = home().settings
    opened = open_person(
        who.scope, person, settings, until=who.present.day if who.is_past else None
    )
    member = opened.subject.member_id
    with home().workspace() as workspace:
        outcome = workspace.book_outcome(member, who.present.day, who.scope.sight)
        figures = shown_figures(opened.week.figures if opened.week else (), workspace.catalogue)
    context = who.around | {
        "opened": opened,
        "subject": opened.subject,
        "book": _book(who, opened.subject),
        "outcome": outcome,
        "figures": figures,
        "lead": lead_of(opened.subject),
        "setting": settings.people,
        "not_for": NOT_FOR,
        "zone": settings.time_zone,
    }
    return render(request, "team/person.html", context | {"page_title": opened.subject.name})


@require_POST
def release(request: HttpRequest, person: UUID) -> HttpResponse:
    """The person lets their lead have what is new."""
    who, subject = _allowed(request, person)
    if subject.pk != who.person.pk:
        raise Http404
    release_weeks(subject)
    messages.success(request, "Released. Your lead sees the same page now.")
    return redirect("person", subject.number)


@require_http_methods(["GET", "POST"])
def absence(request: HttpRequest, person: UUID) -> HttpResponse:
    """Enter days away, for oneself or for somebody one leads."""
    who, subject = _allowed(request, person)
    form = AbsenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            record_absence(
                who.person, subject, said["first_day"], said["last_day"] + timedelta(days=1)
            )
        except UserError as error:
            form.add_error(
                error.where if error.where in form.fields else None, f"{error.what} {error.remedy}"
            )
        else:
            messages.success(request, "Entered. The head start waits for those days.")
            return redirect("person", subject.number)
    context = who.around | {"subject": subject, "form": form, "is_own": subject.pk == who.person.pk}
    status = 422 if form.is_bound else 200
    return render(
        request, "team/absence.html", context | {"page_title": "Enter days away"}, status=status
    )


@require_POST
def no_absence(request: HttpRequest, person: UUID, absence: int) -> HttpResponse:
    """Take days away out again: the person, or whoever entered them."""
    who, subject = _allowed(request, person)
    found = Absence.objects.filter(pk=absence, person=subject).first()
    if found is None or who.person.pk not in (subject.pk, found.entered_by_id):
        raise Http404
    remove_absence(who.person, found)
    messages.success(request, "Taken out.")
    return redirect("person", subject.number)


def lead_of(subject: Person) -> Person | None:
    """Who leads the person and signs in; None where nobody does."""
    leads = [lead for lead, own in home().present().led.items() if subject.member_id in own]
    found = Person.objects.filter(member_id__in=leads, is_active=True, role="lead")
    return found.first() if subject.member_id else None


def _allowed(request: HttpRequest, number: UUID) -> tuple[Asked, Person]:
    who = asked(request, "trust")
    return who, find_subject(who.scope, number)


def _book(who: Asked, person: Person) -> BookFigures | None:
    visible = [row for row in who.present.rows if who.scope.sees(row.account_id)]
    return book_figures(visible, person.member_id, who.scope.sight)
