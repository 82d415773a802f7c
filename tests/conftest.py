"""What every test may use: the counting company as a workspace, and the option for slow proofs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

FACTS = Path(__file__).parent / "counting_company" / "facts"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--run-smoke", action="store_true", help="Also build the wheel and install it bare."
    )


@pytest.fixture(scope="session")
def counting_company(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The counting company's facts as a workspace. Read it; do not import into it."""
    from tenure.workspace import Workspace

    workspace = Workspace.create(tmp_path_factory.mktemp("shared") / "company", gross_margin=0.8)
    workspace.import_folder(FACTS)
    return workspace
