"""Exports with planted faults of 40 kinds, and beside them, written by another hand, what must be found.

Three files: usage_daily (eight rows of ten), contract_lines, accounts. Every tenth row is bad. The truth is
spelled out here value by value and asks nothing of the product.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

Row = dict[str, str]


@dataclass(frozen=True)
class Kind:
    """One way to be malformed: the cell written, and the findings that must come of it.

    `shown` is the finding's value where it is not the cell itself; `row` rewrites the finished line where
    the fault is not in one cell.
    """

    name: str
    table: str
    column: str
    cell: str
    rule: str
    shown: str | None = None
    also: tuple[tuple[str, str], ...] = ()  # further findings in the cell: rule, value
    empties: tuple[str, ...] = ()
    no_value: bool = False
    no_column: bool = False


USAGE, LINES, ACCOUNTS = "usage_daily", "contract_lines", "accounts"
LONG, DEEP = "x" * 10_001, "[" * 65 + "]" * 65

KINDS = (
    Kind("no account", USAGE, "account_id", "", "value.missing"),
    Kind("blanks for an account", USAGE, "account_id", "   ", "value.missing"),
    Kind("a day that is not in the calendar", USAGE, "usage_date", "2024-02-30", "date.impossible"),
    Kind("a spreadsheet's day number", USAGE, "usage_date", "45321", "date.serial"),
    Kind("a year of two digits", USAGE, "usage_date", "3/4/26", "date.short_year"),
    Kind("a month in words", USAGE, "usage_date", "Jan 5 2024", "date.form"),
    Kind("the hour 24", USAGE, "usage_date", "2024-01-31 24:00", "time.form"),
    Kind("a day in the future", USAGE, "usage_date", "2999-01-01", "time.future"),
    Kind("a decimal comma", USAGE, "event_count", "12,5", "number.decimal"),
    Kind("half an event", USAGE, "event_count", "1.5", "number.whole"),
    Kind("not a number", USAGE, "event_count", "NaN", "number.not_finite"),
    Kind("scientific notation", USAGE, "event_count", "1e5", "number.scientific"),
    Kind("a formula", USAGE, "event_count", "=1+1", "number.formula"),
    Kind("digits of another script", USAGE, "event_count", "١٢", "number.digits"),
    Kind("hexadecimal", USAGE, "event_count", "0x1F", "number.hex"),
    Kind("blanks between digits", USAGE, "event_count", "12 000", "number.grouping"),
    Kind("less than nothing", USAGE, "event_count", "-3", "number.range"),
    Kind("beyond whole numbers", USAGE, "event_count", "9" * 20, "number.size"),
    Kind("a word for a number", USAGE, "event_count", "many", "number.form"),
    Kind("a currency sign", USAGE, "units", "$12.50", "number.unit"),
    Kind("German grouping", USAGE, "units", "1.234,50", "number.decimal"),
    Kind("neither events nor units", USAGE, "event_count", "", "usage.amount",
         empties=("units",), no_value=True),
    Kind("the minute 60", USAGE, "recorded_at", "2024-10-01 12:60", "time.form"),
    Kind("a time in words", USAGE, "recorded_at", "yesterday", "date.form"),
    Kind("a NUL inside a number", USAGE, "event_count", "1\x002", "number.form", "1\ufffd2",
         also=(("text.control", "1\\x002"),)),
    Kind("a line break inside a number", USAGE, "event_count", "1\n2", "number.form", "1\\n2"),
    Kind("a byte that is not UTF-8", USAGE, "product_user_id", "U\udcff", "encoding.bytes", "U\ufffd"),
    Kind("too few cells", USAGE, "", "", "row.few_cells"),
    Kind("too many cells", USAGE, "", "", "row.many_cells"),
    Kind("text after a closing quote", USAGE, "", "", "row.quote"),
    Kind("the same key with other content", USAGE, "", "", "key.conflict"),
    Kind("no currency of this world", LINES, "currency", "EURO", "currency.unknown"),
    Kind("neither yes nor no", LINES, "is_trial", "maybe", "bool.form"),
    Kind("an end before the start", LINES, "end_date", "2023-12-31", "line.span"),
    Kind("no amount", LINES, "arr", "", "line.amount", no_value=True, no_column=True),
    Kind("an interval of nothing", LINES, "interval_months", "0", "number.range"),
    Kind("more money than can be kept", LINES, "arr", "123456789012345.00", "number.size"),
    Kind("a text without end", ACCOUNTS, "name", LONG, "size.text", LONG[:200]),
    Kind("not JSON", ACCOUNTS, "external_ids", "{'a': 1}", "json.form"),
    Kind("JSON in JSON in JSON", ACCOUNTS, "external_ids", DEEP, "size.json"),
)  # fmt: skip

USAGE_KEY = ("account_id", "product_user_id", "usage_date", "feature_id", "source_row_id")


def usage(i: int) -> Row:
    """A good row of daily usage; some with quotes, some beyond ASCII."""
    return {
        "account_id": f"A{i % 1000}",
        "product_user_id": f"U,{i % 9000}" if i % 53 == 0 else f"U{i % 9000}",
        "usage_date": f"2024-{1 + i % 9:02d}-{1 + i % 28:02d}",
        "feature_id": 'the "new" one'
        if i % 97 == 0
        else "přehled"
        if i % 31 == 0
        else f"f{i % 40}",
        "source_row_id": str(i),
        "event_count": str(i % 17),
        "units": f"{i % 100}.{i % 10}",
        "recorded_at": f"2024-10-{1 + i % 28:02d} 12:00:00Z",
    }


def contract_line(i: int) -> Row:
    """A good contract line."""
    return {
        "line_id": f"L{i}",
        "account_id": f"A{i % 1000}",
        "arr": f"{i % 5000}.{i % 100:02d}",
        "interval_months": "12",
        "quantity": str(i % 50),
        "currency": ("EUR", "USD", "gbp")[i % 3],
        "is_trial": "no",
        "start_date": f"2024-{1 + i % 12:02d}-01",
        "end_date": f"2025-{1 + i % 12:02d}-01",
    }


def account(i: int) -> Row:
    """A good account; some names go over two lines."""
    return {
        "account_id": f"A{i}",
        "name": f"Company\nno. {i}" if i % 41 == 0 else f"Company {i}",
        "segment": ("smb", "Mid-Market", "enterprise")[i % 3],
        "currency": "EUR",
        "start_date": f"2023-{1 + i % 12:02d}-15",
        "external_ids": f'{{"crm": "{i}"}}',
    }


TABLES: dict[str, tuple[Callable[[int], Row], tuple[str, ...], int]] = {
    USAGE: (usage, USAGE_KEY, 80),
    LINES: (contract_line, ("line_id",), 18),
    ACCOUNTS: (account, ("account_id",), 2),
}
"""Table -> good row, key, and its share of all rows in percent."""


@dataclass
class Truth:
    """What must be found: (file, line, column number, value, rule) of every finding; and where good rows stand.

    `kinds` counts bad rows by kind; `good` has (table, the key's parts, line) of every good row.
    """

    findings: list[tuple[str, int, int | None, str | None, str]] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    good: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def bad(self) -> int:
        return sum(self.kinds.values())


def plant(folder: Path, *, rows: int, seed: int = 7) -> Truth:
    """Write `folder`/malformed/exports (with faults) and `folder`/good/exports (without the bad rows)."""
    truth, chance = Truth(), random.Random(seed)
    for name in ("malformed", "good"):
        (folder / name / "exports").mkdir(parents=True)
    for table, (_, _, percent) in TABLES.items():
        with (
            (folder / "malformed" / "exports" / f"{table}.csv").open("wb") as bad,
            (folder / "good" / "exports" / f"{table}.csv").open("wb") as good,
        ):
            for dirty, clean in _lines(table, rows * percent // 100, truth, chance):
                bad.write(dirty)
                good.write(clean)
    return truth


def _lines(
    table: str, rows: int, truth: Truth, chance: random.Random
) -> Iterator[tuple[bytes, bytes]]:
    """Pieces of the malformed file, each with what the good file holds of it."""
    make, key, _ = TABLES[table]
    kinds = [kind for kind in KINDS if kind.table == table]
    header = ",".join(make(0)) + "\n"
    yield header.encode(), header.encode()
    line, turn, i = 2, 0, 0
    while i < rows:
        if i % 10 == 3:
            kind, turn = kinds[turn % len(kinds)], turn + 1
            text, found, count = _bad(table, kind, make(i), line, key)
            truth.findings += found
            truth.kinds[kind.name] = truth.kinds.get(kind.name, 0) + count
            yield text.encode("utf-8", "surrogateescape"), b""
            i += count
        else:
            row = make(i)
            text = ",".join(map(_quoted, row.values())) + "\n"
            truth.good.append((table, "|".join(row[name] for name in key), line))
            # A blank line is no row; it only moves the lines after it.
            blank = "\n" if chance.random() < 0.001 else ""
            yield (text + blank).encode(), text.encode()
            text += blank
            i += 1
        line += text.count("\n")


def _bad(
    table: str, kind: Kind, row: Row, line: int, key: tuple[str, ...]
) -> tuple[str, list[tuple[str, int, int | None, str | None, str]], int]:
    """The text of a bad row, what must be found in it, and how many rows it is."""
    file = f"{table}.csv"
    if kind.column:
        row |= {kind.column: kind.cell} | dict.fromkeys(kind.empties, "")
        text = ",".join(map(_quoted, row.values())) + "\n"
        column = None if kind.no_column else list(row).index(kind.column) + 1
        value = None if kind.no_value else kind.cell if kind.shown is None else kind.shown
        told = [*((rule, shown) for rule, shown in kind.also), (kind.rule, value)]
        return text, [(file, line, column, shown, rule) for rule, shown in told], 1
    cells = list(row.values())
    plain = [cell.replace(",", "").replace('"', "") for cell in cells]
    if kind.rule == "row.few_cells":
        return ",".join(plain[:-2]) + "\n", [(file, line, None, ",".join(plain[:-2]), kind.rule)], 1
    if kind.rule == "row.many_cells":
        text = ",".join([*plain, "more"])
        return text + "\n", [(file, line, None, text, kind.rule)], 1
    if kind.rule == "row.quote":
        text = ",".join([plain[0], f'"{plain[1]}" Inc', *plain[2:]])
        return text + "\n", [(file, line, None, text, kind.rule)], 1
    twin = row | {"event_count": str(int(row["event_count"]) + 1)}
    text = "".join(",".join(map(_quoted, one.values())) + "\n" for one in (row, twin))
    value = " | ".join(row[name] for name in key)
    return text, [(file, line + n, None, value, kind.rule) for n in (0, 1)], 2


def _quoted(cell: str) -> str:
    if any(sign in cell for sign in ',"\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def clean(folder: Path, *, rows: int) -> None:
    """Write `folder`/usage_daily.csv without a fault."""
    folder.mkdir(parents=True)
    with (folder / f"{USAGE}.csv").open("w", encoding="utf-8") as file:
        file.write(",".join(usage(0)) + "\n")
        for i in range(rows):
            file.write(",".join(map(_quoted, usage(i).values())) + "\n")
