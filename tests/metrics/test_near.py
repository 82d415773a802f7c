"""Rows laid by account are the rows that a query finds, and what is made of them is the same; so is what is taken over."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tenure.facts.table import table
from tenure.metrics.near import ASKED, FROM, SEATS, lay_near, of_accounts
from tenure.metrics.one_account import attendees_of
from tenure.metrics.own_account import reading_of
from tenure.metrics.taken_over import CONTRACTUAL, MADE, take_over
from tenure.simulate import simulate
from tenure.workspace import Workspace


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated company, with a line that names no account but a contract."""
    root = tmp_path_factory.mktemp("near")
    simulate(root / "exports", accounts=20, months=14, seed=5, users_per_account=1, active_days=1)
    made = Workspace.create(root / "acme")
    made.import_folder(root / "exports")
    (own,) = made.facts().query("select min(contract_id) from contracts")
    line = {"line_id": "loose", "contract_id": own[0], "arr": "1200", "start_date": "2026-01-01"}
    made.load({"contract_lines": [line]}, source="crm")
    return root / "acme"


def counted(rows: list[tuple[Any, ...]]) -> Counter[str]:
    return Counter(map(repr, rows))


def test_rows_laid_by_account_are_the_rows_of_the_table_with_their_types(company: Path) -> None:
    plain = Workspace.open(company).computed().reading
    near = Workspace.open(company).computed().reading
    lay_near(near)
    accounts = sorted(plain.accounts())

    assert {"activities", "contract_lines", SEATS} <= near.laid.keys() <= set(ASKED)
    for name in near.laid:
        columns = [*dict.fromkeys((*table(name).columns, "account_id", *FROM))]
        for some in (accounts[:1], accounts[3:6], [None], ["nobody"]):
            laid = of_accounts(near, name, some, columns)
            assert counted(laid) == counted(of_accounts(plain, name, some, columns)), (name, some)


def test_what_is_made_of_one_accounts_rows_is_the_same_either_way(company: Path) -> None:
    plain, near = Workspace.open(company), Workspace.open(company)
    lay_near(near.computed().reading)
    shown = plain.present()
    lines = []
    for account in sorted(shown.by_id):
        one, other = (w.computed().reading for w in (plain, near))
        assert attendees_of(one, account) == attendees_of(other, account) or (
            sorted(map(repr, attendees_of(one, account)))
            == sorted(map(repr, attendees_of(other, account)))
        )
        assert plain.account(account, shown) == near.account(account, shown)
        own = [reading_of(r, account).rows("contract_lines") for r in (one, other)]
        assert sorted(map(repr, own[0])) == sorted(map(repr, own[1]))
        lines += [row["line_id"] for row in own[1]]
        for metric in ("arr_in_force", "days_to_renewal"):
            asked: dict[str, Any] = {"where": {"account": account}, "as_of": shown.day}
            assert str(plain.explain(metric, **asked)) == str(near.explain(metric, **asked))
    assert "loose" in lines


def test_a_reading_of_newer_touches_takes_over_contracts_and_not_touches(company: Path) -> None:
    before = Workspace.open(company).computed().reading
    before.changes(Workspace.open(company).defaults.today, 30)
    before.rows("activities")
    same = before.facts.tables() - {"activities"}

    now = Workspace.open(company).computed().reading
    take_over(now, before, same)
    assert now.contracts() is before.contracts()
    assert ("rows", "activities") not in now._kept

    other = Workspace.open(company).computed().reading
    take_over(other, before, same - {"contracts"})
    assert not set(MADE) & other._kept.keys()
    assert ("rows", "contracts") not in other._kept
    assert ("rows", "contract_lines") in other._kept
    assert "contracts" in CONTRACTUAL


def test_balances_of_an_account_alone_are_those_it_has_among_all(company: Path) -> None:
    workspace = Workspace.open(company)
    day = workspace.present().day
    whole = workspace.metric("arr_in_force", as_of=day)
    for account, balance in whole.components["arr_by_account"].items():
        alone = workspace.metric("arr_in_force", where={"account": account}, as_of=day)
        assert alone.value == balance
        assert alone.components["status"].get(account) == whole.components["status"].get(account)
        assert set(alone.rows) <= set(whole.rows)
