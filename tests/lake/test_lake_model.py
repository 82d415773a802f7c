"""Deliver, again, shuffled, split, corrected, restarted: the lake equals a dictionary by key."""

from __future__ import annotations

import random
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from deliveries import DAY_ONE, DECLARED, Delivery, write
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tenure.lake import snapshots
from tenure.lake.compact import compact
from tenure.lake.engines.duckdb import Engine
from tenure.lake.lake import Lake

Row = dict[str, Any]

IDS = st.sampled_from(["a", "b", "c", "d"])
AMOUNTS = st.integers(0, 3).map(Decimal)
ACCOUNT_ROWS = st.dictionaries(IDS, AMOUNTS, min_size=1, max_size=4)
DECLARED_ROWS = st.dictionaries(IDS, st.tuples(AMOUNTS, st.integers(1, 5)), min_size=1, max_size=4)
SCORES = st.dictionaries(IDS, st.integers(0, 2), min_size=1, max_size=4)


class LakeBesideADictionary(RuleBasedStateMachine):
    """`accounts` is ordered by arrival, `lines` by a declared moment, `answers` are events."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tenure-model-"))
        self.lake = Lake.create(self.folder, declared=DECLARED)
        self.imports = 0
        self.delivered: list[Delivery] = []
        self.written: list[Delivery] = []
        self.accounts: dict[str, Decimal] = {}
        self.lines: dict[str, tuple[int, int, Decimal]] = {}
        self.answers: dict[str, int] = {}
        self.history: dict[str, set[tuple[int, Decimal]]] = {}

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def deliver(self, rows: dict[str, list[Row]], *, closing: tuple[str, ...] = ()) -> None:
        self.imports += 1
        moment = DAY_ONE + timedelta(days=self.imports)
        delivery = Delivery(f"i{self.imports}", rows, moment, closing)
        counts = write(self.lake, delivery).counts.values()
        self.delivered.append(delivery)
        if any(one.new or one.replaced or one.closed for one in counts):
            self.written.append(delivery)

    @rule(rows=ACCOUNT_ROWS)
    def accounts_by_arrival(self, rows: dict[str, Decimal]) -> None:
        self.deliver(
            {
                "accounts": [
                    {"account_id": key, "name": "N", "arr": arr} for key, arr in rows.items()
                ]
            }
        )
        self.accounts |= rows

    @rule(rows=ACCOUNT_ROWS)
    def a_complete_export(self, rows: dict[str, Decimal]) -> None:
        made = [{"account_id": key, "name": "N", "arr": arr} for key, arr in rows.items()]
        self.deliver({"accounts": made}, closing=("accounts",))
        self.accounts = dict(rows)

    @rule(rows=DECLARED_ROWS)
    def lines_by_declared_moment(self, rows: dict[str, tuple[Decimal, int]]) -> None:
        made = [
            {
                "account_id": "x",
                "line_no": key,
                "amount": amount,
                "start_date": None,
                "version_at": datetime(2026, 1, day, tzinfo=UTC).replace(tzinfo=None),
            }
            for key, (amount, day) in rows.items()
        ]
        self.deliver({"lines": made})
        for key, (amount, day) in rows.items():
            self._line(key, amount, day)

    def _line(self, key: str, amount: Decimal, day: int) -> None:
        """The newest moment wins; at one moment the later arrival, unless that very version had come before."""
        history = self.history.setdefault(key, set())
        if (day, amount) in history:
            return
        history.add((day, amount))
        if key not in self.lines or (day, self.imports) >= self.lines[key][:2]:
            self.lines[key] = (day, self.imports, amount)

    @rule(rows=SCORES)
    def answers_once(self, rows: dict[str, int]) -> None:
        self.deliver(
            {
                "answers": [
                    {"answer_id": key, "score": score, "answered_on": None}
                    for key, score in rows.items()
                ]
            }
        )
        self.answers = rows | self.answers

    @precondition(lambda self: self.written)
    @rule(data=st.data())
    def the_same_import_again(self, data: st.DataObject) -> None:
        # One that changed nothing left no mark in the table: the import ledger knows that it is done.
        write(self.lake, data.draw(st.sampled_from(self.written)))

    @precondition(lambda self: self.delivered)
    @rule(seed=st.integers(0, 100))
    def the_last_rows_again_shuffled_and_split(self, seed: int) -> None:
        last = self.delivered[-1]
        for name, rows in last.rows.items():
            mixed = random.Random(seed).sample(rows, len(rows))
            half = len(mixed) // 2
            for part in (mixed[:half], mixed[half:]):
                if part:
                    self.deliver({name: part})

    @rule()
    def restart(self) -> None:
        self.lake = Lake.open(self.folder, declared=DECLARED)

    @rule()
    def compaction(self) -> None:
        compact(self.lake)

    @invariant()
    def the_lake_equals_the_dictionary(self) -> None:
        if not hasattr(self, "lake"):
            return
        with Engine(self.lake, snapshots.newest(self.lake)) as engine:

            def found(table: str, columns: str) -> dict[Any, Any]:
                return (
                    dict(engine.rows(f"select {columns} from {table}"))
                    if table in engine.tables()
                    else {}
                )

            assert found("accounts", "account_id, arr") == self.accounts
            assert found("lines", "line_no, amount") == {
                key: row[2] for key, row in self.lines.items()
            }
            assert found("answers", "answer_id, score") == self.answers


LakeBesideADictionary.TestCase.settings = settings(
    max_examples=10, stateful_step_count=7, deadline=None, suppress_health_check=list(HealthCheck)
)
TestTheLakeEqualsADictionary = LakeBesideADictionary.TestCase


@pytest.mark.night
@pytest.mark.timeout(3600)
class TestManyHistories(LakeBesideADictionary.TestCase):  # type: ignore[misc]
    settings = settings(
        max_examples=500,
        stateful_step_count=15,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
