"""Today in the morning: what needs whom, put down, taken back, and told to the facts a minute later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from tenure.desk.home import Home
from tenure.desk.keeping import Keeper
from tenure.desk.models import AuditEntry, Hold
from tenure.desk.to_lake import send_holds
from tenure.workspace import Workspace

Signed = Callable[[str], Client]
WHY = {"kind": "snooze", "until": "2026-06-29", "why": "They are on holiday", "back": "today"}


@pytest.fixture
def flagged(writable: Home) -> Home:
    """Kept up once: alder was last touched 69 days before the last reading."""
    assert Keeper(writable).round()
    writable.until_current(60)
    return writable


def flags_of(home: Home, account: str) -> list[str]:
    return [flag.flag_id for flag in home.present().by_id[account].flags]


def test_a_kept_workspace_has_its_flags_and_asks_for_nothing_more(flagged: Home) -> None:
    keeper = Keeper(flagged, now=lambda: 1e9)

    assert any("days_since_last_touch" in name for name in flags_of(flagged, "alder"))
    assert not keeper.round()  # another process finds it done
    assert not Keeper(flagged, now=lambda: -1.0).round()


def test_a_flag_is_put_down_taken_back_put_down_again_and_then_known_to_the_facts(
    flagged: Home, signed_in: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    maya = signed_in("maya")
    before = maya.get("/today").content.decode()
    (name,) = [n for n in flags_of(flagged, "alder") if "days_since_last_touch" in n]
    rest = [n for n in flags_of(flagged, "alder") if n != name]

    answer = maya.post("/accounts/alder/flags", {"flag": name, **WHY})
    after = maya.get("/today").content.decode()

    assert "Alder Works" in before
    assert (answer.status_code, answer["Location"]) == (302, "/today")
    assert "comes back on 29 Jun 2026" in after
    assert name not in maya.get("/accounts/alder/flags").content.decode() or not rest

    assert maya.post(f"/holds/{Hold.objects.get().pk}/undo").status_code == 302
    assert not Hold.objects.exists()
    assert [e.verb for e in AuditEntry.objects.filter(about="alder")] == [
        "take back hold",
        "hold flag",
    ]

    maya.post("/accounts/alder/flags", {"flag": name, **WHY})
    assert send_holds(Workspace.open(flagged.folder)) == 0  # its minute is not over
    monkeypatch.setenv("TENURE_NOW", "2026-06-15T09:01:30")
    gone = maya.post(f"/holds/{Hold.objects.get().pk}/undo", follow=True).content.decode()
    assert "A minute is over" in gone
    assert send_holds(Workspace.open(flagged.folder)) == 1
    assert send_holds(Workspace.open(flagged.folder)) == 0

    flagged.until_current(60)
    (told,) = [s for s in flagged.present().by_id["alder"].settled if s.until]
    assert (told.ended, told.said, told.until) == (
        "snoozed",
        "They are on holiday",
        date(2026, 6, 29),
    )
    assert "They are on holiday" in maya.get("/today?tab=coming").content.decode()
    assert "flag snoozed" in maya.get("/today?tab=done").content.decode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"why": " "}, "Because"),
        ({"until": "2026-06-15"}, "tomorrow"),
        ({"until": "2031-01-01"}, "within a year"),
        ({"until": ""}, "on which day"),
        ({"flag": "made:up"}, "not one of the available choices"),
    ],
)
def test_a_hold_that_says_too_little_is_refused_with_what_was_typed(
    changed: dict[str, str], said: str, served: Home, signed_in: Signed, ours: str
) -> None:
    answer = signed_in("maya").post("/accounts/alder/flags", {"flag": ours, **WHY, **changed})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Hold.objects.exists()


@pytest.fixture
def ours(served: Home, monkeypatch: pytest.MonkeyPatch) -> str:
    """One flag of ours on alder, without a history to raise it from."""
    from dataclasses import replace

    from tenure.insights.book import Opened

    shown = served.present()
    flag = Opened(
        "csat", "CSAT: 2, below 3", date(2026, 6, 14), "renew", "tenure:csat:alder:1", is_ours=True
    )
    rows = [replace(r, flags=[flag]) if r.account_id == "alder" else r for r in shown.rows]
    new = replace(shown, rows=rows, by_id={row.account_id: row for row in rows})
    monkeypatch.setattr(served, "_shown", new)
    return flag.flag_id


def test_the_queue_opens_with_the_account_that_loses_most_and_says_why(
    served: Home, signed_in: Signed, ours: str
) -> None:
    page = signed_in("maya").get("/today").content.decode()

    assert "1 account needs a decision" in page
    assert page.index("Alder Works") < page.index("Log touch")
    assert "Health fell by 22 points" in page
    assert "new</span>" in page


def test_a_reader_sees_the_queue_and_no_button(served: Home, signed_in: Signed, ours: str) -> None:
    tom = signed_in("tom").get("/today?owner=everyone").content.decode()

    assert "Alder Works" in tom
    assert "Put down" not in tom
    assert signed_in("tom").post("/accounts/alder/flags", {"flag": ours, **WHY}).status_code == 404


def test_a_hold_is_taken_back_by_whoever_made_it_and_nobody_else(
    served: Home, signed_in: Signed, ours: str
) -> None:
    signed_in("maya").post("/accounts/alder/flags", {"flag": ours, **WHY})
    number = Hold.objects.get().pk

    assert signed_in("jonas").post(f"/holds/{number}/undo").status_code == 404
    assert signed_in("maya").get(f"/holds/{number}/undo").status_code == 405
    assert Hold.objects.exists()


def test_the_past_is_read_and_not_acted_on(served: Home, signed_in: Signed, ours: str) -> None:
    page = signed_in("maya").get("/today?as_of=2026-05-01").content.decode()

    assert "As of 1 May 2026" in page
    assert "Put down" not in page
    assert signed_in("maya").get("/accounts/alder/flags?as_of=2026-05-01").status_code == 404


def test_an_empty_day_says_what_comes_next(served: Home, signed_in: Signed) -> None:
    page = signed_in("maya").get("/today").content.decode()

    assert "Nothing is due." in page
    assert "No account is flagged." in page
