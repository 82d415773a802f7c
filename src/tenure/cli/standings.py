"""Scores, back-tests and forecasts in a terminal: what it says first, then the table, then what to keep in mind."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tenure.cli.output import say
from tenure.kernel.errors import UnknownName
from tenure.kernel.unknown import Unknown
from tenure.kernel.wording import short_money

if TYPE_CHECKING:
    from tenure.signals.backtesting.door import Backtest, Line
    from tenure.signals.forecasting.quarters import Quarter, RenewalForecast
    from tenure.signals.health_score.door import Health
    from tenure.signals.health_score.model import Part
    from tenure.signals.health_score.standing import Standing, Standings

Names = Mapping[str, str]
MOST_REASONS = 3
DIFFERS = {"team sees more risk": "sees more risk", "team sees less risk": "sees less risk"}


def show_standings(found: Standings, limit: int, titles: Names, who: Names) -> None:
    """The riskiest accounts, each with what moved its score most."""
    _head(found)
    shown = found.accounts[:limit]
    say()
    say(
        f"{'account':<34} {'score':>5} {'chance':>7}  {'zone':<10}  {'13 weeks ago':>12}  {'course':<8}  the team's score"
    )
    for one in shown:
        say(_row(one, who))
        reasons = [_reason(part, titles) for part in one.scored.parts if part.points][:MOST_REASONS]
        if reasons:
            say(f"    {', '.join(reasons)}")
    rest = len(found.accounts) - len(shown)
    if rest:
        say(
            f"… and {rest:,} more: `--limit {len(found.accounts)}`, or `--account ID` for one with all its reasons."
        )
    _foot(found)


def show_one(found: Standings, account: str, titles: Names, who: Names) -> None:
    """One account, every reason.

    Raises:
        UnknownName: it is not in the book.
    """
    one = found.account(account)
    if one is None:
        raise UnknownName("account", account, [a.scored.account for a in found.accounts])
    _head(found)
    say()
    say(_row(one, who))
    scored = one.scored
    if scored.parts:
        say(f"    {scored.healthy_score:>4}  a healthy account")
    for part in scored.parts:
        points = f"{part.points:+4d}" if part.points is not None else "   ."
        say(f"    {points}  {titles.get(part.metric, part.metric)}")
    if scored.parts and all(part.points is None for part in scored.parts):
        say("    It is so close to a healthy account that points cannot be shared out.")
    elif scored.parts and not isinstance(scored.score, Unknown):
        say(f"    {scored.score:>4}  together")
    if not isinstance(one.course, Unknown):
        say(
            f"Over 13 weeks it moved {one.course.change:+.0f} points; its own noise is {one.course.noise:.0f}, so it is "
            f"{one.course.word}."
        )
    _foot(found)


def show_scored(found: Health, limit: int) -> None:
    """Scores of a plain table."""
    say(found.says)
    for note in found.notes:
        say(note)
    order = sorted(
        found.accounts, key=lambda a: (101 if isinstance(a.score, Unknown) else a.score, a.account)
    )
    if not order:
        say(
            "Every row has its outcome already, so there is nobody to score: leave the label of today's rows empty."
        )
        return
    say()
    say(f"{'account':<24} {'day':<10} {'score':>5} {'chance':>7}")
    for one in order[:limit]:
        say(f"{one.account:<24} {one.day:<10} {_score(one.score):>5} {_chance(one.p):>7}")
        reasons = [_reason(part, {}) for part in one.parts if part.points][:MOST_REASONS]
        if reasons:
            say(f"    {', '.join(reasons)}")


def show_backtest(found: Backtest) -> None:
    """The verdict, then every contender over all origins."""
    say(found.verdict.says)
    line = found.lines[0]
    first, last = found.origins[0], found.origins[-1]
    many = len(found.origins)
    say(
        f"Told on {many} past day{'s' if many > 1 else ''}, {first} to {last}: {line.n:,} accounts, {line.events:,} of which "
        "had the event. Each day knew only what was known on it."
    )
    say()
    say(
        f"{'':<24} {'ranks right (AUC)':<18}  {'riskiest tenth: hit, found':<27}  {'skill':>6}  {'calibration':>11}"
    )
    for one in found.lines:
        if one.when == "all":
            say(_contender(one))
    at = found.lines[0].at_capacity
    if at is not None:
        say(
            f"With {at.k} accounts a month the learned score finds {at.recall:.0%} of the events; {at.precision:.0%} of those "
            "it names have one."
        )
    say(
        "Skill is what its probabilities gain on the segment's own rate; a calibration of 1 is right."
    )


def show_forecast(found: RenewalForecast, who: Names) -> None:
    """Each quarter as a range, who decides it, and how earlier forecasts did."""
    for quarter in found.quarters:
        _quarter(quarter, who)
    say(found.says)
    told = [q.forecast for q in found.quarters if not isinstance(q.forecast, Unknown)]
    if told:
        say(f"Earlier quarters told the same way: {told[0].record.says}.")
        for note in told[0].notes:
            say(note)
    left = {name: count for name, count in found.ledger.excluded.items() if name != "to_come"}
    if left:
        listed = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in left.items())
        say(f"Left out of the past: {listed}.")
    say("Leaving in the middle of a term is not in it: only renewals are.")


def _quarter(one: Quarter, who: Names) -> None:
    say(
        f"{one.period}: {one.renewals:,} renewals"
        + (f", {one.settled:,} settled already" if one.settled else "")
    )
    told = one.forecast
    if isinstance(told, Unknown):
        say(f"  Not told: {told.says}")
        return
    say(f"  {'':<28} {'low':>7} {'middle':>7} {'high':>7}")
    grr, kept = told.grr, told.kept
    say(f"  {'gross retention':<28} {grr.p10:>7.1%} {grr.p50:>7.1%} {grr.p90:>7.1%}")
    if isinstance(told.nrr, Unknown):
        say(f"  {'net retention':<28} unknown: {told.nrr.says}")
    else:
        nrr = told.nrr
        say(f"  {'net retention':<28} {nrr.p10:>7.1%} {nrr.p50:>7.1%} {nrr.p90:>7.1%}")
    of = f"kept of {short_money(told.before)}"
    say(f"  {of:<28} {_money(kept, 'p10'):>7} {_money(kept, 'p50'):>7} {_money(kept, 'p90'):>7}")
    if told.reaches is not None and told.target is not None:
        say(f"  {told.target:.0%} or more is reached with a chance of {_sure(told.reaches)}.")
    named = [
        f"{_named(c.account, who)} {c.share:.0%}" for c in told.contributors if c.share >= 0.005
    ]
    if named:
        say(f"  What decides it, share of the uncertainty: {', '.join(named)}.")


def _sure(share: float) -> str:
    """Draws are ten thousand: none of them is not never."""
    return "under 1 %" if share < 0.01 else "over 99 %" if share > 0.99 else f"{share:.0%}"


def _money(kept: Mapping[str, Decimal], which: str) -> str:
    return short_money(kept[which])


def _head(found: Standings) -> None:
    say(found.says)
    if found.verdict is not None and not isinstance(found.verdict, Unknown) and not found.published:
        say("So read the scores below beside what is kept, not in place of it.")
    for note in found.notes:
        say(note)
    for says in found.late.values():
        say(f"! {says}")


def _foot(found: Standings) -> None:
    if found.health.model.stage.is_learned:
        say(
            f"The chance is that of leaving within {found.horizon_days} days; 100 is the least risk in the book."
        )
    else:
        say(
            "100 is the least risk in the book; without enough outcomes there is no chance to tell."
        )
    if any(one.scored.holds for one in found.accounts):
        say("* An earlier score holds, since a number it weighs is late.")
    differs = sum(1 for one in found.accounts if one.scored.difference in DIFFERS)
    if differs:
        say(
            f"The team's own score differs on {differs:,} of {len(found.accounts):,} accounts; it stands beside this one and "
            "is in no number of it."
        )


def _row(one: Standing, who: Names) -> str:
    scored = one.scored
    name = _named(scored.account, who)
    course = "unknown" if isinstance(one.course, Unknown) else one.course.word
    said = scored.said or "-"
    if scored.difference in DIFFERS:
        said = f"{said} {DIFFERS[scored.difference]}"
    score = _score(scored.score) + ("*" if scored.holds else "")
    return f"{name[:34]:<34} {score:>5} {_chance(scored.p):>7}  {one.zone:<10}  {_score(one.before):>12}  {course:<8}  {said}"


def _named(account: str, who: Names) -> str:
    return f"{account} {who[account]}" if account in who else account


def _reason(part: Part, titles: Names) -> str:
    return f"{titles.get(part.metric, part.metric)} {part.points:+d}"


def _score(value: Any) -> str:
    return "?" if isinstance(value, Unknown) else f"{value}"


def _chance(p: float | Unknown) -> str:
    return "-" if isinstance(p, Unknown) else f"{p:.0%}" if p >= 0.095 else f"{p:.1%}"


def _contender(one: Line) -> str:
    auc, tenth = one.auc, one.at_tenth
    ranks = f"{auc.estimate:.2f} ({auc.low:.2f} to {auc.high:.2f})"
    top = f"{tenth.precision:.0%} of them, {tenth.recall:.0%} of all"
    slope = "-" if one.slope != one.slope else f"{one.slope:.2f}"
    return f"{one.contender:<24} {ranks:<18}  {top:<27}  {one.skill:>+6.1%}  {slope:>11}"
