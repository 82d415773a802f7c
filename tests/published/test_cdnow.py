"""Frequency, recency and age of the CDNOW sample, as published for 30 September 1997, by three metrics of a customer's own.

The purchases and the table come with the package `lifetimes` (MIT); only its data files are read. The table follows
Fader and Hardie: repeat purchases on distinct days, recency from the first to the last of them and T from the first
purchase to the day, both in weeks of seven days. What was bought after that day is loaded too and must not be seen.
"""

from __future__ import annotations

import csv
import importlib.util
from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from tenure import Workspace

AS_OF = date(1997, 9, 30)
CUSTOMERS = 2357
HEADER = """
question = "ops"
timing   = "context"
about    = "account"
layer    = "none"
category = "usage"
grain    = ["account"]
better   = "none"
needs    = ["usage_daily"]
reads    = ["accounts"]
derived  = []
cuts     = []
sources  = ["CDNOW"]
caveats  = []
references = ["Fader and Hardie: the CDNOW sample, as of 30 September 1997."]
decisions = []
per      = "account"
"""
GIVES = """
[gives]
by_account = "value per account"

[components]
by_account = "map of account to number"
"""
FIRST = """
[measures.first]
from = "usage_daily"
aggregate = "min"
column = "usage_date"
where = "event_count > 0"
when = "usage_date until as_of"
"""
LAST = FIRST.replace("first", "last").replace("min", "max")
METRICS = {
    "cdnow_frequency": f"""
title    = "Repeat purchases"
says     = "On how many further days the customer bought again."
unit     = "days"
formula  = ["distinct days with a purchase - 1"]
{HEADER}
value    = "days - 1"
{GIVES}
[measures.days]
from = "usage_daily"
aggregate = "distinct"
column = "usage_date"
where = "event_count > 0"
when = "usage_date until as_of"
""",
    "cdnow_recency": f"""
title    = "Recency"
says     = "Weeks from the first purchase to the last."
unit     = "weeks"
formula  = ["(last day - first day) / 7"]
{HEADER}
value    = "(last - first) / 7"
{GIVES}
{FIRST}
{LAST}
""",
    "cdnow_age": f"""
title    = "Age (T)"
says     = "Weeks from the first purchase to as_of."
unit     = "weeks"
formula  = ["(as_of - first day) / 7"]
{HEADER}
value    = "(as_of - first) / 7"
{GIVES}
{FIRST}
""",
}
COLUMNS = {"cdnow_frequency": "frequency", "cdnow_recency": "recency", "cdnow_age": "T"}


def folder() -> Path:
    """Where the package keeps its data; it is not imported."""
    found = importlib.util.find_spec("lifetimes")
    assert found is not None, "lifetimes is a development dependency: pip install -e '.[dev]'"
    assert found.origin is not None
    return Path(found.origin).parent / "datasets"


def purchases() -> list[tuple[str, date, int]]:
    """Customer, day and number of CDs of every purchase of the sample, those after the day included."""
    found = []
    with (folder() / "CDNOW_sample.txt").open(encoding="ascii") as file:
        for row in file:
            _, customer, day, discs, _ = row.split()
            found.append((str(int(customer)), date.fromisoformat(day), int(discs)))
    return found


def published() -> dict[str, dict[str, Decimal]]:
    """The table, customer by customer, as it is printed."""
    with (folder() / "cdnow_customers_summary.csv").open(encoding="ascii", newline="") as file:
        return {
            row["ID"]: {name: Decimal(row[name]) for name in COLUMNS.values()}
            for row in csv.DictReader(file)
        }


def as_printed(value: Any, printed: Decimal) -> Decimal:
    """A number at the precision of the printed one."""
    return Decimal(str(value)).quantize(printed, rounding=ROUND_HALF_UP)


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Each purchase as a row of use with an id of its own: several on one day are several rows."""
    workspace = Workspace.create(tmp_path_factory.mktemp("cdnow") / "workspace")
    own = workspace.folder / "catalogue" / "metrics"
    own.mkdir(parents=True, exist_ok=True)
    for name, text in METRICS.items():
        (own / f"{name}.toml").write_text(text.lstrip(), encoding="utf-8")
    bought = purchases()
    workspace.load(
        {
            "accounts": [{"account_id": name} for name in dict.fromkeys(n for n, _, _ in bought)],
            "usage_daily": [
                {
                    "account_id": customer,
                    "usage_date": day,
                    "event_count": discs,
                    "source_row_id": str(number),
                }
                for number, (customer, day, discs) in enumerate(bought)
            ],
        }
    )
    return workspace


def test_the_sample_holds_what_makes_it_a_test() -> None:
    bought = purchases()
    assert len({customer for customer, _, _ in bought}) == len(published()) == CUSTOMERS
    assert sum(1 for _, day, _ in bought if day > AS_OF) > 1000
    repeated = Counter((customer, day) for customer, day, _ in bought if day <= AS_OF)
    assert max(repeated.values()) > 1


@pytest.mark.parametrize("metric", METRICS)
def test_all_customers_come_out_as_published(metric: str, cdnow: Workspace) -> None:
    answer = cdnow.metric(metric, as_of=AS_OF)
    ours = answer.components["by_account"]
    table = published()
    assert ours.keys() == table.keys()
    column = COLUMNS[metric]
    differing = [
        f"{customer}: {ours[customer]}, printed {row[column]}"
        for customer, row in table.items()
        if as_printed(ours[customer], row[column]) != row[column]
    ]
    assert not differing, "\n".join([f"{len(differing)} of {CUSTOMERS} differ", *differing[:20]])
