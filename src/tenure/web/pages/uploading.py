"""Import in the browser: give files, look at the mapping, look at what would happen, import; one address per upload."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from tenure.desk.home import home
from tenure.desk.import_files import (
    STEPS,
    carry_on,
    correct,
    import_upload,
    preview_of_upload,
)
from tenure.desk.map_files import (
    GivenFile,
    arrange,
    begin,
    choose_mapping,
    files_in,
    looked,
    mapping_names,
    read_as,
    why_so,
)
from tenure.desk.models import Person, State, Upload
from tenure.desk.uploads import KEPT, discard, mapping_of, receive, upload_of
from tenure.facts.arranging import arranged
from tenure.facts.mapping import Mapping as SourceMapping
from tenure.facts.preview import FilePreview, TablePreview
from tenure.facts.table import tables
from tenure.kernel.errors import Question, SourceError, TenureError, UserError
from tenure.web.feed_words import bytes_said
from tenure.web.mapping_form import FileForm, form_of, read_form
from tenure.web.pages.data import person_for

EFFECTS = (("new", "new"), ("replaced", "replaced"), ("repeats", "the same as before"),
           ("closed", "closed"), ("refused", "refused: an event's id used twice"))  # fmt: skip
WAIT = "2"
"""Seconds between two looks at a running import, with or without script."""


@require_http_methods(["GET", "POST"])
def give(request: HttpRequest) -> HttpResponse:
    """Step one: files and the source they come from."""
    person = person_for(request)
    typed = {"source": request.GET.get("source", ""), "key": str(uuid.uuid4())}
    error: TenureError | None = None
    if request.method == "POST":
        typed = {"source": request.POST.get("source", ""), "key": str(uuid.uuid4())}
        files = [(one.name or "", one) for one in request.FILES.getlist("files")]
        try:
            upload = receive(
                person, files, source=typed["source"], key=_key(request.POST.get("key", ""))
            )  # fmt: skip
            if not (upload.mapping_id or upload.state != State.OPEN):
                with suppress(UserError, SourceError):  # the next page says what stands in the way
                    begin(person, upload)
            return redirect("upload", upload.pk)
        except TenureError as caught:
            error = caught
    with home().workspace() as workspace:
        names = [feed.name for feed in workspace.feeds() if feed.name != "tenure-desk"]
    context = {
        "typed": typed,
        "error": error,
        "names": names,
        "upload_mb": home().upload_mb,
        "page_title": "Import",
    }
    return render(request, "data/give.html", context, status=422 if error else 200)


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, number: UUID) -> HttpResponse:
    """The steps after that, whichever the upload has come to."""
    person = person_for(request)
    found = upload_of(person, number)
    if request.method == "POST":
        return _acted(request, person, found)
    if found.state == State.COMMITTING:
        carry_on(found)
        found.refresh_from_db()
    if found.state in (State.COMMITTING, State.DONE) or not found.has_files:
        return _told(request, found)
    if request.GET.get("step") == "preview":
        return _previewed(request, found)
    return _mapping_page(request, found)


@require_POST
def correct_import(request: HttpRequest, number: int) -> HttpResponse:
    """Read the files of an import anew: a new upload that will replace what it brought."""
    person = person_for(request)
    try:
        fresh = correct(person, number)
    except UserError as error:
        messages.error(request, str(error))
        return redirect("import", number)
    return redirect("upload", fresh.pk)


def _acted(request: HttpRequest, person: Person, found: Upload) -> HttpResponse:
    act = request.POST.get("act", "")
    address = reverse("upload", args=[found.pk])
    try:
        if act == "mapping":
            choose_mapping(person, found, request.POST.get("mapping", ""))
        elif act == "table":
            read_as(person, found, request.POST.get("name", ""), request.POST.get("table", ""))
        elif act == "columns":
            _arrange(request, person, found)
            if request.POST.get("go") == "preview":
                address += "?step=preview"
        elif act == "import":
            import_upload(person, found)
        elif act == "discard":
            discard(person, found)
            messages.success(request, "The files were removed. Nothing was imported.")
            return redirect("data")
    except (UserError, SourceError) as error:
        posted = request.POST if act == "columns" else None
        if act == "import":
            return _previewed(request, found, error=error)
        return _mapping_page(request, found, error=error, posted=posted)
    return redirect(address)


def _arrange(request: HttpRequest, person: Person, found: Upload) -> None:
    mapping = mapping_of(found)
    key = request.POST.get("file", "")
    if mapping is None or key not in mapping.files:
        raise UserError(
            "The mapping changed meanwhile.", remedy="Look at it again.", code="upload.state"
        )
    reading, chosen = read_form(request.POST.dict(), mapping.files[key])
    arrange(person, found, key, reading, chosen)


@dataclass(frozen=True, slots=True)
class FileStep:
    """One file on the mapping step: its form, or why there is none; `table` where its name says what it is."""

    name: str
    form: FileForm | None
    table: str = ""
    wrong: str = ""
    chosen: str = ""


def _mapping_page(
    request: HttpRequest, found: Upload, *, error: TenureError | None = None, posted: Any = None
) -> HttpResponse:
    steps: list[FileStep] = []
    mapping: SourceMapping | None = None
    try:
        mapping = mapping_of(found)
        shown = _as_posted(mapping, posted) if mapping is not None and posted else mapping
        steps = [_step(found, file, mapping, shown) for file in files_in(found, mapping)]
    except (UserError, SourceError) as caught:
        error = error or caught
    context = _around(found, "mapping") | {
        "error": error,
        "steps": steps,
        "mapping": mapping,
        "names": mapping_names(),
        "tables": [(one.id, one.title) for one in tables().values()],
        "is_ready": any(one.form or one.table for one in steps),
    }
    return render(request, "data/mapping.html", context, status=422 if error else 200)


def _as_posted(mapping: SourceMapping, posted: Any) -> SourceMapping:
    """The mapping as the refused form has it, so that it keeps what was typed."""
    key = posted.get("file", "")
    if key not in mapping.files:
        return mapping
    reading, chosen = read_form(posted.dict(), mapping.files[key])
    return arranged(mapping, key, reading, chosen)


def _step(
    found: Upload, file: GivenFile, mapping: SourceMapping | None, shown: SourceMapping | None
) -> FileStep:
    """The file read by `mapping`; its form says what `shown` says, which may be what cannot be meant."""
    claimed = mapping.file_for(file.name) if mapping is not None else None
    if claimed is None or shown is None:
        return FileStep(file.name, None, file.given.table or "")
    key, declared = claimed[0], shown.files[claimed[0]]
    seen = looked(found, file, claimed[1].reading())
    if seen.stopped:
        return FileStep(file.name, None, wrong=seen.stopped)
    guesses = {
        table.id: why_so(found, file, table.id)
        for table, _ in declared.targets()
        if not _has_formulas(declared, table.id)
    }
    chosen = next((table.id for table, _ in declared.targets()), "")
    return FileStep(file.name, form_of(key, declared, seen, guesses), chosen=chosen)


def _has_formulas(declared: Any, table: str) -> bool:
    """A shipped mapping's own reasons are better than a guess."""
    from tenure.facts.mapping_text import is_plain

    return not all(
        is_plain(value)
        for key, target in declared.into.items()
        if (target.table or key) == table
        for value in target.columns.values()
    )


