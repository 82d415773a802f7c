"""Writes the look-up pages that follow from code and declarations: `python docs/generate.py`, from anywhere."""

from __future__ import annotations

import sys
from pathlib import Path

from generating.codes import (
    errors_page,
    explained,
    findings_page,
    never_raised,
    raised,
    unexplained,
)
from generating.commands import commands_page
from generating.python_api import python_page
from generating.settings import settings_page

from tenure.facts.pages import table_page
from tenure.facts.table import shapes, tables
from tenure.metrics.declaration import built_in
from tenure.metrics.derived.tier import TIER
from tenure.metrics.derived_page import derived_page
from tenure.metrics.pages import metric_index, metric_page

__all__ = ["explained", "never_raised", "pages", "raised", "unexplained", "write"]

LOOK_UP = Path(__file__).resolve().parent / "look-up"

INDEX = """# Look up

Every page here is written by `python docs/generate.py` from the code and its declarations, and a test fails where one
differs. Change the declaration, not the page.

- [Metrics](metrics/index.md): what each number means, its parameters, parts and worked example
- [Tables](tables/index.md): what each file and column means, and what is refused
- [Derived facts](derived.md): what is made from the tables before metrics read it
- [Commands](commands.md): the command line
- [Python](python.md): the same from a notebook
- [Settings](settings.md): `tenure.toml`
- [Errors](errors.md): every error, its exit status and what to do
- [Findings](findings.md): every remark on rows and numbers, and what to do
- [Decisions](../decisions.md) and [glossary](../glossary.md)
"""


def tables_index() -> str:
    """The list of all tables."""
    rows = ["| table | one row is | key |", "|---|---|---|"]
    for name, table in sorted((tables() | shapes()).items()):
        key = ", ".join(f"`{column}`" for column in table.key)
        rows.append(f"| [`{name}`]({name}.md) | {table.says} | {key} |")
    return "\n\n".join(["# Tables", "\n".join(rows)]) + "\n"


def pages() -> dict[str, str]:
    """Every generated page by its path under `docs/look-up`."""
    found = {
        "index.md": INDEX,
        "commands.md": commands_page(),
        "errors.md": errors_page(),
        "findings.md": findings_page(),
        "python.md": python_page(),
        "settings.md": settings_page(),
        "derived.md": derived_page(TIER.values()),
        "metrics/index.md": metric_index(built_in()),
        "tables/index.md": tables_index(),
    }
    found |= {f"metrics/{metric.id}.md": metric_page(metric) for metric in built_in()}
    return found | {
        f"tables/{name}.md": table_page(table) for name, table in (tables() | shapes()).items()
    }


def write(folder: Path = LOOK_UP) -> None:
    """Write every page; a page whose subject is gone goes too."""
    wanted = pages()
    for page in folder.rglob("*.md"):
        if page.relative_to(folder).as_posix() not in wanted:
            page.unlink()
    for name, text in wanted.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    lacking = {
        kind: sorted(codes) for kind, codes in unexplained(raised(), explained()).items() if codes
    }
    if lacking:
        sys.exit(f"docs/codes.toml does not explain: {lacking}")
    write()
