"""Every command and every notebook line of the README and of the pages to follow, run as they stand.

`TENURE_NOW` holds the clock, so that a page shows the same today and next year. `make` and `pip` are not run:
they must exist as targets, and `make demo` is walked through the commands of its recipe. The first command of a page
is a process of its own, as a reader's is; the plain ones after it are forks of one that has loaded Tenure, and by night
each is a process of its own.
"""

from __future__ import annotations

import doctest
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .pages import Block, Command, agrees, blocks, commands, demo_commands, targets, words_of

ROOT = Path(__file__).resolve().parents[2]
RAVENSTACK = ROOT.parent / "shared" / "data" / "ravenstack"
NOW = "2026-10-05T08:30:00"
OUTSIDE = {"ravenstack.md"}
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("start/*.md"))]
PAGES += [
    *sorted((ROOT / "docs").glob("do/*.md")),
    *sorted((ROOT / "docs").glob("understand/*.md")),
]


FOR_THE_SHELL = re.compile(r"[|<>;&$`*?#(){}~\[\]]")
"""What a shell reads as more than a word."""


class Prompt:
    """A process that has loaded Tenure and runs plain `tenure` commands in forks of itself."""

    def __init__(self, scratch: Path) -> None:
        self.printed = scratch / "printed"
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("prompt.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment() | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def run(self, words: list[str], folder: Path) -> tuple[int, str]:
        """Exit status and what was printed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"words": words, "folder": str(folder), "environment": environment()}
        self.process.stdin.write(json.dumps(order | {"printed": str(self.printed)}) + "\n")
        self.process.stdin.flush()
        status = int(self.process.stdout.readline())
        return status, self.printed.read_text(encoding="utf-8")

    def close(self) -> None:
        """Let it end."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def prompt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prompt]:
    made = Prompt(tmp_path_factory.mktemp("prompt"))
    yield made
    made.close()


@dataclass(slots=True)
class Walk:
    """A reader at work: the folder they are in, the exit status of the last command, Python's names."""

    folder: Path
    prompt: Prompt | None = None
    status: int = 0
    begun: bool = False
    names: dict[str, object] = field(default_factory=dict)

    def run(self, text: str) -> str:
        """What a shell command prints, errors included."""
        plain = text.startswith("tenure ") and not FOR_THE_SHELL.search(text)
        if self.prompt and self.begun and plain:
            self.status, printed = self.prompt.run(words_of(text)[1:], self.folder)
            return printed
        self.begun = True
        done = subprocess.run(
            ["/bin/sh", "-c", text],
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        self.status = done.returncode
        return done.stdout.decode("utf-8")


def environment() -> dict[str, str]:
    """A plain environment with this Python's commands first, the clock held, and UTF-8."""
    own = Path(sys.executable).parent
    names = ("HOME", "TMPDIR", "OPENBLAS_NUM_THREADS")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return kept | {
        "PATH": f"{own}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUTF8": "1",
        "LC_ALL": "C.UTF-8",
        "TENURE_NOW": NOW,
        "RAVENSTACK": str(RAVENSTACK),
        "RAVENSTACK_SECOND": str(RAVENSTACK.with_name("ravenstack-second-dialect")),
    }


def follow(
    page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, prompt: Prompt | None = None
) -> None:
    """Walk a page from top to bottom in `folder`."""
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    walk = Walk(folder, prompt)
    for block in blocks(page):
        where = f"{page.relative_to(ROOT)}:{block.line}"
        if block.file:
            _write(walk, block)
        elif block.kind == "console":
            _console(walk, block, page)
        elif block.kind == "pycon":
            monkeypatch.chdir(walk.folder)
            _session(walk, block, where)
    assert walk.status == 0, f"{page.name} ends with a command that failed"


def _write(walk: Walk, block: Block) -> None:
    target = walk.folder / block.file
    assert target.resolve().is_relative_to(walk.folder.resolve())
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(block.body, encoding="utf-8")


def _console(walk: Walk, block: Block, page: Path) -> None:
    for command in commands(block):
        where = f"{page.relative_to(ROOT)}:{command.line}: $ {command.text}"
        words = words_of(command.text)
        if command.text == "echo $?":
            assert command.shown == (str(walk.status),), where
            walk.status = 0
            continue
        assert walk.status == 0, (
            f"{where}: the command before it failed, and the page does not say so"
        )
        if words[0] == "cd":
            walk.folder = walk.folder / words[1]
        elif words[0] == "make":
            _make(walk, command, where)
        elif words[0] == "pip":
            assert words[1:] == ["install", "."], where
        else:
            _compare(command, walk.run(command.text), where)


def _make(walk: Walk, command: Command, where: str) -> None:
    target = words_of(command.text)[1]
    assert target in targets(ROOT / "Makefile"), where
    if target != "demo":
        return
    printed = ""
    for text in demo_commands(ROOT / "Makefile", night=bool(os.environ.get("TENURE_NIGHT"))):
        printed = walk.run(text)
        assert walk.status == 0, f"{where}: {text}\n{printed}"
    _compare(command, printed, where)  # the page shows the last screen


def _compare(command: Command, printed: str, where: str) -> None:
    if command.shown:
        shown = "\n".join(command.shown)
        assert agrees(command.shown, printed), (
            f"{where}\n--- the page shows\n{shown}\n--- printed\n{printed}"
        )


def _session(walk: Walk, block: Block, where: str) -> None:
    text = block.body.replace("…", "...")
    test = doctest.DocTestParser().get_doctest(text, walk.names, where, where, block.line)
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=told.append, clear_globs=False)
    walk.names.update(test.globs)
    assert not told, "".join(told)


WALKED = pytest.mark.parametrize(
    "page", [p for p in PAGES if p.name not in OUTSIDE], ids=lambda p: p.name
)


@WALKED
def test_a_page_does_what_it_shows(
    page: Path, prompt: Prompt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(page, tmp_path, monkeypatch, prompt)


@pytest.mark.night
@WALKED
def test_a_page_does_what_it_shows_when_each_command_is_a_process_of_its_own(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(page, tmp_path, monkeypatch)


@pytest.mark.outside
def test_the_ravenstack_walk_does_what_it_shows(
    prompt: Prompt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not RAVENSTACK.is_dir():
        pytest.skip("needs the RavenStack export in ../shared/data/ravenstack")
    follow(ROOT / "docs" / "start" / "ravenstack.md", tmp_path, monkeypatch, prompt)


def test_a_line_that_differs_is_noticed() -> None:
    assert agrees(("a … c", "…", "z"), "a b c\nx\ny\nz\n")
    assert not agrees(("a … c", "…", "z"), "a b d\nz\n")
    assert not agrees(("a",), "a\nb\n")
    assert not agrees(("12.5 %",), "12,5 %\n")


def test_every_page_to_follow_is_walked() -> None:
    names = {page.name for page in PAGES}
    assert {"README.md", "ravenstack.md", "import-your-exports.md", "two-times.md"} <= names
    for page in PAGES:
        assert len(blocks(page)) > 1, page.name
        kinds = {block.kind for block in blocks(page) if not block.file}
        assert kinds <= {"console", "pycon", "text", "toml", "csv", "sh"}, (page.name, kinds)
