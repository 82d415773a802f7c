"""Trust T1: what cannot be collected goes in by every door, and nothing of it is anywhere afterwards."""

from __future__ import annotations

import gzip
import inspect
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import planted
import pytest
from doors import DOORS
from planted import (
    ADDRESS,
    BESIDE,
    CONTENT,
    INNOCENT,
    MINUTES,
    NAME,
    OWN,
    ROWS,
    TITLE,
    WORD,
    as_csv,
    as_export,
    as_json_lines,
    as_parquet,
    as_workbook,
    dicts,
    found_in,
)
from typer.main import get_command

from tenure.cli.app import app
from tenure.facts.discover import discover
from tenure.facts.finding import FINDING_COLUMNS, QUARANTINE_COLUMNS
from tenure.facts.known import NothingKnown
from tenure.facts.mapping import read_mapping, shipped
from tenure.facts.not_stored import kind_like, kind_named, refused
from tenure.facts.reading import Reading, Settings
from tenure.facts.sources import bulk
from tenure.facts.sources.reduced import Reduced
from tenure.facts.table import shapes, tables
from tenure.facts.time_entries.delivered import as_totals, words_of
from tenure.facts.time_entries.gathered import Surroundings
from tenure.kernel.errors import SourceError, UserError
from tenure.lake import imports
from tenure.workspace import Workspace

