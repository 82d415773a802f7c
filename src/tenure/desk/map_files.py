"""How files given in the browser are read: a mapping chosen, guessed or arranged column by column, and kept for the source."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from tenure.desk.home import home
from tenure.desk.models import AuditEntry, Person, State, Upload
from tenure.desk.uploads import mapping_of, note, own_folder, paths_of, slug
from tenure.facts.arranging import Chosen, arranged, begun, checked, with_file, with_words
from tenure.facts.discover import surveyed_files, table_named
from tenure.facts.given import Given
from tenure.facts.mapping import Mapping as SourceMapping
from tenure.facts.mapping import find_mapping, read_mapping, shipped
from tenure.facts.mapping_text import mapping_text
from tenure.facts.reading import Reading
from tenure.facts.reading import Settings as ImportSettings
from tenure.facts.suggest import Looked, Suggestion, samples_of, suggested, suggested_as
from tenure.facts.table import shapes
from tenure.kernel.errors import UnknownName, UserError
from tenure.lake.durable import replace_file, sync
from tenure.lake.known import KnownFacts

KEPT_LOOKS = 64
_looks: OrderedDict[tuple[str, str, str], Looked] = OrderedDict()
_looking = threading.Lock()


@dataclass(frozen=True, slots=True)
class GivenFile:
    """One file, or sheet, of an upload: what it is called, and the thing that is read."""

    name: str
    given: Given
    is_claimed: bool


def files_in(upload: Upload, mapping: SourceMapping | None) -> list[GivenFile]:
    """The files and sheets of an upload, those that nobody claims included."""
    found = surveyed_files(paths_of(upload), mapping)
    return [
        *(GivenFile(one.name, one, is_claimed=True) for one in found.given),
        *(GivenFile(one.name, one, is_claimed=False) for one in found.unclaimed),
    ]


def begin(person: Person, upload: Upload) -> Upload:
    """The upload with the mapping a person will look at first: the source's own, a recognised one, or a guess."""
    own = own_folder()
    name = slug(upload.source)
    if (own / f"{name}.toml").is_file():
        upload.mapping_id = name
        try:
            claimed = any(file.is_claimed for file in files_in(upload, mapping_of(upload)))
        except UserError:
            claimed = True  # it does not load: the page says so, with the line
        if claimed:
            upload.save(update_fields=["mapping_id"])
            return upload
        upload.mapping_id = ""
    unclaimed = [file.given for file in files_in(upload, None) if not file.is_claimed]
    guesses = suggested(unclaimed, settings=_settings(upload), known=_known(), own=own)
    seen = [one.recognised[0].mapping for one in guesses if one.recognised]
    if seen:
        upload.mapping_id = max(set(seen), key=seen.count)
        upload.save(update_fields=["mapping_id"])
    elif any(one.table and one.table not in shapes() for one in guesses):
        usable = [one for one in guesses if one.table not in shapes()]
        _keep(person, upload, begun(name, usable), "guess mapping")
    return upload


def choose_mapping(person: Person, upload: Upload, name: str) -> None:
    """Read the files through another mapping; an empty name: by the tables they are named after; `guess`: begin anew.

    Raises:
        UnknownName: no such mapping. UserError: it does not load, or reads people's time.
    """
    _check_open(upload)
    if name == "guess":
        upload.mapping_id = upload.mapping_text = ""
        given = [file.given for file in files_in(upload, None)]
        guesses = suggested(given, settings=_settings(upload), known=_known(), own=own_folder())
        usable = [one for one in guesses if one.table not in shapes()]
        _keep(person, upload, begun(slug(upload.source), usable), "guess mapping")
        return
    if name:
        _check_time(find_mapping(name, own=own_folder()))
    with transaction.atomic():
        upload.mapping_id, upload.mapping_text = name, ""
        upload.save(update_fields=["mapping_id", "mapping_text"])
        note(person, "choose mapping", upload, {"mapping": name or "by name"})


def read_as(person: Person, upload: Upload, name: str, table: str) -> None:
    """Let a file feed another table: its columns are guessed anew for that table.

    Raises:
        UnknownName: no such file or table.
    """
    _check_open(upload)
    mapping = mapping_of(upload)
    if table in shapes():
        raise UnknownName("table", table, ())
    given = _file(upload, mapping, name).given
    one = suggested_as(given, table, settings=_settings(upload), known=_known())
    if one.stopped:
        raise UserError(one.stopped, where="table", code="upload.stopped")
    start = mapping or SourceMapping(
        slug(upload.source), upload.source, "Arranged on the Data pages.", {}
    )
    _keep(person, upload, with_file(start, replace(one, file=name)), "read file as table")


def arrange(
    person: Person,
    upload: Upload,
    key: str,
    reading: Mapping[str, str],
    chosen: Mapping[str, Mapping[str, Chosen]],
) -> None:
    """Read one file of the mapping as chosen; all else stays.

    Raises:
        UserError: it cannot be meant; the message says which line.
    """
    _check_open(upload)
    mapping = mapping_of(upload)
    if mapping is None or key not in mapping.files:
        raise UnknownName("file of the mapping", key, mapping.files if mapping else ())
    _keep(person, upload, arranged(mapping, key, reading, chosen), "change mapping")


