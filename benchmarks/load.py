"""Fifty people at their pages: how long a page takes while others read, and while an import runs.

    python benchmarks/load.py [--folder WORKSPACE] [--accounts 10000] [--people 50] [--seconds 120] [--workers 2] [--import]

Without a folder a company is simulated, imported, refreshed and flagged first, which takes minutes; a folder of an
earlier run is used again. The pages are served as the demo by so many processes as --workers says; people sign in by a click and wait a second
between two pages, as people do: today, the Book and its pages and filters, an account, a number opened, a search, and
now and then a touch logged. The client is a process of its own and says what it took of the processors. With
--import a further delivery of usage is imported while they read. Rewrites its section of RESULTS.md.
"""

from __future__ import annotations

import argparse
import http.client
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from results import command, write_section

SECTION = "## Pages under load"
PORT = 8765
TENURE = [sys.executable, "-m", "tenure"]
THINK = 1.0
"""Seconds between two pages of one person."""
KINDS = ("today", "book", "book page", "book filtered", "account", "number", "search", "log touch")


@dataclass
class Seen:
    """What the people saw: seconds to the whole page by kind, first bytes of the Book, and what went wrong."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    first: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, seconds: float, first: float, status: int, address: str) -> None:
        """One page."""
        with self.lock:
            self.took[kind].append(seconds)
            if kind == "book":
                self.first.append(first)
            if status >= 400:  # noqa: PLR2004 - what HTTP calls an error
                self.wrong.append(f"{status} {address}")


class Visitor:
    """One signed-in person with a connection of their own."""

    def __init__(self, number: str, seen: Seen, seed: int) -> None:
        self.seen, self.random, self.cookies = seen, random.Random(seed), dict[str, str]()
        self.link = http.client.HTTPConnection("localhost", PORT, timeout=60)
        self.accounts: list[str] = []
        self.mine: list[str] = []
        page = self.ask("GET", "/sign-in")
        self.ask("POST", f"/sign-in/as/{number}", token=_token(page))

    def ask(
        self,
        method: str,
        address: str,
        *,
        kind: str = "",
        token: str = "",
        said: Mapping[str, str] | None = None,
    ) -> str:
        """A page's text; where `kind` is named, what it took is kept."""
        head = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if method == "POST":
            body = urlencode({**(said or {}), "csrfmiddlewaretoken": token})
            head |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://localhost:{PORT}/"}  # fmt: skip
        start = time.perf_counter()
        self.link.request(method, address, body, head)
        answer = self.link.getresponse()
        first = time.perf_counter() - start
        text = answer.read().decode()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        if kind:
            self.seen.add(kind, time.perf_counter() - start, first, answer.status, address)
        return text

    def day(self, end: float) -> None:
        """Pages until the end, with a second of thought between two."""
        time.sleep(self.random.random() * THINK)
        while time.perf_counter() < end:
            try:
                self.step()
            except (OSError, http.client.HTTPException) as error:
                with self.seen.lock:
                    self.seen.wrong.append(repr(error))
                self.link.close()
            time.sleep(THINK * (0.5 + self.random.random()))

    def step(self) -> None:
        """One page, the next of a morning by chance."""
        kind = self.random.choices(KINDS, (15, 15, 10, 10, 30, 12, 6, 2))[0]
        if kind in ("account", "number") and not self.accounts:
            kind = "book"
        account = self.random.choice(self.accounts) if self.accounts else ""
        if kind == "log touch":
            self.log_touch()
            return
        page = self.ask("GET", self._address(kind, account), kind=kind)
        if kind.startswith("book") or kind == "today":
            found = re.findall(r'data-open href="(/accounts/[^"?]+)"', page)
            self.accounts = found or self.accounts
            if kind == "today":
                self.mine = found or self.mine

    def log_touch(self) -> None:
        """A call, logged on an account of the person's own queue."""
        if not self.mine:
            return
        address = f"{self.random.choice(self.mine)}/touch"
        form = self.ask("GET", address, kind="touch form")
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M")
        said = {"kind": "call", "direction": "two_way", "happened_at": now}
        self.ask("POST", address, kind="log touch", token=_token(form), said=said)

    def _address(self, kind: str, account: str) -> str:
        return {
            "today": "/today",
            "book": "/book?owner=everyone",
            "book page": f"/book?owner=everyone&page={self.random.randint(2, 40)}",
            "book filtered": "/book?owner=everyone&zone=at_risk&sort=-arr",
            "account": account,
            "number": f"{account}/numbers/arr_in_force",
            "search": f"/search?text={self.random.choice('abcdefg')}",
        }[kind]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--import", dest="with_import", action="store_true")
    said = parser.parse_args()
    with nullcontext(said.folder) if said.folder else tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        if not (folder / "tenure.toml").exists():
            made(folder, said.accounts)
        numbers = people(folder, said.people)
        server = subprocess.Popen(
            [
                *TENURE,
                "serve",
                "--demo",
                "--workers",
                str(said.workers),
                "--port",
                str(PORT),
                "--workspace",
                str(folder),
            ]
        )
        try:
            until_open()
            quiet, used = crowd(numbers, said.seconds)
            rows = [("reading", quiet, used)]
            if said.with_import:
                files = Path(tempfile.mkdtemp())
                delivery(folder, files)
                bringing = subprocess.Popen([*TENURE, "import", str(files), "--workspace", str(folder)], stdout=subprocess.DEVNULL)  # fmt: skip
                rows.append(("while an import runs", *crowd(numbers, said.seconds)))
                bringing.wait()
        finally:
            server.terminate()
            server.wait(30)
        text = section(folder, said, rows)
    print(text)
    write_section(SECTION, text)
    return 0


