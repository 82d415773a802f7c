"""What a piece of work took."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

TIME = shutil.which("time") or ("/usr/bin/time" if Path("/usr/bin/time").exists() else None)
"""The program, not the shell's word; without it the peak is what the process says of itself."""

GRACE = 20.0
"""Seconds a child has to tidy up."""
OUT_OF_MEMORY = re.compile(r"OutOfMemoryException|MemoryError|terminated by signal 9")


def seconds() -> tuple[float, float]:
    """Wall and processor seconds so far, this process's ended children included."""
    own, ended = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return time.perf_counter(), own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime


def timed(work: Callable[[], Any]) -> dict[str, Any]:
    """Wall and processor seconds of the work, and what came out."""
    wall, processor = seconds()
    result = work()
    wall_after, processor_after = seconds()
    return {"wall": wall_after - wall, "processor": processor_after - processor, "result": result}


def run(arguments: Sequence[str], limit: float) -> dict[str, Any]:
    """What a child process tells of itself as JSON, with its peak memory.

    Where the time was not enough `stopped` tells the limit; where the memory was not, `failed` says so.

    Raises:
        RuntimeError: the child failed; its last words are the message.
    """
    command = [sys.executable, "-m", "peers.child", *arguments]
    with tempfile.NamedTemporaryFile("r") as report:
        if TIME:
            command = [TIME, "-v", "-o", report.name, *command]
        child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
            cwd=Path(__file__).parents[1], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path[1:])},
        )  # fmt: skip
        try:
            told, complaint = child.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            _end(child)
            return {"stopped": limit}
        except BaseException:
            os.killpg(child.pid, signal.SIGKILL)  # an interrupted benchmark leaves nobody working
            raise
        if child.returncode and OUT_OF_MEMORY.search(complaint):
            return {"failed": "ran out of memory"}
        if child.returncode:
            raise RuntimeError(f"{arguments[0]}: {complaint.strip()[-2000:]}")
        found = dict(json.loads(told.splitlines()[-1]))
        peak = peak_mb(report.read()) if TIME else None
    return {
        "peak_mb": peak or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    } | found


def _end(child: subprocess.Popen[str]) -> None:
    """Asked first, so that a server it started ends with it; then made to."""
    for word in (signal.SIGTERM, signal.SIGKILL):
        os.killpg(child.pid, word)
        try:
            child.communicate(timeout=GRACE)
        except subprocess.TimeoutExpired:
            continue
        return


def peak_mb(report: str) -> float | None:
    """The largest resident memory in a report of `/usr/bin/time -v`."""
    found = re.search(r"Maximum resident set size \(kbytes\): (\d+)", report)
    return int(found[1]) / 1024 if found else None
