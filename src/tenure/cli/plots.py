"""The option `--plot` and what it writes; a refusal draws nothing and says so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tenure.signals import Learning

Plot = Annotated[
    Path | None,
    typer.Option("--plot", help="Also draw it into this file: .svg, .png or .html."),
]


def check(path: Path | None) -> None:
    """Complain of a file name before the work is done, not after it."""
    if path is not None:
        from tenure.reports.writers import checked

        checked(path)


def plot(chart: Any, path: Path) -> None:
    """Draw a chart, or say why there is none; to standard error, so that `--json` stays one document."""
    from tenure.kernel.unknown import Unknown
    from tenure.reports.writers import draw

    if isinstance(chart, Unknown):
        typer.echo(f"No chart was drawn. {chart.says}", err=True)
        return
    typer.echo(f"Drawn: {draw(chart, path)}", err=True)


def plot_learning(found: Learning, path: Path) -> None:
    """Two charts per metric: `out.svg` and `out-bins.svg`; with several metrics their names stand in the file names."""
    from tenure.reports.charts import bins, distribution

    for one in found:
        of = beside(path, one.metric.name) if len(found) > 1 else path
        made = distribution(one, found.question.asked)
        plot(made, of)
        if isinstance(made, dict):
            plot(bins(one, found.question.asked), beside(of, "bins"))


def beside(path: Path, word: str) -> Path:
    """`out.svg` and `bins` as `out-bins.svg`; signs that file names do not bear become dashes."""
    return path.with_name(f"{path.stem}-{re.sub(r'[^A-Za-z0-9_.-]+', '-', word)}{path.suffix}")
