"""The tables of the health score (W11) and the renewal forecast (W12), beside their targets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from benchmarks.statistical.worlds_score import RISKIER, TRUE_LINES, w11, w12

from tenure.signals.forecasting.shock import GRID, Past, Spread, spread
from tenure.signals.forecasting.simulate import Renewing, simulate
from tenure.signals.health_score.fit import expit, logit
from tenure.signals.health_score.inputs import Input, auc
from tenure.signals.health_score.learn import Recipe, Training, learn

SIZES = (250, 700, 2500)
TARGETS = {
    "learned (7.1)": (0.719, 0.740, 0.753),
    "learned, ladder": (0.719, 0.740, 0.758),
    "truth": (0.786, 0.785, 0.773),
    "best single": (0.679, 0.718, 0.694),
    "equal weights": (0.657, 0.669, 0.661),
}


def _training(x: np.ndarray, y: np.ndarray) -> Training:
    days = np.full(len(y), np.datetime64("2026-01-01"))
    values = {f"m{j:02d}": x[:, j] for j in range(x.shape[1])}
    return Training(values, y, [str(i) for i in range(len(y))], days)


def _lined() -> list[Input]:
    made = []
    for j in range(16):
        at, healthy = TRUE_LINES.get(j, (None, None))
        made.append(Input(f"m{j:02d}", RISKIER.get(j, ""), "accepted", at, healthy))  # type: ignore[arg-type]
    return made


def _told(beta: np.ndarray, inner: np.ndarray) -> np.ndarray:
    return expit(beta[0] + beta[1] * inner)


def _free(inner: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Intercept and slope without a penalty, by Newton."""
    beta = np.zeros(2)
    x = np.column_stack([np.ones(len(y)), inner])
    for _ in range(25):
        p = expit(x @ beta)
        beta += np.linalg.solve(
            (x * (p * (1 - p))[:, None]).T @ x + 1e-9 * np.eye(2), x.T @ (y - p)
        )
    return beta


def contenders(size: int, number: int) -> dict[str, np.ndarray]:
    """Probabilities on 6,000 fresh rows, by contender."""
    train, test = w11(number, size), w11(number, 6000, part="test")
    data, fresh = _training(train.x, train.y), _training(test.x, test.y)
    plain = [Input(f"m{j:02d}") for j in range(16)]
    found = {}
    for name, inputs, zones in [
        ("learned (7.1)", plain, False),
        ("learned, ladder", _lined(), None),
    ]:
        model = learn(data, inputs, Recipe(stream=number, zones=zones)).model
        found[name] = model.probability(model.columns(fresh.values, 6000))
    aucs = [auc(train.x[:, j], train.y > 0) for j in range(16)]
    signs = np.where(np.array(aucs) < 0.5, -1, 1)
    best = int(np.argmax(np.abs(np.array(aucs) - 0.5)))
    for name, old, new in [
        ("best single", train.x[:, best], test.x[:, best]),
        ("equal weights", (train.x * signs).sum(1), (test.x * signs).sum(1)),
    ]:
        found[name] = _told(_free(old, train.y), new)
    found["truth"] = test.p
    return found


def health(runs: int, first_stream: int) -> str:
    """AUC, calibration slope, Brier and the churn rate in the riskiest tenth, mean of the runs."""
    lines = [
        f"W11 health score, {runs} runs, streams from {first_stream}; AUC (target), slope, Brier, top tenth"
    ]
    for place, size in enumerate(SIZES):
        kept: dict[str, list[tuple[float, ...]]] = {}
        events = []
        for number in range(first_stream, first_stream + runs):
            y = w11(number, 6000, part="test").y
            events.append(w11(number, size).y.sum())
            for name, p in contenders(size, number).items():
                top = np.argsort(-p, kind="stable")[:600]
                row = (auc(p, y > 0), _free(logit(p), y)[1], ((p - y) ** 2).mean(), y[top].mean())
                kept.setdefault(name, []).append(row)
        lines.append(f"  {size} rows, {np.mean(events):.0f} churns in the mean")
        for name, rows in kept.items():
            a, slope, brier, top = np.mean(rows, axis=0)
            target = TARGETS[name][place]
            lines.append(
                f"    {name:16} {a:.3f} ({target:.3f})  {slope:5.2f}  {brier:.3f}  {top:.2f}"
            )
    return "\n".join(lines)


FORECAST_TARGETS = {
    "no shock": ((0.79, 10.2), (0.69, 10.2), (0.64, 10.3), None),
    "prior only": ((0.89, 12.8), (0.83, 12.6), (0.70, 12.8), (0.66, 12.9)),
    "4 past quarters": ((0.89, 11.8), (0.80, 12.4), (0.75, 13.5), (0.72, 15.1)),
    "8 past quarters": ((0.85, 11.3), (0.80, 12.3), (0.77, 13.8), (0.74, 16.3)),
}
TAUS = (0.0, 0.25, 0.4, 0.6)
PAST = {"prior only": 0, "4 past quarters": 4, "8 past quarters": 8}


def covered(number: int, tau: float) -> dict[str, tuple[bool, float]]:
    """Whether the 80 % interval held the last quarter, and its width in points, by model."""
    *past, now = w12(number, 9, tau)
    book = Renewing(now.arr, now.p, np.zeros(len(now.p)), ("",) * len(now.p))
    told = [Past(one.p, one.churned.astype(float)) for one in past]
    models: dict[str, Spread | None] = {"no shock": None}
    models |= {name: spread(told[len(told) - n :]) for name, n in PAST.items()}
    found = {}
    for name, shock in models.items():
        drawn = simulate(book, shock, np.random.default_rng([99, number]), 2_000)
        low, high = np.quantile(drawn.grr, [0.1, 0.9])
        found[name] = (bool(low <= now.grr <= high), 100 * float(high - low))
    return found


def forecast(runs: int, first_stream: int) -> str:
    """Coverage and width of the nominal 80 % interval of GRR, by the true spread between quarters."""
    lines = [
        f"W12 forecast interval, {runs} runs, 2,000 draws, streams from {first_stream}; the error of a share is "
        f"{np.sqrt(0.16 / runs):.2f}; spread on the grid 0 to {GRID[-1]:.1f}",
        "  coverage (width), target after the slash, by true spread " + ", ".join(map(str, TAUS)),
    ]
    kept: dict[str, list[str]] = {name: [] for name in FORECAST_TARGETS}
    for place, tau in enumerate(TAUS):
        rows = [covered(number, tau) for number in range(first_stream, first_stream + runs)]
        for name, cells in kept.items():
            hit, width = np.mean([row[name] for row in rows], axis=0)
            target = FORECAST_TARGETS[name][place]
            beside = f"{target[0]:.2f} ({target[1]:.1f})" if target else "-"
            cells.append(f"{hit:.2f} ({width:4.1f}) / {beside}")
    lines += [f"    {name:16} " + "   ".join(cells) for name, cells in kept.items()]
    return "\n".join(lines)


TABLES: dict[str, Callable[[int, int], str]] = {"health": health, "forecast": forecast}
