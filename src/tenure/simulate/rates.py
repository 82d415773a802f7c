"""Exchange rates of a simulated world: one a week, in every direction, so that none is older than 7 days."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tenure.kernel.days import add_months
from tenure.simulate.scale import Scale
from tenure.simulate.write import Sheets

STARTING = {"USD": 1.0, "EUR": 1.09, "GBP": 1.27}
LONGEST_PAST_MONTHS = 84
TEN_PLACES = Decimal("0.0000000001")


def first_rate_day(scale: Scale) -> date:
    """A Monday before every contract of the company."""
    day = add_months(scale.begin, -LONGEST_PAST_MONTHS)
    return day - timedelta(days=day.weekday())


def write_rates(sheets: Sheets, scale: Scale) -> None:
    """Weekly rates between all currencies, up to the last day covered; each walks at random."""
    draw = scale.stream("rates")
    worth = dict(STARTING)
    day = first_rate_day(scale)
    while day <= scale.last:
        for currency in ("EUR", "GBP"):
            pull = 0.01 * (STARTING[currency] - worth[currency])
            worth[currency] = worth[currency] + pull + draw.gauss(0, 0.008)
        exact = {name: Decimal(f"{value:.6f}") for name, value in worth.items()}
        for one, value in exact.items():
            for other, other_value in exact.items():
                if one != other:
                    rate = (value / other_value).quantize(TEN_PLACES)
                    sheets.row(
                        "fx_rates",
                        {
                            "rate_date": day,
                            "from_currency": one,
                            "to_currency": other,
                            "rate": rate,
                        },
                    )
        day += timedelta(days=7)
