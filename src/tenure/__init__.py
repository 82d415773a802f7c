"""Tenure: customer-success numbers that can be checked, from exports to the answer.

Public names, loaded when first used so that `tenure --help` imports no engine:
`Workspace`, `Answer`, `Frame`, `Unknown`, `Period`, `import_salesforce_contract`, `__version__`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenure.facts.salesforce import import_salesforce_contract
    from tenure.kernel.days import Period
    from tenure.kernel.unknown import Unknown
    from tenure.metrics.answer import Answer
    from tenure.metrics.history.frame import Frame
    from tenure.workspace import Workspace

__version__ = "0.1.0"

_PLACES = {
    "Workspace": "tenure.workspace",
    "Answer": "tenure.metrics.answer",
    "Frame": "tenure.metrics.history.frame",
    "Unknown": "tenure.kernel.unknown",
    "Period": "tenure.kernel.days",
    "import_salesforce_contract": "tenure.facts.salesforce",
}

__all__ = [
    "Answer",
    "Frame",
    "Period",
    "Unknown",
    "Workspace",
    "__version__",
    "import_salesforce_contract",
]


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    if name not in _PLACES:
        raise AttributeError(f"module `tenure` has no `{name}`")
    return getattr(importlib.import_module(_PLACES[name]), name)
