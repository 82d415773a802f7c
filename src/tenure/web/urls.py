"""One line per page."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import include, path, register_converter

from tenure.web import sign_on, signing_in
from tenure.web.ids import IdConverter
from tenure.web.pages import (
    account_parts,
    accounts,
    book,
    bulk_planning,
    data,
    gallery,
    joining,
    landing,
    logging,
    matching,
    me,
    numbers,
    people,
    planning,
    reassign,
    refused,
    search,
    today,
    trust,
    uploading,
    views,
)
from tenure.web.pages.admin import audit, set_up, settings, sign_in
from tenure.web.pages.admin import people as admin_people

register_converter(IdConverter, "id")

urlpatterns = [
    path("", landing.landing, name="landing"),
    path("today", today.show, name="today"),
    path("holds/<int:hold_id>/undo", today.undo, name="undo_hold"),
    path("book", book.show, name="book"),
    path("book.csv", book.as_csv, name="book_csv"),
    path("book.xlsx", book.as_sheet, name="book_sheet"),
    path("book/bubbles.json", book.as_chart, name="book_chart"),
    path("book/views", views.save, name="save_view"),
    path("book/views/<int:view_id>/delete", views.delete, name="delete_view"),
    path("accounts/<id:account_id>", accounts.show, name="account"),
    path("accounts/<id:account_id>/glance", accounts.glance, name="account_glance"),
    path("accounts/<id:account_id>/timeline", account_parts.timeline, name="account_timeline"),
    path("accounts/<id:account_id>/health", account_parts.health, name="account_health"),
    path("accounts/<id:account_id>/usage", account_parts.usage, name="account_usage"),
    path("accounts/<id:account_id>/people", account_parts.people, name="account_people"),
    path("accounts/<id:account_id>/contract", account_parts.contract, name="account_contract"),
    path("accounts/<id:account_id>/voice", account_parts.voice, name="account_voice"),
    path("accounts/<id:account_id>/touch", logging.touch, name="log_touch"),
    path("accounts/<id:account_id>/call", logging.opinion, name="record_opinion"),
    path("accounts/<id:account_id>/flags", today.hold, name="hold_flag"),
    path("search", search.show, name="search"),
    path("me", me.show, name="me"),
    path("accounts/<id:account_id>/plan", planning.show, name="plan"),
    path("accounts/<id:account_id>/plan/cadence", planning.cadence, name="plan_cadence"),
    path("accounts/<id:account_id>/plan/cadence/end", planning.end, name="end_cadence"),
    path("accounts/<id:account_id>/plan/back/<uuid:act>", planning.back, name="take_back"),
    path("accounts/<id:account_id>/plan/<slug:sheet>", planning.enter, name="enter"),
    path("book/plan", bulk_planning.show, name="plan_touches"),
    path("book/plan/done/<uuid:act>", bulk_planning.done, name="plan_done"),
    path("book/plan/back/<uuid:act>", bulk_planning.back, name="take_back_many"),
    path("standing", landing.standing, name="standing"),
    path("accounts/<id:account_id>/numbers/<str:metric>", numbers.show, name="number"),
    path("team/reassign", reassign.reassign, name="reassign"),
    path("team/reassign/<uuid:act>", reassign.act, name="reassign_act"),
    path("team/reassign/<uuid:act>/undo", reassign.undo, name="reassign_undo"),
    path("team/reassign/<uuid:act>/pack", reassign.pack, name="reassign_pack"),
    path("admin", admin_people.people, name="admin"),
    path("admin/people/add", admin_people.add, name="admin_person_add"),
    path("admin/people/<uuid:number>", admin_people.person, name="admin_person"),
    path("admin/people/<uuid:number>/link", admin_people.link, name="admin_person_link"),
    path(
        "admin/people/<uuid:number>/let-go", admin_people.deactivate, name="admin_person_deactivate"
    ),
    path(
        "admin/people/<uuid:number>/let-in", admin_people.reactivate, name="admin_person_reactivate"
    ),
    path(
        "admin/people/<uuid:number>/factor", admin_people.forget_factor, name="admin_person_factor"
    ),
    path("admin/people/<uuid:number>/untie", admin_people.untied, name="admin_person_untie"),
    path("admin/set-up", set_up.set_up, name="admin_set_up"),
    path("admin/set-up/company", set_up.company, name="set_up_company"),
    path("admin/set-up/models", set_up.models, name="set_up_models"),
    path("admin/set-up/data", set_up.data, name="set_up_data"),
    path("admin/sign-in", sign_in.sign_in, name="admin_sign_in"),
    path("admin/settings", settings.settings, name="admin_settings"),
    path("admin/audit", audit.audit, name="admin_audit"),
    path("admin/audit.csv", audit.as_csv, name="admin_audit_csv"),
    path("join/<str:token>", joining.join, name="join"),
    path("welcome/<str:token>", joining.welcome, name="welcome"),
    path("data", data.sources, name="data"),
    path("data/freshness", data.freshness, name="freshness"),
    path("data/findings", data.findings, name="findings"),
    path("data/matching", matching.show, name="matching"),
    path("data/matching/pair", matching.pair, name="match_pair"),
    path("data/sources/<id:source>", data.source, name="source"),
    path("data/import", uploading.give, name="give_files"),
    path("data/uploads/<uuid:number>", uploading.upload, name="upload"),
    path("data/imports/<int:number>", data.one_import, name="import"),
    path("data/imports/<int:number>/correct", uploading.correct_import, name="correct_import"),
    path("data/imports/<int:number>/refused", refused.rows, name="refused"),
    path("data/imports/<int:number>/refused.csv", refused.as_csv, name="refused_csv"),
    path("team/people", people.listing, name="people"),
    path("team/people/<uuid:person>", people.show, name="person"),
    path("team/people/<uuid:person>/release", people.release, name="release_weeks"),
    path("team/people/<uuid:person>/away", people.absence, name="record_absence"),
    path(
        "team/people/<uuid:person>/away/<int:absence>/remove",
        people.no_absence,
        name="remove_absence",
    ),
    path("gallery", gallery.show, name="gallery"),
    path("gallery/bubbles.json", gallery.chart, name="gallery_chart"),
    path("trust", trust.show, name="trust"),
    path("my/notice", trust.notice, name="notice"),
    path("sign-in", account.login, name="account_login"),
    path("sign-in/organisation", sign_on.start, name="sign_on"),
    path("sign-in/organisation/back", sign_on.callback, name="sign_on_callback"),
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
