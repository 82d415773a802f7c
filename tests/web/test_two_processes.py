"""Two processes on one SQLite: what one is told both show, and one that dies is replaced."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest

from cast import company
from tenure.workspace import Workspace

TENURE = [sys.executable, "-m", "tenure"]
SAID = "Asked about the second warehouse"


@dataclass
class Reader:
    """One person; every page over a connection of its own, so that either process may answer."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, address: str, said: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and text of a page."""
        link = http.client.HTTPConnection("localhost", self.port, timeout=60)
        head = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if method == "POST":
            body = urlencode(said or {})
            head |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://localhost:{self.port}/"}  # fmt: skip
        link.request(method, address, body, head)
        answer = link.getresponse()
        text = answer.read().decode()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        link.close()
        return answer.status, text

    def send(self, page: str, address: str, said: dict[str, str]) -> int:
        """The form of a page, filled in."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.ask("GET", page)[1])
        assert found, page
        return self.ask("POST", address, said | {"csrfmiddlewaretoken": found[1]})[0]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    folder = tmp_path / "acme"
    company(Workspace.create(folder, title="Cast & Co"))
    away = ("TENURE_WORKSPACE", "DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE")
    kept = {name: value for name, value in os.environ.items() if name not in away}
    subprocess.run([*TENURE, "person", "demo", "-w", str(folder)], check=True, env=kept, capture_output=True)  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["serve", "--demo", "--workers", "2", "--port", str(port), "-w", str(folder)]
    with subprocess.Popen([*TENURE, *words], env=kept, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:  # fmt: skip
        try:
            yield process, port
        finally:
            process.send_signal(signal.SIGTERM)


def until(is_so: object, seconds: float = 60) -> None:
    """Wait for it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if is_so():  # type: ignore[operator]
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError("It did not come about.")


def children_of(pid: int) -> list[int]:
    """The processes that answer."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    every = [int(child) for child in found]
    return [c for c in every if b"spawn_main" in Path(f"/proc/{c}/cmdline").read_bytes()]


def test_what_one_process_is_told_both_show_and_one_that_dies_is_replaced(
    server: tuple[subprocess.Popen[str], int],
) -> None:
    process, port = server
    olga = Reader(port)
    until(lambda: olga.ask("GET", "/sign-in")[0] == 200)
    number = re.search(r"/sign-in/as/([0-9a-f-]+)[^>]*>(?:(?!/sign-in/as/).)*Olga Lind", olga.ask("GET", "/sign-in")[1], re.DOTALL)  # fmt: skip
    assert number, olga.ask("GET", "/sign-in")[1]
    assert olga.send("/sign-in", f"/sign-in/as/{number[1]}", {}) == 302
    until(lambda: len(children_of(process.pid)) == 2)

    touch = {"kind": "call", "direction": "two_way", "happened_at": "2026-06-15T08:30", "summary_said": SAID}  # fmt: skip
    page = "/accounts/alder/touch"
    assert olga.send(page, page, touch) == 302
    until(lambda: all(SAID in olga.ask("GET", "/accounts/alder")[1] for _ in range(12)))

    os.kill(children_of(process.pid)[0], signal.SIGKILL)
    until(lambda: len(children_of(process.pid)) == 2)
    until(lambda: all(olga.ask("GET", "/book?owner=everyone")[0] == 200 for _ in range(12)))
