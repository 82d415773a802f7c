from __future__ import annotations

from tenure.kernel.wording import counted


def test_a_count_agrees_with_its_noun() -> None:
    assert [counted(n, "account") for n in (0, 1, 2_000)] == [
        "0 accounts",
        "1 account",
        "2,000 accounts",
    ]
    assert counted(2, "copy", "copies") == "2 copies"
