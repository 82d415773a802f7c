"""Worlds W1 to W8: thresholds, noise, confounders and proxies, and a leak of knowledge.

Each takes a stream number (develop below 10,000, report above) and returns data with the truth beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DAY = "2026-01-01"


@dataclass(frozen=True)
class World:
    """A plain table (columns of equal length) and what is true of it.

    `cuts`: the true breaks; `low_is_risk`; `risk` the true probability of every row.
    """

    table: dict[str, list[Any]]
    metrics: dict[str, dict[str, str]]
    risk: Floats
    cuts: tuple[float, ...] = ()
    low_is_risk: bool = True
    truth: dict[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return len(self.risk)

    @property
    def events(self) -> int:
        return int(sum(self.table["churned"]))


def _rng(stream: int, world: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([stream, world])))


def _one(
    rng: np.random.Generator, x: Floats, risk: Floats, said: dict[str, str], **truth: Any
) -> World:
    """One metric, one stratum; with `later` the last share of the rows stands a quarter later."""
    later = truth.pop("later", 0.0)
    many = len(x)
    early = round(many * (1 - later))
    table = {
        "account": [f"a{i}" for i in range(many)],
        "as_of": [DAY] * early + ["2026-04-01"] * (many - early),
        "churned": (rng.random(many) < risk).astype(int).tolist(),
        "x": x.tolist(),
    }
    return World(table, {"x": said}, risk, **truth)


def w1(stream: int, rows: int, later: float = 0.0) -> World:
    """S2's example: .70 below 20, .25 between, .05 above 50."""
    rng = _rng(stream, 1)
    x = 100 * rng.beta(1.6, 1.6, rows)
    risk = np.select([x <= 20, x <= 50], [0.70, 0.25], 0.05)
    return _one(rng, x, risk, {"unit": "percent"}, cuts=(20.0, 50.0), later=later)


def w2(stream: int, rows: int, later: float = 0.0) -> World:
    """The same cuts at a lower base."""
    rng = _rng(stream, 2)
    x = 100 * rng.beta(2.2, 1.6, rows)
    risk = np.select([x <= 20, x <= 50], [0.35, 0.10], 0.03)
    return _one(rng, x, risk, {"unit": "percent"}, cuts=(20.0, 50.0), later=later)


def w3(
    stream: int, rows: int, later: float = 0.0, rates: tuple[float, float] = (0.35, 0.06)
) -> World:
    """One break, in days: more than 30."""
    rng = _rng(stream, 3 if rates[0] == 0.35 else 4)
    x = np.round(rng.gamma(1.3, 16, rows))
    risk = np.where(x > 30, *rates)
    said = {"unit": "days"}
    return _one(rng, x, risk, said, cuts=(30.5,), low_is_risk=False, later=later)


def w4(stream: int, rows: int, later: float = 0.0) -> World:
    """The same break, weaker."""
    return w3(stream, rows, later, (0.20, 0.05))


def w5(stream: int, rows: int, later: float = 0.0) -> World:
    """No break: risk rises smoothly; twice and half the average are reached at 36.4 and 67.8."""
    rng = _rng(stream, 5)
    z = rng.normal(size=rows)
    risk = 1 / (1 + np.exp(2.5 + z))
    return _one(rng, 60 + 20 * z, risk, {}, cuts=(36.4, 67.8), later=later)


