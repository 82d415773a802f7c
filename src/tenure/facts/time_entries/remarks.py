"""What may be said about a delivery of people's time: rule, place and remedy, and no content of it."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from tenure.facts.finding import Finding
from tenure.facts.not_stored import dropped_finding
from tenure.facts.prepare import Prepared
from tenure.facts.time_entries.activitywatch import Watched
from tenure.facts.time_entries.sieve import Sieve
from tenure.kernel.errors import TenureError
from tenure.kernel.wording import counted

TABLE = "time_totals"
_NUMBER_OR_TIME = re.compile(r"[0-9TZ .,:/+-]{1,40}")
_TOLD_LATER = (
    "reference.",
    "doubt.",
    "word.",
    "column.unknown",
    "column.unmapped",
    "column.refused",
)
"""Rules that the import itself tells of the totals, or that are told here in other words."""


@dataclass(slots=True)
class Remarks:
    """Findings about deliveries, the refused rows among them, and the files refused as a whole."""

    findings: list[Finding] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)
    stops: list[Finding] = field(default_factory=list)

    def findings_of(self, names: Sequence[str]) -> list[Finding]:
        """All findings of these files."""
        return [one for one in self.findings if one.file in names]

    def refused_of(self, names: Sequence[str]) -> list[Finding]:
        """The refused rows of these files."""
        return [one for one in self.refused if one.file in names]

    def stop_of(self, names: Sequence[str]) -> Finding | None:
        """The first refusal of one of these files as a whole."""
        return next((one for one in self.stops if one.file in names), None)

    def stopped(self, name: str, error: TenureError, columns: Set[str] = frozenset()) -> None:
        """A file was refused as a whole; `columns` are the names that may be repeated."""
        finding = Finding(
            rule=error.code, file=name, table_name=TABLE, says=_without_content(error.what, columns),
            remedy=_without_content(error.remedy, columns),
        )  # fmt: skip
        self.stops.append(finding)
        self.findings.append(finding)

    def take(self, said: Sequence[Finding], prepared: Prepared) -> None:
        """Findings of the reading, and a refused row for every line that one of them refused."""
        whole = {file.name: file.stopped for file in prepared.files if file.stopped}
        lines: set[tuple[str, int]] = set()
        for finding in said:
            self.findings.append(finding)
            if finding.rule == whole.get(finding.file):
                self.stops.append(finding)
            elif finding.outcome == "refused" and finding.line is not None:
                place = (finding.file, finding.line)
                self.refused += [finding] if place not in lines else []
                lines.add(place)

    def no_person(self, file: str, line: int) -> None:
        """A row whose user_id cannot be an id."""
        finding = Finding(
            rule="time.person", file=file, line=line, table_name=TABLE, column_name="user_id",
            says="is not an id: it is left out here, because it may be a name or the title of a window",
            remedy="give the user_id of team_members, without blanks",
        )  # fmt: skip
        self.findings.append(finding)
        self.refused.append(finding)

    def of_sieve(self, sieve: Sieve) -> None:
        """How many rows lost a word or an account; the words themselves are gone."""
        for file, count in sieve.words.items():
            if count:
                self.note(
                    "time.category", file,
                    f"{counted(count, 'row names', 'rows name')} a kind of work that is none of those known; "
                    "they count as uncategorised, and the words are not kept",
                    "use the words of time_totals.category, or map yours to them",
                )  # fmt: skip
        for file, count in sieve.without_account.items():
            self.note(
                "time.account", file,
                f"{counted(count, 'row has', 'rows have')} something in account_id that is no id of an account; "
                "the minutes count without one",
                "give the account's id, or leave it empty",
            )  # fmt: skip

    def of_export(self, name: str, found: Watched) -> None:
        """What an ActivityWatch export lacks."""
        if found.unread:
            self.note(
                "time.unread", name,
                f"{counted(found.unread, 'event')} could not be read and are left out",
                "export again, if they matter",
            )  # fmt: skip
        if found.without_away:
            self.note(
                "time.away_unknown", name,
                f"{counted(found.without_away, 'computer')} did not watch who was away; their time counts in full",
                "let aw-watcher-afk run beside the window watcher",
            )  # fmt: skip

    def note(self, rule: str, file: str, says: str, remedy: str) -> None:
        """A warning about a whole file."""
        self.findings.append(
            Finding(
                rule=rule,
                level="warning",
                outcome="warning",
                file=file,
                table_name=TABLE,
                says=says,
                remedy=remedy,
            )  # fmt: skip
        )


def said_again(
    connection: Any, prepared: Prepared, own: set[str], columns: set[str]
) -> list[Finding]:
    """The findings about the files `own` with nothing of their content, and one on dropped columns.

    `columns` are names that may be repeated; any other name or value could be what must not be kept.
    """
    names = [n for n in Finding.__dataclass_fields__ if n != "value"]
    rows = connection.execute(
        f"select {', '.join(names)}, value from {prepared.findings} order by rowid"
    ).fetchall()
    found: list[Finding] = []
    gone: dict[str, list[str]] = {}
    for *values, value in rows:
        finding = Finding(**dict(zip(names, values, strict=True)))
        if finding.file not in own:
            continue
        if finding.rule in ("column.unknown", "column.unmapped"):
            gone.setdefault(finding.file, []).append(finding.column_name)
        if finding.rule == "column.refused":
            listed = finding.says.partition("dropped: ")[2].partition(". Tenure")[0]
            gone.setdefault(finding.file, []).extend(listed.split(", "))
        if not finding.rule.startswith(_TOLD_LATER):
            found.append(_plain(finding, value, columns))
    return [*found, *(dropped_finding(names, file=file) for file, names in gone.items())]


def _plain(finding: Finding, value: str | None, columns: set[str]) -> Finding:
    named = finding.column_name in columns
    return replace(
        finding,
        table_name=TABLE,
        column_name=finding.column_name if named else "",
        value=value if value and _NUMBER_OR_TIME.fullmatch(value) else None,
        says=_without_content(finding.says, columns),
        remedy=_without_content(finding.remedy, columns),
    )


def _without_content(text: str, columns: Set[str]) -> str:
    """`text` without what it quotes, unless all of that is names of columns or plain numbers."""
    parts = text.split("`")
    quoted = parts[1::2]
    if all(part in columns or _NUMBER_OR_TIME.fullmatch(part) for part in quoted):
        return text
    # Content may hold the sign that quotes it: everything between the first and the last is left out.
    return f"{parts[0]}`…`{parts[-1]}"
