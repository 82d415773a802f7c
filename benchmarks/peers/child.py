"""One method in a process of its own: `python -m peers.child METHOD FOLDER --days 52w`, what it took as JSON."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from pathlib import Path

from usage_company import LAST

from peers.methods import METHODS, NotHere
from peers.numbers import readings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--days", default="52w", help="such as 52w, the last Sundays, or 104d, the last days"
    )
    parser.add_argument(
        "--out",
        type=Path,
        help="a parquet file for the numbers, written once the clock has stopped",
    )
    said = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers it started end with it
    method = METHODS[said.method].run()
    with tempfile.TemporaryDirectory() as spare:
        try:
            told = method(said.folder, readings(said.days, LAST), said.out, Path(spare))
        except NotHere as missing:
            told = {"missing": str(missing)}
    print(json.dumps(told, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main())
