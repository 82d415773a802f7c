"""Composition root: the `tenure` command. Turns our errors into a sentence and an exit code."""

from __future__ import annotations

import json
import os
import sys

from tenure.kernel.errors import TenureError


def run() -> None:
    """Run the command line; exit 0 done, 1 some rows refused, 2 wrong use, 3 source refused, 4 machine, 70 our bug."""
    from tenure.cli.app import app

    try:
        app()
    except TenureError as error:
        _tell(error)
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        # `tenure metrics | head` closes our output early; that is no failure.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


def _tell(error: TenureError) -> None:
    if "--json" in sys.argv:
        sys.stdout.write(json.dumps(error.to_dict()) + "\n")
        return
    where = f"{error.where}: " if error.where else ""
    sys.stderr.write(f"{where}{error.what}\n")
    if error.remedy:
        sys.stderr.write(f"  → {error.remedy}\n")
