"""What the page on serving for real gives to copy works, and what it forbids is refused."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DO = Path(__file__).parents[2] / "docs" / "do"


def test_the_unit_is_one_that_systemd_takes_without_a_word(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here.")
    unit = tmp_path / "tenure.service"
    text = (DO / "tenure.service").read_text()
    # The program it starts is not installed there on this machine.
    unit.write_text(text.replace("/srv/tenure/venv/bin/tenure", sys.executable))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_address_to_register_is_the_one_that_pages_answer() -> None:
    from django.urls import reverse

    page = (DO / "deploy.md").read_text()

    assert f"https://tenure.example.com{reverse('sign_on_callback')}" in page


def test_the_settings_to_copy_can_be_read() -> None:
    import tomllib

    from tenure.kernel.declare import read
    from tenure.kernel.settings import Settings

    blocks = re.findall(r"```toml\n(.*?)```", (DO / "deploy.md").read_text(), re.DOTALL)
    first, second = (read(Settings, block, name="deploy.md", id="") for block in blocks)

    assert first.web.hosts == ("tenure.example.com",)
    assert second.web.sign_on.is_on
    assert all(tomllib.loads(block) for block in blocks)
