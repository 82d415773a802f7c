"""Ids of accounts in addresses: whatever a source calls an account, it has an address of its own."""

from __future__ import annotations

import re

ESCAPED = re.compile(r"~([0-9a-f]{2})")
UNFIT = re.compile(r"[~/]|^\.+$")


class IdConverter:
    """An id as one part of a path: `/`, `~` and ids of dots alone are written as `~` and two digits."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """The id that an address names."""
        return ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)

    def to_url(self, value: str) -> str:
        """How an id stands in an address."""
        return UNFIT.sub(lambda found: "".join(f"~{ord(sign):02x}" for sign in found[0]), value)
