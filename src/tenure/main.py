"""Composition root: the `tenure` command. Turns our errors into a sentence and an exit code."""

from __future__ import annotations

import json
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


def _tell(error: TenureError) -> None:
    if "--json" in sys.argv:
        sys.stdout.write(json.dumps(error.to_dict()) + "\n")
        return
    where = f"{error.where}: " if error.where else ""
    sys.stderr.write(f"{where}{error.what}\n")
    if error.remedy:
        sys.stderr.write(f"  → {error.remedy}\n")
