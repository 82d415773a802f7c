from __future__ import annotations

import pytest

from tenure.kernel.errors import (
    Bug,
    DeclarationError,
    LakeError,
    Question,
    SourceError,
    TenureError,
    UnknownName,
    UserError,
)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (UserError, 2),
        (DeclarationError, 2),
        (Question, 3),
        (SourceError, 3),
        (LakeError, 4),
        (Bug, 70),
    ],
)
def test_each_kind_of_error_has_its_exit_status(kind: type[TenureError], status: int) -> None:
    assert kind("It went wrong.").exit_code == status


def test_an_error_reads_place_sentence_and_remedy() -> None:
    error = UserError("It went wrong.", where="a.csv:3", remedy="Mend it.", code="a.b")

    assert str(error) == "a.csv:3: It went wrong. Mend it."


def test_an_error_has_one_shape_in_json() -> None:
    error = UserError("It went wrong.", remedy="Mend it.", where="a.csv:3", code="a.b")

    assert error.to_dict() == {
        "error": {"code": "a.b", "what": "It went wrong.", "where": "a.csv:3", "remedy": "Mend it."}
    }


def test_an_error_without_a_code_has_its_kinds() -> None:
    assert LakeError("x").code == "lake"
    assert UnknownName("metric", "x", []).code == "name.unknown"


def test_an_unknown_name_lists_near_misses() -> None:
    assert UnknownName("metric", "nnr", ["nrr", "grr", "clv"]).remedy == "Did you mean `nrr`?"


def test_an_unknown_name_without_a_near_miss_lists_all_that_are_few() -> None:
    assert UnknownName("cut", "zzz", ["b", "a"]).remedy == "Known: `a`, `b`."


def test_an_unknown_name_counts_those_that_are_many() -> None:
    assert "40 are known" in UnknownName("cut", "zzz", map(str, range(40))).remedy
