"""The settings of one workspace: `tenure.toml`, read through the one door for declarations."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tenure.kernel.declare import load
from tenure.kernel.errors import DeclarationError, UnknownName

FILE = "tenure.toml"
MOST_DAYS = 366
"""The longest rhythm a cadence can have."""
BUSINESS_MODELS = ("enterprise_sales_led", "consumption", "plg", "seat_based")
"""How a company sells; each is described in `metrics/models/`. A company may run several."""


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """What was answered once about a source.

    `backfill_trusted`: is its history, loaded late, known from the day it happened? `every_days`: how many days may lie
    between two deliveries; without it the source's own rhythm counts.
    """

    backfill_trusted: bool | None = None
    every_days: int | None = None

    def __post_init__(self) -> None:
        """Refuse a rhythm of no days."""
        if self.every_days is not None and not 1 <= self.every_days <= 400:
            raise DeclarationError(
                f"A source cannot deliver every {self.every_days} days.",
                where="every_days",
                remedy="Write 1 for daily, 7 for weekly; 400 is the most.",
                code="settings.every_days",
            )


@dataclass(frozen=True, slots=True)
class SignOnSettings:
    """The organisation's own sign-on (OpenID Connect); without an `issuer` there is none.

    The secret of `client_id` never stands here: it is read from `secret_file` (in the workspace's folder, or with a whole
    path), or from the environment. `only` closes sign-in with passwords.
    """

    issuer: str = ""
    client_id: str = ""
    name: str = "your organisation"
    secret_file: str = "sign-on.secret"  # noqa: S105 - the name of a file
    only: bool = False

    @property
    def is_on(self) -> bool:
        """Whether people sign in through the organisation."""
        return bool(self.issuer)


@dataclass(frozen=True, slots=True)
class WebSettings:
    """How the pages are served.

    `hosts` are the names under which people reach them, without a scheme; none means this machine only. Served under
    any other name, pages need https, and `database` may name a PostgreSQL in place of the file beside the lake.
    `own_book_only` keeps each CSM to the accounts they look after; else everyone in customer success reads all.
    `upload_mb` is how large files may be that somebody imports in the browser, together.
    """

    hosts: tuple[str, ...] = ()
    database: str = ""
    own_book_only: bool = False
    sign_on: SignOnSettings = field(default_factory=SignOnSettings)
    upload_mb: int = 150

    def __post_init__(self) -> None:
        """Refuse a limit that lets nothing in, or that no disk would hold."""
        if not 1 <= self.upload_mb <= 4096:
            raise DeclarationError(
                f"`upload_mb = {self.upload_mb}` is no size for uploads.",
                where="upload_mb",
                remedy="Write megabytes, from 1 to 4096.",
                code="settings.upload_mb",
            )


def _starting_cadence() -> dict[str, int]:
    return {"enterprise": 14, "mid_market": 30, "smb": 90}


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
    `cadence` is the rhythm that is offered where touches are planned in bulk: days between touches, by segment. Our
    numbers are a starting point and in force nowhere until somebody plans with them.
    """

    title: str = "Tenure workspace"
    reporting_currency: str = "USD"
    time_zone: str = "UTC"
    gross_margin: float | None = None
    business_model: str | tuple[str, ...] = ()
    sources: dict[str, SourceSettings] = field(default_factory=dict)
    web: WebSettings = field(default_factory=WebSettings)
    cadence: dict[str, int] = field(default_factory=_starting_cadence)
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

        for segment, days in self.cadence.items():
            if not 1 <= days <= MOST_DAYS:
                raise DeclarationError(
                    f"A touch every {days} days is no rhythm for `{segment}`.",
                    where="cadence",
                    remedy=f"Give days from 1 to {MOST_DAYS}, or leave the segment out.",
                    code="settings.cadence",
                )

    @property
    def business_models(self) -> tuple[str, ...]:
        """The company's business models; none where it has not said."""
        said = self.business_model
        return (said,) if isinstance(said, str) else said

    @property
    def behind_numbers(self) -> str:
        """What a number rests on, as text: a new title or page setting leaves every number as it was."""
        return replace(self, title="", web=WebSettings()).text()

    def text(self) -> str:
        """As `tenure.toml`."""
        lines = [
            "# Settings of this workspace; every key is explained in docs/look-up/settings.md.",
            f"title = {quoted(self.title)}",
            f"reporting_currency = {quoted(self.reporting_currency)}",
            f"time_zone = {quoted(self.time_zone)}",
        ]
        lines.append(
            "# gross_margin = 0.8   # needed for lifetime value only"
            if self.gross_margin is None
            else f"gross_margin = {self.gross_margin}"
        )
        words = ", ".join(quoted(model) for model in self.business_models)
        lines.append(
            f"business_model = {words if isinstance(self.business_model, str) else f'[{words}]'}"
            if self.business_models
            else '# business_model = "seat_based"   # or a list; says which metrics come first'
        )
        for name, answers in self.sources.items():
            lines += ["", section_of(name)]
            if answers.backfill_trusted is not None:
                lines.append(f"backfill_trusted = {str(answers.backfill_trusted).lower()}")
            if answers.every_days is not None:
                lines.append(f"every_days = {answers.every_days}")
        if self.web != WebSettings():
            lines += [
                "",
                "[web]",
                f"hosts = [{', '.join(quoted(host) for host in self.web.hosts)}]",
                f"database = {quoted(self.web.database)}",
                f"own_book_only = {str(self.web.own_book_only).lower()}",
                f"upload_mb = {self.web.upload_mb}",
            ]
            if self.web.sign_on != SignOnSettings():
                own = self.web.sign_on
                lines += [
                    "",
                    "[web.sign_on]",
                    *(
                        f"{key} = {quoted(getattr(own, key))}"
                        for key in ("issuer", "client_id", "name", "secret_file")
                    ),
                    f"only = {str(own.only).lower()}",
                ]
        mark = "# " if self.cadence == _starting_cadence() else ""
        lines += [
            "",
            f"{mark}[cadence]   # days between touches, by segment, where they are planned in bulk",
        ]
        lines += [f"{mark}{_key(name)} = {days}" for name, days in self.cadence.items()]
        if self.people != PeopleSettings():
            lines += [
                "",
                "[people]",
                f"figures = {quoted(self.people.figures)}",
                f"time = {str(self.people.time).lower()}",
                f"head_start_days = {self.people.head_start_days}",
                f"least_people = {self.people.least_people}",
            ]
        return "\n".join(lines) + "\n"


def section_of(source: str) -> str:
    """The heading under which a source's answers stand: `[sources.crm]`, in quotes where TOML needs them."""
    return f"[sources.{_key(source)}]"


def _key(name: str) -> str:
    """A key of TOML, in quotes where it needs them."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quoted(name)


def quoted(text: str) -> str:
    """`text` as a TOML string: as in JSON, but letters stand for themselves, since TOML knows no surrogate pairs."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def load_settings(folder: Path) -> Settings:
    """The settings in a workspace folder; defaults where it has no file.

    Raises:
        DeclarationError: a key or value that is not allowed, with file and line.
    """
    file = folder / FILE
    return load(Settings, file, name=FILE) if file.exists() else Settings()
