"""How this process serves: under which names, with which key and database. Refuses what would not be safe.

Served for this machine alone pages may go over plain http; under any other name only over https, with the cookies that
belong to it. The demo, whose people sign in by a click, is never served under another name.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tenure.kernel.errors import UserError
from tenure.kernel.settings import FILE, SignOnSettings, load_settings

THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")
KEY_FILE = "secret.key"
SHORTEST_KEY = 50


@dataclass(frozen=True, slots=True)
class Served:
    """What the settings of Django are made of."""

    folder: Path
    hosts: tuple[str, ...]
    key: str
    database: dict[str, Any]
    is_demo: bool
    sign_on: SignOnSettings = field(default_factory=SignOnSettings)
    sign_on_secret: str = field(default="", repr=False)

    @property
    def is_local(self) -> bool:
        """Whether only this machine is served."""
        return set(self.hosts) <= set(THIS_MACHINE)


def served(environment: Mapping[str, str]) -> Served:
    """How to serve the workspace that `TENURE_WORKSPACE` names; `TENURE_DEMO=1` lets people sign in by a click.

    Raises:
        UserError: it would not be safe to start, or a setting cannot be read.
    """
    folder = Path(environment.get("TENURE_WORKSPACE", ".")).resolve()
    if not (folder / FILE).exists():
        raise UserError(
            f"There is no workspace in `{folder}`.",
            remedy="Create one with `tenure init`, or name the folder in `TENURE_WORKSPACE`.",
            code="workspace.absent",
        )
    asked = load_settings(folder).web
    hosts = asked.hosts or THIS_MACHINE
    is_demo = environment.get("TENURE_DEMO") == "1"
    for host in hosts:
        _check(host, is_demo=is_demo)
    secret = _sign_on_secret(asked.sign_on, folder, environment)
    return Served(
        folder,
        hosts,
        key_of(folder),
        _database(asked.database, folder),
        is_demo,
        asked.sign_on,
        secret,
    )


def key_of(folder: Path) -> str:
    """The key that signs sessions: made once, readable by the owner of the folder only.

    Raises:
        UserError: the file holds too short a key.
    """
    file = folder / KEY_FILE
    if not file.exists():
        _write_once(file, secrets.token_urlsafe(64))
    found = file.read_text(encoding="ascii").strip()
    if len(found) < SHORTEST_KEY:
        raise UserError(
            f"The key in `{KEY_FILE}` has {len(found)} letters; {SHORTEST_KEY} are the least.",
            remedy="Remove the file: the next start writes a new one, and everybody signs in again.",
            where=str(file),
            code="web.key",
        )
    return found


def _write_once(file: Path, text: str) -> None:
    """Two processes that start at once keep one key: whoever comes second reads the first one's."""
    own = file.with_name(f"{file.name}.{os.getpid()}")
    handle = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        opened.write(text + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    with suppress(FileExistsError):
        os.link(own, file)  # whole or not at all
    own.unlink()


def _check(host: str, *, is_demo: bool) -> None:
    if host not in THIS_MACHINE and not re.fullmatch(r"[A-Za-z0-9.-]+", host):
        raise UserError(
            f"`{host}` is no name to serve under.",
            remedy="Write each host's own name, such as `tenure.example.com`, without scheme, port or star.",
            where="tenure.toml, [web] hosts",
            code="web.host",
        )
    if is_demo and host not in THIS_MACHINE:
        raise UserError(
            f"The demo lets anybody in by a click, and would be served under `{host}`.",
            remedy="Serve the demo on this machine only: remove `hosts`, or start without `--demo`.",
            where="tenure.toml, [web] hosts",
            code="web.demo",
        )


def _sign_on_secret(asked: SignOnSettings, folder: Path, environment: Mapping[str, str]) -> str:
    """The secret that the organisation gave to Tenure; readable by its owner alone where it is a file."""
    if not asked.is_on:
        if asked.only:
            raise _sign_on("Passwords are closed, and there is no `issuer` to sign in through.", "Name one, or leave out `only`.")  # fmt: skip
        return ""
    parts = urlsplit(asked.issuer)
    local = parts.scheme == "http" and (parts.hostname or "") in (*THIS_MACHINE, "::1")
    if (parts.scheme != "https" and not local) or not parts.hostname or parts.query:
        raise _sign_on(f"`{asked.issuer}` is no address of an issuer.", "Write it as `https://login.example.com`.")  # fmt: skip
    if not asked.client_id:
        raise _sign_on("There is no `client_id`.", "Write the id that the organisation gave to Tenure.")  # fmt: skip
    if secret := environment.get("TENURE_SIGN_ON_SECRET", ""):
        return secret
    file = folder / asked.secret_file
    if not file.is_file():
        raise _sign_on(f"There is no file `{asked.secret_file}` with the secret.", "Write it there, or give it as `TENURE_SIGN_ON_SECRET`.")  # fmt: skip
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise _sign_on(f"Others can read `{asked.secret_file}`.", f"Close it: `chmod 600 {file}`.")
    if not (secret := file.read_text(encoding="utf-8").strip()):
        raise _sign_on(f"`{asked.secret_file}` is empty.", "Write the secret into it.")
    return secret


def organisation(asked: SignOnSettings, secret: str) -> dict[str, Any]:
    """The organisation's sign-on as allauth takes it; nothing where there is none."""
    if not asked.is_on:
        return {}
    app = {
        "provider_id": provider_id_of(asked.issuer),
        "name": asked.name,
        "client_id": asked.client_id,
        "secret": secret,
        "settings": {"server_url": asked.issuer.rstrip("/"), "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app]}}


def provider_id_of(issuer: str) -> str:
    """Under which people of an issuer are kept: another issuer is another key, whatever subject it names."""
    return "oidc-" + hashlib.sha256(issuer.rstrip("/").encode()).hexdigest()[:32]


def _sign_on(what: str, remedy: str) -> UserError:
    return UserError(what, remedy=remedy, where="tenure.toml, [web.sign_on]", code="web.sign_on")


def _database(address: str, folder: Path) -> dict[str, Any]:
    if not address:
        file = folder / "desk.sqlite3"
        os.close(
            os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        )  # passwords and sessions are for its owner alone
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(file),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 10,
                # FULL: a decision that was confirmed survives a power cut (reliability 4.10).
                "init_command": "pragma journal_mode=wal; pragma synchronous=full;"
                " pragma foreign_keys=on; pragma secure_delete=on;",
            },
        }
    parts = urlsplit(address)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise UserError(
            "The database's address cannot be read.",
            remedy="Write it as `postgresql://user:password@host:5432/name`, or leave it out for SQLite.",
            where="tenure.toml, [web] database",
            code="web.database",
        )
    query = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", "")) or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
