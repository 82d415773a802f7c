"""A touch logged here counts within the minute; what cannot have happened is refused with what was typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from tenure.desk.home import Home
from tenure.desk.models import AuditEntry, Opinion, Person, Touch
from tenure.desk.record_touch import Logged, record_touch
from tenure.desk.to_lake import send_touches
from tenure.kernel import clock
from tenure.kernel.errors import UserError
from tenure.workspace import Workspace

Signed = Callable[[str], Client]
CALL = {
    "kind": "call", "direction": "two_way", "happened_at": "2026-06-15T08:30", "contacts": ["p-alder"],
    "summary_said": "They want to renew", "was_proactive": "on", "tags": ["win", "shift"],
}  # fmt: skip


def test_a_touch_logged_on_the_page_counts_within_the_minute(
    writable: Home, signed_in: Signed
) -> None:
    maya = signed_in("maya")
    before = writable.present().by_id["alder"].numbers["days_since_last_touch"]

    answer = maya.post("/accounts/alder/touch", CALL)
    writable.until_current(60)
    page = maya.get("/accounts/alder").content.decode()

    assert answer.status_code == 302
    assert before == 70
    assert writable.present().by_id["alder"].numbers["days_since_last_touch"] == 0
    assert "They want to renew" in page
    timeline = maya.get("/accounts/alder/timeline").content.decode()
    assert '<span class="tn-tag">win</span> <span class="tn-tag">strategic shift</span>' in timeline
    ws = Workspace.open(writable.folder)
    told = ws.metric("key_account_updates", period="2026-Q2", as_of=writable.today).components
    assert "They want to renew" in str(told)
    assert AuditEntry.objects.get(verb="log touch").about == "alder"


def test_sending_twice_is_sending_once(writable: Home, people: dict[str, Person]) -> None:
    """As after a kill between the lake's commit and ours."""
    logged = Logged("alder", "call", "two_way", clock.now() - timedelta(hours=1))
    record_touch(writable.scope(people["maya"]), logged)
    writable.until_current(60)
    rows = Workspace.open(writable.folder).facts().rows("activities", ["activity_id"])

    Touch.objects.update(in_lake_at=None)
    assert send_touches(Workspace.open(writable.folder)) == 1

    assert Workspace.open(writable.folder).facts().rows("activities", ["activity_id"]) == rows
    assert send_touches(Workspace.open(writable.folder)) == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"happened_at": "2026-06-16T08:30"}, "once it has happened"),
        ({"happened_at": "2024-06-15T08:30"}, "Import touches"),
        ({"happened_at": "yesterday"}, "Enter a valid date/time"),
        ({"contacts": ["p-elm"]}, "not one of the available choices"),
        ({"tags": ["rumour"]}, "not one of the available choices"),
        ({"kind": "telepathy"}, "not one of the available choices"),
        ({"summary_said": "x" * 401}, "at most 400"),
    ],
)
def test_a_touch_that_cannot_be_is_refused_and_the_form_keeps_what_was_typed(
    changed: dict[str, object], said: str, served: Home, signed_in: Signed
) -> None:
    answer = signed_in("maya").post("/accounts/alder/touch", CALL | changed)
    page = answer.content.decode()

    assert answer.status_code == 422
    assert "Nothing was saved" in page
    assert said in page
    if "summary_said" not in changed:
        assert "They want to renew" in page
    assert not Touch.objects.exists()


def test_a_verb_refuses_by_itself_what_a_form_would_have_refused(
    served: Home, people: dict[str, Person]
) -> None:
    scope = served.scope(people["maya"])
    good = {
        "account_id": "alder",
        "kind": "call",
        "direction": "two_way",
        "happened_at": clock.now(),
    }

    for changed, where in (({"direction": "sideways"}, "direction"), ({"direction": ""}, "direction"), ({"kind": "x"}, "kind"), ({"tags": ("x",)}, "tags"), ({"contacts": ("p-elm",)}, "contacts")):  # fmt: skip
        with pytest.raises(UserError) as refused:
            record_touch(scope, Logged(**(good | changed)))  # type: ignore[arg-type]
        assert refused.value.where == where


def test_a_call_of_ones_own_stands_beside_the_score_and_keeps_its_history(
    served: Home, signed_in: Signed
) -> None:
    maya = signed_in("maya")

    assert maya.post("/accounts/alder/call", {"zone": "healthy", "why": ""}).status_code == 422
    maya.post("/accounts/alder/call", {"zone": "healthy", "why": "They told me so"})
    maya.post("/accounts/alder/call", {"zone": "watch", "why": "A new <b>sponsor</b>"})
    page = maya.get("/accounts/alder").content.decode()

    assert "A new &lt;b&gt;sponsor&lt;/b&gt;" in page
    assert "differs from the score" in page
    assert "41 At risk" in page
    assert [o.zone for o in Opinion.objects.all()] == ["watch", "healthy"]
    assert Opinion.objects.first().score_then == 41


def test_what_was_done_cannot_be_written_anew(served: Home, signed_in: Signed) -> None:
    signed_in("maya").post("/accounts/alder/call", {"zone": "healthy", "why": "They told me so"})
    entry = AuditEntry.objects.first()
    entry.verb = "something else"

    with pytest.raises(ValueError, match="written once"):
        entry.save()


def test_a_touch_said_twice_by_a_double_click_is_one(served: Home, signed_in: Signed) -> None:
    maya = signed_in("maya")
    page = maya.get("/accounts/alder/touch").content.decode()
    key = page.split('name="key" value="', 1)[1].split('"', 1)[0]

    for _ in range(2):
        assert maya.post("/accounts/alder/touch", CALL | {"key": key}).status_code == 302

    assert Touch.objects.count() == 1
    assert AuditEntry.objects.filter(verb="log touch").count() == 1


def test_the_time_a_form_begins_with_is_now_on_the_companys_clocks(
    served: Home, signed_in: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    settings = replace(served._asked.settings, time_zone="America/Los_Angeles")
    monkeypatch.setattr(served._asked, "settings", settings)
    maya = signed_in("maya")

    page = maya.get("/accounts/alder/touch").content.decode()
    assert 'value="2026-06-15T02:00"' in page

    maya.post("/accounts/alder/touch", CALL | {"happened_at": "2026-06-15T02:00"})
    assert Touch.objects.get().happened_at.isoformat() == "2026-06-15T09:00:00+00:00"


def test_what_cannot_be_sent_holds_up_no_news_and_is_tried_again(
    writable: Home, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenure.desk import home as place

    def fails(_: Workspace) -> int:
        raise OSError("no space left")

    monkeypatch.setattr(place, "send_waiting", fails)
    record_touch(writable.scope(people["maya"]), Logged("alder", "call", "two_way", clock.now()))
    assert writable._maker is not None
    writable._maker.join(60)
    news = {"account_id": "gum", "name": "Gum Ltd", "start_date": "2026-06-01"}
    Workspace.open(writable.folder).load({"accounts": [news]}, source="cast")
    monkeypatch.undo()
    writable._not_before = 0.0
    monkeypatch.setenv("TENURE_NOW", "2026-06-15T09:00:00")
    writable.until_current(60)

    assert "gum" in writable.present().by_id
    assert writable.present().by_id["alder"].numbers["days_since_last_touch"] == 0
