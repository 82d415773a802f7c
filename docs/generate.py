"""Writes the reference pages that follow from declarations. Run from anywhere: `python docs/generate.py`."""

from __future__ import annotations

from pathlib import Path

from tenure.facts.pages import table_page
from tenure.facts.table import tables

TABLES = Path(__file__).resolve().parent / "look-up" / "tables"


def write_table_pages() -> None:
    """One page per canonical table; a page whose table is gone goes too."""
    TABLES.mkdir(parents=True, exist_ok=True)
    for page in TABLES.glob("*.md"):
        if page.stem not in tables():
            page.unlink()
    for name, table in tables().items():
        (TABLES / f"{name}.md").write_text(table_page(table), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_table_pages()
