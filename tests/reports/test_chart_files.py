"""Charts as files: of the kind their name says, the same bytes each time, and nothing fetched."""

from __future__ import annotations

import builtins
import re
from pathlib import Path
from typing import Any

import chart_results as made
import pytest

from tenure.kernel.errors import Bug, UserError
from tenure.reports import charts
from tenure.reports.charts.frame import FONT
from tenure.reports.writers import FONTS, draw


def spec() -> Any:
    return charts.coverage(made.coverage())


@pytest.mark.parametrize("name", made.CHARTS)
def test_every_chart_draws_with_its_title_and_axes(name: str, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    chart: Any = made.CHARTS[name]()

    picture = draw(chart, tmp_path / "out.svg").read_text()

    shown = re.sub(r"<[^>]+>", " ", picture).replace("&gt;", ">")
    assert chart["title"]["text"][0] in shown
    assert "Method: " in shown
    assert "undefined" not in picture
    assert "NaN" not in picture


def test_the_same_chart_gives_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    for kind in ("svg", "png", "html"):
        one = draw(spec(), tmp_path / f"one.{kind}").read_bytes()
        assert one == draw(spec(), tmp_path / f"two.{kind}").read_bytes()
        assert len(one) > 1000


def test_text_is_measured_and_drawn_by_the_font_that_comes_with_tenure(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    named = FONT.partition(",")[0]
    assert {file.name for file in FONTS.iterdir()} == {
        "Inter-Bold.ttf", "Inter-Regular.ttf", "OFL.txt",
    }  # fmt: skip
    assert sum(file.stat().st_size for file in FONTS.iterdir()) < 1_000_000

    def drawn(font: str) -> bytes:
        of = spec() | {"config": spec()["config"] | {"font": font}}
        return draw(of, tmp_path / "out.png").read_bytes()

    ours, other, unknown = drawn(named), drawn("Liberation Sans"), drawn("No Such Font")
    assert ours == draw(spec(), tmp_path / "usual.png").read_bytes()
    assert len({ours, other, unknown}) == 3


def test_a_page_holds_its_picture_and_no_script_or_address(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")

    page = draw(spec(), tmp_path / "out.html").read_text()

    assert "<svg" in page
    assert "<script" not in page
    without_names = re.sub(r'xmlns(:\w+)?="[^"]+"', "", page)
    assert "http" not in without_names
    assert "aria-label" in page


@pytest.mark.parametrize("name", ["out.pdf", "out", "out.jpg"])
def test_another_kind_of_file_is_told_the_three_kinds(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as told:
        draw(spec(), tmp_path / name)
    assert told.value.code == "plot.suffix"
    assert ".svg, .png or .html" in told.value.remedy


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError) as told:
        draw(spec(), tmp_path / "none" / "out.svg")
    assert told.value.code == "plot.folder"


@pytest.mark.parametrize(
    "named",
    [
        {"data": {"url": "https://example.org/x.csv"}},
        {"layer": [{"mark": "image"}]},
        {"layer": [{"mark": {"type": "image"}}]},
        {"encoding": {"href": {"field": "a"}}},
    ],
)
def test_a_spec_that_names_something_outside_is_never_drawn(
    named: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(Bug):
        draw({**spec(), **named}, tmp_path / "out.svg")
    assert not (tmp_path / "out.svg").exists()


def test_a_missing_library_is_told_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = builtins.__import__

    def without(name: str, *more: Any, **named: Any) -> Any:
        if name == "vl_convert":
            raise ImportError(name)
        return found(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UserError) as told:
        draw(spec(), tmp_path / "out.svg")
    assert told.value.code == "plot.extra"
    assert "tenure[reports]" in told.value.remedy
