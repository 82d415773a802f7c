"""A company of a given size for the history benchmarks: accounts, seats, people, features and daily usage.

Written by the engine, not by the simulator: 50 million rows in minutes. Usage goes into the lake by its own
commit, a month at a time, as a daily feed would bring it; the other tables by `Workspace.load`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from arro3.core import Table as ArrowTable

from tenure.facts.table import table
from tenure.lake import snapshots
from tenure.lake.commit import commit
from tenure.lake.lake import Lake
from tenure.workspace import Workspace

LAST = date(2026, 6, 30)
DAYS = 420
FEATURES = 40
ROWS_PER_PERSON = DAYS * 0.302 * 1.95
"""A person comes on 30 % of days and uses about two features on each."""

PEOPLE = """
    create table people as
    select i as n, 'ACC-' || lpad((hash(i) % {accounts})::varchar, 6, '0') as account_id,
      'user-' || lpad(i::varchar, 8, '0') as product_user_id,
      0.05 + 0.5 * (hash(i * 7 + 1) % 1000) / 1000.0 as keenness,
      ['sales', 'finance', 'it', 'support', 'ops', 'legal', null][1 + (hash(i * 13) % 7)::int] as department,
      date '{first}' + (hash(i * 19) % 200)::int as assigned_date,
      case when hash(i * 23) % 10 = 0 then date '{first}' + (210 + hash(i * 29) % 200)::int end as removed_date,
      hash(i * 31) % 50 = 0 as is_internal
    from range({people}) numbers(i)
    """

USAGE = """
    select account_id, product_user_id, day as usage_date,
      'feature_' || lpad((hash(n * 17 + d * 3 + k * 101) % {features})::varchar, 2, '0') as feature_id,
      null::varchar as source_row_id, (1 + hash(n * 1000003 + d * 31 + k) % 20)::bigint as event_count,
      case when hash(account_id) % 10 = 0 then (hash(n + d + k) % 5)::decimal(28, 6) end as units,
      n * 2000 + d as source_line
    from people, (select d, date '{first}' + d::int as day from range({from_day}, {to_day}) days(d)),
      range(4) several(k)
    where (hash(n * 31 + d * 7919) % 100000) / 100000.0 < keenness and (k = 0 or hash(n + d * 5 + k) % 3 = 0)
      and day >= assigned_date and (removed_date is null or day < removed_date)
    qualify row_number() over (partition by n, d, feature_id order by k) = 1
    """


@dataclass(frozen=True, slots=True)
class Size:
    """How large a company is to be."""

    events: int
    accounts: int = 10_000


def make(folder: Path, size: Size) -> Workspace:
    """The company in a new workspace; one made before is opened."""
    if (folder / "made").exists():
        return Workspace.open(folder)
    ws = Workspace.create(folder)
    first = LAST - timedelta(days=DAYS - 1)
    with duckdb.connect() as connection:
        connection.execute(f"set temp_directory = '{folder / 'spill'}'")
        connection.execute("set memory_limit = '4GB'")
        people = max(1, int(size.events / ROWS_PER_PERSON / 0.72))
        connection.execute(PEOPLE.format(accounts=size.accounts, people=people, first=first))
        for name, text in _small_tables(size, first).items():
            ws.load({name: ArrowTable.from_arrow(connection.sql(text))}, source="bench")
        for number, (start, end) in enumerate(_months(first), start=1):
            bounds = {"from_day": (start - first).days, "to_day": (end - first).days}
            text = USAGE.format(features=FEATURES, first=first, **bounds)
            deliver(ws.lake, connection, text, f"bench-{number}")
    (folder / "made").touch()
    return Workspace.open(folder)


def deliver(lake: Lake, connection: Any, text: str, import_id: str) -> None:
    """Commit prepared usage rows and show them, as an import does once its rows are checked."""
    moment = datetime(2026, 7, 1, 6, tzinfo=UTC)
    columns = table("usage_daily").sql_columns()
    given = {
        "usage_date_month": "strftime(usage_date, '%Y-%m')",
        "source": "'bench'",
        "source_file": f"'{import_id}.csv'",
        "recorded_at": f"timestamp '{moment:%Y-%m-%d %H:%M:%S}'",
        "version_at": f"timestamp '{moment:%Y-%m-%d %H:%M:%S}'",
        "import_id": f"'{import_id}'",
        "commit_no": "null",
        "is_closed": "false",
    }
    listed = ", ".join(
        f'cast({given.get(name, name)} as {kind}) as "{name}"' for name, kind in columns.items()
    )
    connection.execute(f"create or replace table prepared as select {listed} from ({text})")
    done = commit(
        lake, connection, {"usage_daily": "prepared"}, import_id=import_id, loaded_at=moment
    )
    snapshots.publish(lake, done.versions, import_id=import_id)
    connection.execute("drop table prepared")


def _months(first: date) -> list[tuple[date, date]]:
    """The civil months of the company's days, the last one ending after LAST."""
    found, start = [], first
    while start <= LAST:
        end = min(
            (start.replace(day=1) + timedelta(days=32)).replace(day=1), LAST + timedelta(days=1)
        )
        found.append((start, end))
        start = end
    return found


def _small_tables(size: Size, first: date) -> dict[str, str]:
    number = f"range({size.accounts}) numbers(i)"
    account = "'ACC-' || lpad(i::varchar, 6, '0')"
    return {
        "accounts": f"""
            select {account} as account_id, 'Account ' || i as name,
              ['enterprise', 'mid_market', 'smb'][1 + i % 3] as segment, 'USD' as currency,
              (date '{first}' - (i % 700)::int)::varchar as start_date from {number}""",
        "contract_lines": f"""
            select 'L' || i as line_id, {account} as account_id, '12000' as arr, 'P' || (i % 3) as product_id,
              (1 + 6 * (i % 7))::varchar as quantity, 'seat' as unit, 'USD' as currency,
              (date '{first}' - (i % 700)::int)::varchar as start_date, null::varchar as end_date from {number}
            union all
            select 'C' || i, {account}, '6000', 'P' || (i % 3), '40000', 'credit', 'USD',
              '{first}', '{LAST + timedelta(days=90)}' from {number} where hash({account}) % 10 = 0""",
        "features": f"""
            select 'feature_' || lpad(i::varchar, 2, '0') as feature_id, 'P' || (i % 3) as product_id,
              if(i % 4 = 0, 'advanced', 'basic') as level from range({FEATURES}) numbers(i)""",
        "product_users": """
            select account_id, product_user_id, department, assigned_date::varchar as assigned_date,
              removed_date::varchar as removed_date, is_internal::varchar as is_internal from people""",
    }  # fmt: skip
