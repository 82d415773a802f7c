"""The one screen: on a whole company, on an empty workspace, and with tables missing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tenure.workspace import Workspace

FACTS = Path(__file__).resolve().parents[1] / "counting_company" / "facts"
AS_OF = ("--as-of", "2026-03-31")


def loaded(folder: Path, tenure: Any, *names: str) -> Path:
    """A workspace with some of the counting company's tables."""
    (folder / "exports").mkdir()
    for name in names:
        shutil.copy(FACTS / f"{name}.csv", folder / "exports")
    tenure("init", folder / "w")
    if names:
        assert tenure("import", folder / "exports", "-w", folder / "w").code == 0
    return folder / "w"


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Workspaces with some of the counting company's tables, each made once and only read."""

    @cache
    def made(*names: str) -> Path:
        folder = tmp_path_factory.mktemp("some")
        (folder / "exports").mkdir()
        for name in names:
            shutil.copy(FACTS / f"{name}.csv", folder / "exports")
        Workspace.create(folder / "w").import_folder(folder / "exports")
        return folder / "w"

    return made


def test_the_screen_shows_the_worked_numbers(counting_company: Any, tenure: Any) -> None:
    done = tenure("overview", *AS_OF, "-w", counting_company.folder)

    for text in (
        "7.3M",
        "95.7 %",
        "86.2 %",
        "81.8 %",
        "2 accounts, 2.1M",
        "3 qualified deals, 5.1M",
    ):
        assert text in done.out
    assert all(len(line) <= 100 for line in done.out.splitlines()[:2])


def test_the_roll_forward_on_the_screen_adds_up(counting_company: Any, tenure: Any) -> None:
    flow = tenure("overview", *AS_OF, "-w", counting_company.folder, "--json").data["rollforward"]

    moved = (
        flow["new"] + flow["expansion"] + flow["reactivation"] - flow["downsell"] - flow["churn"]
    )
    assert flow["opening_arr"] + moved + flow["fx"] == flow["closing_arr"] == 7_340_000


def test_an_empty_workspace_says_what_to_do(tmp_path: Path, tenure: Any) -> None:
    workspace = loaded(tmp_path, tenure)

    done = tenure("overview", "-w", workspace)

    assert done.code == 0
    assert "tenure import" in done.out
    assert tenure("overview", "-w", workspace, "--json").code == 0


@pytest.mark.parametrize(
    "names",
    [
        ["accounts"],
        ["contract_lines"],
        ["contracts"],
        ["opportunities"],
        ["risk_flags"],
        ["accounts", "contract_lines"],
        ["accounts", "contracts", "contract_lines"],
        ["accounts", "contracts", "contract_lines", "account_assignments"],
        ["contracts", "contract_lines", "fx_rates"],
        ["accounts", "opportunities", "risk_flags", "fx_rates"],
    ],
    ids=lambda names: "+".join(names),
)
@pytest.mark.parametrize("when", [AS_OF, ()], ids=["asked", "by itself"])
def test_the_screen_stands_with_only_some_tables(
    names: list[str], when: tuple[str, ...], some: Callable[..., Path], tenure: Any
) -> None:
    workspace = some(*names)

    done = tenure("overview", *when, "-w", workspace)

    assert (done.code, done.err) == (0, "")
    assert done.out
    assert tenure("overview", *when, "-w", workspace, "--json").code == 0
