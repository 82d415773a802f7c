"""Refused rows of an import: by file, with what is wrong; corrected here, read differently, downloaded, or left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from tenure.desk.home import home
from tenure.desk.mend_rows import (
    ReadAs,
    leave_out_rows,
    may_mend,
    mend_from_file,
    mend_rows,
    read_value_as,
)
from tenure.desk.models import Person
from tenure.kernel.errors import TenureError, UserError
from tenure.kernel.wording import counted
from tenure.web.pages.data import person_for
from tenure.workspace.quarantine import Fix, Mended, StillRefused, WaitingRow

PAGE = 50
MOST_TEXT = 20 << 20


@dataclass(frozen=True, slots=True)
class RowShown:
    """A refused row with its cells as they may be corrected; `again`: why a correction was refused."""

    row: WaitingRow
    cells: Sequence[tuple[str, str, str, bool]]
    again: StillRefused | None
    may_fix: bool

    @property
    def whole(self) -> str:
        """The cells that are right, in one line."""
        return ", ".join(
            f"{header} {value}" for header, _, value, wrong in self.cells if not wrong and value
        )


@require_http_methods(["GET", "POST"])
def rows(request: HttpRequest, number: int) -> HttpResponse:
    """What waits of one file, fifty rows at a time."""
    person = person_for(request)
    files = _waiting(number)
    file = request.GET.get("file") or next(iter(files), "")
    if request.GET.get("file") and file not in files and request.method == "GET" and files:
        raise Http404
    if request.method == "POST":
        return _acted(request, person, number, file)
    return _shown(request, person, number, file)


def as_csv(request: HttpRequest, number: int) -> HttpResponse:
    """The rows of a file that wait, to be corrected in a spreadsheet and given back."""
    person = person_for(request)
    file = request.GET.get("file", "")
    if not may_mend(person, number) or file not in _waiting(number):
        raise Http404
    with home().workspace() as workspace:
        text = workspace.waiting_text(number, file)
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-{number}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _waiting(number: int) -> dict[str, int]:
    with home().workspace() as workspace:
        if all(summary.number != number for summary in workspace.imports()):
            raise Http404
        return workspace.waiting().get(number, {})


def _acted(request: HttpRequest, person: Person, number: int, file: str) -> HttpResponse:
    if not may_mend(person, number):
        raise Http404
    act = request.POST.get("act", "")
    try:
        if act == "leave":
            lines = [(file, int(line)) for line in request.POST.getlist("line") if line.isdecimal()]
            count = leave_out_rows(person, number, lines, request.POST.get("why", ""))
            messages.success(request, f"{counted(count, 'row')} left out.")
            return redirect(_address(request, number, file))
        done = _mended(request, person, number, file, act)
    except UserError as error:
        return _shown(request, person, number, file, error=error)
    if done.landed:
        messages.success(request, f"{counted(done.landed, 'row')} landed. {_seen_soon()}")
    if done.still:
        return _shown(request, person, number, file, still=done.still)
    return redirect(_address(request, number, file))


def _mended(request: HttpRequest, person: Person, number: int, file: str, act: str) -> Mended:
    data = request.POST
    if act == "read_as":
        said = ReadAs(
            data.get("column", ""), data.get("value", ""), data.get("instead", "").strip()
        )
        return read_value_as(
            person, number, file, said, from_now_on=data.get("from_now_on") == "on"
        )
    if act == "file":
        given = request.FILES.get("corrected")
        if given is None or (given.size or 0) > MOST_TEXT:
            raise UserError(
                "No corrected file was chosen, or it is too large.",
                remedy="Choose the file that was downloaded here, 20 MB at most.",
                code="fix.file",
            )
        try:
            text = given.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise UserError(
                "The corrected file is not UTF-8.", remedy="Save it as CSV UTF-8.", code="fix.file"
            ) from None
        return mend_from_file(person, number, file, text)
    lines = [int(line) for line in data.getlist("row") if line.isdecimal()]
    held = {row.line: row for row in _rows(number, file, lines)}
    fixes = []
    for line in lines:
        if line in held:
            cells = _cells_posted(data, held[line])
            if cells != held[line].cells or act == f"try-{line}":
                fixes.append(Fix(file, line, cells))
    return mend_rows(person, number, fixes)


def _cells_posted(data: Mapping[str, str], row: WaitingRow) -> dict[str, str | None]:
    cells = dict(row.cells)
    for place, header in enumerate(row.cells):
        typed = data.get(f"c{row.line}.{place}")
        if typed is not None and typed != (row.cells[header] or ""):
            cells[header] = typed
    return cells


def _rows(number: int, file: str, lines: Sequence[int]) -> list[WaitingRow]:
    with home().workspace() as workspace:
        return [
            row
            for row in workspace.waiting_rows(number, file, limit=100_000)
            if row.line in set(lines)
        ]


def _shown(
    request: HttpRequest,
    person: Person,
    number: int,
    file: str,
    *,
    still: Sequence[StillRefused] = (),
    error: TenureError | None = None,
) -> HttpResponse:
    readable = may_mend(person, number)
    with home().workspace() as workspace:
        files = workspace.waiting().get(number, {})
        source = workspace.source_of_import(number)
        page = Paginator(range(files.get(file, 0)), PAGE).get_page(request.GET.get("page"))
        held = workspace.waiting_rows(
            number, file, start=max(0, page.start_index() - 1), limit=PAGE
        )
        values = workspace.waiting_values(number, file) if readable else []
    again = {one.line: one for one in still}
    posted = request.POST if still or error else {}
    context: dict[str, Any] = {
        "number": number,
        "source": source,
        "file": file,
        "files": [(name, count) for name, count in files.items()],
        "total": files.get(file, 0),
        "page": page,
        "rows": [_row_shown(row, again.get(row.line), posted, readable=readable) for row in held],
        "values": [one for one in values if one[3] > 1],
        "readable": readable,
        "error": error,
        "still": still,
        "why": posted.get("why", "") if posted else "",
        "page_title": f"Refused rows of import {number}",
    }
    status = 422 if error or still else 200
    return render(request, "data/refused.html", context, status=status)


def _row_shown(
    row: WaitingRow, again: StillRefused | None, posted: Mapping[str, str], *, readable: bool
) -> RowShown:
    cells = [
        (
            header,
            f"c{row.line}.{place}",
            posted.get(f"c{row.line}.{place}", value or ""),
            header == row.column,
        )
        for place, (header, value) in enumerate(row.cells.items())
    ]
    return RowShown(row, cells if readable else (), again, may_fix=readable and bool(row.cells))


def _address(request: HttpRequest, number: int, file: str) -> str:
    query = {"file": file} if request.GET.get("file") and file in _waiting(number) else {}
    return reverse("refused", args=[number]) + (f"?{urlencode(query)}" if query else "")


def _seen_soon() -> str:
    return "The numbers show them within the minute."
