"""One contract year under a world's law: whether it is renewed, and what could be seen of that before."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tenure.simulate.accounts import Account, choose
from tenure.simulate.contracts import Decline
from tenure.simulate.fates import Fate
from tenure.simulate.mood import USE_FOLLOWS, moved
from tenure.simulate.scale import Scale, days
from tenure.simulate.segments import EXIT_REASONS
from tenure.simulate.worlds import Law, Zone

GIVES_NOTICE = 0.6
NOTICE_DAYS = (15, 80)
LATE = 0.16
RECOVERY = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Episode:
    """Use falls from `onset` to `bottom` and comes back from `turn` to `whole`.

    `flagged` is the day somebody noticed, `played` the day a play started, `answered` the day the
    customer answered it.
    """

    onset: date
    bottom: date
    turn: date
    flagged: date | None = None
    played: date | None = None
    answered: date | None = None

    @property
    def whole(self) -> date:
        """The first day on which use is again what it was."""
        return self.turn + RECOVERY

    def moves(self, fall: float) -> tuple[Decline, Decline]:
        """The two moves of mood by which use falls by the share `fall` and recovers."""
        depth = math.log(1 - fall) / USE_FOLLOWS
        return (
            Decline(self.onset, self.bottom, depth),
            Decline(self.turn, self.whole, -depth),
        )

    def fallen(self, day: date) -> float:
        """How far use is down on `day`: 0 not at all, 1 at the bottom."""
        down, up = Decline(self.onset, self.bottom, 1.0), Decline(self.turn, self.whole, -1.0)
        return moved(down, day) + moved(up, day)


@dataclass(frozen=True, slots=True)
class Year:
    """One contract year.

    `kept` says whether its cadence is kept, `wanted` whether the customer would leave if nobody acted,
    `decided` the day of a decision to leave.
    """

    start: date
    due: date
    kept: bool
    wanted: bool
    fate: Fate
    decided: date | None
    episode: Episode | None

    @property
    def until(self) -> date:
        """The day the year ends: its due date, or the start of the next one where that is late."""
        return self.fate.next_start or self.due


@dataclass(frozen=True, slots=True)
class _Wish:
    """A decision to leave, real or, in a blind world, only played by the signs."""

    leaves: bool
    told: bool
    decided: date


def draw_year(
    scale: Scale, law: Law, who: Account, zone: Zone, span: tuple[date, date], *, number: int
) -> Year:
    """What happens in the year `span` (start and due date), the `number`th of the account.

    Nobody who came before the window leaves in its first 60 days.
    """
    start, due = span
    draw = scale.stream(f"year {number}", who.number)
    kept = draw.random() < zone.kept
    settled = due < scale.begin + days(60)
    wish = _wish(draw, due, law.wants_to_leave(zone, kept=kept), settled=settled)
    treated, saved = draw.random() < zone.treated, draw.random() < law.plays.saves
    episode = _episode(draw, law, (start, due), wish, treated=treated)
    played = episode is not None and episode.played is not None
    if law.blind:
        real = _wish(draw, due, 1 - law.renews_at_all(), settled=settled)
        wanted, leaves = real.leaves, real.leaves
    else:
        real, wanted = wish, wish.leaves
        leaves = wanted and not (played and saved)
    if episode is not None:
        episode = _turned(
            draw, law, episode, due, stays_down=wish.leaves and not (played and saved)
        )
    fate = _lost(draw, due, real) if leaves else _renewed(draw, due)
    return Year(
        start, due, kept, wanted, fate, decided=real.decided if leaves else None, episode=episode
    )


def _wish(draw: Random, due: date, chance: float, *, settled: bool) -> _Wish:
    leaves = draw.random() < chance and not settled
    told, ahead = draw.random() < GIVES_NOTICE, draw.uniform(*NOTICE_DAYS)
    return _Wish(leaves, told, due - days(ahead) if told else due)


def _episode(
    draw: Random, law: Law, span: tuple[date, date], wish: _Wish, *, treated: bool
) -> Episode | None:
    """A fall of use before a decision, or out of nothing; not yet when it turns."""
    declines, (start, due) = law.declines, span
    shows = draw.random() < (declines.leavers if wish.leaves else declines.stayers)
    lead = round(draw.gauss(*declines.lead_days))
    lead = min(declines.longest_lead, max(declines.shortest_lead, lead))
    anywhere = start + days(draw.uniform(60, (due - start).days - 150))
    noticed = draw.random() < law.plays.flagged
    delays = draw.uniform(22, 33), draw.uniform(0, 5), 1 + draw.expovariate(1 / 6)
    answers = draw.random() < 0.7
    if not shows:
        return None
    onset = wish.decided - timedelta(days=lead) if wish.leaves else anywhere
    flagged = onset + days(delays[0]) if noticed else None
    played = flagged + days(delays[1]) if flagged and treated else None
    answered = played + days(min(delays[2], 28)) if played and answers else None
    bottom = onset + timedelta(days=declines.fall_days)
    return Episode(onset, bottom, due, flagged, played, answered)


def _turned(draw: Random, law: Law, episode: Episode, due: date, *, stays_down: bool) -> Episode:
    """The episode with the day from which use recovers."""
    by_itself = episode.bottom + days(draw.uniform(20, 90))
    helped = draw.uniform(3, 14)
    afterwards = due + days(draw.uniform(5, 25))
    if law.blind:
        afterwards -= days(40)  # whoever stays begins the next year as usual
    turn = by_itself
    if stays_down:
        turn = afterwards
    elif episode.played is not None and law.plays.heals_sooner:
        turn = episode.played + days(helped)
    return Episode(
        episode.onset, episode.bottom, turn, episode.flagged, episode.played, episode.answered
    )


def _lost(draw: Random, due: date, wish: _Wish) -> Fate:
    """Not renewed: with notice, or in silence at the end."""
    reason = choose(draw, EXIT_REASONS)
    if not wish.told:
        return Fate(lost=True, end=due, kind="voluntary")
    return Fate(lost=True, end=due, notice=wish.decided, told=True, reason=reason, kind="voluntary")


def _renewed(draw: Random, due: date) -> Fate:
    """Renewed on the day, or late but inside grace; never early, so that no two years overlap."""
    late, signed = days(draw.uniform(3, 28)), days(draw.uniform(2, 45))
    if draw.random() < LATE:
        return Fate(lost=False, end=due, timing="late", next_start=due + late, signed=due + late)
    return Fate(lost=False, end=due, timing="on_time", next_start=due, signed=due - signed)
