"""Draws a chart into a file: SVG, PNG, or a page that opens anywhere without a script.

The drawing library would fetch what a spec names, images even where addresses are forbidden. So a spec that names
anything is refused before it is drawn.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tenure.kernel.errors import Bug, UserError
from tenure.reports.charts.frame import Spec

SUFFIXES = (".svg", ".png", ".html")
VEGA_LITE = "6.4"
SCALE = 2
FONTS = Path(__file__).parent / "fonts"
"""Inter in two weights, under the Open Font License beside it; `charts/frame.py` names it first."""


def draw(spec: Spec, path: Path) -> Path:
    """Draw a spec into a file of the kind its name says; the same spec gives the same bytes.

    Raises:
        UserError: the name ends otherwise, the folder is not there, or the extra `reports` is not installed.
    """
    kind = checked(path)
    _refuse_addresses(spec)
    library = _library()
    if kind == ".png":
        path.write_bytes(
            library.vegalite_to_png(spec, vl_version=VEGA_LITE, scale=SCALE, allowed_base_urls=[])
        )
        return path
    picture = library.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[])
    path.write_text(picture if kind == ".svg" else _page(spec, picture), encoding="utf-8")
    return path


def checked(path: Path) -> str:
    """The kind of picture a name asks for, so that a wrong one is known before work is done.

    Raises:
        UserError: the name does not end in .svg, .png or .html, or its folder is not there.
    """
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        raise UserError(
            f"`{path.name}` is no picture that Tenure draws.",
            remedy="End the name in .svg, .png or .html.",
            code="plot.suffix",
        )
    if not path.parent.is_dir():
        raise UserError(
            f"The folder `{path.parent}` is not there.",
            remedy="Make it first, or name another.",
            code="plot.folder",
        )
    return kind


def _library() -> Any:
    try:
        import vl_convert
    except ImportError:
        raise UserError(
            "Charts need a library that is not installed.",
            remedy='Install the extra: pip install "tenure[reports]".',
            code="plot.extra",
        ) from None
    _know_fonts(vl_convert.register_font_directory)
    return vl_convert


@cache
def _know_fonts(register: Callable[[str], object]) -> None:
    """Once per process: the library keeps what it was told."""
    register(str(FONTS))


def _refuse_addresses(value: Any) -> None:
    """A spec holds its numbers inside; an address or an image is our mistake."""
    if isinstance(value, dict):
        mark = value.get("mark")
        if "url" in value or "href" in value or "image" in (mark, value.get("type")):
            raise Bug("A chart names an address or an image.", code="bug")
        if isinstance(mark, dict) and mark.get("type") == "image":
            raise Bug("A chart names an image.", code="bug")
        for key, inner in value.items():
            if key != "values":  # rows of data; their keys are nothing to Vega-Lite
                _refuse_addresses(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_addresses(inner)


def _page(spec: Spec, picture: str) -> str:
    title = html.escape(" ".join(spec["title"]["text"]))
    alt = html.escape(spec["description"], quote=True)
    background = spec["background"]
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<style>body{{margin:0;background:{background}}}svg{{max-width:100%;height:auto}}</style>\n"
        f'<figure role="img" aria-label="{alt}">\n{picture}\n</figure>\n</html>\n'
    )
