"""Files given in the browser: looked at, read as somebody chose, imported once whatever dies, and refused in words."""

from __future__ import annotations

import gzip
import io
import uuid
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tenure.desk import import_files
from tenure.desk.home import Home
from tenure.desk.models import AuditEntry, Person, State, Upload
from tenure.desk.uploads import folder_of, name_given, receive, sweep
from tenure.kernel import clock
from tenure.kernel.errors import UserError
from tenure.workspace import Workspace

Signed = Callable[[str], Client]
KUNDEN = "Customer No,Company,Size,Since\n1001,Meridian Health,Gold,03/02/2025\n1002,Baltic Freight,Bronze,17/03/2025\n"


def given(name: str, content: str | bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def give(client: Client, *files: SimpleUploadedFile, source: str = "crm", key: str = ""):
    return client.post("/data/import", {"files": list(files), "source": source, "key": key})


def imported(client: Client, answer) -> Upload:
    upload = Upload.objects.get(pk=answer["Location"].rsplit("/", 1)[1])
    assert client.post(answer["Location"], {"act": "import"}).status_code == 302
    return import_files.until_done(upload)


def names(home: Home) -> dict[str, str]:
    return dict(Workspace.open(home.folder).facts().rows("accounts", ["account_id", "name"]))


def test_a_guessed_mapping_is_looked_at_changed_previewed_imported_and_kept(
    writable: Home, signed_in: Signed
) -> None:
    olga = signed_in("olga")
    answer = give(olga, given("Kunden 2026-10.csv", KUNDEN))
    address = answer["Location"]
    page = olga.get(address).content.decode()
    assert "`Company` often means name" in page.replace("&#x60;", "`")
    assert "1 can only be day/month" in page
    assert "Gold" in page
    assert "One question first" in olga.get(address + "?step=preview").content.decode()

    columns = {
        "act": "columns", "file": "kunden_2026_10", "date_order": "day_month", "go": "preview",
        "accounts.segment.from": "Size", "accounts.segment.theirs0": "Gold", "accounts.segment.ours0": "enterprise",
        "accounts.segment.theirs1": "Bronze", "accounts.segment.ours1": "smb",
        "accounts.currency.from": "", "accounts.currency.constant": "EUR",
    }  # fmt: skip
    assert olga.post(address, columns)["Location"] == address + "?step=preview"
    page = olga.get(address + "?step=preview").content.decode()
    assert "2 new" in page
    assert "2025-02-03" in page
    assert "enterprise" in page

    upload = imported(olga, answer)
    assert upload.state == State.DONE
    writable.until_current(60)
    assert "Meridian Health" in olga.get("/book?owner=everyone").content.decode()
    text = (writable.folder / "catalogue" / "mappings" / "crm.toml").read_text()
    assert 'words = { Gold = "enterprise", Bronze = "smb" }' in text
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert verbs >= {
        "give files",
        "guess mapping",
        "change mapping",
        "import files",
        "save mapping",
    }

    again = give(olga, given("Kunden 2026-11.csv", KUNDEN.replace("Meridian", "Meridiana")))
    page = olga.get(again["Location"] + "?step=preview").content.decode()
    assert "1 replaced, 1 the same as before" in page


def test_a_file_named_after_a_table_needs_no_mapping_and_twice_changes_nothing(
    writable: Home, signed_in: Signed
) -> None:
    olga = signed_in("olga")
    rows = "account_id,name,start_date\ngum,Gum Ltd,2026-06-01\n"
    first = imported(olga, give(olga, given("accounts.csv", rows)))
    second = imported(olga, give(olga, given("accounts-again.csv", rows)))

    assert names(writable)["gum"] == "Gum Ltd"
    assert (second.number, second.said[:26]) == (first.number, "Every file had come before")
    page = olga.get(f"/data/uploads/{second.pk}").content.decode()
    assert "nothing was changed" in page


def test_a_click_sent_twice_is_one_upload_and_one_import(writable: Home, signed_in: Signed) -> None:
    olga, key = signed_in("olga"), str(uuid.uuid4())
    rows = "account_id,name,start_date\ngum,Gum Ltd,2026-06-01\n"
    answers = [give(olga, given("accounts.csv", rows), key=key) for _ in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Upload.objects.count() == 1

    for _ in range(2):
        olga.post(answers[0]["Location"], {"act": "import"})
    upload = import_files.until_done(Upload.objects.get())
    assert upload.state == State.DONE
    assert AuditEntry.objects.filter(verb="import files").count() == 1
    assert len(Workspace.open(writable.folder).imports()) == upload.number


def test_an_import_whose_process_died_is_carried_on_by_whoever_looks(
    writable: Home, signed_in: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the click and the lake, and between the lake and our own note of it."""
    olga = signed_in("olga")
    rows = "account_id,name,start_date\ngum,Gum Ltd,2026-06-01\n"
    answer = give(olga, given("accounts.csv", rows))
    monkeypatch.setattr(import_files, "carry_on", lambda upload: None)
    olga.post(answer["Location"], {"act": "import"})
    assert Upload.objects.get().state == State.COMMITTING
    assert "gum" not in names(writable)
    monkeypatch.undo()
    monkeypatch.setenv("TENURE_NOW", "2026-06-15T09:00:00")
    from tenure.desk import home as place

    monkeypatch.setattr(place, "_served", writable)

    page = olga.get(answer["Location"])
    assert page["Refresh"] == "2"
    upload = import_files.until_done(Upload.objects.get())
    assert (upload.state, names(writable)["gum"]) == (State.DONE, "Gum Ltd")

    Upload.objects.update(state=State.COMMITTING, number=None)
    import_files.carry_on(Upload.objects.get())
    again = import_files.until_done(Upload.objects.get())
    assert (again.state, again.number) == (State.DONE, upload.number)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("accounts.csv", b"", "is empty"),
        ("setup.exe", b"MZ\x90", "of a kind that is not read here"),
        ("book.xls", b"\xd0\xcf", "Save it as .xlsx"),
        ("no_ending", b"a,b\n1,2\n", "of a kind that is not read here"),
        ("time_entries.csv", b"a,b\n1,2\n", "people&#x27;s time"),
        ("buckets.json", b'{"buckets": {}}', "people&#x27;s time"),
    ],
)
def test_what_cannot_be_imported_is_refused_in_words_and_nothing_stays(
    name: str, content: bytes, said: str, writable: Home, signed_in: Signed
) -> None:
    answer = give(signed_in("olga"), given(name, content))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'value="crm"' in answer.content.decode()
    assert not Upload.objects.exists()
    uploads = writable.folder / "uploads"
    assert not uploads.exists() or not list(uploads.iterdir())


@pytest.mark.parametrize(
    ("files", "source", "said"),
    [
        ([], "crm", "No file was chosen"),
        (["a.csv"], "", "no name for a source"),
        (["a.csv"], "<script>", "no name for a source"),
        (["a.csv", "A/../a.csv"], "crm", "Two files are called"),
        ([f"f{i}.csv" for i in range(41)], "crm", "too many at once"),
    ],
)
def test_a_form_that_cannot_be_meant_is_refused(
    files: list[str], source: str, said: str, served: Home, people: dict[str, Person]
) -> None:
    with pytest.raises(UserError) as refused:
        receive(people["olga"], [(name, io.BytesIO(b"a,b\n")) for name in files], source=source)
    assert said in str(refused.value)


def bomb() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("xl/worksheets/sheet1.xml", b"0" * (40 << 20))
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("accounts.csv", b"\x00\x01\x02\xff\xfe" * 400),
        ("accounts.csv.gz", b"not gzip at all"),
        ("accounts.csv.gz", gzip.compress(b"0" * (12 << 20))),
        ("accounts.parquet", b"PAR1 broken"),
        ("accounts.xlsx", b"PK\x03\x04 broken"),
        ("accounts.xlsx", bomb()),
    ],
)
def test_junk_stops_at_the_preview_with_a_reason_and_imports_nothing(
    name: str, content: bytes, writable: Home, signed_in: Signed
) -> None:
    olga = signed_in("olga")
    before = names(writable)
    answer = give(olga, given(name, content))
    if answer.status_code == 302:
        for step in ("", "?step=preview"):
            page = olga.get(answer["Location"] + step)
            assert page.status_code in (200, 422)
        assert (
            "refused" in page.content.decode() or "Nothing could be read" in page.content.decode()
        )
        olga.post(answer["Location"], {"act": "import"})
        upload = import_files.until_done(Upload.objects.get())
        assert upload.state in (State.FAILED, State.OPEN)
    else:
        assert answer.status_code == 422
    assert names(writable) == before


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_files_of_other_encodings_are_read(
    encoding: str, writable: Home, signed_in: Signed
) -> None:
    olga = signed_in("olga")
    rows = "account_id,name,start_date\ngum,Café Übersee – München,2026-06-01\n".encode(encoding)
    answer = give(olga, given("accounts.csv", rows))
    assert "Café Übersee" in olga.get(answer["Location"] + "?step=preview").content.decode()
    imported(olga, answer)
    assert names(writable)["gum"] == "Café Übersee – München"


def test_what_is_larger_than_allowed_is_refused_before_it_is_read(
    served: Home, signed_in: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    settings = served._asked.settings
    monkeypatch.setattr(
        served._asked, "settings", replace(settings, web=replace(settings.web, upload_mb=1))
    )
    olga = signed_in("olga")
    answer = give(olga, given("accounts.csv", b"a,b\n" * (600 << 10)))
    assert answer.status_code == 413
    assert "larger than 2 MB" in answer.content.decode()

    answer = give(olga, given("accounts.csv", b"a,b\n" * (300 << 10)))
    assert answer.status_code == 422
    assert "larger than 1 MB" in answer.content.decode()
    assert not Upload.objects.exists()


def test_columns_that_are_not_stored_never_lie_on_the_disk(
    writable: Home, signed_in: Signed
) -> None:
    olga = signed_in("olga")
    rows = "account_id,name,start_date,screenshot_path\ngum,Gum Ltd,2026-06-01,/shots/secret.png\n"
    answer = give(olga, given("accounts.csv", rows))

    page = olga.get(answer["Location"] + "?step=preview").content.decode()
    assert "1 column dropped: screenshot_path" in page
    for file in (writable.folder / "uploads").rglob("*"):
        assert file.is_dir() or b"secret" not in file.read_bytes()
    imported(olga, answer)
    assert names(writable)["gum"] == "Gum Ltd"


def test_names_are_our_own_on_the_disk_and_plain_on_the_page(
    writable: Home, signed_in: Signed
) -> None:
    assert name_given("../../etc/accounts.csv") == "accounts.csv"
    assert name_given("C:\\x\\book!1.xlsx") == "book_1.xlsx"
    assert name_given("a\x00b\u202e.csv") == "a_b_.csv"
    assert len(name_given("x" * 400 + ".csv.gz")) == 200
    olga = signed_in("olga")
    answer = give(
        olga, given("accounts.<img src=x>.csv", "account_id,name,start_date\ng,G,2026-06-01\n")
    )
    upload = Upload.objects.get()
    assert [f.name for f in folder_of(upload.pk).iterdir()] == ["0001.csv"]
    page = olga.get(answer["Location"]).content.decode()
    assert "<img src=x>" not in page


def test_an_upload_is_for_ops_and_for_whoever_gave_it(writable: Home, signed_in: Signed) -> None:
    rows = "account_id,name,start_date\ngum,Gum Ltd,2026-06-01\nnut,Nut,never\n"
    olgas = give(signed_in("olga"), given("accounts.csv", rows))["Location"]
    gils = give(signed_in("gil"), given("accounts.csv", rows.replace("Gum", "Gom")))["Location"]

    assert signed_in("gil").get(olgas).status_code == 404
    assert signed_in("gil").get(gils).status_code == 200
    assert signed_in("olga").get(gils).status_code == 200
    assert signed_in("maya").get(olgas).status_code == 404
    upload = Upload.objects.get(pk=olgas.rsplit("/", 1)[1])
    signed_in("olga").post(olgas, {"act": "import"})
    number = import_files.until_done(upload).number
    page = signed_in("gil").get(f"/data/imports/{number}/refused").content.decode()
    assert "line 3" in page
    assert "Nut" not in page
    assert "never" not in page
    assert "never" not in signed_in("gil").get(f"/data/imports/{number}").content.decode()
    assert "never" in signed_in("olga").get(f"/data/imports/{number}").content.decode()
    post = {"act": "leave", "line": ["3"], "why": "x"}
    assert signed_in("gil").post(f"/data/imports/{number}/refused", post).status_code == 404
    assert (
        signed_in("gil").get(f"/data/imports/{number}/refused.csv?file=accounts.csv").status_code
        == 404
    )


def test_files_go_when_nobody_needs_them_and_a_discarded_one_at_once(
    writable: Home, signed_in: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga = signed_in("olga")
    rows = "account_id,name,start_date\ngum,Gum Ltd,2026-06-01\n"
    done = imported(olga, give(olga, given("accounts.csv", rows)))
    left = give(olga, given("accounts-b.csv", rows + "oak,Oak,2026-06-01\n"))["Location"]
    assert olga.post(left, {"act": "discard"}).status_code == 302
    assert not folder_of(uuid.UUID(left.rsplit("/", 1)[1])).exists()
    assert "removed" in olga.get(left).content.decode()

    assert sweep() == 0
    monkeypatch.setenv(
        "TENURE_NOW", (clock.now() + timedelta(days=31)).replace(tzinfo=None).isoformat()
    )
    assert sweep() == 1
    assert not folder_of(done.pk).exists()
    answer = olga.post(f"/data/imports/{done.number}/correct", follow=True)
    assert "no longer here" in answer.content.decode()


def test_a_mapping_that_cannot_be_meant_keeps_what_was_typed(
    writable: Home, signed_in: Signed
) -> None:
    olga = signed_in("olga")
    address = give(olga, given("Kunden 2026-10.csv", KUNDEN))["Location"]
    wrong = {"act": "columns", "file": "kunden_2026_10", "time_zone": "Mars/Olympus",
             "accounts.name.from": "", "accounts.name.constant": "typed here"}  # fmt: skip
    answer = olga.post(address, wrong)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "no time zone" in page
    assert 'value="Mars/Olympus"' in page
    assert 'value="typed here"' in page
    assert "Mars" not in Upload.objects.get().mapping_text


def test_a_wrong_mapping_is_corrected_and_its_rows_replaced(
    writable: Home, signed_in: Signed
) -> None:
    olga = signed_in("olga")
    answer = give(olga, given("Kunden 2026-10.csv", KUNDEN.replace("/", ".")))
    columns = {"act": "columns", "file": "kunden_2026_10", "date_order": "day_month",
               "accounts.name.from": "Size", "accounts.segment.from": ""}  # fmt: skip
    olga.post(answer["Location"], columns)
    first = imported(olga, answer)
    assert names(writable)["1001"] == "Gold"

    fresh = olga.post(f"/data/imports/{first.number}/correct")["Location"]
    assert f"replaces import {first.number}" in olga.get(fresh).content.decode()
    olga.post(
        fresh, {**columns, "accounts.name.from": "Company", "accounts.account_id.from": "Company"}
    )
    assert "2 closed" in olga.get(fresh + "?step=preview").content.decode()
    olga.post(fresh, {"act": "import"})
    done = import_files.until_done(Upload.objects.get(pk=fresh.rsplit("/", 1)[1]))

    assert done.state == State.DONE
    found = names(writable)
    assert found["Meridian Health"] == "Meridian Health"
    assert "1001" not in found
    assert olga.post(f"/data/imports/{done.number}/correct").status_code == 302


def test_sources_say_how_they_keep_time(
    writable: Home, signed_in: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace.open(writable.folder)
    for day in ("01", "03", "05", "07"):
        monkeypatch.setenv("TENURE_NOW", f"2026-06-{day}T09:00:00")
        workspace.load(
            {"accounts": [{"account_id": "gum", "name": f"Gum {day}", "start_date": "2026-01-01"}]},
            source="crm",
        )
    monkeypatch.setenv("TENURE_NOW", "2026-06-15T09:00:00")
    olga = signed_in("olga")

    page = olga.get("/data").content.decode()
    assert "2 sources; 1 late" in page
    assert "8 days ago, usually every 2 days" in page
    assert page.index("/data/sources/crm") < page.index("/data/sources/cast")
    late = olga.get("/data?view=late").content.decode()
    assert "/data/sources/cast" not in late
    assert "ARR in force" in olga.get("/data/sources/cast").content.decode()
    assert olga.get("/data/sources/nowhere").status_code == 404
    assert "1 of 2 sources late" in signed_in("maya").get("/data/freshness").content.decode()

    (writable.folder / "tenure.toml").write_text(
        (writable.folder / "tenure.toml").read_text() + "[sources.crm]\nevery_days = 10\n"
    )
    (crm,) = [feed for feed in Workspace.open(writable.folder).feeds() if feed.name == "crm"]
    assert (crm.rhythm, crm.is_declared, crm.is_late) == (10, True, False)


def test_an_empty_workspace_invites_the_first_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signed_in: Signed, db: None
) -> None:
    from conftest import serve

    Workspace.create(tmp_path / "new")
    serve(Home(tmp_path / "new"), monkeypatch)
    for address in ("/data", "/data/freshness", "/data/findings", "/data/import"):
        assert signed_in("olga").get(address).status_code == 200, address
    assert "Nothing has been loaded yet" in signed_in("olga").get("/data").content.decode()
