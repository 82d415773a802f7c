"""Product-qualified accounts: declared rules, what was seen, whose rule it is, and Unknown where facts lack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tenure import Workspace
from tenure.cli.app import app
from tenure.kernel.errors import DeclarationError

DAY = "2026-03-31"


def company() -> dict[str, list[dict[str, Any]]]:
    """Full has 9 of 10 seats given out, Half 5; Heavy is at its limit of calls; Keen began a feature in March.

    Free is on trial with 9 of a limit of 10 seats; Gone had 10 of 10 and left.
    """
    names = ("Full", "Half", "Heavy", "Keen", "Free", "Gone")
    seats = {"Full": 9, "Half": 5, "Free": 9, "Gone": 10}
    facts: dict[str, list[dict[str, Any]]] = {
        "accounts": [
            {"account_id": n, "name": f"{n} Inc", "start_date": "2025-01-01", "segment": "smb"}
            for n in names
        ],
        "contract_lines": [
            {"line_id": f"L{n}", "account_id": n, "arr": "1200", "start_date": "2025-01-01",
             "quantity": "10", "unit": "seat", "product_id": "P",
             **({"end_date": "2026-01-01"} if n == "Gone" else {})}
            for n in names
            if n != "Free"
        ],
        "product_users": [
            {"product_user_id": f"{n}-{i}", "account_id": n, "assigned_date": "2025-02-01"}
            for n, count in seats.items()
            for i in range(count)
        ],
        "usage_limits": [
            {"account_id": "Heavy", "limit_name": "calls", "measure": "events", "amount": "100",
             "start_date": "2025-01-01"},
            {"account_id": "Half", "limit_name": "calls", "measure": "events", "amount": "100",
             "start_date": "2025-01-01"},
            {"account_id": "Free", "limit_name": "trial seats", "measure": "seats",
             "amount": "10", "start_date": "2025-01-01"},
        ],
        "features": [
            {"feature_id": "basic", "name": "Lists", "level": "basic"},
            {"feature_id": "flows", "name": "Flows", "level": "advanced"},
        ],
        "usage_daily": [],
    }  # fmt: skip
    for account, feature, day, count in (
        ("Heavy", "basic", "2026-03-20", 95),
        ("Half", "basic", "2026-03-20", 40),
        ("Keen", "basic", "2025-06-01", 3),
        ("Keen", "flows", "2026-03-15", 4),
        ("Keen", "flows", "2026-03-16", 3),
        ("Half", "flows", "2026-03-15", 2),
        ("Full", "flows", "2025-09-01", 50),
        ("Full", "flows", "2026-03-15", 50),
    ):
        facts["usage_daily"].append(
            {"account_id": account, "product_user_id": f"{account}-0", "usage_date": day,
             "feature_id": feature, "event_count": str(count)}
        )  # fmt: skip
    return facts


def opened(folder: Path, facts: dict[str, list[dict[str, Any]]]) -> Workspace:
    made = Workspace.create(folder)
    made.load(facts, source="crm")
    return made


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return opened(tmp_path / "w", company())


def met(ws: Workspace) -> dict[str, list[str]]:
    return {lead.account: [one.rule for one in lead.met] for lead in ws.pql(DAY)}


def rule(ws: Workspace, name: str) -> Any:
    return next(one for one in ws.pql(DAY).rules if one.rule.id == name)


def test_each_rule_names_its_accounts_with_what_was_seen(ws: Workspace) -> None:
    found = ws.pql(DAY)
    assert met(ws) == {
        "Full": ["seats"], "Heavy": ["usage_limit"], "Keen": ["feature_unlock"], "Free": ["usage_limit"],
    }  # fmt: skip
    says = {lead.account: lead.met[0].says for lead in found}
    assert says == {
        "Full": "Seat utilisation: 90 %, at or above 85 %",
        "Heavy": "calls: came to 90 % of its limit on 2026-03-20",
        "Keen": "Flows: first used on 2026-03-15, 7 times since",
        "Free": "trial seats: 9 of 10 given out",
    }
    assert {lead.account for lead in found if not lead.pays} == {"Free"}


def test_a_starting_point_is_told_as_one(ws: Workspace) -> None:
    assert "industry starting point, not from your data (S2)" in rule(ws, "seats").says
    assert "our own starting point, not from your data" in rule(ws, "usage_limit").says


def test_a_line_set_for_growth_is_the_rules_line_and_a_segments_own_goes_before_it(
    ws: Workspace,
) -> None:
    ws.thresholds.set("seat_utilization", at_risk=">=0.5", asked="grow", by="Ana", why="ours")
    found = ws.pql()
    assert {lead.account for lead in found if "seats" in {m.rule for m in lead.met}} == {
        "Full",
        "Half",
    }
    ws.thresholds.set(
        "seat_utilization", at_risk=">=0.95", asked="grow", segment="smb", by="Ana", why="ours"
    )
    assert not [lead for lead in ws.pql() if "seats" in {m.rule for m in lead.met}]


def test_a_workspaces_own_rule_stands_in_place_of_ours_and_may_be_switched_off(
    ws: Workspace,
) -> None:
    folder = ws.folder / "catalogue" / "leads"
    folder.mkdir(parents=True)
    (folder / "seats.toml").write_text(
        'title = "Half full"\nsays = "Half of the seats."\nkind = "metric"\n'
        'metric = "seat_utilization"\nop = ">="\nvalue = 0.5\norigin = "sales, 2026"\n'
    )
    (folder / "usage_limit.toml").write_text(
        'title = "x"\nsays = "x"\nkind = "limit"\nvalue = 0.9\norigin = "x"\noff = true\n'
    )
    assert met(ws) == {"Full": ["seats"], "Half": ["seats"], "Keen": ["feature_unlock"]}
    assert "your own rule: sales, 2026" in rule(ws, "seats").says


def test_a_rule_that_cannot_be_read_names_its_file_and_key(ws: Workspace) -> None:
    folder = ws.folder / "catalogue" / "leads"
    folder.mkdir(parents=True)
    (folder / "odd.toml").write_text(
        'title = "x"\nsays = "x"\nkind = "metric"\nmetric = "seat_utilization"\nop = ">="\norigin = "x"\n'
    )
    with pytest.raises(DeclarationError) as caught:
        ws.pql(DAY)
    assert "catalogue/leads/odd.toml" in str(caught.value)
    assert "neither" in caught.value.remedy


@pytest.mark.parametrize(
    ("lacks", "name", "says"),
    [
        ("usage_limits", "usage_limit", "no `usage_limits` have been delivered"),
        ("features", "feature_unlock", "no `features` have been delivered"),
        ("product_users", "seats", "`seat_utilization` is known of no account"),
    ],
)
def test_where_facts_lack_a_rule_is_unknown_and_nobody_counts_as_unready(
    tmp_path: Path, lacks: str, name: str, says: str
) -> None:
    facts = company()
    del facts[lacks]
    told = rule(opened(tmp_path / "w", facts), name)
    assert told.says.startswith("Unknown: ")
    assert says in told.says
    assert (told.known, told.met) == (0, 0)


def test_who_is_at_risk_and_ready_is_shown_as_both(tmp_path: Path) -> None:
    facts = company()
    facts["risk_flags"] = [
        {"flag_id": "F", "account_id": "Full", "reason": "Sponsor left", "raised_date": "2026-03-01"},
        {"flag_id": "G", "account_id": "Keen", "question": "grow", "raised_date": "2026-03-01"},
    ]  # fmt: skip
    ws = opened(tmp_path / "w", facts)
    assert {lead.account: lead.at_risk for lead in ws.pql(DAY)}["Full"] == 1
    assert {lead.account: lead.at_risk for lead in ws.pql(DAY)}["Keen"] == 0
    assert ws.metric("retention_risk", as_of=DAY).components["accounts"] == ["Full"]


def test_the_command_line_shows_accounts_and_rules(ws: Workspace) -> None:
    out = CliRunner().invoke(app, ["pql", "-w", str(ws.folder), "--as-of", DAY]).output
    assert "4 product-qualified accounts on 2026-03-31" in out
    assert "Full Inc (`Full`), smb, 1.2k" in out
    assert "Free Inc (`Free`), smb, pays nothing yet" in out
    assert "power_users" in out
