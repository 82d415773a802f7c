"""The parts of an account, each a page of its own address, in the order of the tabs."""

from __future__ import annotations

from collections.abc import Sequence

TABS: Sequence[tuple[str, str, str]] = (
    # what a page calls itself, its route, the word on the tab
    ("overview", "account", "Overview"),
    ("timeline", "account_timeline", "Timeline"),
    ("health", "account_health", "Health"),
    ("usage", "account_usage", "Usage"),
    ("people", "account_people", "People"),
    ("plan", "plan", "Plan"),
    ("contract", "account_contract", "Contract"),
    ("voice", "account_voice", "Surveys and tickets"),
)
