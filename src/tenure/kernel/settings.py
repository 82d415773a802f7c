"""The settings of one workspace: `tenure.toml`, read through the one door for declarations."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tenure.kernel.declare import load
from tenure.kernel.errors import DeclarationError, UnknownName

FILE = "tenure.toml"
BUSINESS_MODELS = ("enterprise_sales_led", "consumption", "plg", "seat_based")
"""How a company sells; each is described in `metrics/models/`. A company may run several."""


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """What was answered once about a source: is its history, loaded late, known from the day it happened?"""

    backfill_trusted: bool


@dataclass(frozen=True, slots=True)
class WebSettings:
    """How the pages are served.

    `hosts` are the names under which people reach them, without a scheme; none means this machine only. Served under
    any other name, pages need https, and `database` may name a PostgreSQL in place of the file beside the lake.
    `own_book_only` keeps each CSM to the accounts they look after; else everyone in customer success reads all.
    """

    hosts: tuple[str, ...] = ()
    database: str = ""
    own_book_only: bool = False


@dataclass(frozen=True, slots=True)
class PeopleSettings:
    """What is shown of how colleagues work: figures of a named person, never needed by any other page.

    `figures`: `off` computes none, `own` shows each person their own, `on` shows them to their lead too, later.
    `head_start_days` (1 to 10) are the working days for which a person alone has a new week of theirs. `time` also
    shows how tracked time was spent; `least_people` (3 or more) is the smallest group whose figures are shown as one.
    """

    figures: Literal["off", "own", "on"] = "off"
    time: bool = False
    head_start_days: int = 3
    least_people: int = 5

    def __post_init__(self) -> None:
        """Refuse a head start that is none, and a group so small that it is a person."""
        for name, value, low, high in (
            ("head_start_days", self.head_start_days, 1, 10),
            ("least_people", self.least_people, 3, 100),
        ):
            if not low <= value <= high:
                raise DeclarationError(
                    f"`{name}` cannot be {value}.",
                    where=f"people.{name}",
                    remedy=f"Write a number from {low} to {high}.",
                    code="settings.people",
                )


@dataclass(frozen=True, slots=True)
class Settings:
    """One workspace's settings.

    `gross_margin` (0 to 1) is needed for lifetime value only and has no default: nobody else can know it.
    `business_model` is one of `BUSINESS_MODELS` or a list of several; it says which metrics come first.
    """

    title: str = "Tenure workspace"
    reporting_currency: str = "USD"
    time_zone: str = "UTC"
    gross_margin: float | None = None
    business_model: str | tuple[str, ...] = ()
    sources: dict[str, SourceSettings] = field(default_factory=dict)
    web: WebSettings = field(default_factory=WebSettings)
    people: PeopleSettings = field(default_factory=PeopleSettings)

    def __post_init__(self) -> None:
        """Refuse a zone, a business model or a currency nobody knows, and a margin outside 0 to 1."""
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise DeclarationError(
                f"There is no time zone called `{self.time_zone}`.",
                where="time_zone",
                remedy="Use a name such as `Europe/Berlin`, `America/New_York` or `UTC`.",
                code="settings.time_zone",
            ) from error
        if len(self.reporting_currency) != 3 or not self.reporting_currency.isupper():
            raise DeclarationError(
                f"`{self.reporting_currency}` is not a currency code.",
                where="reporting_currency",
                remedy="Use three capital letters such as USD or EUR.",
                code="settings.currency",
            )
        if self.gross_margin is not None and not 0 < self.gross_margin <= 1:
            raise DeclarationError(
                f"A gross margin of {self.gross_margin} is not a share.",
                where="gross_margin",
                remedy="Write 0.8 for 80 %.",
                code="settings.gross_margin",
            )
        for model in self.business_models:
            if model not in BUSINESS_MODELS:
                known = UnknownName("business model", model, BUSINESS_MODELS)
                raise DeclarationError(
                    known.what,
                    where="business_model",
                    remedy=known.remedy,
                    code="settings.business_model",
                )

    @property
    def business_models(self) -> tuple[str, ...]:
        """The company's business models; none where it has not said."""
        said = self.business_model
        return (said,) if isinstance(said, str) else said

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
        words = ", ".join(_quoted(model) for model in self.business_models)
        lines.append(
            f"business_model = {words if isinstance(self.business_model, str) else f'[{words}]'}"
            if self.business_models
            else '# business_model = "seat_based"   # or a list; says which metrics come first'
        )
        for name, answers in self.sources.items():
            lines += [
                "",
                section_of(name),
                f"backfill_trusted = {str(answers.backfill_trusted).lower()}",
            ]
        if self.web != WebSettings():
            lines += [
                "",
                "[web]",
                f"hosts = [{', '.join(_quoted(host) for host in self.web.hosts)}]",
                f"database = {_quoted(self.web.database)}",
                f"own_book_only = {str(self.web.own_book_only).lower()}",
            ]
        if self.people != PeopleSettings():
            lines += [
                "",
                "[people]",
                f"figures = {_quoted(self.people.figures)}",
                f"time = {str(self.people.time).lower()}",
                f"head_start_days = {self.people.head_start_days}",
                f"least_people = {self.people.least_people}",
            ]
        return "\n".join(lines) + "\n"


def section_of(source: str) -> str:
    """The heading under which a source's answers stand: `[sources.crm]`, in quotes where TOML needs them."""
    plain = re.fullmatch(r"[A-Za-z0-9_-]+", source) is not None
    return f"[sources.{source if plain else _quoted(source)}]"


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
