"""The page of a workspace's settings, read from the dataclass that loads them."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import Any

from tenure.kernel.settings import (
    FILE,
    PeopleSettings,
    Settings,
    SignOnSettings,
    SourceSettings,
    WebSettings,
)

MEANINGS = {
    "title": "What the workspace is called on screen and in reports.",
    "reporting_currency": "The ISO 4217 code every amount is shown in; other currencies are converted by `fx_rates`.",
    "time_zone": "The IANA zone in which a day begins and ends, and in which times without an offset are read.",
    "gross_margin": "The share of revenue left after serving customers, 0 to 1. Lifetime value needs it; nobody else "
    "can know it, so there is no default.",
    "business_model": "How the company sells: `enterprise_sales_led`, `consumption`, `plg` or `seat_based`, or a list of "
    "several. Its metrics come first in `tenure metrics`; `accounts.business_model` says it per account.",
    "web": "A table `[web]` with how the pages are served.",
    "cadence": "A table `[cadence]` with a line per segment: the days between touches that are offered where touches are "
    "planned in bulk. Left out: `enterprise = 14`, `mid_market = 30`, `smb = 90`, a starting point of ours. Where the table "
    "is written, a segment it leaves out has no default.",
    "hosts": "The names under which people reach the pages, without scheme or port; none: this machine only, over plain "
    "http. Under any other name pages need https, in front of which a proxy stands.",
    "database": "Where people and what they say is kept: `postgresql://USER:PASSWORD@HOST:5432/NAME`, or nothing for "
    "`desk.sqlite3` in the workspace's folder.",
    "own_book_only": "Whether a CSM reads only the accounts they look after (true), or everybody in customer success reads "
    "all (false).",
    "sign_on": "A table `[web.sign_on]`: people sign in through the organisation (OpenID Connect).",
    "issuer": "The address of the organisation's sign-on as it names itself, such as `https://login.example.com`; none: off.",
    "client_id": "The id that the organisation gave to Tenure.",
    "name": "What the button says: *Sign in with* this name.",
    "secret_file": "The file that holds the secret of `client_id`, readable by its owner alone; in the workspace's folder, or "
    "with a whole path. `TENURE_SIGN_ON_SECRET` in the environment goes before it.",
    "only": "Whether passwords are closed (true): then the organisation alone says who comes in.",
    "upload_mb": "How many megabytes the files may have together that somebody imports in the browser.",
    "every_days": "How many days may lie between two deliveries of this source before it counts as late. Left out: twice "
    "the usual time between its deliveries, once it came on four days.",
    "people": "A table `[people]` with what is shown of how colleagues work.",
    "figures": "Figures about how a named person works: `off` computes none, `own` shows each person their own, `on` shows "
    "them to the person's lead too, after the head start.",
    "time": "Whether those figures also say how tracked time was spent.",
    "head_start_days": "For how many working days (1 to 10) a person alone has a new week of their figures, unless they open "
    "or release it.",
    "least_people": "The smallest group of people (3 or more) whose figures are shown as one.",
    "sources": "A table per source, `[sources.NAME]`, with the answers given once about it.",
    "backfill_trusted": "Whether rows this source loads late count as known from the day they speak of (true), or from "
    "the day they were loaded (false). Left out: what each table declares.",
}
"""One sentence per key; `generate.py` fails for a key that has none."""


def settings_page() -> str:
    """Every key of `tenure.toml` with its default and meaning."""
    return (
        "\n\n".join(
            [
                "# Settings",
                f"A workspace is one folder; its settings stand in `{FILE}`. An unknown key is an error that names the "
                "nearest one. Changing a setting changes answers from then on, never what was imported.",
                "\n".join(_rows(Settings)),
                "## Of one source",
                "\n".join(_rows(SourceSettings)),
                "## Of the pages",
                "\n".join(_rows(WebSettings)),
                "## Of the organisation's sign-on",
                "\n".join(_rows(SignOnSettings)),
                "## Of people",
                "\n".join(_rows(PeopleSettings)),
                "## As a new workspace has them",
                "\n".join(f"    {line}" for line in Settings().text().splitlines()),
            ]
        )
        + "\n"
    )


def _rows(kind: type) -> list[str]:
    rows = ["| key | default | meaning |", "|---|---|---|"]
    return rows + [f"| `{f.name}` | {_default(f)} | {MEANINGS[f.name]} |" for f in fields(kind)]


def _default(field: Field[Any]) -> str:
    if field.default is MISSING or field.default in (None, ()):
        return ""
    return f"`{field.default}`"
