"""What every test may use: the counting company as a workspace, commands built once, and the option for slow proofs."""

from __future__ import annotations

import json
import os
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# Workers share the cores already: threads of linear algebra would only wait for one another, a fifth to a third of
# the time of what is learned. Workers and child processes take it from here.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Nothing may depend on where the machine stands: an offset that no civil day of a company's own zone shares.
os.environ["TZ"] = "Pacific/Chatham"
time.tzset()

# A busy machine makes an example slow, not wrong: pytest's own timeout guards against one that hangs.
settings.register_profile("tenure", deadline=None, print_blob=True)
settings.load_profile("tenure")

FACTS = Path(__file__).parent / "counting_company" / "facts"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `by_night.toml` leaves to the night."""
    with (Path(__file__).parent / "by_night.toml").open("rb") as file:
        left = tuple(tomllib.load(file)["by_day"])
    for item in items:
        if item.nodeid.startswith(left):
            item.add_marker(pytest.mark.night)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--run-smoke", action="store_true", help="Also build the wheel and install it bare."
    )


@pytest.fixture(autouse=True, scope="session")
def _commands_built_once() -> Iterator[None]:
    """Typer builds every command from its function at each call, a tenth of a second; the tests call hundreds."""
    import typer.main
    import typer.testing

    built = cache(typer.main.get_command)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", built)
        patch.setattr(typer.testing, "_get_command", built)
        yield


@pytest.fixture(scope="session")
def counting_company(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The counting company's facts as a workspace. Read it; do not import into it."""
    from tenure.workspace import Workspace

    workspace = Workspace.create(tmp_path_factory.mktemp("shared") / "company", gross_margin=0.8)
    workspace.import_folder(FACTS)
    return workspace


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The one JSON document it wrote."""
        return json.loads(self.out)


@pytest.fixture
def tenure(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the `tenure` command in this process: `tenure("metric", "nrr")` gives code, out and err."""

    def run(*words: object) -> Done:
        from tenure import main

        monkeypatch.setattr(sys, "argv", ["tenure", *map(str, words)])
        capsys.readouterr()
        code: int | str | None = 0
        try:
            main.run()
        except SystemExit as ended:
            code = ended.code
        captured = capsys.readouterr()
        return Done(int(code or 0), captured.out, captured.err)

    return run
