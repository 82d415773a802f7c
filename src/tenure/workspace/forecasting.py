"""What the coming quarters' renewals will keep, behind the notebook's door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from tenure.kernel.days import ONE_DAY, add_months
from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Unknown
from tenure.metrics.declaration import Metric
from tenure.metrics.questions import Day, day_of
from tenure.workspace.history import Door
from tenure.workspace.keeping import live
from tenure.workspace.panels import Progress, renewals_panel
from tenure.workspace.scores import OWN_SCORE, chosen_for_scores, own_score
from tenure.workspace.signals import roles

if TYPE_CHECKING:
    from tenure.signals.forecasting.quarters import RenewalForecast

MOST_QUARTERS = 4
"""Beyond a year a renewal's chance would rest on numbers that say nothing about it yet."""


class WithForecast:
    """The part of a workspace that looks ahead at renewals."""

    __slots__ = ()

    def forecast(
        self: Door,
        as_of: Day = None,
        metrics: Iterable[str] | None = None,
        *,
        quarters: int = 2,
        target: float | None = None,
        lead_days: int = 90,
        stream: int = 0,
        on_progress: Progress | None = None,
    ) -> RenewalForecast | Unknown:
        """Gross and net retention of the renewals of the coming quarters, as ranges, and how good earlier ones were.

        Args:
            as_of: the day from which renewals are to come; the last day of the facts by default.
            metrics: as for `health`.
            quarters: how many, 1 to 4; the first is what is left of the quarter of the next day.
            target: gross retention to reach, 0 to 1.
            lead_days: how long before the due day past renewals were looked at, as for `panel`.
            stream: number of the random draws.
            on_progress: called with a step and the share done.

        Raises:
            UserError: as for `panel`; a number of quarters or a target that cannot be.
        """
        from tenure.signals.forecasting.quarters import Roles, forecast_renewals
        from tenure.signals.renewal_facts import coming_renewals

        _allowed(quarters, target)
        tell = on_progress or (lambda *_: None)
        day = day_of(as_of) or min(
            self.data_span().last or self.defaults.today, self.defaults.today
        )
        chosen = chosen_for_scores(self, metrics)
        wanted = [*chosen, *own_score(self, chosen)]
        past = renewals_panel(self, wanted, day, lead_days, tell)
        tell("telling past and coming quarters", 1.0)
        named = quarters_after(day, quarters)
        until = add_months(_start(day + ONE_DAY), 3 * quarters)
        coming = coming_renewals(self.computed().reading, day, until)
        known = _known_on(self, wanted, day, as_known=as_of is not None)
        ahead = [
            {
                "account": row["account"],
                "due": row["due"],
                "churned": None,
                "arr": row["before"],
                "after": row["after"],
                "segment": row["segment"],
                **known.get(row["account"], {}),
            }
            for row in coming
        ]
        found = roles(chosen, past)
        return forecast_renewals(
            [
                *({**row, "after": row["after"] if not row["churned"] else 0} for row in past),
                *ahead,
            ],
            roles=Roles(said=OWN_SCORE),
            metrics=list(found),
            target=target,
            quarters=named,
            stream=stream,
            ledger=past.ledger,
        )


def quarters_after(day: date, many: int) -> list[str]:
    """The quarters from that of the next day on: `2026-Q4`."""
    first = _start(day + ONE_DAY)
    starts = [add_months(first, 3 * n) for n in range(many)]
    return [f"{one.year}-Q{(one.month + 2) // 3}" for one in starts]


def _start(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _allowed(quarters: int, target: float | None) -> None:
    if not 1 <= quarters <= MOST_QUARTERS:
        raise UserError(
            f"{quarters} quarters cannot be told.",
            remedy=f"Ask for 1 to {MOST_QUARTERS}.",
            code="forecast.quarters",
        )
    if target is not None and not 0 < target <= 1:
        raise UserError(
            f"A gross retention of {target:g} is no share.",
            remedy="Write 0.9 for 90 %.",
            code="forecast.target",
        )


def _known_on(
    door: Door, wanted: Sequence[Metric], day: date, *, as_known: bool
) -> dict[str, Mapping[str, Any]]:
    """Each account's numbers on the day, by account."""
    if as_known:
        with door._known_once(day) as computed:
            frame = live(wanted, (day,), computed, door.defaults, None)
    else:
        frame = live(wanted, (day,), door.computed(), door.defaults, None)
    keep = [m.id for m in wanted if m.id in frame.columns]
    return {row["account_id"]: {name: row[name] for name in keep} for row in frame}
