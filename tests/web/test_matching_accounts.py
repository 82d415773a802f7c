"""Accounts to match in the browser: suggested with evidence, shown with their effect, merged, undone, kept apart."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from tenure.desk.home import Home
from tenure.desk.models import AuditEntry
from tenure.workspace import Workspace

Signed = Callable[[str], Client]
SPAN = {"start_date": "2026-01-01", "end_date": "2027-01-01", "currency": "USD"}
PAIR = "/data/matching/pair"


def doubled(home: Home) -> None:
    """Billing calls Alder Works otherwise, and has a contract of it."""
    Workspace.open(home.folder).load(
        {
            "accounts": [{"account_id": "B/77", "name": "ALDER WORKS, Inc."}],
            "contracts": [{"contract_id": "cb", "account_id": "B/77", "status": "active", **SPAN}],
            "contract_lines": [
                {"line_id": "lb", "contract_id": "cb", "account_id": "B/77", "arr": 1000, "kind": "recurring", **SPAN}
            ],
            "health_scores": [{"account_id": "B/77", "score": 10, "score_date": "2026-06-15"}],
        },
        source="billing",
    )  # fmt: skip


def test_a_pair_is_suggested_looked_at_merged_and_undone(quiet: Home, signed_in: Signed) -> None:
    doubled(quiet)
    olga = signed_in("olga")
    assert "To match (1)" in olga.get("/data").content.decode()
    listed = olga.get("/data/matching").content.decode()
    assert "Without legal form and signs both are called Alder Works" in listed
    assert "Contracts of both run at one time" in listed

    looked = olga.get(PAIR, {"other": "B/77", "kept": "alder"}).content.decode()
    assert "121,000" in looked
    assert "1 row of Health scores would not count" in looked
    assert Workspace.open(quiet.folder).matches() == []

    done = olga.post(
        PAIR, {"act": "merge", "other": "B/77", "kept": "alder", "why": "same tax number"}
    )
    assert done.status_code == 302
    (held,) = Workspace.open(quiet.folder).matches()
    assert (held.by_said, held.why_said) == ("Olga Lind", "same tax number")
    after = olga.get("/data/matching").content.decode()
    assert "Merged (1)" in after
    assert "No two accounts look like one customer" in after

    assert olga.post("/data/matching", {"act": "undo", "other": "B/77"}).status_code == 302
    assert Workspace.open(quiet.folder).matches() == []
    verbs = AuditEntry.objects.filter(about="account B/77").values_list("verb", "content")
    assert [verb for verb, _ in verbs] == ["undo a merge", "merge accounts"]
    assert verbs[1][1]["why"] == "same tax number"


def test_two_customers_are_not_suggested_again_until_somebody_says_so(
    quiet: Home, signed_in: Signed
) -> None:
    doubled(quiet)
    olga = signed_in("olga")

    olga.post(PAIR, {"act": "reject", "other": "B/77", "kept": "alder", "why": "a subsidiary"})
    listed = olga.get("/data/matching").content.decode()
    assert "Said to be two (1)" in listed
    assert "a subsidiary" in listed
    assert "Look and decide</a>" not in listed

    olga.post("/data/matching", {"act": "again", "other": "B/77", "kept": "alder"})
    assert "Look and decide</a>" in olga.get("/data/matching").content.decode()
    verbs = list(AuditEntry.objects.values_list("verb", flat=True)[:2])
    assert verbs == ["suggest a match again", "keep accounts apart"]


def test_a_refused_merge_says_why_and_leaves_no_trace(quiet: Home, signed_in: Signed) -> None:
    olga = signed_in("olga")
    for ids, says in (
        (("alder", "alder"), "is itself already"),
        (("nobody", "alder"), "nobody"),
        (("", "alder"), "Two accounts are needed"),
    ):
        said = {"other": ids[0], "kept": ids[1]}
        for answer in (olga.get(PAIR, said), olga.post(PAIR, {"act": "merge", **said})):
            assert answer.status_code == 422
            assert says in answer.content.decode()
    olga.post(PAIR, {"act": "merge", "other": "birch", "kept": "alder"})
    circle = olga.post(PAIR, {"act": "merge", "other": "alder", "kept": "birch", "why": "typed"})

    assert circle.status_code == 422
    assert "would be a circle" in circle.content.decode()
    assert olga.post("/data/matching", {"act": "undo", "other": "elm"}).status_code == 422
    assert olga.post(PAIR, {"act": "other", "other": "a", "kept": "b"}).status_code == 404
    acts = AuditEntry.objects.filter(about__startswith="account ").values_list("verb", flat=True)
    assert list(acts) == ["merge accounts"]


def test_merged_twice_is_one_entry(quiet: Home, signed_in: Signed) -> None:
    olga = signed_in("olga")
    for _ in range(2):
        assert (
            olga.post(PAIR, {"act": "merge", "other": "birch", "kept": "alder"}).status_code == 302
        )

    assert AuditEntry.objects.filter(verb="merge accounts").count() == 1


def test_matching_is_for_ops_alone(quiet: Home, signed_in: Signed) -> None:
    for who in ("gil", "maya", "jonas", "rosa"):
        client = signed_in(who)
        assert client.get("/data/matching").status_code == 404
        answer = client.post(PAIR, {"act": "merge", "other": "birch", "kept": "alder"})
        assert answer.status_code == 404
    assert "To match" not in signed_in("gil").get("/data").content.decode()
    assert Workspace.open(quiet.folder).matches() == []


def test_an_old_address_leads_to_the_account_that_stays(writable: Home, signed_in: Signed) -> None:
    signed_in("olga").post(PAIR, {"act": "merge", "other": "birch", "kept": "elm"})
    writable.until_current()

    moved = signed_in("maya").get("/accounts/birch")
    assert (moved.status_code, moved["Location"]) == (302, "/accounts/elm")
    assert "Elm Logistics" in signed_in("jonas").get("/accounts/elm").content.decode()
    foreign = signed_in("rosa").get("/accounts/nowhere")
    assert foreign.status_code == 404
