"""A program of the tests alone: runs imports and refreshes in children that may be told to kill themselves at a point.

Reads one JSON command per line and answers with one. Children are forked from here, with everything they may need
loaded and before any library has started a thread, so that a hundred of them cost little. Nothing of the shipped
program knows about it.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import signal
import sys
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

import bad_builds

import tenure
from tenure import Workspace
from tenure.facts.given import from_file
from tenure.kernel import points
from tenure.lake.compact import compact
from tenure.lake.imports import run_import
from tenure.lake.lake import Lake

LEFT_OUT = ("tenure.desk", "tenure.web", "tenure.__main__")


def run(order: dict[str, Any]) -> dict[str, Any]:
    """One operation, in this process."""
    if order["do"] == "refresh":
        done = Workspace.open(order["folder"]).refresh(**order["how"])
        return {
            "made": {name: len(days) for name, days in done.made.items()},
            "undone": done.undone,
        }
    if order["do"] == "flags":
        from verbs import said_of_flags

        os.environ["TENURE_NOW"] = order["now"]
        said_of_flags(Workspace.open(order["folder"]), order)
        return {}
    lake = Lake.create(order["folder"], locking=order.get("locking", True))
    if order["do"] == "compact":
        compact(lake, retention_days=1)
        return {}
    given = [
        from_file(path, table=path.name.split("-")[0].split(".")[0])
        for path in sorted(Path(order["files"]).iterdir())
    ]
    if order.get("slice"):
        first, last = order["slice"]
        given = given[first:last]
    if order.get("one_by_one"):
        return {"all": [run_import(lake, [one]).to_dict() for one in given]}
    return run_import(lake, given, **order.get("how", {})).to_dict()


def child(order: dict[str, Any], start: int | None) -> None:
    """Run the order and leave; the answer goes to a file beside the workspace."""
    seen: Counter[str] = Counter()

    def probe(name: str) -> None:
        seen[name] += 1
        if name == order.get("point") and seen[name] == order["occurrence"]:
            os.kill(os.getpid(), signal.SIGKILL)

    points.arm(probe)
    code = 0
    try:
        if order.get("bad"):
            bad_builds.BUILDS[order["bad"]]()
        if start is not None:
            os.read(start, 1)  # the barrier: nobody begins before all are there
        said = run(order) | {"points": seen}
    except BaseException as error:  # noqa: BLE001 - the child's last word, whatever it is
        code, said = 1, {"error": repr(error), "trace": traceback.format_exc()}
    if order.get("answer"):
        Path(order["answer"]).write_text(json.dumps(said, default=str))
    sys.stdout.flush()
    os._exit(code)


def fork(order: dict[str, Any], start: int | None = None) -> int:
    pid = os.fork()
    if pid == 0:
        child(order, start)
    return pid


def status(pid: int) -> int:
    """The child's exit code; negative: the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def load() -> None:
    """Everything a child may load: all below the desk, which needs Django's settings to wake."""
    for top in pkgutil.iter_modules(tenure.__path__, "tenure."):
        if top.name in LEFT_OUT:
            continue
        whole = importlib.import_module(top.name)
        for module in pkgutil.walk_packages(getattr(whole, "__path__", []), f"{top.name}."):
            importlib.import_module(module.name)
    gc.freeze()  # what is loaded is looked at by no child's collector, and so stays shared


def main() -> None:
    load()
    for line in sys.stdin:
        orders = json.loads(line)
        reading, writing = os.pipe()
        together = len(orders) > 1
        children = [fork(order, reading if together else None) for order in orders]
        os.write(writing, b"." * len(orders))
        answer = [status(pid) for pid in children]
        os.close(reading)
        os.close(writing)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
