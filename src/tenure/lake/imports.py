"""An import from the files given to the ledger's "done": claim, keep, prepare, commit, publish, tell.

Whatever dies in between, the input is kept and the next writer finishes it; nothing is doubled, because
every table knows the import by its id.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from tenure.facts.collected import without_refused
from tenure.facts.finding import Finding
from tenure.facts.given import Given
from tenure.facts.mapping import Mapping
from tenure.facts.reading import Settings
from tenure.facts.time_entries.delivered import as_totals, words_of
from tenure.facts.time_entries.gathered import Surroundings
from tenure.kernel import clock
from tenure.kernel.errors import Bug, TenureError
from tenure.kernel.points import point
from tenure.lake import carry, intake, ledger, snapshots
from tenure.lake.damage import mend
from tenure.lake.intake import Order
from tenure.lake.known import KnownFacts
from tenure.lake.lake import Lake
from tenure.lake.summary import FileOutcome, ImportSummary

Progress = Callable[[str, float], None]

RESERVE_MB = 256
"""Space that an import leaves free, beside three times its input."""


def run_import(
    lake: Lake,
    given: Sequence[Given],
    *,
    mapping: Mapping | None = None,
    settings: Settings | None = None,
    again: bool = False,
    complete: bool = False,
    corrects: Sequence[str] = (),
    withdrawing: bool = False,
    remarks: Sequence[Finding] = (),
    reserve_mb: int = RESERVE_MB,
    on_progress: Progress | None = None,
) -> ImportSummary:
    """What became of every row of `given`, once all of it is in the lake, on disk and in a snapshot.

    Files imported before in the same way are passed over; if all were, nothing is done and the summary is
    that import's, with `already` set. Two processes given the same files do the work once.

    Args:
        lake: where to.
        given: files and rows, from `facts.discover` or `facts.sources.rows.from_rows`.
        mapping: for foreign files.
        settings: how files are read, and what their source is called.
        again: import also what was imported before.
        complete: these are complete exports: keys of their source that they lack are closed.
        corrects: ids of imports that were read wrongly: what they brought is replaced, events too, and what
            they alone brought is closed.
        withdrawing: these rows are taken back: keys that their source had given last are closed.
        remarks: findings made before, such as files nobody claims.
        reserve_mb: space that must stay free.
        on_progress: told each step and the share done, 0 to 1.

    Raises:
        Question: the data can be read two ways. SourceError: every file was refused as a whole.
        LakeError: no space, a failed sync, a crowd of writers. In each case nothing is visible of it.
    """
    tell = on_progress or _silent
    recover(lake)
    settings = settings or Settings()
    given = _summed_up(lake, given, mapping, settings)
    recipe = _recipe(
        mapping, settings, complete=complete, corrects=corrects, withdrawing=withdrawing
    )
    fresh, known = _fresh(lake, given, recipe, mapping, again=again, complete=complete)
    if not fresh:
        return _told_again(given, known)
    fresh = without_refused(fresh, mapping=mapping, settings=settings)
    import_id = _import_id(lake, fresh, recipe, again=again)
    with lake.locked(intake.lock_of(import_id)):
        entry = ledger.entries(lake).get(import_id)
        if entry is not None and entry.state == "done":  # another process did it while we waited
            return _told_again(fresh, {one.digest: entry for one in fresh})
        entry = ledger.claim(
            lake, import_id, recipe=recipe, files={g.digest: g.name for g in fresh}
        )
        point("import.claimed")
        order = Order(
            import_id,
            entry.number,
            clock.now(),
            recipe,
            tuple(fresh),
            mapping,
            settings,
            complete,
            withdrawing,
            tuple(remarks),
            tuple(sorted(corrects)),
        )
        tell("keep", 0.05)
        summary = _kept_and_carried(lake, order, reserve_mb, tell)
    passed = [
        g for g in given if g.digest in known and all(g.digest != one.digest for one in fresh)
    ]
    return carry.with_passed_over(
        summary, [(g.name, g.digest, known[g.digest].number) for g in passed]
    )


def recover(lake: Lake) -> list[ImportSummary]:
    """The summaries of imports whose process died and which were finished now, oldest first.

    An input that was not kept whole is removed: nobody was told that it was accepted.
    """
    mend(lake)
    intake.sweep(lake)
    finished = []
    for import_id in intake.waiting(lake):
        with lake.locked_if_free(intake.lock_of(import_id)) as free:
            if free and (lake.intake / import_id / intake.MANIFEST).exists():
                finished += _finished(lake, import_id)
    for import_id in intake.incomplete(lake):
        with lake.locked_if_free(intake.lock_of(import_id)) as free:
            if free and import_id in intake.incomplete(lake):
                intake.forget(lake, import_id)
    for import_id, entry in ledger.entries(lake).items():
        if entry.state != "claimed":
            continue
        with lake.locked_if_free(intake.lock_of(import_id)) as free:
            if free and not (lake.intake / import_id).exists():
                _drop_if_still_claimed(lake, import_id)
    return finished


def _drop_if_still_claimed(lake: Lake, import_id: str) -> None:
    entry = ledger.entries(lake).get(import_id)
    if entry is not None and entry.state == "claimed":
        ledger.drop(lake, import_id)


def _kept_and_carried(lake: Lake, order: Order, reserve_mb: int, tell: Progress) -> ImportSummary:
    """The import done, or given up whole when it fails before the first table was touched."""
    try:
        kept = intake.keep(lake, order, reserve_mb=reserve_mb)
        return carry.carry_out(lake, kept, tell)
    except BaseException:
        _give_up(lake, order.import_id)
        raise


def _finished(lake: Lake, import_id: str) -> list[ImportSummary]:
    """A dead process's import, finished; nothing when its data cannot be read."""
    try:
        return [carry.carry_out(lake, intake.read(lake, import_id), _silent)]
    except TenureError:
        if _give_up(lake, import_id):
            return []  # its process would have failed too; nobody was told that it was accepted
        raise