@dataclass(frozen=True, slots=True)
class TableShown:
    """Rows of one table as they would be stored, or as they stand in the file while a question is open."""

    table: str
    accepted: int | None
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    is_stored: bool


@dataclass(frozen=True, slots=True)
class FileShown:
    """One file of the preview."""

    said: FilePreview
    tables: Sequence[TableShown]


def _previewed(
    request: HttpRequest, found: Upload, *, error: TenureError | None = None
) -> HttpResponse:
    context = _around(found, "preview") | {"error": error}
    try:
        preview = preview_of_upload(found)
    except Question as asked:
        context |= {"question": str(asked)}
    except (UserError, SourceError) as caught:
        context |= {"error": error or caught}
    else:
        context |= {
            "preview": preview,
            "question": preview.question,
            "files": [
                FileShown(one, [_table_shown(table) for table in one.tables])
                for one in preview.files
            ],
            "effects": [
                (table, [(counts[name], word) for name, word in EFFECTS if counts[name]])
                for table, counts in preview.effects.items()
            ],
            "refused": sum(one.refused or 0 for one in preview.files),
        }
    return render(request, "data/preview.html", context, status=422 if context["error"] else 200)


def _table_shown(one: TablePreview) -> TableShown:
    is_stored = any(column.after for column in one.columns)
    cells = [column.after if is_stored else column.before for column in one.columns]
    most = max((len(column) for column in cells), default=0)
    rows = [
        [(column[i] if i < len(column) else None) or "" for column in cells] for i in range(most)
    ]
    names = [column.column for column in one.columns]
    return TableShown(one.table, one.accepted, names, rows, is_stored)


def _told(request: HttpRequest, found: Upload) -> HttpResponse:
    context = _around(found, "import") | {
        "step_said": STEPS.get(found.step, "getting ready"),
        "percent": round(100 * found.share),
    }
    response = render(request, "data/importing.html", context)
    if found.state == State.COMMITTING:
        response["Refresh"] = WAIT
    return response


def _around(found: Upload, step: str) -> dict[str, Any]:
    return {
        "upload": found,
        "files_given": [
            (one["name"], bytes_said(one["bytes"]), one["dropped"]) for one in found.files
        ],
        "step": step,
        "kept_days": KEPT.days,
        "page_title": f"Import from {found.source}",
    }


def _key(said: str) -> UUID | None:
    try:
        return UUID(said)
    except ValueError:
        return None
