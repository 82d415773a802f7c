"""A result as plain values: what every `to_dict()` of a trajectory, a lead time and a flag gives."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

import numpy as np

from tenure.kernel.unknown import Unknown
from tenure.signals.rates import Interval


def plainly(value: Any) -> Any:
    """Dataclasses as dicts, intervals as [estimate, low, high], days as ISO text, NaN as None, Unknown with its reason."""
    if isinstance(value, Unknown):
        return {"unknown": value.reason, "says": value.says}
    if isinstance(value, Interval):
        return value.to_list()
    if is_dataclass(value):
        return {f.name: plainly(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {str(k): plainly(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plainly(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, date):
        return value.isoformat()
    return None if isinstance(value, float) and math.isnan(value) else value