def save_mapping(person: Person, mapping: SourceMapping, source: str) -> str:
    """The name under which the mapping is kept for the source from now on; what stood there is in the audit trail.

    Raises:
        UserError: it cannot be meant.
    """
    good, name = checked(mapping), slug(source)
    folder = own_folder()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}.toml"
    before = target.read_text(encoding="utf-8") if target.exists() else ""
    if before == good.content:
        return name
    with transaction.atomic():
        AuditEntry.objects.create(
            by=person,
            verb="save mapping",
            about=f"source {source}",
            content={"mapping": name, "before": before, "after": good.content},
        )
        replace_file(target, good.content.encode())
        sync([target, folder])
    return name


def read_word_as(
    person: Person,
    source: str,
    mapping: SourceMapping | None,
    file: str,
    words: Mapping[str, Mapping[str, str]],
) -> str:
    """Read some words of a file's columns as others whenever the source delivers; the name of the mapping that does.

    Args:
        person: who says so.
        source: whose mapping it becomes.
        mapping: by which the file was read; None: by its name, so that a mapping is made that reads our own columns.
        file: its name.
        words: source column -> its word -> ours.

    Raises:
        UserError: the mapping reads no single column from it.
    """
    saved = own_folder() / f"{slug(source)}.toml"
    start = find_mapping(slug(source), own=own_folder()) if saved.is_file() else mapping
    if start is None or start.file_for(file) is None:
        start = _by_name(start, source, file)
    for header, own in words.items():
        start = with_words(start, file, header, own)
    return save_mapping(person, start, source)


def looked(upload: Upload, file: GivenFile, reading: Reading | None) -> Looked:
    """The file's columns with values of its first rows; kept, since a page is looked at more than once."""
    stored = next((one for one in upload.files if file.name.startswith(one["name"])), None)
    digest = stored["digest"] if stored else file.given.digest
    key = (
        f"{digest} {file.name}",
        reading.encoding if reading else "",
        reading.delimiter if reading else "",
    )
    with _looking:
        if key in _looks:
            _looks.move_to_end(key)
            return _looks[key]
    found = samples_of(file.given, settings=_settings(upload), reading=reading)
    with _looking:
        _looks[key] = found
        while len(_looks) > KEPT_LOOKS:
            _looks.popitem(last=False)
    return found


def why_so(upload: Upload, file: GivenFile, table: str) -> Suggestion:
    """How sure each column of a table is for a file, and why."""
    return suggested_as(file.given, table, settings=_settings(upload), known=_known())


def mapping_names() -> list[tuple[str, str]]:
    """Every mapping that may be chosen, by name, with its title; those that read people's time are left out."""
    own = own_folder()
    mine = sorted(file.stem for file in own.glob("*.toml"))
    found = []
    for name in dict.fromkeys([*mine, *shipped()]):
        try:
            mapping = find_mapping(name, own=own)
            _check_time(mapping)
        except UserError:
            continue
        found.append((name, mapping.title))
    return found


def _by_name(mapping: SourceMapping | None, source: str, file: str) -> SourceMapping:
    """A mapping that reads our own columns of a file named after a table, beside what it read before."""
    named = table_named(file)
    if named is None or named in shapes():
        raise UserError(
            f"Nobody says how `{file}` is read.",
            remedy="Correct the rows one by one, or give the file again and arrange its columns.",
            code="mapping.words",
        )
    columns = "\n".join(f'{name} = "{name}"' for name in table_of(named))
    text = (
        f'title = "{slug(source)}"\nsays = "Files named after our tables, with words of our own."\n'
        f'[files.{named}]\nmatch = ["{named}.*", "{named}-*"]\noptional = ["*"]\n'
        f"[files.{named}.into.{named}.columns]\n{columns}\n"
    )
    made = read_mapping(text, name=f"mappings/{slug(source)}.toml", id=slug(source))
    return made if mapping is None else replace(mapping, files={**mapping.files, **made.files})


def table_of(name: str) -> Sequence[str]:
    """The columns of a canonical table."""
    from tenure.facts.table import table

    return list(table(name).columns)


def _keep(person: Person, upload: Upload, mapping: SourceMapping, verb: str) -> None:
    good = checked(mapping)
    _check_time(good)
    with transaction.atomic():
        upload.mapping_text = mapping_text(good)
        upload.mapping_id = slug(upload.source)
        upload.save(update_fields=["mapping_id", "mapping_text"])
        note(person, verb, upload, {"mapping": upload.mapping_id})


def _check_open(upload: Upload) -> None:
    if upload.state not in (State.OPEN, State.FAILED):
        raise UserError(
            "These files are imported, or are being imported.",
            remedy="Open the source to correct how they were read.",
            code="upload.state",
        )


def _check_time(mapping: SourceMapping) -> None:
    """People's time is summed up where it was made; nothing of it lies on this machine as it comes."""
    for key, file in mapping.files.items():
        for table, _ in file.targets():
            if table.id in shapes():
                raise UserError(
                    f"The mapping {mapping.id} reads people's time from `{key}`.",
                    remedy="Sum it up where it was made: `tenure time summarise`.",
                    code="upload.time",
                )


def _file(upload: Upload, mapping: SourceMapping | None, name: str) -> GivenFile:
    files = files_in(upload, mapping)
    found = next((one for one in files if one.name == name), None)
    if found is None:
        raise UnknownName("file", name, [one.name for one in files])
    return found


def _settings(upload: Upload) -> ImportSettings:
    return ImportSettings(time_zone=home().time_zone, source=upload.source)


def _known() -> KnownFacts:
    with home().workspace() as workspace:
        return KnownFacts(workspace.lake, workspace.snapshot)
