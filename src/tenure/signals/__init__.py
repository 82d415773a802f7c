"""What the numbers mean: thresholds learned, trajectories, lead time, health, back-test, forecast.

Pure functions on plain arrays and tables: every one can be called on a frame that never went through the lake.
A result says how sure it is, on what it rests and, where the data do not carry it, that it refuses and how much more
would change that. Imports the standard library, numpy and scipy; tenure.kernel, tenure.lake and tenure.metrics only
where a panel is made of a workspace. Does not promise that an association is a cause.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenure.signals.backtesting.door import backtest
    from tenure.signals.forecasting.door import forecast
    from tenure.signals.health_score.door import health
    from tenure.signals.health_score.inputs import Input
    from tenure.signals.health_score.learn import Recipe
    from tenure.signals.health_score.preset import preset
    from tenure.signals.health_score.rows import Names
    from tenure.signals.health_score.slope import slope

_PLACES = {
    "backtest": "tenure.signals.backtesting.door",
    "forecast": "tenure.signals.forecasting.door",
    "health": "tenure.signals.health_score.door",
    "Input": "tenure.signals.health_score.inputs",
    "Recipe": "tenure.signals.health_score.learn",
    "preset": "tenure.signals.health_score.preset",
    "Names": "tenure.signals.health_score.rows",
    "slope": "tenure.signals.health_score.slope",
}
"""Doors on plain tables. A door and a module beside this file may not share a name."""

__all__ = ["Input", "Names", "Recipe", "backtest", "forecast", "health", "preset", "slope"]


def __getattr__(name: str) -> Any:
    """Load a public name on first use: numpy is not needed to say `import tenure`."""
    if name not in _PLACES:
        raise AttributeError(f"module `tenure.signals` has no `{name}`")
    return getattr(importlib.import_module(_PLACES[name]), name)
