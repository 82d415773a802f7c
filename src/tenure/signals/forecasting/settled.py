"""Renewals whose outcome is known before they are due."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settled:
    """Renewals of the period whose outcome is known already: amounts before, kept of them, and after."""

    before: float = 0.0
    kept: float = 0.0
    after: float = 0.0