HEADERS = (*OWN, *BESIDE)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that knows maya and one account; copied, never used itself."""
    made = Workspace.create(tmp_path_factory.mktemp("furnished") / "w")
    made.load({"team_members": [{"user_id": "maya"}], "accounts": [{"account_id": "A-1"}]})
    return made.folder


@pytest.fixture
def workspace(furnished: Path, tmp_path: Path) -> Workspace:
    return Workspace.open(shutil.copytree(furnished, tmp_path / "w"))


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    (tmp_path / "exports").mkdir()
    return tmp_path / "exports"


def kept(workspace: Workspace) -> dict[tuple[str, str], int]:
    rows = workspace.facts().rows("time_totals", ["category", "account_id", "minutes"])
    return {(kind, account or ""): int(minutes) for kind, account, minutes in rows}


@pytest.mark.parametrize("headers", [HEADERS, (*OWN, *INNOCENT)], ids=["named", "innocent"])
@pytest.mark.parametrize("door", list(DOORS))
def test_nothing_planted_in_a_delivery_of_time_stays(
    workspace: Workspace, exports: Path, door: str, headers: tuple[str, ...]
) -> None:
    done = DOORS[door](workspace, exports, headers)
    assert kept(workspace) == MINUTES  # it was read at all
    assert done.refused == 3  # a name for a person, a title for a start, an address for an end
    assert found_in(workspace.folder) == []
    told = [str(finding) for finding in workspace.findings()]
    assert [t for t in told if "Tenure does not store these." in t]
    assert not any(token in text for text in told for token in planted.TOKENS)
    assert not any(token in str(workspace.refused()) for token in planted.TOKENS)


def test_an_activitywatch_export_sent_whole_leaves_minutes_and_nothing_else(
    workspace: Workspace, exports: Path
) -> None:
    (exports / "time_entries-maya.json").write_bytes(as_export())
    done = workspace.import_folder(exports)
    assert kept(workspace) == {
        ("internal", ""): 60,
        ("uncategorised", ""): 50,
        ("support_tickets", ""): 10,
    }
    assert done.refused == 0
    assert found_in(workspace.folder) == []


def test_totals_with_words_of_ones_own_are_added_up_without_them(
    workspace: Workspace, exports: Path
) -> None:
    headers = ("user_id", "week_start", "week_end", "category", "account_id", "minutes", "titles")
    week = ("maya", "2026-03-02", "2026-03-09")
    rows = (
        (*week, "internal", "A-1", "60", TITLE),
        (*week, TITLE, "", "20", TITLE),
        (*week, WORD, "", "10.5", ADDRESS),
        (*week, "uncategorised", NAME, "5", NAME),
        (*week, "qbr_prep", "", TITLE, NAME),
    )
    (exports / "time_totals.csv").write_bytes(as_csv(headers, rows))
    done = workspace.import_folder(exports)
    assert (done.rows, done.loaded, done.refused) == (3, 2, 1)
    assert kept(workspace) == {("internal", "A-1"): 60, ("uncategorised", ""): 35}
    assert found_in(workspace.folder) == []


@pytest.mark.parametrize(
    "content",
    [
        as_csv(CONTENT, (CONTENT,)),  # no header: content stands where names should
        as_csv(OWN, ((*ROWS[0][:4], TITLE, ADDRESS), ROWS[0][:5])),  # a cell too many
        b'user_id,started_at,ended_at\n"maya,' + TITLE.encode() + b"\nx,y,z\n",  # an open quote
        b"user_id,started_at,ended_at\nmaya," + f"{TITLE} ä\n".encode("cp1252") * 9,  # a guess
        as_csv((*OWN, TITLE, TITLE), (ROWS[0][:7],)),  # two columns of one name
        b"",
    ],
    ids=["no header", "many cells", "open quote", "encoding", "twins", "empty"],
)
def test_a_delivery_of_time_that_cannot_be_read_is_not_repeated_either(
    workspace: Workspace, exports: Path, content: bytes
) -> None:
    (exports / "time_entries.csv").write_bytes(content)
    said = ""
    try:
        workspace.import_folder(exports)
    except (SourceError, UserError) as error:
        said = str(error)
    (exports / "features.csv").write_text("feature_id\nF1\n")
    workspace.import_folder(exports)
    assert not any(token in said for token in planted.TOKENS)
    assert found_in(workspace.folder) == []


def test_a_large_delivery_of_time_is_copied_nowhere_while_it_is_read(
    workspace: Workspace, exports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # read at once, a file that is packed or not UTF-8 would be rewritten to a temporary file first
    content = as_csv(HEADERS, ROWS * 500).decode().encode("utf-16")
    assert len(content) > bulk.SMALLEST
    (exports / "time_entries.csv").write_bytes(content)
    (given,) = discover(exports).given

    def copied(*_: Any, **__: Any) -> None:
        raise AssertionError("a copy was made")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", copied)
    around = Surroundings(None, Settings(), NothingKnown(), words_of(workspace.folder))
    (totals,) = as_totals([given], around)
    assert isinstance(totals.rows, Reduced)
    assert totals.rows.cells.num_rows == len(MINUTES)


def test_no_door_says_what_it_dropped(workspace: Workspace, exports: Path, tenure: Any) -> None:
    (exports / "time_entries.csv").write_bytes(as_csv(HEADERS, ROWS))
    told = [
        tenure("import", exports, "-w", workspace.folder),
        tenure("findings", "-w", workspace.folder),
        tenure("refused", "-w", workspace.folder),
        tenure("doctor", "-w", workspace.folder),
    ]
    text = "\n".join(done.out + done.err for done in told)
    assert "6 columns dropped: " in text
    assert all(name in text for name in BESIDE)
    assert [token for token in planted.TOKENS if token in text] == []


@pytest.mark.parametrize("time", [True, False], ids=["time", "accounts"])
def test_an_import_that_dies_has_kept_nothing_of_it_in_its_intake(
    workspace: Workspace, exports: Path, monkeypatch: pytest.MonkeyPatch, time: bool
) -> None:
    if time:
        (exports / "time_entries.csv").write_bytes(as_csv(HEADERS, ROWS))
        (exports / "time_entries-maya.json").write_bytes(as_export())
    else:
        (exports / "accounts.csv").write_bytes(as_csv(*ACCOUNTS))

    class Killed(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as killing:
        killing.setattr(imports.carry, "carry_out", die)
        killing.setattr(imports, "_give_up", lambda *_: False)
        with pytest.raises(Killed):
            workspace.import_folder(exports)
    assert len(list(workspace.lake.intake.iterdir())) == 1
    assert found_in(workspace.folder) == []
    imports.recover(workspace.lake)  # and what was kept is enough to finish it
    assert list(workspace.lake.intake.iterdir()) == []
    assert found_in(workspace.folder) == []
    assert workspace.imports()[-1].loaded == (len(kept(workspace)) if time else 2) > 0


ACCOUNTS = (
    ("account_id", "Window Title", "name", "screenshot-path", "keystrokes_per_minute"),
    (("A-7", TITLE, "Meridian", planted.PICTURE, WORD), ("A-8", ADDRESS, "Baltic", NAME, WORD)),
)


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "jsonl", "xlsx", "parquet", "rows", "frame"])
def test_columns_of_refused_kinds_are_dropped_from_every_source(
    workspace: Workspace, exports: Path, kind: str
) -> None:
    headers, rows = ACCOUNTS
    path = exports / f"accounts.{kind}"
    if kind == "parquet":
        as_parquet(headers, rows, path)
    elif kind in ("rows", "frame"):
        given: Any = dicts(headers, rows)
        workspace.load({"accounts": pd.DataFrame(given) if kind == "frame" else given})
    else:
        text = as_csv(headers, rows)
        made = {"csv": text, "csv.gz": gzip.compress(text)} | {
            "jsonl": as_json_lines(headers, rows),
            "xlsx": as_workbook(headers, rows),
        }
        path.write_bytes(made[kind])
    if kind not in ("rows", "frame"):
        workspace.import_folder(exports)
    names = workspace.names_of("accounts")
    assert (names["A-7"], names["A-8"]) == ("Meridian", "Baltic")
    assert found_in(workspace.folder) == []
    (told,) = (f for f in workspace.findings() if f["rule"] == "column.refused")
    assert told["says"] == (
        "3 columns dropped: Window Title, screenshot-path, keystrokes_per_minute. "
        "Tenure does not store these."
    )
    assert told["level"] == "notice"


def test_rows_that_do_not_fit_beside_a_refused_column_are_refused_without_their_text(
    workspace: Workspace, exports: Path
) -> None:
    text = (
        "account_id,window_title,name\n"
        f'A-7,{TITLE},Meridian\nA-8,{TITLE},{WORD},x\nA-9,{WORD}\nA-1,{TITLE},"{WORD}" x\n'
    )
    (exports / "accounts.csv").write_text(text)
    done = workspace.import_folder(exports)
    assert (done.loaded, done.refused) == (1, 3)
    assert found_in(workspace.folder) == []


def test_the_same_file_is_known_again_though_its_content_is_gone(
    workspace: Workspace, exports: Path
) -> None:
    (exports / "accounts.csv").write_bytes(as_csv(*ACCOUNTS))
    (exports / "time_entries.csv").write_bytes(as_csv(HEADERS, ROWS))
    first = workspace.import_folder(exports)
    assert workspace.import_folder(exports).already
    assert workspace.import_folder(exports, again=True).repeats == first.loaded


def test_a_mapping_that_reads_a_refused_column_is_refused(
    workspace: Workspace, exports: Path, tmp_path: Path
) -> None:
    (exports / "x.csv").write_text("id,Window title\nA,b\n")
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'title="t"\nsays="t"\n[files.x]\nmatch=["x.csv"]\n[files.x.into.accounts.columns]\n'
        'account_id="id"\nname="Window title"\n'
    )
    with pytest.raises(UserError, match="does not store") as refusal:
        workspace.import_folder(exports, mapping)
    assert refusal.value.code == "column.refused"


def test_a_file_of_time_feeds_nothing_else(
    workspace: Workspace, exports: Path, tmp_path: Path
) -> None:
    (exports / "x.csv").write_text("u,s,e\nmaya,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z\n")
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'title="t"\nsays="t"\n[files.x]\nmatch=["x.csv"]\n[files.x.into.time_entries.columns]\n'
        'user_id="u"\nstarted_at="s"\nended_at="e"\n[files.x.into.team_members.columns]\nuser_id="u"\n'
    )
    with pytest.raises(UserError, match="feeds team_members, time_entries"):
        workspace.import_folder(exports, mapping)


def test_a_person_may_be_found_by_a_lookup_in_a_delivery_of_time(
    workspace: Workspace, exports: Path, tmp_path: Path
) -> None:
    workspace.load({"team_members": [{"user_id": "maya", "email": "maya@example.org"}]})
    (exports / "toggl.csv").write_text(
        "Email,Client,Project,Start,Duration,Description\n"
        f"maya@example.org,A-1,Calls,2026-03-02T09:00:00Z,3600,{TITLE}\n"
    )
    mapping = tmp_path / "toggl.toml"
    mapping.write_text(
        'title="t"\nsays="t"\n[files.x]\nmatch=["toggl*"]\n[files.x.into.time_entries.columns]\n'
        'user_id={ column="Email", lookup={ table="team_members", key="email", column="user_id" } }\n'
        'started_at="Start"\nduration="Duration"\naccount_id="Client"\n'
        'category={ column="Project", words={ Calls="customer_facing" } }\n'
    )
    workspace.import_folder(exports, mapping)
    assert kept(workspace) == {("customer_facing", "A-1"): 60}
    assert found_in(workspace.folder) == []


def test_no_table_has_a_place_for_it() -> None:
    for canonical in (*tables().values(), *shapes().values()):
        of_time = canonical.id in ("time_totals", "time_entries")
        for name, column in canonical.columns.items():
            for spelling in (name, *column.aliases):
                assert kind_named(spelling, of_time=of_time) is None, (canonical.id, spelling)
    for name in (*FINDING_COLUMNS, *QUARANTINE_COLUMNS):
        assert kind_named(name) is None


def test_no_command_and_no_call_has_a_place_for_it() -> None:
    names = set(commands(get_command(app)))
    for _, method in inspect.getmembers(Workspace, inspect.isfunction):
        names |= set(inspect.signature(method).parameters)
    names |= set(Reading.__dataclass_fields__)
    assert len(names) > 50
    assert [name for name in names if kind_named(name)] == []


def commands(group: Any) -> list[str]:
    """Names of all commands and options below a command group."""
    found = [parameter.name for parameter in group.params]
    for name, command in getattr(group, "commands", {}).items():
        found += [name, *commands(command)]
    return found


@pytest.mark.parametrize("name", sorted(shipped()))
def test_no_shipped_mapping_reads_it(name: str) -> None:
    mapping = read_mapping(shipped()[name], name=f"{name}.toml", id=name)
    for file in mapping.files.values():
        assert [c for c in file.columns_read() if kind_named(c)] == []


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("Window Title", "window_titles"), ("windowTitle", "window_titles"), ("active_window", "window_titles"),
        ("keystrokes_per_min", "keystrokes"), ("Mouse clicks", "mouse"), ("idle_seconds", "idleness"),
        ("screenshot_path", "pictures"), ("webcam_image", "pictures"), ("browser_url", "web_addresses"),
        ("email_body", "messages"), ("call_recording", "recordings"), ("GPS", "places"), ("mood", "moods"),
        ("title", None), ("url", None), ("category", None), ("account_id", None), ("is_trial", None),
    ],
)  # fmt: skip
def test_names_are_known_whatever_their_spelling(column: str, kind: str | None) -> None:
    assert kind_named(column) == kind


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("title", "window_titles"),
        ("URL", "web_addresses"),
        ("Attendees", "people"),
        ("minutes", None),
    ],
)
def test_sources_of_time_know_more_names(column: str, kind: str | None) -> None:
    assert kind_named(column, of_time=True) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (ADDRESS, "web_addresses"), ("www.example.org", "web_addresses"), ("mail.example.org", "web_addresses"),
        ("Inbox (3) - Outlook", "window_titles"), ("Salaries 2026.xlsx", "window_titles"),
        ("maya@example.org", "people"), ("A-1", None), ("0015g00000XyZAB", None), ("acme", None),
        ("550e8400-e29b-41d4-a716-446655440000", None), ("customer_facing", None),
    ],
)  # fmt: skip
def test_content_is_known_by_its_shape(text: str, kind: str | None) -> None:
    assert kind_like(text) == kind


def test_every_kind_of_the_promise_is_there() -> None:
    # trust T1: "keystrokes, mouse movement, idle time, screenshots, window titles, web addresses, the text of
    # mails and chats, recordings, location, camera, mood or anyone's health"
    assert {
        "keystrokes", "mouse", "idleness", "pictures", "window_titles", "web_addresses", "messages",
        "recordings", "places", "moods",
    } <= set(refused())  # fmt: skip
