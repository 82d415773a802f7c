"""Two right declarations of a customer, and ways to break them."""

from __future__ import annotations

import pytest

from tenure.kernel.declare import read
from tenure.kernel.errors import DeclarationError
from tenure.kernel.places import places_in
from tenure.metrics.check import check
from tenure.metrics.declaration import Metric, built_in

HEADER = """\
title    = "Urgent tickets"
says     = "How often customers called for help that could not wait."
question = "renew"
timing   = "leading"
about    = "account"
layer    = "health"
category = "health"
grain    = ["account"]
unit     = "count"
better   = "down"
formula  = ["tickets opened with priority urgent"]
"""
URGENT = f"""{HEADER}period   = "quarter"
needs    = ["tickets"]
cuts     = ["segment"]
value    = "urgent"

[gives]
share = "urgent / opened over all"

[components]
share = "ratio"

[measures.opened]
from      = "ticket_days"
aggregate = "count"
when      = "opened in period"

[measures.urgent]
from      = "ticket_days"
aggregate = "count"
where     = "priority = 'urgent'"
when      = "opened in period"
"""
QUIET = f"""{HEADER}needs    = ["activities"]
per      = "account"
value    = "as_of - last"

[gives]
by_account = "value per account"
quiet      = "accounts where value >= limit"

[components]
by_account = "map of account to days"
quiet      = "list of accounts"

[measures.last]
from      = "touches"
aggregate = "max"
column    = "day"
when      = "day in last window_days days"

[parameters.limit]
type    = "int"
default = 30
says    = "From how many days on."

[parameters.window_days]
type    = "int"
default = 90
maximum = 365
says    = "How far back."

[[thresholds]]
zone   = "quiet"
op     = ">="
value  = 30
origin = "ours"
"""


def refused(text: str, id: str = "mine") -> str:  # noqa: A002 - the metric's name
    """The whole message that loading the declaration ends in."""
    name = f"catalogue/metrics/{id}.toml"
    with pytest.raises(DeclarationError) as error:
        check(
            read(Metric, text, name=name, id=id),
            places_in(text, name).of,
            shipped=built_in().metrics.values(),
        )
    return str(error.value)


def code_of(text: str) -> str:
    """The code of the error that loading the declaration ends in; empty where it loads."""
    try:
        check(
            read(Metric, text, name="x.toml", id="mine"),
            places_in(text, "x.toml").of,
            shipped=built_in().metrics.values(),
        )
    except DeclarationError as error:
        return error.code if error.where.startswith("x.toml:") and error.remedy else "no place"
    return ""


def changed(text: str, *pairs: tuple[str, str]) -> str:
    """The text with each first word replaced by the second, which must be there."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text
