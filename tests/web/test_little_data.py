"""A workspace with nothing in it, or with little: every page says what is missing and none fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from conftest import serve
from tenure.desk.home import Home
from tenure.workspace import Workspace

Signed = Callable[[str], Client]


def test_an_empty_workspace_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signed_in: Signed, db: None
) -> None:
    Workspace.create(tmp_path / "new")
    serve(Home(tmp_path / "new"), monkeypatch)

    for who in ("maya", "jonas", "paul", "olga", "rosa"):
        page = signed_in(who).get("/book?owner=everyone")
        assert page.status_code == 200
        assert "Nothing has been loaded yet" in page.content.decode()
    assert signed_in("jonas").get("/accounts/alder").status_code == 404


def test_accounts_alone_are_in_the_book_with_every_number_unknown_and_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signed_in: Signed, db: None
) -> None:
    workspace = Workspace.create(tmp_path / "few")
    row = {"account_id": "a/1", "name": "Alone", "start_date": "2026-01-01"}
    workspace.load({"accounts": [row]}, source="cast")
    serve(Home(tmp_path / "few"), monkeypatch)
    jonas = signed_in("jonas")

    book = jonas.get("/book").content.decode()
    account = jonas.get("/accounts/a~2f1").content.decode()

    assert "1 account, $0 ARR (of 1 unknown)" in book
    assert "Alone" in book
    assert "Unknown" in book
    assert "– no data" in book
    assert "No contacts have come in" in account
    assert "No contract is in force or to come" in account
    assert "No touch has come in" in account
    assert "No history of health is kept yet" in account


def test_a_touch_of_the_evening_is_of_the_day_on_the_companys_clocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """18:00 on 1 June in California is 2 June in UTC; nothing has come for two weeks since."""
    workspace = Workspace.create(tmp_path / "west", time_zone="America/Los_Angeles")
    workspace.load(
        {
            "accounts": [{"account_id": "a", "name": "A", "start_date": "2026-01-01"}],
            "health_scores": [{"account_id": "a", "score": 60, "score_date": "2026-05-20"}],
            "activities": [
                {"activity_id": "t", "account_id": "a", "activity_type": "call", "status": "completed",
                 "occurred_at": "2026-06-02T01:00:00+00:00", "direction": "two_way"}
            ],
        },
        source="cast",
    )  # fmt: skip

    shown = workspace.present()

    assert shown.day == date(2026, 6, 1)
    assert [t.at.date() for t in workspace.account("a", shown).touches] == [date(2026, 6, 1)]
