"""RESULTS.md, a section per program."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent


def write_section(name: str, text: str, file: Path = HERE / "RESULTS.md") -> None:
    """Put a section into RESULTS.md or another page, in place of the one of that name, or at the end."""
    before, found, after = file.read_text(encoding="utf-8").partition(name)
    rest = after.partition("\n## ")
    kept = f"\n## {rest[2]}" if found and rest[2] else ""
    file.write_text(before.rstrip("\n") + "\n\n" + text + kept, encoding="utf-8")


def command() -> str:
    """How this program was started, without the folder the companies are kept in."""
    said = sys.argv[1:]
    if "--folder" in said:
        at = said.index("--folder")
        said = said[:at] + said[at + 2 :]
    return " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *said])
