"""Changes of the rows that may not change the numbers, or only in one known way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, seed, settings
from hypothesis import strategies as st

from laws.worlds import (
    AS_OF,
    CAREFUL,
    IN_MEMORY_AND_BY_NIGHT_IN_A_LAKE,
    SEED,
    Held,
    Rows,
    changed,
    companies,
    in_memory,
    panel,
    told,
    unlike,
    workspace,
)
from nightly import examples
from oracles.links import torn
from oracles.reading import read

FEW = settings(CAREFUL, max_examples=examples(3, night=25))
EVERY_CURRENCY = ("USD", "EUR")
DATED = {
    "account_assignments": "start_date",
    "fx_rates": "rate_date",
    "opportunities": "created_date",
    "risk_flags": "raised_date",
}
BY_ID = (
    "account_id",
    "contract_id",
    "line_id",
    "renews_contract_id",
    "opportunity_id",
    "flag_id",
    "csm_id",
    "user_id",
)


def answers(held: Held, *loads: Rows, **more: Any) -> dict[str, Any]:
    with held(*loads, **more) as ws:
        return told(ws)


@seed(SEED)
@FEW
@given(companies(currencies=EVERY_CURRENCY), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: Rows, chance: Any):
    shuffled = {table: chance.sample(kept, len(kept)) for table, kept in rows.items()}
    assert not unlike(answers(in_memory, rows), answers(workspace, shuffled))


@seed(SEED)
@FEW
@given(companies(currencies=EVERY_CURRENCY))
def test_several_loads_say_the_same_as_one(rows: Rows):
    first = {table: kept[::2] for table, kept in rows.items()}
    second = {table: kept[1::2] for table, kept in rows.items()}
    assert not unlike(answers(in_memory, rows), answers(workspace, second, first))


@seed(SEED)
@FEW
@given(companies(currencies=EVERY_CURRENCY))
def test_loading_twice_says_the_same_as_loading_once(rows: Rows):
    assert not unlike(answers(in_memory, rows), answers(workspace, rows, rows))


@IN_MEMORY_AND_BY_NIGHT_IN_A_LAKE
@seed(SEED)
@FEW
@given(companies())
def test_an_account_without_contracts_changes_nothing(held: Held, rows: Rows):
    newcomer = {"account_id": "Z", "name": "Nobody yet", "segment": "smb", "currency": "USD"}
    before = answers(held, rows)
    after = answers(held, rows | {"accounts": [*rows["accounts"], newcomer]})
    assert not unlike(before, without(after, "Z"))


def without(thing: Any, name: str) -> Any:
    """An answer without the rows of one account, which may only say that it has nothing."""
    if not isinstance(thing, dict):
        return thing
    own = {key: value for key, value in thing.items() if name in key.split(".")}
    assert all(value in (0, "undefined", "no_data") for value in own.values())
    return {key: without(value, name) for key, value in thing.items() if key not in own}


@IN_MEMORY_AND_BY_NIGHT_IN_A_LAKE
@seed(SEED)
@FEW
@given(companies(currencies=EVERY_CURRENCY))
def test_other_names_change_only_the_names(held: Held, rows: Rows):
    assume(not torn(read(rows), AS_OF, 30))

    def renamed(text: Any) -> Any:
        """Names in the opposite order of the alphabet, so that no tie is broken by luck."""
        return "".join(chr(ord("0") + ord("z") - ord(letter)) for letter in text)

    def change(_: str, row: dict[str, Any]) -> dict[str, Any]:
        return row | {name: renamed(row[name]) for name in BY_ID if row.get(name)}

    names = {row[name] for kept in rows.values() for row in kept for name in BY_ID if row.get(name)}
    expected = relabel(answers(held, rows), {name: renamed(name) for name in names})
    assert not unlike(expected, relabel(answers(held, changed(rows, change)), {}))


def relabel(thing: Any, names: dict[str, str]) -> Any:
    """The same answer under other names; paths of reasons are names joined by dots."""
    if isinstance(thing, dict):
        kept = {
            ".".join(names.get(part, part) for part in key.split(".")): value
            for key, value in thing.items()
        }
        return {key: relabel(value, names) for key, value in sorted(kept.items())}
    if isinstance(thing, list):
        return sorted((relabel(one, names) for one in thing), key=repr)
    return names.get(thing, thing) if isinstance(thing, str) else thing


@IN_MEMORY_AND_BY_NIGHT_IN_A_LAKE
@seed(SEED)
@FEW
@given(companies(), st.sampled_from([date(2025, 6, 30), date(2025, 3, 15), date(2024, 9, 1)]))
def test_what_is_recorded_after_the_day_changes_nothing_about_the_day(
    held: Held, rows: Rows, day: date
):
    later = {
        row["contract_id"]
        for row in rows["contracts"]
        if row["signed_date"] and row["signed_date"] > day
    }

    def change(table: str, row: dict[str, Any]) -> dict[str, Any] | None:
        if row.get("contract_id") in later or (table in DATED and row[DATED[table]] > day):
            return None
        if table == "contract_lines" and row["contract_id"] is None and row["start_date"] > day:
            return None
        if table == "contracts" and row["notice_date"] and row["notice_date"] > day:
            row["notice_date"] = None
        if table == "risk_flags" and row["cleared_date"] and row["cleared_date"] > day:
            row["cleared_date"] = None
        return row

    earlier = changed(rows, change)
    assert not unlike(told_on(held, rows, day), told_on(held, earlier, day))


def told_on(held: Held, rows: Rows, day: date) -> dict[str, Any]:
    with held(rows) as ws:
        return told(ws, panel(date(2024, 1, 1), date(2025, 1, 1), day))


@seed(SEED)
@FEW
@given(companies())
def test_a_later_load_changes_nothing_about_what_was_known_before_it(rows: Rows):
    first = {table: kept[::2] for table, kept in rows.items()}
    with pytest.MonkeyPatch.context() as clock:
        clock.setenv("TENURE_NOW", "2025-07-01T10:00:00+00:00")
        with workspace(first) as ws:
            before = told(ws)
            clock.setenv("TENURE_NOW", "2025-08-01T10:00:00+00:00")
            ws.load(rows)
            assert not unlike(told(ws, as_known_on=date(2025, 7, 15)), before)


@IN_MEMORY_AND_BY_NIGHT_IN_A_LAKE
@seed(SEED)
@FEW
@given(companies(), st.sampled_from([Decimal(3), Decimal("0.5")]))
def test_amounts_times_k_give_money_times_k_and_the_same_ratios(held: Held, rows: Rows, k: Decimal):
    def change(table: str, row: dict[str, Any]) -> dict[str, Any]:
        if row.get("interval_months") == 7:
            row["interval_months"] = 12
        return row

    def scale(table: str, row: dict[str, Any]) -> dict[str, Any]:
        return row | {
            name: row[name] * k
            for name in ("amount", "arr", "amount_arr")
            if row.get(name) is not None
        }

    simple = changed(rows, change)
    scaled(answers(held, simple), answers(held, changed(simple, scale)), k)


def scaled(one: Any, other: Any, k: Decimal) -> None:
    """Money is Decimal and grows by k; everything else stays."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for name in one:
            scaled(one[name], other[name], k)
    elif isinstance(one, list):
        assert len(one) == len(other)
        for left, right in zip(one, other, strict=True):
            scaled(left, right, k)
    elif isinstance(one, Decimal):
        assert abs(one * k - other) < Decimal("0.001")
    elif isinstance(one, float):
        assert other == pytest.approx(one, rel=1e-9, abs=1e-12)
    else:
        assert one == other


@IN_MEMORY_AND_BY_NIGHT_IN_A_LAKE
@seed(SEED)
@FEW
@given(companies())
def test_reporting_in_the_only_currency_is_native(held: Held, rows: Rows):
    def change(table: str, row: dict[str, Any]) -> dict[str, Any]:
        return row | {"currency": "EUR"} if row.get("currency") else row

    euros = changed(rows, change)
    assert not unlike(answers(held, rows), answers(held, euros, reporting_currency="EUR"))
