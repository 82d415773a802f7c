"""Random draws that can be told again: a stream number, and a child of it for every name.

A child depends on the number and the name alone, so one metric more in a run changes no other metric's draws.
"""

from __future__ import annotations

import hashlib

import numpy as np


def stream(number: int, name: str = "") -> np.random.Generator:
    """The draws of `name` in the stream `number`; without a name those that all share."""
    digest = hashlib.sha256(name.encode()).digest()
    words = [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4)]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([number, *words])))
