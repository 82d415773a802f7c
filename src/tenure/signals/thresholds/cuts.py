"""Where one or two breaks fit best: step rates by likelihood, for many data sets on one grid at once.

Every array of events has one row per data set. Bin 0 is the riskiest end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tenure.signals.thresholds.bins import Floats, Ints
from tenure.signals.thresholds.config import Config

NEVER = -np.inf


def likelihood(events: Floats, rows: Floats) -> Floats:
    """E ln(e/n) + (n - e) ln(1 - e/n), with 0 ln 0 = 0; 0 where there are no rows."""
    others = rows - events
    safe = np.where(rows > 0, rows, 1.0)
    return events * np.log(np.where(events > 0, events, safe) / safe) + others * np.log(
        np.where(others > 0, others, safe) / safe
    )


@dataclass(frozen=True, slots=True)
class OneCut:
    """Likelihood of a cut behind every bin, per data set; -inf where the cut is not allowed."""

    profile: Floats

    @property
    def best(self) -> Floats:
        """The largest likelihood per data set."""
        return np.asarray(self.profile.max(axis=1, initial=NEVER))

    @property
    def at(self) -> Ints:
        """Where it stands."""
        return np.asarray(self.profile.argmax(axis=1))


@dataclass(frozen=True, slots=True)
class TwoCuts:
    """Likelihood of every pair of cuts a < b, per data set; -inf where it is not allowed."""

    table: Floats

    @property
    def best(self) -> Floats:
        """The largest likelihood per data set."""
        return np.asarray(self.table.max(axis=(1, 2), initial=NEVER))

    @property
    def at(self) -> tuple[Ints, Ints]:
        """Where it stands: the first cut and the second."""
        flat = self.table.reshape(len(self.table), -1).argmax(axis=1)
        return np.asarray(flat // self.table.shape[2]), np.asarray(flat % self.table.shape[2])

    @property
    def first(self) -> Floats:
        """The likelihood of a first cut behind every bin, with the best second one."""
        return np.asarray(self.table.max(axis=2, initial=NEVER))

    @property
    def second(self) -> Floats:
        """The likelihood of a second cut behind every bin, with the best first one."""
        return np.asarray(self.table.max(axis=1, initial=NEVER))


def one_cut(events: Floats, rows: Floats, config: Config) -> OneCut:
    """A cut needs enough rows on both sides, enough events on the risky one, and the higher rate there."""
    e, n = np.cumsum(events, axis=1)[:, :-1], np.cumsum(rows)[:-1][None, :]
    total_e, total_n = events.sum(axis=1, keepdims=True), rows.sum()
    found = likelihood(e, np.broadcast_to(n, e.shape)) + likelihood(
        total_e - e, np.broadcast_to(total_n - n, e.shape)
    )
    allowed = (n >= config.min_zone_rows) & (total_n - n >= config.min_zone_rows)
    allowed = allowed & (e >= config.min_zone_events)
    allowed = allowed & (e * (total_n - n) > (total_e - e) * n)
    return OneCut(np.where(allowed, found, NEVER))


def two_cuts(events: Floats, rows: Floats, config: Config, *, falling: bool = True) -> TwoCuts:
    """Three zones with enough rows each; `falling`: the rates fall strictly and the first has enough events.

    Without `falling` the zones may lie in any order.
    """
    e, n = np.cumsum(events, axis=1)[:, :-1], np.cumsum(rows)[:-1]
    total_e, total_n = events.sum(axis=1)[:, None], float(rows.sum())
    e1, n1 = e[:, :, None], n[None, :, None]
    e2, n2 = e[:, None, :] - e1, n[None, None, :] - n1
    e3, n3 = (total_e - e)[:, None, :], (total_n - n)[None, None, :]
    least = config.min_zone_rows
    allowed = (n1 >= least) & (n2 >= least) & (n3 >= least)
    sizes = np.maximum(n2, 1.0)
    middle = likelihood(np.where(allowed, e2, 0.0), np.broadcast_to(sizes, e2.shape))
    edge_1 = likelihood(e, np.broadcast_to(n, e.shape))[:, :, None]
    edge_3 = likelihood(total_e - e, np.broadcast_to(total_n - n, e.shape))[:, None, :]
    if falling:
        allowed = allowed & (e1 >= config.min_zone_events)
        allowed = allowed & (e1 * n2 > e2 * n1) & (e2 * n3 > e3 * n2)
    return TwoCuts(np.where(allowed, edge_1 + middle + edge_3, NEVER))
