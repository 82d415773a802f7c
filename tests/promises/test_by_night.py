"""What is left to the night names tests that exist, and says what is proven by day."""

from __future__ import annotations

import tomllib
from pathlib import Path

TESTS = Path(__file__).parent.parent


def test_every_proof_left_to_the_night_is_there_and_says_what_stays_by_day() -> None:
    with (TESTS / "by_night.toml").open("rb") as file:
        left = tomllib.load(file)["by_day"]

    for begins, by_day in left.items():
        file_name, _, name = begins.partition("::")
        text = (TESTS.parent / file_name).read_text(encoding="utf-8")
        assert f"def {name.partition('[')[0]}" in text, begins
        assert len(by_day) > 5, begins
