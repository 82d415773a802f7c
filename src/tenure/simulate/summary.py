"""What was planted, as data and as a page for people."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from tenure.simulate.faults import Mess
from tenure.simulate.scale import Scale
from tenure.simulate.worlds import Law, World

PLAIN = {
    "loss_odds": "segment's yearly rate, times exp(-0.8 x fit - 2.2 x (care of the desk - 0.78))",
    "shows_before_leaving": "0.7 of those who choose to, 0.4 of those cut off, 0.15 of those merged",
    "decline_starts_days_before_decision": "50 to 150",
    "false_alarms_a_year": 0.24,
    "use_and_mood": "use is multiplied by exp(0.55 x mood); scores, surveys, tickets, sentiment, "
    "attendance and advocacy follow the same mood",
    "plays": "change nothing",
}


def planted(world: World) -> dict[str, Any]:
    """The parameters of a world, and what follows from them before chance."""
    if world.law is None:
        return {"says": world.says, **PLAIN}
    law = world.law
    rates = {
        zone.name: {
            "kept": round(_rate(law, zone.name, kept=True), 4),
            "unkept": round(_rate(law, zone.name, kept=False), 4),
        }
        for zone in law.zones
    }
    return {
        "says": world.says,
        "coverage_effect": 0.0 if law.blind else law.coverage_effect,
        "renewal": rates,
        "renewal_at_all": round(law.renews_at_all(), 4),
        "signs_mean_nothing": law.blind,
        "zones": [_plain(asdict(zone)) for zone in law.zones],
        "health_lines": [] if law.blind else _lines(law),
        "declines": _plain(asdict(law.declines)),
        "plays": _plain(asdict(law.plays)),
        "causes": "nothing" if law.blind else "health zone, cadence kept, play in time"
        if law.coverage_effect else "health zone alone",
        "follow_the_zone_and_falls_of_use": ["sentiment", "attendance", "surveys", "tickets",
                                             "advocacy", "level of use", "sponsors leaving"],
    }  # fmt: skip


def _rate(law: Law, name: str, *, kept: bool) -> float:
    zone = next(zone for zone in law.zones if zone.name == name)
    return law.renews_at_all() if law.blind else law.renews(zone, kept=kept)


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in value.items()}


def _lines(law: Law) -> list[dict[str, Any]]:
    """Where the renewal rate changes with the health score: any line between the two scores is right."""
    found = []
    for low, high in zip(law.zones, law.zones[1:], strict=False):
        if low.renews != high.renews:
            below = high.scores[0] - law.declines.score_points
            found.append({"between": [low.scores[1], below], "renews": [low.renews, high.renews]})
    return found


def summary(scale: Scale, world: World, realised: dict[str, Any], mess: Mess | None) -> str:
    """`TRUTH.md`: the world in words, planted beside realised, and the faults of a messy one."""
    lines = [
        f"# The truth about this company: world `{world.name}`", "", world.says, "",
        f"{scale.accounts:,} accounts, {scale.begin} to {scale.last}, seed {scale.seed}. "
        "Everything here was planted or counted while the files were written; `truth.json` says the "
        "same per account. An import reads neither.", "",
        f"- Churns in the window: {realised['churns']['all']:,}; returns: {realised['returns']:,}",
        f"- Contracts that came due: {_counts(realised['contracts_due'])}",
    ]  # fmt: skip
    if world.law is None:
        lines += [
            "",
            "## What moves what",
            "",
            *(f"- {n.replace('_', ' ')}: {v}" for n, v in PLAIN.items()),
        ]
    else:
        lines += _of_law(world.law, realised)
    if mess is not None:
        lines += _of_mess(mess)
    return "\n".join(lines) + "\n"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"


def _percent(value: float | None) -> str:
    return "none" if value is None else f"{100 * value:.1f} %"


def _points(value: float | None, error: float | None = None) -> str:
    if value is None:
        return "unknown"
    return f"{100 * value:+.1f} points" + (f" ± {196 * error:.1f}" if error is not None else "")


def _of_law(law: Law, realised: dict[str, Any]) -> list[str]:
    """Planted beside realised: renewal by zone and cadence, what follows for comparisons, leads, plays."""
    judged, renewal, delta = realised["judged"], realised["renewal"], realised["coverage_delta"]
    lines = [
        "", "## Renewal", "",
        f"{judged['years']:,} contract years fell due from {judged['due_from']} to {judged['due_to']}.", "",
        "| health zone | scores | cadence | planted | realised | years |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for zone in law.zones:
        for arm, kept in (("kept", True), ("unkept", False)):
            cell = renewal[arm]["by_zone"].get(zone.name, {"rate": None, "of": 0})
            share = _percent(_rate(law, zone.name, kept=kept))
            lines.append(
                f"| {zone.name} | {zone.scores[0]:.0f} to {zone.scores[1]:.0f} | {arm} | {share} "
                f"| {_percent(cell['rate'])} | {cell['of']:,} |"
            )
    effect = 0.0 if law.blind else law.coverage_effect
    leads, plays = realised["lead_days"], realised["plays"]
    shown, spread = law.declines.lead_days
    lines += [
        "",
        f"- What keeping the cadence causes: {_points(effect)}. Raw difference: "
        f"{_points(delta['raw'], delta['raw_error'])}; within zones: "
        f"{_points(delta['within_zones'], delta['within_zones_error'])}.",
        f"- Chance that who left stood lower in health than who stayed: {realised['health_auc']}.",
        "", "## Use falls before it ends", "",
        f"- Before a decision in {_percent(law.declines.leavers)} of cases, {shown:.0f} ± {spread:.0f} days ahead"
        + (" (of a decision nobody takes: here the signs mean nothing)" if law.blind else "") + ".",
        f"- Without any decision in {_percent(law.declines.stayers)} of years.",
    ]  # fmt: skip
    if law.blind:
        lines.append(
            f"- Of who left, {leads['n']:,} had such a fall in their last year, by chance."
        )
    elif leads["n"]:
        lines.append(
            f"- Realised over {leads['n']:,} who left: median {leads['median']} days, "
            f"{_percent(leads['share_60'])} at least 60, {_percent(leads['share_90'])} at least 90."
        )
    left = plays["left_delta"]
    saved = 0.0 if law.blind else law.plays.saves
    return [
        *lines, "", "## Plays on falling use", "",
        f"- A play started within five days keeps {_percent(saved)} of those who want to leave.",
        f"- {plays['played']['of']:,} flags were played, {plays['played']['left']:,} of them left "
        f"(without plays {plays['would_have_left_of_played']:,} would have); of "
        f"{plays['unplayed']['of']:,} others {plays['unplayed']['left']:,} left.",
        f"- Left, played minus others: {_points(left['raw'], left['raw_error'])}; within zones: "
        f"{_points(left['within_zones'], left['within_zones_error'])}.",
    ]  # fmt: skip


def _of_mess(mess: Mess) -> list[str]:
    """The faults by kind, and how to import in spite of them."""
    kinds = Counter((fault.kind, fault.rule, fault.file) for fault in mess.faults)
    lines = [
        "", "## Faults", "", f"`tenure import FOLDER {' '.join(mess.options())}`", "",
        "| fault | file | places | found as |", "|---|---|---|---|",
    ]  # fmt: skip
    lines += [
        f"| {kind} | {file} | {count} | {f'`{rule}`' if rule else 'no finding'} |"
        for (kind, rule, file), count in kinds.items()
    ]
    return lines
