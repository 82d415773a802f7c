"""The refused rows as a file: corrected by a person, it imports as it is."""

from __future__ import annotations

import csv
import io
from typing import Any

from tenure.facts.fix import EXPLANATIONS, write_fix

HEADER = "line_id,account_id,arr,reason,color\n"


def fixed(result: Any) -> str:
    out = io.StringIO(newline="")
    count = write_fix(result.refused(), out)
    assert count == len(result.refused())
    return out.getvalue()


def test_the_file_holds_the_original_cells_and_three_columns_of_explanation(imported: Any) -> None:
    result = imported({"contract_lines.csv": HEADER + 'L-1,A,"12,5",x,red\nL-2,A,3,y,blue\n'})
    (row,) = csv.DictReader(io.StringIO(fixed(result)))
    assert list(row) == ["line_id", "account_id", "arr", "reason", "color", *EXPLANATIONS]
    assert (row["line_id"], row["arr"], row["color"]) == ("L-1", "12,5", "red")
    assert row["tenure_rule"] == "number.decimal"
    assert row["tenure_says"].startswith("line 2, arr: is not a number")
    assert "12.5" in row["tenure_remedy"]


def test_a_corrected_file_goes_in_and_the_explanations_are_ignored(imported: Any) -> None:
    refused = imported({"contract_lines.csv": HEADER + 'L-1,A,"12,5",=SUM(A1),red\n'})
    corrected = fixed(refused).replace('"12,5"', "12.5")
    result = imported({"contract_lines.csv": corrected})
    assert result.refused() == []
    assert [f["column_name"] for f in result.findings("column.unknown")] == ["color"]
    assert result.column("contract_lines", "reason") == ["=SUM(A1)"]


def test_no_cell_is_a_formula_and_numbers_stay_numbers(imported: Any) -> None:
    cells = ["=1+1", "+cmd|x", "@SUM", "-2+3", "＝1", "-12.50", "plain", "'quoted"]
    rows = "".join(f'L-{i},A,bad,"{cell}",x\n' for i, cell in enumerate(cells))
    refused = imported({"contract_lines.csv": HEADER + rows})
    shown = [row["reason"] for row in csv.DictReader(io.StringIO(fixed(refused)))]
    assert shown == ["'=1+1", "'+cmd|x", "'@SUM", "'-2+3", "'＝1", "-12.50", "plain", "'quoted"]
    back = imported({"contract_lines.csv": fixed(refused).replace(",bad,", ",1,")})
    assert back.column("contract_lines", "reason") == cells


def test_rows_with_too_many_cells_keep_them_all(imported: Any) -> None:
    result = imported({"accounts.csv": "account_id,name\nA-1,Acme, Inc\nA-2,x\n"})
    (row,) = csv.DictReader(io.StringIO(fixed(result)))
    assert (row["name"], row["cell 3"]) == ("Acme", " Inc")
