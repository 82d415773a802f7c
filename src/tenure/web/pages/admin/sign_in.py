"""Sign-in: what is on, and who has still to set something up."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tenure.desk.models import Person
from tenure.web.pages.admin.asking import administrator, shown
from tenure.web.pages.admin.people import listed

HERE = "admin_sign_in"


def sign_in(request: HttpRequest) -> HttpResponse:
    """How people come in, and how far they are with it."""
    administrator(request)
    everyone = listed(Person.objects.filter(is_active=True))
    return shown(
        request,
        "sign_in",
        "Sign-in",
        HERE,
        everyone=len(everyone),
        secured=sum(one.has_second_factor for one in everyone),
        waiting=[one for one in everyone if one.is_waiting],
        lacking=[one for one in everyone if one.lacks_factor],
        sign_on=settings.TENURE_SIGN_ON,
        idle_days=settings.SESSION_COOKIE_AGE // 86400,
        attempts=settings.AXES_FAILURE_LIMIT,
        minutes=int(settings.AXES_COOLOFF_TIME * 60),
    )
