"""The worlds a company can be simulated in: what is planted in each, with its size.

`plain` is a believable company in which many things move together. The others obey one law of
renewal, written down here, so that what Tenure learns or compares can be judged against it: there
every account buys year by year, and the chance that a year is renewed depends on nothing but the
account's health zone, whether its cadence was kept, and whether a play was run in time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tenure.kernel.errors import UnknownName


@dataclass(frozen=True, slots=True)
class Zone:
    """How accounts of one lasting health are; it never changes for an account.

    `scores` is where the level of its health score lies, `renews` the chance that a year is renewed
    (the mean of kept and unkept), `kept` the chance that a year's cadence is kept, `treated` the
    chance that a flag is answered by a play at once, `mood` what it adds to every other sign.
    """

    name: str
    share: float
    scores: tuple[float, float]
    renews: float
    kept: float
    treated: float
    mood: float


@dataclass(frozen=True, slots=True)
class Declines:
    """Use of the product falls by `fall` within `fall_days`.

    `leavers` and `stayers` are the shares of years in which it happens, before a decision to leave and
    for no reason. `lead_days` is mean and spread of the days from the first fall to the decision,
    never fewer than `shortest_lead`. The health score loses `score_points` meanwhile.
    """

    leavers: float = 0.85
    stayers: float = 0.08
    lead_days: tuple[float, float] = (70.0, 12.0)
    shortest_lead: int = 45
    longest_lead: int = 110
    fall: float = 0.55
    fall_days: int = 21
    score_points: float = 8.0


@dataclass(frozen=True, slots=True)
class Plays:
    """What a flag on falling use leads to.

    `flagged` is the share of declines somebody notices; `saves` the share of those who wanted to leave
    that a play started within five days keeps; `heals_sooner` whether a play ends other declines sooner.
    """

    flagged: float = 0.9
    saves: float = 0.4
    heals_sooner: bool = True


@dataclass(frozen=True, slots=True)
class Law:
    """What decides a renewal. `coverage_effect` is the renewal rate of kept minus unkept, as a share.

    `blind`: every sign looks as it would before a decision of its own, but the renewal is chance alone,
    at the rate that the whole law gives.
    """

    zones: tuple[Zone, ...]
    coverage_effect: float
    declines: Declines = Declines()
    plays: Plays = Plays()
    blind: bool = False

    def renews(self, zone: Zone, *, kept: bool) -> float:
        """The chance that a year is renewed, plays included."""
        return zone.renews + (self.coverage_effect if kept else -self.coverage_effect) / 2

    def renews_at_all(self) -> float:
        """The chance that a year of any account is renewed, when it is its first."""
        return sum(
            zone.share
            * (
                zone.kept * self.renews(zone, kept=True)
                + (1 - zone.kept) * self.renews(zone, kept=False)
            )
            for zone in self.zones
        )

    def wants_to_leave(self, zone: Zone, *, kept: bool) -> float:
        """The chance of wanting to leave, such that `renews` is what comes out after plays."""
        reached = self.declines.leavers * self.plays.flagged * zone.treated
        return (1 - self.renews(zone, kept=kept)) / (1 - reached * self.plays.saves)


@dataclass(frozen=True, slots=True)
class World:
    """A world by name; `law` is None where nothing but `plain`'s own leanings hold."""

    name: str
    says: str
    law: Law | None = None
    messy: bool = False


_LOW, _MIDDLE, _HIGH = (22.0, 38.0), (56.0, 66.0), (74.0, 90.0)

EFFECT = Law(
    zones=(
        Zone("low", 0.25, _LOW, renews=0.62, kept=0.55, treated=0.5, mood=-0.35),
        Zone("middle", 0.35, _MIDDLE, renews=0.93, kept=0.55, treated=0.5, mood=0.0),
        Zone("high", 0.40, _HIGH, renews=0.93, kept=0.55, treated=0.5, mood=0.2),
    ),
    coverage_effect=0.12,
)
NO_EFFECT = replace(EFFECT, blind=True, plays=Plays(saves=0.0, heals_sooner=False))
CONFOUNDED = Law(
    zones=(
        Zone("low", 0.25, _LOW, renews=0.62, kept=0.12, treated=0.2, mood=-0.35),
        Zone("middle", 0.35, _MIDDLE, renews=0.82, kept=0.5, treated=0.5, mood=0.0),
        Zone("high", 0.40, _HIGH, renews=0.95, kept=0.88, treated=0.8, mood=0.2),
    ),
    coverage_effect=0.0,
    plays=Plays(saves=0.0, heals_sooner=False),
)

WORLDS = {
    world.name: world
    for world in (
        World(
            "plain",
            "A believable company: fit and care move renewals, signs come before many exits.",
        ),
        World(
            "effect",
            "Keeping the cadence truly keeps customers, low health truly loses them, use falls before "
            "they decide, and plays truly save some.",
            EFFECT,
        ),
        World(
            "no-effect",
            "Every sign looks as in effect, and none has anything to do with who leaves.",
            NO_EFFECT,
        ),
        World(
            "confounded",
            "Healthy accounts take meetings and renew; the meetings themselves change nothing.",
            CONFOUNDED,
        ),
        World(
            "messy",
            "The company of effect, through exports as sick as real ones.",
            EFFECT,
            messy=True,
        ),
    )
}


def world_named(name: str) -> World:
    """The world called `name`.

    Raises:
        UnknownName: there is none; near misses are named.
    """
    if name not in WORLDS:
        raise UnknownName("world", name, WORLDS)
    return WORLDS[name]
