"""What a plan allows: events by the month, and for some accounts seats, credits or calls of one feature."""

from __future__ import annotations

from datetime import timedelta

from tenure.simulate.contracts import Life
from tenure.simulate.signals import Scene


def write_limits(scene: Scene, life: Life) -> None:
    """The rows of `usage_limits`: what a plan allows, wider after a year."""
    draw = scene.stream("limits")
    if scene.who.model not in ("plg", "seat") or not life.steps or draw.random() < 0.3:
        return
    amount = round(scene.who.users * scene.scale.active_days * 7 * draw.uniform(0.9, 2.0)) + 10
    widened = scene.who.start + timedelta(days=365)
    changes = widened <= scene.scale.last and draw.random() < 0.4
    base: dict[str, object] = {
        "account_id": scene.who.id,
        "limit_name": "monthly events",
        "measure": "events",
    }
    first = {
        "amount": amount,
        "start_date": scene.who.start,
        "end_date": widened if changes else None,
    }
    scene.sheets.row("usage_limits", base | first)
    if changes:
        scene.sheets.row("usage_limits", base | {"amount": amount * 2, "start_date": widened})


def write_further_limits(scene: Scene, life: Life) -> None:
    """More rows of `usage_limits`: seats of free plans, credits of consumption, calls of one feature."""
    draw, who = scene.stream("further limits"), scene.who
    other = draw.random() < 0.5
    if not life.contracts:
        return
    base: dict[str, object] = {"account_id": who.id, "start_date": who.start}
    bought = {line.item.product for contract in life.contracts for line in contract.lines}
    if who.model == "plg" and other:
        seats = {"limit_name": "seats", "measure": "seats"}
        scene.sheets.row(
            "usage_limits", base | seats | {"amount": round(who.users * draw.uniform(1.0, 1.6)) + 1}
        )
    if who.model == "consumption":
        credits = next(
            line.item.quantity for line in life.contracts[0].lines if line.item.unit == "credit"
        )
        burst = {"limit_name": "credits in 30 days", "measure": "units", "window_days": 30}
        amount = max(1, round(credits / 12 * draw.uniform(1.0, 2.5)))
        scene.sheets.row("usage_limits", base | burst | {"amount": amount})
    if "platform" in bought and other:
        calls = {"limit_name": "api calls in 7 days", "measure": "events", "window_days": 7}
        amount = round(who.users * scene.scale.active_days * draw.uniform(0.6, 2.0)) + 5
        scene.sheets.row("usage_limits", base | calls | {"feature_id": "api", "amount": amount})
