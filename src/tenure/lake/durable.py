"""Making writes survive a power cut: the Delta library never syncs, so Tenure does (one place)."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from deltalake.exceptions import DeltaError

from tenure.kernel.errors import LakeError
from tenure.kernel.points import point

MEGABYTE = 1024 * 1024


class SyncFailed(LakeError):
    """The disk did not confirm a write; what was written must be thrown away and written anew."""

    code = "lake.sync"


def sync(paths: Iterable[Path]) -> None:
    """Files and folders on disk, not only in the page cache.

    Raises:
        SyncFailed: the disk said no. The page cache is then in an unknown state: a second sync would
            say yes without the data being there, so the caller must write the data again.
    """
    point("sync.before")
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as error:
            raise SyncFailed(
                f"The disk did not confirm what was written to `{path.parent}`: {error.strerror}.",
                remedy="Check the disk, then run the import again; nothing half-done is visible.",
            ) from error
        finally:
            os.close(handle)
    point("sync.after")


def replace_file(target: Path, content: bytes) -> None:
    """`target` with new content: wholly or not at all, and on disk."""
    beside = target.with_name(f"{target.name}.new-{os.getpid()}")
    beside.write_bytes(content)
    sync([beside])
    point("replace.before")
    beside.replace(target)
    point("replace.after")
    sync([target.parent])


def replace_json(target: Path, content: object) -> None:
    """As `replace_file`, for a JSON document."""
    replace_file(target, (json.dumps(content, indent=1, sort_keys=True) + "\n").encode())


def set_aside(file: Path, folder: Path) -> Path:
    """Where `file` lies now: out of the way in `folder`, under a name of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{file.name}.{secrets.token_hex(4)}"
    point("set_aside.before")
    file.replace(target)
    point("set_aside.after")
    return target


def remove_folder(folder: Path) -> None:
    """No folder there any more. A name of its own first, so that a kill leaves no half of it."""
    if not folder.exists():
        return
    point("remove.before")
    gone = Path(tempfile.mkdtemp(prefix=".gone-", dir=folder.parent))
    folder.replace(gone / folder.name)
    shutil.rmtree(gone)
    point("remove.after")


def require_space(folder: Path, payload: int, *, reserve_mb: int = 256) -> None:
    """Nothing, when `folder` has room for three times `payload` bytes and the reserve.

    Raises:
        LakeError: it has not; refusing is cheap and recovering is not.
    """
    needed = 3 * payload + reserve_mb * MEGABYTE
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise _full(folder, (needed - free + MEGABYTE - 1) // MEGABYTE)


@contextmanager
def disk_trouble_explained(folder: Path) -> Iterator[None]:
    """Turn the many ways of saying "no space" (system, Delta, DuckDB) into one sentence."""
    try:
        yield
    except (OSError, DeltaError, duckdb.Error) as error:
        if _says_full(error):
            raise _full(folder, None) from error
        raise


def _says_full(error: BaseException) -> bool:
    text = str(error).casefold()
    return (
        "no space left" in text
        or "os error 28" in text
        or "disk is full" in text
        or "errno 28" in text
    )


def _full(folder: Path, missing_mb: int | None) -> LakeError:
    missing = f" {missing_mb} MB more are needed." if missing_mb else ""
    return LakeError(
        f"There is no space left on the disk that holds `{folder}`.{missing}",
        remedy="Make room, then try again; everything imported so far stays readable.",
        code="disk.full",
    )
