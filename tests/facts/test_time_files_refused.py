"""A file of time that is refused says which column it lacks, and repeats no header that is not one of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenure import Workspace
from tenure.kernel.errors import TenureError

ROW = "maya,2026-03-02,internal,30"


@pytest.mark.parametrize(
    ("header", "repeated", "hidden"),
    [
        (
            "user_id,week_start,category,minutes",
            "Found: `category`, `minutes`",
            None,
        ),
        ("user_id,week_start,category,Dinner with Ann", None, "Dinner with Ann"),
    ],
)
def test_the_column_that_is_missing_is_named_and_no_content_is(
    tmp_path: Path, header: str, repeated: str | None, hidden: str | None
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "time_totals.csv").write_text(f"{header}\n{ROW}\n")
    with pytest.raises(TenureError) as caught:
        Workspace.create(tmp_path / "w").import_folder(folder)
    assert "The column `week_end`, which every row must have" in caught.value.what
    if repeated is not None:
        assert repeated in caught.value.remedy
    assert hidden is None or hidden not in f"{caught.value.what} {caught.value.remedy}"
