"""What the product itself finds odd in data that passed every check: notices, with their numbers.

Computed in SQL over what would stand in the lake after this import: the prepared rows, and the stored
rows whose keys they do not replace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tenure.facts.finding import Finding
from tenure.facts.sql import ident
from tenure.facts.table import table
from tenure.facts.work import Work
from tenure.kernel.wording import counted

MISSING_SHARE = 0.05
_MEASURED = ("money", "number", "rate", "int")


@dataclass(frozen=True, slots=True)
class Doubtful:
    """The facts as they would be after the import, for questions about all of them.

    `usage_contracts` names a relation (contract_id, account_id, usage_date) where a mapping knows which
    contract a usage row belongs to; empty where nobody knows.
    """

    work: Work
    prepared: Mapping[str, str]
    usage_contracts: str = ""

    def relation(self, name: str, columns: Sequence[str]) -> str | None:
        """A relation with one row per key and these columns; None if there is no such table."""
        canonical = table(name)
        wanted = list(dict.fromkeys([*canonical.key, *columns]))
        listed = ", ".join(ident(column) for column in wanted)
        stored = self.work.known.relation(self.work.connection, name, wanted)
        new = self.prepared.get(name)
        if new is None or stored is None:
            found = new or stored
            return f"(select {listed} from {found})" if found else None
        same = " and ".join(
            f"o.{ident(key)} is not distinct from n.{ident(key)}" for key in canonical.key
        )
        old = ", ".join(f"o.{ident(column)}" for column in wanted)
        return f"(select {listed} from {new} union all select {old} from {stored} o anti join {new} n on {same})"

    def numbers(self, query: str) -> tuple[int, ...]:
        """The one row of whole numbers that `query` gives."""
        row = self.work.connection.execute(query).fetchone()
        return tuple(int(value or 0) for value in row)

    def note(self, rule: str, name: str, says: str, remedy: str, *, column: str = "") -> None:
        """Keep one notice about the table `name`."""
        self.work.note(
            [
                Finding(
                    rule=rule,
                    says=says,
                    remedy=remedy,
                    level="notice",
                    outcome="notice",
                    table_name=name,
                    column_name=column,
                )
            ]
        )


def note_doubts(work: Work, prepared: Mapping[str, str], *, usage_contracts: str = "") -> None:
    """Notices about the data as a whole, for the tables that this import touches."""
    doubtful = Doubtful(work, prepared, usage_contracts)
    for names, ask in _QUESTIONS:
        if any(name in prepared for name in names):
            ask(doubtful)
    for name in prepared:
        _missing_values(doubtful, name)


def share(part: int, whole: int) -> str:
    """`part` of `whole` in words, with the percentage."""
    percent = 100 * part / whole
    shown = f"{percent:.0f}" if percent >= 10 or percent == 0 else f"{percent:.1f}"
    return f"{part:,} of {whole:,} ({shown} %)"


def _usage_outside(facts: Doubtful) -> None:
    """Usage on days when the contract it belongs to, or any of the account, was not running."""
    contracts = facts.relation("contracts", ["account_id", "start_date", "end_date"])
    usage = facts.relation("usage_daily", ["account_id", "usage_date"])
    if contracts is None or usage is None:
        return
    if facts.usage_contracts:
        spans, rows, by, whose = contracts, facts.usage_contracts, "contract_id", "its contract"
    else:
        spans = (
            "(select account_id, min(start_date) as start_date, case when count(*) = count(end_date) "
            f"then max(end_date) end as end_date from {contracts} group by account_id)"
        )
        rows, by, whose = usage, "account_id", "the account's contracts"
    early, late, total = facts.numbers(
        f"select count(*) filter (u.usage_date < c.start_date), count(*) filter (u.usage_date >= c.end_date), "
        f"count(*) from {rows} u join {spans} c on u.{by} = c.{by}"
    )
    if early:
        facts.note("doubt.usage_early", "usage_daily",
                   f"{share(early, total)} usage rows lie before the start of {whose}",
                   "check whether start dates are those of the latest renewal, or usage belongs to another account",
                   column="usage_date")  # fmt: skip
    if late:
        facts.note("doubt.usage_late", "usage_daily",
                   f"{share(late, total)} usage rows lie after the end of {whose}",
                   "check the end dates, or whether access outlives the contract", column="usage_date")  # fmt: skip


def _early_tickets(facts: Doubtful) -> None:
    accounts = facts.relation("accounts", ["start_date"])
    tickets = facts.relation("tickets", ["account_id", "created_at"])
    if accounts is None or tickets is None:
        return
    early, total = facts.numbers(
        f"select count(*) filter (t.created_at::date < a.start_date), count(*) from {tickets} t "
        f"join {accounts} a on a.account_id = t.account_id where a.start_date is not null"
    )
    if early:
        facts.note("doubt.tickets_early", "tickets",
                   f"{share(early, total)} tickets were opened before their account's first day",
                   "check what the account's start_date means in the source", column="created_at")  # fmt: skip


def _several_contracts(facts: Doubtful) -> None:
    contracts = facts.relation("contracts", ["account_id", "start_date", "end_date"])
    if contracts is None:
        return
    today = f"date '{facts.work.loaded_at.date().isoformat()}'"
    several, accounts, most, mean10 = facts.numbers(
        f"select count(*) filter (n > 1), count(*), max(n), round(avg(n) * 10) from (select count(*) as n "
        f"from {contracts} where (start_date is null or start_date <= {today}) "
        f"and (end_date is null or end_date > {today}) group by account_id)"
    )
    if several:
        facts.note("doubt.contracts_at_once", "contracts",
                   f"{share(several, accounts)} accounts with an open contract have several open at once, "
                   f"{mean10 / 10:.1f} on average and {most:,} at most",
                   "check whether replaced contracts carry their end; else their ARR is counted together")  # fmt: skip


def _outliving_lines(facts: Doubtful) -> None:
    lines = facts.relation("contract_lines", ["contract_id", "end_date"])
    contracts = facts.relation("contracts", ["end_date"])
    if lines is None or contracts is None:
        return
    longer, total = facts.numbers(
        f"select count(*) filter (l.end_date > c.end_date), count(*) from {lines} l "
        f"join {contracts} c on c.contract_id = l.contract_id"
    )
    if longer:
        facts.note("doubt.lines_outlive", "contract_lines",
                   f"{share(longer, total)} lines end after their contract",
                   "correct the line or the contract; ARR follows the line", column="end_date")  # fmt: skip


def _churn_disagrees(facts: Doubtful) -> None:
    """Flags, events and ended contracts: how many accounts each names, and how far they agree."""
    statements = facts.relation("churn_statements", ["account_id", "kind"])
    contracts = facts.relation("contracts", ["account_id", "end_date"])
    if statements is None:
        return
    today = f"date '{facts.work.loaded_at.date().isoformat()}'"
    ended = (
        f"select account_id from {contracts} group by account_id "
        f"having bool_and(coalesce(end_date <= {today}, false))"
        if contracts
        else "select null::varchar as account_id where false"
    )
    flags, events, gone, both, all_three, any_of = facts.numbers(
        f"with said as (select account_id, bool_or(kind = 'flag') as flag, bool_or(kind = 'event') as event "
        f"from {statements} group by account_id), ended as ({ended}), together as (select "
        "coalesce(s.account_id, e.account_id) as account_id, coalesce(s.flag, false) as flag, "
        "coalesce(s.event, false) as event, e.account_id is not null as gone "
        "from said s full join ended e on e.account_id = s.account_id) "
        "select count(*) filter (flag), count(*) filter (event), count(*) filter (gone), "
        "count(*) filter (flag and event), count(*) filter (flag and event and gone), count(*) from together"
    )
    if any_of == all_three or (not contracts and any_of == both):
        return
    third = f", and {gone:,} have no contract left" if contracts else ""
    agree = f"; all three agree on {all_three:,}" if contracts else ""
    facts.note("doubt.churn_disagrees", "churn_statements",
               f"{'three' if contracts else 'two'} definitions of churn disagree: {flags:,} accounts carry a churn flag, "
               f"{events:,} have a churn event{third}; {both:,} have flag and event, {events - both:,} an event "
               f"but no flag, {flags - both:,} a flag but no event{agree}",
               "churn is read from contracts; ask who sets the flag and what an event means")  # fmt: skip


def _without_contract(facts: Doubtful) -> None:
    accounts = facts.relation("accounts", [])
    contracts = facts.relation("contracts", ["account_id"])
    lines = facts.relation("contract_lines", ["account_id"])
    if accounts is None or contracts is None:
        return
    owners = f"select account_id from {contracts}" + (
        f" union all select account_id from {lines}" if lines else ""
    )
    without, total = facts.numbers(
        f"select count(*) filter (a.account_id not in (select account_id from ({owners}) "
        f"where account_id is not null)), count(*) from {accounts} a"
    )
    if without:
        facts.note("doubt.no_contract", "accounts", f"{share(without, total)} accounts have no contract",
                   "import their contracts, or expect them in no revenue number")  # fmt: skip


def _arr_differs(facts: Doubtful) -> None:
    lines = facts.relation("contract_lines", ["arr", "amount", "interval_months", "is_trial"])
    if lines is None:
        return
    yearly = "arr::decimal(30, 4) * interval_months::decimal(7, 0)"
    differ, total = facts.numbers(
        f"select count(*) filter (abs({yearly} - amount::decimal(30, 4) * 12) > interval_months), count(*) "
        f"from {lines} where arr is not null and amount is not null and interval_months between 1 and 1200"
    )
    if differ:
        facts.note("doubt.arr_differs", "contract_lines",
                   f"{share(differ, total)} lines give an arr that differs from amount x 12 / interval_months by more than 1",
                   "find out which is right; arr wins", column="arr")  # fmt: skip


def _no_currency(facts: Doubtful) -> None:
    lines = facts.relation("contract_lines", ["contract_id", "account_id", "currency", "is_trial"])
    if lines is None:
        return
    contracts = facts.relation("contracts", ["account_id", "currency"])
    accounts = facts.relation("accounts", ["currency"])
    nothing = "(select null::varchar as contract_id, null::varchar as account_id, null::varchar as currency where false)"
    without, total = facts.numbers(
        f"select count(*) filter (coalesce(l.currency, c.currency, a.currency) is null), count(*) from {lines} l "
        f"left join {contracts or nothing} c on c.contract_id = l.contract_id "
        f"left join {accounts or nothing} a on a.account_id = coalesce(l.account_id, c.account_id)"
    )
    if without:
        facts.note("doubt.no_currency", "contract_lines",
                   f"{share(without, total)} lines have no currency, nor has their contract or account",
                   "give the currency on the line, the contract or the account", column="currency")  # fmt: skip


def _same_names(facts: Doubtful) -> None:
    accounts = facts.relation("accounts", ["name"])
    if accounts is None:
        return
    norm = "translate(lower(name), ' .,-_''&', '')"
    found = facts.work.connection.execute(
        f"select count(*), coalesce(sum(n), 0), min(example) from (select count(*) as n, min(name) as example "
        f"from {accounts} where name is not null group by {norm} having count(*) > 1)"
    ).fetchone()
    if found[0]:
        facts.note("doubt.same_name", "accounts",
                   f"{int(found[1]):,} accounts share {counted(int(found[0]), 'name')}, for example `{found[2]}`",
                   "merge them in the source if they are the same customer", column="name")  # fmt: skip


def _missing_values(facts: Doubtful, name: str) -> None:
    """Measured columns that are filled in some rows and missing in many others."""
    columns = [n for n, column in table(name).columns.items() if column.type in _MEASURED]
    if not columns:
        return
    prepared = facts.prepared[name]
    total, *filled = facts.numbers(
        f"select count(*), {', '.join(f'count({ident(n)})' for n in columns)} from {prepared}"
    )
    for column, count in zip(columns, filled, strict=True):
        if 0 < count < total * (1 - MISSING_SHARE):
            facts.note("doubt.missing_share", name,
                       f"{column} is missing on {share(total - count, total)} rows of this import",
                       "numbers from it speak for the rows that have it only", column=column)  # fmt: skip


_QUESTIONS: tuple[tuple[tuple[str, ...], Callable[[Doubtful], None]], ...] = (
    (("usage_daily", "contracts"), _usage_outside),
    (("tickets", "accounts"), _early_tickets),
    (("contracts",), _several_contracts),
    (("contract_lines", "contracts"), _outliving_lines),
    (("churn_statements", "contracts"), _churn_disagrees),
    (("accounts", "contracts"), _without_contract),
    (("contract_lines",), _arr_differs),
    (("contract_lines", "contracts", "accounts"), _no_currency),
    (("accounts",), _same_names),
)