def made(folder: Path, accounts: int) -> None:
    """A company with its history and flags."""
    exports = folder.parent / f"{folder.name}-exports"
    run("simulate", str(exports), "--accounts", str(accounts), "--months", "14", "--seed", "3", "--end", "today")  # fmt: skip
    run("init", str(folder), "--title", "Load company", "--gross-margin", "0.8")
    run("import", str(exports), "--workspace", str(folder))
    run("refresh", "--workspace", str(folder))
    run("flags", "raise", "--workspace", str(folder))


def run(*words: str) -> str:
    """A command of Tenure, and what it printed."""
    done = subprocess.run([*TENURE, *words], check=True, capture_output=True, text=True)
    return done.stdout


def people(folder: Path, wanted: int) -> list[str]:
    """The numbers by which the demo signs people in, each as often as fifty people need."""
    run("person", "demo", "--workspace", str(folder))
    code = (
        "import os; from tenure.cli.serving import desk; desk(os.environ['AT'], demo=True); "
        "from tenure.desk.models import Person; "
        "print(*[p.number for p in Person.objects.filter(role__in=['csm', 'lead', 'ops'])])"
    )
    found = subprocess.run([sys.executable, "-c", code], env=os.environ | {"AT": str(folder)}, check=True, capture_output=True, text=True).stdout.split()  # fmt: skip
    return [found[n % len(found)] for n in range(wanted)]


def delivery(folder: Path, files: Path) -> None:
    """A hundred thousand further touches of accounts that are there."""
    code = (
        "import os, csv, sys; from tenure.workspace import Workspace; w = Workspace.open(os.environ['AT']); "
        "ids = [row[0] for row in w.facts().rows('accounts', ['account_id'])]; out = csv.writer(sys.stdout); "
        "out.writerow(['activity_id','account_id','activity_type','occurred_at','direction','status']); "
        "[out.writerow([f'load-{os.getpid()}-{i}', ids[i % len(ids)], 'email', f'{w.defaults.today}T00:00:00Z', "
        "'outbound', 'completed']) for i in range(100000)]"
    )
    text = subprocess.run([sys.executable, "-c", code], env=os.environ | {"AT": str(folder)}, check=True, capture_output=True, text=True).stdout  # fmt: skip
    (files / "activities.csv").write_text(text)


def until_open(seconds: float = 300) -> None:
    """Wait until the pages answer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            link = http.client.HTTPConnection("localhost", PORT, timeout=5)
            link.request("GET", "/sign-in")
            if link.getresponse().status == 200:  # noqa: PLR2004 - it answers
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("The pages did not open.")


def crowd(numbers: Sequence[str], seconds: float) -> tuple[Seen, float]:
    """Everybody at once for so long; and the processor seconds that this took the client."""
    seen = Seen()
    visitors = [Visitor(number, seen, seed) for seed, number in enumerate(numbers)]
    before, end = time.process_time(), time.perf_counter() + seconds
    threads = [threading.Thread(target=one.day, args=(end,)) for one in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen, time.process_time() - before


def section(folder: Path, said: argparse.Namespace, rows: list[tuple[str, Seen, float]]) -> str:
    """The table as Markdown."""
    size = run("sources", "--workspace", str(folder)).splitlines()[:1]
    lines = [
        SECTION,
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}), Python {platform.python_version()}. "
        f"{said.people} people, {THINK:.0f} s of thought between pages, {said.workers} processes on SQLite, client on the same machine. "
        f"Redo with `{command()}`. {' '.join(size)}",
        "",
        "| pages | asked | p50 | p95 | p99 | longest | wrong | client |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, seen, used in rows:
        every = [one for own in seen.took.values() for one in own]
        lines.append(_row(f"all, {name}", every, len(seen.wrong), f"{used:.1f} s"))
        lines += [_row(kind, own, None, "") for kind, own in sorted(seen.took.items())]
        lines.append(_row("the Book's first byte", seen.first, None, ""))
        lines += [f"| wrong: {one} | | | | | | | |" for one in sorted(set(seen.wrong))[:5]]
    return "\n".join(lines) + "\n"


def _row(name: str, took: Sequence[float], wrong: int | None, used: str) -> str:
    if not took:
        return f"| {name} | 0 | | | | | | |"
    order = sorted(took)

    def at(share: float) -> str:
        return f"{1000 * order[min(int(share * len(order)), len(order) - 1)]:.0f} ms"

    return (
        f"| {name} | {len(order):,} | {at(0.5)} | {at(0.95)} | {at(0.99)} | {1000 * order[-1]:.0f} ms "
        f"| {'' if wrong is None else wrong} | {used} |"
    )


def _token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    return found[1] if found else ""


if __name__ == "__main__":
    raise SystemExit(main())
