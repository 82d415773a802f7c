"""DuckDB is opened in one place, and draws no bar into what we print."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import tenure
from tenure.facts.connection import connect

SLOW = """
import time
from tenure.facts.connection import connect
asked = "select count(*) from range(30000) a, range({}) b where (a.range * b.range) % 7 = 3"
with connect() as connection:
    many, took = 4000, 0.0
    while took < 2.5:  # a bar would come after two seconds
        start = time.monotonic()
        connection.cursor().execute(asked.format(many)).fetchall()
        many, took = 3 * many, time.monotonic() - start
print("done")
"""


def test_a_long_query_prints_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", SLOW], capture_output=True, text=True, check=True)
    assert done.stdout == "done\n"


def test_threads_are_as_many_as_asked_for() -> None:
    with connect(threads=1) as connection:
        assert connection.execute("select current_setting('threads')").fetchall() == [(1,)]


def test_nobody_else_opens_one() -> None:
    source = Path(tenure.__file__).parent
    found = [p for p in source.rglob("*.py") if "duckdb.connect(" in p.read_text()]
    assert [p.relative_to(source).as_posix() for p in found] == ["facts/connection.py"]
