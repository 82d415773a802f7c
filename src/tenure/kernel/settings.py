"""The settings of one workspace: `tenure.toml`, read through the one door for declarations."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tenure.kernel.declare import load
from tenure.kernel.errors import DeclarationError

FILE = "tenure.toml"


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """What was answered once about a source: is its history, loaded late, known from the day it happened?"""

    backfill_trusted: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """One workspace's settings.

    `gross_margin` (0 to 1) is needed for lifetime value only and has no default: nobody else can know it.
    """

    title: str = "Tenure workspace"
    reporting_currency: str = "USD"
    time_zone: str = "UTC"
    gross_margin: float | None = None
    sources: dict[str, SourceSettings] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a zone nobody knows, a currency that is no code, a margin outside 0 to 1."""
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise DeclarationError(
                f"There is no time zone called `{self.time_zone}`.",
                where=FILE,
                remedy="Use a name such as `Europe/Berlin`, `America/New_York` or `UTC`.",
                code="settings.time_zone",
            ) from error
        if len(self.reporting_currency) != 3 or not self.reporting_currency.isupper():
            raise DeclarationError(
                f"`{self.reporting_currency}` is not a currency code.",
                where=FILE,
                remedy="Use three capital letters such as USD or EUR.",
                code="settings.currency",
            )
        if self.gross_margin is not None and not 0 < self.gross_margin <= 1:
            raise DeclarationError(
                f"A gross margin of {self.gross_margin} is not a share.",
                where=FILE,
                remedy="Write 0.8 for 80 %.",
                code="settings.gross_margin",
            )

    def text(self) -> str:
        """As `tenure.toml`."""
        lines = [
            "# Settings of this workspace; every key is explained in docs/look-up/settings.md.",
            f"title = {_quoted(self.title)}",
            f"reporting_currency = {_quoted(self.reporting_currency)}",
            f"time_zone = {_quoted(self.time_zone)}",
        ]
        lines.append(
            "# gross_margin = 0.8   # needed for lifetime value only"
            if self.gross_margin is None
            else f"gross_margin = {self.gross_margin}"
        )
        for name, answers in self.sources.items():
            lines += [
                "",
                f"[sources.{_quoted(name)}]",
                f"backfill_trusted = {str(answers.backfill_trusted).lower()}",
            ]
        return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """`text` as a TOML string: as in JSON, but letters stand for themselves, since TOML knows no surrogate pairs."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def load_settings(folder: Path) -> Settings:
    """The settings in a workspace folder; defaults where it has no file.

    Raises:
        DeclarationError: a key or value that is not allowed, with file and line.
    """
    file = folder / FILE
    return load(Settings, file, name=FILE) if file.exists() else Settings()