def _give_up(lake: Lake, import_id: str) -> bool:
    """Whether the import is gone; one whose tables may be half written stays, to be finished later."""
    if import_id in intake.half_done(lake):
        return False
    intake.forget(lake, import_id)
    _drop_if_still_claimed(lake, import_id)
    return True


def _summed_up(
    lake: Lake, given: Sequence[Given], mapping: Mapping | None, settings: Settings
) -> list[Given]:
    """`given` with people's time as weekly totals: nothing finer goes any further, not even the intake."""
    known = KnownFacts(lake, snapshots.newest(lake))
    return as_totals(given, Surroundings(mapping, settings, known, words_of(lake.folder)))


def _fresh(
    lake: Lake,
    given: Sequence[Given],
    recipe: str,
    mapping: Mapping | None,
    *,
    again: bool,
    complete: bool,
) -> tuple[list[Given], dict[str, ledger.Entry]]:
    """What is to be imported, and the earlier imports of the rest by digest."""
    known = {} if again else ledger.imported(lake, recipe)
    fresh = [one for one in given if one.digest not in known]
    if complete and fresh:
        return list(given), {}  # keys in a file passed over would look absent, and be closed
    if mapping is not None and fresh and len(fresh) < len(given):
        needed = _needed(mapping, fresh)
        fresh = [one for one in given if one in fresh or _key(mapping, one) in needed]
    return fresh, known


def _needed(mapping: Mapping, fresh: Sequence[Given]) -> set[str]:
    """Files of the mapping without which those in `fresh` would become something else."""
    claimed = [mapping.file_for(one.name) for one in fresh]
    return mapping.goes_with({file[0] for file in claimed if file is not None})


def _key(mapping: Mapping, given: Given) -> str:
    claimed = mapping.file_for(given.name)
    return claimed[0] if claimed else ""


def _recipe(
    mapping: Mapping | None,
    settings: Settings,
    *,
    complete: bool,
    corrects: Sequence[str] = (),
    withdrawing: bool = False,
) -> str:
    """The digest of everything beside the files that changes what an import means."""
    parts: list[Any] = [mapping.digest() if mapping else "", settings.digest(), complete]
    if corrects:
        parts.append(sorted(corrects))
    if withdrawing:
        parts.append("withdrawing")
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _import_id(lake: Lake, given: Sequence[Given], recipe: str, *, again: bool) -> str:
    """The same for the same files, whatever their names and order; `again` counts the repetitions."""
    known = ledger.entries(lake)
    digests = sorted(one.digest for one in given)
    for repetition in range(len(known) + 1):
        text = json.dumps([digests, recipe, repetition])
        import_id = hashlib.sha256(text.encode()).hexdigest()[:32]
        entry = known.get(import_id)
        if entry is None or entry.state != "done" or not again:
            return import_id
    raise Bug("More repetitions of an import than imports.")


def _told_again(given: Sequence[Given], known: dict[str, ledger.Entry]) -> ImportSummary:
    entries = [known[one.digest] for one in given]
    newest = max(entries, key=lambda entry: entry.number)
    files = tuple(
        FileOutcome(one.name, one.digest, already=known[one.digest].number) for one in given
    )
    return ImportSummary.from_dict(newest.summary).as_already(files)


def _silent(step: str, share: float) -> None:
    del step, share


__all__: list[Any] = ["RESERVE_MB", "ImportSummary", "Progress", "recover", "run_import"]
