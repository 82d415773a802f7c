from __future__ import annotations

import pytest

from tenure.kernel.unknown import REASONS, Unknown


def test_an_unknown_is_neither_true_nor_false() -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(Unknown("no_data"))


def test_an_unknown_cannot_slip_through_an_or() -> None:
    with pytest.raises(TypeError):
        _ = Unknown("undefined") or 0


def test_there_are_five_reasons() -> None:
    assert REASONS == ("undefined", "no_data", "too_little_history", "source_late", "withheld")


def test_unknowns_of_one_reason_are_equal() -> None:
    assert Unknown("no_data") == Unknown("no_data") != Unknown("withheld")
