"""From a number to the file and line of every row behind it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tenure.metrics.declaration import built_in

T12 = {"start": "2025-04-01", "end": "2026-04-01", "as_of": "2026-03-31"}
LINE = {"line": "alder-2-a"}


@pytest.mark.parametrize("name", sorted(built_in().metrics))
def test_every_metric_can_be_opened_up(counting_company: Any, name: str) -> None:
    asked: dict[str, Any] = {"as_of": "2026-03-31"} | (LINE if name == "co_term_proration" else {})

    chain = counting_company.explain(name, **asked)

    text = str(chain)
    declared = built_in().metrics[name]
    assert declared.says in text
    assert all(formula in text for formula in declared.formula)
    assert all(component in text for component in chain.answer.components)
    json.dumps(chain.to_dict(), allow_nan=False)


def test_the_last_lines_are_places_in_files(counting_company: Any) -> None:
    chain = counting_company.explain("nrr", **T12, where={"account": "ivy"})

    rows = str(chain).split("Rows (1)\n")[1].splitlines()
    (row,) = chain.rows
    assert rows[0].split()[0] == row.place == f"contract_lines.csv:{row.line}"
    assert "arr=" in rows[0] or "amount=" in rows[0]


def test_only_as_many_rows_as_asked_are_shown_and_the_rest_is_counted(
    counting_company: Any,
) -> None:
    chain = counting_company.explain("nrr", **T12, limit=3)

    assert len(chain.rows) == 3
    assert str(chain).endswith(f"… and {len(chain.answer.rows) - 3} more")


def test_an_unknown_number_is_opened_up_to_its_reason(counting_company: Any) -> None:
    chain = counting_company.explain("clv", as_of="2025-12-31")

    assert "Unknown (nothing to measure)" in str(chain)


def test_every_parameter_used_is_told_defaults_included(counting_company: Any) -> None:
    chain = counting_company.explain("nrr", **T12, by="csm", where={"segment": "smb"})

    for word in ("period_net", "constant", "owner_at_start", "30", "USD", "csm", "smb"):
        assert word in str(chain).split("Method")[1]
