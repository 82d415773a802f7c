"""PostgreSQL with the dates-join-events method of "Fighting Churn with Data": one insert per metric."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from peers.given import connected
from peers.numbers import NUMBERS
from peers.postgres_server import Server, server

SCRIPT = Path(__file__).with_name("postgres_metrics.sql")
TABLES = """
    create table account(account_id text primary key, start_date date);
    create table subscription(account_id text, product_id text, quantity numeric, unit text, start_date date, end_date date);
    create table event_type(event_type text primary key, product_id text, level text);
    create table account_user(account_id text, user_id text primary key, department text, assigned_date date,
      removed_date date, is_internal boolean);
    create table event(account_id text, user_id text, event_time date, event_type text, event_count bigint, units numeric);
    create table date_vals(metric_time date primary key);
    create table metric(account_id text, metric_time date, metric_name text, metric_value double precision);
    """
INDEXES = """
    create index on event(account_id, event_time);
    create index on event(event_time);
    create index on subscription(account_id);
    create index on metric(metric_name);
    analyze;
    """
"""The one everybody makes first, and the one the windows ask for."""

GIVEN = {
    "account": "select * from accounts",
    "subscription": "select * from contract_lines",
    "event_type": "select * from features",
    "account_user": "select * replace (coalesce(is_internal, false) as is_internal) from product_users",
    "event": "select * from usage_daily",
    "date_vals": "select as_of from as_ofs",
}


def postgres(folder: Path, days: Sequence[date], out: Path | None, spare: Path) -> dict[str, Any]:
    """Load, index and analyze, told apart; then every statement of the script beside this file, one after the other."""
    with server() as postgresql:
        began = time.perf_counter()
        _load(postgresql, folder, days, spare)
        setup = time.perf_counter() - began
        parts = _parts(postgresql)
        found = postgresql.run("select count(*) from metric").split()
        if out:
            _write(postgresql, folder, days, out, spare)
        version = postgresql.version
    told = {
        "wall": sum(parts.values()),
        "setup": setup,
        "parts": parts,
        "result": found,
        "version": version,
    }
    return told | {"peak_mb": postgresql.peak_mb, "processor": postgresql.processor}


def _load(postgresql: Server, folder: Path, days: Sequence[date], spare: Path) -> None:
    postgresql.run(TABLES)
    with connected(folder, days, memory="2GB", spill=spare) as connection:
        for name, text in GIVEN.items():
            file = spare / f"{name}.csv"
            connection.execute(f"copy ({text}) to '{file}' (format csv, header false)")
            postgresql.run(f"\\copy {name} from '{file}' with (format csv)\n")
            file.unlink()
    postgresql.run(INDEXES)


def statements() -> dict[str, str]:
    """Each metric's statement by its name; the name of a step stands in brackets."""
    pieces = re.split(
        r"^-- (\[?[a-z_]+\]?)$", SCRIPT.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def _parts(postgresql: Server) -> dict[str, float]:
    """Seconds each statement took."""
    found = {}
    for name, text in statements().items():
        began = time.perf_counter()
        postgresql.run(text)
        found[name] = time.perf_counter() - began
    return found


COUNTS = ("active_user_pct__active_users",)
ONCE_BEGUN = ("cross_functional_usage", "cross_functional_usage__unknown_department_users")


def _write(postgresql: Server, folder: Path, days: Sequence[date], out: Path, spare: Path) -> None:
    """The metrics as one row per account and day; a count without a row is 0, as the method's own data set has it."""
    file = spare / "metric.csv"
    postgresql.run(f"\\copy metric to '{file}' with (format csv)\n")
    with connected(folder, days, memory="2GB", spill=spare) as connection:
        connection.execute(
            "create table metric as select * from read_csv($file, header = false, columns = {'account_id': 'VARCHAR', "
            "'metric_time': 'DATE', 'metric_name': 'VARCHAR', 'metric_value': 'DOUBLE'})",
            {"file": str(file)},
        )
        wanted = ", ".join(f"'{name}'" for name in ("lifetime", *NUMBERS))
        listed = ", ".join(f"{_read(name)} as {name}" for name in NUMBERS)
        connection.execute(
            f"copy (select as_of, accounts.account_id, {listed} from accounts cross join as_ofs left join (from (from metric) "
            f"pivot (any_value(metric_value) for metric_name in ({wanted}) group by account_id, metric_time)) as found "
            f"on metric_time = as_of and found.account_id = accounts.account_id) to '{out}' (format parquet)"
        )


def _read(name: str) -> str:
    if name in COUNTS:
        return f"coalesce({name}, 0)"
    if name in ONCE_BEGUN:
        return f"if(lifetime is not null, coalesce({name}, 0), null)"
    return f"date '1970-01-01' + {name}::integer" if name.endswith("_date") else name
