"""Made-up rows for the gallery: long, foreign, unknown and late ones, so that each component shows each of its states."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms

from tenure.desk.models import Person, Role
from tenure.desk.visible import Scope
from tenure.insights.book import BookRow, Settled
from tenure.insights.today import Closed, Item, Moved, Returning, Sums, Today
from tenure.kernel.unknown import Unknown
from tenure.metrics.derived.book import Owners
from tenure.workspace.present import Present

DAY = date(2026, 6, 15)
LONG = "Donaudampfschifffahrtsgesellschaft Beteiligungs- und Verwaltungs-GmbH & Co. Kommanditgesellschaft"
RIGHT_TO_LEFT = "شركة النور للتجارة"
TREND = (78, 76, None, 77, 72, 70, 66, 63, 60, 57, 52, 47, 41)
UNKNOWNS = (
    Unknown("undefined"),
    Unknown("no_data", "no cadence planned"),
    Unknown("too_little_history", "too few to tell (7 of 10)"),
    Unknown("source_late", "usage 3 days late"),
    Unknown("withheld", "hidden: fewer than 20 hours"),
)


def _row(name: str, zone: str, reason: str, **other: Any) -> BookRow:
    days = other.pop("days", 47)
    numbers: dict[str, Any] = {
        "arr_in_force": Decimal(120_000),
        "health_score": 41,
        "health_score_delta_90d": -22,
        "days_to_renewal": days,
        "days_since_last_touch": 34,
        "days_past_cadence": 4,
    } | other.pop("numbers", {})
    renews_on = DAY + timedelta(days=days) if isinstance(days, int) else None
    return BookRow(
        name.split()[0].casefold(), name, "mid_market", "", "", "U1", "Maya Berg", zone, reason,
        numbers, trend=TREND, renews_on=renews_on, **other,
    )  # fmt: skip


ROWS = (
    _row("Alder Works", "at_risk", "Sponsor has not answered for 34 days. Two messages sent."),
    _row(LONG, "watch", "Usage fell by 59 % in four weeks. 72 days past its planned touch. Sponsor has "
         "not answered for 176 days. Health fell by 15 points in 90 days.",
         days=312, numbers={"health_score": 62, "arr_in_force": Decimal(1_250_000)}),
    _row(RIGHT_TO_LEFT, "healthy", "", days=88, numbers={"health_score": 88, "days_past_cadence": 0}),
    _row("Fir Group", "unknown", "", days=Unknown("undefined"), numbers={
        "arr_in_force": Unknown("no_data", "no contract loaded"), "health_score": Unknown("no_data"),
        "health_score_delta_90d": Unknown("no_data"), "days_since_last_touch": Unknown("source_late", "touches 3 days late"),
        "days_past_cadence": Unknown("no_data", "no cadence planned")}),
)  # fmt: skip


def present() -> Present:
    """The rows of a day on which the usage is late."""
    return Present(
        day=DAY, snapshot=2, currency="USD", rows=ROWS, owners=Owners({}, {}), sold={}, members={},
        late={"usage_daily": DAY - timedelta(days=3)}, lines=(), owned={}, led={},
        loaded_at=datetime.combine(DAY, datetime.min.time(), UTC) + timedelta(hours=6),
        facts_until=DAY, by_id={row.account_id: row for row in ROWS},
    )  # fmt: skip


def scope() -> Scope:
    """Somebody who may act on every row."""
    return Scope(Person(name="Olga Lind", role=Role.OPS), None, frozenset())


def queue() -> Today:
    """A morning with something in every list."""
    items = [Item(row, row.reason or "A renewal is near.", 47, 90, index == 1) for index, row in enumerate(ROWS)]  # fmt: skip
    flag = Settled(
        "usage_trend", "Usage fell by 31 %.", DAY, "dismissed", "They moved to the summer plan"
    )
    sums = Sums(Decimal(120_000), 1, 1, Decimal(0), 0, 0, 28, 8, 2)
    return Today(
        sums, items, (), (), [Returning(ROWS[1], flag, DAY + timedelta(days=14))],
        [Moved(ROWS[0], 63, 41, "usage fell by 31 %")], [Closed(ROWS[1], flag)], items[1:3], (),
    )  # fmt: skip


class SpecimenForm(forms.Form):
    """A field of each kind."""

    name = forms.CharField(label="Name", help_text="As customers write it.", max_length=40)
    kind = forms.ChoiceField(label="What", choices=[("call", "Call"), ("email", "E-mail")])
    day = forms.DateField(label="When", widget=forms.DateInput(attrs={"type": "date"}))
    said = forms.CharField(
        label="In one line", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    who = forms.MultipleChoiceField(
        label="Who took part", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[("dana", "Dana Kim"), ("noor", RIGHT_TO_LEFT)],
    )  # fmt: skip
    call = forms.ChoiceField(
        label="My call", widget=forms.RadioSelect, initial="watch",
        choices=[("at_risk", "At risk"), ("watch", "Watch")],
    )  # fmt: skip
    ours = forms.BooleanField(label="We started it", required=False)


def many() -> Sequence[BookRow]:
    """Enough rows for a page after this one."""
    return ROWS * 3
