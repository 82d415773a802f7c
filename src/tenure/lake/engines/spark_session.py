"""Starting Spark: what must be installed, how a session is set so that it means what DuckDB means, and what can go wrong.

PySpark and PyArrow are the extra `[spark]` and are imported here alone, when a refresh asks for Spark. Nothing is
downloaded: the Parquet reader is Spark's own.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tenure.kernel.errors import LakeError, UserError

OLDEST_JAVA = 17
SECONDS_TO_ANSWER = 5.0
LOCAL = "local[*]"
"""Where Spark runs if nobody says: all cores of this machine, in one process."""

MEANING = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # what does not fit is an error, never a wrong number
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",  # places are kept, as DuckDB keeps them
    "spark.sql.caseSensitive": "false",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.groupByAliases": "true",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.sql.execution.arrow.localRelationThreshold": "8MB",
}
"""Settings on which the numbers depend; they are this session's own and win over any file of settings."""
WORDS = {
    "spark.sql.maxPlanStringLength": "10000",
    "spark.sql.ui.explainMode": "simple",
}
"""A plan's description tells every kept table's plan again wherever it is read, which nobody reads and no heap holds."""
PARTS_PER_CORE = 3
NO_FILE = "PATH_NOT_FOUND"
"""What Spark calls a file that is not there; it says so of the statement that reads it."""
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')
_HOST = re.compile(r"(?:spark|k8s|mesos)://(?:https?://)?(.+)")


def require_spark() -> None:
    """Nothing, where PySpark, PyArrow and a Java are there.

    Raises:
        UserError: one is not, with what to install.
    """
    missing = [name for name in ("pyspark", "pyarrow") if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(
            f"Spark is asked for, and {' and '.join(missing)} is not installed.",
            remedy="Install the extra: pip install 'tenure[spark]'. The default engine needs nothing.",
            code="engine.spark_absent",
        )
    java = _java()
    found = _java_version(java) if java else None
    if found is None or found < OLDEST_JAVA:
        what = "no Java was found" if found is None else f"the Java found is version {found}"
        raise UserError(
            f"Spark needs a Java runtime of version {OLDEST_JAVA} or newer, and {what}.",
            remedy="Install one (`openjdk-17-jre-headless` or the like) and put it on PATH, or set JAVA_HOME.",
            code="engine.java",
        )


def _java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    if home:
        own = Path(home) / "bin" / "java"
        return str(own) if own.is_file() else None
    return shutil.which("java")


def _java_version(java: str) -> int | None:
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(said.stderr + said.stdout)
    return int(found[1]) if found else None


def require_answer(master: str) -> None:
    """Nothing, where somebody listens at the master's address; masters without one are Spark's to find.

    Spark itself would try for a minute and then end in a sentence about a stopped context.

    Raises:
        UserError: nobody does.
    """
    found = _HOST.fullmatch(master)
    if found is None:
        return
    for address in found[1].split(","):
        host, _, port = address.rpartition(":")
        try:
            with socket.create_connection((host, int(port)), SECONDS_TO_ANSWER):
                return
        except (OSError, ValueError):
            continue
    raise _unreachable(master, "nobody answers at its address")


def _unreachable(master: str, why: str) -> UserError:
    return UserError(
        f"The Spark master `{master}` cannot be used: {why}.",
        remedy="Check the address and that the cluster runs, or use `--master 'local[*]'`.",
        code="engine.master",
    )


def start(master: str | None) -> tuple[Any, bool]:
    """A session with settings of its own, and whether its Spark was started here and must be stopped here.

    Spark that runs in this process already (a notebook's) is used as it is, and left running.
    Typed Any: PySpark may be absent.

    Raises:
        UserError: the master cannot be used; or Spark runs here already at another one.
    """
    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    if running is not None and running.sparkContext._jsc is not None:
        if master is not None and running.sparkContext.master != master:
            raise UserError(
                f"Spark runs in this process already, at `{running.sparkContext.master}`.",
                remedy="Leave the master out, or stop that session first.",
                code="engine.master",
            )
        return _set(running.newSession()), False
    wanted = master or LOCAL
    require_answer(wanted)
    builder = SparkSession.builder.master(wanted).appName("tenure refresh")
    if wanted.startswith("local"):
        # Nothing of a run on this machine is to be reached from another one.
        builder = builder.config("spark.ui.enabled", "false")
    if wanted.startswith("local[") and "SPARK_CONF_DIR" not in os.environ:
        # The driver does all the work here, and Spark would give it 1 GB of whatever there is.
        builder = builder.config("spark.driver.memory", f"{_driver_mb()}m")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    builder = builder.config("spark.log.level", "ERROR")
    try:
        session = builder.getOrCreate()
    except Exception as error:  # noqa: BLE001 - Java's and PySpark's own kinds, all about the master
        raise _unreachable(wanted, _first_line(error)) from error
    return _set(session.newSession()), True


def _driver_mb() -> int:
    """A quarter of the machine's memory, from 1 to 8 GB."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return max(1024, min(machine // 4, 8192))


def _set(session: Any) -> Any:
    for name, value in (MEANING | WORDS).items():
        session.conf.set(name, value)
    if session.conf.get("spark.sql.shuffle.partitions") == "200":  # nobody chose it
        parts = max(8, PARTS_PER_CORE * session.sparkContext.defaultParallelism)
        session.conf.set("spark.sql.shuffle.partitions", str(parts))
    return session


@contextmanager
def explained(text: str) -> Iterator[None]:
    """Turn what Spark says into our errors: a statement it does not take, or work that failed."""
    from py4j.protocol import Py4JError
    from pyspark.errors import AnalysisException, ParseException, PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        is_form = isinstance(error, AnalysisException | ParseException)
        if is_form and NO_FILE not in str(error):
            raise LakeError(
                f"Spark does not take a statement: {_first_line(error)}",
                where=text[:2000],
                remedy="Refresh with `--engine duckdb`; the history before is unchanged. Please report the sentence.",
                code="engine.spark_form",
            ) from error
        raise LakeError(
            f"Work on Spark failed: {_first_line(error)}",
            remedy="Every executor must see the lake's files at the same place and have memory enough; then run "
            "`tenure refresh` again. The history before is unchanged.",
            code="engine.spark_failed",
        ) from error


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    named = [line for line in lines if "Exception" in line or "[" in line]
    return (named or lines or [type(error).__name__])[0][:400]
