"""Refused rows in the browser: read as another value from now on, given back as a file, guarded, paged, left out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from awaiting import finished
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tenure.desk import import_files
from tenure.desk.home import Home
from tenure.desk.models import AuditEntry, Upload
from tenure.facts.mapping import find_mapping
from tenure.workspace import Workspace

Signed = Callable[[str], Client]
KUNDEN = (
    "Customer No,Company,Start Date\n1,Meridian,n/a\n2,=1+1,n/a\n3,Cobalt,soon\n4,Onyx,2025-01-01\n"
)


COLUMNS = {"account_id": "Customer No", "name": "Company", "start_date": "Start Date"}


def imported(client: Client, name: str, text: str) -> int:
    file = SimpleUploadedFile(name, text.encode())
    address = client.post("/data/import", {"files": [file], "source": "crm", "key": ""})["Location"]
    if name == "kunden 1.csv":
        client.post(address, {"act": "table", "name": name, "table": "accounts"})
        chosen = {f"accounts.{ours}.from": theirs for ours, theirs in COLUMNS.items()}
        client.post(address, {"act": "columns", "file": "kunden_1"} | chosen)
    client.post(address, {"act": "import"})
    upload = Upload.objects.get(pk=address.rsplit("/", 1)[1])
    number = import_files.until_done(upload).number
    assert number is not None
    return number


def names(home: Home) -> dict[str, str]:
    return dict(Workspace.open(home.folder).facts().rows("accounts", ["account_id", "name"]))


def test_one_value_is_read_as_another_in_all_rows_and_from_now_on(
    writable: Home, signed_in: Signed
) -> None:
    olga = signed_in("olga")
    number = imported(olga, "kunden 1.csv", KUNDEN)
    address = f"/data/imports/{number}/refused"
    assert "2 rows: Start Date" in olga.get(address).content.decode()

    said = {
        "act": "read_as",
        "column": "Start Date",
        "value": "n/a",
        "instead": "",
        "from_now_on": "on",
    }
    assert olga.post(address, said).status_code == 302
    assert set(names(writable)) >= {"1", "2", "4"}
    page = olga.get(address).content.decode()
    assert "1 row of kunden 1.csv waits" in page
    mapping = find_mapping("crm", own=writable.folder / "catalogue" / "mappings")
    take = next(iter(mapping.files.values())).into["accounts"].takes()["start_date"]
    assert take.words == {"n/a": ""}
    assert {"correct rows", "save mapping"} <= set(
        AuditEntry.objects.values_list("verb", flat=True)
    )

    later = imported(olga, "kunden 2.csv", "Customer No,Company,Start Date\n9,Later,n/a\n")
    assert Workspace.open(writable.folder).waiting().get(later) is None
    assert names(writable)["9"] == "Later"


def test_a_file_named_after_a_table_gets_a_mapping_of_its_own_words(
    writable: Home, signed_in: Signed
) -> None:
    olga = signed_in("olga")
    number = imported(
        olga, "accounts.csv", "account_id,name,start_date\ngum,Gum,n/a\nnut,Nut,n/a\n"
    )
    said = {
        "act": "read_as",
        "column": "start_date",
        "value": "n/a",
        "instead": "2026-01-01",
        "from_now_on": "on",
    }

    assert olga.post(f"/data/imports/{number}/refused", said).status_code == 302
    later = imported(olga, "accounts-2.csv", "account_id,name,start_date\noak,Oak,n/a\n")
    assert Workspace.open(writable.folder).findings(later, level="error") == []
    assert {"gum", "nut", "oak"} <= set(names(writable))


def test_downloaded_rows_run_no_formula_and_land_when_they_come_back(
    writable: Home, signed_in: Signed
) -> None:
    olga = signed_in("olga")
    number = imported(olga, "kunden 1.csv", KUNDEN)
    answer = olga.get(f"/data/imports/{number}/refused.csv?file=kunden+1.csv")
    text = answer.content.decode()
    assert answer["Content-Disposition"] == f'attachment; filename="refused-{number}.csv"'
    assert answer["Cache-Control"] == "no-store"
    assert "'=1+1" in text
    assert ",=1+1" not in text

    changed = text.replace("n/a", "2025-05-05", 2)
    file = SimpleUploadedFile("refused.csv", changed.encode())
    answer = olga.post(f"/data/imports/{number}/refused", {"act": "file", "corrected": file})
    assert answer.status_code == 302
    assert names(writable)["2"] == "=1+1"
    assert Workspace.open(writable.folder).waiting() == {number: {"kunden 1.csv": 1}}


REFUSED_ACTS: tuple[tuple[dict[str, object], str], ...] = (
    ({"act": "leave", "line": ["4"], "why": " "}, "Say why they are not wanted"),
    ({"act": "leave", "line": [], "why": "x"}, "No row was chosen"),
    ({"act": "all", "row": ["4"]}, "No row was corrected"),
    ({"act": "file"}, "No corrected file was chosen"),
    ({"act": "read_as", "column": "Start Date", "value": "tomorrow"}, "No waiting row holds"),
    ({"act": "leave", "line": ["99"], "why": "x"}, "does not wait"),
)


def test_an_act_that_cannot_be_done_changes_nothing_and_says_why(
    writable: Home, signed_in: Signed
) -> None:
    olga = signed_in("olga")
    number = imported(olga, "kunden 1.csv", KUNDEN)
    for post, said in REFUSED_ACTS:
        answer = olga.post(f"/data/imports/{number}/refused", post)
        assert answer.status_code == 422, post
        assert said in answer.content.decode()
    assert Workspace.open(writable.folder).waiting() == {number: {"kunden 1.csv": 3}}


def test_many_refused_rows_have_pages(writable: Home, signed_in: Signed) -> None:
    olga = signed_in("olga")
    rows = "".join(f"{i},Firm {i},never\n" for i in range(120))
    number = imported(olga, "kunden 1.csv", "Customer No,Company,Start Date\n" + rows)
    page = olga.get(f"/data/imports/{number}/refused?page=3").content.decode()

    assert "Page 3 of 3" in page
    assert "line 102," in page
    assert "line 101," not in page


@pytest.mark.parametrize(("told", "pieces"), [(b"5000000", 1), (None, 60)])
def test_a_body_past_its_limit_never_reaches_the_pages(
    told: bytes | None, pieces: int, served: Home
) -> None:
    from dataclasses import replace

    from tenure.web.limits import cut_off

    settings = served._asked.settings
    served._asked.settings = replace(settings, web=replace(settings.web, upload_mb=1))
    seen: list[dict] = []

    async def pages(scope, receive, send) -> None:
        while True:
            message = await receive()
            seen.append(message)
            if not message.get("more_body"):
                return

    async def receive() -> dict:
        return {"type": "http.request", "body": b"x" * (100 << 10), "more_body": True}

    headers = [(b"content-length", told)] if told else []
    scope = {"type": "http", "path": "/data/import", "headers": headers}
    try:
        finished(cut_off(pages)(scope, receive, None))
    finally:
        served._asked.settings = settings

    assert sum(len(message.get("body", b"")) for message in seen) <= 2 << 20
    assert seen[-1]["type"] == ("http.request" if told else "http.disconnect")
