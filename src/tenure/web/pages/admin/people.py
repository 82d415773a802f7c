"""People and roles: who signs in, as what, and the link by which somebody comes in for the first time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from tenure.desk.add_person import add_person, change_role, deactivate_person
from tenure.desk.change_person import change_person, reactivate_person, remove_second_factor, untie
from tenure.desk.home import home
from tenure.desk.let_in import make_link
from tenure.desk.models import OneTimeLink, Person, Role
from tenure.kernel import clock
from tenure.kernel.errors import UserError
from tenure.web.admin_forms import ChangedPersonForm, PersonForm, refuse
from tenure.web.pages.admin.asking import administrator, shown

HERE = "admin"


@dataclass(frozen=True, slots=True)
class Listed:
    """A person with what stands about their sign-in."""

    person: Person
    member: str
    has_second_factor: bool
    link_until: datetime | None
    is_tied: bool = False

    @property
    def lacks_factor(self) -> bool:
        """An administrator who will be asked to set up a second factor before anything else."""
        return self.person.role == Role.ADMIN and not self.has_second_factor and not self.is_tied

    @property
    def is_waiting(self) -> bool:
        """Has never been able to come in."""
        return (
            not self.is_tied
            and not self.person.has_usable_password()
            and not self.has_second_factor
        )

    @property
    def sign_in(self) -> str:
        """How they come in, in words."""
        if not self.person.is_active:
            return "cannot sign in"
        if self.is_tied:
            return "sign-on of the organisation"
        if self.link_until is not None:
            return f"link open until {self.link_until:%d %b %Y %H:%M} UTC"
        if not self.person.has_usable_password():
            return "no password yet"
        return "password and second factor" if self.has_second_factor else "password"


def people(request: HttpRequest) -> HttpResponse:
    """Everybody, those who cannot sign in last."""
    administrator(request)
    found = listed(Person.objects.order_by("-is_active", "name", "email"))
    active = [one for one in found if one.person.is_active]
    return shown(request, "people", "People and roles", HERE, found=found, active=len(active))


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add a person, and show the link to hand over."""
    by = administrator(request)
    form = PersonForm(request.POST or None, members=_members())
    if request.method == "POST" and form.is_valid():
        try:
            person = add_person(**form.cleaned_data, by=by)
        except UserError as error:
            refuse(form, error)
        else:
            if not settings.TENURE_SIGN_ON.only:
                return _link(request, person, by)
            messages.success(
                request, f"{person.name} comes in through {settings.TENURE_SIGN_ON.name} now."
            )
            return redirect("admin_person", person.number)
    status = 422 if form.is_bound else 200
    return shown(request, "person_add", "Add a person", HERE, status=status, form=form)


@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, number: str) -> HttpResponse:
    """One person: their name, role and team member, and what can be done with their sign-in."""
    by = administrator(request)
    one = _person(number)
    form = ChangedPersonForm.of(one, request.POST or None, _members())
    if request.method == "POST" and form.is_valid():
        try:
            _change(one, form.cleaned_data, by)
        except UserError as error:
            refuse(form, error)
            one.refresh_from_db()
        else:
            messages.success(request, f"{one.name}: saved.")
            return redirect("admin_person", one.number)
    status = 422 if form.is_bound else 200
    (known,) = listed([one])
    own = one.pk == by.pk
    return shown(request, "person", one.name, HERE, status=status, one=known, form=form, own=own)


@require_POST
def link(request: HttpRequest, number: str) -> HttpResponse:
    """A new one-time link, shown once."""
    by = administrator(request)
    one = _person(number)
    try:
        return _link(request, one, by)
    except UserError as error:
        return _refused(request, one, error)


@require_POST
def deactivate(request: HttpRequest, number: str) -> HttpResponse:
    """Let a person go."""
    return _done(request, number, deactivate_person, "{} can sign in no more.")


@require_POST
def reactivate(request: HttpRequest, number: str) -> HttpResponse:
    """Let a person in again."""
    return _done(request, number, reactivate_person, "{} can sign in again.")


@require_POST
def forget_factor(request: HttpRequest, number: str) -> HttpResponse:
    """Take off a second factor that was lost."""
    return _done(request, number, remove_second_factor, "{} signs in with the password alone now.")


@require_POST
def untied(request: HttpRequest, number: str) -> HttpResponse:
    """Forget under which subject the organisation knows a person."""
    return _done(request, number, untie, "{} is found by their verified address the next time.")


def _done(
    request: HttpRequest, number: str, verb: Callable[..., object], says: str
) -> HttpResponse:
    """The verb on a person, and what became of it on their page."""
    by = administrator(request)
    one = _person(number)
    try:
        verb(one, by=by)
    except UserError as error:
        return _refused(request, one, error)
    messages.success(request, says.format(one.name))
    return redirect("admin_person", one.number)


def _change(one: Person, typed: Mapping[str, str], by: Person) -> None:
    with transaction.atomic():  # all that was typed, or nothing
        change_person(one, name=typed["name"], member_id=typed["member_id"], by=by)
        if typed["role"] != one.role:
            change_role(one, typed["role"], by=by)


def _link(request: HttpRequest, one: Person, by: Person) -> HttpResponse:
    """Shown in the answer to the form itself: it stands in no address, and no page shows it again."""
    address = request.build_absolute_uri(reverse("join", args=[make_link(one, by=by)]))
    (known,) = listed([one])
    return shown(request, "link", f"Link for {one.name}", HERE, one=known, address=address)


def _refused(request: HttpRequest, one: Person, error: UserError) -> HttpResponse:
    messages.error(request, f"{error.what} {error.remedy}")
    return redirect("admin_person", one.number)


def _person(number: str) -> Person:
    found = Person.objects.filter(number=number).first()
    if found is None:
        raise Http404
    return found


def _members() -> Mapping[str, str]:
    return home().present().members


def listed(found: Iterable[Person]) -> list[Listed]:
    """People with what stands about their sign-in, in the order given."""
    everyone = list(found)
    members = _members()
    secured = set(
        Authenticator.objects.filter(user__in=everyone)
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .values_list("user_id", flat=True)
    )
    tied = set(SocialAccount.objects.filter(user__in=everyone).values_list("user_id", flat=True))
    links = dict(
        OneTimeLink.objects.filter(
            person__in=everyone, used_at=None, expires_at__gt=clock.now()
        ).values_list("person_id", "expires_at")
    )
    return [
        Listed(
            one,
            members.get(one.member_id, one.member_id),
            one.pk in secured,
            links.get(one.pk),
            one.pk in tied,
        )
        for one in everyone
    ]
