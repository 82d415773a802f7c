"""What the product itself finds odd in data that passed every check."""

from __future__ import annotations

from collections.abc import Mapping

from tenure.facts.work import Work


def note_doubts(work: Work, prepared: Mapping[str, str]) -> None:
    """Notices about the data as a whole."""
    del work, prepared
