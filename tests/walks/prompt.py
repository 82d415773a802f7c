"""A program of the tests alone: it has loaded Tenure, and runs each `tenure` command it is told in a fork of itself.

Reads one JSON order per line: the words after `tenure`, the folder, the environment, and the file for what is printed.
Answers with the exit status. Loading is most of a small command's time, and the pages hold a hundred of them.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import sys
import traceback
from functools import cache
from typing import Any

import typer.main

import tenure
from tenure import main

LEFT_OUT = ("tenure.desk", "tenure.web", "tenure.__main__")
"""The desk and the pages need Django's settings to wake; commands that need them wake them."""


def load() -> None:
    """Everything a command may load, before any library has started a thread."""
    for top in pkgutil.iter_modules(tenure.__path__, "tenure."):
        if top.name in LEFT_OUT:
            continue
        whole = importlib.import_module(top.name)
        for module in pkgutil.walk_packages(getattr(whole, "__path__", []), f"{top.name}."):
            importlib.import_module(module.name)
    from tenure.cli.app import app

    typer.main.get_command = cache(typer.main.get_command)
    typer.main.get_command(app)  # the whole tree of commands, once for all of them
    gc.freeze()  # what is loaded is looked at by no fork's collector, and so stays shared


def child(order: dict[str, Any]) -> None:
    """Become the command, as far as it can tell, and leave."""
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    printed = os.open(order["printed"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    sys.argv = ["tenure", *order["words"]]
    code: int | str | None = 0
    try:
        main.run()
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001 - as Python itself would end
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(code or 0))


def listen() -> None:
    """One fork per order."""
    load()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            child(json.loads(line))
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    listen()
