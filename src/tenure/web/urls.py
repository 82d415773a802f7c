"""One line per page."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import include, path, register_converter

from tenure.web import signing_in
from tenure.web.ids import IdConverter
from tenure.web.pages import accounts, book, landing, logging, numbers, people, trust

register_converter(IdConverter, "id")

urlpatterns = [
    path("", landing.landing, name="landing"),
    path("book", book.show, name="book"),
    path("book.csv", book.as_csv, name="book_csv"),
    path("accounts/<id:account_id>", accounts.show, name="account"),
    path("accounts/<id:account_id>/touch", logging.touch, name="log_touch"),
    path("accounts/<id:account_id>/call", logging.opinion, name="record_opinion"),
    path("standing", landing.standing, name="standing"),
    path("accounts/<id:account_id>/numbers/<str:metric>", numbers.show, name="number"),
    path("team/people", people.listing, name="people"),
    path("team/people/<uuid:person>", people.show, name="person"),
    path("team/people/<uuid:person>/release", people.release, name="release_weeks"),
    path("team/people/<uuid:person>/away", people.absence, name="record_absence"),
    path(
        "team/people/<uuid:person>/away/<int:absence>/remove",
        people.no_absence,
        name="remove_absence",
    ),
    path("trust", trust.show, name="trust"),
    path("my/notice", trust.notice, name="notice"),
    path("sign-in", account.login, name="account_login"),
    path("sign-out", account.logout, name="account_logout"),
    path("sign-in/as/<uuid:number>", signing_in.as_somebody, name="sign_in_as"),
    path("sign-in/closed", account.account_inactive, name="account_inactive"),
    path("me/password", account.password_change, name="account_change_password"),
    path("me/password/set", account.password_set, name="account_set_password"),
    path("me/confirm", account.reauthenticate, name="account_reauthenticate"),
    path("me/second-factor/", include("allauth.mfa.urls")),
]
handler404 = "tenure.web.pages.failing.missing"
handler500 = "tenure.web.pages.failing.broken"
handler400 = "tenure.web.pages.failing.refused"
handler403 = "tenure.web.pages.failing.forbidden"
