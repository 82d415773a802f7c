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
    from tenure.signals.before_churn import patterns_before_churn
    from tenure.signals.leadtime import lead_time
    from tenure.signals.learning import Learning, learn_thresholds
    from tenure.signals.thresholds.config import Config
    from tenure.signals.trajectory import classify_trajectories

_PLACES = {
    "Config": "tenure.signals.thresholds.config",
    "Learning": "tenure.signals.learning",
    "classify_trajectories": "tenure.signals.trajectory",
    "lead_time": "tenure.signals.leadtime",
    "learn_thresholds": "tenure.signals.learning",
    "patterns_before_churn": "tenure.signals.before_churn",
}

__all__ = [
    "Config",
    "Learning",
    "classify_trajectories",
    "lead_time",
    "learn_thresholds",
    "patterns_before_churn",
]


def __getattr__(name: str) -> Any:
    """Load a public name on first use: numpy is not needed to say `import tenure`."""
    if name not in _PLACES:
        raise AttributeError(f"module `tenure.signals` has no `{name}`")
    return getattr(importlib.import_module(_PLACES[name]), name)
