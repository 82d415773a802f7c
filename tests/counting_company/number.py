"""`make number NAME=grr`: a metric on the counting company, explained down to its rows."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tenure import Workspace


def main(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ws = Workspace.create(Path(folder) / "company", gross_margin=0.8)
        ws.import_folder(Path(__file__).parent / "facts")
        sys.stdout.write(f"{ws.explain(name, as_of='2026-03-31')}\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "nrr")
