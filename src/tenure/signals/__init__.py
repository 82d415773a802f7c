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
    from tenure.signals.anchored import renewal_panel
    from tenure.signals.backtesting.door import backtest
    from tenure.signals.before_churn import patterns_before_churn
    from tenure.signals.forecasting.door import forecast
    from tenure.signals.forecasting.quarters import forecast_renewals
    from tenure.signals.health_score.door import health
    from tenure.signals.health_score.inputs import Input
    from tenure.signals.health_score.learn import Recipe
    from tenure.signals.health_score.preset import preset
    from tenure.signals.health_score.rows import Names
    from tenure.signals.health_score.slope import slope
    from tenure.signals.leadtime import lead_time
    from tenure.signals.learning import Learning, learn_thresholds
    from tenure.signals.thresholds.config import Config
    from tenure.signals.trajectory import classify_trajectories
    from tenure.signals.usage.anomalies import usage_anomalies
    from tenure.signals.usage.burn import burn_forecast

_PLACES = {
    "Config": "tenure.signals.thresholds.config",
    "Input": "tenure.signals.health_score.inputs",
    "Learning": "tenure.signals.learning",
    "Names": "tenure.signals.health_score.rows",
    "Recipe": "tenure.signals.health_score.learn",
    "backtest": "tenure.signals.backtesting.door",
    "burn_forecast": "tenure.signals.usage.burn",
    "classify_trajectories": "tenure.signals.trajectory",
    "forecast": "tenure.signals.forecasting.door",
    "forecast_renewals": "tenure.signals.forecasting.quarters",
    "health": "tenure.signals.health_score.door",
    "lead_time": "tenure.signals.leadtime",
    "learn_thresholds": "tenure.signals.learning",
    "patterns_before_churn": "tenure.signals.before_churn",
    "preset": "tenure.signals.health_score.preset",
    "renewal_panel": "tenure.signals.anchored",
    "slope": "tenure.signals.health_score.slope",
    "usage_anomalies": "tenure.signals.usage.anomalies",
}
"""Doors on plain tables. A door and a module beside this file may not share a name."""

__all__ = [
    "Config",
    "Input",
    "Learning",
    "Names",
    "Recipe",
    "backtest",
    "burn_forecast",
    "classify_trajectories",
    "forecast",
    "forecast_renewals",
    "health",
    "lead_time",
    "learn_thresholds",
    "patterns_before_churn",
    "preset",
    "renewal_panel",
    "slope",
    "usage_anomalies",
]


def __getattr__(name: str) -> Any:
    """Load a public name on first use: numpy is not needed to say `import tenure`."""
    if name not in _PLACES:
        raise AttributeError(f"module `tenure.signals` has no `{name}`")
    return getattr(importlib.import_module(_PLACES[name]), name)