def w6(stream: int, rows: int, real: int = 0, metrics: int = 40) -> World:
    """Forty metrics that move together and mean nothing, the first `real` of them replaced by ones that do."""
    rng = _rng(stream, 6)
    common = rng.normal(size=(rows, 1))
    x = np.sqrt(0.3) * common + np.sqrt(0.7) * rng.normal(size=(rows, metrics))
    for column in range(5, metrics, 5):
        x[:, column] = np.round(np.exp(x[:, column]))
    x[:, :real] = rng.normal(size=(rows, real))
    segment = rng.choice(3, size=rows, p=[0.45, 0.35, 0.20])
    period = rng.choice(4, size=rows)
    base = (
        _base(rows, real) * np.array([0.6, 1, 1.4])[segment] * np.array([0.8, 1, 1.1, 1.1])[period]
    )
    logit = np.log(base / (1 - base)) + np.sum(1.6 * (x[:, :real] < -0.84) - 0.35, axis=1)
    risk = 1 / (1 + np.exp(-logit))
    happened = (rng.random(rows) < risk).astype(int)
    x = np.where(rng.random(x.shape) < 0.05, np.nan, x)
    names = [f"real_{i}" if i < real else f"noise_{i}" for i in range(metrics)]
    table = _table(happened, segment, period) | dict(zip(names, x.T.tolist(), strict=True))
    return World(table, {name: {} for name in names}, risk, truth={"real": names[:real]})


def _base(rows: int, real: int) -> float:
    """Chosen for the numbers of churns in the design's table: 19, 51 and 98; 29, 70 and 168."""
    if real:
        return {200: 0.110, 500: 0.103, 2000: 0.059}.get(rows, 0.08)
    return {200: 0.104, 500: 0.111, 2000: 0.0535}.get(rows, 0.08)


def _table(
    happened: NDArray[np.int64], segment: NDArray[Any], period: NDArray[Any]
) -> dict[str, list[Any]]:
    days = ["2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01"]
    return {
        "account": [f"a{i}" for i in range(len(happened))],
        "as_of": [days[p] for p in period],
        "segment": [["small", "middle", "large"][s] for s in segment],
        "churned": happened.tolist(),
    }


def w7(stream: int, rows: int, rho: float) -> World:
    """A cause, its shadow, a metric that differs by segment only, and two that mean nothing."""
    rng = _rng(stream, 7)
    cause = rng.normal(size=rows)
    shadow = rho * cause + np.sqrt(1 - rho**2) * rng.normal(size=rows)
    segment = rng.choice(3, size=rows, p=[0.45, 0.35, 0.20])
    period = rng.choice(4, size=rows)
    only = np.array([-0.9, 0.3, 1.1])[segment] + rng.normal(size=rows)
    noise = rng.normal(size=(2, rows))
    risk = np.where(cause < -0.7, 0.30, 0.05) * np.array([1.5, 0.8, 0.4])[segment]
    happened = (rng.random(rows) < risk).astype(int)
    columns = {"cause": cause, "shadow": shadow, "segment_only": only, "noise_0": noise[0], "noise_1": noise[1]}  # fmt: skip
    table = _table(happened, segment, period) | {n: v.tolist() for n, v in columns.items()}
    return World(table, {name: {} for name in columns}, risk)


@dataclass(frozen=True)
class Readings:
    """Weekly readings, some written twice: account, week observed, week recorded, value; and when accounts left."""

    account: NDArray[np.int64]
    observed: NDArray[np.int64]
    recorded: NDArray[np.int64]
    value: Floats
    left: NDArray[np.int64]
    weeks: int
    landmarks: tuple[int, ...]


def w8(stream: int, accounts: int = 600, weeks: int = 56) -> Readings:
    """Readings that say nothing, and after an exit the last six weeks are rewritten as low ones.

    `left` is the week of the exit, `weeks` for those that stay.
    """
    rng = _rng(stream, 8)
    leaves = rng.random(accounts) < 0.25
    left = np.where(leaves, rng.integers(16, 54, accounts), weeks)
    account, observed = np.divmod(np.arange(accounts * weeks), weeks)
    there = observed < left[account]
    account, observed = account[there], observed[there]
    value = rng.normal(70, 9, len(account))
    again = (left[account] < weeks) & (observed >= left[account] - 6)
    rewritten = rng.normal(20, 6, int(again.sum()))
    return Readings(
        np.concatenate([account, account[again]]),
        np.concatenate([observed, observed[again]]),
        np.concatenate([observed, left[account[again]] + 1]),
        np.concatenate([value, rewritten]),
        left,
        weeks,
        (16, 29, 42),
    )
