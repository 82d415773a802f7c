"""What may be accepted: a line that was learned, carries an alert, and that one side of flags can follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tenure.kernel.errors import UserError
from tenure.signals.evidence import MAY_FLAG
from tenure.signals.in_use import drawn, exits_of
from tenure.signals.lines import Line
from tenure.signals.question import question

REMEDIES = {
    "insufficient_events": "Keep the line in use and learn again when there are more {many}.",
    "insufficient_coverage": "Bring the metric in for more accounts, then learn again.",
    "constant": "Look at how the metric comes about; one value for everybody tells nothing.",
    "no_separation": "Keep the line in use, or set one by hand and say why.",
    "direction_conflict": "Check the metric's definition, then learn again.",
    "weak_signal": "Watch it without flags, or set a line by hand and say why.",
    "confounded": "Learn within one segment (`tenure thresholds learn --segment NAME`), or set a line by hand.",
}


def to_accept(metric: str, learned: Mapping[str, Any], *, proxy: bool) -> dict[str, Any]:
    """The decision's content: lines to flag by, and everything that was learned.

    Args:
        metric: what is accepted.
        learned: one result of a learning, as plain values.
        proxy: a person switches on a metric that only moves together with another.

    Raises:
        UserError: the result carries no alert; its own sentence says why.
    """
    status = str(learned["status"])
    if status == "proxy" and not proxy:
        raise UserError(
            f"`{metric}` is a proxy. {learned['sentence']}",
            remedy=f"Accept `{learned['by']}` instead, or switch this one on all the same with `proxy`.",
            code="threshold.proxy",
        )
    if status not in MAY_FLAG and status != "proxy":
        raise UserError(
            f"`{metric}` has no line to accept ({status}). {learned['sentence']}",
            remedy=REMEDIES.get(status, "Learn again when there is more to learn from.").format(
                many=question(learned.get("asked", "renew")).many
            ),
            code="threshold.refused",
        )
    at_risk = _lines(learned["at_risk"]["lines"])
    if not at_risk or learned["at_risk"]["all_of"]:
        raise UserError(
            f"What was learned of `{metric}` has no line that flags can follow: it lies between two values.",
            remedy="Set a line by hand on the side that matters, and say why.",
            code="threshold.between",
        )
    leave = learned["exit"]
    return {
        "at_risk": drawn(at_risk),
        "exits": drawn(exits_of(at_risk, None if leave is None else _lines([leave])[0])),
        "healthy": drawn(_lines(learned["healthy"]["lines"])),
        "learned": dict(learned),
    }


def may_stand_for(metric: str, asked: str, *, is_opinion: bool) -> None:
    """Nothing, where a line of the metric may say who is ready.

    Raises:
        UserError: what customers say in surveys would alone mark an advocate; only what they do can (product C40).
    """
    if asked == "advocate" and is_opinion:
        raise UserError(
            f"`{metric}` is what customers say, and that alone marks no advocate.",
            remedy="Use a metric of what they do, such as `reference_willingness`; opinions may stand beside it.",
            code="threshold.opinion",
        )


def to_set(
    metric: str, at_risk: Line, healthy: Line | None, leave: Line | None, asked: str = "renew"
) -> dict[str, Any]:
    """The content of a line set by hand.

    Raises:
        UserError: the lines leave a value both at risk and healthy, or open and closed.
    """
    most, _, least = question(asked).zones
    for name, other in ((f"{least} line", healthy), ("exit line", leave)):
        if other is None:
            continue
        apart = at_risk.value <= other.value if at_risk.below else at_risk.value >= other.value
        both = at_risk.value == other.value and bool(
            at_risk.beyond(other.value) and other.beyond(other.value)
        )
        if other.below == at_risk.below or not apart or both:
            raise UserError(
                f"A value could be {most} ({at_risk}) and past the {name} ({other}) at once.",
                where=metric,
                remedy=f"Put the {name} on the other side of the {most.replace(' ', '-')} line, with the other sign.",
                code="threshold.sides",
            )
    return {
        "at_risk": drawn([at_risk]),
        "exits": drawn(exits_of([at_risk], leave)),
        "healthy": drawn([] if healthy is None else [healthy]),
    }


def said_by(by: str, why: str) -> None:
    """Nothing, where a decision has a name and a reason.

    Raises:
        UserError: it lacks one.
    """
    if not by.strip() or not why.strip():
        lacks = "a name" if not by.strip() else "a reason"
        raise UserError(
            f"A decision needs {lacks}.",
            remedy="Say who decides and why; both stand in the journal for whoever asks later.",
            code="decision.unsigned",
        )


def _lines(said: Sequence[Mapping[str, Any]]) -> list[Line]:
    return [Line(float(one["value"]), one["sign"]) for one in said]
